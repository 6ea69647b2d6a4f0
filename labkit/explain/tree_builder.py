"""From findings to a tree: what is said first, what is folded away, and in which words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from labkit.display import counted, duration, shown, time_of_day
from labkit.engine.diagnosis.findings import (
    FilterFinding,
    FilterState,
    Findings,
    TargetFinding,
    TargetState,
    TaskFacts,
    WorkerFinding,
)
from labkit.engine.diagnosis.wording import of_several, period, reads
from labkit.explain.tree import TreeNode
from labkit.expressions import Trace
from labkit.vocabulary import TaskStatus

_FILTER_MARKS = {FilterState.NO_MATCH: "✗", FilterState.NOT_LOOKED_AT: "·"}
_FILTER_WORDS = {
    FilterState.TAKEN: "matches, and the Task follows it",
    FilterState.KEPT: "does not match any more, and the Task stays in it",
    FilterState.LEFT: "matches; the Task has been through its targets",
    FilterState.NO_MATCH: "does not match",
    FilterState.NOT_LOOKED_AT: "not looked at",
}
_WAITING = {TaskStatus.PENDING, TaskStatus.RESERVED}
MOST_RESERVATIONS = 10
"""The latest, which are shown; the others are counted."""
MOST_STEPS = 60
"""The same of what happened."""
_TARGET_MARKS = {TargetState.PASSED: "✗", TargetState.CURRENT: "→", TargetState.AHEAD: "·"}


def branches(found: Findings) -> tuple[TreeNode, ...]:
    """The tree below the headline; a branch that has nothing to say is left out."""
    return tuple(_branches(found))


def _branches(found: Findings) -> Iterator[TreeNode]:
    yield _task(found.task)
    yield from _branch("What would have to change", [TreeNode(each.text) for each in found.suggestions])
    yield from _branch("Filters", [_filter(each) for each in found.filters], is_open=not found.choices)
    yield from _branch("Targets", [_target(each, found.task) for each in found.targets], is_open=not found.choices)
    yield from _branch("Workers", list(_workers(found)))
    yield from _branch("Served before it", list(_ahead(found)), is_open=False)
    yield from _branch("Reservations", list(_choices(found)))
    yield from _branch("What happened (times in UTC)", list(_history(found)), is_open=bool(found.choices))
    yield from _branch("Notes", [TreeNode(note) for note in found.notes])
    yield from _branch("Not known", [TreeNode(each) for each in found.unknown])


def _branch(title: str, children: Sequence[TreeNode], *, is_open: bool = True) -> Iterator[TreeNode]:
    if children:
        yield TreeNode(title, tuple(children), is_open=is_open)


def _task(task: TaskFacts) -> TreeNode:
    facts = [
        f"attributes {shown(task.attributes)}" if task.attributes else "",
        f"priority {task.priority}",
        f"channel {task.channel}" if task.channel else "",
        f"age {period(task.age_seconds)}",
        f"canceled in {period(task.ttl_seconds_left)} if nobody accepts it"
        if task.ttl_seconds_left is not None
        else "",
    ]
    places = [f"Workflow {task.workflow}" if task.workflow else "", f"TaskQueue {task.queue}" if task.queue else ""]
    lines = [", ".join(filter(None, line)) for line in (facts, places)]
    return TreeNode(f"Task {task.sid}: {task.status}", tuple(TreeNode(line) for line in lines if line))


def _filter(found: FilterFinding) -> TreeNode:
    condition = f": {found.expression}" if found.expression else ""
    trace = trace_nodes(found.trace) if found.trace is not None else ()
    return TreeNode(
        f"{found.name}{condition} ({_FILTER_WORDS[found.state]})",
        trace,
        mark=_FILTER_MARKS.get(found.state, "✓"),
        is_open=found.state is not FilterState.NOT_LOOKED_AT,
    )


def trace_nodes(trace: Trace, *, said: str = "") -> tuple[TreeNode, ...]:
    """What an expression came to: why it is false or which values it read, or part by part.

    Args:
        trace: of the expression.
        said: the reason that stands above already.
    """
    if trace.children:
        return tuple(_part(child, said=said) for child in trace.children)
    return tuple(TreeNode(text) for text in (_found(trace),) if text)


def _part(trace: Trace, *, said: str) -> TreeNode:
    mark = "✓" if trace.value else "✗"
    is_said = bool(said) and trace.reason == said
    found = "" if trace.children or is_said else _found(trace)
    text = f"{trace.text}: {found}" if found else trace.text
    return TreeNode(text, trace_nodes(trace, said=said) if trace.children else (), mark=mark, is_open=not trace.value)


def _found(trace: Trace) -> str:
    return reads(trace.reads) if trace.value else trace.reason.removesuffix(".")


def _target(found: TargetFinding, task: TaskFacts) -> TreeNode:
    condition = f" ({found.queue_expression})" if found.queue_expression else ""
    return TreeNode(
        f"{found.queue or 'straight to the Worker'}{condition}: {_when(found, task)}",
        tuple(TreeNode(line) for line in _details(found)),
        mark=_TARGET_MARKS[found.state],
        is_open=found.state is TargetState.CURRENT,
    )


def _when(found: TargetFinding, task: TaskFacts) -> str:
    if found.state is TargetState.PASSED:
        return "passed"
    if found.state is TargetState.AHEAD:
        return "ahead, without a time limit" if found.timeout_seconds is None else "ahead"
    if task.status not in _WAITING:
        return "it was here at the end" if task.status == TaskStatus.CANCELED else "taken here"
    if found.seconds_left is not None:
        return f"{period(found.seconds_left)} left"
    return "it is here, without a time limit" if found.timeout_seconds is None else "it is here"


def _details(found: TargetFinding) -> Iterator[str]:
    if found.timeout_seconds is not None:
        yield f"timeout {duration(found.timeout_seconds)}{_until(found)}"
    if found.skip is not None:
        counts = reads(found.skip.counts.items())
        yield f"skip_if {found.skip.expression} is {'true' if found.skip.holds else 'false'} now ({counts})"
    if found.priority is not None:
        yield f"priority {found.priority}"
    if found.known_worker:
        yield f"known_worker_{found.known_by} {found.known_worker}"
    for name in ("expression", "order_by"):
        if value := getattr(found, name):
            yield f"{name} {value}"


def _until(found: TargetFinding) -> str:
    """When a time limit ends; that is worth a word only where others came before it."""
    if found.ends_at_age in (None, found.timeout_seconds):
        return ""
    return f", so until the Task's age is {duration(found.ends_at_age or 0)}: time limits add up from its creation"


def _workers(found: Findings) -> Iterator[TreeNode]:
    for worker in found.workers:
        yield _worker(worker)
    if found.more_workers:
        groups = [f"{each.count:,} {of_several(each.kind, each.count)}" for each in found.tally]
        yield TreeNode(f"and {counted(found.more_workers, 'Worker')} more; in all, {', '.join(groups)}")


def _worker(found: WorkerFinding) -> TreeNode:
    if found.eligible:
        return TreeNode(
            f"{found.name} ({found.activity}) may have it: number {found.place}",
            (TreeNode(found.order),),
            mark="✓",
            topic="worker",
        )
    first, *others = found.reasons
    children = [TreeNode(f"and {reason.text}") for reason in others]
    parted = [reason.trace for reason in found.reasons if reason.trace and reason.trace.children]
    traces = [node for trace in parted for node in trace_nodes(trace, said=trace.reason)]
    said = f"{found.name} {first.text}"
    return TreeNode(said, (*children, *traces), mark="✗", is_open=bool(others), topic="worker")


def _ahead(found: Findings) -> Iterator[TreeNode]:
    for task in found.ahead:
        waiting = period(task.waiting_seconds)
        yield TreeNode(f"Task {task.task_sid}: priority {task.priority}, waiting {waiting}, channel {task.channel}")
    if found.ahead_count > len(found.ahead):
        yield TreeNode(f"and {counted(found.ahead_count - len(found.ahead), 'Task')} more")


def _choices(found: Findings) -> Iterator[TreeNode]:
    kept = found.choices[-MOST_RESERVATIONS:]
    if len(kept) < len(found.choices):
        yield TreeNode(f"{counted(len(found.choices) - len(kept), 'Reservation')} before these")
    for each in kept:
        because = tuple(TreeNode(f"{each.worker} {text}") for text in each.because)
        mark = {"accepted": "✓", "pending": "→"}.get(each.outcome, "✗")
        made = time_of_day(each.at, today=found.at)
        yield TreeNode(f"{each.worker}: Reservation {each.outcome}, made at {made} UTC", because, mark=mark)


def _history(found: Findings) -> Iterator[TreeNode]:
    kept = found.history[-MOST_STEPS:]
    if len(kept) < len(found.history):
        yield TreeNode(f"{counted(len(found.history) - len(kept), 'event')} before these")
    for each in kept:
        yield TreeNode(f"{time_of_day(each.at, today=found.at)}{_after(each.seconds)} {each.text}")


def _after(seconds: float) -> str:
    """How long after the first thing that happened; to a tenth of a second as long as that says something."""
    if seconds < 0.05:
        return ""
    return f" (+{seconds:.1f} s)" if seconds < 60 else f" (+{duration(seconds)})"
