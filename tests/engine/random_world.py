"""Worlds and commands made of small numbers, which hypothesis can choose and make simpler."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from engine import reference_matcher as reference
from engine.world import World, moment
from hypothesis import strategies as st

from labkit.engine import commands
from labkit.engine.resources import CallOutcome
from labkit.errors import Refusal
from labkit.vocabulary import Instruction, ReservationStatus, TaskOrder, TransferMode, TransferStatus

Json = dict[str, Any]

# --- what worlds are made of -----------------------------------------------------------------------------------------

CHANNELS = ("default", "chat", "fax")
ACTIVITIES = ("Available", "Offline", "Break")
QUEUE_EXPRESSIONS = (
    "1==1",
    "1==1",
    "level >= 1",
    'langs HAS "a"',
    'activity_name == "Break" OR level == 2',
    "worker.channel.default.assigned_tasks == 0",
    "worker.channel.chat.available_capacity_percentage < 100",
)
FILTER_EXPRESSIONS = ("kind >= 0", "kind == 1", "kind >= 1", "lang == 'a'")
TARGET_EXPRESSIONS = (
    None,
    None,
    None,
    "worker.level >= task.need",
    "task.lang IN worker.langs",
    'worker.activity_name != "Offline"',
    "worker.channel.default.assigned_tasks == 1",
    "task.deep[0].lang IN worker.langs",
)
SKIPS = (None, None, None, "1==1", "workers.available == 0")
TIMEOUTS = (None, None, 10, 20)
PRIORITIES = (None, 0, 5)
ORDERS = (None, "worker.level DESC", "worker.level")
KNOWN = (None, None, None, None, None, "task.agent")
QUEUES = ("Q0", "Q1", "Q2")
WORKERS = ("W0", "W1", "W2", "W3")
PHONES: tuple[Json, ...] = (
    {},
    {"call_sid": f"CA{'a' * 32}", "to": "+15550199", "from": "+15550123"},
    {"call_sid": f"CA{'b' * 32}", "to": "+15550199"},
    {"outbound_to": "+15550123", "from": "+15550199"},
)
VOICE: tuple[tuple[Instruction, Json], ...] = (
    (Instruction.DEQUEUE, {}),
    (Instruction.DEQUEUE, {"timeout": 3}),
    (Instruction.CONFERENCE, {}),
    (Instruction.CONFERENCE, {"end_conference_on_exit": True, "end_conference_on_customer_exit": True}),
    (Instruction.CALL, {"from": "+15550199", "url": "http://twiml.test/", "accept": True}),
    (Instruction.CALL, {"from": "+15550199", "url": "http://twiml.test/"}),
    (Instruction.REDIRECT, {"call_sid": f"CA{'a' * 32}", "url": "http://twiml.test/", "accept": True}),
    (Instruction.SUPERVISE, {"supervisor": "client:boss"}),
)

pick = st.integers(0, 63)
target_shape = st.tuples(pick, pick, pick, pick, pick, pick, pick)
filter_shape = st.tuples(pick, st.lists(target_shape, min_size=1, max_size=3))
workflow_shape = st.tuples(st.lists(filter_shape, max_size=3), pick, pick)
queue_shape = st.tuples(pick, pick, pick)
worker_shape = st.tuples(pick, pick, pick)
world_shape = st.tuples(
    st.lists(queue_shape, min_size=3, max_size=3),
    st.lists(worker_shape, min_size=1, max_size=4),
    st.lists(workflow_shape, min_size=2, max_size=2),
)


def worker_attributes(a: int) -> Json:
    contact = {"contact_uri": "client:someone"} if a % 5 else {}
    return {"level": a % 3, "langs": [lang for bit, lang in ((4, "a"), (8, "b")) if a & bit], **contact}


def task_attributes(a: int) -> Json:
    langs = (None, "a", "b")
    agents = (None, *WORKERS[:2])
    lang = langs[a // 4 % 3]
    rest = {"kind": a % 4, "need": a // 2 % 3, "lang": lang, "deep": [{"lang": lang}], "agent": agents[a // 16 % 3]}
    return {**rest, **choose(PHONES, a // 3)}


def configuration(shape: Any) -> Json:
    """A Workflow's filters by the numbers; without filters it has a default one, so that Tasks come in."""
    filters, default, _ = shape
    return {
        "filters": [
            {"expression": choose(FILTER_EXPRESSIONS, expression), "targets": [target(each) for each in targets]}
            for expression, targets in filters
        ],
        "default_filter": {"queue": choose(QUEUES, default)} if default % 2 or not filters else None,
    }


def target(shape: Any) -> Json:
    a, b, c, d, e, f, g = shape
    chosen = {
        "queue": choose(QUEUES, a),
        "expression": choose(TARGET_EXPRESSIONS, b),
        "skip_if": choose(SKIPS, c),
        "timeout": choose(TIMEOUTS, d),
        "priority": choose(PRIORITIES, e),
        "order_by": choose(ORDERS, f),
        "known_worker_friendly_name": choose(KNOWN, g),
    }
    return {key: value for key, value in chosen.items() if value is not None}


def choose(options: Any, number: int) -> Any:
    return options[number % len(options)]


def build(shape: Any, *, reports: bool = True) -> World:
    queues, workers, workflows = shape
    world = World(reports=reports, multi_task_enabled=workflows[0][2] % 4 != 3)
    for activity in ("Break", "Reserved", "Busy"):
        world.add_activity(activity)
    world.add_channel("fax", optimized=True)
    for name, (expression, order, most) in zip(QUEUES, queues, strict=True):
        world.add_queue(
            name,
            choose(QUEUE_EXPRESSIONS, expression),
            task_order=choose(tuple(TaskOrder), order),
            max_reserved_workers=1 + most % 3,
        )
    for number, (activity, attributes, capacity) in enumerate(workers):
        world.add_worker(
            WORKERS[number],
            activity=choose(("Available", "Available", *ACTIVITIES), activity),
            attributes=worker_attributes(attributes),
            capacity={"default": 1 + capacity % 2, "chat": 1 + capacity // 2 % 2},
        )
    for number, workflow in enumerate(workflows):
        world.add_workflow(f"F{number}", reservation_timeout=5 + workflow[2] % 20, **configuration(workflow))
    return world


# --- what may happen -------------------------------------------------------------------------------------------------

COMMANDS: dict[str, Callable[[World, int, int, int], None]] = {}


def command(times: int = 1) -> Callable[[Any], Any]:
    """Something that may happen, by three numbers; `times` makes it come more often."""

    def keep(function: Any) -> Any:
        COMMANDS.update({f"{function.__name__}{'+' * extra}": function for extra in range(times)})
        return function

    return keep


def some_task(world: World, number: int) -> str | None:
    names = [name for name in world.names if name.startswith("T") and world.names[name] in world.state.tasks]
    return choose(names, number) if names else None


def some_worker(world: World, number: int) -> str | None:
    names = [name for name in WORKERS if world.names.get(name) in world.state.workers]
    return choose(names, number) if names else None


@command(times=6)
def create_task(world: World, a: int, b: int, c: int) -> None:
    to = choose((*[None] * 14, *WORKERS, *QUEUES), c)
    world.create_task(
        f"T{len(world.names)}",
        attributes=task_attributes(a),
        workflow=choose(("F0", "F1"), b),
        channel=choose(("default", "default", *CHANNELS), b // 2),
        priority=choose((None, 3), b // 8),
        timeout=choose((86_400, 86_400, 25, 100), b // 16),
        to=to,
        queue=choose((None, *QUEUES), a) if to else None,
        ignore_capacity=choose((None, False), a // 2) if to in WORKERS else None,
        start=world.seconds - a if a % 5 == 0 else None,
    )


@command(times=5)
def answer(world: World, a: int, b: int, c: int) -> None:
    every = list(world.state.reservations.values())
    held = [r.sid for r in every if r.is_open or c % 8 == 7] or [r.sid for r in every]
    if held:
        status = choose(("accepted", "completed", "accepted", "completed", "rejected", "wrapping", "canceled"), b)
        activity = choose((None, *ACTIVITIES), c) if status == "rejected" else None
        changes = {"reservation_status": status, "worker_activity_sid": activity and world.names[activity]}
        latest = choose(held[-4:][::-1], a)
        world.run(commands.UpdateReservation, sid=latest, changes=changes)


@command(times=4)
def transfer(world: World, a: int, b: int, c: int) -> None:
    every = list(world.state.reservations.values())
    accepted = [r for r in every if r.reservation_status is ReservationStatus.ACCEPTED and a % 8]
    if held := (accepted or every)[-4:]:
        initiator = choose(held[::-1], a)
        to = choose((*WORKERS, *QUEUES), b)
        world.run(
            commands.TransferTask,
            worker_sid=initiator.worker_sid,
            reservation_sid=initiator.sid,
            task_sid=initiator.task_sid,
            to=world.names.get(to, to),
            mode=choose(tuple(TransferMode), c),
            attributes=choose((None, json.dumps(task_attributes(a))), c // 2),
            priority=choose((None, c % 7), c // 4),
        )


@command()
def cancel_transfer(world: World, a: int, *_: int) -> None:
    every = list(world.state.transfers.values())
    under_way = [t for t in every if t.transfer_status is TransferStatus.INITIATED and a % 8]
    if found := (under_way or every):
        begun = choose(found[::-1], a)
        world.run(
            commands.CancelTransfer, worker_sid=begun.initiating_worker_sid, sid=begun.sid, task_sid=begun.task_sid
        )


@command(times=2)
def move_clock(world: World, a: int, b: int, _: int) -> None:
    deadline = world.engine.next_deadline()
    soon = (deadline - moment(0)).total_seconds() if deadline else world.seconds
    world.at(max(world.seconds, soon) if b % 2 else world.seconds + a % 31)


@command(times=2)
def set_activity(world: World, a: int, b: int, c: int) -> None:
    if name := some_worker(world, a):
        world.set_activity(name, choose(ACTIVITIES, b), reject_pending=c % 4 == 1)


@command(times=2)
def end_task(world: World, a: int, b: int, _: int) -> None:
    if name := some_task(world, a):
        world.update_task(name, status=choose(("completed", "canceled", "wrapping"), b), reason="enough")


@command()
def describe_task(world: World, a: int, b: int, c: int) -> None:
    if name := some_task(world, a):
        changes: list[Json] = [
            {"attributes": task_attributes(c)},
            {"priority": c % 7},
            {"channel": choose(CHANNELS, c)},
            {"start": world.seconds - c},
        ]
        world.update_task(name, **choose(changes, b))


@command()
def delete_task(world: World, a: int, b: int, _: int) -> None:
    if (name := some_task(world, a)) and b % 3 == 0:
        world.delete(name)


@command()
def describe_worker(world: World, a: int, b: int, c: int) -> None:
    if name := some_worker(world, a):
        if b % 4 == 0:
            world.rename(name, choose((*WORKERS, "Someone"), c))
        else:
            world.set_attributes(name, worker_attributes(c))


@command()
def set_channel(world: World, a: int, b: int, c: int) -> None:
    if name := some_worker(world, a):
        changes: Json = {"available": c % 2 == 0} if c % 3 == 0 else {"configured_capacity": c % 4}
        world.set_channel(name, choose(CHANNELS, b), **changes)


@command()
def change_queue(world: World, a: int, b: int, c: int) -> None:
    changes: list[Json] = [
        {"target_workers": choose(QUEUE_EXPRESSIONS, c)},
        {"task_order": choose(tuple(TaskOrder), c)},
        {"max_reserved_workers": 1 + c % 3},
    ]
    world.update_queue(choose(QUEUES, a), **choose(changes, b))


@command()
def change_workflow(world: World, a: int, b: int, c: int) -> None:
    shape = ([(a, [(b, c, a, 1 + b % 3, c, 0, 0), (c, 0, 0, 0, 0, 0, 0)])], b, c)
    world.update_workflow(choose(("F0", "F1"), a), re_evaluate=c % 2 == 0, **configuration(shape))


@command()
def change_workspace(world: World, a: int, b: int, _: int) -> None:
    if b % 2:
        world.update_workspace(timeout_activity_sid=choose(ACTIVITIES, a))
    elif b % 16 == 2:
        world.update_workspace(multi_task_enabled=True)
    else:
        world.update_workspace(prioritize_queue_order=choose(tuple(TaskOrder), a))


@command()
def call_back(world: World, a: int, b: int, c: int) -> None:
    if (name := some_task(world, a)) and world.task(name).reservations:
        if b % 4 == 0:
            world.fail_callback(name)
        else:
            world.call_back(name, choose((None, "accept", "reject"), b), activity=choose((None, *ACTIVITIES), c))


@command(times=3)
def instruct(world: World, a: int, b: int, c: int) -> None:
    every = list(world.state.reservations.values())
    held = [r.sid for r in every if r.is_open and a % 8] or [r.sid for r in every]
    if held:
        instruction, fields = choose(VOICE, b)
        if activity := choose((None, None, *ACTIVITIES), c):
            fields = {**fields, "post_work_activity_sid": world.names[activity]}
        latest = choose(held[-4:][::-1], a)
        world.run(commands.InstructReservation, sid=latest, instruction=instruction, changes=fields)


@command()
def hang_up(world: World, a: int, *_: int) -> None:
    live = [leg.sid for leg in world.state.call_legs.values() if leg.is_live]
    if live:
        world.run(commands.HangUp, sid=choose(live, a))


@command()
def direct_calls(world: World, a: int, b: int, c: int) -> None:
    world.run(
        commands.SetCallRule,
        to=choose(("", "", "client:someone", "+15550123"), a),
        outcome=choose((CallOutcome.ANSWERED, CallOutcome.ANSWERED, *CallOutcome), b),
        answer_after_seconds=a % 7,
        ends_after_seconds=choose((None, 0, 9), c),
    )


@command()
def come_and_go(world: World, a: int, b: int, c: int) -> None:
    name = choose(WORKERS, a)
    if world.names.get(name) in world.state.workers:
        world.delete(choose((name, name, "Q0", "F0", "Break", "fax"), b))
    elif len(world.state.workers) < len(WORKERS):
        world.add_worker(name, activity=choose(ACTIVITIES, b), attributes=worker_attributes(c))


@command()
def restart(world: World, *_: int) -> None:
    if reference.is_slow():
        return  # what was never restarted must go on in the same way
    numbers = world.engine._numbers
    world.engine = world.reload()
    world.engine._numbers = numbers  # refused commands use some up, which no store knows: only the order matters


happening = st.tuples(st.sampled_from(sorted(COMMANDS)), pick, pick, pick)
"""A command and its three numbers."""


def play(world: World, happenings: Iterable[tuple[str, int, int, int]]) -> None:
    """Let things happen, one after the other; whatever is refused is left out."""
    for name, *numbers in happenings:
        with suppress(Refusal):
            COMMANDS[name](world, *numbers)
