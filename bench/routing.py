"""How fast the engine routes, in this process: no server, no store.

Seconds are those of the processor, because another program's turn on it is not the engine's; only what takes less than
a millisecond is timed by itself, by the wall, and of that the median is told.
"""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from statistics import median

from bench.call_centre import CallCentre
from bench.measurement import Measurement, Say
from labkit.expressions import Dialect, compile_expression

CLOCK = time.process_time
ROUNDS = 5
LIVES = 2_000
SMALL = partial(CallCentre, queues=1, workers=10)
LARGE = partial(CallCentre, queues=100, workers=1_000)
WAITING = 10_000
GROWTH = (100, 1_000, 10_000, 24_900)
"""How many Tasks wait while others live; the last with those under way are the 25,000 of the figure's name."""
WAITING_FOR_WORKER = 25_000
WORKERS_BACK = 50
EVALUATIONS = 100_000
EXPRESSION = 'languages HAS "es" AND level >= 3 AND team == "sales"'
SCOPE = {"worker": {"languages": ["en", "es"], "level": 4, "team": "sales"}}


def lives_per_s(say: Say) -> Measurement:
    """Whole lives of Tasks a second, with 1 TaskQueue and 10 Workers; all events are made."""
    rounds = _in_turns(SMALL, say=say)
    return Measurement(median(1 / seconds for [seconds] in rounds), "lives/s")


def lives_per_s_large(say: Say) -> Measurement:
    """The same with 100 TaskQueues, 1,000 Workers and 10,000 waiting Tasks; its ratio is to `lives_per_s`.

    Each life reads all of the Workflow's 100 filters, for its own is the last.
    """
    rounds = _in_turns(SMALL, partial(_filled, WAITING, last_filter=True), say=say)
    rate, ratio = median(1 / large for _, large in rounds), median(small / large for small, large in rounds)
    return Measurement(rate, "lives/s", "lives_per_s", ratio)


def life_cost_25000_vs_100(say: Say) -> Measurement:
    """Microseconds of one life among 24,900 waiting Tasks; to the same among 100. What lies between is told.

    Each life meets its filter first: what a hundred filters cost would hide what the waiting Tasks cost.
    """
    rounds = _in_turns(*(partial(_filled, waiting) for waiting in GROWTH), say=say)
    costs = [median(column) * 1e6 for column in zip(*rounds, strict=True)]
    ratios = [median(column) for column in zip(*([cost / row[0] for cost in row] for row in rounds), strict=True)]
    for waiting, cost, ratio in zip(GROWTH, costs, ratios, strict=True):
        say(f"  {waiting:,} waiting Tasks: {cost:.1f} µs a life, {ratio:.2f} times the first")
    return Measurement(costs[-1], "µs", f"{GROWTH[0]:,} waiting Tasks", ratios[-1])


def worker_back_ms(say: Say) -> Measurement:
    """Milliseconds until a Worker who comes back among 25,000 waiting Tasks has one."""
    centre = _filled(WAITING_FOR_WORKER)
    found = []
    for worker in centre.away[:WORKERS_BACK]:
        begun = time.perf_counter()
        centre.come_back(worker)
        found.append((time.perf_counter() - begun) * 1000)
    say(f"  {len(found)} Workers came back; the slowest waited {max(found):.3f} ms")
    return Measurement(median(found), "ms")


def expression_us(say: Say) -> Measurement:
    """Microseconds to ask a compiled expression of three terms, all of which have to be looked at."""
    matches = compile_expression(EXPRESSION, Dialect.WORKER).matches
    found = []
    for number in range(ROUNDS):
        say(f"  round {number + 1} of {ROUNDS}")
        begun = CLOCK()
        for _ in range(EVALUATIONS):
            matches(SCOPE)
        found.append((CLOCK() - begun) / EVALUATIONS * 1e6)
    return Measurement(median(found), "µs")


def task_bytes(say: Say) -> Measurement:
    """Bytes of memory that each of 10,000 waiting Tasks takes, as Python counts them; SIDs and indexes included."""
    centre = LARGE()
    say(f"  {WAITING:,} Tasks come, each allocation counted")
    tracemalloc.start()
    try:
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        centre.add_waiting(WAITING)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return Measurement((after - before) / WAITING, "bytes")


def _filled(waiting: int, *, last_filter: bool = False) -> CallCentre:
    centre = LARGE(last_filter=last_filter)
    centre.add_waiting(waiting)
    return centre


def _in_turns(*makers: Callable[[], CallCentre], say: Say) -> list[list[float]]:
    """For each round the seconds of a life in each call centre.

    They take turns, for a machine is faster in one minute than in another; each is made anew and is alone in memory.
    """
    rounds = []
    for number in range(ROUNDS):
        say(f"  round {number + 1} of {ROUNDS}")
        rounds.append([_seconds_per_life(make()) for make in makers])
    return rounds


def _seconds_per_life(centre: CallCentre) -> float:
    gc.collect()  # what was thrown away before is not this round's to sweep up
    begun = CLOCK()
    for _ in range(LIVES):
        centre.live()
    return (CLOCK() - begun) / LIVES
