"""What a module of the room declares of its paths: a table `ROUTES`, the instructor's alone unless one says else."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workshop.room.handler import RoomHandler


class OpenTo(StrEnum):
    """Who may ask at all; what they get is a further question."""

    INSTRUCTOR = "instructor"
    PARTICIPANTS = "participants"
    STRANGERS = "strangers"
    """Nobody need prove who they are to the hub: the request brings a proof of its own, which the handler looks at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomRoute:
    """One method of one path.

    Attributes:
        method: in capital letters.
        path: below `/services/room/`; `{name}` is one variable part, `{name...}` at the end all the rest, also nothing.
        handler: answers. It gets the handler of the request, with `asker`, `room` and the variable parts.
        who: may ask.
        serves: answers in place of the usual handler, such as a websocket; the same for every method of a path.
        page: whether people open it in a browser: who has not signed in yet is led to the hub.
    """

    method: str
    path: str
    handler: Callable[[RoomHandler], Awaitable[None]]
    who: OpenTo = OpenTo.INSTRUCTOR
    page: bool = False
    serves: type[RoomHandler] | None = None


def pattern(path: str) -> str:
    """The regular expression of a route's path, with a named group for each variable part."""
    text = re.escape(path)
    text = re.sub(r"/?\\{([a-z_]+)\\.\\.\\.\\}$", r"(?:/(?P<\1>.*))?", text)
    return re.sub(r"\\{([a-z_]+)\\}", r"(?P<\1>[^/]+)", text)
