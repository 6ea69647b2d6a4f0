"""`v1/…`: TaskRouter's REST, asked by the official SDK with its base address turned to the room.

An instructor may ask anything of the account. A participant asks as the Worker that they are, what
`labkit.member_routes` opens. What goes on is a new request made of what was understood of theirs: method, path, query,
form and `If-Match`; none of their headers, and no path that could be read in two ways.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl

from labkit.member_routes import Match, Member
from workshop.room.handler import RoomHandler
from workshop.room.looks import is_everybodys
from workshop.room.member_view import MemberView, check_question
from workshop.room.refusals import NotThere, NotUsable
from workshop.room.routes import OpenTo, RoomRoute
from workshop.room.state import RoomState
from workshop.room.upstream import UpstreamAnswer, UpstreamRequest

METHODS = ("GET", "POST", "DELETE")
MOST_PARAMETERS = 50
"""Of a query."""
_PLAIN = re.compile(r"[A-Za-z0-9_/-]*")
_PASSED_ON = ("ETag", "Last-Modified", "Retry-After", "Twilio-Request-Id")
"""Headers of an answer that the asker gets; addresses stand in none of them."""


async def taskrouter(handler: RoomHandler) -> None:
    """Pass a request on to TaskRouter, if whoever asks may."""
    room, request = handler.room, understood(handler, f"/v1/{handler.parts['rest']}")
    if not handler.person.instructor:
        await as_member(handler, request)
        return
    pass_back(handler, await _looked(room, request) or await room.upstream.ask(request, room.upstream.own))


async def as_member(handler: RoomHandler, request: UpstreamRequest) -> None:
    """Pass a participant's request on as the Worker that they are, if the table of members opens it."""
    room = handler.room
    worker_sid = (await room.membership.member(handler.person)).worker_sid
    member = Member(workspace_sid=(await room.membership.workspace()).sid, worker_sid=worker_sid)
    found = await room.policy.check(request, member)
    copy = await _looked(room, request)
    pass_back(handler, copy or await _asked_by(room, request, member, found))


async def _looked(room: RoomState, request: UpstreamRequest) -> UpstreamAnswer | None:
    """The one copy of what is everybody's; None for anything else."""
    if not is_everybodys(request):
        return None
    return await room.looks.once(request, lambda: room.upstream.ask(request, room.upstream.own))


async def _asked_by(room: RoomState, request: UpstreamRequest, member: Member, found: Match) -> UpstreamAnswer:
    worker_sid = member.worker_sid
    credential = await room.upstream.of_worker(workspace_sid=member.workspace_sid, worker_sid=worker_sid)
    if credential == room.upstream.own:
        check_question(request, found)
    answer = await room.upstream.ask(request, credential)
    if answer.status == 401:  # the state was restored, or the Worker made anew
        room.upstream.forget_workers()
        credential = await room.upstream.of_worker(workspace_sid=member.workspace_sid, worker_sid=worker_sid)
        answer = await room.upstream.ask(request, credential)
    if credential == room.upstream.own:  # nobody there knows who asks
        answer = await MemberView(room.upstream).of(answer, found, member)
    return answer


def understood(handler: RoomHandler, path: str, *, plain: re.Pattern[str] = _PLAIN) -> UpstreamRequest:
    """The request as it may go on.

    Args:
        handler: of the request.
        path: where it goes.
        plain: what a path looks like that all read in one way.

    Raises:
        NotThere: the path could be read in two ways.
        NotUsable: its query or its body cannot be read.
    """
    if not plain.fullmatch(path) or "//" in path:
        raise NotThere(path)
    if_match = handler.request.headers.get("If-Match", "")
    return UpstreamRequest(
        method=str(handler.request.method),
        path=path,
        query=_query(handler.request.query or ""),
        form=() if handler.request.method == "GET" else handler.form(),
        headers={"If-Match": if_match[:200]} if if_match else {},
    )


def pass_back(handler: RoomHandler, answer: UpstreamAnswer) -> None:
    """Give an answer to whoever asked."""
    handler.set_status(answer.status)
    for name in _PASSED_ON:
        if name in answer.headers:
            handler.set_header(name, answer.headers[name])
    if answer.status != 204:
        handler.set_header("Content-Type", answer.headers.get("Content-Type", "application/json"))
        handler.write(answer.body)


def _query(text: str) -> Sequence[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise NotUsable(f"The query cannot be read, or has more than {MOST_PARAMETERS} parameters") from None


ROUTES = tuple(
    RoomRoute(method=method, path="v1/{rest...}", handler=taskrouter, who=OpenTo.PARTICIPANTS) for method in METHODS
)
