"""What a lesson is: its steps, how the record shows each one done, and what to say about a missing one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from labkit.course.record import LessonRecord


@dataclass(frozen=True, slots=True)
class LessonStep:
    """One thing to do.

    Attributes:
        title: what is done then, as a short sentence.
        done: whether the record shows it. It must bear any record, however strange.
        hint: how to do it, shown while it is missing.
        stronger: nearly the solution, in words; shown to whoever has been told the hint before.
        solution: the lines of the official SDK, or the clicks, that do it; shown to whoever asks.
        differences: for each likely wrong attempt, a function that finds it in the record and names the difference
            between what was done and what was wanted, with the values that were read; None where it is not there.
        optional: a lesson is complete without it.
    """

    title: str
    done: Callable[[LessonRecord], bool]
    hint: str
    stronger: str = ""
    solution: str = ""
    differences: tuple[Callable[[LessonRecord], str | None], ...] = ()
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Lesson:
    """A notebook's steps, in their order.

    Attributes:
        title: of the notebook.
        steps: what is to be done in it.
        minutes: how long it takes.
        goal: what somebody can do after it, as a sentence.
        workspace: the name of its Workspace file, without `.yaml`; None where it has what Twilio's quickstart has.
    """

    title: str
    steps: tuple[LessonStep, ...]
    minutes: int = 0
    goal: str = ""
    workspace: str | None = None

    @property
    def needed(self) -> list[str]:
        """The titles of the steps that it takes to complete it."""
        return [step.title for step in self.steps if not step.optional]
