"""Who takes part in a Task's conference, and how: what a Worker's client asks for. The calls are simulated ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labkit.engine import commands as c
from labkit.engine.refusals import InvalidParameter
from labkit.sandbox.api.params import Flag, Param, Text, Url
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.resource import Operation

_TASK = Text(name="TaskSid", field="task_sid", required=True)
_TARGET = Text(name="TargetWorkerSid", field="worker_sid", required=True)
_HOLD: tuple[Param, ...] = (
    Flag(name="Hold", field="on_hold"),
    Url(name="HoldUrl", field="hold_url"),  # nobody hears the music
    Text(name="HoldMethod", field="hold_method"),
)
_CHANGES = ("muted", "on_hold", "ends_conference", "beeps_on_exit")


def _of_reservation(place: RequestContext, values: dict[str, Any]) -> dict[str, str]:
    """The Worker themself, by a Reservation of theirs."""
    sid = values["reservation_sid"]
    reservation = place.state.reservations.get(sid)
    if reservation is None or reservation.worker_sid != place.worker().sid:
        raise InvalidParameter("ReservationSid", f"{sid[:64]!r} is not a Reservation of this Worker")
    return {"task_sid": reservation.task_sid, "worker_sid": reservation.worker_sid}


def _of_task(_: RequestContext, values: dict[str, Any]) -> dict[str, str]:
    return {"task_sid": values["task_sid"], "worker_sid": values.get("worker_sid", "")}


def _update(whom: Callable[[RequestContext, dict[str, Any]], dict[str, str]]) -> Callable[..., c.Command]:
    def command(place: RequestContext, _: str, values: dict[str, Any], __: str | None) -> c.Command:
        return c.UpdateParticipant(
            workspace_sid=place.workspace.sid,
            asking_sid=place.worker().sid,
            changes={name: values[name] for name in _CHANGES if name in values},
            **whom(place, values),
        )

    return command


def _kick(place: RequestContext, _: str, values: dict[str, Any], __: str | None) -> c.Command:
    return c.KickParticipant(workspace_sid=place.workspace.sid, asking_sid=place.worker().sid, **values)


ONESELF = Operation(
    params=(
        Text(name="ReservationSid", field="reservation_sid", required=True),
        Flag(name="EndConferenceOnExit", field="ends_conference"),
        Flag(name="Mute", field="muted"),
        Flag(name="BeepOnExit", field="beeps_on_exit"),
    ),
    command=_update(_of_reservation),
)
CUSTOMER = Operation(params=(_TASK, *_HOLD), command=_update(_of_task))
HOLD = Operation(params=(_TASK, _TARGET, *_HOLD), command=_update(_of_task))
KICK = Operation(params=(_TASK, _TARGET), command=_kick)
