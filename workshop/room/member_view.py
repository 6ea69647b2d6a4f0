"""What a participant is shown of an answer that was asked for with the account's own credential.

A sandbox's member sees their own by the sandbox itself. Twilio's REST knows nothing smaller than the account, so what
is another's is taken out of its answers here.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from labkit import limits
from labkit.member_routes import Match, Member, Rule, for_member, shows
from workshop.room.refusals import NotAllowed, NotReachable
from workshop.room.upstream import Upstream, UpstreamAnswer, UpstreamRequest

ORACLES = frozenset({"EvaluateTaskAttributes"})
"""Parameters of a list of one's own that would tell of the others by whether there is a next page."""


def check_question(request: UpstreamRequest, found: Match) -> None:
    """Refuse a question whose answer would tell of others, whatever is taken out of it.

    Raises:
        NotAllowed: so it is.
    """
    asked = {name for name, _ in request.query}
    if found.route.rule is Rule.OWN_LIST and not ORACLES.isdisjoint(asked):
        raise NotAllowed(f"{', '.join(sorted(ORACLES & asked))} looks at everybody's Tasks; only the instructor may")


class MemberView:
    """Takes out of answers what is not the asker's.

    Args:
        upstream: is asked which Tasks are theirs.
    """

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def of(self, answer: UpstreamAnswer, found: Match, member: Member) -> UpstreamAnswer:
        """The answer as this member may see it.

        Raises:
            NotReachable: it is none that TaskRouter gives, so nobody can tell whose it is.
        """
        if answer.status not in (200, 201):
            return answer
        try:
            document: dict[str, Any] = json.loads(answer.body)
            key = str(document["meta"]["key"]) if "meta" in document else ""
            records: list[dict[str, Any]] = document[key] if key else [document]
            if found.route.rule is Rule.OWN_LIST:
                records = await self._own(records, found, member)
            shown = [for_member(record) for record in records]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise NotReachable("TaskRouter's answer cannot be read, so it is not passed on") from None
        body = json.dumps({**document, key: shown} if key else shown[0]).encode()
        return replace(answer, body=body)

    async def _own(self, records: list[dict[str, Any]], found: Match, member: Member) -> list[dict[str, Any]]:
        own_tasks = await self._tasks_of(member) if not found.task_sid else set[str]()
        return [each for each in records if shows(each, worker_sid=member.worker_sid, own_tasks=own_tasks)]

    async def _tasks_of(self, member: Member) -> set[str]:
        """Of which the member holds or held a Reservation."""
        path = f"/v1/Workspaces/{member.workspace_sid}/Workers/{member.worker_sid}/Reservations"
        query = (("PageSize", str(limits.MAX_PAGE_SIZE)),)
        answer = await self._upstream.ask(UpstreamRequest(method="GET", path=path, query=query), self._upstream.own)
        if answer.status != 200:
            raise NotReachable("It cannot be found out which Tasks are yours; try again in a moment")
        return {str(each["task_sid"]) for each in json.loads(answer.body)["reservations"]}
