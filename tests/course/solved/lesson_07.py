"""07 as somebody writes it who has understood it, and as those do who have not yet."""

from __future__ import annotations

from course.playing import WrongAttempt


def billing(expression: str) -> str:
    """The cell of the filter for bills, with this expression."""
    return (
        "billing = {\n"
        '    "filter_friendly_name": "Billing",\n'
        f'    "expression": {expression!r},\n'
        '    "targets": [{"queue": queues["Billing"]}],\n'
        "}\n"
        "route(technical, billing)\n"
        'task = call_in(topic="billing")\n'
        'task = call_in(topic="refund")'
    )


def escalation(first: str, last: str = "") -> str:
    """The cell of two targets, each with more of its fields."""
    return (
        'workers["Cleo"].update(activity_sid=activities["Unavailable"])\n'
        f'experts = {{"queue": queues["Technical"], "expression": "worker.level >= 4"{first}}}\n'
        f'technical["targets"] = [experts, {{"queue": queues["Technical"]{last}}}]\n'
        "route(vip, technical, billing)\n"
        'task = call_in(topic="technical")\n'
        "lab.clock.advance(30)\n"
        'print("30 seconds later:", lab.explain(task).headline)'
    )


def skip(expression: str) -> str:
    """The cell of the experts' skip_if."""
    return f'experts["skip_if"] = "{expression}"\nroute(vip, technical, billing)\ntask = call_in(topic="technical")'


def order(order_by: str) -> str:
    """The cell of the target for anybody."""
    return (
        'workers["Cleo"].update(activity_sid=activities["Available"])\n'
        f'anybody = {{"queue": queues["Technical"], "order_by": "{order_by}"}}\n'
        'technical["targets"] = [anybody]\n'
        "route(vip, technical, billing)\n"
        "for _ in range(3):\n"
        '    task = call_in(topic="technical")'
    )


def known(field: str) -> str:
    """The cell of the target for a known Worker."""
    return (
        f'known = {{"queue": queues["Technical"], "skip_if": "1 == 1", {field}}}\n'
        'technical["targets"] = [known, anybody]\n'
        "route(vip, technical, billing)\n"
        'task = call_in(topic="technical", agent="Ben")'
    )


INSTEAD = {
    "your-turn-billing": billing('topic IN ["billing", "refund"]'),
    "your-turn-vip": 'route(vip, technical, billing)\ntask = call_in(topic="technical", vip=True)',
    "your-turn-escalation": escalation(', "timeout": 30'),
    "your-turn-skip": skip("1 == 1"),
    "your-turn-order": order("worker.level DESC"),
    "your-turn-known": known('"known_worker_friendly_name": "task.agent"'),
}

AFTER: dict[str, str] = {}

BY_RUNNING: frozenset[int] = frozenset()

WRONG = (
    WrongAttempt(
        step=1,
        instead={"your-turn-billing": billing('topic == "billing" AND topic == "refund"')},
        hint="asks for both at once",
    ),
    WrongAttempt(
        step=4,
        instead={"your-turn-skip": skip("workers.available < 1")},
        hint="Your skip_if is workers.available < 1",
    ),
    WrongAttempt(
        step=6,
        instead={"your-turn-known": known('"known_worker_sid": "task.agent"')},
        hint="which is a name: known_worker_friendly_name",
    ),
)
