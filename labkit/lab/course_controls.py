"""CourseControls: what a lab can do about the course: check a lesson, solve a step, draw the map, begin anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from labkit.course import LessonRecord, Report, Solution, check, next_solution, observe, solution
from labkit.course.checks import lesson_meant
from labkit.course.clearing import ClearedLessons, clear_lessons
from labkit.course.course_map import CourseMap, course_map
from labkit.course.lesson_names import workspace_name
from labkit.course.notebooks import place_of
from labkit.course.progress import OF_ACCOUNTS, AccountProgress, LessonProgress, Progress
from labkit.course.record import AccountTraces
from labkit.course.report import LessonReport
from labkit.errors import LabError, SettingsError, TaskRouterError
from labkit.lab.connection import Connection
from labkit.lab.controls import SandboxControls
from labkit.lab.progress_sharing import as_report
from labkit.room.progress_report import ProgressReporter
from labkit.settings import Settings
from labkit.stream import EventStream, Kind

if TYPE_CHECKING:
    from labkit.callbacks import Exchange
    from labkit.taskrouter.workspace_client import WorkspaceClient


_AGAIN = "Run the first cell again to begin anew; what you have ticked stays ticked."


class CourseControls:
    """The lessons, as this lab sees them.

    Args:
        connection: the line to TaskRouter.
        exchanges: what has reached the callback server of this notebook.
        controls: the sandbox, if there is one.
        settings: which lesson the lab was started for.
        stream: the calls of this kernel.
        reporter: tells a workshop's room how far the learner is; None where there is none.
    """

    def __init__(
        self,
        connection: Connection,
        controls: SandboxControls,
        *,
        exchanges: Callable[[], Iterable[Exchange]],
        settings: Settings,
        stream: EventStream,
        reporter: ProgressReporter | None = None,
    ) -> None:
        self._connection, self._controls = connection, controls
        self._exchanges, self._settings, self._stream = exchanges, settings, stream
        self._progress = self._kept_progress()
        self.reporter = reporter

    def begin(self) -> None:
        """Note that the lesson was begun, if the lab was started for one."""
        if self._settings.lesson is not None and self._settings.callbacks != "leave":
            with suppress(LabError):
                self._progress.note(self._settings.lesson)

    def share(self) -> None:
        """Tell the room how far the learner is, in the background, if there is one and they share it."""
        if self.reporter is not None:
            self.reporter.report(lambda: as_report(self._settings.lesson, self._progress.read()))

    def check(self, lesson: object, *, step: int | None) -> Report:
        """What of a lesson is done, and what to do about the rest; see `Lab.check`."""
        meant = self._meant(lesson)
        if meant is None and step is not None:
            raise _which_lesson()
        progress, trouble = self._read_progress()
        report = check(meant, self._records(), step=step, progress=progress)
        trouble = trouble or self._note(report, progress)
        self.share()
        missing = "" if self._connection.is_furnished else str(self._connection.not_set_up())
        return replace(report, trouble=" ".join(filter(None, [missing, trouble])))

    def solution(self, step: int | None, *, lesson: object) -> Solution:
        """How a step is done; see `Lab.solution`."""
        meant = self._meant(lesson)
        if meant is None:
            raise _which_lesson()
        if step is not None:
            return solution(meant, step)
        return next_solution(check(meant, self._records(), progress=self._read_progress()[0]))

    def map(self) -> CourseMap:
        """The map of the course, as it is now; never raises for what nobody can tell."""
        progress, trouble = self._read_progress()
        return course_map(progress, here=self._meant(None), place_of=place_of, trouble=trouble)

    def clear(self, lesson: object) -> ClearedLessons:
        """Take away the Workspace of a lesson, or of all; see `Lab.clear`."""
        wanted = lesson if lesson is not None else self._settings.lesson
        memory, client, beside = self._connection.memory, self._connection.quiet, self._settings.workspace
        if memory is None:
            cleared = clear_lessons(client, wanted, beside=beside)
        else:
            from labkit.account.clearing import clear_made_lessons

            cleared = clear_made_lessons(memory, client, wanted, beside=beside)
        self._connection.look_for_lessons()
        is_own = self._connection.workspace_name in cleared.names
        return replace(cleared, note=f"{cleared.note} {_AGAIN}".strip()) if is_own else cleared

    def _kept_progress(self) -> Progress:
        if self._controls.sandbox:
            return self._controls.progress
        return AccountProgress(self._connection.home / OF_ACCOUNTS, account_sid=self._connection.account_sid)

    def _read_progress(self) -> tuple[Mapping[str, LessonProgress], str]:
        """How far the learner is, and why that cannot be told."""
        try:
            return self._progress.read(), ""
        except LabError as error:
            return {}, str(error)

    def _note(self, report: Report, before: Mapping[str, LessonProgress]) -> str:
        """Keep what was found; why that was not possible, if it was not."""
        try:
            for lesson in report.lessons:
                self._note_lesson(lesson, before.get(lesson.name, LessonProgress()), alone=len(report.lessons) == 1)
        except LabError as error:
            return str(error)
        return ""

    def _note_lesson(self, lesson: LessonReport, before: LessonProgress, *, alone: bool) -> None:
        ticked = [step.title for step in lesson.steps if step.done and step.title not in before.ticked]
        told = [lesson.next_step.title] if alone and lesson.next_step is not None else []
        if ticked or told:
            self._progress.note(lesson.name, ticked=ticked, missed=told)

    def _meant(self, lesson: object) -> str | None:
        return lesson_meant(lesson, started_for=self._settings.lesson)

    def _records(self) -> Callable[[str], LessonRecord]:
        """What is known of the Workspace of a lesson, by the lesson's name.

        A lab that was started for no lesson looks at its own Workspace, and once for all lessons.
        """
        if self._settings.lesson is not None:
            return self._with_traces(self._record_of)
        own = self._record_in(self._connection.workspace_name)
        return self._with_traces(lambda _lesson: own)

    def _with_traces(self, record_of: Callable[[str], LessonRecord]) -> Callable[[str], LessonRecord]:
        """The same, in an account with what is remembered of the lesson's Workspace there; of one that is gone only
        that."""

        def with_traces(lesson: str) -> LessonRecord:
            try:
                found = record_of(lesson)
            except TaskRouterError as error:
                if error.status != 404:
                    raise
                found = LessonRecord(heard=self._controls.time())
            return replace(found, account=self._traces(lesson))

        return with_traces

    def _traces(self, lesson: str) -> AccountTraces | None:
        memory = self._connection.memory
        if memory is None:
            return None
        known = memory.workspace(workspace_name(lesson, beside=self._settings.workspace))
        return AccountTraces(
            allowed=known.yes is not None,
            left=bool(known.made or known.changed or known.callbacks),
            ticked=frozenset(self._read_progress()[0].get(lesson, LessonProgress()).ticked),
        )

    def _record_of(self, lesson: str) -> LessonRecord:
        """What is known of a lesson's own Workspace."""
        return self._record_in(workspace_name(lesson, beside=self._settings.workspace))

    def _record_in(self, name: str) -> LessonRecord:
        """What is known of the Workspace of this name; of one that is not there, nothing."""
        if name == self._connection.workspace_name and self._connection.is_furnished:
            return self._observed(self._connection.quiet_workspace)
        sid = self._connection.find_workspace(name)
        if sid is None:
            return LessonRecord(heard=self._controls.time())
        return self._observed(self._connection.workspace_client(sid))

    def _observed(self, client: WorkspaceClient) -> LessonRecord:
        return observe(
            client=client,
            sdk=self._connection.quiet,
            exchanges=self._exchanges(),
            answers=self._controls.remembered_answers(client.workspace_sid),
            calls=[entry.data for entry in self._stream.entries(kind=Kind.CALL)],
            now=self._controls.time(),
        )


def _which_lesson() -> SettingsError:
    return SettingsError(
        'Which lesson? This notebook is none of the course. Say lesson="02", or begin with labkit.start(lesson="02").'
    )
