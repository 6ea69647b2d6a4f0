"""The sandbox's own answers to "why?": `/_sandbox/explain/{TaskSid}` and `/_sandbox/lint/{WorkspaceSid}`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from aiohttp import web

from labkit.engine.diagnosis import explain_task
from labkit.engine.effects import Event
from labkit.engine.lint import lint_workspace
from labkit.engine.refusals import NotFound
from labkit.engine.workspace_state import WorkspaceState
from labkit.sandbox.api.render import answer
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.sandbox_paths.route import Route
from labkit.sandbox.service import Service
from labkit.sandbox.store import EventQuery

MOST_EVENTS = 500
"""Of one Task, the latest."""


async def explain(place: RequestContext, service: Service) -> web.Response:
    """Why a Task is where it is, as JSON of `labkit.engine.diagnosis.findings.Findings`."""
    task_sid = place.part("task_sid")
    state, events = _find(place, service, task_sid)
    unknown = (f"Only its latest {MOST_EVENTS} events were read.",) if len(events) == MOST_EVENTS else ()
    findings = explain_task(state, task_sid, place.now, events=events, unknown=unknown)
    return answer(_on_the_wire(asdict(findings)))


async def lint(place: RequestContext, _: Service) -> web.Response:
    """What is probably not meant in a Workspace: `{"warnings": [{"where", "rule", "what", "why", "fix"}, ...]}`."""
    return answer({"warnings": [asdict(warned) for warned in lint_workspace(place.state)]})


ROUTES = (
    Route("GET", "/_sandbox/explain/{task_sid}", explain, needs=Service, for_every_account=True),
    Route("GET", "/_sandbox/lint/{workspace_sid}", lint, needs=Service, for_every_account=True),
)


def _find(place: RequestContext, service: Service, task_sid: str) -> tuple[WorkspaceState, list[Event]]:
    """The Task's Workspace and its events, oldest first; a Task that is gone is found by these."""
    states = [f for f in service.states.values() if f.workspace.account_sid == place.account_sid]
    for state in sorted(states, key=lambda each: task_sid not in each.tasks):
        task = state.tasks.get(task_sid)
        since = task.date_created if task else None  # events are found by their time
        query = EventQuery(workspace_sid=state.workspace.sid, task_sid=task_sid, start=since)
        events = [stored.event for stored in service.store.events(query, limit=MOST_EVENTS)]
        if task is not None or events:
            return state, events[::-1]
    raise NotFound(place.request.path)


def _on_the_wire(value: Any) -> Any:
    """Moments as ISO 8601 with milliseconds: a history is told more finely than TaskRouter's own answers."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, dict):
        return {name: _on_the_wire(child) for name, child in value.items()}
    return [_on_the_wire(child) for child in value] if isinstance(value, list | tuple) else value
