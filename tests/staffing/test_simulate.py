"""`labkit.simulate`: held to Erlang's formulas, the same in every pool, and routed by a Workspace file."""

from __future__ import annotations

import json
import math
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

import pytest
from random_sizes import sized

import labkit
from labkit.errors import ArgumentError, LabError, WorkspaceFileError
from labkit.simulation.contact_centre import ContactCentre
from labkit.staffing.measure import Measure
from labkit.staffing.result import SimulatedDays
from labkit.staffing.simulate import warm_up_seconds

SMALL: dict[str, Any] = {
    "workers": 4,
    "calls_per_hour": 40,
    "talk_seconds": 300,
    "hours": 2,
    "days": 3,
    "warm_up_hours": 0,
}


def figures(result: SimulatedDays) -> list[object]:
    """All that could differ."""
    measures = (result.waiting_probability, result.mean_wait_seconds, result.abandoned, result.occupancy)
    return [*((each.value, each.low, each.high) for each in measures), list(result.days)]


# --- Erlang ----------------------------------------------------------------------------------------------------------

LOADS: dict[float, tuple[int, float, float]] = sized(
    QUICK := {0.5: (20, 7, 2), 0.6: (20, 3, 2), 0.7: (16, 3, 2), 0.8: (8, 6, 3), 0.9: (6, 12, 10)},
    ci=QUICK,
    soak={
        0.5: (20, 30, 1 / 3),
        0.6: (20, 25, 1 / 3),
        0.7: (20, 30, 1 / 3),
        0.8: (20, 45, 1 / 3),
        0.9: (20, 120.5, 1 / 3),
    },
)
"""Days, hours, and how wide the interval of the mean wait may be, compared with the wait: a queue that is nearly full
forgets slowly, so it takes long to be known well."""


@pytest.mark.chance
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("load", list(LOADS))
def test_erlang_c_is_within_the_interval(load: float) -> None:
    """Two Workers, 60 s a call, nobody gives up: with 99.5 %, in an interval no wider than a third of the value.

    For the mean wait that takes half a million calls, so only a soak is so exact about it.
    """
    days, hours, widest = LOADS[load]
    calls_per_hour = load * 2 * 60
    result = labkit.simulate(
        workers=2, calls_per_hour=calls_per_hour, talk_seconds=60, hours=hours, days=days, seed=1, progress=False
    )
    formula = labkit.erlang_c(workers=2, calls_per_hour=calls_per_hour, talk_seconds=60)

    assert_within(result.waiting_probability, formula.waiting_probability, widest=1 / 3)
    assert_within(result.mean_wait_seconds, formula.mean_wait_seconds, widest=widest)
    assert_within(result.occupancy, load, widest=1 / 3)


def assert_within(measure: Measure, expected: float, *, widest: float) -> None:
    """The 99.5 % interval has it, and is no wider than this part of it."""
    low, high = measure.interval(0.995)
    assert low <= expected <= high
    assert high - low <= widest * expected


@pytest.mark.chance
def test_erlang_a_is_within_the_interval() -> None:
    """Five Workers with more calls than they can talk: who gives up, who waits, how long, and who is answered soon."""
    given = {"workers": 5, "calls_per_hour": 70, "talk_seconds": 300, "patience_seconds": 120.5}
    result = labkit.simulate(**given, hours=8, days=10, seed=1, progress=False)
    formula = labkit.erlang_a(**given)  # type: ignore[arg-type]

    assert_within(result.abandoned, formula.abandoned, widest=1 / 3)
    assert_within(result.waiting_probability, formula.waiting_probability, widest=1 / 3)
    assert_within(result.mean_wait_seconds, formula.mean_wait_seconds, widest=1 / 3)
    assert_within(result.service_level(30), formula.service_level(30), widest=1 / 3)
    assert_within(result.occupancy, formula.occupancy, widest=1 / 3)


def test_an_empty_queue_takes_its_time() -> None:
    """Without a warm-up the first hour of a nearly full centre is far from the long run."""
    nearly_full = {"workers": 2, "calls_per_hour": 110, "talk_seconds": 60, "hours": 0.5, "days": 6}
    cold = labkit.simulate(**nearly_full, warm_up_hours=0, progress=False)  # type: ignore[arg-type]
    warm = labkit.simulate(**nearly_full, warm_up_hours=8, progress=False)  # type: ignore[arg-type]

    assert (cold.centre.warm_up_seconds, warm.centre.warm_up_seconds) == (0, 8 * 3600)
    assert cold.mean_wait_seconds.value < 0.6 * warm.mean_wait_seconds.value


@pytest.mark.parametrize(
    ("given", "hours"),
    [
        ({"calls_per_hour": 12.0 * 9.5}, 52),
        ({"calls_per_hour": 12.0 * 4}, 1 / 3),
        ({"calls_per_hour": 12.0 * 12}, 1 / 3),
        ({"calls_per_hour": 12.0 * 12, "patience_seconds": 600}, 2 / 3),
        ({"calls_per_hour": 12.0 * 9.99}, 100),
        ({"calls_per_hour": 12.0 * 9.5, "arrivals": "day"}, 0),
    ],
)
def test_the_warm_up_is_as_long_as_the_queue_needs(given: dict[str, Any], hours: float) -> None:
    """Ten Workers who talk 300 s: the nearer to full, the longer; with no long run to settle to, hardly any."""
    plain = {"wrap_up_seconds": 0, "answer_seconds": 0, "patience_seconds": None}
    centre = ContactCentre(talk_seconds=300, **{**plain, **given})
    assert warm_up_seconds(None, centre, 10) / 3600 == pytest.approx(hours, rel=0.02)


# --- pools -----------------------------------------------------------------------------------------------------------


def test_equal_seeds_give_equal_days_and_others_do_not() -> None:
    """And a day does not depend on how many there are."""
    first = labkit.simulate(**SMALL, seed=3)
    assert figures(first) == figures(labkit.simulate(**SMALL, seed=3))
    assert figures(first) != figures(labkit.simulate(**SMALL, seed=4))
    assert labkit.simulate(**{**SMALL, "days": 4}, seed=3).days[:3] == first.days


@pytest.fixture(params=["threads", "one process", "two processes"])
def pool(request: pytest.FixtureRequest) -> Iterator[Executor]:
    """Processes are spawned, as they are on macOS and Windows."""
    spawned = multiprocessing.get_context("spawn")
    makers = {
        "threads": lambda: ThreadPoolExecutor(3),
        "one process": lambda: ProcessPoolExecutor(1, mp_context=spawned),
        "two processes": lambda: ProcessPoolExecutor(2, mp_context=spawned),
    }
    with makers[request.param]() as executor:
        yield executor
    resource_tracker._resource_tracker._stop()  # type: ignore[attr-defined]  # a process that would stay to the end


@pytest.mark.process
def test_a_pool_changes_nothing_but_the_time(pool: Executor) -> None:
    """Each day has its own chance, by the seed and its number."""
    assert figures(labkit.simulate(**SMALL, executor=pool)) == figures(labkit.simulate(**SMALL))


def test_what_goes_wrong_in_a_pool_is_said_as_it_is_here(tmp_path: Path) -> None:
    """The same error, and no day is left behind."""
    file = bilingual(tmp_path)
    with ThreadPoolExecutor(1) as executor, pytest.raises(LabError, match="came to nothing") as caught:
        labkit.simulate(**SMALL, workspace=file, callers=[(1, {"selected_language": "fr"})], executor=executor)
    assert "s after the opening" in str(caught.value)


# --- a Workspace file ------------------------------------------------------------------------------------------------


def bilingual(folder: Path, **more: Any) -> Path:
    """Alice speaks both, Bob and Carol English only; each language has a TaskQueue. JSON is YAML."""
    document = {
        "version": 1,
        "activities": [{"friendly_name": "Lunch", "available": False}],
        "workers": [
            {"friendly_name": "Alice", "attributes": {"languages": ["en", "es"]}, "activity": "Offline"},
            {"friendly_name": "Bob", "attributes": {"languages": ["en"]}},
            {"friendly_name": "Carol", "attributes": {"languages": ["en"]}, "channels": {"voice": {"capacity": 2}}},
        ],
        "task_queues": [
            {"friendly_name": language, "target_workers": f"languages HAS '{language}'"} for language in ("en", "es")
        ],
        "workflows": [
            {
                "friendly_name": "By language",
                "configuration": {
                    "task_routing": {
                        "filters": [
                            {"expression": f"selected_language == '{each}'", "targets": [{"queue": each, **more}]}
                            for each in ("en", "es")
                        ]
                    }
                },
            }
        ],
    }
    file = folder / "workspace.yaml"
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def test_a_workspace_file_routes_by_skill(tmp_path: Path) -> None:
    """Who does not speak the language never gets the call, so the one who does has them all."""
    spanish = labkit.simulate(**SMALL, workspace=bilingual(tmp_path), callers=[(1, {"selected_language": "es"})])
    assert spanish.calls_of == {"Alice": sum(len(day.waited) for day in spanish.days), "Bob": 0, "Carol": 0}

    mixed = labkit.simulate(**SMALL, workspace=bilingual(tmp_path))
    assert min(mixed.calls_of.values()) > 0
    assert mixed.mean_wait_seconds.value < spanish.mean_wait_seconds.value
    assert "with 3 Workers" in str(mixed)


def test_a_task_that_leaves_its_workflow_is_a_caller_turned_away(tmp_path: Path) -> None:
    """The target's time is over, and there is no other."""
    result = labkit.simulate(
        **SMALL, workspace=bilingual(tmp_path, timeout=20), callers=[(1, {"selected_language": "es"})]
    )
    assert result.turned_away.value > 0.2
    assert result.abandoned.value == 0
    assert "Callers turned away" in str(result)


def test_a_task_channel_has_a_capacity(tmp_path: Path) -> None:
    """Calls by voice: Carol takes two at a time, so more are answered than with one each."""
    file = bilingual(tmp_path)
    given = {**SMALL, "calls_per_hour": 60, "callers": [(1, {"selected_language": "en"})], "workspace": file}
    voice, default = (labkit.simulate(**given, task_channel=name) for name in ("voice", "default"))
    assert voice.mean_wait_seconds.value < default.mean_wait_seconds.value


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"workflow": "Other"}, "There is no Workflow 'Other' in this Workspace; there are: By language."),
        ({"task_channel": "fax"}, "There is no TaskChannel 'fax'"),
    ],
)
def test_what_is_not_in_the_file_is_said(tmp_path: Path, given: dict[str, Any], said: str) -> None:
    """With what there is."""
    with pytest.raises(WorkspaceFileError, match=said):
        labkit.simulate(**SMALL, workspace=bilingual(tmp_path), **given)


# --- what it shows, and what it refuses ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def result() -> SimulatedDays:
    """A day with two busy times."""
    return labkit.simulate(**SMALL, arrivals="day", patience_seconds=90, progress=False)


def test_it_shows_itself_as_a_table_and_as_plots(result: SimulatedDays) -> None:
    """Text for a terminal; pictures for a page, each with its text for a screen reader and no colour of its own."""
    text, html = str(result), result._repr_html_()
    assert "measured" in text
    assert "Erlang A" in text
    assert "Answered within 20 s" in text
    assert html.count("<svg") == html.count('role="img" aria-label="') == 4
    assert "currentColor" in html
    assert repr(result) == text
    assert str(result.plot()) in text


def test_a_formula_for_one_rate_stands_beside_a_steady_day_only(result: SimulatedDays) -> None:
    """With busy times it is in the plots, for each part of the day."""
    steady = labkit.simulate(**SMALL, patience_seconds=90, progress=False)
    heads = [str(each).splitlines()[1].split() for each in (steady, result)]
    assert heads == [["measured", "from", "to", "Erlang", "A"], ["measured", "from", "to"]]


def test_an_interval_is_students() -> None:
    """Of four days, by hand; of one day nothing is known."""
    measure = Measure([1.0, 2.0, 3.0, 4.0])
    half = 3.1824 * math.sqrt(5 / 3) / 2
    assert (measure.value, measure.low, measure.high) == pytest.approx((2.5, 2.5 - half, 2.5 + half), abs=1e-4)
    assert Measure([0.9, 1.0], most=1.0).high == 1.0
    assert (Measure([0.5], most=1.0).low, Measure([0.5], most=1.0).high) == (0, 1)


def test_long_work_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """On one line, which is empty in the end; unless it is not wanted."""
    monkeypatch.setattr("labkit.staffing.progress.AFTER_SECONDS", 0)
    labkit.simulate(**SMALL)
    said = capsys.readouterr().out
    assert "\r  2 of 3 days" in said
    assert said.endswith("\r")
    labkit.simulate(**SMALL, progress=False)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"workers": 0}, "workers is a whole number, 1 or more; it is 0."),
        ({"days": 1.5}, "days is a whole number"),
        ({"seed": -1}, "seed is a whole number, 0 or more"),
        ({"calls_per_hour": -5}, "calls_per_hour is a number, 0 or more"),
        ({"talk_seconds": math.nan}, "talk_seconds is a number, more than 0; it is nan"),
        ({"patience_seconds": 0}, "patience_seconds is a number, more than 0"),
        ({"warm_up_hours": -1}, "warm_up_hours is a number"),
        ({"executor": "dask"}, "executor is a concurrent.futures.Executor"),
        ({"callers": [{"a": 1}]}, "callers is a list of pairs"),
        ({"patience": 60}, "has no argument 'patience'; did you mean 'patience_seconds'?"),
        ({"workflow": "Main"}, "workflow is one of a Workspace file"),
    ],
)
def test_what_cannot_be_is_said(wrong: dict[str, Any], said: str) -> None:
    """In one sentence, before anything is played."""
    with pytest.raises(ArgumentError) as caught:
        labkit.simulate(**{**SMALL, **wrong})
    assert said in str(caught.value)


def test_nobody_calls() -> None:
    """There is nothing to measure, and it is said when it is asked for."""
    with pytest.raises(LabError, match="Nobody called"):
        str(labkit.simulate(**{**SMALL, "calls_per_hour": 0}))
