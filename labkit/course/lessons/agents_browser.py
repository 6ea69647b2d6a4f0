"""09: a Worker's token, the Worker's own page, and Tasks that are handed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from labkit.callback_events import EventCallback
from labkit.course.lesson import Lesson, LessonStep
from labkit.course.lessons.steps import by_rest, moves
from labkit.course.record import LessonRecord
from labkit.vocabulary import EventType, Instruction, TransferMode, TransferType

_Difference = Callable[[LessonRecord], str | None]


# --- 1 and 6: an Activity that was set on a page ----------------------------------------------------------------------


def moved_by_token(worker: str, activity: str) -> Callable[[LessonRecord], bool]:
    """Whether this Worker came to this Activity more often than the notebook and its panels have asked for it."""

    def done(record: LessonRecord) -> bool:
        made = moves(record, worker=worker, activity=activity)
        return any(len(made) > by_rest(record, ActivitySid=move.worker_activity_sid)[move.worker_sid] for move in made)

    return done


def _moved_by_rest(worker: str, activity: str) -> _Difference:
    def difference(record: LessonRecord) -> str | None:
        if not moves(record, worker=worker, activity=activity):
            return None
        return f"{worker} was set to {activity} by REST: by a cell, or in the Workers panel. Do it on the agent page."

    return difference


# --- 2 and 3: what was done with a Reservation ------------------------------------------------------------------------


def _on_a_page(record: LessonRecord, kind: EventType, status: str) -> Iterator[EventCallback]:
    """The events of Reservations that came to a status without a request of the notebook and without an instruction."""
    by_instruction = {each.reservation_sid for each in record.answers if each.gave(Instruction.ACCEPT)}
    elsewhere = by_instruction | set(by_rest(record, ReservationStatus=status))
    with_its_task = by_rest(record, AssignmentStatus=status)
    for event in record.of(kind):
        if event.reservation_sid not in elsewhere and event.task_sid not in with_its_task:
            yield event


def _accepted_on_a_page(record: LessonRecord) -> bool:
    return any(_on_a_page(record, EventType.RESERVATION_ACCEPTED, "accepted"))


def _accepted_elsewhere(record: LessonRecord) -> str | None:
    accepted = record.of(EventType.RESERVATION_ACCEPTED)
    if not accepted:
        return None
    sid = accepted[-1].reservation_sid
    if any(each.reservation_sid == sid and each.gave(Instruction.ACCEPT) for each in record.answers):
        return "Your callback server accepted it, by an instruction. Run lab.answer_with({}), then try again."
    return "It was accepted by REST: by a cell, or in the Inbox. Press Accept on the agent page."


def _wrapped_up_and_completed(record: LessonRecord) -> bool:
    wrapped = {event.reservation_sid for event in _on_a_page(record, EventType.RESERVATION_WRAPUP, "wrapping")}
    completed = _on_a_page(record, EventType.RESERVATION_COMPLETED, "completed")
    return any(event.reservation_sid in wrapped for event in completed)


def _completed_at_once(record: LessonRecord) -> str | None:
    wrapped = {event.reservation_sid for event in _on_a_page(record, EventType.RESERVATION_WRAPUP, "wrapping")}
    if wrapped:
        return "A Task was wrapped up, and not completed on the page yet."
    if not any(_on_a_page(record, EventType.RESERVATION_COMPLETED, "completed")):
        return None
    return "What was completed had not been wrapped up before. Press Wrap up first, then Complete."


# --- 4 and 5: transfers -----------------------------------------------------------------------------------------------


def transferred(kind: EventType, mode: TransferMode, to: TransferType) -> Callable[[LessonRecord], bool]:
    """Whether there was such an event of a transfer in this mode to a Worker or to a TaskQueue."""
    return lambda record: any((event.transfer_mode, event.transfer_type) == (mode, to) for event in record.of(kind))


_KINDS: Mapping[str, str] = {TransferType.WORKER: "a Worker", TransferType.QUEUE: "a TaskQueue"}
_COLD_TO_QUEUE = transferred(EventType.TASK_TRANSFER_COMPLETED, TransferMode.COLD, TransferType.QUEUE)


def _cold_and_completed(record: LessonRecord) -> bool:
    completed = {event.task_sid for event in record.of(EventType.TASK_COMPLETED)}
    handed = (e for e in record.of(EventType.TASK_TRANSFER_COMPLETED) if e.transfer_type == TransferType.QUEUE)
    return _COLD_TO_QUEUE(record) and any(event.task_sid in completed for event in handed)


def _handed_over_otherwise(mode: TransferMode, to: TransferType) -> _Difference:
    """What the newest transfer was, where it was another than wanted, or has not come to its end."""

    def difference(record: LessonRecord) -> str | None:
        begun = record.of(EventType.TASK_TRANSFER_INITIATED)
        wanted = [event for event in begun if (event.transfer_mode, event.transfer_type) == (mode, to)]
        if wanted:
            return _how_far(record, wanted[-1])
        if not begun:
            return None
        newest = ([event for event in begun if event.transfer_type == to] or begun)[-1]
        was = f"{newest.transfer_mode} to {_KINDS.get(newest.transfer_type, 'another')}"
        return f"Your newest transfer was {was}, and this one is {mode} to {_KINDS[to]}."

    return difference


_ENDS = {
    EventType.TASK_TRANSFER_FAILED: "The transfer failed, because nobody took the Task.",
    EventType.TASK_TRANSFER_CANCELED: "The transfer was canceled before anybody had accepted.",
    EventType.TASK_TRANSFER_COMPLETED: "The Task was handed over, and is not completed yet: each Worker who has it "
    "completes on their own page.",
}


def _how_far(record: LessonRecord, begun: EventCallback) -> str:
    """How a transfer ended, or that it has not."""
    ended = [event for kind in _ENDS for event in record.of(kind) if event.task_transfer_sid == begun.task_transfer_sid]
    if not ended:
        return "The transfer has begun, and nobody has accepted yet. Press Accept on the page of whoever is asked."
    reason = ended[-1].transfer_failed_reason
    return f"{reason}." if reason else _ENDS[EventType(ended[-1].event_type)]


_USE_PAGES = "Run the cell with lab.agent_page, and use the buttons of that page."

LESSON = Lesson(
    "The agent's browser",
    (
        LessonStep(
            "Alice became Available on her own page",
            moved_by_token("Alice", "Available"),
            "Press Available on Alice's agent page.",
            "If Alice is Available already, press Offline on her page first, then Available.",
            f"{_USE_PAGES} The button Available calls worker.activities.get(sid).setAsCurrent().",
            differences=(_moved_by_rest("Alice", "Available"),),
        ),
        LessonStep(
            "A Reservation was accepted on a Worker's page",
            _accepted_on_a_page,
            "Create a Task in Spanish, then press Accept on Alice's agent page.",
            "The card comes up on her page once a Task in Spanish is there, and she is Available and without another.",
            f"{_USE_PAGES} The button Accept calls reservation.accept().",
            differences=(_accepted_elsewhere,),
        ),
        LessonStep(
            "A Task was wrapped up and then completed on a Worker's page",
            _wrapped_up_and_completed,
            "Press Wrap up on the card of an accepted Task, then Complete.",
            "Both buttons are on the card, Wrap up only as long as the Reservation is accepted.",
            f"{_USE_PAGES} Wrap up calls reservation.wrap(), and Complete calls reservation.complete().",
            differences=(_completed_at_once,),
        ),
        LessonStep(
            "A Task was handed over to a Worker, warm, and accepted there",
            transferred(EventType.TASK_TRANSFER_COMPLETED, TransferMode.WARM, TransferType.WORKER),
            "Open the transfer form on Alice's card, choose Bob and WARM, press Transfer, then accept on Bob's page.",
            "Alice must have accepted the Task, and Bob must be Available and without another Task of this channel.",
            f'{_USE_PAGES} Transfer calls reservation.task.transfer(sid of Bob, {{ mode: "WARM" }}).',
            differences=(_handed_over_otherwise(TransferMode.WARM, TransferType.WORKER),),
        ),
        LessonStep(
            "A Task was handed over to a TaskQueue, cold, and completed by all who had it",
            _cold_and_completed,
            "On Bob's card choose the Spanish TaskQueue and COLD, accept on Alice's page, then complete on both.",
            "Alice gets it only if she has completed her part of the Task before: she has room for one.",
            f'{_USE_PAGES} Transfer calls reservation.task.transfer(sid of the TaskQueue, {{ mode: "COLD" }}).',
            differences=(_handed_over_otherwise(TransferMode.COLD, TransferType.QUEUE),),
        ),
        LessonStep(
            "A supervisor's token changed the Activity of another Worker",
            moved_by_token("Bob", "Unavailable"),
            "Let the cell ask with the role that may change others.",
            'There are the roles worker and supervisor, and the cell says role = "worker".',
            'role = "supervisor"',
            differences=(_moved_by_rest("Bob", "Unavailable"),),
        ),
    ),
    minutes=15,
    goal="You will be able to work as an agent does, in a browser, with a token that is good for that alone.",
)
