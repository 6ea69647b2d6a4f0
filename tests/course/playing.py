"""Plays a notebook as a learner would: its code cells in this process, one after the other, against a real sandbox.

    report = play("00_start_here", after={"first-steps": "lab.create_task(…)"})

What a learner writes in a `your-turn` cell is given as `instead`, by the cell's id; what is done with the mouse, as
lines of the official SDK that run `after` a cell. The sandbox is empty before, so that neither an earlier play nor its
progress counts.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import pytest
from processes import end_sandbox
from tracked import ROOT

import labkit
import labkit.lab.runtime
from labkit.cli.connect import sandbox_at
from labkit.course import Report
from labkit.course.lesson_names import lesson_named
from labkit.lab.lab import Lab
from labkit.sandbox import process
from labkit.sandbox_client.clock import Clock
from labkit.sandbox_client.faults import Faults
from labkit.sandbox_client.snapshots import Snapshots
from labkit.stream import Kind

NOTEBOOKS = ROOT / "notebooks"
SILENCE_SECONDS = 0.05
"""After so long without a callback, what a cell has set off is over."""
PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class WrongAttempt:
    """What a learner might do instead, and what the check must say then.

    Attributes:
        step: the number of the step that it does not do, from 1.
        instead, after: as for `play`.
        hint: a piece of what the check says of that step.
    """

    step: int
    hint: str
    instead: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)


class CellFailed(Exception):
    """A cell raised; its cause is what it raised."""


class Stage:
    """A home with a sandbox in it, in which one notebook after the other is played."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def play(
        self,
        lesson: str,
        *,
        instead: Mapping[str, str] | None = None,
        after: Mapping[str, str] | None = None,
        until_step: int | None = None,
        clear: bool = True,
        around: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> Report:
        """Run the cells from top to bottom in an empty sandbox.

        Args:
            lesson: the notebook's name, or its number.
            instead: by a cell's id, what stands in it.
            after: by a cell's id, lines that run after it, in the same namespace.
            until_step: go no further than to the check of this step alone, where the notebook has one.
            clear: whether the sandbox is emptied before; otherwise it is as the last play has left it.
            around: what it is played in, such as an account.

        Returns:
            What the last cell showed, which is a check.

        Raises:
            CellFailed: a cell raised; names it.
        """
        name = lesson_named(lesson)
        cells = _cells(name, instead or {}, after or {})
        namespace: dict[str, Any] = {"__name__": "__main__"}
        value: object = None
        with around(), pytest.MonkeyPatch.context() as environment:
            environment.setenv("LABKIT_HOME", str(self.home))
            environment.setenv("JPY_SESSION_NAME", str(NOTEBOOKS / f"{name}.ipynb"))
            if clear:
                self.clear()
            try:
                for cell_id, source in cells:
                    value = _run(source, namespace, cell=f"{name}, cell {cell_id}")
                    if isinstance(value, Report) and value.only and value.steps[0].number == until_step:
                        break
            finally:
                labkit.stop()
                labkit.lab.runtime._runtime.lab = None
        assert isinstance(value, Report), f"{name} ends in {value!r} and not in its check"
        return value

    def clear(self) -> None:
        """Nothing is in the sandbox, its time runs, no fault is on, and no progress is known."""
        for kept in (*self.home.glob("*progress*"), *self.home.glob("accounts.json")):
            kept.unlink()
        address = process.find(self.home)
        if address is not None:
            line = sandbox_at(address)
            Snapshots(line).reset()
            Clock(line).resume()
            Faults(line).off()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One sandbox for the plays of a module."""
    home = tmp_path_factory.mktemp("stage")
    yield Stage(home)
    end_sandbox(home)
    process._reap()


@pytest.fixture
def play(stage: Stage) -> Callable[..., Report]:
    """`play(lesson, instead=..., after=...)`, as `Stage.play`."""
    return stage.play


def _cells(lesson: str, instead: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, str]]:
    notebook = nbformat.read(NOTEBOOKS / f"{lesson}.ipynb", as_version=4)
    own = {cell.id: cell.source for cell in notebook.cells if cell.cell_type == "code"}
    unknown = {*instead, *after} - set(own)
    assert not unknown, f"{lesson} has no code cell {', '.join(sorted(unknown))}; it has: {', '.join(own)}"
    played = []
    for cell_id, source in own.items():
        played.append((cell_id, instead.get(cell_id, source)))
        if cell_id in after:
            played.append((f"{cell_id} (after it)", after[cell_id]))
    return played


def _run(source: str, namespace: dict[str, Any], *, cell: str) -> object:
    """The value that a notebook would show under the cell; it is drawn, as a notebook would."""
    try:
        tree = ast.parse(source)
        last = ast.Expression(tree.body.pop().value) if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        began = _writes(namespace)
        exec(compile(tree, cell, "exec"), namespace)  # noqa: S102 - to run a notebook is what this is for
        value = eval(compile(last, cell, "eval"), namespace) if last is not None else None  # noqa: S307 - as above
        if _writes(namespace) != began:
            _wait_for_silence(namespace["lab"])
        if hasattr(value, "_repr_html_"):
            value._repr_html_()
    except Exception as error:
        raise CellFailed(f"{cell}: {type(error).__name__}: {error}") from error
    return value


def _writes(namespace: Mapping[str, Any]) -> int:
    """How many requests of the learner's have changed something."""
    lab = namespace.get("lab")
    if not isinstance(lab, Lab):
        return 0
    return sum(entry.data["method"] != "GET" for entry in lab.stream.entries(kind=Kind.CALL))


def _wait_for_silence(lab: Lab) -> None:
    """Callbacks come on their own, a moment after the request that they follow from."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if lab.stream.wait_for(lambda _entry: True, since=lab.stream.last, timeout=SILENCE_SECONDS) is None:
            return
