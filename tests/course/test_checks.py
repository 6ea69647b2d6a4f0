"""The lessons' checks on made-up records: each step is seen when it happened and only then."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from labkit.callback_events import EventCallback
from labkit.callbacks import Exchange
from labkit.course import CallbackAnswer, LessonRecord, Report
from labkit.course import check as check_lesson
from labkit.course.checks import lesson_meant
from labkit.course.lessons import LESSONS
from labkit.course.record import EVENTS_READ, observe
from labkit.course.report import LessonReport, StepResult
from labkit.errors import SettingsError
from labkit.vocabulary import EventType

START = datetime(2026, 11, 22, 8, tzinfo=UTC)
HERE = "http://127.0.0.1:8080/assignment_callback"
NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


@dataclass
class Story:
    """Writes a record, one happening a second."""

    events: list[EventCallback] = field(default_factory=list)
    answers: list[CallbackAnswer] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)

    def event(self, kind: str, task: str | None = None, reservation: str | None = None, **data: Any) -> Story:
        """One more event."""
        at = START + timedelta(seconds=len(self.events))
        about = {"task_sid": task, "worker_sid": "WK1", "reservation_sid": reservation, **data}
        event_sid = f"EV{len(self.events)}"
        self.events.append(EventCallback.from_log(about, at=at, sid=event_sid, event_type=kind, description=""))
        return self

    def answer(self, reservation: str, answer: str, **changed: Any) -> Story:
        """One more assignment callback whose answer somebody remembers."""
        told: dict[str, Any] = {"url": HERE, "status": 200, **changed}
        self.answers.append(CallbackAnswer(reservation_sid=reservation, body=answer, **told))
        return self

    def exchange(self, reservation: str, answer: str, **changed: Any) -> Story:
        """One more exchange of this kernel's callback server; a signed assignment callback, if nothing is changed."""
        self.exchanges.append(
            Exchange(
                at=START,
                method="POST",
                path="/assignment_callback",
                url_seen=HERE,
                signed_url=HERE,
                form={"ReservationSid": reservation},
                status=200,
                response_body=answer,
                signature="valid",
            )
        )
        self.exchanges[-1] = replace(self.exchanges[-1], **changed)
        return self

    def record(self) -> LessonRecord:
        """The record so far, of a Workspace in which there is nothing."""
        source: Any = Gathered(self)
        now = START + timedelta(days=1)
        seen = observe(client=source, sdk=None, exchanges=source.exchanges, answers=self.answers, now=now)
        return replace(seen, workspace={}, callback_urls={}, tasks=())


def switched(story: Story, name: str = "Alice", activity: str = "Available") -> Story:
    """Somebody's Activity changes."""
    return story.event("worker.activity.update", worker_name=name, worker_activity_name=activity)


def reserved(story: Story, task: str, answer: str) -> Story:
    """A Task gets the Reservation WR-<task>, whose callback is answered."""
    return story.event("reservation.created", task, f"WR-{task}").answer(f"WR-{task}", answer)


def accepted(story: Story, task: str) -> Story:
    """The Reservation WR-<task> is accepted."""
    return story.event("reservation.accepted", task, f"WR-{task}", task_assignment_status="assigned")


def whole_first_lesson() -> Story:
    """Everything the first notebook asks for, completion aside."""
    story = switched(Story().event("task.created", "WT1"))
    accepted(reserved(story, "WT1", "{}"), "WT1")
    story.event("task.completed", "WT1").event("task.created", "WT2")
    return accepted(reserved(story, "WT2", '{"instruction": "accept"}'), "WT2")


def check(lesson: str | None, record: LessonRecord) -> Report:
    """The check of a lesson, on this record."""
    return check_lesson(lesson, lambda _lesson: record)


def done(report: Report) -> list[bool]:
    """Which steps are done."""
    return [step.done for step in report.steps]


def test_nothing_is_done_in_an_empty_record() -> None:
    """Every step of every lesson is missing, and says what to do."""
    for lesson in LESSONS:
        report = check(lesson, Story().record())
        assert not any(done(report))
        assert not report.complete
        assert all(step.hint for step in report.steps)


def test_the_first_lesson_is_seen_step_by_step() -> None:
    """Each happening ticks its own steps off and no others."""
    story = Story()
    assert done(check("00_start_here", story.event("task.created", "WT1").record())) == [True, True] + [False] * 6
    assert sum(done(check("00_start_here", switched(story).record()))) == 3
    assert sum(done(check("00_start_here", reserved(story, "WT1", "{}").record()))) == 4
    assert sum(done(check("00_start_here", accepted(story, "WT1").record()))) == 6


def test_the_first_lesson_is_complete_without_its_optional_step() -> None:
    """One Task is still open, so only the optional step is missing."""
    report = check("00_start_here", whole_first_lesson().record())
    assert report.complete
    assert [step.title for step in report.steps if not step.done] == ["All accepted Tasks were completed"]
    assert all(done(check("00_start_here", whole_first_lesson().event("task.completed", "WT2").record())))


def test_an_instruction_is_not_a_person() -> None:
    """Accepted by instruction alone, the step about the person stays open, and the other way round."""
    by_instruction = accepted(reserved(Story(), "WT1", '{"instruction": "accept"}'), "WT1").record()
    by_person = accepted(reserved(Story(), "WT1", "{}"), "WT1").record()
    titles = ["A person accepted it (the callback was answered {})", "A Reservation was accepted by instruction"]
    for record, wanted in ((by_instruction, [False, True]), (by_person, [True, False])):
        steps = {step.title: step.done for step in check("00_start_here", record).steps}
        assert [steps[title] for title in titles] == wanted


def test_a_task_that_was_reserved_at_once_did_not_wait() -> None:
    """With Alice available beforehand, nothing was waited for."""
    story = switched(Story()).event("task.created", "WT1").event("reservation.created", "WT1", "WR1")
    steps = {step.title: step.done for step in check("00_start_here", story.record()).steps}
    assert not steps["A Task waited, because nobody was available"]


def test_events_that_name_nothing_are_borne() -> None:
    """A check is not stopped by a log it cannot make sense of."""
    story = Story()
    for kind in EventType:
        story.event(kind)
    story.exchange("", "[" * 100_000, form={}).exchange("", "\ud800").answer("", "[" * 100_000).answer("", "\ud800")
    for lesson in LESSONS:
        assert len(check(lesson, story.record()).steps) == len(LESSONS[lesson].steps)


@pytest.mark.parametrize(("name", "activity"), [("Bob", "Available"), ("Alice", "Unavailable")])
def test_only_alice_becoming_available_counts(name: str, activity: str) -> None:
    """Bob speaks no Spanish, and Unavailable is not Available."""
    report = check("00_start_here", switched(Story(), name, activity).record())
    assert not any(step.done for step in report.steps if step.title.startswith("Alice"))


def asked_about(story: Story, minutes: int, answer: str, **changed: Any) -> Story:
    """A Task that takes so long is reserved, and the callback is answered."""
    story.event("reservation.created", f"WT{minutes}", f"WR{minutes}", task_attributes={"minutes": minutes})
    return story.answer(f"WR{minutes}", answer, **changed)


def test_the_callback_lesson_is_complete_when_all_was_seen() -> None:
    """A view of one's own gave both kinds of answer, each where it should; that the lab's did is not enough."""
    accept, mine = '{"instruction": "accept"}', {"url": f"{HERE}/mine"}
    story = asked_about(asked_about(Story(), 3, accept), 45, "{}")
    steps = check("02_assignment_callback", story.record()).steps
    assert [step.number for step in steps if not (step.done or step.optional)] == [2, 4, 5, 6]
    asked_about(asked_about(story, 3, accept, **mine), 45, "{}", **mine)
    assert check("02_assignment_callback", story.record()).complete


def test_progress_is_found_again_after_the_kernel_was_restarted() -> None:
    """What the server of the former kernel answered, the sandbox remembers; its own exchanges are gone."""
    mine = {"url": f"{HERE}/mine"}
    story = asked_about(asked_about(Story(), 3, '{"instruction": "accept"}', **mine), 45, "{}", **mine)
    assert not story.exchanges
    assert check("02_assignment_callback", story.record()).complete
    assert check("00_start_here", whole_first_lesson().record()).complete


@pytest.mark.parametrize(("milliseconds", "who"), [(999, "instruction"), (1000, "person")])
def test_where_no_answer_is_remembered_the_pause_tells_who_accepted(milliseconds: int, who: str) -> None:
    """The sandbox was ended since: nobody reads a Reservation and clicks within a second."""
    story = Story().event("task.created", "WT1").event("reservation.created", "WT1", "WR-WT1")
    accepted(story, "WT1")
    story.events[-1] = replace(story.events[-1], at=story.events[-2].at + timedelta(milliseconds=milliseconds))
    done_steps = {step.title for step in check("00_start_here", story.record()).steps if step.done}
    assert ("A Reservation was accepted by instruction" in done_steps) == (who == "instruction")
    assert ("A person accepted it (the callback was answered {})" in done_steps) == (who == "person")


@pytest.mark.parametrize(
    ("changed", "seen"),
    [
        ({"signature": "wrong", "status": 403}, {"A request without a right signature was turned away"}),
        (
            {"response_body": '{"instruction": '},
            {"An assignment callback came, with a right signature", "A wrong answer was tried"},
        ),
        (
            {"response_body": '{"instruction": ["accept"]}'},
            {"An assignment callback came, with a right signature"},
        ),
        (
            {"status": 500},
            {"An assignment callback came, with a right signature", "A wrong answer was tried"},
        ),
    ],
)
def test_a_callback_that_went_wrong_counts_only_as_that(changed: dict[str, Any], seen: set[str]) -> None:
    """A wrong signature is no callback, and an answer TaskRouter cannot read is no answer."""
    report = check("02_assignment_callback", Story().exchange("WR1", "{}", **changed).record())
    assert {step.title for step in report.steps if step.done} == seen


@pytest.mark.parametrize(
    "path",
    [
        "/home/me/lab/notebooks/02_assignment_callback.ipynb",
        r"C:\lab\notebooks\02_assignment_callback.ipynb",
        "02_assignment_callback-Copy1.ipynb",
        "work/02_assignment_callback-newer.ipynb",
    ],
)
def test_the_lesson_is_known_by_the_notebook(path: str) -> None:
    """Jupyter tells the kernel its notebook's path, with the system's own slashes; a copy is the same lesson."""
    environ = {"JPY_SESSION_NAME": path}
    assert lesson_meant(None, started_for=None, environ=environ) == "02_assignment_callback"
    assert lesson_meant("00", started_for=None, environ=environ) == "00_start_here"
    assert lesson_meant(None, started_for="00_start_here", environ=environ) == "00_start_here"


@pytest.mark.parametrize("environ", [{}, {"JPY_SESSION_NAME": "/home/me/Untitled.ipynb"}])
def test_an_unknown_notebook_gets_all_lessons(environ: dict[str, str]) -> None:
    """Whoever works elsewhere sees everything."""
    assert lesson_meant(None, started_for=None, environ=environ) is None
    assert [lesson.name for lesson in check(None, Story().record()).lessons] == list(LESSONS)


def test_a_lesson_that_is_not_there_lists_those_that_are() -> None:
    """A name given by hand is not guessed at."""
    with pytest.raises(SettingsError, match=r"There is no lesson .99..*00_start_here"):
        lesson_meant("99", started_for=None)


def test_each_lesson_has_its_notebook() -> None:
    """A lesson without a notebook could never be found."""
    assert {f"{name}.ipynb" for name in LESSONS} <= {path.name for path in NOTEBOOKS.glob("*.ipynb")}


def test_a_report_reads_as_text() -> None:
    """Marks, hints for what is missing only, and how far one is."""
    text = str(check("00_start_here", Story().event("task.created", "WT1").record()))
    assert "✓ 1. A Task was created\n" in text
    assert "Press Create Task in the composer." not in text
    assert "· 3. Alice was switched to Available\n      Choose Available" in text
    assert "2 of 7 steps done. (By TaskRouter's log of the last 30 days" in text


def test_a_report_is_safe_html() -> None:
    """Whatever a step says is text, never markup."""
    bad = "<script>alert(1)</script>"
    lesson = LessonReport(bad, bad, (StepResult(bad, done=False, hint=bad), StepResult(bad, done=True, hint="")))
    html = Report((lesson,))._repr_html_()
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 4
    assert html.count('class="done"') == html.count('class="missing"') == 1


class Gathered:
    """A desk and a callback server in one, as far as `observe` looks at them."""

    def __init__(self, story: Story) -> None:
        self.exchanges = story.exchanges
        self.asked: tuple[datetime, int] | None = None
        self._events = story.events

    def events(self, *, since: datetime, limit: int) -> list[EventCallback]:
        """All events."""
        self.asked = since, limit
        return list(self._events)


def test_a_record_goes_back_as_far_as_the_log() -> None:
    """Thirty days, which is as long as TaskRouter keeps it; of a busy Workspace's only the newest."""
    source: Any = Gathered(Story())
    observe(client=source, sdk=None, exchanges=source.exchanges, answers=(), now=START)
    assert source.asked == (START - timedelta(days=30), EVENTS_READ)
