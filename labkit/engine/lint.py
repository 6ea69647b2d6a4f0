"""What in a Workspace is legal and probably not meant: TaskRouter says nothing, and Tasks wait, end or are refused.

Warns and never refuses. What is wrong within an expression is found by `expressions/lint.py`; here is what takes more
than one resource to see. Docs: /docs/taskrouter/expression-syntax, /docs/taskrouter/workflow-configuration.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from labkit.engine.resources import TaskQueue, Workflow
from labkit.engine.time_of_day import with_time_of_day
from labkit.engine.workflow import Filter, RoutingPlan, Target
from labkit.engine.workspace_state import WorkspaceState
from labkit.expressions import Expression
from labkit.expressions.lint import Remark, Seen, holds_always, is_constant, lint
from labkit.expressions.operators import ValueKind

MOST = 500
"""Warnings that are given; a Workspace with more has other worries."""
_LOOKED_AT = 2_000
"""Workers, and as many Tasks, whose attributes are read: the latest."""
_ASKED = 200
"""Tasks that the filters of a Workflow without a default filter are asked about: the latest."""
_MOST_COUNTS = 5_000
"""Combinations of counts that are tried on one `skip_if`."""
_PLAIN_NAME = re.compile(r"[\w$]+")
_NAMES = re.compile(r"[^\W\d][\w$]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """One warning.

    Attributes:
        where: the resource by name and, in a Workflow, the JSON path.
        rule: its kind, such as ``no-default-filter``.
        what, why, fix: what was found, what TaskRouter makes of it, what to do; a sentence each.
    """

    where: str
    rule: str
    what: str
    why: str
    fix: str


def lint_workspace(state: WorkspaceState) -> tuple[Warned, ...]:
    """Everything in a Workspace that is probably not meant, each thing once: queues, Workflows, then attributes.

    Args:
        state: the Workspace; only read. Attributes that no expression names are no matter.
    """
    seen = Seen(
        read=_read(state),
        scopes={
            "worker": [worker.scope for worker in list(state.workers.values())[-_LOOKED_AT:]],
            "task": [with_time_of_day(t.scope, t.date_created) for t in list(state.tasks.values())[-_LOOKED_AT:]],
        },
    )
    found = [
        *(warned for queue in state.task_queues.values() for warned in _queue(state, queue, seen)),
        *(warned for workflow in state.workflows.values() for warned in _workflow(state, workflow, seen)),
        *_attribute_names(state),
    ]
    return tuple(dict.fromkeys(found))[:MOST]


def _read(state: WorkspaceState) -> Iterator[tuple[str, ...]]:
    """Every attribute that some expression of the Workspace reads, root first."""
    for queue in state.task_queues.values():
        yield from state.queue_expression(queue).references
    for workflow in state.workflows.values():
        for each in state.plan(workflow.sid, workflow.revision).filters:
            yield from each.expression.references if each.expression else ()
            for target in each.targets:
                for compiled in (target.expression, target.order):
                    yield from compiled.references if compiled else ()
                if target.known_worker is not None:
                    yield ("task", *target.known_worker.reference)


def _at(where: str, remarks: Iterable[Remark]) -> Iterator[Warned]:
    for remark in remarks:
        yield Warned(where=where, rule=remark.rule, what=remark.what, why=remark.why, fix=remark.fix)


# --- queues ----------------------------------------------------------------------------------------------------------


def _queue(state: WorkspaceState, queue: TaskQueue, seen: Seen) -> Iterator[Warned]:
    where = f"TaskQueue {queue.friendly_name}: TargetWorkers"
    if not queue.target_workers.strip():
        yield Warned(
            where=where,
            rule="empty-target-workers",
            what="TargetWorkers is empty.",
            why="An empty expression matches nobody: Tasks wait in this TaskQueue until they time out.",
            fix="Write 1==1 for everybody, or say who is meant.",
        )
        return
    expression = state.queue_expression(queue)
    if state.workers and not state.members[queue.sid] and not is_constant(expression):  # 1==0 is for nobody on purpose
        yield Warned(
            where=where,
            rule="no-worker-matches",
            what=_nobody_matches(queue, len(state.workers)),
            why="Tasks wait in this TaskQueue until they time out, whatever the Workers' Activities.",
            fix="Compare the expression with the Workers' attributes, letter by letter.",
        )
    yield from _at(where, lint(expression, seen))


def _nobody_matches(queue: TaskQueue, workers: int) -> str:
    if workers == 1:
        return f"The only Worker does not match {queue.target_workers}."
    none = "Neither Worker" if workers == 2 else f"None of the {workers:,} Workers"
    return f"{none} matches {queue.target_workers}."


# --- Workflows -------------------------------------------------------------------------------------------------------


def _workflow(state: WorkspaceState, workflow: Workflow, seen: Seen) -> Iterator[Warned]:
    plan = state.plan(workflow.sid, workflow.revision)
    name = f"Workflow {workflow.friendly_name}"
    yield from _unreachable(name, plan.filters)
    for index, each in enumerate(plan.filters):
        path = f"{name}: $.task_routing.filters[{index}]"
        if each.expression is not None:
            yield from _at(f"{path}.expression", lint(each.expression, seen))
        for number, target in enumerate(each.targets):
            is_last = number == len(each.targets) - 1
            yield from _target(state, f"{path}.targets[{number}]", target, seen=seen, is_last=is_last)
    sign = _sign_of_missing_default(state, workflow, plan) if plan.default is None else None
    if sign is not None:
        yield Warned(
            where=f"{name}: $.task_routing.default_filter",
            rule="no-default-filter",
            what=f"There is no default_filter, and {sign}.",
            why="A Task that no filter matches is not made: the sandbox refuses its creation with HTTP 400.",
            fix='Add "default_filter": {"queue": "WQ..."} beside "filters", or a filter for what is missing.',
        )


def _sign_of_missing_default(state: WorkspaceState, workflow: Workflow, plan: RoutingPlan) -> str | None:
    """What says that Tasks fall through, as a clause; None where the filters may well be all that is meant.

    Most Workflows that people deploy have no default filter: whoever makes the Tasks gives them what a filter asks for.
    """
    if not plan.filters:
        return "there are no filters"
    if any(each.expression is not None and holds_always(each.expression) for each in plan.filters):
        return None
    for task in list(state.tasks.values())[-_ASKED:]:
        if task.workflow_sid != workflow.sid or task.is_direct:
            continue
        if plan.first_match(with_time_of_day(task.scope, task.date_created)) is None:
            return f"no filter matches Task {task.sid} as its attributes are now"
    reached = {sid for each in state.workflows.values() for sid in state.plan(each.sid, each.revision).queue_sids}
    for queue in state.task_queues.values():
        if queue.sid not in reached and state.members[queue.sid]:
            return f"no Workflow leads to TaskQueue {queue.friendly_name}, which has Workers"
    return None


def _unreachable(name: str, filters: tuple[Filter, ...]) -> Iterator[Warned]:
    earlier: dict[str, int] = {}
    takes_all: int | None = None
    for index, each in enumerate(filters):
        text = " ".join(each.expression.text.split()) if each.expression else ""
        before = takes_all if takes_all is not None else earlier.get(text)
        if before is not None:
            yield Warned(
                where=f"{name}: $.task_routing.filters[{index}]",
                rule="unreachable-filter",
                what=f"Whatever matches this filter has matched filters[{before}] before.",
                why="TaskRouter takes the first filter that matches; this one gets only what timed out of that one.",
                fix="Put the narrower filter first, or take this one out.",
            )
        earlier.setdefault(text, index)
        if takes_all is None and each.expression is not None and holds_always(each.expression):
            takes_all = index


def _target(state: WorkspaceState, path: str, target: Target, *, seen: Seen, is_last: bool) -> Iterator[Warned]:
    if target.expression is not None:
        yield from _at(f"{path}.expression", lint(target.expression, seen))
    if target.order is not None:
        yield from _order(f"{path}.order_by", sorted(target.order.references), seen)
    if target.skip_if is not None:
        yield from _at(f"{path}.skip_if", lint(target.skip_if, Seen({})))
        if _is_never(state, target.skip_if):
            yield Warned(
                where=f"{path}.skip_if",
                rule="skip-if-never",
                what=f"{target.skip_if.text} is false for every number of Workers.",
                why="The target is never skipped: Tasks wait for its timeout instead.",
                fix='Write "workers.available == 0", or leave skip_if out.',
            )
    if is_last and target.timeout_seconds is not None:
        yield Warned(
            where=f"{path}.timeout",
            rule="last-target-timeout",
            what=f"The filter's last target has a timeout of {target.timeout_seconds} s.",
            why="When it is over the Task falls out of the Workflow and is canceled; default_filter does not catch it.",
            fix="Leave the timeout of the last target out: then the Task waits until its own timeout.",
        )


def _order(where: str, paths: list[tuple[str, ...]], seen: Seen) -> Iterator[Warned]:
    for path in paths:
        kinds = seen.kinds(path)
        if seen.knows(path) and (not kinds or ValueKind.NUMBER in kinds):
            continue
        yield Warned(
            where=where,
            rule="order-by-no-number",
            what=f"No Worker seen here has a number in {'.'.join(path)}.",
            why="order_by ranks integers; whoever has something else or nothing comes last, and the longest idle wins.",
            fix="Give the Workers an integer there, or order by another attribute.",
        )


def _is_never(state: WorkspaceState, skip_if: Expression) -> bool:
    """Whether no counts make it true; False as well where there are too many to try."""
    names = sorted(path[1] for path in skip_if.references if len(path) == 2)
    numbers = {int(text) for text in re.findall(r"\d{1,9}", _NAMES.sub("", skip_if.text))}
    counts = sorted({0, 1, *(n + step for n in numbers for step in (-1, 0, 1) if n + step >= 0)})
    if len(counts) ** len(names) > _MOST_COUNTS:
        return False
    known = {"available", "unavailable", *state.activities}
    tried: list[list[int | None]] = [[*counts] if name in known else [None] for name in names]
    return not any(_skips(skip_if, names, values) for values in product(*tried))


def _skips(skip_if: Expression, names: list[str], values: tuple[int | None, ...]) -> bool:
    return skip_if.matches({"workers": dict(zip(names, values, strict=True))})


# --- attributes ------------------------------------------------------------------------------------------------------


def _attribute_names(state: WorkspaceState) -> Iterator[Warned]:
    for worker in list(state.workers.values())[-_LOOKED_AT:]:
        own = {name: value for name, value in worker.scope.items() if name != "channel"}
        yield from _unreadable(f"Worker {worker.friendly_name}: Attributes", own)
    for task in list(state.tasks.values())[-_LOOKED_AT:]:
        yield from _unreadable(f"Task {task.sid}: Attributes", task.scope)


def _unreadable(where: str, attributes: dict[str, Any]) -> Iterator[Warned]:
    for name in _keys(attributes):
        if _PLAIN_NAME.fullmatch(name):
            continue
        yield Warned(
            where=where,
            rule="hyphen-in-name" if "-" in name else "unreadable-name",
            what=f"The attribute {name[:80]!r} has characters that no expression can write.",
            why="Names in expressions are letters, digits and underscores, so nothing can be routed by this one.",
            fix=f"Call it {re.sub(r'[^0-9A-Za-z_]+', '_', name[:80]).strip('_') or 'something else'!r}.",
        )


def _keys(attributes: dict[str, Any]) -> Iterator[str]:
    waiting: list[Any] = [attributes]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield from value
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
