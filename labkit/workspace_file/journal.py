"""Who hears of each thing that is made or changed in a Workspace, before that is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourcePlace:
    """Something in a Workspace that is there, or the Workspace itself.

    Attributes:
        kind: in TaskRouter's words, such as `Worker`, or `WorkerChannel`.
        name: what it goes by, for people.
        sid: its own.
        workspace_sid: what it is in, or is.
        worker_sid: whose it is; for a WorkerChannel only.
    """

    kind: str
    name: str
    sid: str
    workspace_sid: str
    worker_sid: str = ""


class Journal:
    """Hears of everything that is about to be done. This one keeps nothing: a sandbox is the lab's own.

    What its methods raise keeps the thing from being done.
    """

    @contextmanager
    def making(  # for those who keep it
        self,
        kind: str,  # noqa: ARG002
        name: str,  # noqa: ARG002
        *,
        workspace_sid: str,  # noqa: ARG002
    ) -> Iterator[Callable[[str], None]]:
        """Something is made in this block, which calls what it is given with the new SID.

        Args:
            kind: in TaskRouter's words.
            name: what it will go by.
            workspace_sid: what it will be in; empty for a Workspace.
        """
        yield lambda _sid: None

    def changing(self, place: ResourcePlace, form: Mapping[str, Any], *, read: Callable[[], Any]) -> None:
        """Fields are about to be set.

        Args:
            place: of what.
            form: by the SDK's names, with the values that they will have.
            read: fetches the SDK's record of it as it is now.
        """
