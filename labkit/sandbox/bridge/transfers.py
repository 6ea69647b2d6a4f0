"""Transfers of Tasks, by the Worker who begins them: the bridge's own resource, for REST has none."""

from __future__ import annotations

from typing import Any

from labkit.engine import commands as c
from labkit.engine.refusals import InvalidParameter
from labkit.engine.resources import Transfer
from labkit.sandbox.api.params import Choice, Text, WholeNumber, without_blanks
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.resource import Operation, Resource
from labkit.sandbox.bridge import rendering
from labkit.vocabulary import TransferMode, TransferStatus


def _of_worker(place: RequestContext) -> list[Transfer]:
    worker_sid = place.worker().sid
    return [each for each in place.state.transfers.values() if each.initiating_worker_sid == worker_sid]


def _find(place: RequestContext, sid: str) -> Transfer | None:
    found = place.state.transfers.get(sid)
    return found if found is not None and found.initiating_worker_sid == place.worker().sid else None


def _begin(place: RequestContext, _: str, values: dict[str, Any], __: str | None) -> c.Command:
    return c.TransferTask(workspace_sid=place.workspace.sid, worker_sid=place.worker().sid, **without_blanks(values))


def _cancel(place: RequestContext, sid: str, values: dict[str, Any], _: str | None) -> c.Command:
    status = values["transfer_status"]
    if status != TransferStatus.CANCELED:
        raise InvalidParameter(
            "TransferStatus", f"{status[:40]!r} cannot be asked for; ask for {TransferStatus.CANCELED}"
        )
    return c.CancelTransfer(
        workspace_sid=place.workspace.sid, worker_sid=place.worker().sid, sid=sid, task_sid=values["task_sid"]
    )


RESOURCE = Resource(
    key="transfers",
    path="/Workspaces/{workspace_sid}/Workers/{worker_sid}/Transfers",
    own="sid",
    records=_of_worker,
    find=_find,
    render=lambda place, transfer: rendering.transfer(place.state, transfer),
    create=Operation(
        params=(
            Text(name="ReservationSid", field="reservation_sid", required=True),
            Text(name="TaskSid", field="task_sid", required=True),
            Text(name="To", field="to", required=True),
            Choice(name="Mode", field="mode", options=TransferMode),
            Text(name="Attributes", field="attributes", empty=None),
            WholeNumber(name="Priority", field="priority"),
        ),
        command=_begin,
    ),
    update=Operation(
        params=(
            Text(name="TaskSid", field="task_sid", required=True),
            Text(name="TransferStatus", field="transfer_status", required=True),
        ),
        command=_cancel,
    ),
)
