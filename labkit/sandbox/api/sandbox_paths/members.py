"""Credentials for one Worker alone: `POST /_sandbox/members`, and `DELETE /_sandbox/members/{sid}`.

Whoever has them may do what `labkit/member_routes.py` opens, as that Worker. An account makes them for the Workers of
its own Workspaces; a member makes none.
"""

from __future__ import annotations

from functools import partial

from aiohttp import web

from labkit.engine.refusals import InvalidParameter, MissingParameter, NotFound
from labkit.member_routes import Member
from labkit.sandbox.api.auth import Accounts
from labkit.sandbox.api.member_keys import MemberKey
from labkit.sandbox.api.params import Flag, Text, read
from labkit.sandbox.api.render import answer
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.resource import read_form
from labkit.sandbox.api.sandbox_paths.route import Route

PARAMS = (
    Text(name="WorkspaceSid", field="workspace_sid", empty=None),
    Text(name="WorkerSid", field="worker_sid", empty=None),
    Flag(name="Renew", field="renew"),
)


async def create(place: RequestContext, accounts: Accounts) -> web.Response:
    """The credentials of the Worker `WorkerSid` of the Workspace `WorkspaceSid`, as `{"sid", "secret", "account_sid",
    "workspace_sid", "worker_sid"}`: those that it has, with 200, or new ones, with 201; with `Renew` new ones always,
    and the former are worth nothing."""
    values = read(PARAMS, await read_form(place.request))
    member, keys = _member(place, values.get("workspace_sid"), values.get("worker_sid")), accounts.member_keys
    key = None if values.get("renew") else keys.of(member, account_sid=place.account_sid)
    status = 200 if key else 201
    key = key or keys.create(member, account_sid=place.account_sid, is_there=partial(_is_there, place))
    whose = {"workspace_sid": member.workspace_sid, "worker_sid": member.worker_sid}
    return answer({"sid": key.sid, "secret": key.secret, "account_sid": place.account_sid, **whose}, status=status)


async def delete(place: RequestContext, accounts: Accounts) -> web.Response:
    """Take credentials of the account's back; 204."""
    key = accounts.member_keys.get(place.part("sid"))
    if key is None or key.account_sid != place.account_sid:
        raise NotFound(place.request.path)
    accounts.member_keys.delete(key)
    return web.Response(status=204)


def _is_there(place: RequestContext, key: MemberKey) -> bool:
    state = place.service.states.get(key.member.workspace_sid)
    return state is not None and key.member.worker_sid in state.workers


def _member(place: RequestContext, workspace_sid: str | None, worker_sid: str | None) -> Member:
    """The Worker of these two SIDs.

    Raises:
        MissingParameter, InvalidParameter: one is not given, or the account has no such Worker.
    """
    if not workspace_sid:
        raise MissingParameter("WorkspaceSid")
    if not worker_sid:
        raise MissingParameter("WorkerSid")
    state = place.service.states.get(workspace_sid)
    if state is None or state.workspace.account_sid != place.account_sid:
        raise InvalidParameter("WorkspaceSid", f"the account has no Workspace {workspace_sid[:64]!r}")
    if worker_sid not in state.workers:
        raise InvalidParameter("WorkerSid", f"the Workspace has no Worker {worker_sid[:64]!r}")
    return Member(workspace_sid=workspace_sid, worker_sid=worker_sid)


ROUTES = (
    Route("POST", "/_sandbox/members", create, needs=Accounts, for_every_account=True),
    Route("DELETE", "/_sandbox/members/{sid}", delete, needs=Accounts, for_every_account=True),
)
