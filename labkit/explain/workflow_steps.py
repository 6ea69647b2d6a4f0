"""A Workflow's configuration as steps to show: each filter with its targets, in TaskRouter's words and with names.

Docs: /docs/taskrouter/workflow-configuration.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from labkit.display import Line, duration
from labkit.engine.diagnosis.findings import FilterState, TargetState
from labkit.engine.diagnosis.workers import KNOWN_BY
from labkit.engine.workflow import RoutingPlan, Target
from labkit.engine.workspace_state import WorkspaceState

_FILTER_MARKS = {FilterState.NO_MATCH: "✗", FilterState.NOT_LOOKED_AT: "·"}
_TARGET_MARKS = {TargetState.PASSED: "✗", TargetState.CURRENT: "→", TargetState.AHEAD: "·"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetStep:
    """One target. What the configuration leaves out is empty; `state` and `why` are so where no Task goes by.

    Attributes:
        queue, queue_expression: the TaskQueue's name and its TargetWorkers.
        known_worker: the Task attribute that names one, and what of the Worker it holds.
        timeout: until the next target is tried, in words.
        state: a `TargetState`.
        why: why it was left, or how long the Task may stay.
    """

    queue: str
    queue_expression: str = ""
    expression: str = ""
    known_worker: str = ""
    order_by: str = ""
    priority: str = ""
    timeout: str = ""
    skip_if: str = ""
    state: str = ""
    why: str = ""

    def line(self) -> Line:
        """It as a line, with what it asks for under it."""
        rows = (
            ("expression", self.expression),
            ("known_worker", self.known_worker),
            ("order_by", self.order_by),
            ("priority", self.priority),
            ("timeout", self.timeout),
            ("skip_if", self.skip_if),
        )
        under = tuple(Line(f"{name} {value}") for name, value in rows if value)
        said = f"{self.queue} ({self.queue_expression})" if self.queue_expression else self.queue
        mark = _TARGET_MARKS[TargetState(self.state)] if self.state else ""
        return Line(f"{said}: {self.why}" if self.why else said, under, mark=mark)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterStep:
    """One filter; the default one has no expression. `state` is a `FilterState`, empty where no Task goes by."""

    name: str
    targets: tuple[TargetStep, ...]
    expression: str = ""
    is_default: bool = False
    state: str = ""
    why: str = ""

    def line(self) -> Line:
        """It as a line, with its targets under it."""
        said = f"{self.name}: {self.expression}" if self.expression else self.name
        mark = _FILTER_MARKS.get(FilterState(self.state), "✓") if self.state else ""
        why = f" ({self.why})" if self.why else ""
        return Line(f"{said}{why}", tuple(each.line() for each in self.targets), mark=mark)

    def as_data(self) -> dict[str, Any]:
        """It as JSON values."""
        return {**asdict(self), "targets": [asdict(each) for each in self.targets]}


def outline(plan: RoutingPlan, state: WorkspaceState) -> tuple[FilterStep, ...]:
    """Every filter of a configuration, the default one last; its TaskQueues are in the state."""
    return tuple(_outline(plan, state))


def _outline(plan: RoutingPlan, state: WorkspaceState) -> Iterator[FilterStep]:
    for number, each in enumerate(plan.filters, start=1):
        yield FilterStep(
            name=each.name or f"filter {number}",
            expression=each.expression.text if each.expression else "",
            targets=tuple(_target(target, state) for target in each.targets),
        )
    if plan.default is not None:
        targets = tuple(_target(target, state) for target in plan.default.targets)
        yield FilterStep(name=plan.default.name, targets=targets, is_default=True)


def _target(target: Target, state: WorkspaceState) -> TargetStep:
    queue, known = state.task_queues[target.queue_sid], target.known_worker
    return TargetStep(
        queue=queue.friendly_name,
        queue_expression=queue.target_workers,
        expression=target.expression.text if target.expression else "",
        known_worker=f"the {KNOWN_BY[known.field]} in task.{'.'.join(known.reference)}" if known else "",
        order_by=target.order.text if target.order else "",
        priority="" if target.priority is None else f"{target.priority:,}",
        timeout="" if target.timeout_seconds is None else duration(target.timeout_seconds),
        skip_if=target.skip_if.text if target.skip_if else "",
    )
