"""Who is where in the course, and who is stuck: a row of the wall for each participant. Pure: made from its values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from labkit.course.lesson import Lesson, LessonStep
from labkit.course.lesson_names import number_of
from labkit.course.lessons import LESSONS
from labkit.display import counted, duration
from workshop.room.hub_servers import HubServer, HubServerState
from workshop.room.progress import CourseStanding, LessonStanding

STUCK_AFTER = timedelta(minutes=15)
"""Without a step done. A lesson of 20 minutes has some seven, so it is five times as long as a step takes."""
STUCK_TIMES = 3
"""As often as this the same hint was told; the second time it was nearly the solution."""
SHARES_NOTHING = "Shares nothing: their choice, or no lesson begun yet"
NOTHING_TO_SHARE = "Nothing to share so far"
_SERVERS = {
    HubServerState.RUNNING: "Server running",
    HubServerState.STARTING: "Server starting",
    HubServerState.STOPPED: "No server now",
    HubServerState.NEVER_STARTED: "No server so far",
}
_NOBODY: Mapping[str, datetime] = {}
_NO_SERVERS: Mapping[str, HubServer] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantRow:
    """Where somebody is.

    Attributes:
        name: at the hub.
        lesson: the lesson's number and title; what is known instead where there is none.
        step: the one that they are at, with its number; "" where there is none.
        done, steps: how many steps of the lesson are done, and how many there are, optional ones aside.
        since: when they last got on; None where nobody knows.
        hint: the text of the one that was told last in this lesson; "" where none was.
        told: how often.
        stuck: why they seem stuck, in words; "" where they do not.
        shares: whether they share how far they are.
        server: how their server stands, in words; "" where the hub has said nothing of it.
        server_since: since when, where the hub knows.
        away: whether they have no server, neither running nor starting.
    """

    name: str
    lesson: str
    step: str = ""
    done: int = 0
    steps: int = 0
    since: datetime | None = None
    hint: str = ""
    told: int = 0
    stuck: str = ""
    shares: bool = True
    server: str = ""
    server_since: datetime | None = None
    away: bool = False


def participant_rows(
    people: Mapping[str, CourseStanding],
    *,
    known: Iterable[str] = (),
    at_work: Mapping[str, datetime] = _NOBODY,
    servers: Mapping[str, HubServer] = _NO_SERVERS,
    now: datetime,
) -> list[ParticipantRow]:
    """Everybody's row: first who is stuck, the longest first, then by name; who shares nothing and is away at the end.

    Args:
        people: how far those are who share it.
        known: names of participants, of whom some may share nothing.
        at_work: when somebody last did something in the room: who answers callers there is not stuck in a lesson.
        servers: the participants' servers, as far as the hub has said how they stand. Who has none is not stuck but
            away, and who comes back the next morning is not stuck since the evening.
        now: aware.
    """
    rows = []
    for name in {*people, *known}:
        server = servers.get(name)
        begun = _last(at_work.get(name), server.since if server and server.is_there else None)
        rows.append(_with_server(_row(name, people.get(name), at_work=begun, now=now), server))
    return sorted(rows, key=lambda row: (_place(row), (row.since or now) if row.stuck else now, row.name))


def people_in_lessons(people: Mapping[str, CourseStanding]) -> list[tuple[str, int]]:
    """How many are in each lesson, in the order of the course."""
    counts = Counter(standing.lesson for standing in people.values())
    return [(_lesson_title(name), counts[name]) for name in LESSONS]


def _place(row: ParticipantRow) -> int:
    """A workshop's folder may remember whom the hub knew a month ago: who is not here does not stand between others."""
    if row.stuck:
        return 0
    return 2 if row.away and not row.shares else 1


def _last(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)


def _with_server(row: ParticipantRow, server: HubServer | None) -> ParticipantRow:
    if server is None:
        return row
    has_nothing = not row.shares and server.state is HubServerState.NEVER_STARTED
    return replace(
        row,
        lesson=NOTHING_TO_SHARE if has_nothing else row.lesson,
        server=_SERVERS[server.state],
        server_since=server.since,
        away=not server.is_there,
        stuck=row.stuck if server.is_there else "",
    )


def _row(name: str, standing: CourseStanding | None, *, at_work: datetime | None, now: datetime) -> ParticipantRow:
    if standing is None:
        return ParticipantRow(name=name, lesson=SHARES_NOTHING, shares=False)
    here = standing.lessons.get(standing.lesson or "")
    if standing.lesson is None or here is None:
        return ParticipantRow(name=name, lesson="In no lesson", since=standing.heard)
    lesson = LESSONS[standing.lesson]
    at = next(((number, step) for number, step in enumerate(lesson.steps, 1) if _is_missing(step, here)), None)
    told, hint = _last_hint(lesson, here)
    return ParticipantRow(
        name=name,
        lesson=_lesson_title(standing.lesson),
        step=f"{at[0]}. {at[1].title}" if at else "All done",
        done=sum(title in here.ticked for title in lesson.needed),
        steps=len(lesson.needed),
        since=here.moved,
        hint=hint,
        told=told,
        stuck=_why_stuck(at[1], here, quiet=now - max(here.moved, at_work or here.moved)) if at else "",
    )


def _is_missing(step: LessonStep, here: LessonStanding) -> bool:
    return not step.optional and step.title not in here.ticked


def _last_hint(lesson: Lesson, here: LessonStanding) -> tuple[int, str]:
    """How often the hint was told that was told last and still holds, and its text; the second time it is stronger."""
    told = [(here.missed[step.title], step) for step in lesson.steps if step.title in here.missed]
    open_ones = [(missed, step) for missed, step in told if step.title not in here.ticked]
    if not open_ones:
        return 0, ""
    missed, step = max(open_ones, key=lambda each: each[0].last)
    return missed.times, step.stronger if missed.times > 1 and step.stronger else step.hint


def _why_stuck(step: LessonStep, here: LessonStanding, *, quiet: timedelta) -> str:
    missed = here.missed.get(step.title)
    if missed is not None and missed.times >= STUCK_TIMES:
        return f"Was told the same hint {counted(missed.times, 'time')}"
    return f"No step done for {duration(quiet.total_seconds() // 60 * 60)}" if quiet >= STUCK_AFTER else ""


def _lesson_title(name: str) -> str:
    return f"{number_of(name):02} {LESSONS[name].title}"
