"""Reservations, seen from their Task and from their Worker.

Docs: /docs/taskrouter/api/reservations, /docs/taskrouter/api/worker-reservation.
"""

from __future__ import annotations

from typing import Any

from labkit.engine import commands as c
from labkit.engine.effects import Alert
from labkit.engine.instruction_fields import PARAMETERS, BadField, check_parameters, read_parameters
from labkit.engine.refusals import InvalidParameter, MissingParameter
from labkit.engine.resources import Reservation
from labkit.error_codes import ErrorCode
from labkit.errors import Refusal
from labkit.sandbox.api.params import Status, Text, Texts, in_lower_case
from labkit.sandbox.api.render import moment
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.resource import Operation, QueryFilter, Resource, by_field
from labkit.sandbox.refusals import BadInstruction
from labkit.vocabulary import Instruction, ReservationStatus

_STATUS_OF = {Instruction.ACCEPT: ReservationStatus.ACCEPTED, Instruction.REJECT: ReservationStatus.REJECTED}

_UPDATE = (
    Status(name="ReservationStatus", field="reservation_status"),
    Text(name="WorkerActivitySid", field="worker_activity_sid", empty=None),
    Text(name="Instruction", field="instruction", empty=None),
    *(Texts(name=name, field=name) for name in PARAMETERS if name != "WorkerActivitySid"),
)
_STATE = ("reservation_status", "worker_activity_sid")
_BY_STATUS = QueryFilter(
    name="ReservationStatus",
    keep=lambda _, values: lambda reservation: reservation.reservation_status == in_lower_case(values[-1]),
)


def _render(place: RequestContext, reservation: Reservation, view: str) -> dict[str, Any]:
    base = place.workspace_url
    holder = place.state.workers.get(reservation.worker_sid)  # may have been deleted since
    task, worker = f"{base}/Tasks/{reservation.task_sid}", f"{base}/Workers/{reservation.worker_sid}"
    return {
        "sid": reservation.sid,
        "account_sid": place.account_sid,
        "workspace_sid": reservation.workspace_sid,
        "task_sid": reservation.task_sid,
        "worker_sid": reservation.worker_sid,
        "worker_name": holder.friendly_name if holder else None,
        "reservation_status": reservation.reservation_status,
        "date_created": moment(reservation.date_created),
        "date_updated": moment(reservation.date_updated),
        "url": f"{task if view == 'task' else worker}/Reservations/{reservation.sid}",
        "links": {"task": task, "worker": worker, "workspace": base},
    }


def _find(place: RequestContext, sid: str) -> Reservation | None:
    """The Reservation, if it belongs to the Task or Worker in the path."""
    reservation = place.state.reservations.get(sid)
    if reservation is None:
        return None
    belongs = (
        reservation.task_sid == place.task().sid
        if place.has("task_sid")
        else reservation.worker_sid == place.worker().sid
    )
    return reservation if belongs else None


def _of_worker(place: RequestContext) -> list[Reservation]:
    worker_sid = place.worker().sid
    return [r for r in place.state.reservations.values() if r.worker_sid == worker_sid]


def _update(place: RequestContext, sid: str, values: dict[str, Any], if_match: str | None) -> c.Update:
    name = values.get("instruction")
    changes = {field: values[field] for field in _STATE if field in values}
    if name is None:
        _check(place, values)
        return c.UpdateReservation(workspace_sid=place.workspace.sid, sid=sid, changes=changes, if_match=if_match)
    instruction = _instruction(place, sid, name)
    fields = _fields(place, sid, instruction, values)
    if instruction in _STATUS_OF:
        changes["reservation_status"] = _STATUS_OF[instruction]
        return c.UpdateReservation(workspace_sid=place.workspace.sid, sid=sid, changes=changes, if_match=if_match)
    return c.InstructReservation(
        workspace_sid=place.workspace.sid, sid=sid, instruction=instruction, changes=fields, if_match=if_match
    )


def _instruction(place: RequestContext, sid: str, name: str) -> Instruction:
    """The Instruction of this name; a Supervisor is sent by way of the Task only."""
    allowed = [word for word in Instruction if word is not Instruction.SUPERVISE or place.has("task_sid")]
    if name in allowed:
        return Instruction(name)
    raise _refused(
        place,
        sid,
        InvalidParameter("Instruction", f"{name[:40]!r} is not one of {', '.join(allowed)}"),
        ErrorCode.UNKNOWN_INSTRUCTION,
    )


def _fields(place: RequestContext, sid: str, instruction: Instruction, values: dict[str, Any]) -> dict[str, Any]:
    activity_sid = values.get("worker_activity_sid")
    form = {**values, "WorkerActivitySid": [activity_sid] if activity_sid else []}
    try:
        fields = read_parameters(instruction, form, activities=place.state.activities)
    except BadField as bad:
        raise _refused(place, sid, _refusal(bad), bad.field.code) from None
    _check(place, values)
    return fields


def _check(place: RequestContext, values: dict[str, Any]) -> None:
    """Whatever is given must be of the right form, even if nobody asks for it."""
    try:
        check_parameters(values, activities=place.state.activities)
    except BadField as bad:
        raise _refusal(bad) from None


def _refusal(bad: BadField) -> Refusal:
    name = bad.field.parameter
    return MissingParameter(name) if bad.is_missing else InvalidParameter(name, str(bad))


def _refused(place: RequestContext, sid: str, refusal: Refusal, code: ErrorCode | None) -> Refusal:
    """The refusal with Twilio's code for this instruction, if there is one; then it is an alert too."""
    if code is None:
        return refusal
    place.service.alerts.keep(
        Alert(
            at=place.now,
            account_sid=place.account_sid,
            workspace_sid=place.workspace.sid,
            resource_sid=sid,
            code=code,
            text=str(refusal),
        )
    )
    return BadInstruction(str(refusal), code)


BY_TASK = Resource(
    key="reservations",
    path="/Workspaces/{workspace_sid}/Tasks/{task_sid}/Reservations",
    own="sid",
    records=lambda place: place.task().reservations,
    find=_find,
    render=lambda place, reservation: _render(place, reservation, "task"),
    belongs=lambda place, reservation: place.is_own(reservation.worker_sid),
    versioned=True,
    filters=(_BY_STATUS, by_field("WorkerSid", "worker_sid")),
    update=Operation(params=_UPDATE, command=_update),
)

BY_WORKER = Resource(
    key="reservations",
    path="/Workspaces/{workspace_sid}/Workers/{worker_sid}/Reservations",
    own="sid",
    records=_of_worker,
    find=_find,
    render=lambda place, reservation: _render(place, reservation, "worker"),
    versioned=True,
    filters=(_BY_STATUS,),
    update=Operation(params=_UPDATE, command=_update),
)
