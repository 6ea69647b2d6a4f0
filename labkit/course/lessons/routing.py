"""07: filters, targets and their timeouts, skip_if, order_by, known Workers, and what no filter matches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from labkit.attributes import parse_object
from labkit.callback_events import EventCallback
from labkit.course.lesson import Lesson, LessonStep
from labkit.course.lessons.in_workspace import takes
from labkit.course.lessons.steps import AT_ONCE, asked, happened, refused
from labkit.course.record import LessonRecord
from labkit.vocabulary import EventType

BILLS = ("billing", "refund")
"""The topics of the filter that the learner writes."""
GIVEN_EXPRESSION = 'topic == "?"'
GIVEN_SKIP = "workers.available == 0"
GIVEN_ORDER = ("Technical", "Billing", "VIP")
"""What stands in the cells before the learner changes them."""
VIP_PRIORITY = 10
LUNCH_SECONDS = 30
"""How long the lesson has a Task wait for an expert."""
BEST, WORST = "Cleo", "Ben"
"""Those technicians with the highest and with the lowest level."""
AGENT = "task.agent"
"""Where a Task of the lesson has the name of the Worker whom its customer knows."""

_Part = Mapping[str, Any]


# --- what the learner has sent --------------------------------------------------------------------------------------


def _filters_sent(record: LessonRecord) -> Iterator[list[_Part]]:
    """The filters of each configuration that TaskRouter took, in the order in which they came."""
    for each in asked(record, "POST"):
        routing = (parse_object(str(each.get("Configuration"))) or {}).get("task_routing")
        filters = routing.get("filters") if isinstance(routing, dict) else None
        if isinstance(filters, list):
            yield [entry for entry in filters if isinstance(entry, dict)]


def _targets_sent(record: LessonRecord) -> Iterator[list[_Part]]:
    """The targets of each filter of these."""
    for filters in _filters_sent(record):
        for each in filters:
            targets = each.get("targets")
            yield [target for target in targets if isinstance(target, dict)] if isinstance(targets, list) else []


def _name(each: _Part) -> str:
    return str(each.get("filter_friendly_name", ""))


# --- 1: a filter ------------------------------------------------------------------------------------------------------


def _bills_came_to_billing(record: LessonRecord) -> bool:
    came = {_topic(event) for event in record.of(EventType.TASK_QUEUE_ENTERED) if event.task_queue_name == "Billing"}
    return came.issuperset(BILLS)


def _topic(event: EventCallback) -> object:
    topic = (event.task_attributes or {}).get("topic")
    return topic if isinstance(topic, str) else None


def _asks_for_both(record: LessonRecord) -> str | None:
    expression = _billing_expression(record)
    if " AND " not in expression.upper():
        return None
    return f"Your filter {expression} asks for both at once, and a Task has one topic. Either will do: OR, or IN."


def _takes_one_only(record: LessonRecord) -> str | None:
    expression = _billing_expression(record)
    taken = [topic for topic in BILLS if takes(expression, {"topic": topic})]
    if len(taken) != 1:
        return None
    other = next(topic for topic in BILLS if topic not in taken)
    return f'Your filter {expression} takes the topic "{taken[0]}", and not "{other}".'


def _takes_none(record: LessonRecord) -> str | None:
    expression = _billing_expression(record)
    if expression in ("", GIVEN_EXPRESSION) or any(takes(expression, {"topic": topic}) for topic in BILLS):
        return None
    return f'Your filter {expression} takes neither "billing" nor "refund". Texts stand in quotes.'


def _billing_expression(record: LessonRecord) -> str:
    """The last one that was sent, but for the one that stood there."""
    found = [
        str(each.get("expression", "")) for sent in _filters_sent(record) for each in sent if _name(each) == "Billing"
    ]
    own = [expression for expression in found if expression != GIVEN_EXPRESSION]
    return own[-1] if own else ""


# --- 2: the order of filters ------------------------------------------------------------------------------------------


def _vip_came_first(record: LessonRecord) -> bool:
    return any(event.task_priority == VIP_PRIORITY for event in _vips(record))


def _general_above_special(record: LessonRecord) -> str | None:
    for filters in _filters_sent(record):
        names = tuple(map(_name, filters))
        if names == GIVEN_ORDER or not {"VIP", "Technical"} <= set(names):
            continue
        if names.index("Technical") < names.index("VIP"):
            return f"Your filters stand in the order {', '.join(names)}: Technical matches the VIP's question first."
    return None


def _without_priority(record: LessonRecord) -> str | None:
    if not any(event.task_queue_name == "Everyone" for event in _vips(record)):
        return None
    return f"Your VIP came to Everyone without priority {VIP_PRIORITY}, which stands in the target of the filter VIP."


def _vips(record: LessonRecord) -> Iterator[EventCallback]:
    events = record.of(EventType.TASK_QUEUE_ENTERED)
    return (event for event in events if (event.task_attributes or {}).get("vip") is True)


# --- 3: escalation ----------------------------------------------------------------------------------------------------


def _went_on_after_a_time(record: LessonRecord) -> bool:
    late = {event.task_sid: event.happened(record.heard) for event in record.of(EventType.TASK_QUEUE_TIMEOUT)}
    return any(
        event.task_sid in late and event.happened(record.heard) >= late[event.task_sid]
        for event in record.of(EventType.RESERVATION_CREATED)
    )


def _another_timeout(record: LessonRecord) -> str | None:
    for targets in _targets_sent(record):
        seconds = str(targets[0].get("timeout", "")) if len(targets) > 1 else ""
        if seconds.isdecimal() and int(seconds) != LUNCH_SECONDS:
            return f"Your first target has a timeout of {seconds} s, and the clock moved on by {LUNCH_SECONDS} s."
    return None


def _timeout_in_the_last(record: LessonRecord) -> str | None:
    if not any(len(targets) > 1 and "timeout" in targets[-1] for targets in _targets_sent(record)):
        return None
    return "The timeout stands in your last target. It belongs into the first one, which the Task shall leave."


# --- 4: skip_if -------------------------------------------------------------------------------------------------------


def _was_skipped_on(record: LessonRecord) -> bool:
    """Some Task had two targets at once, and was reserved at once."""
    for created in record.of(EventType.TASK_CREATED):
        if "agent" in (created.task_attributes or {}):
            continue
        at = created.happened(record.heard)
        about = record.about_task(created.task_sid)
        first = [event.event_type for event in about if event.happened(record.heard) - at < AT_ONCE]
        if first.count(EventType.WORKFLOW_TARGET_MATCHED) > 1 and EventType.RESERVATION_CREATED in first:
            return True
    return False


def _never_true(record: LessonRecord) -> str | None:
    own = [
        str(target["skip_if"])
        for targets in _targets_sent(record)
        for target in targets
        if "skip_if" in target and "expression" in target and target["skip_if"] != GIVEN_SKIP
    ]
    if not own:
        return None
    return f"Your skip_if is {own[-1]}, and that was not true: Ben and Dan are available in this TaskQueue."


# --- 5: order_by ------------------------------------------------------------------------------------------------------


def _best_again(record: LessonRecord) -> bool:
    return _twice_in_a_row(record, BEST)


def _worst_again(record: LessonRecord) -> str | None:
    if not _twice_in_a_row(record, WORST):
        return None
    return f"Your order asks {WORST} each time, who has the lowest level: the smallest come first, unless you say DESC."


def _twice_in_a_row(record: LessonRecord, worker: str) -> bool:
    """By turns nobody is, where several may have a Task; a Task that names its Worker does not count."""
    return any(
        before.worker_name == after.worker_name == worker and not _names_somebody(before) and not _names_somebody(after)
        for before, after in pairwise(record.of(EventType.RESERVATION_CREATED))
    )


def _names_somebody(event: EventCallback) -> bool:
    return "agent" in (event.task_attributes or {})


# --- 6: a known Worker ------------------------------------------------------------------------------------------------


def _came_to_the_known_worker(record: LessonRecord) -> bool:
    asked = any(
        AGENT in str(value) for targets in _targets_sent(record) for target in targets for value in target.values()
    )
    return asked and any(
        (event.task_attributes or {}).get("agent") == event.worker_name
        for event in record.of(EventType.RESERVATION_CREATED)
    )


def _took_a_name_for_a_sid(record: LessonRecord) -> str | None:
    if not _known(record, "known_worker_sid"):
        return None
    return 'Your target has known_worker_sid, and the Task says "Ben", which is a name: known_worker_friendly_name.'


def _looked_elsewhere(record: LessonRecord) -> str | None:
    other = [value for value in _known(record, "known_worker_friendly_name") if value != AGENT]
    if not other:
        return None
    return f"Your target looks for the name at {other[-1]}, and the Task has it at {AGENT}."


def _known(record: LessonRecord, field: str) -> list[str]:
    return [str(target[field]) for targets in _targets_sent(record) for target in targets if field in target]


LESSON = Lesson(
    "Routing",
    minutes=20,
    goal="You will be able to write a Workflow: filters, targets that escalate, and who of several is asked.",
    workspace="routing",
    steps=(
        LessonStep(
            "Bills and refunds came to the TaskQueue Billing",
            _bills_came_to_billing,
            "In section 2, write an expression that takes the topics billing and refund.",
            stronger="Either compare twice, with OR between, or write topic IN and a list of both, each in quotes.",
            solution='billing["expression"] = \'topic IN ["billing", "refund"]\'\nroute(technical, billing)\n'
            'task = call_in(topic="billing")\ntask = call_in(topic="refund")',
            differences=(_asks_for_both, _takes_one_only, _takes_none),
        ),
        LessonStep(
            "A VIP's question got priority 10",
            _vip_came_first,
            "In section 3, give the filters an order in which the VIP's is read first.",
            stronger="The first filter that matches wins, so `vip` is the first argument of `route`.",
            solution='route(vip, technical, billing)\ntask = call_in(topic="technical", vip=True)',
            differences=(_general_above_special, _without_priority),
        ),
        LessonStep(
            "A Task went on to the next target after 30 seconds",
            _went_on_after_a_time,
            "In section 4, give the first target a timeout of 30 seconds.",
            stronger='The dict `experts` needs one field more: "timeout", a number of seconds.',
            solution='experts["timeout"] = 30\nroute(vip, technical, billing)\ntask = call_in(topic="technical")\n'
            "lab.clock.advance(30)",
            differences=(_another_timeout, _timeout_in_the_last),
        ),
        LessonStep(
            "A Task skipped a target where nobody could be reserved",
            _was_skipped_on,
            "In section 5, write a skip_if that is true whenever it is looked at.",
            stronger="It is looked at only when nobody could be reserved, so a comparison that always holds will do.",
            solution='experts["skip_if"] = "1 == 1"\nroute(vip, technical, billing)\ntask = call_in(topic="technical")',
            differences=(_never_true,),
        ),
        LessonStep(
            "The best technician was asked twice in a row",
            _best_again,
            "In section 6, have the target order its Workers by level, the highest first, and call in three times.",
            stronger='The dict `anybody` needs the field "order_by", with worker.level and DESC.',
            solution='anybody["order_by"] = "worker.level DESC"\nroute(vip, technical, billing)\n'
            'for _ in range(3):\n    task = call_in(topic="technical")',
            differences=(_worst_again,),
        ),
        LessonStep(
            "A customer came back to the Worker whom his Task names",
            _came_to_the_known_worker,
            "In section 7, make the first target one for the Worker whose name stands in the Task's attribute agent.",
            stronger='The dict `known` needs the field "known_worker_friendly_name", and its value begins with task.',
            solution='known["known_worker_friendly_name"] = "task.agent"\nroute(vip, technical, billing)\n'
            'task = call_in(topic="technical", agent="Ben")',
            differences=(_took_a_name_for_a_sid, _looked_elsewhere),
        ),
        LessonStep(
            "A Task fell out of its Workflow",
            happened(EventType.WORKFLOW_TIMEOUT),
            "Run the cell of section 4 in which the last target has a timeout.",
            optional=True,
        ),
        LessonStep(
            "A Task that no filter matches was refused",
            refused("/Tasks"),
            "Run the cell of section 8.",
            optional=True,
        ),
    ),
)
