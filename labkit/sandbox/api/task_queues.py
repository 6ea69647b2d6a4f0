"""TaskQueues (docs: /docs/taskrouter/api/task-queue)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from labkit import limits
from labkit.engine import commands as c
from labkit.engine.json_parameters import read_json
from labkit.engine.resources import TaskQueue
from labkit.errors import ExpressionError
from labkit.expressions import Dialect, compile_expression, searchable
from labkit.sandbox.api import ordering
from labkit.sandbox.api.params import Choice, NameParam, Text, WholeNumber
from labkit.sandbox.api.render import moment
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.resource import Keep, Operation, QueryFilter, Resource, by_field
from labkit.vocabulary import TaskOrder

_FIELDS = (
    Text(name="TargetWorkers", field="target_workers"),
    WholeNumber(name="MaxReservedWorkers", field="max_reserved_workers", least=1, most=limits.MAX_RESERVED_WORKERS),
    Choice(name="TaskOrder", field="task_order", options=TaskOrder),
    Text(name="ReservationActivitySid", field="reservation_activity_sid", empty=None),
    Text(name="AssignmentActivitySid", field="assignment_activity_sid", empty=None),
)


def render(place: RequestContext, queue: TaskQueue) -> dict[str, Any]:
    queues = f"{place.workspace_url}/TaskQueues"
    url = f"{queues}/{queue.sid}"
    return {
        "account_sid": place.account_sid,
        "assignment_activity_sid": queue.assignment_activity_sid,
        "assignment_activity_name": _activity_name(place, queue.assignment_activity_sid),
        "reservation_activity_sid": queue.reservation_activity_sid,
        "reservation_activity_name": _activity_name(place, queue.reservation_activity_sid),
        "date_created": moment(queue.date_created),
        "date_updated": moment(queue.date_updated),
        "friendly_name": queue.friendly_name,
        "max_reserved_workers": queue.max_reserved_workers,
        "sid": queue.sid,
        "target_workers": queue.target_workers,
        "task_order": queue.task_order,
        "url": url,
        "workspace_sid": queue.workspace_sid,
        "links": {
            "assignment_activity": _activity_url(place, queue.assignment_activity_sid),
            "reservation_activity": _activity_url(place, queue.reservation_activity_sid),
            "workspace": place.workspace_url,
            "statistics": f"{url}/Statistics",
            "real_time_statistics": f"{url}/RealTimeStatistics",
            "cumulative_statistics": f"{url}/CumulativeStatistics",
            "list_statistics": f"{queues}/Statistics",
            "bulk_real_time_statistics": f"{queues}/RealTimeStatistics",
        },
    }


def _activity_name(place: RequestContext, sid: str | None) -> str | None:
    activity = place.state.activities.get(sid or "")
    return activity.friendly_name if activity else None


def _activity_url(place: RequestContext, sid: str | None) -> str | None:
    return f"{place.workspace_url}/Activities/{sid}" if sid else None


def _matching_attributes(place: RequestContext, values: Sequence[str]) -> Keep:
    """Queues whose expression a Worker with these attributes matches."""
    attributes = read_json("EvaluateWorkerAttributes", values[-1])
    scope = {"worker": searchable(attributes) if isinstance(attributes, dict) else {}}
    return lambda queue: place.state.queue_expression(queue).matches(scope)


def _of_worker(place: RequestContext, values: Sequence[str]) -> Keep:
    """Queues that a Worker is eligible for."""
    queue_sids = place.state.queues_of.get(values[-1], set())
    return lambda queue: queue.sid in queue_sids


LONG = 1_000
"""Characters of an expression, from which it is compiled in a thread; the longest takes a tenth of a second."""


async def compile_apart(values: dict[str, Any]) -> None:
    """Compile a long expression while others are served; the engine finds it compiled, or says what is wrong."""
    text = values.get("target_workers") or ""
    if len(text) >= LONG:
        with suppress(ExpressionError):
            await asyncio.to_thread(compile_expression, text, Dialect.WORKER)


RESOURCE = Resource(
    key="task_queues",
    path="/Workspaces/{workspace_sid}/TaskQueues",
    own="sid",
    records=lambda place: place.state.task_queues.values(),
    find=lambda place, sid: place.state.task_queues.get(sid),
    render=render,
    filters=(
        by_field("FriendlyName", "friendly_name"),
        QueryFilter(name="EvaluateWorkerAttributes", keep=_matching_attributes, is_slow=True),
        QueryFilter(name="WorkerSid", keep=_of_worker),
    ),
    order=ordering.by(ordering.BY_NAME),
    create=Operation(
        params=(NameParam(name="FriendlyName", field="friendly_name", required=True), *_FIELDS),
        prepare=compile_apart,
        command=lambda place, _, values, __: c.CreateTaskQueue(workspace_sid=place.workspace.sid, **_given(values)),
    ),
    update=Operation(
        params=(NameParam(name="FriendlyName", field="friendly_name"), *_FIELDS),
        prepare=compile_apart,
        command=lambda place, sid, values, _: c.UpdateTaskQueue(
            workspace_sid=place.workspace.sid, sid=sid, changes=_given(values)
        ),
    ),
    delete=Operation(command=lambda place, sid, _, __: c.DeleteTaskQueue(workspace_sid=place.workspace.sid, sid=sid)),
)


def _given(values: dict[str, Any]) -> dict[str, Any]:
    """An empty number means: not given."""
    return {name: value for name, value in values.items() if not (name == "max_reserved_workers" and value is None)}
