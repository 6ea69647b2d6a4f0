"""An expression tried on Workers and Tasks: whom it matches, why not the others, and where it has a mistake."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from labkit.explain.expression_trial import ExpressionPlace, ExpressionTrial, try_expression
from labkit.explain.trial_workspace import TrialChannel, TrialQueue, TrialTask, TrialWorker, TrialWorkspace

THURSDAY_NOON = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
SPANISH = TrialTask(key="task", name="a Task", attributes={"language": "es"})
OFFLINE, AVAILABLE = ("WA" + "1" * 32, False), ("WA" + "2" * 32, True)


def workspace(*tasks: TrialTask, **attributes: Any) -> TrialWorkspace:
    """Workers by name with their attributes, all of them Available, and one more name that somebody typed twice."""
    workers = [
        TrialWorker(key=name, name=name.capitalize(), attributes=each, activity="Available")
        for name, each in attributes.items()
    ]
    activities = {"Offline": OFFLINE, "Available": AVAILABLE}
    return TrialWorkspace(now=THURSDAY_NOON, workers=workers, tasks=tasks, activities=activities)


TWO = workspace(SPANISH, alice={"languages": ["en", "es"], "level": 4}, bob={"languages": ["en"]})


def tried(text: str, place: ExpressionPlace = ExpressionPlace.QUEUE, on: TrialWorkspace = TWO) -> ExpressionTrial:
    """An expression, asked of these two and the Task."""
    return try_expression(text, place, on, task=SPANISH)


def test_a_queue_s_expression_is_asked_of_each_worker() -> None:
    """Who matches with what was read, who does not with why not, and what would have to be so."""
    trial = tried('languages HAS "es"')
    assert [(each.name, each.matches, each.why, each.change) for each in trial.verdicts] == [
        ("Alice", True, 'languages is ["en", "es"]', ""),
        ("Bob", False, 'languages is ["en"], without "es"', 'Set languages to ["en", "es"].'),
    ]
    assert trial.headline == "1 of 2 Workers matches."
    assert trial.remarks == ()


def test_a_filter_s_expression_is_asked_of_each_task_and_knows_the_time_of_day() -> None:
    """As the engine asks it, when a Task is made (docs: /docs/taskrouter/time-of-day-routing)."""
    trial = tried('language == "es" AND taskrouter.dayOfWeek == "Thu"', ExpressionPlace.FILTER)
    assert [(each.key, each.matches) for each in trial.verdicts] == [("task", True)]
    assert trial.headline == "The only Task matches."


def test_a_target_s_expression_is_asked_of_each_worker_for_one_task() -> None:
    """`task.` is the Task, `worker.` the Worker; without them a name means nothing."""
    trial = tried("worker.languages HAS task.language", ExpressionPlace.TARGET)
    assert [each.matches for each in trial.verdicts] == [True, False]
    assert trial.headline == "1 of 2 Workers matches with a Task."
    (bare,) = {each.why for each in tried('languages HAS "es"', ExpressionPlace.TARGET).verdicts}
    assert bare == "languages means nothing here: write task.languages or worker.languages"


def test_names_that_taskrouter_gives_a_worker_are_there() -> None:
    """The Activity and the channels count as the engine counts them, and are not offered as attributes to set."""
    queue = TrialQueue(sid="WQ" + "1" * 32, name="Any", target_workers="1==1")
    busy = TrialWorker(
        key="carol", name="Carol", activity="Available", channels={"default": TrialChannel(capacity=2, taken=1)}
    )
    on = TrialWorkspace(
        now=THURSDAY_NOON, workers=[busy], task_queues=[queue], activities={"Available": AVAILABLE, "Offline": OFFLINE}
    )
    (verdict,) = tried('activity_name == "Available" AND channel.default.assigned_tasks == 1', on=on).verdicts
    assert verdict.matches
    (verdict,) = tried('activity_name == "Offline"', on=on).verdicts
    assert (verdict.matches, verdict.change) == (False, "")


def test_what_is_advised_was_tried() -> None:
    """Two wishes for one attribute cannot both come true, so nothing is advised."""
    (_, bob) = tried("level == 1 AND level == 2").verdicts
    assert (bob.matches, bob.change) == (False, "")
    assert {each.change for each in tried("languages HAS es").verdicts} == {""}


def test_a_mistake_is_shown_at_its_place() -> None:
    """Nobody is judged by an expression that cannot be read."""
    trial = tried('languages HAS "es" AN level > 3')
    assert trial.verdicts == ()
    data = trial.as_data()
    assert data["error"]["position"] == 19
    assert data["error"]["picture"].split("\n")[1].index("^") == 19
    assert "^" in str(trial)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "empty-target-workers"),
        ('language HAS "es"', "unknown-attribute"),
        ('languages == "es"', "scalar-on-list"),
        ("languages HAS es", "unquoted-string"),
    ],
)
def test_the_linter_speaks_as_it_does_of_the_workspace(text: str, rule: str) -> None:
    """What works and is probably not meant."""
    assert rule in {each.rule for each in tried(text).remarks}


def test_of_filters_and_targets_the_linter_knows_what_was_seen() -> None:
    """A letter case that differs; in a filter what `task.` leads to are the Tasks."""
    assert {each.rule for each in tried('Language == "es"', ExpressionPlace.FILTER).remarks} == {"letter-case"}
    assert {each.rule for each in tried("worker.Level > 3", ExpressionPlace.TARGET).remarks} == {"letter-case"}


def test_two_workers_of_one_name_are_both_judged() -> None:
    """While somebody types; TaskRouter would refuse the second."""
    twins = [TrialWorker(key=str(number), name="Zoe", attributes={"level": number}) for number in (1, 2)]
    trial = tried("level > 1", on=TrialWorkspace(now=THURSDAY_NOON, workers=twins))
    assert [each.matches for each in trial.verdicts] == [False, True]


def test_it_shows_itself_as_a_table() -> None:
    """With the linter's remarks under it."""
    assert str(tried('languages HAS "es"')) == (
        'languages HAS "es": 1 of 2 Workers matches.\n'
        '  Alice  matches         languages is ["en", "es"]\n'
        '  Bob    does not match  languages is ["en"], without "es"'
    )
    assert 'write "es"' in str(tried("languages HAS es"))
