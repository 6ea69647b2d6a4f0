"""Who matches a TaskQueue, as TaskRouter has it (docs: /docs/taskrouter/api/task-queue, TargetWorkers). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from labkit.errors import ExpressionError
from labkit.expressions import Dialect, Expression, compile_expression
from labkit.live.views import WorkerView


def eligible(target_workers: str, workers: Iterable[WorkerView]) -> list[WorkerView]:
    """Those of the Workers who match the expression of a TaskQueue, whatever their Activity and their capacity.

    Their channels are not asked: how full they are is not known here. An expression that is empty, or that cannot be
    read, matches nobody.
    """
    expression = _compiled(target_workers)
    return [] if expression is None else [each for each in workers if expression.matches({"worker": _scope(each)})]


@lru_cache(maxsize=128)
def _compiled(text: str) -> Expression | None:
    try:
        return compile_expression(text, Dialect.WORKER) if text.strip() else None
    except ExpressionError:
        return None


def _scope(worker: WorkerView) -> dict[str, object]:
    return {
        **worker.attributes,
        "sid": worker.sid,
        "friendly_name": worker.name,
        "activity_sid": worker.activity_sid,
        "activity_name": worker.activity_name,
    }
