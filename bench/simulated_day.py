"""How long a simulated day takes, beside Ciw: the same queue, in which Ciw routes by nothing and the engine by all."""

from __future__ import annotations

import gc
import time
from statistics import median

from bench.measurement import Measurement, Say
from labkit.simulation.contact_centre import CallerKind, ContactCentre
from labkit.simulation.furnishing import one_queue
from labkit.simulation.headless import HeadlessDay, figures

CLOCK = time.process_time
ROUNDS = 5
CALLS = 5_000
WORKERS = 10
TALK_SECONDS = 300.0
LOAD = 0.9
_CALLS_PER_SECOND = WORKERS * LOAD / TALK_SECONDS


def day_of_5000_calls_s(say: Say) -> Measurement:
    """Seconds of the processor for a day of about 5,000 calls, 10 Workers and a load of 0.9; to Ciw for as many.

    They take turns, for a machine is faster in one minute than in another; who is made anew each time is not measured.
    """
    ours, ratios = [], []
    for number in range(ROUNDS):
        mine, calls = _ours(number)
        theirs = _ciw(number, calls=calls)
        say(f"  round {number + 1} of {ROUNDS}: {calls:,} calls, {mine:.3f} s; Ciw {theirs:.3f} s")
        ours.append(mine)
        ratios.append(mine / theirs)
    return Measurement(median(ours), "s", "Ciw", median(ratios))


def _ours(day: int) -> tuple[float, int]:
    """The seconds of a day, and how many calls came."""
    centre = ContactCentre(
        calls_per_hour=_CALLS_PER_SECOND * 3600,
        hours=CALLS / _CALLS_PER_SECOND / 3600,
        callers=(CallerKind(),),
        talk_seconds=TALK_SECONDS,
        wrap_up_seconds=0,
        patience_seconds=None,
        answer_seconds=0,
    )
    made = one_queue(WORKERS)
    plan = HeadlessDay(
        centre=centre, place=made.place, records=made.records, worker_sids=tuple(made.workers), seed=1, day=day
    )
    gc.collect()  # what was thrown away before is not this round's to sweep up
    begun = CLOCK()
    kept = figures(plan)
    return CLOCK() - begun, len(kept.waited)


def _ciw(seed: int, *, calls: int) -> float:
    """The seconds that Ciw takes for as many calls, its records of them included."""
    import ciw

    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(_CALLS_PER_SECOND)],
        service_distributions=[ciw.dists.Exponential(1 / TALK_SECONDS)],
        number_of_servers=[WORKERS],
    )
    ciw.seed(seed)
    gc.collect()
    begun = CLOCK()
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(calls, method="Finish")
    simulation.get_all_records()
    return CLOCK() - begun
