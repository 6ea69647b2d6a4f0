"""What must be so before an instruction is carried out, and Twilio's error code when it is not.

The other half of `instructions.py`: that one looks at what was said, this one at the Reservation, its Task, its Worker
and the calls. The first requirement that is not met counts. Docs: /docs/taskrouter/handle-assignment-callbacks, codes:
/docs/api/errors.

Where Twilio has two codes for one thing (40136 and 40144, 40139 and 40143) ours is the first. 40149, of a conference
for a Task that is handed over and has none, is not modelled: the conference is set up then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from labkit.engine.instruction_fields import FAILED, is_address
from labkit.engine.resources import CallLeg, Party, Reservation, Task
from labkit.engine.workspace_state import WorkspaceState
from labkit.error_codes import ErrorCode
from labkit.vocabulary import CallStatus, Instruction, ReservationStatus, Sid


@dataclass(frozen=True, slots=True)
class Situation:
    """An instruction with what it is about."""

    state: WorkspaceState
    reservation: Reservation
    instruction: Instruction
    fields: Mapping[str, Any]

    @property
    def task(self) -> Task:
        return self.state.tasks[self.reservation.task_sid]

    @property
    def to(self) -> Any:
        """Where the Worker is called: `to`, else the Worker's contact_uri."""
        return self.fields.get("to") or self.contact_uri(self.reservation.worker_sid)

    @property
    def from_(self) -> Any:
        """Who calls: `from`, else the number that the customer dialled; who dials out, by the attribute `from`."""
        return self.fields.get("from") or self.task.scope.get("from" if self.is_outbound else "to")

    @property
    def is_outbound(self) -> bool:
        """Whether the customer is still to be called, which only a conference does."""
        return not self.task.scope.get("call_sid")

    @property
    def supervisor_contact(self) -> Any:
        """The Supervisor's contact_uri, or what was given if it is no Worker's SID: the address itself."""
        supervisor = self.fields["supervisor"]
        return self.contact_uri(supervisor) if supervisor.startswith(Sid.WORKER) else supervisor

    def contact_uri(self, worker_sid: str) -> Any:
        worker = self.state.workers.get(worker_sid)
        return worker.scope.get("contact_uri") if worker else None

    def caller(self) -> CallLeg | None:
        """The call that the Task's attributes name, if it is in progress."""
        return live_call(self.task.legs, self.task.scope.get("call_sid"))


def live_call(legs: Iterable[CallLeg], call_sid: Any) -> CallLeg | None:
    """The call of this SID, if it is in progress."""
    return next((leg for leg in legs if leg.call_sid == call_sid and leg.status is CallStatus.IN_PROGRESS), None)


Problem = Callable[[Situation], str | None]
"""What is wrong, in words; None if nothing is."""


def _not_pending(situation: Situation) -> str | None:
    reservation = situation.reservation
    return None if reservation.is_pending else f"Reservation {reservation.sid} is {reservation.reservation_status}"


def _no_call_sid(situation: Situation) -> str | None:
    return None if situation.task.scope.get("call_sid") else f"Task {situation.task.sid} came without a call"


def _no_to(situation: Situation) -> str | None:
    if is_address(situation.to):
        return None
    return f"no `to` was given, and the Worker's contact_uri is {situation.to!r:.80}"


def _no_from(situation: Situation) -> str | None:
    if is_address(situation.from_):
        return None
    name = "from" if situation.is_outbound else "to"
    return f"no `from` was given, and the Task's attribute `{name}` is {situation.from_!r:.80}"


def _from_missing(situation: Situation) -> str | None:
    return None if situation.from_ else _no_from(situation)


def _caller_gone(situation: Situation) -> str | None:
    if situation.is_outbound or situation.caller():
        return None
    return f"the caller's call {situation.task.scope['call_sid']!r:.80} is not in progress"


def _call_gone(situation: Situation) -> str | None:
    call_sid = situation.fields["call_sid"]
    if live_call(situation.task.legs, call_sid) or live_call(situation.state.call_legs.values(), call_sid):
        return None
    return f"call {call_sid} is not in progress"


def _no_customer(situation: Situation) -> str | None:
    """Of a Task that is for this Worker alone, a number that cannot be called is found out when it is called."""
    scope, outbound_to = situation.task.scope, situation.task.scope.get("outbound_to")
    if scope.get("call_sid") or is_address(outbound_to) or (outbound_to and situation.task.ignore_capacity):
        return None
    return f"outbound_to is {outbound_to!r:.80}"


def _not_accepted(situation: Situation) -> str | None:
    status = situation.reservation.reservation_status
    held = (ReservationStatus.ACCEPTED, ReservationStatus.WRAPPING)
    return None if status in held else f"Reservation {situation.reservation.sid} is {status}"


def _no_conference(situation: Situation) -> str | None:
    if any(
        leg.instruction is Instruction.CONFERENCE and leg.party is Party.WORKER and leg.is_live
        for leg in situation.task.legs
    ):
        return None
    return f"Task {situation.task.sid} has no conference in progress"


def _no_supervisor(situation: Situation) -> str | None:
    contact = situation.supervisor_contact
    return (
        None if is_address(contact) else f"the contact_uri of {situation.fields['supervisor']:.80} is {contact!r:.80}"
    )


def _no_from_attribute(situation: Situation) -> str | None:
    given = situation.task.scope.get("from")
    return None if is_address(given) else f"`from` is {given!r:.80}"


REQUIREMENTS: Mapping[Instruction, tuple[tuple[ErrorCode, Problem], ...]] = {
    Instruction.DEQUEUE: (
        (ErrorCode.DEQUEUE_NOT_PENDING, _not_pending),
        (ErrorCode.DEQUEUE_WITHOUT_CALL, _no_call_sid),
        (ErrorCode.DEQUEUE_TO, _no_to),
        (ErrorCode.DEQUEUE_FROM, _no_from),
        (FAILED[Instruction.DEQUEUE], _caller_gone),
    ),
    Instruction.CALL: ((ErrorCode.CALL_NOT_PENDING, _not_pending), (ErrorCode.CALL_TO, _no_to)),
    Instruction.REDIRECT: ((ErrorCode.REDIRECT_NOT_PENDING, _not_pending), (FAILED[Instruction.REDIRECT], _call_gone)),
    Instruction.CONFERENCE: (
        (ErrorCode.CONFERENCE_NOT_PENDING, _not_pending),
        (ErrorCode.CONFERENCE_WITHOUT_CUSTOMER, _no_customer),
        (ErrorCode.CONFERENCE_TO, _no_to),
        (ErrorCode.CONFERENCE_FROM_MISSING, _from_missing),
        (ErrorCode.CONFERENCE_FROM, _no_from),
        (FAILED[Instruction.CONFERENCE], _caller_gone),
    ),
    Instruction.SUPERVISE: (
        (ErrorCode.SUPERVISE_NOT_ACCEPTED, _not_accepted),
        (ErrorCode.SUPERVISE_CONTACT, _no_supervisor),
        (ErrorCode.SUPERVISE_FROM, _no_from_attribute),
        (FAILED[Instruction.SUPERVISE], _no_conference),
    ),
}


_IN_TRANSFER = frozenset({Instruction.CONFERENCE, Instruction.SUPERVISE})
"""What may be asked of a Reservation by which a Task is handed over, beside accept and reject."""


def is_not_for_transfer(situation: Situation) -> bool:
    """Whether the Reservation was made by a transfer, and takes no such instruction."""
    return situation.reservation.transfer_sid is not None and situation.instruction not in _IN_TRANSFER


_WITHOUT_CALL: Mapping[Instruction, Problem] = {
    Instruction.DEQUEUE: _no_call_sid,
    Instruction.CONFERENCE: _no_customer,
}
"""A `call` needs the Worker only, and a `redirect` names its call itself."""


def lacks_call(situation: Situation) -> bool:
    """Whether the instruction is for a caller, or for a customer to be called, and the Task has none."""
    problem = _WITHOUT_CALL.get(situation.instruction)
    return problem is not None and problem(situation) is not None


def unmet(situation: Situation) -> tuple[ErrorCode, str] | None:
    """Twilio's code and what is wrong, of the first requirement that is not met; None if all are."""
    if is_not_for_transfer(situation):
        return ErrorCode.TRANSFER_INSTRUCTION, f"the instruction is {situation.instruction}"
    for code, problem in REQUIREMENTS[situation.instruction]:
        if (words := problem(situation)) is not None:
            return code, words
    return None
