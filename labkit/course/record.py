"""What a check may look at: TaskRouter's own log, and what is known of its callbacks; both outlast a kernel."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from labkit.callback_events import ASSIGNMENT_ROUTE, EventCallback, route_of
from labkit.course.when_asked import MappingWhenAsked, SequenceWhenAsked
from labkit.course.workspace_now import WorkflowCallbacks, workflow_callbacks, workspace_data
from labkit.limits import EVENTS_KEPT_DAYS
from labkit.vocabulary import EventType, Instruction

if TYPE_CHECKING:
    from labkit.callbacks import Exchange
    from labkit.taskrouter.call_recorder import Call
    from labkit.taskrouter.records import TaskRecord
    from labkit.taskrouter.workspace_client import WorkspaceClient

EVENTS_READ = 5_000
"""The newest of the log, which are read in five requests at most."""
AT_ONCE = timedelta(seconds=1)
"""Nobody reads a Reservation and clicks within a second: where no answer is known, who was so quick was a program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackAnswer:
    """What an assignment callback was answered.

    Attributes:
        reservation_sid: the Reservation that it asked about.
        url: where it was sent, in full or from the path on.
        status: of the answer.
        body: of the answer.
    """

    reservation_sid: str
    url: str
    status: int
    body: str

    @property
    def by_own_view(self) -> bool:
        """Whether a view answered that somebody wrote and served."""
        return f"{ASSIGNMENT_ROUTE}/" in self.url

    @property
    def document(self) -> Mapping[str, Any] | None:
        """The JSON object that was answered, or None when TaskRouter could make nothing of the answer."""
        if self.status != 200:
            return None
        try:
            body = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return body if isinstance(body, dict) else None

    def gave(self, instruction: Instruction | None) -> bool:
        """Whether it was this instruction; None stands for `{}`."""
        document = self.document
        if document is None:
            return False
        return document.get("instruction") == instruction and (instruction is not None or not document)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTraces:
    """What the lab remembers of a lesson's Workspace in a real account.

    Attributes:
        allowed: whether somebody has said yes to working in it.
        left: whether anything is there that the lab made, changed or took and has not put back.
        ticked: the titles of the lesson's steps that were found done before.
    """

    allowed: bool = False
    left: bool = False
    ticked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonRecord:
    """What happened, and what there is now, as far as a check may know it.

    The Workspace, the Workflows' callbacks and the Tasks are asked for when a step looks at them: a step may then raise
    TaskRouterError.

    Attributes:
        heard: when the record was made; aware.
        events: TaskRouter's log, oldest first.
        answers: the assignment callbacks of which anybody still knows the answer: this kernel's server, or the sandbox.
        exchanges: what reached the callback server of this kernel, oldest first.
        workspace: the Workspace as the values that its file would hold, by names and without SIDs, such as
            `{"workers": [{"friendly_name": "Alice", "activity": "Offline", …}], …}`. Two of one name stand there.
        callback_urls: whom each Workflow calls, by its name.
        tasks: those that are open.
        calls: the REST calls that the learner's client made in this kernel, oldest first; each has `method`, `path`,
            `form`, `status`, `code` and more, as the stream has them.
        account: what is remembered of the Workspace, where it is in a real account; None in a sandbox.
    """

    heard: datetime
    events: Sequence[EventCallback] = ()
    answers: Sequence[CallbackAnswer] = ()
    exchanges: Sequence[Exchange] = ()
    workspace: Mapping[str, Any] = field(default_factory=dict)
    callback_urls: Mapping[str, WorkflowCallbacks] = field(default_factory=dict)
    tasks: Sequence[TaskRecord] = ()
    calls: Sequence[Call] = ()
    account: AccountTraces | None = None

    def of(self, kind: EventType) -> list[EventCallback]:
        """The events of one type, oldest first."""
        return [event for event in self.events if event.event_type == kind]

    def about_task(self, task_sid: str | None) -> list[EventCallback]:
        """The events that name this Task, oldest first."""
        return [event for event in self.events if task_sid is not None and event.task_sid == task_sid]

    def accepted_after(self, answer: Instruction | None) -> Iterator[EventCallback]:
        """The `reservation.accepted` events of Reservations whose assignment callback got this answer.

        Where nobody knows the answer any more, the pause since the Reservation was made tells a program from a person.

        Args:
            answer: the instruction; None for `{}`, which leaves it to a person.
        """
        known = {each.reservation_sid: each for each in self.answers}
        made = {event.reservation_sid: event for event in self.of(EventType.RESERVATION_CREATED)}
        for event in self.of(EventType.RESERVATION_ACCEPTED):
            sid = event.reservation_sid
            if known[sid].gave(answer) if sid in known else self._seems_after(answer, made.get(sid), event):
                yield event

    def _seems_after(self, answer: Instruction | None, made: EventCallback | None, accepted: EventCallback) -> bool:
        if made is None:
            return False
        at_once = accepted.happened(self.heard) - made.happened(self.heard) < AT_ONCE
        return answer is (Instruction.ACCEPT if at_once else None)


def observe(
    *,
    client: WorkspaceClient,
    sdk: Any,
    exchanges: Iterable[Exchange],
    answers: Iterable[CallbackAnswer],
    calls: Iterable[Call] = (),
    now: datetime,
) -> LessonRecord:
    """Gather the record of a Workspace. One request, and one more for each thousand events.

    A step that looks at the open Tasks or at the Workflows' callbacks costs one more, one that looks at the Workspace
    six, and one for each Worker.

    Args:
        client: the Workspace.
        sdk: the official SDK's client.
        exchanges: what has reached the callback server of this notebook, oldest first.
        answers: what is known of callbacks besides, from earlier kernels too.
        calls: the REST calls of this kernel.
        now: TaskRouter's time; aware.

    Raises:
        TaskRouterError: TaskRouter refused, or did not answer.
    """
    exchanges = tuple(exchanges)
    return LessonRecord(
        heard=now,
        events=tuple(client.events(since=now - timedelta(days=EVENTS_KEPT_DAYS), limit=EVENTS_READ)),
        answers=(*answers, *(_answer_in(each) for each in exchanges if _is_assignment(each))),
        exchanges=exchanges,
        workspace=MappingWhenAsked(lambda: workspace_data(sdk, client.workspace_sid)),
        callback_urls=MappingWhenAsked(lambda: workflow_callbacks(sdk, client.workspace_sid)),
        tasks=SequenceWhenAsked(lambda: client.open_tasks()),  # noqa: PLW0108 - asked for late
        calls=tuple(calls),
    )


def _is_assignment(exchange: Exchange) -> bool:
    return route_of(exchange.path) == ASSIGNMENT_ROUTE and exchange.signature == "valid"


def _answer_in(exchange: Exchange) -> CallbackAnswer:
    sid = exchange.form.get("ReservationSid", "")
    body = exchange.response_body
    return CallbackAnswer(reservation_sid=sid, url=exchange.signed_url, status=exchange.status, body=body)
