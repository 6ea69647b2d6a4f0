"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass

from labkit.display import Line, Lines, Result, Section

_LOOKED_AT = (
    "(By TaskRouter's log of the last 30 days, and by the callbacks that the sandbox or this notebook remembers.)"
)


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step of a lesson: what it is, whether it is done, and what to do when it is not."""

    title: str
    done: bool
    hint: str
    optional: bool = False

    @property
    def said(self) -> str:
        """What a check says about it while it is missing."""
        return "" if self.done else self.hint


@dataclass(frozen=True, slots=True)
class LessonReport:
    """The steps of one lesson, in their order."""

    name: str
    title: str
    steps: tuple[StepResult, ...]

    @property
    def complete(self) -> bool:
        """Whether all steps are done, optional ones aside."""
        return all(step.done or step.optional for step in self.steps)

    @property
    def summary(self) -> str:
        """One sentence: how far you are."""
        needed = [step for step in self.steps if not step.optional]
        done = sum(step.done for step in needed)
        return "All done. Well done!" if self.complete else f"{done} of {len(needed)} steps done."


@dataclass(frozen=True, slots=True, repr=False)
class Report(Result):
    """What a check found; a notebook shows it as a list, `print` as text.

    Attributes:
        lessons: one, or all of them where the notebook is none of ours.
    """

    lessons: tuple[LessonReport, ...]

    @property
    def steps(self) -> tuple[StepResult, ...]:
        """The steps of all its lessons."""
        return tuple(step for lesson in self.lessons for step in lesson.steps)

    @property
    def complete(self) -> bool:
        """Whether all steps are done, optional ones aside."""
        return all(lesson.complete for lesson in self.lessons)

    def _sections(self) -> list[Section]:
        return [
            Section(
                lesson.title,
                Lines([_line(step) for step in lesson.steps], margin=2, deeper=4),
                foot=f"{lesson.summary} {_LOOKED_AT}",
            )
            for lesson in self.lessons
        ]


def _line(step: StepResult) -> Line:
    title = f"{step.title} (optional)" if step.optional else step.title
    if step.done:
        return Line(title, mark="✓", look="done")
    return Line(title, (Line(step.hint, look="hint"),), mark="·", look="missing")
