"""What to do about a waiting Task where no change of one Worker that we know of would be enough."""

from __future__ import annotations

from collections.abc import Iterator

from labkit.display import shortened
from labkit.engine.diagnosis.findings import ReasonKind, Suggestion
from labkit.engine.diagnosis.wording import capital, listed
from labkit.engine.diagnosis.workers import KNOWN_BY, Candidates
from labkit.engine.workflow import KnownWorker


def other_advice(field: Candidates) -> tuple[Suggestion, ...]:
    """In the order of what one would do first; each is enough by itself, or the first step."""
    return tuple(Suggestion(text=text) for text in _texts(field))


def _texts(field: Candidates) -> Iterator[str]:
    if field.task.is_for_one_worker:
        yield from _to_have_an_activity(field)
    elif field.target.known_worker is not None:
        yield from _to_be_known(field, field.target.known_worker)
    elif field.members:
        yield from _to_have_an_activity(field)
        yield from _to_fit(field)
    else:
        yield from _to_match(field)


def _to_match(field: Candidates) -> Iterator[str]:
    queue = field.state.task_queues[field.target.queue_sid]
    name, expression = f"TaskQueue {queue.friendly_name}", field.state.queue_expression(queue)
    if expression.condition is None:
        yield f"Set TargetWorkers of {name} to 1==1, so that every Worker matches."
    elif not expression.references and not expression.matches({}):
        yield f"Change TargetWorkers of {name}: {shortened(expression.text)} is never true."
    elif field.state.workers:
        yield f"Add a Worker who matches {name}, or change its TargetWorkers."
    else:
        yield f"Add a Worker who matches {name} ({shortened(expression.text)})."


def _to_be_known(field: Candidates, known: KnownWorker) -> Iterator[str]:
    name, by = ".".join(known.reference), KNOWN_BY[known.field]
    yield f"Set {name} of the Task to the {by} of a Worker who matches TaskQueue {field.queue_name}."
    if field.target.timeout_seconds is None:
        yield "Give this target a timeout, and add a target after it that asks for no known Worker."


def _to_have_an_activity(field: Candidates) -> Iterator[str]:
    """Where none is available, nobody can be set to one."""
    if any(activity.available for activity in field.state.activities.values()):
        return
    away = [w.friendly_name for w in field.members if ReasonKind.ACTIVITY in field.failing[w.sid]]
    if away:
        yield f"Add an Activity that is available, and set {listed(away, conjunction='or')} to it."


def _to_fit(field: Candidates) -> Iterator[str]:
    """Where the target's own expression keeps everybody out, a wider target may come after it."""
    if field.target.expression is None or field.target.known_worker is not None:
        return
    if all(ReasonKind.TARGET_EXPRESSION in field.failing[worker.sid] for worker in field.members):
        timeout = "" if field.target.timeout_seconds is not None else "give this target a timeout, and "
        yield capital(f"{timeout}add a target after it whose expression asks for less.")
