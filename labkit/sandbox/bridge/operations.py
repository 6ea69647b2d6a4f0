"""Which path of the bridge does what, in one table: on the resources and commands of `api/`, shown by `rendering`.

Twilio does not publish these paths; they are those that the Worker SDK asks for. Parameters are REST's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from labkit.engine.refusals import NotFound
from labkit.engine.workspace_state import WorkspaceState
from labkit.sandbox.api import task_queues, tasks, workers
from labkit.sandbox.api.params import Form
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.resource import Operation, Resource
from labkit.sandbox.bridge import rendering
from labkit.sandbox.bridge.access_tokens import Grant
from labkit.sandbox.bridge.grants import Who
from labkit.sandbox.refusals import MethodNotAllowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request to the bridge, once it is known who asks and what the path means."""

    grant: Grant
    place: RequestContext
    form: Form
    version: int
    if_match: str | None


Show = Callable[[Question, Any], dict[str, Any]]
Do = Callable[[Question], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeOperation:
    """One method of one path.

    Attributes:
        path: after `/v1/`; `{...}` are variable parts, by REST's names for them.
        do: gives the payload.
        who: may ask.
        checks_version: whether `If-Match` counts. The client sends it with whatever it changes.
    """

    method: str
    path: str
    do: Do
    who: Who = Who.EVERYBODY
    checks_version: bool = False


# --- what an operation can do ----------------------------------------------------------------------------------------


def fetched(resource: Resource, show: Show) -> Do:
    """The record in the path."""

    async def do(question: Question) -> dict[str, Any]:
        return show(question, resource.record(question.place))

    return do


def updated(resource: Resource, show: Show, operation: Operation | None = None) -> Do:
    """The record in the path, once it is changed as REST changes it, or by an operation of the bridge's own."""
    change = operation or _given(resource.update)

    async def do(question: Question) -> dict[str, Any]:
        return await _played(question, change, show, sid=resource.record(question.place).sid)

    return do


async def _played(question: Question, operation: Operation, show: Show, *, sid: str) -> dict[str, Any]:
    command = await operation.asked(question.place, sid, question.form, if_match=question.if_match)
    return await question.place.service.execute(command, view=partial(show, question))


def _given(operation: Operation | None) -> Operation:
    if operation is None:
        raise AssertionError("the resource has no such operation")
    return operation


# --- how records are shown -------------------------------------------------------------------------------------------


def _as(render: Callable[[WorkspaceState, Any], dict[str, Any]]) -> Show:
    return lambda question, record: render(question.place.state, record)


_worker, _queue = _as(rendering.worker), _as(rendering.task_queue)


def _task(question: Question, record: Any) -> dict[str, Any]:
    return rendering.task(question.place.state, record, now=question.place.now)


# --- the table -------------------------------------------------------------------------------------------------------


def _get(path: str, do: Do) -> BridgeOperation:
    return BridgeOperation(method="GET", path=path, do=do)


def _post(path: str, do: Do, who: Who, *, checks_version: bool = False) -> BridgeOperation:
    return BridgeOperation(method="POST", path=path, do=do, who=who, checks_version=checks_version)


ALL = "Workspaces/{workspace_sid}"

OPERATIONS = (
    _get(f"{ALL}/Workers/{{sid}}", fetched(workers.RESOURCE, _worker)),
    _post(f"{ALL}/Workers/{{sid}}", updated(workers.RESOURCE, _worker), Who.OR_SUPERVISOR, checks_version=True),
    _get(f"{ALL}/TaskQueues/{{sid}}", fetched(task_queues.RESOURCE, _queue)),
    _get(f"{ALL}/Tasks/{{sid}}", fetched(tasks.RESOURCE, _task)),
    _post(f"{ALL}/Tasks/{{sid}}", updated(tasks.RESOURCE, _task), Who.EVERYBODY, checks_version=True),
)

Shape = tuple[int, tuple[str, ...]]


def _shape(parts: Sequence[str]) -> Shape:
    """Of a path: how long it is, and every other part; those in between are variable."""
    return len(parts), tuple(parts[::2])


_BY_SHAPE: dict[Shape, dict[str, BridgeOperation]] = {}
for _each in OPERATIONS:
    _BY_SHAPE.setdefault(_shape(_each.path.split("/")), {})[_each.method] = _each


def find(method: str, url: str) -> tuple[BridgeOperation, dict[str, str]]:
    """The operation of a path, and the path's variable parts by their names.

    Raises:
        NotFound: there is no such path.
        MethodNotAllowed: there is, and it does not take this method.
    """
    parts = url.split("/")
    there = _BY_SHAPE.get(_shape(parts))
    if there is None or not all(parts):
        raise NotFound(url)
    operation = there.get(method)
    if operation is None:
        raise MethodNotAllowed(method[:20], allowed=sorted(there))
    names = operation.path.split("/")
    return operation, {name[1:-1]: part for name, part in zip(names[1::2], parts[1::2], strict=True)}
