"""What a check found, as text and as HTML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape

# Colours come from JupyterLab's theme where there is one, and suit light and dark where there is none.
_STYLE = """
.labkit-check{max-width:44rem;line-height:1.5;color:var(--jp-content-font-color1,inherit)}
.labkit-check h4{margin:.2rem 0 .4rem}
.labkit-check ul{list-style:none;margin:0;padding:0}
.labkit-check li{display:flex;gap:.6rem;padding:.2rem 0}
.labkit-check .mark{flex:0 0 1.2rem;text-align:center;opacity:.6}
.labkit-check .done .mark{opacity:1;font-weight:700;color:var(--jp-success-color1,#2e9e5b)}
.labkit-check .hint,.labkit-check .foot{display:block;font-size:.92em;opacity:.75}
.labkit-check .foot{margin:.4rem 0 .8rem}
"""


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step of a lesson: what it is, whether it is done, and what to do when it is not."""

    title: str
    done: bool
    hint: str
    optional: bool = False


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


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found; a notebook shows it as a list, `print` as text.

    Attributes:
        lessons: one, or all of them where the notebook is none of ours.
        since: where the record that was looked at begins; aware.
    """

    lessons: tuple[LessonReport, ...]
    since: datetime

    @property
    def steps(self) -> tuple[StepResult, ...]:
        """The steps of all its lessons."""
        return tuple(step for lesson in self.lessons for step in lesson.steps)

    @property
    def complete(self) -> bool:
        """Whether all steps are done, optional ones aside."""
        return all(lesson.complete for lesson in self.lessons)

    def __str__(self) -> str:
        return "\n\n".join("\n".join(self._lines(lesson)) for lesson in self.lessons)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        parts = "".join(_lesson_html(lesson, self._foot(lesson)) for lesson in self.lessons)
        return f'<style>{_STYLE}</style><div class="labkit-check">{parts}</div>'

    def _lines(self, lesson: LessonReport) -> Iterator[str]:
        yield lesson.title
        for step in lesson.steps:
            yield f"  {_mark(step)} {_title(step)}"
            if not step.done:
                yield f"      {step.hint}"
        yield self._foot(lesson)

    def _foot(self, lesson: LessonReport) -> str:
        return f"{lesson.summary} (Looked at everything since {self.since:%H:%M:%S} {self.since:%Z}.)"


def _lesson_html(lesson: LessonReport, foot: str) -> str:
    items = "".join(_step_html(step) for step in lesson.steps)
    return f'<h4>{escape(lesson.title)}</h4><ul>{items}</ul><span class="foot">{escape(foot)}</span>'


def _step_html(step: StepResult) -> str:
    hint = "" if step.done else f'<span class="hint">{escape(step.hint)}</span>'
    kind = "done" if step.done else "missing"
    return f'<li class="{kind}"><span class="mark">{_mark(step)}</span><span>{escape(_title(step))}{hint}</span></li>'


def _mark(step: StepResult) -> str:
    return "✓" if step.done else "·"


def _title(step: StepResult) -> str:
    return f"{step.title} (optional)" if step.optional else step.title
