"""Days without a sandbox: what is kept of them, and that they are the same wherever they are played."""

from __future__ import annotations

import pickle
from dataclasses import asdict, replace

import pytest

from labkit.engine import Engine
from labkit.simulation import headless
from labkit.simulation.calls import CallProgress
from labkit.simulation.contact_centre import CallerKind, ContactCentre
from labkit.simulation.day_figures import parts_of
from labkit.simulation.furnishing import one_queue
from labkit.simulation.headless import HeadlessDay, figures, play

CENTRE = ContactCentre(
    calls_per_hour=60, hours=2, talk_seconds=200, patience_seconds=60, warm_up_seconds=1800, callers=(CallerKind(),)
)


def plan(centre: ContactCentre, *, workers: int = 3, day: int = 0) -> HeadlessDay:
    """A day of a plain contact centre."""
    made = one_queue(workers)
    return HeadlessDay(
        centre=centre, place=made.place, records=made.records, worker_sids=tuple(made.workers), seed=1, day=day
    )


def test_what_is_kept_is_what_happened() -> None:
    """Of the callers after the opening, and of the time that Workers had Tasks between then and the closing."""
    model = play(plan(CENTRE))
    kept = figures(plan(CENTRE))
    calls = [call for call in model.calls if call.arrived_at >= 0]

    assert len(calls) < len(model.calls)
    assert list(kept.arrived) == [call.arrived_at for call in calls]
    assert kept.abandoned == sum(call.status is CallProgress.ABANDONED for call in calls) > 0
    assert sum(kept.answered) + kept.abandoned == len(calls)
    assert kept.turned_away == 0
    talks = ((call.answered_at or 0.0, call.ended_at or 0.0) for call in model.calls if call.worker_sid)
    talked = sum(max(0.0, min(until, 7200) - max(since, 0)) for since, until in talks)
    rung = 3.0 * sum(kept.answered)
    assert sum(kept.busy) == pytest.approx(talked + rung, abs=20)
    assert sum(kept.staffed) == pytest.approx(3 * 7200)
    assert len(kept.busy) == len(kept.staffed) == parts_of(2) == 4
    assert sum(kept.calls_of.values()) == sum(kept.answered)


@pytest.mark.parametrize("centre", [CENTRE, replace(CENTRE, missed=0.3, break_every_seconds=900, wrap_up_seconds=40)])
def test_nobody_s_way_depends_on_tasks_that_have_ended(centre: ContactCentre, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day in which they are forgotten at once is the day in which they are kept as TaskRouter keeps them."""
    forgetting = play(plan(centre))
    monkeypatch.setattr(headless, "Engine", lambda **given: Engine(**{**given, "keeps_ended": True}))
    keeping = play(plan(centre))

    assert [asdict(call) for call in forgetting.calls] == [asdict(call) for call in keeping.calls]
    assert (forgetting.busy, forgetting.away) == (keeping.busy, keeping.away)


def test_who_is_away_is_not_there() -> None:
    """Breaks and missed Reservations count, also those that go on when the day ends."""
    kept = figures(plan(replace(CENTRE, break_every_seconds=600, break_seconds=600, patience_seconds=None)))
    assert 0.3 < sum(kept.staffed) / (3 * 7200) < 0.8
    assert sum(kept.busy) <= sum(kept.staffed)


def test_a_day_is_its_plan_s() -> None:
    """Played twice, and from a copy that went to another process, it is the same; another day is another one."""
    first = plan(CENTRE)
    assert figures(first) == figures(first) == figures(pickle.loads(pickle.dumps(first)))  # noqa: S301
    assert figures(plan(CENTRE, day=1)) != figures(first)
