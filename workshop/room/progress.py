"""How far each participant is in the course, as their labs have told; kept in the room's folder as a file.

    {"version": 1, "people": {"ana": {"lesson": "07_routing", "heard": "2026-11-28T09:20:31+00:00", "lessons": {
        "07_routing": {"begun": "2026-11-28T09:12:04+00:00",
                       "ticked": {"The Task reached Bob": "2026-11-28T09:20:31+00:00"},
                       "missed": {"The Task reached Ana": {"times": 2, "last": "2026-11-28T09:20:31+00:00"}}}}}}}

A report names lessons and steps of the course and counts; whatever else stands in it is dropped, so nothing that a
participant has written comes onto the wall. Each report takes the place of the last, and the moments are when the room
heard of something: a participant's sandbox may have a clock of its own. Who shares no more is in the file no more.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from labkit.course.lessons import LESSONS
from labkit.progress_file import set_aside

log = logging.getLogger(__name__)

FILE = "progress.json"
VERSION = 1
MOST_TIMES = 9_999
SAVED_EVERY = timedelta(seconds=1)
"""What came after the last save of a service that is killed is in each participant's next report."""


@dataclass(frozen=True, slots=True)
class MissedStep:
    """A step whose hint was told: how often, and when last."""

    times: int
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonStanding:
    """How far somebody is in one lesson.

    Attributes:
        begun: when the room heard that it was begun.
        ticked: by the title of each step that is done, when the room heard so.
        missed: by the title of each step whose hint was told.
    """

    begun: datetime
    ticked: Mapping[str, datetime] = field(default_factory=dict)
    missed: Mapping[str, MissedStep] = field(default_factory=dict)

    @property
    def moved(self) -> datetime:
        """When they last got on: the last tick, or the beginning."""
        return max((self.begun, *self.ticked.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseStanding:
    """How far somebody is in the course.

    Attributes:
        lesson: the one that they are in, by its name; None where that is none of the course's.
        heard: when the room last heard of them.
        lessons: those that were begun, by their names.
    """

    lesson: str | None
    heard: datetime
    lessons: Mapping[str, LessonStanding] = field(default_factory=dict)

    def with_report(self, report: Mapping[str, Any], *, now: datetime) -> CourseStanding:
        """What a report makes of it; what is no part of the course is left out of it.

        Args:
            report: `{"lesson": name, "lessons": {name: {"ticked": [title, …], "missed": {title: times}}}}`, of which
                anything may be missing or of another form.
            now: aware.
        """
        lesson = report.get("lesson")
        told = _mapping(report.get("lessons"))
        return CourseStanding(
            lesson=lesson if lesson in list(LESSONS) else self.lesson,
            heard=now,
            lessons={
                name: _merged(self.lessons.get(name, LessonStanding(begun=now)), name, _mapping(told[name]), now)
                for name in LESSONS
                if name in told
            },
        )


class ProgressBook:
    """Everybody's. Belongs to one thread.

    Args:
        folder: where it is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._people = self._read()
        self._unsaved = False
        self._saved: datetime | None = None

    @property
    def people(self) -> Mapping[str, CourseStanding]:
        """How far each is who shares it, by name."""
        return self._people

    def note(self, name: str, report: Mapping[str, Any], *, now: datetime) -> CourseStanding:
        """Take a report in; `save` keeps it."""
        before = self._people.get(name, CourseStanding(lesson=None, heard=now))
        found = self._people[name] = before.with_report(report, now=now)
        self._unsaved = True
        return found

    def forget(self, name: str) -> None:
        """Delete what is known of somebody, in the file too.

        Raises:
            OSError: the file cannot be written; what is in memory is gone.
        """
        self._people.pop(name, None)
        self._unsaved = True
        self.save()

    def save_now_and_then(self, now: datetime) -> None:
        """Write it, if anything is new and some time has passed; a full disk is in nobody's way."""
        if self._saved is not None and now - self._saved < SAVED_EVERY:
            return
        self._saved = now
        try:
            self.save()
        except OSError as error:
            log.warning("how far people are cannot be kept in %s: %s", self._path, error)

    def save(self) -> None:
        """Write it, if anything is new.

        Raises:
            OSError: it cannot be written.
        """
        if not self._unsaved:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self._path.with_name(f".{FILE}")
        draft.write_text(json.dumps(_document(self._people), ensure_ascii=False, indent=1), encoding="utf-8")
        draft.replace(self._path)
        self._unsaved = False

    def _read(self) -> dict[str, CourseStanding]:
        try:
            return dict(_standings(json.loads(self._path.read_bytes())))
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            aside = set_aside(self._path)
            log.warning("%s cannot be read (%s); it is %s now, and the wall begins anew", self._path, error, aside.name)
            return {}


def _merged(before: LessonStanding, name: str, told: Mapping[str, Any], now: datetime) -> LessonStanding:
    titles = [step.title for step in LESSONS[name].steps]
    ticked = told.get("ticked")
    done = [title for title in titles if isinstance(ticked, list) and title in ticked]
    times = {title: _times(_mapping(told.get("missed")).get(title)) for title in titles}
    return replace(
        before,
        ticked={title: before.ticked.get(title, now) for title in done},
        missed={title: _missed(before.missed.get(title), number, now) for title, number in times.items() if number},
    )


def _missed(before: MissedStep | None, times: int, now: datetime) -> MissedStep:
    """A hint that was not told again since the last report was last told when it was."""
    return MissedStep(times, now if before is None or times > before.times else before.last)


def _times(value: object) -> int:
    return min(max(0, value), MOST_TIMES) if type(value) is int else 0


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def as_values(standing: CourseStanding) -> dict[str, Any]:
    """What is kept of somebody, for the file and for themselves."""
    return {
        "lesson": standing.lesson,
        "heard": standing.heard.isoformat(),
        "lessons": {name: _lesson_values(each) for name, each in standing.lessons.items()},
    }


def _document(people: Mapping[str, CourseStanding]) -> dict[str, Any]:
    return {"version": VERSION, "people": {name: as_values(standing) for name, standing in people.items()}}


def _lesson_values(lesson: LessonStanding) -> dict[str, Any]:
    return {
        "begun": lesson.begun.isoformat(),
        "ticked": {title: at.isoformat() for title, at in lesson.ticked.items()},
        "missed": {
            title: {"times": each.times, "last": each.last.isoformat()} for title, each in lesson.missed.items()
        },
    }


def _standings(document: Mapping[str, Any]) -> Iterator[tuple[str, CourseStanding]]:
    for name, values in document["people"].items():
        lessons = {lesson: _lesson(each) for lesson, each in values["lessons"].items() if lesson in LESSONS}
        yield name, CourseStanding(lesson=values["lesson"], heard=_moment(values["heard"]), lessons=lessons)


def _lesson(values: Mapping[str, Any]) -> LessonStanding:
    return LessonStanding(
        begun=_moment(values["begun"]),
        ticked={title: _moment(at) for title, at in values["ticked"].items()},
        missed={
            title: MissedStep(int(each["times"]), _moment(each["last"])) for title, each in values["missed"].items()
        },
    )


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text!r} has no offset")
    return found
