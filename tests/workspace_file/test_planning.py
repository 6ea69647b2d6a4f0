"""Planning, without a Workspace: what differs, in which order, and what cannot be."""

from __future__ import annotations

import pytest

from labkit.errors import WorkspaceFileError
from labkit.workspace_file import Document, Plan
from labkit.workspace_file.checking import check_syntax
from labkit.workspace_file.plan import PlanStep
from labkit.workspace_file.planning import plan

NOW = """\
version: 1
workspace:
  {multi_task_enabled: true, prioritize_queue_order: FIFO, default_activity: Offline, timeout_activity: Offline}
activities:
- {friendly_name: Offline, available: false}
- {friendly_name: Available, available: true}
task_channels:
- {unique_name: voice, friendly_name: Voice, channel_optimized_routing: false}
- {unique_name: fax, friendly_name: Fax, channel_optimized_routing: false}
task_queues:
- {friendly_name: Sales, target_workers: 1==1, max_reserved_workers: 1, task_order: FIFO}
workflows:
- friendly_name: Everybody
  task_reservation_timeout: 120
  configuration: {task_routing: {filters: [], default_filter: {queue: Sales}}}
workers:
- friendly_name: Alice
  activity: Offline
  attributes: {languages: [en, es], level: 1}
  channels: {voice: {capacity: 1, available: true}, fax: {capacity: 1, available: true}}
"""


def planned(wanted: str, *, remove: bool = False, now: str = NOW) -> Plan:
    """The plan for a file that says this much."""
    return plan(Document.from_text(now), Document.from_text(f"version: 1\n{wanted}"), remove=remove)


def told(changes: Plan) -> list[str]:
    """The lines of the plan, without the headline and what is kept."""
    return [line for line in str(changes).splitlines()[1:] if not line.startswith(PlanStep.KEEP)]


def test_a_workspace_differs_in_nothing_from_itself() -> None:
    """And the plan is as good as False."""
    changes = plan(Document.from_text(NOW), Document.from_text(NOW))
    assert (changes.changes, bool(changes), str(changes)) == ((), False, "The Workspace is as the file says.")


def test_what_a_file_leaves_out_is_left() -> None:
    """An empty file changes nothing, and says what is in the Workspace only, dependants first."""
    changes = planned("")
    assert not changes
    assert str(changes).splitlines() == [
        "6 in the Workspace only, and left there.",
        "· Workflow 'Everybody'",
        "· TaskQueue 'Sales'",
        "· Worker 'Alice'",
        "· TaskChannel 'fax'",
        "· Activity 'Offline'",
        "· Activity 'Available'",
    ]


@pytest.mark.parametrize(
    ("wanted", "lines"),
    [
        ("workers: [{friendly_name: Alice}]", []),
        ("workers: [{friendly_name: ALICE}]", ["~ Worker 'ALICE'", "    friendly_name: 'Alice' → 'ALICE'"]),
        (
            "workers: [{friendly_name: Alice, attributes: {languages: [en], level: 1}}]",
            ["~ Worker 'Alice'", '    attributes.languages: ["en", "es"] → ["en"]'],
        ),
        (
            "workers: [{friendly_name: Alice, attributes: {level: true, x.y: null}}]",
            [
                "~ Worker 'Alice'",
                '    attributes.languages: ["en", "es"] → nothing',
                "    attributes.level: 1 → true",
                "    attributes.'x.y': null",
            ],
        ),
        (
            "workers: [{friendly_name: Alice, channels: {voice: {capacity: 3}}}]",
            ["~ Worker 'Alice'", "    channels.voice.capacity: 1 → 3"],
        ),
        (
            (
                "workflows: [{friendly_name: Everybody, configuration: {task_routing: {filters: [], default_filter: "
                "{queue: Sales, priority: 1}}}}]"
            ),
            ["~ Workflow 'Everybody'", "    configuration.task_routing.default_filter.priority: 1"],
        ),
        (
            "workspace: {prioritize_queue_order: LIFO}",
            ["~ The Workspace", "    prioritize_queue_order: 'FIFO' → 'LIFO'"],
        ),
        (
            "task_queues: [{friendly_name: sales, target_workers: 'a == \"b\"'}]",
            ["+ TaskQueue 'sales'", "    target_workers: 'a == \"b\"'"],
        ),
    ],
)
def test_what_differs_is_told_value_by_value(wanted: str, lines: list[str]) -> None:
    """Only what the file says is compared, as deep as the two have the same form; Workers go by name in any case."""
    assert told(planned(wanted)) == lines


def test_what_is_named_is_made_first_and_removed_last() -> None:
    """The order of a file's sections is of no matter."""
    wanted = """\
workflows: [{friendly_name: W, configuration: {task_routing: {default_filter: {queue: Q}}}}]
task_queues: [{friendly_name: Q, reservation_activity: Break, target_workers: 'worker.sid == "${Worker "Bob"}"'}]
workers: [{friendly_name: Bob, activity: Break, channels: {chat2: {capacity: 2}}}]
workspace: {default_activity: Break, timeout_activity: Break}
task_channels: [{unique_name: chat2}]
activities: [{friendly_name: Break}]
"""
    assert [line for line in told(planned(wanted, remove=True)) if not line.startswith(" ")] == [
        "+ Activity 'Break'",
        "+ TaskChannel 'chat2'",
        "~ The Workspace",
        "+ Worker 'Bob'",
        "+ TaskQueue 'Q'",
        "+ Workflow 'W'",
        "- Workflow 'Everybody'",
        "- TaskQueue 'Sales'",
        "- Worker 'Alice'",
        "- TaskChannel 'fax'",
        "- Activity 'Offline'",
        "- Activity 'Available'",
    ]


@pytest.mark.parametrize(
    ("wanted", "line", "path", "says"),
    [
        ("workers:\n- friendly_name: B\n  activity: Lunch", 4, "workers[0].activity", "no Activity 'Lunch'"),
        ("workers:\n- friendly_name: B\n  channels: {telex: {}}", 4, "workers[0].channels.telex", "no TaskChannel"),
        ("workspace:\n  default_activity: offline", 3, "workspace.default_activity", "known are: 'Offline', 'Avail"),
        ("task_queues:\n- friendly_name: Q\n  assignment_activity: B", 4, "task_queues[0].assignment_activity", "'B'"),
        (
            (
                "workflows:\n- friendly_name: W\n  configuration:\n    task_routing:\n      filters:\n"
                "      - expression: 1==1\n"
                "        targets:\n        - queue: Sails"
            ),
            9,
            "workflows[0].configuration.task_routing.filters[0].targets[0].queue",
            "no TaskQueue 'Sails' in the file or in the Workspace; known are: 'Sales'",
        ),
        (
            'task_queues:\n- friendly_name: Q\n  target_workers: worker.sid == "${Worker "Bob"}"',
            4,
            "task_queues[0].target_workers",
            "no Worker 'bob'",
        ),
        (
            "task_queues:\n- friendly_name: Q\n  target_workers: ${HOME}",
            4,
            "task_queues[0].target_workers",
            "'${HOME}'",
        ),
    ],
)
def test_a_name_that_names_nothing_is_refused(wanted: str, line: int, path: str, says: str) -> None:
    """With the place, and the names that there are."""
    with pytest.raises(WorkspaceFileError) as refused:
        planned(wanted)
    assert (refused.value.line, refused.value.path) == (line, path)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ("", "The Workspace has Activity 'Offline' as its default_activity"),
        (
            "activities: [{friendly_name: Offline}]\nworkers: [{friendly_name: Alice, activity: Break}]",
            "no Activity 'Break'",
        ),
        (
            (
                "activities: [{friendly_name: Break}]\nworkspace: {default_activity: Break, timeout_activity: Break}\n"
                "workers: [{friendly_name: Alice}]"
            ),
            "Worker 'Alice' has Activity 'Offline' as its activity",
        ),
        (
            "activities: [{friendly_name: Offline}]\nworkflows: [{friendly_name: Everybody}]",
            "Workflow 'Everybody' has TaskQueue 'Sales' as its queue",
        ),
    ],
)
def test_what_is_still_named_cannot_be_removed(wanted: str, says: str) -> None:
    """What the file leaves out counts as it is in the Workspace."""
    with pytest.raises(WorkspaceFileError) as refused:
        planned(wanted, remove=True)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ("activities: [{friendly_name: Available, available: false}]", "activities[0].available: whether an Activity"),
        ("workspace: {multi_task_enabled: false}", "workspace.multi_task_enabled: a Workspace that is multitasking"),
        ("workflows: [{friendly_name: New}]", "workflows[0]: a new Workflow needs its configuration."),
    ],
)
def test_what_cannot_be_done_is_in_the_plan(wanted: str, says: str) -> None:
    """It is shown beside the change, for a diff is read before a load."""
    changes = planned(wanted)
    [obstacle] = changes.obstacles
    assert obstacle.startswith(says)
    assert f"    ! {obstacle}" in told(changes)
    assert f"! {obstacle}" in changes._repr_html_().replace("&#x27;", "'")
    assert "1 of these cannot be done" in changes.headline


@pytest.mark.parametrize(
    ("wanted", "line", "path", "says"),
    [
        (
            "task_queues:\n- friendly_name: Q\n  target_workers: languages HAS",
            4,
            "task_queues[0].target_workers",
            "position",
        ),
        (
            (
                "workflows:\n- friendly_name: Everybody\n  configuration:\n    task_routing:\n      filters:\n"
                "      - expression: a == b c\n        targets: [{queue: Sales}]"
            ),
            7,
            "workflows[0].configuration.task_routing.filters[0].expression",
            "does not parse",
        ),
        (
            "workflows:\n- friendly_name: Everybody\n  configuration:\n    task_routing:\n      filters: 7",
            6,
            "workflows[0].configuration.task_routing.filters",
            "a list is needed",
        ),
    ],
)
def test_syntax_is_checked_before_anything_is_sent(wanted: str, line: int, path: str, says: str) -> None:
    """By the line and the path in the file."""
    document = Document.from_text(f"version: 1\n{wanted}")
    with pytest.raises(WorkspaceFileError) as refused:
        check_syntax(plan(Document.from_text(NOW), document), document)
    assert (refused.value.line, refused.value.path) == (line, path)
    assert says in str(refused.value)


def test_what_is_not_sent_is_not_checked() -> None:
    """An account may hold an expression that this lab cannot read; it is left alone."""
    strange = NOW.replace("1==1", "'@@@'")
    document = Document.from_text(strange)
    check_syntax(plan(Document.from_text(strange), document), document)


def test_a_plan_in_a_notebook_takes_every_text_for_a_strangers() -> None:
    """Names and attributes stand there as text, whatever they hold; in a terminal no control character gets through."""
    name = "<img src=x onerror=alert(1)>"
    changes = planned(f"workers: [{{friendly_name: '{name}', attributes: {{'<b>': \"\\e[31m\"}}}}]")
    html = changes._repr_html_()
    assert "<img" not in html
    assert "<b>" not in html
    assert "&lt;img" in html
    assert "\x1b" not in str(changes)
    assert repr(changes) == str(changes)


def test_a_plan_in_a_notebook_has_a_mark_beside_each_colour() -> None:
    """Added, changed and removed can be told apart without seeing colours."""
    html = planned("workers: [{friendly_name: Alice, activity: Available}, {friendly_name: Bob}]")._repr_html_()
    for mark, word in (("+", "add"), ("~", "change"), ("·", "in the Workspace only")):
        assert f'<span class="mark" title="{word}">{mark}</span>' in html
    assert "<del>'Offline'</del> → <ins>'Available'</ins>" in html.replace("&#x27;", "'")
