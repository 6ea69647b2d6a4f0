"""Workers (docs: /docs/taskrouter/api/worker)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from labkit.engine import commands as c
from labkit.engine.refusals import InvalidParameter
from labkit.engine.resources import Worker
from labkit.errors import ExpressionError
from labkit.expressions import Dialect, compile_expression
from labkit.sandbox.api import ordering
from labkit.sandbox.api.params import Flag, NameParam, Text, is_true
from labkit.sandbox.api.render import moment
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.resource import Keep, Operation, QueryFilter, Resource, by_field, exactly


def render(place: RequestContext, worker: Worker) -> dict[str, Any]:
    workers = f"{place.workspace_url}/Workers"
    url = f"{workers}/{worker.sid}"
    activity = place.state.activities[worker.activity_sid]
    return {
        "sid": worker.sid,
        "account_sid": place.account_sid,
        "workspace_sid": worker.workspace_sid,
        "friendly_name": worker.friendly_name,
        "activity_name": activity.friendly_name,
        "activity_sid": activity.sid,
        "attributes": worker.attributes,
        "available": activity.available,
        "date_created": moment(worker.date_created),
        "date_updated": moment(worker.date_updated),
        "date_status_changed": moment(worker.date_status_changed),
        "url": url,
        "links": {
            "channels": f"{url}/Channels",
            "activity": f"{place.workspace_url}/Activities/{activity.sid}",
            "workspace": place.workspace_url,
            "statistics": f"{workers}/Statistics",
            "real_time_statistics": f"{workers}/RealTimeStatistics",
            "cumulative_statistics": f"{workers}/CumulativeStatistics",
            "worker_statistics": f"{url}/Statistics",
            "worker_channels": f"{url}/Channels",
            "reservations": f"{url}/Reservations",
        },
    }


def _matching(_: RequestContext, values: Sequence[str]) -> Keep:
    """Workers that an expression on their attributes and built-in names matches."""
    try:
        expression = compile_expression(values[-1], Dialect.WORKER)
    except ExpressionError as error:
        raise InvalidParameter("TargetWorkersExpression", str(error)) from None
    return lambda worker: expression.matches({"worker": worker.scope})


def _in_queue(place: RequestContext, queue_sids: set[str]) -> Keep:
    members = {sid for queue_sid in queue_sids for sid in place.state.members.get(queue_sid, set())}
    return lambda worker: worker.sid in members


def _in_named_queue(place: RequestContext, values: Sequence[str]) -> Keep:
    return _in_queue(place, {q.sid for q in place.state.task_queues.values() if q.friendly_name == values[-1]})


RESOURCE = Resource(
    key="workers",
    path="/Workspaces/{workspace_sid}/Workers",
    own="sid",
    records=lambda place: place.state.workers.values(),
    find=lambda place, sid: place.state.workers.get(sid),
    render=render,
    versioned=True,
    filters=(
        by_field("FriendlyName", "friendly_name"),
        by_field("ActivitySid", "activity_sid"),
        exactly("ActivityName", lambda place, worker: place.state.activities[worker.activity_sid].friendly_name),
        QueryFilter(
            name="Available",
            keep=lambda place, values: lambda worker: place.state.is_available(worker) == is_true(values[-1]),
        ),
        QueryFilter(name="TargetWorkersExpression", keep=_matching, is_slow=True),
        QueryFilter(name="TaskQueueSid", keep=lambda place, values: _in_queue(place, set(values))),
        QueryFilter(name="TaskQueueName", keep=_in_named_queue),
    ),
    order=ordering.by(ordering.BY_NAME),
    create=Operation(
        params=(
            NameParam(name="FriendlyName", field="friendly_name", required=True),
            Text(name="ActivitySid", field="activity_sid", empty=None),
            Text(name="Attributes", field="attributes", empty="{}"),
        ),
        command=lambda place, _, values, __: c.CreateWorker(workspace_sid=place.workspace.sid, **values),
    ),
    update=Operation(
        params=(
            NameParam(name="FriendlyName", field="friendly_name"),
            Text(name="ActivitySid", field="activity_sid", empty=None),
            Text(name="Attributes", field="attributes", empty="{}"),
            Flag(name="RejectPendingReservations", field="reject_pending_reservations"),
        ),
        command=lambda place, sid, values, if_match: c.UpdateWorker(
            workspace_sid=place.workspace.sid,
            sid=sid,
            if_match=if_match,
            reject_pending_reservations=values.pop("reject_pending_reservations", False),
            changes=values,
        ),
    ),
    delete=Operation(
        command=lambda place, sid, _, if_match: c.DeleteWorker(
            workspace_sid=place.workspace.sid, sid=sid, if_match=if_match
        )
    ),
)
