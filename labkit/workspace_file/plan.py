"""A plan: what differs between a Workspace and a file, in the order of the changes; for eyes and for use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from html import escape
from typing import Any

from labkit.workspace_file.document import Part


class PlanStep(StrEnum):
    """What is done with one thing; the value is the mark that it has in a list of changes."""

    ADD = "+"
    CHANGE = "~"
    REMOVE = "-"
    KEEP = "·"
    """in the Workspace and not in the file, and left there"""


class _Absent:
    def __repr__(self) -> str:
        return "nothing"


ABSENT: Any = _Absent()
"""Stands for no value at all, which is not null."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that differs: where it stands in its part, what the Workspace has, what the file says."""

    path: str
    old: Any
    new: Any

    def __str__(self) -> str:
        if self.old is ABSENT:
            return f"{self.path}: {_shown(self.new)}"
        return f"{self.path}: {_shown(self.old)} → {_shown(self.new)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that differs.

    Attributes:
        step: what is to be done with it.
        part: what the file says of it; for REMOVE and KEEP what the Workspace has.
        fields: the fields of `part` that are to be sent, for CHANGE.
        differences: value by value.
        obstacle: why it cannot be done, in a sentence; empty when it can.
    """

    step: PlanStep
    part: Part
    fields: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    obstacle: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Plan:
    """What differs, and what was or would be done about it. `bool(plan)` is whether there is anything to do.

    Attributes:
        changes: in the order in which they are made.
        done: whether they have been made.
    """

    changes: tuple[Change, ...] = ()
    done: bool = field(default=False, kw_only=True)

    def __bool__(self) -> bool:
        return any(change.step is not PlanStep.KEEP for change in self.changes)

    @property
    def obstacles(self) -> tuple[str, ...]:
        """What cannot be done, and why."""
        return tuple(change.obstacle for change in self.changes if change.obstacle)

    @property
    def headline(self) -> str:
        """How much there is of each, in a sentence."""
        counts = {step: sum(change.step is step for change in self.changes) for step in PlanStep}
        words = {PlanStep.ADD: "added", PlanStep.CHANGE: "changed", PlanStep.REMOVE: "removed"}
        told = [f"{counts[step]} {'' if self.done else 'to be '}{word}" for step, word in words.items() if counts[step]]
        if self.obstacles:
            told.append(f"{len(self.obstacles)} of these cannot be done")
        kept = counts[PlanStep.KEEP]
        if kept:
            told.append(f"{kept} in the Workspace only, and left there")
        sentence = ", ".join(told) or "The Workspace is as the file says"
        return f"{'Done: ' if self.done and self else ''}{sentence}."

    def __str__(self) -> str:
        return "\n".join([self.headline, *_lines(self)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f'<style>{_STYLE}</style><div class="labkit-plan">{_head(self)}{"".join(map(_html, self.changes))}</div>'


def _lines(plan: Plan) -> Iterator[str]:
    for change in plan.changes:
        yield f"{change.step} {_printable(str(change.part))}"
        yield from (f"    {_printable(str(difference))}" for difference in change.differences)
        if change.obstacle:
            yield f"    ! {_printable(change.obstacle)}"


# Colours come from JupyterLab's theme where there is one, and suit light and dark where there is none. The mark says
# the same as the colour.
_STYLE = """
.labkit-plan{max-width:60rem;line-height:1.5;color:var(--jp-content-font-color1,inherit)}
.labkit-plan .head{font-weight:600;margin:.2rem 0 .4rem}
.labkit-plan .change{margin:.15rem 0;padding-left:.6rem;border-left:3px solid var(--jp-border-color1,#8888)}
.labkit-plan .add{border-color:var(--jp-success-color1,#2e9e5b)}
.labkit-plan .change-to{border-color:var(--jp-warn-color1,#c77d0a)}
.labkit-plan .remove{border-color:var(--jp-error-color1,#d9534f)}
.labkit-plan .keep{opacity:.75}
.labkit-plan .mark{display:inline-block;min-width:1.1rem;font-family:var(--jp-code-font-family,monospace)}
.labkit-plan ul{list-style:none !important;margin:0;padding:0 0 0 1.3rem}
.labkit-plan li{font-family:var(--jp-code-font-family,monospace);font-size:.92em;overflow-wrap:anywhere}
.labkit-plan del{opacity:.75}
.labkit-plan ins{text-decoration:none;font-weight:600}
.labkit-plan .obstacle{color:var(--jp-error-color1,#d9534f)}
"""

_CLASSES = {PlanStep.ADD: "add", PlanStep.CHANGE: "change-to", PlanStep.REMOVE: "remove", PlanStep.KEEP: "keep"}
_WORDS = {
    PlanStep.ADD: "add",
    PlanStep.CHANGE: "change",
    PlanStep.REMOVE: "remove",
    PlanStep.KEEP: "in the Workspace only",
}


def _head(plan: Plan) -> str:
    return f'<div class="head">{escape(plan.headline)}</div>'


def _html(change: Change) -> str:
    step = change.step
    mark = f'<span class="mark" title="{_WORDS[step]}">{escape(step)}</span>'
    items = "".join(f"<li>{_difference(each)}</li>" for each in change.differences)
    items += f'<li class="obstacle">! {escape(change.obstacle)}</li>' if change.obstacle else ""
    details = f"<ul>{items}</ul>" if items else ""
    return f'<div class="change {_CLASSES[step]}">{mark}{escape(str(change.part))}{details}</div>'


def _difference(difference: Difference) -> str:
    old = "" if difference.old is ABSENT else f"<del>{escape(_shown(difference.old))}</del> → "
    return f"{escape(difference.path)}: {old}<ins>{escape(_shown(difference.new))}</ins>"


def _shown(value: Any) -> str:
    plain = value is ABSENT or isinstance(value, str)
    text = repr(value) if plain else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:200]}… ({len(text):,} characters)"


def _printable(text: str) -> str:
    """Keeps control characters of a stranger's text out of terminals."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
