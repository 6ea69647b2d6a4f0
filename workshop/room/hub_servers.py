"""Whose server runs, as the hub's list of its users says it. Pure: made from its values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class HubServerState(StrEnum):
    """How somebody's server stands; `since` says since when."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPED = "stopped"
    NEVER_STARTED = "never started"


@dataclass(frozen=True, slots=True)
class HubServer:
    """The server of a participant's.

    Attributes:
        state: how it stands.
        since: when it was started, or when one that is stopped was last used; None where the hub does not know.
    """

    state: HubServerState
    since: datetime | None = None

    @property
    def is_there(self) -> bool:
        """Whether it runs, or will in a moment."""
        return self.state in (HubServerState.RUNNING, HubServerState.STARTING)


def servers_of(users: Iterable[Mapping[str, Any]]) -> dict[str, HubServer]:
    """The participants' servers by name; the hub's admins are no participants.

    Args:
        users: the models of JupyterHub's `GET /users`, with their stopped servers.

    Raises:
        ValueError, TypeError, LookupError, AttributeError: they are not of that form.
    """
    return {str(user["name"]): _of(user["servers"].values()) for user in users if user.get("admin") is not True}


def _of(servers: Iterable[Mapping[str, Any]]) -> HubServer:
    """The one that is most alive; where the hub lets people name servers somebody may have several."""
    found = [_server(each) for each in servers]
    return max(found, key=lambda server: (server.is_there, server.since or _LONG_AGO), default=_NO_SERVER)


def _server(model: Mapping[str, Any]) -> HubServer:
    started, used = _moment(model.get("started")), _moment(model.get("last_activity"))
    if model.get("pending") == "spawn":
        return HubServer(HubServerState.STARTING, started)
    if model.get("ready") or model.get("pending"):  # one that is being stopped runs until it has stopped
        return HubServer(HubServerState.RUNNING, started)
    return HubServer(HubServerState.STOPPED, used) if used else _NO_SERVER


def _moment(text: str | None) -> datetime | None:
    """The hub writes UTC, with a Z or without an offset."""
    if text is None:
        return None
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


_NO_SERVER = HubServer(HubServerState.NEVER_STARTED)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
