"""03: Tasks by the SDK and by plain HTTP, with attributes, a priority, a time limit and a TaskChannel."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from labkit.attributes import parse_object
from labkit.callback_events import EventCallback
from labkit.course.lesson import Lesson, LessonStep
from labkit.course.lessons.in_workspace import activity_of
from labkit.course.lessons.steps import asked, happened, refused
from labkit.course.record import LessonRecord
from labkit.vocabulary import EventType

PLAIN = "http"
"""What the attributes of a Task say under `made_by` that came by a request of one's own."""
CHAT = "chat"


def _created(record: LessonRecord) -> Iterator[tuple[EventCallback, Mapping[str, Any]]]:
    """Every `task.created` with the Task's attributes, the newest first."""
    return ((each, each.task_attributes or {}) for each in reversed(record.of(EventType.TASK_CREATED)))


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _newest(record: LessonRecord, wish: str) -> EventCallback | None:
    """The newest Task that says this under `wish`."""
    return next((event for event, attributes in _created(record) if attributes.get("wish") == wish), None)


# --- by a request of one's own ---------------------------------------------------------------------------------------


def _made_by_http(record: LessonRecord) -> bool:
    made = [event for event, attributes in _created(record) if attributes.get("made_by") == PLAIN]
    return len(made) > len(list(_by_the_library(record)))


def _by_the_library(record: LessonRecord) -> Iterator[Mapping[str, Any]]:
    """What Twilio's library was asked in this kernel for Tasks that say they came another way."""
    for each in asked(record, "POST", "/Tasks"):
        if (parse_object(str(each.get("Attributes"))) or {}).get("made_by") == PLAIN:
            yield each


def _only_by_the_library(record: LessonRecord) -> str | None:
    if next(_by_the_library(record), None) is None:
        return None
    return "The Task that says made_by was created by Twilio's library, through lab.client. Send it with requests.post."


def _says_another_way(record: LessonRecord) -> str | None:
    said = next((attributes["made_by"] for _, attributes in _created(record) if "made_by" in attributes), PLAIN)
    return None if said == PLAIN else f'Your Task says "made_by": {_shown(said)}, and should say "{PLAIN}".'


# --- attributes ------------------------------------------------------------------------------------------------------


def _has_a_customer(record: LessonRecord) -> bool:
    return any(_is_customer(attributes.get("customer")) for _, attributes in _created(record))


def _is_customer(said: object) -> bool:
    return isinstance(said, Mapping) and bool(said.get("name")) and bool(said.get("plan"))


def _customer(record: LessonRecord) -> object:
    """What the newest Task that says anything about it says under `customer`."""
    return next((attributes["customer"] for _, attributes in _created(record) if "customer" in attributes), None)


def _customer_is_no_object(record: LessonRecord) -> str | None:
    said = _customer(record)
    if said is None or isinstance(said, Mapping):
        return None
    return f'Your customer is {_shown(said)}. Make it an object, such as {{"name": "Ada", "plan": "gold"}}.'


def _customer_lacks_something(record: LessonRecord) -> str | None:
    said = _customer(record)
    if not isinstance(said, Mapping):
        return None
    missing = [name for name in ("name", "plan") if not said.get(name)]
    return f"Your customer is {_shown(said)}: there is no {' and no '.join(missing)} in it."


def _customer_is_flat(record: LessonRecord) -> str | None:
    for _, attributes in _created(record):
        if "customer" not in attributes and {"name", "plan"} & set(attributes):
            return f"Your Task says {_shown(attributes)}. Put name and plan into an object, under customer."
    return None


# --- priority --------------------------------------------------------------------------------------------------------


def _urgent_came_first(record: LessonRecord) -> bool:
    return any(_overtook(record, each) for each in record.of(EventType.RESERVATION_CREATED))


def _overtook(record: LessonRecord, reserved: EventCallback) -> bool:
    """Whether an older Task of a lower priority waited in the same TaskQueue when this Reservation was made."""
    events = list(record.events)
    before = events[: events.index(reserved)]
    created = [each.task_sid for each in before if each.event_type == EventType.TASK_CREATED]
    if reserved.task_sid not in created:
        return False
    older = created[: created.index(reserved.task_sid)]
    return any(_waited_lower(reserved, [event for event in before if event.task_sid == sid]) for sid in older)


def _waited_lower(reserved: EventCallback, events: list[EventCallback]) -> bool:
    if {EventType.RESERVATION_CREATED, EventType.TASK_CANCELED} & {each.event_type for each in events}:
        return False
    same_queue = any(each.task_queue_name == reserved.task_queue_name for each in events)
    return same_queue and (events[-1].task_priority or 0) < (reserved.task_priority or 0)


def _urgent_has_no_priority(record: LessonRecord) -> str | None:
    urgent = _newest(record, "urgent")
    if urgent is None or urgent.task_priority:
        return None
    return "Your urgent Task has priority 0, like all that came before it, so the oldest of them is served first."


def _waits_for_alice(wish: str) -> Callable[[LessonRecord], str | None]:
    def difference(record: LessonRecord) -> str | None:
        task, activity = _newest(record, wish), activity_of(record, "Alice")
        if task is None or activity == "Available":
            return None
        return f"Your Task waits, and Alice is {activity or 'not there'}. Switch her to Available in the Workers panel."

    return difference


def _alice_was_there_before(record: LessonRecord) -> str | None:
    if not (_newest(record, "urgent") and record.of(EventType.RESERVATION_CREATED)):
        return None
    return (
        "Alice had a Task already when your urgent one came, or nothing else waited. Run the notebook from its second "
        "cell on, which sends her home and begins anew."
    )


# --- time limit ------------------------------------------------------------------------------------------------------


def _timed_out(record: LessonRecord) -> bool:
    return any("TTL" in f"{each.event_description} {each.reason}" for each in record.of(EventType.TASK_CANCELED))


def _has_more_time(record: LessonRecord) -> str | None:
    for task in record.tasks:
        if task.attributes.get("wish") == "soon" and task.age:
            return (
                f"Your Task is {task.age} seconds old and still {task.assignment_status}, so its timeout is longer "
                "than that. A minute is timeout=60."
            )
    return None


# --- TaskChannel -----------------------------------------------------------------------------------------------------


def _chat_was_reserved(record: LessonRecord) -> bool:
    made = record.of(EventType.RESERVATION_CREATED)
    return any((each.worker_name, each.task_channel_unique_name) == ("Alice", CHAT) for each in made)


def _is_on_another_channel(record: LessonRecord) -> str | None:
    task = _newest(record, "a chat")
    if task is None or task.task_channel_unique_name == CHAT:
        return None
    return f'Your chat is on the TaskChannel {task.task_channel_unique_name}. Say task_channel="{CHAT}".'


LESSON = Lesson(
    "Create a Task",
    (
        LessonStep(
            "A Task was created",
            happened(EventType.TASK_CREATED),
            "Run the cell with workspace.tasks.create.",
            "It takes workflow_sid, and attributes as JSON text.",
            'workspace.tasks.create(workflow_sid=lab.workflow_sid, attributes=json.dumps({"selected_language": "es"}))',
        ),
        LessonStep(
            "A Task was created by a plain HTTP request",
            _made_by_http,
            'Fill the form with WorkflowSid and Attributes, let these say "made_by": "http" too, and run the cell.',
            "The form is a dict with two texts: WorkflowSid is lab.workflow_sid, and Attributes is what json.dumps "
            "makes of a dict with selected_language and made_by.",
            "form = {\n"
            '    "WorkflowSid": lab.workflow_sid,\n'
            '    "Attributes": json.dumps({"selected_language": "es", "made_by": "http"}),\n'
            "}",
            (_only_by_the_library, _says_another_way),
        ),
        LessonStep(
            "A Task says who the customer is",
            _has_a_customer,
            "Give the attributes a customer, which is an object with a name and a plan, and run the cell.",
            "customer stands beside selected_language, and is a dict in itself, with two texts: name and plan.",
            'attributes = {"selected_language": "en", "customer": {"name": "Ada", "plan": "gold"}}',
            (_customer_is_no_object, _customer_lacks_something, _customer_is_flat),
        ),
        LessonStep(
            "An urgent Task overtook the others",
            _urgent_came_first,
            "While Alice is Offline and Tasks in Spanish wait, create one with a priority above 0. Then switch her to "
            "Available.",
            "In this order: the older Tasks wait, the urgent one is created with priority=10, Alice becomes Available.",
            'urgent = create(json.dumps({"selected_language": "es", "wish": "urgent"}), priority=10)\n'
            'available = workspace.activities.list(friendly_name="Available")[0]\n'
            'alice = workspace.workers.list(friendly_name="Alice")[0]\n'
            "alice.update(activity_sid=available.sid)",
            (_urgent_has_no_priority, _waits_for_alice("urgent"), _alice_was_there_before),
        ),
        LessonStep(
            "A Task was canceled, for its time was up",
            _timed_out,
            "Create a Task with a timeout of one minute while nobody is there to take it, and move the clock.",
            "The timeout is in seconds. Then the clock has to move further than that.",
            'short = create(json.dumps({"selected_language": "en", "wish": "soon"}), timeout=60)\n'
            "lab.clock.advance(61)",
            (_has_more_time,),
        ),
        LessonStep(
            "A chat came to Alice beside her other Task",
            _chat_was_reserved,
            "While Alice is Available, create a Task in Spanish on the TaskChannel chat.",
            "It is the same call as before, with task_channel and the TaskChannel's unique name.",
            'chat = create(json.dumps({"selected_language": "es", "wish": "a chat"}), task_channel="chat")',
            (_is_on_another_channel, _waits_for_alice("a chat")),
        ),
        LessonStep(
            "TaskRouter refused a Task",
            refused("/Tasks"),
            "Run the cell with the three attempts.",
            "Attributes that are no JSON object are refused.",
            'create(str({"selected_language": "es"}))',
            optional=True,
        ),
    ),
    minutes=20,
    goal="You will be able to create a Task in every way there is, and to say what TaskRouter makes of it.",
)
