"""How an explanation looks: text for the terminal, HTML for the notebook, and nothing that a stranger wrote runs."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from labkit.display import Lines, time_of_day
from labkit.engine.diagnosis.findings import (
    Ahead,
    ChangeKind,
    FilterFinding,
    FilterState,
    Findings,
    HistoryStep,
    Reason,
    ReasonKind,
    RoutingChoice,
    SkipFinding,
    SuggestedChange,
    Suggestion,
    TargetFinding,
    TargetState,
    TaskFacts,
    WorkerFinding,
    WorkerTally,
)
from labkit.engine.lint import Warned
from labkit.explain.explanation import Explanation, LintReport
from labkit.explain.from_json import read
from labkit.explain.tree import TreeNode
from labkit.explain.tree_builder import MOST_RESERVATIONS, MOST_STEPS
from labkit.expressions import Trace

NASTY = "<script>alert(1)</script><img src=x onerror=alert(1)>&\"'"
AT = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)
TRACE = Trace("a AND b", value=False, reads=(("a", NASTY),), reason=NASTY, children=(
    Trace("a", value=False, reads=(("a", NASTY),), reason=NASTY),
))  # fmt: skip
FULL = Findings(
    at=AT,
    task=TaskFacts(sid="WT1", status="pending", attributes={NASTY: NASTY}, channel=NASTY, queue=NASTY, workflow=NASTY),
    headline=NASTY,
    filters=(FilterFinding(name=NASTY, state=FilterState.NO_MATCH, expression=NASTY, trace=TRACE),),
    targets=(
        TargetFinding(
            state=TargetState.CURRENT,
            queue=NASTY,
            queue_expression=NASTY,
            timeout_seconds=30,
            ends_at_age=90,
            seconds_left=12,
            skip=SkipFinding(expression=NASTY, holds=True, counts={"available": 1}),
            priority=0,
            known_worker=NASTY,
            known_by="sid",
        ),
    ),
    workers=(
        WorkerFinding(sid="WK1", name=NASTY, activity=NASTY, place=1, order=NASTY),
        WorkerFinding(
            sid="WK2",
            name="Bob",
            activity="Offline",
            reasons=(
                Reason(kind=ReasonKind.QUEUE_EXPRESSION, text=NASTY, trace=TRACE),
                Reason(kind=ReasonKind.ACTIVITY, text="is Offline"),
            ),
        ),
    ),
    more_workers=3,
    tally=(WorkerTally(kind=ReasonKind.ACTIVITY, count=4),),
    ahead=(Ahead(task_sid="WT2", priority=4, waiting_seconds=3700, channel=NASTY),),
    ahead_count=2,
    suggestions=(
        Suggestion(
            text=NASTY, changes=(SuggestedChange(kind=ChangeKind.CAPACITY, sid="WK2", name="default", value=2),)
        ),
    ),
    choices=(
        RoutingChoice(at=AT, reservation_sid="WR1", worker=NASTY, outcome="accepted", because=(NASTY,), trace=TRACE),
    ),
    history=(HistoryStep(at=AT, seconds=1.5, text=NASTY),),
    notes=(NASTY,),
    unknown=(NASTY,),
)


class Tags(HTMLParser):
    """The tags of a page and their attributes, and whether all that was opened was closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[Any]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_nothing_that_a_stranger_wrote_becomes_html() -> None:
    """Names, attributes, expressions and reasons are text, wherever they stand."""
    page = Tags(Explanation(FULL)._repr_html_())

    assert page.tags == {"style", "div", "ul", "li", "details", "summary", "span", "strong"}
    assert page.attributes <= {"class", "open"}
    assert page.open == []


def test_a_report_of_the_linter_is_text_too() -> None:
    """The same for warnings."""
    report = LintReport((Warned(where=NASTY, rule="r", what=NASTY, why=NASTY, fix=NASTY),))

    assert "<script>" not in report._repr_html_().split("</style>")[1]
    assert str(report).startswith("1 warning.\n✗ ")
    assert str(LintReport(())) == "Nothing to remark."


def test_the_text_is_a_tree() -> None:
    """The headline first, then two blanks for each level."""
    said = str(Explanation(FULL)).splitlines()

    assert said[0] == NASTY
    assert "What would have to change" in said
    assert any(line.startswith("  → ") and line.endswith(": 12 s left") for line in said)
    assert "    timeout 30 s, so until the Task's age is 1 min 30 s: time limits add up from its creation" in said
    assert f"    known_worker_sid {NASTY}" in said
    assert "  Task WT2: priority 4, waiting 1 h 1 min, channel " + NASTY in said
    assert "  and 1 Task more" in said
    assert repr(Explanation(FULL)) == str(Explanation(FULL))


def lines_under(title: str, found: Findings) -> list[str]:
    """The branch's lines, without what is under them."""
    [branch] = [node for node in Explanation(found).as_data()["lines"] if node["text"] == title]
    return [line["text"] for line in branch["children"]]


def test_moments_are_told_as_the_panels_tell_them() -> None:
    """In UTC; and how much later, where that says something."""
    steps = [HistoryStep(at=AT, seconds=seconds, text="It.") for seconds in (0, 0.04, 1.5, 65, 90_000)]
    clock = time_of_day(AT)

    assert lines_under("What happened (times in UTC)", replace(FULL, history=tuple(steps))) == [
        f"{clock} It.",
        f"{clock} It.",
        f"{clock} (+1.5 s) It.",
        f"{clock} (+1 min 5 s) It.",
        f"{clock} (+1 d 1 h) It.",
    ]
    assert lines_under("Reservations", FULL) == [f"{NASTY}: Reservation accepted, made at {clock} UTC"]
    past = replace(FULL, at=AT + timedelta(days=1))
    assert lines_under("Reservations", past)[0].endswith(f"{time_of_day(AT, today=past.at)} UTC")


def test_of_a_long_way_the_latest_is_shown() -> None:
    """A Task can be reserved a thousand times; what is not shown is counted."""
    long = replace(FULL, choices=FULL.choices * 1000, history=FULL.history * 2003)

    assert len(lines_under("Reservations", long)) == 1 + MOST_RESERVATIONS
    assert lines_under("Reservations", long)[0] == "990 Reservations before these"
    assert lines_under("What happened (times in UTC)", long)[0] == "1,943 events before these"
    assert len(lines_under("What happened (times in UTC)", long)) == 1 + MOST_STEPS


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("pending", "it is here, without a time limit"),
        ("reserved", "it is here, without a time limit"),
        ("assigned", "taken here"),
        ("completed", "taken here"),
        ("canceled", "it was here at the end"),
    ],
)
def test_a_task_that_is_over_is_not_there_any_more(status: str, words: str) -> None:
    """What the current target says, by the Task's status."""
    target = TargetFinding(state=TargetState.CURRENT, queue="Support")
    found = replace(FULL, task=TaskFacts(sid="WT1", status=status), targets=(target,))

    assert lines_under("Targets", found) == [f"Support: {words}"]


def test_a_new_task_is_not_0_s_old() -> None:
    """Nor is what is served before it."""
    found = replace(FULL, ahead=(replace(FULL.ahead[0], waiting_seconds=0),))

    assert "0 s" not in str(Explanation(found)).replace("30 s", "")
    assert "age less than 1 s" in str(Explanation(found))


def test_each_part_of_an_expression_says_what_it_came_to() -> None:
    """The values that it read, or why it is false; not again what stands above it."""
    level = Trace("level > 2", value=True, reads=(("level", 5),), reason="")
    team = Trace("team == 'x'", value=False, reads=(("team", "y"),), reason='team is "y", not "x".')
    both = Trace("level > 2 AND team == 'x'", value=False, reads=(), reason=team.reason, children=(level, team))
    taken = FilterFinding(name="F", state=FilterState.NO_MATCH, expression=both.text, trace=both)
    reason = Reason(kind=ReasonKind.QUEUE_EXPRESSION, text='does not match: team is "y", not "x"', trace=both)
    worker = WorkerFinding(sid="WK1", name="Alice", activity="Offline", reasons=(reason,))
    said = str(Explanation(replace(FULL, filters=(taken,), workers=(worker,), more_workers=0))).splitlines()

    assert [line for line in said if line.startswith("    ✓ level")] == ["    ✓ level > 2: level is 5"] * 2
    assert [line for line in said if line.startswith("    ✗ team")] == [
        '    ✗ team == \'x\': team is "y", not "x"',
        "    ✗ team == 'x'",
    ]


def test_control_characters_stay_out_of_terminals() -> None:
    """A stranger's text cannot move the cursor, colour the screen or begin a new line."""
    [line] = Lines([TreeNode("a\x1b[31mb\r\nc\x07")]).as_text()

    assert line == "a\N{REPLACEMENT CHARACTER}[31mb c\N{REPLACEMENT CHARACTER}"


def test_details_fold() -> None:
    """Open where it says so, closed where not; a leaf has nothing to fold."""
    html = Lines([TreeNode("a", (TreeNode("b"),)), TreeNode("c", (TreeNode("d"),), is_open=False)]).as_html()

    assert html.count("<details") == 2
    assert html.count('<details class="plain" open>') == 1


def test_json_comes_back_as_it_was() -> None:
    """Every part, through JSON and back."""
    document = json.loads(json.dumps(asdict(FULL), default=lambda moment: moment.isoformat()))

    assert read(Findings, document) == FULL


@pytest.mark.parametrize("document", [{}, [], None, {"at": "yesterday"}, 3])
def test_what_has_another_shape_is_refused(document: object) -> None:
    """By one of the errors that the caller foresees."""
    with pytest.raises((TypeError, ValueError, KeyError, AttributeError)):
        read(Findings, document)


def test_a_panel_gets_the_tree_as_values() -> None:
    """JSON values only; each Worker's line is marked as one, so that it can be filtered."""
    data = json.loads(json.dumps(Explanation(FULL).as_data()))

    assert (data["task"], data["headline"], data["at"]) == ("WT1", NASTY, AT.timestamp() * 1000)
    assert {tuple(sorted(line)) for line in data["lines"]} == {("children", "mark", "open", "text", "topic")}
    [workers] = [line for line in data["lines"] if line["text"] == "Workers"]
    assert [line["topic"] for line in workers["children"]] == ["worker", "worker", ""]
