"""The playground at its comm: what is typed is tried on the Workspace as it stands, and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from live.workspace import ALICE, BOB, NOON, OFFLINE, FakeWorkspaceClient, Line, News, sid

from labkit.background import Jobs
from labkit.engine.diagnosis import Findings
from labkit.engine.diagnosis.findings import FilterFinding, FilterState, TargetFinding, TargetState, TaskFacts
from labkit.errors import ArgumentError, TaskRouterError
from labkit.live.workspace import LiveWorkspace
from labkit.widgets.playground.panel import Playground
from labkit.widgets.playground.rows import TASKS_SHOWN, WORKERS_SHOWN

GetLine = Callable[[Any], Line]
SPANISH = 'languages HAS "es"'
ATTACK = '<img src=x onerror="alert(1)">'
WT, WW = sid("WT", 1), sid("WW", 1)


def finder(asked: list[str]) -> Callable[[str], Findings]:
    """Says of every Task that it has waited for a minute in the first target; remembers whom it was asked about."""

    def find(task: str) -> Findings:
        asked.append(task)
        return Findings(
            at=NOON,
            task=TaskFacts(sid=task, status="pending"),
            headline="Waiting, really.",
            filters=(
                FilterFinding(name="filter 1", state=FilterState.TAKEN, expression='language == "es"'),
                FilterFinding(name="Default", state=FilterState.NOT_LOOKED_AT),
            ),
            targets=(TargetFinding(state=TargetState.CURRENT, queue="Spanish", ends_at_age=60),),
        )

    return find


@pytest.fixture
def asked() -> list[str]:
    """The Tasks that were asked about."""
    return []


@pytest.fixture
def panel(
    live: LiveWorkspace, desk: FakeWorkspaceClient, jobs: Jobs, asked: list[str], line: GetLine
) -> Iterator[Playground]:
    """A playground in which nothing was typed."""
    panel = Playground(live, client=desk, jobs=jobs, find_task=finder(asked))  # type: ignore[arg-type]
    yield panel
    panel.close()


def typed(panel: Playground, line: GetLine, **draft: Any) -> dict[str, Any]:
    """Send a draft as a page does, and give the state that follows."""
    number = panel.state["draft"]["number"] + 1
    assert line(panel).click("draft", **{"by": "page", "number": number, "place": "queue", **draft})["ok"]
    state: dict[str, Any] = panel.state
    return state


def test_who_matches_is_in_the_state_and_nothing_is_changed(
    panel: Playground, desk: FakeWorkspaceClient, line: GetLine
) -> None:
    """Of each Worker, with why not; all that TaskRouter was asked is to read."""
    before = len(desk.calls)
    judged = typed(panel, line, expression=SPANISH)["judged"]
    assert {key: each["matches"] for key, each in judged["verdicts"].items()} == {ALICE: True, BOB: False}
    assert judged["verdicts"][BOB]["why"] == 'languages is ["en"], without "es"'
    assert "task_queues.create(" in judged["call"]
    assert {name for name, *_ in desk.calls[before:]} <= {"workflow_configuration"}


def test_what_is_older_than_what_was_sent_before_is_not_tried(panel: Playground, line: GetLine) -> None:
    """Two messages of a page may overtake each other in the pool; of another page, the later one counts."""
    typed(panel, line, expression="1==1", number=7)
    typed(panel, line, expression="1==0", number=6)
    assert panel.state["draft"]["expression"] == "1==1"
    typed(panel, line, expression="1==0", number=1, by="another page")
    assert panel.state["draft"]["expression"] == "1==0"
    assert panel.state["judged"]["number"] == 1


def test_rows_are_changed_added_and_taken_away(panel: Playground, line: GetLine) -> None:
    """Bob learns Spanish, Alice is away, Zoe is new, and what of Max is no JSON is said and nobody judges."""
    workers = {
        BOB: {"attributes": '{"languages": ["es"]}'},
        ALICE: None,
        "new-1": {"name": "Zoe", "attributes": '{"languages": []}', "note": "Available"},
        "new-2": {"name": "Max", "attributes": "{'languages': 1}"},
        "no-row": {"name": "a row that was not added here"},
    }
    judged = typed(panel, line, expression=SPANISH, workers=workers)["judged"]
    assert {key: each["matches"] for key, each in judged["verdicts"].items()} == {BOB: True, "new-1": False}
    assert "double quotes" in judged["problems"]["new-2"]["text"]


def test_a_mistake_in_the_expression_has_its_place(panel: Playground, line: GetLine) -> None:
    """And there are no verdicts that would be of the expression before it."""
    judged = typed(panel, line, expression="languages HAS")["judged"]
    assert judged["verdicts"] == {}
    assert judged["error"]["position"] == len("languages HAS")


def test_the_workers_follow_the_workspace(panel: Playground, news: News, line: GetLine) -> None:
    """But what was changed by hand stays so."""
    typed(panel, line, expression='activity_name == "Available"', workers={ALICE: {"note": "Available"}})
    news.activity(BOB, OFFLINE)
    state = line(panel).wait_for(lambda state: state["workers"][1]["note"] == "Offline")
    assert not state["judged"]["verdicts"][BOB]["matches"]
    assert state["judged"]["verdicts"][ALICE]["matches"]


def test_a_task_of_the_workspace_is_where_it_is_and_a_changed_one_where_it_would_be(
    panel: Playground, news: News, asked: list[str], line: GetLine
) -> None:
    """Whoever changes its attributes, or a Worker, or the configuration, asks what would be."""
    news.task("task.created", WT, "pending", WorkflowSid=WW)
    line(panel).wait_for(lambda state: state["followed"] == WT)
    way = typed(panel, line)["picture"]["workflow"]["way"]
    assert (way["text"], way["is_real"]) == ("Waiting, really.", True)
    way = typed(panel, line, tasks={"own": {"attributes": "{}"}})["picture"]["workflow"]["way"]
    assert way["is_real"], "another Task was changed"
    changes: list[dict[str, Any]] = [
        {"tasks": {WT: {"attributes": '{"language": "en"}'}}},
        {"workers": {BOB: None}},
        {"configuration": json.dumps({"task_routing": {"filters": [], "default_filter": {"queue": sid("WQ", 1)}}})},
        {"workflow": sid("WW", 2)},
    ]
    for change in changes:
        before = len(asked)
        way = typed(panel, line, **change)["picture"]["workflow"]["way"]
        assert not way["is_real"], change
        assert len(asked) == before


def test_a_broken_configuration_says_where_and_the_last_picture_stays(panel: Playground, line: GetLine) -> None:
    """So that nothing jumps while somebody types."""
    good = typed(panel, line, workflow=WW)["picture"]
    assert [each["name"] for each in good["workflow"]["filters"]] == ["filter 1", "Default"]
    assert "workflows('WW" in good["call"]
    bad = good["configuration"].replace(sid("WQ", 1), "WQ0")
    picture = typed(panel, line, workflow=WW, configuration=bad)["picture"]
    assert picture["problem"]["line"] == bad[: bad.index("WQ0")].count("\n") + 1
    assert "is not in this Workspace" in picture["problem"]["text"]
    assert [each["name"] for each in picture["workflow"]["filters"]] == ["filter 1", "Default"]
    assert picture["call"] == ""


def test_the_newest_task_is_followed_also_when_it_has_ended_and_a_chosen_one_stays(
    panel: Playground, news: News, line: GetLine
) -> None:
    """One that fell out of its Workflow is what a learner wants to see; the chosen one does not leave the list."""
    news.task("task.created", WT, "pending")
    typed(panel, line, task=WT)
    for number in range(2, TASKS_SHOWN + 3):
        news.task("task.created", sid("WT", number), "pending")
    news.task("task.canceled", sid("WT", TASKS_SHOWN + 2), "canceled")
    state = line(panel).wait_for(lambda state: state["tasks"][0]["note"] == "Task canceled")
    assert [row["key"] for row in state["tasks"]][-2:] == [WT, "own"]
    assert (len(state["tasks"]), state["followed"]) == (TASKS_SHOWN + 2, WT)
    assert typed(panel, line)["followed"] == sid("WT", TASKS_SHOWN + 2)
    assert typed(panel, line, task="new-1", tasks={"own": None})["followed"] == sid("WT", TASKS_SHOWN + 2)


def test_an_account_is_asked_about_a_chosen_task_and_once(
    live: LiveWorkspace, desk: FakeWorkspaceClient, jobs: Jobs, asked: list[str], news: News, line: GetLine
) -> None:
    """Until the Task itself has changed; the newest may be another one each second, and requests are counted."""
    panel = Playground(
        live,
        client=desk,
        jobs=jobs,
        find_task=finder(asked),
        counts_requests=True,  # type: ignore[arg-type]
    )
    news.task("task.created", WT, "pending", WorkflowSid=WW)
    line(panel).wait_for(lambda state: state["tasks"][0]["key"] == WT)
    assert (typed(panel, line)["followed"], asked) == ("own", [])
    typed(panel, line, expression="1==1", task=WT)
    news.activity(BOB, OFFLINE)
    line(panel).wait_for(lambda state: state["workers"][1]["note"] == "Offline")
    typed(panel, line, expression="1==0", task=WT)
    assert asked == [WT]
    assert desk.calls.count(("workflow_configuration", WW)) == 1
    panel.close()


HOSTILE = (
    "",
    "\x00",
    "\ud800",
    '{"a": "\ud800"}',
    "[" * 3000,
    '{"a":' * 600 + "1" + "}" * 600,
    "(" * 3000,
    "1==1 OR " * 200 + "1==1",
    "[]",
    '{"task_routing": []}',
    '{"task_routing": {"default_filter": {"queue": "\'"}}}',
    "x" * 100_000,
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_is_typed_has_an_answer(panel: Playground, line: GetLine, text: str) -> None:
    """In each field by itself; and it can be shown as a still."""
    drafts: list[dict[str, Any]] = [
        {name: text} for name in ("expression", "place", "queue", "task", "workflow", "configuration")
    ]
    for row in ({"name": text}, {"attributes": text}, {"note": text}):
        drafts += [{"expression": "a == 1", "workers": {BOB: row}}]
        drafts += [{"expression": "a == 1", "place": "filter", "tasks": {"new-1": row}, "task": "new-1"}]
    for draft in drafts:
        typed(panel, line, **draft)
        panel.still()._repr_html_()


def test_what_a_stranger_wrote_travels_as_text(panel: Playground, news: News, line: GetLine) -> None:
    """And stands in the still and in `print` as text."""
    typed(panel, line, expression=f'languages HAS "{ATTACK[:4]}"', workers={BOB: {"name": ATTACK}})
    assert ATTACK in str(panel)
    assert ATTACK not in panel.still()._repr_html_()
    assert "&lt;img src=x" in panel.still()._repr_html_()


def test_the_call_gives_the_expression_to_the_queue_it_was_taken_from(panel: Playground, line: GetLine) -> None:
    """For a filter it is a line of the configuration, with its quotes escaped."""
    assert "task_queues('WQ" in typed(panel, line, expression=SPANISH, queue=sid("WQ", 1))["judged"]["call"]
    call = typed(panel, line, expression='language == "es"', place="filter")["judged"]["call"]
    assert json.loads(f"{{{call}}}") == {"expression": 'language == "es"'}


def test_printed_it_is_the_table(panel: Playground) -> None:
    """Where there is no browser; what is not said stays as it is."""
    panel.called_with(SPANISH)
    assert str(panel).startswith(f"{SPANISH}: 1 of 2 Workers matches.\n  Alice  matches ")
    assert [(each.name, each.matches) for each in panel.verdicts] == [("Alice", True), ("Bob", False)]
    assert "Workflow" not in str(panel)
    panel.called_with(workflow="Care")
    assert str(panel).startswith("Workflow Care:")
    panel.called_with()
    assert panel.state["draft"]["expression"] == SPANISH
    assert str(panel).startswith(SPANISH)
    assert "Workflow Care:" in str(panel)
    panel.called_with('language == "es"', place="filter")
    assert "Your own Task" in str(panel)


def test_a_workflow_is_called_by_its_name_or_given_as_it_is(panel: Playground) -> None:
    """As a mapping or as JSON, too; another name is said to be none."""
    panel.called_with(workflow="Sales")
    assert "Workflow Sales:" in str(panel)
    panel.called_with(workflow={"task_routing": {"default_filter": {"queue": sid("WQ", 1)}}})
    assert panel.workflow is not None
    assert [each.name for each in panel.workflow.filters] == ["Default"]
    panel.called_with(workflow="{")
    assert "column 2" in str(panel)
    with pytest.raises(ArgumentError, match="there is Care, Sales"):
        panel.called_with(workflow="Nobody's")
    with pytest.raises(ArgumentError, match="'queue', 'filter', 'target'"):
        panel.called_with("1==1", place="nowhere")


def test_a_workflow_that_was_made_a_moment_ago_is_asked_for(panel: Playground, desk: FakeWorkspaceClient) -> None:
    """By its name or SID, and once; what is known is not asked for, and what is not there is refused."""
    asked = ("workflows",)
    before = desk.calls.count(asked)
    panel.called_with(workflow="Sales")
    assert desk.calls.count(asked) == before
    desk.workflow_names.append("Made in the cell before")
    panel.called_with(workflow="Made in the cell before")
    assert str(panel).startswith("Workflow Made in the cell before:")
    desk.workflow_names.append("And another")
    panel.called_with(workflow=sid("WW", 4))
    assert str(panel).startswith("Workflow And another:")
    assert desk.calls.count(asked) == before + 2
    with pytest.raises(ArgumentError, match="there is Care, Sales, Made in the cell before, And another"):
        panel.called_with(workflow="Nobody's")
    assert desk.calls.count(asked) == before + 3


def test_what_is_typed_in_one_half_is_tried_and_the_other_half_stays(
    panel: Playground, live: LiveWorkspace, line: GetLine
) -> None:
    """Within one minute: then filters may see another time of day. A change of the rows is a trial of both."""
    live.clock.learn(NOON, paused=True)
    typed(panel, line, expression=SPANISH)
    verdicts, drawn = panel.verdicts, panel.workflow
    live.clock.learn(NOON + timedelta(seconds=59), paused=True)
    typed(panel, line, expression="1==1")
    assert panel.workflow is drawn
    assert panel.verdicts is not verdicts
    verdicts = panel.verdicts
    typed(panel, line, expression="1==1", workflow=sid("WW", 2))
    assert panel.verdicts is verdicts
    assert panel.workflow is not drawn
    drawn = panel.workflow
    typed(panel, line, expression="1==1", workflow=sid("WW", 2), workers={ALICE: None})
    assert panel.verdicts is not verdicts
    assert panel.workflow is not drawn


def test_what_differs_in_its_kind_alone_is_tried_again(panel: Playground, line: GetLine) -> None:
    """To Python `1` equals `True`; to an expression it does not."""
    for level, matches in (("true", False), ("1", True), ("1.5", False)):
        workers = {BOB: {"attributes": f'{{"level": {level}}}'}}
        judged = typed(panel, line, expression="level == 1", workers=workers)["judged"]
        assert judged["verdicts"][BOB]["matches"] is matches, level


def test_the_time_of_day_that_a_filter_reads_is_that_of_now(
    panel: Playground, live: LiveWorkspace, line: GetLine
) -> None:
    """Also where nothing else was changed."""
    draft = {"expression": "taskrouter.currentMin == 5", "place": "filter"}
    live.clock.learn(NOON + timedelta(minutes=4, seconds=59), paused=True)
    assert not typed(panel, line, **draft)["judged"]["verdicts"]["own"]["matches"]
    live.clock.learn(NOON + timedelta(minutes=5), paused=True)
    assert typed(panel, line, **draft)["judged"]["verdicts"]["own"]["matches"]


def test_a_workflow_that_cannot_be_read_is_said_to_be_so(
    panel: Playground, desk: FakeWorkspaceClient, line: GetLine
) -> None:
    """And who matches is found out all the same."""
    typed(panel, line, expression=SPANISH)
    desk.error = TaskRouterError("TaskRouter did not answer.")
    state = typed(panel, line, expression=SPANISH, workflow=sid("WW", 2))
    assert state["trouble"] == "TaskRouter did not answer."
    assert state["judged"]["verdicts"][ALICE]["matches"]


def test_of_many_workers_the_first_are_rows_and_all_are_judged(
    live: LiveWorkspace, panel: Playground, desk: FakeWorkspaceClient, line: GetLine
) -> None:
    """The others are counted."""
    (alice,) = (each for each in desk.everyone.values() if each.sid == ALICE)
    for number in range(100, 100 + WORKERS_SHOWN):
        each = sid("WK", number)
        desk.everyone[each] = type(alice)(
            each, f"W{number}", alice.activity_name, alice.activity_sid, False, {"languages": ["es"]}, NOON
        )
    live.reconcile()
    line(panel).wait_for(lambda state: state["more_workers"] == 2)
    judged = typed(panel, line, expression=SPANISH)["judged"]
    assert judged["headline"] == f"{WORKERS_SHOWN + 1} of {WORKERS_SHOWN + 2} Workers match."
    assert len(judged["verdicts"]) == WORKERS_SHOWN


def test_another_workspace_is_another_beginning(panel: Playground, live: LiveWorkspace, line: GetLine) -> None:
    """What was changed of Workers that are no more is void; the expression stays."""
    typed(panel, line, expression=SPANISH, workers={ALICE: None}, task=WT)
    live.reset()
    state = line(panel).wait_for(lambda state: state["draft"]["expression"] and not state["draft"]["workers"])
    assert (state["draft"]["expression"], state["draft"]["task"]) == (SPANISH, "")
