"""A Workflow with the way of a Task through it: one that is tried, and one of TaskRouter's."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labkit.engine import commands as c
from labkit.engine.diagnosis import Findings, explain_task
from labkit.engine.refusals import InvalidParameter
from labkit.explain.task_way import TaskPlace
from labkit.explain.trial_workspace import WORKSPACE_SID, TrialQueue, TrialTask, TrialWorker, TrialWorkspace
from labkit.explain.workflow_trial import WorkflowTrial, try_workflow

NOON = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
SPANISH, ENGLISH, EVERYONE = (f"WQ{number:032x}" for number in (1, 2, 3))
ALICE = f"WK{1:032x}"
QUEUES = [
    TrialQueue(sid=SPANISH, name="Spanish", target_workers='languages HAS "es"'),
    TrialQueue(sid=ENGLISH, name="English", target_workers='languages HAS "en"'),
    TrialQueue(sid=EVERYONE, name="Everyone", target_workers="1==1"),
]
FILTERS: list[dict[str, Any]] = [
    {
        "filter_friendly_name": "Spanish first",
        "expression": 'language == "es"',
        "targets": [
            {"queue": SPANISH, "timeout": 30, "skip_if": "workers.available == 0", "priority": 5},
            {"queue": ENGLISH, "timeout": 60, "order_by": "worker.level DESC"},
            {"queue": EVERYONE},
        ],
    },
    {"expression": "agent != null", "targets": [{"queue": SPANISH, "known_worker_friendly_name": "task.agent"}]},
]
DEFAULT = {"queue": EVERYONE}


def workspace(alice: str = "Offline") -> TrialWorkspace:
    """Alice speaks both languages; of the two who speak English, Carol is the better one."""
    both, english = {"languages": ["en", "es"], "level": 4}, {"languages": ["en"]}
    return TrialWorkspace(
        now=NOON,
        activities={"Offline": ("WA" + "1" * 32, False), "Available": ("WA" + "2" * 32, True)},
        task_queues=QUEUES,
        workers=[
            TrialWorker(key="alice", name="Alice", sid=ALICE, attributes=both, activity=alice),
            TrialWorker(key="bob", name="Bob", attributes={**english, "level": 2}, activity="Available"),
            TrialWorker(key="carol", name="Carol", attributes={**english, "level": 7}, activity="Available"),
        ],
    )


def tried(*filters: Any, on: TrialWorkspace | None = None, default: Any = DEFAULT, **attributes: Any) -> WorkflowTrial:
    """The way of a Task with these attributes."""
    routing = {"filters": list(filters) or FILTERS, **({"default_filter": default} if default else {})}
    task = TrialTask(key="task", name="A Task", attributes=attributes)
    return try_workflow(json.dumps({"task_routing": routing}), on or workspace(), name="Care", task=task)


def states(trial: WorkflowTrial) -> list[tuple[str, list[str]]]:
    """What became of each filter, and of its targets."""
    return [(each.state, [target.state for target in each.targets]) for each in trial.filters]


def test_a_skipped_target_says_by_which_counts_and_the_next_one_has_the_task() -> None:
    """The Task goes to the English ones, and order_by says who is asked."""
    trial = tried(language="es")
    assert states(trial) == [
        ("taken", ["passed", "current", "ahead"]),
        ("not looked at", [""]),
        ("not looked at", [""]),
    ]
    spanish, english, _ = trial.filters[0].targets
    assert spanish.why == (
        "skipped: skip_if holds (workers.available is 0, workers.unavailable is 1), and nobody could take it at once"
    )
    assert english.why == "until the Task is 1 min old"
    assert trial.way is not None
    assert (trial.way.place, trial.way.is_real) == (TaskPlace.TAKEN, False)
    assert trial.way.text == "It would be reserved for Carol at once, from TaskQueue English."
    assert trial.way.workers == (
        (True, "Carol may have it: number 1 (level is 7)"),
        (True, "Bob may have it: number 2 (level is 2)"),
        (False, "Alice is Offline, an Activity that takes no Tasks"),
    )


def test_nothing_is_skipped_while_somebody_is_there() -> None:
    """What is changed of a Worker changes the way."""
    trial = tried(language="es", on=workspace(alice="Available"))
    assert states(trial)[0] == ("taken", ["current", "ahead", "ahead"])
    assert trial.way is not None
    assert trial.way.text == "It would be reserved for Alice at once, from TaskQueue Spanish."


def test_a_target_that_is_not_skipped_says_by_which_counts() -> None:
    """They are those of the TaskQueue, and know nothing of the target's expression (docs: …/worker-presence)."""
    target = {"queue": ENGLISH, "expression": "worker.level > 8", "skip_if": "workers.available == 0", "timeout": 30}
    trial = tried({"expression": "1==1", "targets": [target, {"queue": EVERYONE}]})
    assert trial.filters[0].targets[0].why == (
        "until the Task is 30 s old, skip_if does not hold (workers.available is 2, workers.unavailable is 1)"
    )


def test_a_known_worker_who_is_nobody_raises_the_alert() -> None:
    """The Task waits all the same (docs: /docs/taskrouter/workflow-configuration/known-agent-routing)."""
    trial = tried(agent="Zoe")
    assert trial.filters[0].why == "language is not set"
    assert states(trial)[1] == ("taken", ["current"])
    assert trial.filters[1].targets[0].known_worker == "the friendly name in task.agent"
    assert trial.way is not None
    assert trial.way.place is TaskPlace.WAITS
    assert trial.way.text.startswith("It would wait: it is for a known Worker alone")
    assert [each.split(":")[0] for each in trial.way.alerts] == ["Alert 40154"]


def test_the_default_filter_takes_what_no_filter_has_taken() -> None:
    """And says so."""
    trial = tried(language="en")
    assert states(trial)[2] == ("taken", ["current"])
    assert trial.filters[2].why == "takes what no filter has taken"


def test_without_a_default_filter_the_task_is_not_made() -> None:
    """Each filter says why not."""
    trial = tried(default=None, language="fr")
    assert [each.why for each in trial.filters] == ['language is "fr", not "es"', "agent is not set"]
    assert trial.way is not None
    assert trial.way.place is TaskPlace.REFUSED
    assert "HTTP 400" in trial.way.text


def test_a_task_that_is_skipped_out_is_canceled() -> None:
    """The last target was skipped as well, and there is no default filter; the filter after it is asked before that."""
    only = {"expression": "1==1", "targets": [{"queue": SPANISH, "skip_if": "workers.available == 0"}]}
    trial = tried(only, default=None)
    assert states(trial) == [("taken", ["passed"])]
    assert trial.way is not None
    assert (trial.way.place, trial.way.text) == (
        TaskPlace.ENDED,
        "It would be canceled at once: the last target of its filter was skipped.",
    )
    trial = tried(only, FILTERS[0], language="es")
    assert states(trial)[:2] == [("left", ["passed"]), ("taken", ["passed", "current", "ahead"])]


def test_the_linter_looks_at_this_workflow_alone() -> None:
    """That TaskQueues are reached by none of its targets is no matter: other Workflows may lead to them."""
    trial = tried({"expression": "a == 1", "targets": [{"queue": SPANISH, "timeout": 30}]}, default=None)
    assert [(each.rule, each.where) for each in trial.remarks] == [
        ("last-target-timeout", "$.task_routing.filters[0].targets[0].timeout")
    ]


def test_what_the_linter_says_of_several_places_is_said_once() -> None:
    """With all of them."""
    order = {"queue": ENGLISH, "order_by": "worker.rank"}
    trial = tried({"expression": "a == 1", "targets": [order, {**order}]})
    (remark,) = trial.remarks
    assert remark.where == (
        "$.task_routing.filters[0].targets[0].order_by and $.task_routing.filters[0].targets[1].order_by"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not valid JSON at line 1, column 2"),
        ('{"task_routing": {"filters": [{"targets": []}]}}', "$.task_routing.filters[0].expression: this key"),
        ('{"task_routing": {"default_filter": {"queue": "WQ0"}}}', "TaskQueue 'WQ0' is not in this Workspace"),
    ],
)
def test_a_configuration_that_taskrouter_would_not_take_is_refused(text: str, said: str) -> None:
    """By the engine, in its words."""
    with pytest.raises(InvalidParameter, match=said.replace("$", r"\$").replace("[", r"\[")):
        try_workflow(text, workspace(), name="Care")


def found_after(seconds: int, *, default: Any = DEFAULT) -> tuple[str, Findings]:
    """A configuration without skip_if, and why its Task is where it is so many seconds after it was made."""
    first = {**FILTERS[0], "targets": [{"queue": SPANISH, "timeout": 30}, {"queue": SPANISH}]}
    configuration = json.dumps({"task_routing": {"filters": [first], "default_filter": default}})
    engine = workspace().engine()
    made = c.CreateWorkflow(workspace_sid=WORKSPACE_SID, friendly_name="Care", configuration=configuration)
    workflow = engine.handle(made, NOON).result
    command = c.CreateTask(workspace_sid=WORKSPACE_SID, workflow_sid=workflow.sid, attributes='{"language": "es"}')
    task, later = engine.handle(command, NOON).result, NOON + timedelta(seconds=seconds)
    engine.tick(later)
    return configuration, explain_task(engine.states[WORKSPACE_SID], task.sid, later)


def test_a_task_of_taskrouter_is_where_it_is_now() -> None:
    """Not where it would be if it was made now: its first target's time was over."""
    configuration, found = found_after(40)
    task = TrialTask(key="task", name="WT…1", attributes={})
    trial = try_workflow(configuration, workspace(), name="Care", task=task, found=found)
    assert states(trial)[0] == ("taken", ["passed", "current"])
    assert trial.filters[0].targets[0].why == "left: 30 s were over"
    assert trial.way is not None
    assert (trial.way.is_real, trial.way.place) == (True, TaskPlace.WAITS)
    assert trial.way.text == found.headline


def test_a_task_of_an_older_configuration_has_no_way_in_this_one() -> None:
    """It would be a wrong one."""
    _, found = found_after(0)
    task = TrialTask(key="task", name="WT…1", attributes={})
    trial = try_workflow(
        json.dumps({"task_routing": {"filters": FILTERS}}), workspace(), name="Care", task=task, found=found
    )
    assert {each.state for each in trial.filters} == {""}
    assert trial.way is not None
    assert trial.way.text.endswith("It goes by another configuration than this one.")


def of_the_workspace(found: Findings, configuration: str) -> WorkflowTrial:
    """The way of a Task that TaskRouter has."""
    task = TrialTask(key="task", name="WT…1", attributes={})
    return try_workflow(configuration, workspace(), name="Care", task=task, found=found)


def test_a_task_that_is_handed_over_or_was_sent_straight_to_somebody_is_in_no_target() -> None:
    """Its filter is told, if it has one; of other targets than these it is said that they are others."""
    configuration, found = found_after(0)
    trial = of_the_workspace(replace(found, targets=()), configuration)
    assert states(trial)[0] == ("taken", ["", ""])
    direct = replace(found, filters=(), targets=(), notes=("No filter was asked.",))
    trial = of_the_workspace(direct, configuration)
    assert trial.way is not None
    assert trial.way.text.endswith(" No filter was asked.")
    trial = of_the_workspace(replace(found, targets=found.targets[:1]), configuration)
    assert trial.way is not None
    assert "another configuration" in trial.way.text


def test_a_task_that_somebody_has_was_taken_in_its_target() -> None:
    """Its time there is no matter any more."""
    configuration, found = found_after(0)
    for status, why in (("assigned", "taken here"), ("canceled", "it was here at the end")):
        trial = of_the_workspace(replace(found, task=replace(found.task, status=status)), configuration)
        assert [each.why for each in trial.filters[0].targets] == [why, ""]


def test_attributes_that_taskrouter_does_not_take_are_refused() -> None:
    """Here they are nested too deep."""
    deep: Any = 1
    for _ in range(70):
        deep = [deep]
    trial = tried(deep=deep)
    assert trial.way is not None
    assert trial.way.place is TaskPlace.REFUSED
    assert "nested more than 64 levels deep" in trial.way.text


def test_without_a_task_it_is_what_is_written_down() -> None:
    """As text, and as JSON values that a panel takes."""
    configuration = json.dumps({"task_routing": {"filters": FILTERS}})
    trial = try_workflow(configuration, workspace(), name="Care")
    assert str(trial).startswith(
        'Workflow Care:\n  Spanish first: language == "es"\n    Spanish (languages HAS "es")\n'
    )
    data = trial.as_data()
    assert json.loads(json.dumps(data)) == data
    assert data["way"] is None
    assert data["filters"][0]["targets"][0]["timeout"] == "30 s"


def test_it_shows_itself_with_the_way() -> None:
    """The Workflow, then what becomes of the Task."""
    text = str(tried(language="es"))
    assert '✓ Spanish first: language == "es" (takes it: language is "es")' in text
    assert "→ English" in text
    assert "A Task: It would be reserved for Carol at once" in text
