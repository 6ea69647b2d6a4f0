"""Which names an expression may use, and where in the scope they lead."""

from __future__ import annotations

from enum import StrEnum, auto

Steps = tuple[str | int, ...]


class Dialect(StrEnum):
    """Where an expression stands decides what its names mean (docs: /docs/taskrouter/expression-syntax).

    No name is an error: one that leads nowhere is NULL.
    """

    TASK = auto()
    """Workflow filter, EvaluateTaskAttributes: names are Task attributes; the prefix `task.` may be written."""
    WORKER = auto()
    """TargetWorkers, TargetWorkersExpression: names are Worker attributes; the prefix `worker.` may be written."""
    TARGET = auto()
    """`expression` of a Workflow target: `task.` or `worker.` is needed; a bare name is NULL (our choice)."""
    COUNTS = auto()
    """`skip_if` of a Workflow target: `workers.available`, `workers.unavailable`, `workers.WA...`; the rest is NULL."""


_ROOTS = {
    Dialect.TASK: ("task",),
    Dialect.WORKER: ("worker",),
    Dialect.TARGET: ("task", "worker"),
    Dialect.COUNTS: ("workers",),
}
_ROOT_OF_BARE_NAMES = {Dialect.TASK: "task", Dialect.WORKER: "worker"}


def resolve(steps: Steps, dialect: Dialect) -> Steps:
    """The way from the scope to what a name means in this dialect, root first; empty when it means nothing.

    A prefix wins over an attribute of the same name: `task.id` in a filter is the Task attribute `id`,
    even when the Task has an attribute `task` (our choice).
    """
    if len(steps) > 1 and steps[0] in _ROOTS[dialect] and isinstance(steps[1], str):
        return steps
    if dialect in _ROOT_OF_BARE_NAMES:
        return (_ROOT_OF_BARE_NAMES[dialect], *steps)
    return ()
