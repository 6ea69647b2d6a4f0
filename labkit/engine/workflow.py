"""A Workflow's configuration, read once into a Plan that routing can follow.

The document's shape, its defaults and the legacy keys that recorded clients still send are here and nowhere else
(docs: /docs/taskrouter/workflow-configuration and its sub-pages). Expressions are checked for syntax only, as there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NoReturn

from labkit import limits
from labkit.engine.json_parameters import read_json
from labkit.engine.refusals import InvalidParameter
from labkit.engine.resources import DEFAULT_FILTER
from labkit.errors import ExpressionError
from labkit.expressions import Dialect, Expression, Order, compile_expression, compile_order


@dataclass(frozen=True)
class KnownWorker:
    """A target for one Worker, named by a Task attribute (docs: …/workflow-configuration/known-agent-routing)."""

    field: str
    """`sid` or `friendly_name`: what the attribute holds."""
    reference: tuple[str, ...]
    """The attribute's path without `task`, such as ("agent", "sid")."""


@dataclass(frozen=True)
class Target:
    """One routing step: a queue, and who of its Workers, in which order, for how long."""

    queue_sid: str
    priority: int | None = None
    timeout_seconds: int | None = None
    expression: Expression | None = None
    order: Order | None = None
    skip_if: Expression | None = None
    known_worker: KnownWorker | None = None

    @cached_property
    def task_references(self) -> tuple[tuple[str, ...], ...]:
        """The Task attributes that decide which Workers may have the Task here."""
        known = [self.known_worker.reference] if self.known_worker else []
        expression = sorted(self.expression.references) if self.expression else []
        return (*known, *(path[1:] for path in expression if path[0] == "task"))

    @property
    def is_open_to_all(self) -> bool:
        """Whether every Worker of the queue will do."""
        return self.expression is None and self.known_worker is None


@dataclass(frozen=True)
class Filter:
    """A condition on the Task, and the targets that it leads to, top down."""

    name: str
    targets: tuple[Target, ...]
    expression: Expression | None = None
    """None for the default filter: it takes whatever comes."""

    def matches(self, task_scope: Mapping[str, Any]) -> bool:
        return self.expression is None or self.expression.matches({"task": task_scope})


@dataclass(frozen=True)
class RoutingPlan:
    """A whole configuration."""

    filters: tuple[Filter, ...]
    default: Filter | None = None

    def filter_at(self, index: int) -> Filter | None:
        """The filter with this index; DEFAULT_FILTER is the default one, which may be missing."""
        return self.default if index == DEFAULT_FILTER else self.filters[index]

    def first_match(self, task_scope: Mapping[str, Any], *, after: int = -1) -> int | None:
        """The index of the first filter after `after` that matches, or None. The default filter is not looked at."""
        for index in range(after + 1, len(self.filters)):
            if self.filters[index].matches(task_scope):
                return index
        return None

    @cached_property
    def reads_time_of_day(self) -> bool:
        """Whether a filter asks for the time or the day (docs: /docs/taskrouter/time-of-day-routing)."""
        read = (each.expression.references for each in self.filters if each.expression is not None)
        return any(path[1:2] == ("taskrouter",) for references in read for path in references)

    @cached_property
    def queue_sids(self) -> frozenset[str]:
        """Every TaskQueue that the configuration names."""
        return frozenset(target.queue_sid for target in self.targets())

    def targets(self) -> Iterator[Target]:
        """Of all filters, the default one included."""
        for each in (*self.filters, *([self.default] if self.default else [])):
            yield from each.targets


DIRECT_FILTER_NAME = "Direct"


@lru_cache(maxsize=4096)
def direct_plan(queue_sid: str) -> RoutingPlan:
    """The Plan of a Task that was sent to a queue by RoutingTarget: there it waits."""
    return RoutingPlan(filters=(), default=Filter(name=DIRECT_FILTER_NAME, targets=(direct_target(queue_sid),)))


@lru_cache(maxsize=4096)
def direct_target(queue_sid: str) -> Target:
    """The target of a Task that was sent to a queue and waits there."""
    return Target(queue_sid=queue_sid)


@lru_cache(maxsize=8)
def parse_configuration(text: str) -> RoutingPlan:
    """The Plan in a Workflow's `Configuration`; the last few are remembered, so that it can be parsed beforehand.

    Raises:
        InvalidParameter: the document is not what TaskRouter takes; the message names the JSON path.
    """
    if len(text.encode("utf-8", "replace")) > limits.MAX_CONFIGURATION_BYTES:
        raise InvalidParameter("Configuration", f"it is larger than {limits.MAX_CONFIGURATION_BYTES} bytes")
    root = _ConfigurationNode(read_json("Configuration", text), "$")
    routing = root.child("task_routing", required=True)
    filters = tuple(_filter(node) for node in routing.children("filters"))
    default = routing.child("default_filter")
    return RoutingPlan(filters=filters, default=_default_filter(default) if default.given else None)


def _filter(node: _ConfigurationNode) -> Filter:
    expression = node.text("expression", required=True)
    targets: list[Target] = []
    for child in node.children("targets", required=True):
        targets.append(_target(child, targets[-1].queue_sid if targets else None))
    if not targets:
        node.child("targets").refuse("at least one target is needed")
    name = node.text("filter_friendly_name") or node.text("friendly_name") or ""
    return Filter(
        name=name, targets=tuple(targets), expression=_expression(node, "expression", expression, Dialect.TASK)
    )


def _default_filter(node: _ConfigurationNode) -> Filter:
    queue = node.text("queue") or node.text("task_queue_sid")
    if not queue:
        node.child("queue").refuse("a TaskQueue SID is needed")
    return Filter(name=node.text("filter_friendly_name") or "Default", targets=(Target(queue_sid=queue),))


def _target(node: _ConfigurationNode, queue_before: str | None) -> Target:
    queue = node.text("queue") or queue_before
    if not queue:
        node.child("queue").refuse("the first target of a filter needs a TaskQueue SID")
    order_by = node.text("order_by")
    return Target(
        queue_sid=queue,
        priority=node.whole_number("priority", least=0),
        timeout_seconds=node.whole_number("timeout", least=0) or None,  # Workflows that run have a 0, and stay
        expression=_optional(node, "expression", Dialect.TARGET),
        skip_if=_optional(node, "skip_if", Dialect.COUNTS),
        order=_order(node, order_by) if order_by else None,
        known_worker=_known_worker(node),
    )


def _known_worker(node: _ConfigurationNode) -> KnownWorker | None:
    given = [key for key in ("known_worker_sid", "known_worker_friendly_name") if node.text(key)]
    if len(given) > 1:
        node.child(given[1]).refuse("give known_worker_sid or known_worker_friendly_name, not both")
    if not given:
        return None
    root, *path = str(node.text(given[0])).split(".")
    if root != "task" or not all(path) or not path:
        node.child(given[0]).refuse("a Task attribute is needed, such as task.agent_sid")
    return KnownWorker(field=given[0].removeprefix("known_worker_"), reference=tuple(path))


def _optional(node: _ConfigurationNode, key: str, dialect: Dialect) -> Expression | None:
    text = node.text(key)
    return _expression(node, key, text, dialect) if text and text.strip() else None


def _expression(node: _ConfigurationNode, key: str, text: str | None, dialect: Dialect) -> Expression:
    try:
        return compile_expression(text or "", dialect)
    except ExpressionError as error:
        node.child(key).refuse(str(error))


def _order(node: _ConfigurationNode, text: str) -> Order:
    try:
        return compile_order(text)
    except ExpressionError as error:
        node.child("order_by").refuse(str(error))


class _ConfigurationNode:
    """A place in the document that knows its own path, so that every complaint names it."""

    def __init__(self, value: Any, path: str) -> None:
        self.value = value
        self.path = path

    @property
    def given(self) -> bool:
        return self.value is not None

    def refuse(self, problem: str) -> NoReturn:
        raise InvalidParameter("Configuration", f"{self.path}: {problem}")

    def child(self, key: str, *, required: bool = False) -> _ConfigurationNode:
        if not isinstance(self.value, dict):
            self.refuse("a JSON object is needed here")
        child = _ConfigurationNode(self.value.get(key), f"{self.path}.{key}")
        if required and not child.given:
            child.refuse("this key is required")
        return child

    def children(self, key: str, *, required: bool = False) -> Iterator[_ConfigurationNode]:
        child = self.child(key, required=required)
        if child.given and not isinstance(child.value, list):
            child.refuse("a list is needed here")
        for index, value in enumerate(child.value or []):
            yield _ConfigurationNode(value, f"{child.path}[{index}]")

    def text(self, key: str, *, required: bool = False) -> str | None:
        child = self.child(key, required=required)
        if child.given and not isinstance(child.value, str):
            child.refuse("a string is needed here")
        return child.value  # type: ignore[no-any-return]  # checked just above

    def whole_number(self, key: str, *, least: int) -> int | None:
        child = self.child(key)
        value = child.value
        if value is None or value == "":
            return None
        if isinstance(value, str) and value.strip().isdecimal() and len(value) < 11:
            value = int(value)  # recorded clients write "timeout": "30"
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= limits.MAX_WHOLE_NUMBER:
            child.refuse(
                f"a whole number from {least} to {limits.MAX_WHOLE_NUMBER} is needed, and this is {value!r:.40}"
            )
        return int(value)
