"""The Workers whom a simulation makes: their names and languages, and how they leave."""

from __future__ import annotations

import logging

from labkit.engine import commands as c
from labkit.errors import Refusal
from labkit.sandbox.refusals import Unavailable
from labkit.sandbox.service import Service
from labkit.vocabulary import ReservationStatus

log = logging.getLogger(__name__)

NAMES = (
    "Alice", "Bob", "Carol", "Dave", "Erin", "Frank", "Grace", "Heidi", "Ivan", "Judy", "Kim", "Leo", "Maria", "Nils",
    "Olga", "Pablo", "Quinn", "Rosa", "Sam", "Tara", "Uma", "Victor", "Wendy", "Xavier", "Yara", "Zoe",
)  # fmt: skip
"""Of the Workers; the quickstart's two come first."""


def names_of(count: int) -> list[str]:
    """The names of so many Workers; after the last letter they begin anew, with a number."""
    rounds = ((name, number // len(NAMES)) for number in range(count) for name in (NAMES[number % len(NAMES)],))
    return [name if not lap else f"{name} {lap + 1}" for name, lap in rounds]


def languages_of(name: str) -> list[str]:
    """What a Worker speaks who is made for a simulation: every second one Spanish as well."""
    known = NAMES.index(name) if name in NAMES else len(name)
    return ["en", "es"] if known % 2 == 0 else ["en"]


async def dismiss(service: Service, *, workspace_sid: str, worker_sid: str) -> bool:
    """End what a Worker holds, and delete the Worker; whether there is none any more.

    Raises:
        Unavailable: something could not be written.
    """
    state = service.states.get(workspace_sid)
    worker = state.workers.get(worker_sid) if state is not None else None
    if state is None or worker is None:
        return True
    away = next((each.sid for each in state.activities.values() if not each.available), worker.activity_sid)
    commands: list[c.Command] = [
        c.UpdateWorker(workspace_sid=workspace_sid, sid=worker_sid, changes={"activity_sid": away})
    ]
    for reservation in list(state.open_reservations.get(worker_sid, {}).values()):
        end = ReservationStatus.REJECTED if reservation.is_pending else ReservationStatus.COMPLETED
        changes = {"reservation_status": end}
        commands.append(c.UpdateReservation(workspace_sid=workspace_sid, sid=reservation.sid, changes=changes))
    try:
        for command in (*commands, c.DeleteWorker(workspace_sid=workspace_sid, sid=worker_sid)):
            await service.execute(command, view=lambda _: None)
    except Unavailable:
        raise
    except Refusal as refusal:
        log.info("a simulation's Worker could not be deleted: %s", refusal)
        return False
    return True
