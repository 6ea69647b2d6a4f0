"""00: a Task, a Worker, a Reservation, first accepted by a person and then by a program."""

from __future__ import annotations

from labkit.callback_events import EventCallback
from labkit.course.lesson import Lesson, LessonStep
from labkit.course.lessons.steps import accepted_after, happened, moves
from labkit.course.record import LessonRecord
from labkit.vocabulary import EventType, Instruction, TaskStatus


def _a_task_waited(record: LessonRecord) -> bool:
    """Some Task found no Worker at first: a Worker moved before its Reservation came, or none has come yet."""
    return any(_waited(record.about_task(task.task_sid), record) for task in record.of(EventType.TASK_CREATED))


def _waited(events: list[EventCallback], record: LessonRecord) -> bool:
    if not events:
        return False
    created = events[0]
    reserved = next((event for event in events if event.event_type == EventType.RESERVATION_CREATED), None)
    if reserved is None:
        return True
    begin, end = created.happened(record.heard), reserved.happened(record.heard)
    return any(begin <= move.happened(record.heard) <= end for move in moves(record))


def _alice_became_available(record: LessonRecord) -> bool:
    return bool(moves(record, worker="Alice", activity="Available"))


def _assigned(record: LessonRecord) -> bool:
    accepted = (event.task_sid for event in record.accepted_after(None))
    return any(
        event.task_assignment_status == TaskStatus.ASSIGNED
        for task_sid in accepted
        for event in record.about_task(task_sid)
    )


def _all_completed(record: LessonRecord) -> bool:
    accepted = {event.task_sid for event in record.of(EventType.RESERVATION_ACCEPTED)}
    return bool(accepted) and accepted <= {event.task_sid for event in record.of(EventType.TASK_COMPLETED)}


def _reserved_at_once(record: LessonRecord) -> str | None:
    for event in record.of(EventType.RESERVATION_CREATED):
        if not _waited(record.about_task(event.task_sid), record):
            return (
                f"{event.worker_name} was Available already, so TaskRouter reserved your Task at once. Set Alice to "
                "Offline, then create a Task in Spanish: it stays pending."
            )
    return None


def _somebody_else_came(record: LessonRecord) -> str | None:
    came = moves(record, activity="Available")
    if not came or came[-1].worker_name == "Alice":
        return None
    return f"{came[-1].worker_name} became Available, and does not speak Spanish. Choose Available for Alice."


def _a_program_was_quicker(record: LessonRecord) -> str | None:
    if not any(record.accepted_after(Instruction.ACCEPT)):
        return None
    return (
        "Your server said accept by itself, before anybody could press a button. Run lab.answer_with({}), then create "
        "one more Task and press Accept."
    )


def _the_newest_was_left_to_a_person(record: LessonRecord) -> str | None:
    if not any(record.accepted_after(None)) or not record.answers or not record.answers[-1].gave(None):
        return None
    return (
        'The newest callback was answered {}, so nobody has decided. Run lab.answer_with("accept"), then create one '
        "more Task while Alice is Available and free."
    )


LESSON = Lesson(
    "Start here",
    (
        LessonStep(
            "A Task was created",
            happened(EventType.TASK_CREATED),
            "Press Create Task in the form.",
            "The form is the first of the three panels below section 3. Leave the attributes as they are.",
            'lab.create_task({"selected_language": "es"})',
        ),
        LessonStep(
            "A Task waited, because nobody was available",
            _a_task_waited,
            "Set Alice to Offline, then create a Task in Spanish: it stays pending.",
            "It counts when no Worker who speaks Spanish is Available at the moment in which the Task is created.",
            'lab.taskrouter.set_activity("Alice", "Offline")\nlab.create_task({"selected_language": "es"})',
            (_reserved_at_once,),
        ),
        LessonStep(
            "Alice was switched to Available",
            _alice_became_available,
            "Choose Available for Alice in the Workers panel.",
            "Beside her name is a list of Activities. Choose Available in it, whatever she was before.",
            'lab.taskrouter.set_activity("Alice", "Available")',
            (_somebody_else_came,),
        ),
        LessonStep(
            "A Reservation was made",
            happened(EventType.RESERVATION_CREATED),
            "TaskRouter makes it as soon as a Task waits and a Worker who may take it is Available.",
            "Press Why? beside your Task: it says what is missing.",
            "lab.explain()",
        ),
        LessonStep(
            "A person accepted it (the callback was answered {})",
            accepted_after(None),
            "With lab.answer_with({}) in force, press Accept in the Inbox.",
            "Run lab.answer_with({}), create a Task in Spanish while Alice is Available and free, then press Accept.",
            "[reservation] = lab.taskrouter.open_reservations()\n"
            "lab.taskrouter.accept(reservation.task_sid, reservation.sid)",
            (_a_program_was_quicker,),
        ),
        LessonStep(
            "That Task was assigned",
            _assigned,
            "It follows from the acceptance; see the last line of the story.",
            "As soon as a Reservation is accepted, its Task is assigned. So accept one that a person has to decide on.",
            "Press Accept in the Inbox.",
        ),
        LessonStep(
            "A Reservation was accepted by instruction",
            accepted_after(Instruction.ACCEPT),
            'Run lab.answer_with("accept"), then create one more Task while Alice is Available and free.',
            "Complete what Alice has, have your server say accept, and create a Task: nobody has to press anything.",
            'lab.answer_with("accept")\nlab.create_task({"selected_language": "es"})',
            (_the_newest_was_left_to_a_person,),
        ),
        LessonStep(
            "All accepted Tasks were completed",
            _all_completed,
            "Press Complete in the Inbox; until then Alice has no room for another Task.",
            "Each card that says Reservation accepted has the button Complete.",
            "lab.clear_tasks()",
            optional=True,
        ),
    ),
    minutes=10,
    goal="You will be able to say who takes a Task, to accept it as a person would, and to have a program do it.",
)
