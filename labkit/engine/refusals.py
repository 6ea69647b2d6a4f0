"""What the engine refuses, one class per case, each with TaskRouter's HTTP status and error code.

The constructors take the values; the wording stands here and nowhere else. What only a request can be refused for,
such as a wrong page token, is in `labkit/sandbox/refusals.py`.
Codes: https://www.twilio.com/docs/api/errors. Where Twilio documents no code, ours is 20001, as docs/fidelity says.
"""

from __future__ import annotations

from labkit.error_codes import ErrorCode
from labkit.errors import Refusal


class InvalidParameter(Refusal):
    """A parameter has a value that TaskRouter does not take."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"Invalid {name}: {problem}")
        self.name = name


class MissingParameter(Refusal):
    """A required parameter was not given."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Missing required parameter {name} in the post body")
        self.name = name


class QueueNameTaken(Refusal):
    """A TaskQueue of this Workspace has the name already; the sentence is Twilio's, as its clients have recorded it."""

    def __init__(self, name: str, *, workspace_sid: str, account_sid: str) -> None:
        super().__init__(f"Queue named {name} already exists for workspace {workspace_sid} for account {account_sid}")


class NoQueueMatched(Refusal):
    """No filter of the Workflow matches a new Task, and there is no default filter: the Task is not made.

    The sentence is that of the real service; its page has the case for calls (docs: /docs/api/errors/14222).
    """

    def __init__(self, *, workspace_sid: str, account_sid: str) -> None:
        super().__init__(f"Couldn't match task to queue in workspace {workspace_sid} for account {account_sid}")


class NotFound(Refusal):
    """There is no such resource; the API names the path that was asked for."""

    status = 404
    code = ErrorCode.NOT_FOUND

    def __init__(self, path: str) -> None:
        super().__init__(f"The requested resource {path} was not found")


class AttributesWithStatus(Refusal):
    """Attributes cannot change with the status wrapping or completed (docs: /docs/taskrouter/api/task)."""

    def __init__(self, status: str) -> None:
        super().__init__(
            f"Attributes and AssignmentStatus={status} cannot be updated in one request. "
            f"Send two requests: the Attributes first, then AssignmentStatus={status}"
        )


class InUse(Refusal):
    """A resource cannot be deleted because another one needs it."""

    def __init__(self, what: str, user: str) -> None:
        super().__init__(f"Cannot delete {what} because it is used by {user}")


class IllegalTransition(Refusal):
    """The state tables allow no such step from here."""


class TransferImpossible(Refusal):
    """The Task cannot be handed over like that."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"Cannot transfer the task: {problem}")


class TransferOver(Refusal):
    """The transfer has ended before. The sentence is Twilio's, with its blank."""

    def __init__(self, sid: str, status: str) -> None:
        super().__init__(f"Transfer {sid} is already {status} . Cannot cancel transfer.")


class NotInTransfer(Refusal):
    """The instruction is none for a Reservation by which a Task is handed over (docs: /docs/api/errors/40151)."""

    code = ErrorCode.TRANSFER_INSTRUCTION

    def __init__(self, instruction: str) -> None:
        super().__init__(
            f"Invalid instruction {instruction} issued on a task being transferred. "
            "Valid instructions are: ACCEPT, REJECT, CONFERENCE, SUPERVISE"
        )


class TaskWithoutCall(Refusal):
    """The instruction is for a caller, and the Task came without one. The sentence is Twilio's."""

    def __init__(self, instruction: str) -> None:
        verb = "the <Enqueue> TwiML verb"
        super().__init__(f"The {instruction} instruction can only be issued on a task that was created using {verb}.")


class NotInConference(Refusal):
    """Somebody is to be held, muted or put out who is in no conference with whoever asks."""

    def __init__(self, who: str, task_sid: str) -> None:
        super().__init__(f"{who} is in no conference about Task {task_sid}, so there is nothing to hold, mute or kick")


class ReservationGone(Refusal):
    """The Reservation was rescinded: another Worker was quicker (docs: multi-reservation queues)."""

    status = 410
    code = ErrorCode.GONE

    def __init__(self, reservation_sid: str) -> None:
        super().__init__(f"Reservation {reservation_sid} was rescinded because another Worker accepted the Task")


class PreconditionFailed(Refusal):
    """`If-Match` names another version than the resource has (docs: /docs/usage/mutation-and-conflict-resolution)."""

    status = 412

    def __init__(self, sid: str, version: int, asked: str) -> None:
        super().__init__(f"{sid} is at version {version}, and If-Match asked for {asked}")
