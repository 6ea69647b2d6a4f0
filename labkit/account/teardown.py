"""Takes back what the lab made and changed in an account, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from labkit.account.memory import AccountMemory
from labkit.account.teardown_steps import TeardownAction, TeardownStep, find_steps
from labkit.account.unfinished import DoubtfulResource, settle_unfinished
from labkit.display import Line, Lines, Result, Section, date_and_time
from labkit.errors import TaskRouterError
from labkit.taskrouter.errors import unless_gone

_IN_USE = (400, 409)
"""What TaskRouter refuses because something else needs it; anything else may be otherwise in a moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftResource:
    """Something that stays, and why, in a sentence."""

    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TeardownReport(Result):
    """What was taken back, or would be.

    Attributes:
        account: the account, masked.
        steps: in the order in which they are done.
        left: what stays although the lab made or changed it, and what may be the lab's.
        done: whether it was done; otherwise it is what would be.
    """

    account: str
    steps: tuple[TeardownStep, ...] = ()
    left: tuple[LeftResource, ...] = ()
    done: bool = False

    def __bool__(self) -> bool:
        return bool(self.steps)

    @property
    def headline(self) -> str:
        """It in a sentence."""
        removed = sum(each.action is TeardownAction.REMOVE for each in self.steps)
        told = [f"{removed} removed"] if removed else []
        back = len(self.steps) - removed
        told += [f"{back} set back"] if back else []
        where = f"in the account {self.account}"
        if not told and self.left:
            return f"Nothing was taken down {where}." if self.done else f"A teardown takes nothing down {where}."
        if not told:
            return f"There is nothing to take down {where}: all that the lab made there is gone."
        if self.done:
            return f"Taken down {where}: {', '.join(told)}. What you made yourself in other Workspaces stays."
        return f"What a teardown does {where}: {', '.join(told)}. What you made yourself in other Workspaces stays."

    def _sections(self) -> Iterator[Section]:
        lines = [line for _, group in groupby(self.steps, key=_group) for line in _lines(list(group))]
        yield Section(self.headline, Lines(lines, deeper=2))
        if self.left:
            yield Section(
                "What stays:", Lines([Line(each.what, (Line(each.why),), mark="!") for each in self.left], deeper=2)
            )


def teardown(memory: AccountMemory, client: Any, *, account: str, dry_run: bool = False) -> TeardownReport:
    """Take back all that is remembered of an account.

    Workspaces that the lab made go with all that is in them. In one that was there before, only what the lab made
    goes, with the Tasks of its Workflows, and what it changed is set back, unless somebody has changed it since.
    What is gone already is no error. Afterwards nothing of it is remembered, not even that the lab was allowed.

    Args:
        memory: of the account.
        client: from `labkit.taskrouter.client.connect`.
        account: the account, masked.
        dry_run: only find out what that is.

    Raises:
        TaskRouterError: TaskRouter refused for the moment, or did not answer; what was taken back before is back, and
            the next teardown goes on there.
        AccountMemoryError: the memory cannot be read or written.
    """
    with memory.exclusively():
        doubtful = [_doubt(each) for each in settle_unfinished(memory, client)]
        found = list(find_steps(memory, client))
        steps = tuple(each for each in found if each.action is not TeardownAction.LEAVE)
        left = (*doubtful, *(_changed_since(each) for each in found if each.action is TeardownAction.LEAVE))
        report = TeardownReport(account=account, steps=steps, left=left)
        return report if dry_run else _done(report, memory)


def _done(report: TeardownReport, memory: AccountMemory) -> TeardownReport:
    done: list[TeardownStep] = []
    refused: list[tuple[TeardownStep, TaskRouterError]] = []
    for step in report.steps:
        try:
            _do(step)
            done.append(step)
        except TaskRouterError as error:
            if error.status not in _IN_USE:
                raise _stopped(error, len(done), len(report.steps)) from error
            refused.append((step, error))
    kept = {step.remembered for step, _ in refused}
    for known in memory.workspaces():
        if known.name not in kept:
            memory.forget_workspace(known.name)
    left = (*report.left, *(_needed(step, error) for step, error in refused))
    return replace(report, steps=tuple(done), left=left, done=True)


def _do(step: TeardownStep) -> None:
    doing = "delete" if step.action is TeardownAction.REMOVE else "set back the"
    unless_gone(step.do, f"{doing} {step.what}")
    step.forget()


def _stopped(error: TaskRouterError, done: int, of: int) -> TaskRouterError:
    told = f"{error} {done} of {of} steps of the teardown were done by then; run it again, and it goes on there."
    return TaskRouterError(told, status=error.status, code=error.code)


def _doubt(each: DoubtfulResource) -> LeftResource:
    made = f"it was made at {date_and_time(each.created)} UTC" if each.created else "it does not say when it was made"
    return LeftResource(
        what=f"{each.kind} {each.name!r} ({each.sid})",
        why=f"A lab was cut off when it was about to make one of this name, but {made}, at another time. So it is "
        "taken for yours; delete it yourself if it is not.",
    )


def _needed(step: TeardownStep, error: TaskRouterError) -> LeftResource:
    return LeftResource(what=_whole(step), why=f"{error} When nothing needs it any more, run the teardown again.")


def _changed_since(step: TeardownStep) -> LeftResource:
    return LeftResource(
        what=_whole(step),
        why=f"Somebody has changed it since the lab did: it is {step.old}, and was {step.new} before.",
    )


def _whole(step: TeardownStep) -> str:
    return f"{step.what}, in {step.workspace}" if step.workspace else step.what


def _group(step: TeardownStep) -> tuple[str, str]:
    return step.remembered, step.workspace


def _lines(steps: Sequence[TeardownStep]) -> list[Line]:
    if not steps[0].workspace:
        return [_line(each, f"{each.what} ({each.sid}), with all that is in it") for each in steps]
    children = tuple(_line(each, each.what) for each in steps)
    return [Line(f"In the {steps[0].workspace}, which was there before:", children)]


_LOOKS = {TeardownAction.REMOVE: "remove", TeardownAction.SET_BACK: "change"}
_WORDS = {TeardownAction.REMOVE: "remove", TeardownAction.SET_BACK: "set back"}


def _line(step: TeardownStep, text: str) -> Line:
    return Line(
        text, mark=step.action, look=_LOOKS[step.action], meaning=_WORDS[step.action], old=step.old, new=step.new
    )
