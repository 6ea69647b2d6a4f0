"""Which path of the bridge does what, in one table: on the resources and commands of `api/`, shown by `rendering`.

Twilio does not publish these paths; they are those that the Worker SDK asks for. Parameters are REST's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from labkit.engine import commands as c
from labkit.engine.instruction_preconditions import Situation, unmet
from labkit.engine.refusals import InvalidParameter, NotFound
from labkit.engine.resources import Reservation
from labkit.engine.workspace_state import WorkspaceState
from labkit.error_codes import ErrorCode
from labkit.sandbox.api import activities, reservations, task_queues, tasks, worker_channels, workers
from labkit.sandbox.api.params import Form, Text, is_true
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.resource import Operation, Resource
from labkit.sandbox.bridge import lists, participants, rendering, transfers
from labkit.sandbox.bridge.access_tokens import Grant
from labkit.sandbox.bridge.grants import Who
from labkit.sandbox.refusals import BadInstruction, BadRoutingTarget, Forbidden, MethodNotAllowed
from labkit.vocabulary import Role, Sid, is_sid


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
        tells: which of the lists that a client loads at first this is, if it is one.
    """

    method: str
    path: str
    do: Do
    who: Who = Who.EVERYBODY
    checks_version: bool = False
    tells: str = ""


# --- what an operation can do ----------------------------------------------------------------------------------------


def listed(
    resource: Resource,
    show: Show,
    *,
    orders: lists.Orders | None = None,
    sids: Mapping[str, Sid] | None = None,
    records: Callable[[Question], Sequence[Any]] | None = None,
) -> Do:
    """A page of the resource's list.

    Args:
        orders: what `Ordering` may be.
        sids: parameters that are refused if they are no SID of this kind.
        records: those that come into question, if not all.
    """

    async def do(question: Question) -> dict[str, Any]:
        place, form = question.place, question.form
        for name, prefix in (sids or {}).items():
            _check_sid(form, name, prefix)
        query = [(name, value) for name, values in form.items() for value in values]
        members = list(resource.records(place) if records is None else records(question))
        asked, keep = await resource.keep(place, members, query)
        return lists.page(
            [record for record in asked if keep(record)],
            form,
            members=members,
            orders=orders or {},
            show=partial(show, question),
        )

    return do


def fetched(resource: Resource, show: Show) -> Do:
    """The record in the path."""

    async def do(question: Question) -> dict[str, Any]:
        return show(question, resource.record(question.place))

    return do


def updated(resource: Resource, show: Show, operation: Operation | None = None) -> Do:
    """The record in the path, once it is changed as REST changes it, or by an operation of the bridge's own."""
    change = operation or _given(resource.update)

    async def do(question: Question) -> dict[str, Any]:
        return await _executed(question, change, show, sid=resource.record(question.place).sid)

    return do


def played(operation: Operation | None, show: Show) -> Do:
    """What the parameters alone ask for, such as a new record."""
    given = _given(operation)

    async def do(question: Question) -> dict[str, Any]:
        _ = question.place.state
        return await _executed(question, given, show, sid="")

    return do


async def _executed(question: Question, operation: Operation, show: Show, *, sid: str) -> dict[str, Any]:
    command = await operation.asked(question.place, sid, question.form, if_match=question.if_match)
    return await question.place.service.execute(command, view=partial(show, question))


def _given(operation: Operation | None) -> Operation:
    if operation is None:
        raise AssertionError("the resource has no such operation")
    return operation


def _check_sid(form: Form, name: str, prefix: Sid) -> None:
    for value in form.get(name, ()):
        if value and not is_sid(value, prefix):
            raise InvalidParameter(name, f"{value[:64]!r} is not a SID: {prefix} and 32 hex digits")


# --- how records are shown -------------------------------------------------------------------------------------------


def _as(render: Callable[[WorkspaceState, Any], dict[str, Any]]) -> Show:
    return lambda question, record: render(question.place.state, record)


_worker, _activity, _transfer = _as(rendering.worker), _as(rendering.activity), _as(rendering.transfer)
_channel, _queue = _as(rendering.worker_channel), _as(rendering.task_queue)


def _task(question: Question, record: Any) -> dict[str, Any]:
    return rendering.task(question.place.state, record, now=question.place.now)


def _reservation(question: Question, record: Any) -> dict[str, Any]:
    """In answer to a question."""
    place = question.place
    return rendering.reservation(place.state, record, now=place.now, version=question.version, with_task=True)


def _changed_reservation(question: Question, record: Any) -> dict[str, Any]:
    """In answer to a change: what follows from it for the Task, the client hears by events."""
    return rendering.reservation(question.place.state, record, now=question.place.now, version=1)


# --- what differs from REST ------------------------------------------------------------------------------------------


def _own_reservations(question: Question) -> Sequence[Reservation]:
    """Those of the Worker in the path: the open ones, or all."""
    place = question.place
    if is_true(question.form.get("Active", ("",))[-1]):
        return list(place.state.open_reservations.get(place.worker().sid, {}).values())
    return list(reservations.BY_WORKER.records(place))


def _create_task(place: RequestContext, sid: str, values: dict[str, Any], if_match: str | None) -> c.Command:
    """REST's, with the refusals that the SDK's `createTask` meets."""
    for name, field, prefix in (
        ("WorkflowSid", "workflow_sid", Sid.WORKFLOW),
        ("TaskQueueSid", "task_queue_sid", Sid.TASK_QUEUE),
    ):
        given = values.get(field)
        if given and not is_sid(given, prefix):
            raise BadRoutingTarget(name, given, workspace=place.workspace.sid, account=place.account_sid)
    return _given(tasks.RESOURCE.create).command(place, sid, values, if_match)


async def _join_as_supervisor(question: Question) -> dict[str, Any]:
    """REST's update by way of the Task; what cannot be done is told at once, and nobody sends another Supervisor.

    Of a conference that only the Task's attributes name nothing is known here, so the request is taken, as by REST.
    """
    place, grant = question.place, question.grant
    if grant.role is not Role.ADMIN and any(sid != grant.worker_sid for sid in question.form.get("Supervisor", ())):
        raise Forbidden("the Supervisor is another Worker than the token's")
    record = reservations.BY_TASK.record(place)
    command = await _given(reservations.BY_TASK.update).asked(place, record.sid, question.form, if_match=None)
    if isinstance(command, c.InstructReservation):
        situation = Situation(place.state, record, command.instruction, command.changes)
        problem = unmet(situation)
        if problem is not None and (problem[0] is ErrorCode.SUPERVISE_NOT_ACCEPTED or not _names_conference(situation)):
            raise BadInstruction(f"{problem[0].meaning}: {problem[1]}", problem[0])
    return await place.service.execute(command, view=partial(_changed_reservation, question))


def _names_conference(situation: Situation) -> bool:
    conference = situation.task.scope.get("conference")
    return isinstance(conference, Mapping) and bool(conference.get("sid"))


_TASK_CREATION = Operation(
    params=(
        *_given(tasks.RESOURCE.create).params,
        Text(name="TaskChannelUniqueName", field="task_channel", empty=None),
        Text(name="TaskChannelSid", field="task_channel", empty=None),
    ),
    command=_create_task,
)


# --- the table -------------------------------------------------------------------------------------------------------


def _get(path: str, do: Do, *, tells: str = "") -> BridgeOperation:
    own = path.startswith(f"{OWN}/")
    return BridgeOperation(method="GET", path=path, do=do, who=Who.ONESELF if own else Who.EVERYBODY, tells=tells)


def _post(path: str, do: Do, who: Who, *, checks_version: bool = False) -> BridgeOperation:
    return BridgeOperation(method="POST", path=path, do=do, who=who, checks_version=checks_version)


ALL = "Workspaces/{workspace_sid}"
OWN = f"{ALL}/Workers/{{worker_sid}}"
_SIDS = {"ActivitySid": Sid.ACTIVITY}
_WORKERS_BY: lists.Orders = {"DateStatusChanged": lambda worker: worker.date_status_changed}
_QUEUES_BY: lists.Orders = {"DateUpdated": lambda queue: queue.date_updated}

OPERATIONS = (
    _get(f"{ALL}/Activities", listed(activities.RESOURCE, _activity), tells="Activities"),
    _get(f"{ALL}/Workers", listed(workers.RESOURCE, _worker, orders=_WORKERS_BY, sids=_SIDS)),
    _get(f"{ALL}/Workers/{{sid}}", fetched(workers.RESOURCE, _worker)),
    _post(f"{ALL}/Workers/{{sid}}", updated(workers.RESOURCE, _worker), Who.OR_SUPERVISOR, checks_version=True),
    _get(f"{ALL}/TaskQueues", listed(task_queues.RESOURCE, _queue, orders=_QUEUES_BY)),
    _get(f"{ALL}/TaskQueues/{{sid}}", fetched(task_queues.RESOURCE, _queue)),
    _post(f"{ALL}/Tasks", played(_TASK_CREATION, _task), Who.EVERYBODY),
    _get(f"{ALL}/Tasks/{{sid}}", fetched(tasks.RESOURCE, _task)),
    _post(f"{ALL}/Tasks/{{sid}}", updated(tasks.RESOURCE, _task), Who.EVERYBODY, checks_version=True),
    _post(
        f"{ALL}/Tasks/{{task_sid}}/Reservations/{{sid}}",
        _join_as_supervisor,
        Who.SUPERVISOR,
    ),
    _get(f"{OWN}/WorkerChannels", listed(worker_channels.RESOURCE, _channel), tells="WorkerChannels"),
    _get(f"{OWN}/WorkerChannels/{{sid}}", fetched(worker_channels.RESOURCE, _channel)),
    _post(f"{OWN}/WorkerChannels/{{sid}}", updated(worker_channels.RESOURCE, _channel), Who.ONESELF),
    _get(
        f"{OWN}/Reservations",
        listed(reservations.BY_WORKER, _reservation, records=_own_reservations),
        tells="Reservations",
    ),
    _get(f"{OWN}/Reservations/{{sid}}", fetched(reservations.BY_WORKER, _reservation)),
    _post(
        f"{OWN}/Reservations/{{sid}}",
        updated(reservations.BY_WORKER, _changed_reservation),
        Who.ONESELF,
        checks_version=True,
    ),
    _post(f"{OWN}/Transfers", played(transfers.RESOURCE.create, _transfer), Who.ONESELF),
    _post(f"{OWN}/Transfers/{{sid}}", updated(transfers.RESOURCE, _transfer), Who.ONESELF),
    _post(f"{OWN}/WorkerParticipant", played(participants.ONESELF, _task), Who.ONESELF),
    _post(f"{OWN}/CustomerParticipant", played(participants.CUSTOMER, _task), Who.ONESELF),
    _post(f"{OWN}/HoldWorkerParticipant", played(participants.HOLD, _task), Who.ONESELF),
    _post(f"{OWN}/KickWorkerParticipant", played(participants.KICK, _task), Who.ONESELF),
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
