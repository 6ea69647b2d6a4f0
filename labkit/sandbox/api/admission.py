"""What a member of a Workspace may ask for, held to the table of `labkit/member_routes.py`, before any handler runs.

Every route is wrapped when the application is built, so a new one is closed to members until it is in the table; and
whoever makes a `RequestContext` of a member's request asks once more whether it came through here.
"""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from labkit.engine.refusals import NotFound
from labkit.engine.workspace_state import WorkspaceState
from labkit.member_routes import Match, Member, allows, match
from labkit.sandbox.api.auth import Accounts, Caller
from labkit.sandbox.api.errors import Handler
from labkit.sandbox.api.params import Form
from labkit.sandbox.api.resource import BODY, read_body, read_form
from labkit.sandbox.refusals import Forbidden, Unauthenticated
from labkit.sandbox.service import Service

ADMITTED: web.RequestKey[Member] = web.RequestKey("admitted", Member)
"""Under which a request has the member that it was found to be open to."""
CLOSED = "This is closed to a member of the Workspace: it is for the account that it belongs to"


def admitting(handler: Handler, service: Service, accounts: Accounts) -> Handler:
    """The handler, which a member reaches only with what is open to them. The owner passes as before."""

    async def admit(request: web.Request) -> web.StreamResponse:
        authorization = request.headers.get("Authorization")
        if authorization is not None:
            caller = _known(accounts, authorization)
            if caller is not None and caller.member is not None:
                await _admit(request, caller.member, service=service, account_sid=caller.account_sid)
        return await handler(request)

    return admit


def check_admitted(request: web.Request, caller: Caller) -> None:
    """Refuse a member's request that nobody has looked at.

    Raises:
        Forbidden: so it is.
    """
    if caller.member is not None and request.get(ADMITTED) != caller.member:
        raise Forbidden(CLOSED)


def own_reservations(state: WorkspaceState, task_sid: str, *, worker_sid: str) -> Mapping[str, str]:
    """A Worker's Reservations of a Task, each SID with its status; none where there is no such Task."""
    task = state.tasks.get(task_sid)
    reservations = task.reservations if task is not None else ()
    return {each.sid: each.reservation_status for each in reservations if each.worker_sid == worker_sid}


def check_form(found: Match, form: Form) -> None:
    """Refuse a change because of what it sets.

    Args:
        found: the change's route.
        form: what is sent with it.

    Raises:
        Forbidden: a parameter is closed to members.
    """
    closed = found.closed_parameter((name, value) for name, values in form.items() for value in values)
    if closed:
        raise Forbidden(closed)


def _known(accounts: Accounts, authorization: str) -> Caller | None:
    """Who asks; None where it is proved to nobody, which a route for strangers does not mind."""
    try:
        return accounts.identify(authorization)
    except Unauthenticated:
        return None


async def _admit(request: web.Request, member: Member, *, service: Service, account_sid: str) -> None:
    """Note that a request is open to this member.

    Raises:
        Unauthenticated: there is no such Worker any more.
        Forbidden: the path, or a parameter, is closed.
        NotFound: it is open, and not theirs.
    """
    state = service.states.get(member.workspace_sid)
    if state is None or state.workspace.account_sid != account_sid or member.worker_sid not in state.workers:
        raise Unauthenticated
    found = match(request.method, request.rel_url.raw_path)
    if found is None:
        raise Forbidden(CLOSED)
    if found.route.params is not None:
        request[BODY] = await read_body(request)  # for the handler, which reads it again
        check_form(found, await read_form(request))
    # Last of all, for a body may be long in coming, and a Task goes to somebody else meanwhile.
    held = own_reservations(state, found.task_sid, worker_sid=member.worker_sid) if found.task_sid else {}
    if not allows(found, member, reservations=held):
        raise NotFound(request.path)
    request[ADMITTED] = member
