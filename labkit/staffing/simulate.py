"""`labkit.simulate`: many days of a contact centre, played headless, in a pool if there is one."""

from __future__ import annotations

import inspect
import math
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import fields, replace
from typing import Any

from labkit.arguments import no_such_argument
from labkit.errors import ArgumentError
from labkit.simulation.contact_centre import MIXED_CALLERS, CallerKind, ContactCentre, check_number, check_whole_number
from labkit.simulation.day_figures import DayFigures
from labkit.simulation.furnishing import Furnished, one_queue
from labkit.simulation.headless import HeadlessDay, figures
from labkit.staffing.progress import ProgressLine
from labkit.staffing.result import SimulatedDays
from labkit.staffing.workspace import furnish

SETTLES_AFTER = 4.0
"""Relaxation times: by then less than 2 % of how a queue began can still be seen."""
MOST_WARM_UP_HOURS = 100.0


def simulate(
    *,
    workers: int = 10,
    calls_per_hour: float = 100.0,
    talk_seconds: float = 300.0,
    patience_seconds: float | None = None,
    hours: float = 8.0,
    days: int = 20,
    seed: int = 1,
    workspace: str | os.PathLike[str] | None = None,
    executor: Executor | None = None,
    **settings: Any,
) -> SimulatedDays:
    """Play days of a contact centre, routed as TaskRouter routes; returns what they come to.

    Calls are a Poisson process, talks and patience are exponential, and there is no wrap-up; Workers answer at once,
    miss nothing and have no breaks. Days are independent. Each begins empty, so a warm-up is played and dropped.

    Args:
        workers: how many; a Workspace file's own Workers work instead, if it has any.
        calls_per_hour, talk_seconds, patience_seconds: means; callers without a patience wait for ever.
        hours, days: how long a day is measured, and how many there are.
        seed: equal ones give equal days, in whatever pool.
        workspace: a Workspace file to route by.
        executor: any `concurrent.futures.Executor` to play in, such as `ProcessPoolExecutor()`; None for none.
        settings: `warm_up_hours` (by default as long as the queue takes to settle at this load, 100 hours at most);
            `callers`, pairs of a share and a Task's attributes (by default the quickstart's languages with a file);
            `workflow` of the file, by name (its first), and `task_channel`; `progress`, False for no line about it;
            and what else a `labkit.simulation.ContactCentre` has: `wrap_up_seconds`, `arrivals`, `missed` and so on.

    Raises:
        ArgumentError, WorkspaceFileError: an argument or the file is not possible.
        LabError: TaskRouter takes no Task for a call, because no filter matches, or 25,000 wait.
    """
    whole = {"workers": workers, "days": days, "seed": seed}
    means = {"calls_per_hour": calls_per_hour, "talk_seconds": talk_seconds, "patience_seconds": patience_seconds}
    own, centre_settings = _sorted_settings({**means, "hours": hours, **settings}, with_file=workspace is not None)
    _check(whole, executor)
    centre = ContactCentre(**centre_settings)
    return _simulate(whole, centre, _furnish(workspace, workers, own), own, executor)


_OWN = ("warm_up_hours", "workflow", "task_channel", "progress")
_ERLANGS: Mapping[str, Any] = {"wrap_up_seconds": 0.0, "answer_seconds": 0.0}
"""What is here as Erlang's formulas have it, and otherwise in a contact centre that is looked at."""


def _sorted_settings(settings: dict[str, Any], *, with_file: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """What `simulate` itself needs, and what the contact centre does."""
    known = [each.name for each in fields(ContactCentre) if each.name != "warm_up_seconds"]
    for name in settings:
        if name not in (*known, *_OWN):
            mine = [each for each in inspect.signature(simulate).parameters if each != "settings"]
            names = dict.fromkeys((*mine, *known, *_OWN))
            raise ArgumentError(no_such_argument(name, of="simulate", known=names))
    own = {name: settings.pop(name) for name in _OWN if name in settings}
    callers = settings.pop("callers", None)
    plain = MIXED_CALLERS if with_file else (CallerKind(),)
    kinds = plain if callers is None else tuple(_caller_kind(each) for each in callers)
    return own, {**_ERLANGS, **settings, "callers": kinds}


def _caller_kind(given: Any) -> CallerKind:
    if isinstance(given, CallerKind):
        return given
    if isinstance(given, tuple) and len(given) == 2 and isinstance(given[1], Mapping):
        return CallerKind(share=given[0], attributes=given[1])
    raise ArgumentError(
        'callers is a list of pairs of a share and attributes, such as [(0.3, {"selected_language": "es"})]; '
        f"one of them is {given!r:.80}."
    )


def _check(whole: Mapping[str, Any], executor: Any) -> None:
    for name, value in whole.items():
        check_whole_number(name, value, least=0 if name == "seed" else 1)
    if executor is not None and not isinstance(executor, Executor):
        raise ArgumentError(
            "executor is a concurrent.futures.Executor, such as ProcessPoolExecutor(), or for Dask "
            f"client.get_executor(); it is {executor!r:.80}."
        )


def _furnish(workspace: str | os.PathLike[str] | None, workers: int, own: Mapping[str, Any]) -> Furnished:
    if workspace is not None:
        named = {name: own[name] for name in ("workflow", "task_channel") if name in own}
        return furnish(workspace, workers=workers, **named)
    for name in ("workflow", "task_channel"):
        if name in own:
            raise ArgumentError(f"{name} is one of a Workspace file; give the file as well, with workspace=….")
    return one_queue(workers)


def _simulate(
    whole: Mapping[str, int], centre: ContactCentre, made: Furnished, own: Mapping[str, Any], executor: Executor | None
) -> SimulatedDays:
    centre = replace(centre, warm_up_seconds=warm_up_seconds(own.get("warm_up_hours"), centre, len(made.workers)))
    plans = [
        HeadlessDay(
            centre=centre,
            place=made.place,
            records=made.records,
            worker_sids=tuple(made.workers),
            seed=whole["seed"],
            day=day,
        )
        for day in range(whole["days"])
    ]
    line = ProgressLine(len(plans), "days", shown=bool(own.get("progress", True)))
    try:
        days = _here(plans, line) if executor is None else _in_pool(plans, executor, line)
    finally:
        line.clear()
    return SimulatedDays(centre=centre, workers=made.workers, days=tuple(days))


def _here(plans: Sequence[HeadlessDay], line: ProgressLine) -> list[DayFigures]:
    played = []
    for plan in plans:
        played.append(figures(plan))
        line.tell(len(played))
    return played


def _in_pool(plans: Sequence[HeadlessDay], executor: Executor, line: ProgressLine) -> list[DayFigures]:
    """Each day by itself: it is the same day whoever plays it, so who does and in which order is all one."""
    futures = [executor.submit(figures, plan) for plan in plans]
    try:
        for done, future in enumerate(as_completed(futures), 1):
            future.result()
            line.tell(done)
    except BaseException:
        for future in futures:
            future.cancel()
        raise
    return [future.result() for future in futures]


def warm_up_seconds(hours: Any, centre: ContactCentre, workers: int) -> float:
    """As it is asked for; or some relaxation times of the queue, where it has a long run to settle to.

    The time is that of an M/M/c queue in heavy traffic. With patience, a queue forgets
    within a talk or a patience. A day with busy times of its own begins as a real one does: empty.
    """
    if hours is not None:
        check_number("warm_up_hours", hours)
        return float(hours) * 3600
    handling = centre.handling_seconds
    load = centre.calls_per_hour / 3600 * handling / workers
    if len(set(centre.pattern)) > 1:
        return 0.0
    if centre.patience_seconds is not None:
        settles = max(handling, centre.patience_seconds)
    else:
        settles = handling / workers / (1 - math.sqrt(load)) ** 2 if load < 1 else 0.0
    return min(SETTLES_AFTER * max(settles, handling), MOST_WARM_UP_HOURS * 3600)
