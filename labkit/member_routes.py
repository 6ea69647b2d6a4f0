"""What a member may do: somebody who is one Worker of a Workspace, and uses the same REST paths as its owner.

TaskRouter itself knows an account and, in a browser, a Worker's token; it has no such member, so all of this is ours.
One table says which path is open and to whom. A path that is not in it is closed: 403. What is open but somebody
else's is not there: 404, as any SID that does not exist, so that nobody learns what others have.

A member sees the Workspace's configuration, the other Workers with their attributes (a Worker's own browser is shown
these too, by Twilio's SDK, and nobody can transfer a Task without them), and their own Reservations and Tasks. They
change their Activity, answer their Reservations, and end the Task that they have accepted. Only the Instructions that
call nobody are open: with an account the others ring up any number at the owner's cost.

Pure: whoever serves requests reads a member's Reservations, and asks here.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from labkit.vocabulary import EventType, Instruction, ReservationStatus, Sid, TaskStatus, is_sid, wire_name


class Rule(StrEnum):
    """Of which requests to its path a route is open."""

    ANYONE = "anyone's"
    OWN_WORKER = "about the Worker that the member is"
    OWN_TASK = "about a Task of which the member holds or held a Reservation"
    OWN_RESERVATION = "about a Reservation that is the member's"
    TASK_IN_HAND = "about a Task that the member has accepted and not yet completed"
    OWN_LIST = "anyone's, and lists nothing but what is the member's"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Who asks: one Worker of one Workspace.

    Attributes:
        workspace_sid, worker_sid: of the two.
    """

    workspace_sid: str
    worker_sid: str


Values = Container[str] | None
"""What a parameter may be; None for anything that TaskRouter takes."""


@dataclass(frozen=True, slots=True)
class MemberRoute:
    """One path that is open to members.

    Attributes:
        method, path: what is asked; a part of the path in braces stands for a SID of the kind that it names.
        rule: to whom it is open.
        params: of a change, each with what it may be. One that is not here is closed.
    """

    method: str
    path: str
    rule: Rule
    params: Mapping[str, Values] | None = None


_KINDS = {
    "workspace_sid": Sid.WORKSPACE,
    "activity_sid": Sid.ACTIVITY,
    "worker_sid": Sid.WORKER,
    "task_channel_sid": Sid.TASK_CHANNEL,
    "worker_channel_sid": Sid.WORKER_CHANNEL,
    "task_queue_sid": Sid.TASK_QUEUE,
    "workflow_sid": Sid.WORKFLOW,
    "task_sid": Sid.TASK,
    "reservation_sid": Sid.RESERVATION,
    "event_sid": Sid.EVENT,
    "transfer_sid": Sid.TRANSFER,
}

_ALL = "/v1/Workspaces/{workspace_sid}"
_WORKER, _TASK = f"{_ALL}/Workers/{{worker_sid}}", f"{_ALL}/Tasks/{{task_sid}}"
_QUEUE = f"{_ALL}/TaskQueues/{{task_queue_sid}}"
_ANSWER: Mapping[str, Values] = {
    "ReservationStatus": frozenset(
        {
            ReservationStatus.ACCEPTED,
            ReservationStatus.REJECTED,
            ReservationStatus.WRAPPING,
            ReservationStatus.COMPLETED,
        }
    ),
    "WorkerActivitySid": None,
    "Instruction": frozenset({Instruction.ACCEPT, Instruction.REJECT}),
}

MEMBER_ROUTES = (
    MemberRoute("GET", _ALL, Rule.ANYONE),
    MemberRoute("GET", f"{_ALL}/Activities", Rule.ANYONE),
    MemberRoute("GET", f"{_ALL}/Activities/{{activity_sid}}", Rule.ANYONE),
    MemberRoute("GET", f"{_ALL}/TaskChannels", Rule.ANYONE),
    MemberRoute("GET", f"{_ALL}/TaskChannels/{{task_channel_sid}}", Rule.ANYONE),
    MemberRoute("GET", f"{_ALL}/TaskQueues", Rule.ANYONE),
    MemberRoute("GET", _QUEUE, Rule.ANYONE),
    MemberRoute("GET", f"{_ALL}/TaskQueues/Statistics", Rule.ANYONE),
    MemberRoute("GET", f"{_QUEUE}/Statistics", Rule.ANYONE),
    MemberRoute("GET", f"{_QUEUE}/RealTimeStatistics", Rule.ANYONE),
    MemberRoute("GET", f"{_QUEUE}/CumulativeStatistics", Rule.ANYONE),
    MemberRoute("GET", f"{_ALL}/Workflows", Rule.ANYONE),
    MemberRoute("GET", f"{_ALL}/Workflows/{{workflow_sid}}", Rule.ANYONE),
    MemberRoute("GET", f"{_ALL}/Workers", Rule.ANYONE),
    MemberRoute("GET", _WORKER, Rule.ANYONE),
    MemberRoute("POST", _WORKER, Rule.OWN_WORKER, {"ActivitySid": None, "RejectPendingReservations": None}),
    MemberRoute("GET", f"{_WORKER}/Statistics", Rule.OWN_WORKER),
    MemberRoute("GET", f"{_WORKER}/Channels", Rule.OWN_WORKER),
    MemberRoute("GET", f"{_WORKER}/Channels/{{worker_channel_sid}}", Rule.OWN_WORKER),
    MemberRoute("GET", f"{_WORKER}/Reservations", Rule.OWN_WORKER),
    MemberRoute("GET", f"{_WORKER}/Reservations/{{reservation_sid}}", Rule.OWN_WORKER),
    MemberRoute("POST", f"{_WORKER}/Reservations/{{reservation_sid}}", Rule.OWN_WORKER, _ANSWER),
    MemberRoute("GET", f"{_ALL}/Tasks", Rule.OWN_LIST),
    MemberRoute("GET", _TASK, Rule.OWN_TASK),
    MemberRoute(
        "POST",
        _TASK,
        Rule.TASK_IN_HAND,
        {"AssignmentStatus": frozenset({TaskStatus.WRAPPING, TaskStatus.COMPLETED}), "Reason": None},
    ),
    MemberRoute("GET", f"{_TASK}/Reservations", Rule.OWN_LIST),
    MemberRoute("GET", f"{_TASK}/Reservations/{{reservation_sid}}", Rule.OWN_RESERVATION),
    MemberRoute("POST", f"{_TASK}/Reservations/{{reservation_sid}}", Rule.OWN_RESERVATION, _ANSWER),
    MemberRoute("GET", f"{_ALL}/Events", Rule.OWN_LIST),
    MemberRoute("GET", "/_sandbox/pulse", Rule.ANYONE),
    MemberRoute("GET", "/_sandbox/clock", Rule.ANYONE),
    MemberRoute("GET", "/_sandbox/faults", Rule.ANYONE),
)
"""Everything that is open to members; nothing else is."""

EVENT_BRIDGE_ROUTES = (
    MemberRoute("GET", f"{_WORKER}/WorkerChannels", Rule.OWN_WORKER),
    MemberRoute("GET", f"{_WORKER}/WorkerChannels/{{worker_channel_sid}}", Rule.OWN_WORKER),
    MemberRoute(
        "POST",
        f"{_WORKER}/Transfers",
        Rule.OWN_WORKER,
        {"ReservationSid": None, "TaskSid": None, "To": None, "Mode": None},
    ),
    MemberRoute(
        "POST", f"{_WORKER}/Transfers/{{transfer_sid}}", Rule.OWN_WORKER, {"TaskSid": None, "TransferStatus": None}
    ),
)
"""What is open besides to a member's own page, which asks the event bridge; REST has no such paths."""

OWNERS_ALONE = frozenset({"event_callback_url", "assignment_callback_url", "fallback_assignment_callback_url"})
"""Fields that a member is shown as null: whom TaskRouter calls, and a password may stand in it."""


@dataclass(frozen=True, slots=True)
class Match:
    """A request's route, and the SIDs in its path by their names."""

    route: MemberRoute
    sids: Mapping[str, str]

    @property
    def task_sid(self) -> str:
        """The Task of which the member's Reservations must be known to decide; "" where that is none."""
        return self.sids.get("task_sid", "")

    def closed_parameter(self, form: Iterable[tuple[str, str]]) -> str:
        """Why a change is closed because of one of its parameters, in a sentence; "" if it is open.

        Args:
            form: names and values as they were sent, a name that was sent twice twice.
        """
        open_ = self.route.params or {}
        for name, value in form:
            if name not in open_:
                return f"A member may not set {name[:64]!r} here. Open are: {', '.join(open_) or 'none'}"
            values = open_[name]
            if values is not None and value and value.strip().lower() not in values:
                return f"A member may not set {name} to {value[:64]!r}"
        return ""


def match(method: str, path: str, *, on_bridge: bool = False) -> Match | None:
    """The open route that a request is for; None: it is closed.

    Args:
        method: as it was sent, such as `GET`.
        path: as it was sent, without its query. One that is encoded, or written in any other way than the table has
            it, is closed: no two programs need agree on what it means.
        on_bridge: whether the event bridge is asked; `path` is then REST's, with `/v1/` before what the bridge is told.
    """
    parts = path.split("/")
    for route in (_ON_BRIDGE if on_bridge else _OVER_REST).get((method, len(parts)), ()):
        sids = _sids(route, parts)
        if sids is not None:
            return Match(route, sids)
    return None


def _sids(route: MemberRoute, parts: list[str]) -> dict[str, str] | None:
    sids = {}
    for wanted, part in zip(route.path.split("/"), parts, strict=True):
        if not wanted.startswith("{"):
            if wanted != part:
                return None
        elif is_sid(part, _KINDS[wanted[1:-1]]):
            sids[wanted[1:-1]] = part
        else:
            return None
    return sids


def _by_length(routes: Iterable[MemberRoute]) -> dict[tuple[str, int], list[MemberRoute]]:
    """By method and number of parts."""
    found: dict[tuple[str, int], list[MemberRoute]] = {}
    for each in routes:
        found.setdefault((each.method, each.path.count("/") + 1), []).append(each)
    return found


_OVER_REST = _by_length(MEMBER_ROUTES)
_ON_BRIDGE = _by_length((*MEMBER_ROUTES, *EVENT_BRIDGE_ROUTES))

_IN_HAND = frozenset({ReservationStatus.ACCEPTED, ReservationStatus.WRAPPING})


def allows(found: Match, member: Member, *, reservations: Mapping[str, str] | None = None) -> bool:
    """Whether what the path names is this member's to ask for. Where it is not, it is not there: 404.

    Args:
        found: the request's route.
        member: who asks.
        reservations: the member's own Reservations of the Task `found.task_sid`, each SID with its status; not needed
            where that is "".
    """
    sids, held = found.sids, reservations or {}
    if sids.get("workspace_sid", member.workspace_sid) != member.workspace_sid:
        return False
    return {
        Rule.ANYONE: True,
        Rule.OWN_WORKER: sids.get("worker_sid") == member.worker_sid,
        Rule.OWN_TASK: bool(held),
        Rule.OWN_RESERVATION: sids.get("reservation_sid") in held,
        Rule.TASK_IN_HAND: not _IN_HAND.isdisjoint(held.values()),
        Rule.OWN_LIST: not found.task_sid or bool(held),
    }[found.route.rule]


_ABOUT_THE_WORKSPACE = re.compile(r"(activity|task-channel|workflow|workspace)\.(created|updated|deleted)")
_OF_A_QUEUE = frozenset(
    {EventType.TASK_QUEUE_CREATED, EventType.TASK_QUEUE_DELETED, EventType.TASK_QUEUE_EXPRESSION_UPDATED}
)


def may_hear(fields: Mapping[str, Any], *, worker_sid: str, own_tasks: Container[str]) -> bool:
    """Whether an Event is for a member: about their Worker, their Reservations, their Tasks, or the configuration.

    An Event that says whose it is by none of its fields, and one of a type that nobody knows yet, is not.

    Args:
        fields: of the Event, in snake case as the log has them, or by their wire names as a callback has.
        worker_sid: the member's Worker.
        own_tasks: SIDs of the Tasks of which that Worker holds or held a Reservation.
    """
    kind, worker, task = _told(fields)
    if kind.startswith(("worker.", "reservation.")):
        return worker == worker_sid != ""
    if task:
        return task in own_tasks
    return kind in _OF_A_QUEUE or _ABOUT_THE_WORKSPACE.fullmatch(kind) is not None


def _told(fields: Mapping[str, Any]) -> tuple[str, str, str]:
    """The type of an Event, and SIDs of its Worker and of its Task; "" for one that it does not say."""
    kind, worker, task = (
        str(fields.get(name) or fields.get(wire_name(name)) or "") for name in ("event_type", "worker_sid", "task_sid")
    )
    return kind, worker, task


_OF_COLLEAGUES = frozenset(
    {
        EventType.WORKER_CREATED,
        EventType.WORKER_DELETED,
        EventType.WORKER_ACTIVITY_UPDATE,
        EventType.WORKER_ATTRIBUTES_UPDATE,
    }
)


def is_of_colleague(fields: Mapping[str, Any]) -> bool:
    """Whether an Event tells of a Worker no more than the list of Workers, which is open to all: who is there, and in
    which Activity. Whoever pushes Events may push it to all, so that a break is seen at once.

    Args:
        fields: as `may_hear` has them.
    """
    kind, worker, task = _told(fields)
    return kind in _OF_COLLEAGUES and worker != "" and not task


def shows(record: Mapping[str, Any], *, worker_sid: str, own_tasks: Container[str]) -> bool:
    """Whether a record of an `OWN_LIST` is the member's: a Task, a Reservation or an Event, as TaskRouter answers it.

    Args:
        record: one entry of the list.
        worker_sid, own_tasks: as `may_hear` has them.
    """
    if "event_type" in record:
        fields = {**(record.get("event_data") or {}), "event_type": record["event_type"]}
        return may_hear(fields, worker_sid=worker_sid, own_tasks=own_tasks)
    if "reservation_status" in record:
        return record.get("worker_sid") == worker_sid
    return record.get("sid") in own_tasks


def for_member(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record of the configuration as a member is shown it."""
    return {name: None if name in OWNERS_ALONE else value for name, value in record.items()}
