"""12: the same lab in a real account: signed in, allowed, called by Twilio, and taken away again."""

from __future__ import annotations

from labkit.callback_events import ASSIGNMENT_ROUTE, route_of
from labkit.course.lesson import Lesson, LessonStep
from labkit.course.record import LessonRecord
from labkit.vocabulary import EventType

_YES = "You have read the plan and said yes to it"


def _signed_in(record: LessonRecord) -> bool:
    return record.account is not None


def _allowed(record: LessonRecord) -> bool:
    return record.account is not None and record.account.allowed


def _in_the_sandbox(record: LessonRecord) -> str | None:
    """What stands before every step but the first."""
    if record.account is not None:
        return None
    return "This lab is in the sandbox, and nothing of this was done in an account: step 1 comes first."


def _twilio_called(record: LessonRecord) -> bool:
    came = (each for each in record.exchanges if each.signature == "valid")
    return record.account is not None and any(route_of(each.path) == ASSIGNMENT_ROUTE for each in came)


def _nobody_called(record: LessonRecord) -> str | None:
    if record.account is None or not record.of(EventType.RESERVATION_CREATED):
        return None
    return (
        "Your account has reserved a Worker, and no callback with a right signature has come to this notebook. "
        "lab.status() says whom the Workflow calls, and whether that leads here; lab.traffic() has what came."
    )


def _not_allowed(record: LessonRecord) -> str | None:
    if record.account is None or record.account.allowed:
        return None
    return "The lab is not set up in your account yet: it waits for your yes to the plan (step 2)."


def _accepted(record: LessonRecord) -> bool:
    return record.account is not None and bool(record.of(EventType.RESERVATION_ACCEPTED))


def _a_stranger_was_turned_away(record: LessonRecord) -> bool:
    return any(each.status == 403 for each in record.exchanges)


def _taken_away(record: LessonRecord) -> bool:
    traces = record.account
    return traces is not None and _YES in traces.ticked and not traces.allowed and not traces.left


def _still_there(record: LessonRecord) -> str | None:
    if record.account is None or not (record.account.left or record.account.allowed):
        return None
    return "The lab still remembers what it made and changed in this lesson's Workspace. Run lab.teardown()."


LESSON = Lesson(
    "Your own account",
    (
        LessonStep(
            "This lab is signed in to an account of your own",
            _signed_in,
            "Write TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN into a file .env beside the notebooks, or fill in the "
            "form; then run the cell of section 3 again.",
            "Both values stand on the first page of the Twilio Console. What is still missing is what the cell says.",
            'lab = labkit.start(mode="twilio", lesson="12")',
        ),
        LessonStep(
            _YES,
            _allowed,
            'Press "Set up" below the plan, or write True in the cell of section 4.',
            "Until then the lab looks at your account and changes nothing in it.",
            "lab.set_up()",
            (_in_the_sandbox,),
        ),
        LessonStep(
            "Twilio called this notebook, with a right signature",
            _twilio_called,
            "Run the cell of section 6, which brings Alice to her desk and creates a Task.",
            "Twilio must be able to reach this notebook: by ngrok, for which NGROK_AUTHTOKEN is needed, or by a "
            "public_url of your own.",
            'lab.taskrouter.set_activity("Alice", "Available")\nlab.create_task({"selected_language": "es"})',
            (_in_the_sandbox, _not_allowed, _nobody_called),
        ),
        LessonStep(
            "A Reservation of your account was accepted",
            _accepted,
            'Say lab.answer_with("accept") before the Task is created, or press Accept in lab.inbox().',
            "TaskRouter's log has a line reservation.accepted then.",
            'lab.answer_with("accept")\nlab.create_task({"selected_language": "es"})',
            (_in_the_sandbox, _not_allowed),
        ),
        LessonStep(
            "A request with a wrong signature was turned away",
            _a_stranger_was_turned_away,
            "Run the cell of section 7, which plays TaskRouter without knowing your token.",
            optional=True,
        ),
        LessonStep(
            "Everything was taken away again, and the account is as it was",
            _taken_away,
            "Write True in the last cell of section 9, or run lab.teardown().",
            "It counts when step 2 was found done before: run lab.check(step=2) while the lab is set up.",
            "lab.teardown()",
            (_in_the_sandbox, _still_there),
        ),
    ),
    minutes=20,
    goal="You will be able to move what you built into your own account, and to leave it there as you found it.",
)
