"""Reservations, seen from their Task and from their Worker.

Docs: /docs/taskrouter/api/reservations, /docs/taskrouter/api/worker-reservation.
"""

from __future__ import annotations

from typing import Any

from labkit.sandbox.answers import NOT_MODELLED
from labkit.sandbox.api.family import Family, Operation, by_field
from labkit.sandbox.api.params import Text
from labkit.sandbox.api.place import Place
from labkit.sandbox.api.render import moment
from labkit.sandbox.engine import commands as c
from labkit.sandbox.engine.resources import Reservation
from labkit.sandbox.refusals import InvalidParameter
from labkit.vocabulary import Instruction, ReservationStatus

_STATUS_OF = {Instruction.ACCEPT: ReservationStatus.ACCEPTED, Instruction.REJECT: ReservationStatus.REJECTED}

_UPDATE = (
    Text(name="ReservationStatus", field="reservation_status", empty=None),
    Text(name="WorkerActivitySid", field="worker_activity_sid", empty=None),
    Text(name="Instruction", field="instruction", empty=None),
)


def _render(place: Place, reservation: Reservation, view: str) -> dict[str, Any]:
    base = place.workspace_url
    task, worker = f"{base}/Tasks/{reservation.task_sid}", f"{base}/Workers/{reservation.worker_sid}"
    return {
        "sid": reservation.sid,
        "account_sid": place.account_sid,
        "workspace_sid": reservation.workspace_sid,
        "task_sid": reservation.task_sid,
        "worker_sid": reservation.worker_sid,
        "worker_name": place.floor.workers[reservation.worker_sid].friendly_name,
        "reservation_status": reservation.reservation_status,
        "date_created": moment(reservation.date_created),
        "date_updated": moment(reservation.date_updated),
        "url": f"{task if view == 'task' else worker}/Reservations/{reservation.sid}",
        "links": {"task": task, "worker": worker, "workspace": base},
    }


def _find(place: Place, sid: str) -> Reservation | None:
    """The Reservation, if it belongs to the Task or Worker in the path."""
    reservation = place.floor.reservations.get(sid)
    if reservation is None:
        return None
    belongs = (
        reservation.task_sid == place.task().sid
        if place.has("task_sid")
        else reservation.worker_sid == place.worker().sid
    )
    return reservation if belongs else None


def _of_worker(place: Place) -> list[Reservation]:
    worker_sid = place.worker().sid
    return [r for r in place.floor.reservations.values() if r.worker_sid == worker_sid]


def _update(place: Place, sid: str, values: dict[str, Any], if_match: str | None) -> c.UpdateReservation:
    name = values.pop("instruction", None)
    if name is not None:
        values["reservation_status"] = _status_for(name)
    return c.UpdateReservation(workspace_sid=place.workspace.sid, sid=sid, changes=values, if_match=if_match)


def _status_for(name: str) -> ReservationStatus:
    """What an Instruction comes to here: those that need a telephone are refused, not half done."""
    if name in _STATUS_OF:
        return _STATUS_OF[Instruction(name)]
    if name in NOT_MODELLED:
        raise InvalidParameter("Instruction", f"the sandbox does not play {name} yet")
    raise InvalidParameter("Instruction", f"{name[:40]!r} is not one of {', '.join(Instruction)}")


BY_TASK = Family(
    key="reservations",
    path="/Workspaces/{workspace_sid}/Tasks/{task_sid}/Reservations",
    own="sid",
    records=lambda place: place.task().reservations,
    find=_find,
    render=lambda place, reservation: _render(place, reservation, "task"),
    versioned=True,
    filters=(by_field("ReservationStatus", "reservation_status"), by_field("WorkerSid", "worker_sid")),
    update=Operation(params=_UPDATE, command=_update),
)

BY_WORKER = Family(
    key="reservations",
    path="/Workspaces/{workspace_sid}/Workers/{worker_sid}/Reservations",
    own="sid",
    records=_of_worker,
    find=_find,
    render=lambda place, reservation: _render(place, reservation, "worker"),
    filters=(by_field("ReservationStatus", "reservation_status"),),
    update=Operation(params=_UPDATE, command=_update),
)
