"""What a check found, and how a step is done."""

from __future__ import annotations

from dataclasses import dataclass

from labkit.display import Code, Line, Lines, Result, Section

_LOOKED_AT = (
    "(By TaskRouter's log of the last 30 days, by the Workspace as it is, and by the callbacks that the sandbox or "
    "this notebook remembers; what was ticked stays ticked.)"
)


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step of a lesson: what it is, whether it is done, and what to do when it is not.

    Attributes:
        title: what is done then.
        done: whether the record shows it, or showed it before.
        hint: what to do.
        number: its place in the lesson, from 1.
        difference: what was done instead, if that was seen; it is told in place of the hint.
        stronger: nearly the solution, for whoever was told the hint before.
        has_solution: whether to say that the solution can be asked for.
        optional: the lesson is complete without it.
    """

    title: str
    done: bool
    hint: str
    number: int = 1
    difference: str = ""
    stronger: str = ""
    has_solution: bool = False
    optional: bool = False

    @property
    def advice(self) -> tuple[str, ...]:
        """What a check says about it while it is missing, sentence by sentence."""
        if self.done:
            return ()
        first = self.difference or ("" if self.stronger else self.hint)
        pointer = f"lab.solution({self.number}) shows how it is done." if self.has_solution else ""
        return tuple(filter(None, (first, self.stronger, pointer)))


@dataclass(frozen=True, slots=True)
class LessonReport:
    """The steps of one lesson, in their order; of a check of one step only that one."""

    name: str
    title: str
    steps: tuple[StepResult, ...]

    @property
    def complete(self) -> bool:
        """Whether all steps are done, optional ones aside."""
        return all(step.done or step.optional for step in self.steps)

    @property
    def next_step(self) -> StepResult | None:
        """The first that is missing; an optional one where all others are done."""
        missing = [step for step in self.steps if not step.done]
        return next((step for step in missing if not step.optional), missing[0] if missing else None)

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
        only: whether one step was asked about.
        trouble: why nothing can be done yet, or the progress cannot be kept, in sentences; empty where all is well.
    """

    lessons: tuple[LessonReport, ...]
    only: bool = False
    trouble: str = ""

    @property
    def steps(self) -> tuple[StepResult, ...]:
        """The steps of all its lessons."""
        return tuple(step for lesson in self.lessons for step in lesson.steps)

    @property
    def complete(self) -> bool:
        """Whether all steps are done, optional ones aside."""
        return all(lesson.complete for lesson in self.lessons)

    def _sections(self) -> list[Section]:
        return [*self._of_lessons(), *([Section(self.trouble)] if self.trouble else [])]

    def _of_lessons(self) -> list[Section]:
        return [
            Section(
                f"{lesson.title}, step {lesson.steps[0].number}" if self.only else lesson.title,
                Lines([_line(step) for step in lesson.steps], margin=2, deeper=4),
                foot="" if self.only else f"{lesson.summary} {_LOOKED_AT}",
            )
            for lesson in self.lessons
        ]


@dataclass(frozen=True, slots=True, repr=False)
class Solution(Result):
    """How a step is done: lines of the official SDK, or what to click.

    Attributes:
        title: of the step, with its number.
        lines: to copy, or to do; empty where nothing is missing.
    """

    title: str
    lines: str = ""

    def _sections(self) -> tuple[Section]:
        return (Section(self.title, Code(self.lines.strip()) if self.lines else None),)


def _line(step: StepResult) -> Line:
    title = f"{step.number}. {step.title}{' (optional)' if step.optional else ''}"
    if step.done:
        return Line(title, mark="✓", look="done")
    return Line(title, tuple(Line(each, look="hint") for each in step.advice), mark="·", look="missing")
