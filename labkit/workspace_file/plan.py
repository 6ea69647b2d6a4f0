"""A plan: what differs between a Workspace and a file, in the order of the changes; for eyes and for use."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from labkit.display import Line, Lines, Result, Section
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
class Plan(Result):
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

    def _sections(self) -> tuple[Section]:
        return (Section(self.headline, Lines(list(map(line_of, self.changes)), deeper=4)),)


_LOOKS = {PlanStep.ADD: "add", PlanStep.CHANGE: "change", PlanStep.REMOVE: "remove", PlanStep.KEEP: "keep"}
_WORDS = {**_LOOKS, PlanStep.KEEP: "in the Workspace only"}


def line_of(change: Change) -> Line:
    """A change as a line, with the values that differ under it."""
    details = [_value(each) for each in change.differences]
    details += [Line(f"! {change.obstacle}", look="obstacle")] if change.obstacle else []
    step = change.step
    return Line(str(change.part), tuple(details), mark=step, look=_LOOKS[step], meaning=_WORDS[step])


def _value(difference: Difference) -> Line:
    old = "" if difference.old is ABSENT else _shown(difference.old)
    return Line(difference.path, look="value", old=old, new=_shown(difference.new))


def _shown(value: Any) -> str:
    plain = value is ABSENT or isinstance(value, str)
    text = repr(value) if plain else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:200]}… ({len(text):,} characters)"
