"""Simulated phone calls: `/_sandbox/calls`. Say what becomes of them, hang one up, look at them all.

The sandbox's own; TaskRouter has no such path. Nobody is called in earnest (see `engine/calls.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from labkit.engine import commands as c
from labkit.engine.refusals import NotFound
from labkit.engine.resources import CallLeg, CallOutcome, CallRule
from labkit.engine.workspace_state import WorkspaceState
from labkit.sandbox.api.params import Choice, Param, Text, WholeNumber, read, without_blanks
from labkit.sandbox.api.render import answer, moment
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.resource import read_form
from labkit.sandbox.api.sandbox_paths.route import Route
from labkit.sandbox.service import Service

_MOST_SECONDS = 86_400
_WHERE = Text(name="WorkspaceSid", field="workspace_sid", empty=None)
_RULE: Sequence[Param] = (
    Text(name="To", field="to", longest=256),
    Choice(name="Outcome", field="outcome", options=CallOutcome),
    WholeNumber(name="AnswerAfterSeconds", field="answer_after_seconds", most=_MOST_SECONDS),
    WholeNumber(name="EndsAfterSeconds", field="ends_after_seconds", most=_MOST_SECONDS),
)
_HANG_UP: Sequence[Param] = (Text(name="HangUp", field="call_sid", empty=None),)


async def list_calls(place: RequestContext, service: Service) -> web.Response:
    """The calls of this account's Tasks, oldest first, and the rules for the next ones."""
    return answer(_shown(place, service))


async def direct(place: RequestContext, service: Service) -> web.Response:
    """`HangUp` ends a live call. Otherwise this is the rule for calls to `To`, or for all others without it.

    Without `WorkspaceSid` it is for every Workspace that the account has now.
    """
    form = await read_form(place.request)
    states = _states(place, service, read((_WHERE,), form).get("workspace_sid"))
    call_sid = read(_HANG_UP, form).get("call_sid")
    if call_sid:
        await _hang_up(service, states, call_sid)
    else:
        given = without_blanks(read(_RULE, form))
        for state in states:
            command = c.SetCallRule(workspace_sid=state.workspace.sid, **given)
            await service.execute(command, view=lambda _: None)
    return answer(_shown(place, service))


ROUTES = (
    Route("GET", "/_sandbox/calls", list_calls, needs=Service, for_every_account=True),
    Route("POST", "/_sandbox/calls", direct, needs=Service, for_every_account=True),
)


def _states(place: RequestContext, service: Service, workspace_sid: str | None = None) -> list[WorkspaceState]:
    """The account's Workspaces, or the one that is named.

    Raises:
        NotFound: the account has none of this SID.
    """
    own = [state for state in service.states.values() if state.workspace.account_sid == place.account_sid]
    if workspace_sid is None:
        return own
    found = [state for state in own if state.workspace.sid == workspace_sid]
    if not found:
        raise NotFound(workspace_sid)
    return found


async def _hang_up(service: Service, states: list[WorkspaceState], call_sid: str) -> None:
    concerned = [f for f in states if any(call_sid in (leg.sid, leg.call_sid) for leg in f.call_legs.values())]
    if not concerned:
        raise NotFound(call_sid)
    for state in concerned:
        command = c.HangUp(workspace_sid=state.workspace.sid, sid=call_sid)
        await service.execute(command, view=lambda _: None)


def _shown(place: RequestContext, service: Service) -> dict[str, Any]:
    states = _states(place, service)
    legs = sorted((leg for state in states for leg in state.call_legs.values()), key=lambda leg: leg.number)
    rules = sorted((rule for state in states for rule in state.call_rules.values()), key=lambda rule: rule.number)
    return {"calls": [_leg(leg) for leg in legs], "rules": [_rule(rule) for rule in rules]}


def _leg(leg: CallLeg) -> dict[str, Any]:
    return {
        "sid": leg.call_sid,
        "workspace_sid": leg.workspace_sid,
        "task_sid": leg.task_sid,
        "reservation_sid": leg.reservation_sid or None,
        "party": leg.party,
        "instruction": leg.instruction,
        "supervisor_mode": leg.supervisor_mode,
        "muted": leg.muted,
        "on_hold": leg.on_hold,
        "to": leg.to,
        "from": leg.from_,
        "status": leg.status,
        "date_created": moment(leg.date_created),
        "date_updated": moment(leg.date_updated),
    }


def _rule(rule: CallRule) -> dict[str, Any]:
    return {
        "workspace_sid": rule.workspace_sid,
        "to": rule.to or None,
        "outcome": rule.outcome,
        "answer_after_seconds": rule.answer_after_seconds,
        "ends_after_seconds": rule.ends_after_seconds,
    }
