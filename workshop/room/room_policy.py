"""May this participant ask this? The table of `labkit.member_routes`, and a look at whose Task it is."""

from __future__ import annotations

import json
from typing import Any

from labkit import member_routes
from labkit.member_routes import Match, Member
from workshop.room.refusals import NotAllowed, NotReachable, NotThere
from workshop.room.upstream import Upstream, UpstreamRequest


class RoomPolicy:
    """Refuses what is not a participant's to ask.

    Args:
        upstream: is asked whose a Task is.
    """

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def check(self, request: UpstreamRequest, member: Member) -> Match:
        """The open route that a request is for.

        Raises:
            NotAllowed: 403: it is not open to participants, or one of its parameters is not.
            NotThere: 404: it is open, and about what is somebody else's.
        """
        found = member_routes.match(request.method, request.path)
        if found is None:
            raise NotAllowed(f"{request.method} {request.path[:200]} is not open to participants")
        if request.method != "GET":
            closed = found.closed_parameter(request.form)
            if closed or request.query:
                raise NotAllowed(closed or "What is changed is said in the body, and not in the address")
        held = await self._held(member, found.task_sid) if found.task_sid else {}
        if not member_routes.allows(found, member, reservations=held):
            raise NotThere(request.path)
        return found

    async def _held(self, member: Member, task_sid: str) -> dict[str, str]:
        """The member's Reservations of a Task, each with its status."""
        path = f"/v1/Workspaces/{member.workspace_sid}/Tasks/{task_sid}/Reservations"
        query = (("WorkerSid", member.worker_sid), ("PageSize", "100"))
        answer = await self._upstream.ask(UpstreamRequest(method="GET", path=path, query=query), self._upstream.own)
        if answer.status == 404:
            return {}
        if answer.status != 200:
            raise NotReachable("It cannot be found out whose this Task is; try again in a moment")
        listed: list[dict[str, Any]] = json.loads(answer.body)["reservations"]
        mine = [each for each in listed if each["worker_sid"] == member.worker_sid]
        return {str(each["sid"]): str(each["reservation_status"]) for each in mine}
