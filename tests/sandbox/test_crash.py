"""The sandbox is killed with SIGKILL under load, at random moments: nothing that it acknowledged or showed is lost."""

from __future__ import annotations

import os
import random
import threading
from pathlib import Path

import pytest
from sandbox.crash_callbacks import EventJournal
from sandbox.crash_check import check_state, pending_reservations
from sandbox.crash_load import Client, KilledSandbox, Load, answering, furnish

ROUNDS = 5
SOAK_ROUNDS = int(os.environ.get("SOAK_ROUNDS", "100"))
SEED = int(os.environ.get("CRASH_SEED") or random.randrange(1_000_000))
"""Of what the clients do and when the kill comes. The threads take turns as they like, so it repeats a run roughly."""
PATIENCE_SECONDS = 60

pytestmark = [pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX's"), pytest.mark.process]


@pytest.mark.timeout(300)
def test_nothing_is_lost_over_five_kills(tmp_path: Path) -> None:
    """Every Task is there in a legal state, nobody has too much, no event is missing or doubled, no callback lost."""
    crash(tmp_path, rounds=ROUNDS)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_nothing_is_lost_over_many_kills(tmp_path: Path) -> None:
    """The same, SOAK_ROUNDS times."""
    crash(tmp_path, rounds=SOAK_ROUNDS)


def crash(folder: Path, *, rounds: int) -> None:
    """Kill, check, start again; at the end, see that no Reservation was forgotten."""
    chance = random.Random(SEED)
    print(f"CRASH_SEED={SEED}")
    sandbox = KilledSandbox(folder / "state.sqlite")
    with answering(SEED) as target, sandbox:
        events = EventJournal(target)
        place = furnish(sandbox, target.url("/assign"), event_callback_url=target.url("/events"))
        with Load(sandbox, place, SEED) as load:
            pending = kill_repeatedly(sandbox, load, events, chance, rounds=rounds)
        target.answers.clear()
        sandbox.start()
        wait_until_answered(sandbox, place.path, pending)
        events.wait_for_all(sandbox.state)
    check_state(sandbox.state, load.journal, folder)
    doubled = events.check(sandbox.state)
    print(f"{len(events.arrived)} event callbacks, {doubled} of them twice, after {rounds} kills")
    assert load.failures == []


def kill_repeatedly(
    sandbox: KilledSandbox, load: Load, events: EventJournal, chance: random.Random, *, rounds: int
) -> set[str]:
    """Kill, check, start again; after the last kill it stays dead. The Reservations that were pending then."""
    for number in range(1, rounds + 1):
        load.journal.wait_for(load.journal.count + chance.randrange(5, 60))
        threading.Event().wait(chance.uniform(0, 0.02))
        sandbox.kill()
        state = check_state(sandbox.state, load.journal, sandbox.state.parent)
        events.note_kill()
        print(f"kill {number}: {load.journal}; {len(state.tasks)} Tasks")
        if number < rounds:
            sandbox.start()
    return pending_reservations(state)


def wait_until_answered(sandbox: KilledSandbox, path: str, pending: set[str]) -> None:
    """Each Reservation that was pending at the last kill is called again, or times out."""
    client, pause = Client(sandbox), threading.Event()
    for _ in range(PATIENCE_SECONDS * 10):
        answered = client.ask("GET", f"{path}/Events?EventType=reservation.timeout&PageSize=1000&Minutes=60")["events"]
        workers = client.ask("GET", f"{path}/Workers")["workers"]
        held = [
            each
            for worker in workers
            for each in client.ask("GET", f"{path}/Workers/{worker['sid']}/Reservations?PageSize=1000")["reservations"]
        ]
        still = {each["sid"] for each in held if each["reservation_status"] == "pending"} & pending
        if not still:
            client.close()
            return
        pause.wait(0.1)
    raise AssertionError(f"forgotten: {still}; timed out: {len(answered)}")
