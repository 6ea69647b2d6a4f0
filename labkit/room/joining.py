"""Joining a room: whoever comes in is one Worker of its Workspace from then on, the same one each time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labkit.errors import RoomError
from labkit.room.client import RoomClient
from labkit.vocabulary import Sid, is_sid

JOIN_SECONDS = 30.0
"""The first who joins waits for the room's Workspace to be made, and thirty who join at once for one another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedRoom:
    """A room as somebody in it sees it.

    Attributes:
        kind: what it stands on, `sandbox` or `twilio`.
        account_sid: of the room's account, to which nobody in it holds a key.
        workspace_sid, workspace_name: of the Workspace that all share.
        workflow_sid, workflow_name: of the Workflow that routes its Tasks.
        worker_sid, worker_name: who I am there.
        instructor: whether I may do everything.
    """

    kind: str
    account_sid: str
    workspace_sid: str
    workspace_name: str
    workflow_sid: str
    workflow_name: str
    worker_sid: str
    worker_name: str
    instructor: bool


_SIDS = {
    "account_sid": Sid.ACCOUNT,
    "workspace_sid": Sid.WORKSPACE,
    "workflow_sid": Sid.WORKFLOW,
    "worker_sid": Sid.WORKER,
}
_NAMES = ("workspace_name", "workflow_name", "worker_name")


def join(room: RoomClient) -> JoinedRoom:
    """Become the Worker that one is in this room.

    Raises:
        RoomError: the room refused, or did not answer, or answered something else.
    """
    answer = room.post("join", seconds=JOIN_SECONDS)
    if not isinstance(answer, dict) or answer.get("kind") not in ("sandbox", "twilio") or not _is_whole(answer):
        raise RoomError(f"What answers at {room.url} is no room that this lab knows; is it of the same version?")
    texts = {name: str(answer[name]) for name in (*_SIDS, *_NAMES)}
    return JoinedRoom(kind=str(answer["kind"]), instructor=answer.get("instructor") is True, **texts)


def _is_whole(answer: Mapping[str, Any]) -> bool:
    return all(is_sid(answer.get(name), kind) for name, kind in _SIDS.items()) and all(
        isinstance(answer.get(name), str) for name in _NAMES
    )
