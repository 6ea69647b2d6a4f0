"""What a check may look at: TaskRouter's own log, and what reached the callback server of this kernel."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from labkit.callback_events import EventCallback
from labkit.stream import Entry
from labkit.vocabulary import EventType, Instruction

if TYPE_CHECKING:
    from labkit.callbacks import CallbackServer, Exchange
    from labkit.stream import EventStream
    from labkit.taskrouter.workspace_client import WorkspaceClient

_ASSIGNMENT_PATH = "/assignment_callback"


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonRecord:
    """What happened, as far as a check may know it.

    Attributes:
        since: where the record begins; aware.
        events: TaskRouter's log, oldest first.
        exchanges: what reached the callback server, oldest first.
        entries: the stream of this kernel, oldest first.
        workflow_callback_url: the Workflow's AssignmentCallbackUrl now; "" when it has none.
        own_callback_url: what it is when callbacks come to this notebook.
    """

    since: datetime
    events: Sequence[EventCallback] = ()
    exchanges: Sequence[Exchange] = ()
    entries: Sequence[Entry] = ()
    workflow_callback_url: str = ""
    own_callback_url: str = ""

    def of(self, kind: EventType) -> list[EventCallback]:
        """The events of one type, oldest first."""
        return [event for event in self.events if event.event_type == kind]

    def about_task(self, task_sid: str | None) -> list[EventCallback]:
        """The events that name this Task, oldest first."""
        return [event for event in self.events if task_sid is not None and event.task_sid == task_sid]

    def assignment_callbacks(self) -> list[Exchange]:
        """The assignment callbacks whose signature was right, oldest first."""
        return [each for each in self.exchanges if each.path == _ASSIGNMENT_PATH and each.signature == "valid"]

    def accepted_after(self, answer: Instruction | None) -> Iterator[EventCallback]:
        """The `reservation.accepted` events of Reservations whose assignment callback got this answer.

        Args:
            answer: the instruction; None for `{}`, which does nothing.
        """
        answered = {
            each.form.get("ReservationSid") for each in self.assignment_callbacks() if gave(each, instruction=answer)
        }
        return (event for event in self.of(EventType.RESERVATION_ACCEPTED) if event.reservation_sid in answered)


def gave(exchange: Exchange, *, instruction: Instruction | None) -> bool:
    """Whether a callback was answered, with 200, by this instruction; None stands for `{}`."""
    body = answer_of(exchange)
    return body is not None and body.get("instruction") == instruction and (instruction is not None or not body)


def answer_of(exchange: Exchange) -> dict[str, Any] | None:
    """The JSON object that a callback was answered with, or None when TaskRouter could make nothing of the answer."""
    if exchange.status != 200:
        return None
    try:
        body = json.loads(exchange.response_body)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def observe(
    *, client: WorkspaceClient, workflow_sid: str, callbacks: CallbackServer, stream: EventStream, since: datetime
) -> LessonRecord:
    """Gather the record of a running lab. Three requests, one more for each thousand events.

    Args:
        client: the Workspace.
        workflow_sid: the Workflow whose callback URL is of interest.
        callbacks: the server of this notebook.
        stream: its stream.
        since: where to begin; aware. TaskRouter's log is read from the whole second.

    Raises:
        TaskRouterError: TaskRouter refused, or did not answer.
    """
    return LessonRecord(
        since=since,
        events=_from(since, client.events(since=since)),
        exchanges=tuple(callbacks.exchanges),
        entries=tuple(stream.entries()),
        workflow_callback_url=client.callbacks(workflow_sid).assignment_callback_url,
        own_callback_url=callbacks.assignment_url,
    )


def _from(since: datetime, events: Iterable[EventCallback]) -> tuple[EventCallback, ...]:
    # Asked for by the second, TaskRouter gives what came earlier in that second, too.
    return tuple(event for event in events if event.happened(since) >= since)
