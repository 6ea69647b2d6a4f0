"""08: room on TaskChannels, channels of one's own, and one Task for several Workers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from labkit.callback_events import EventCallback
from labkit.course.lesson import Lesson, LessonStep
from labkit.course.lessons.in_workspace import named, picks
from labkit.course.record import LessonRecord
from labkit.vocabulary import EventType

BUILT_IN = frozenset({"default", "voice", "chat", "sms", "video"})
ROOM_FOR_CHATS = 3
ASKED_AT_ONCE = 3
_ENDED = frozenset(
    {
        EventType.RESERVATION_REJECTED,
        EventType.RESERVATION_TIMEOUT,
        EventType.RESERVATION_CANCELED,
        EventType.RESERVATION_RESCINDED,
        EventType.RESERVATION_COMPLETED,
    }
)
Open = Mapping[str, EventCallback]
"""The Reservations that are open at a moment, by SID: the newest event of each."""


def moments(record: LessonRecord) -> Iterator[tuple[EventCallback, Open]]:
    """Each event of a Reservation, with the Reservations that were open right after it."""
    opened: dict[str, EventCallback] = {}
    for event in record.events:
        if event.event_type in _ENDED:
            opened.pop(event.reservation_sid, None)
        elif event.reservation_sid:
            opened[event.reservation_sid] = event
        if event.reservation_sid:
            yield event, opened


def _of_worker(opened: Open, worker: str, channel: str) -> list[EventCallback]:
    return [each for each in opened.values() if (each.worker_name, each.task_channel_unique_name) == (worker, channel)]


def _created_on(record: LessonRecord, channel: str) -> bool:
    return any(event.task_channel_unique_name == channel for event in record.of(EventType.TASK_CREATED))


# --- 1: a call beside a chat ------------------------------------------------------------------------------------------


def _a_call_beside_a_chat(record: LessonRecord) -> bool:
    return any(
        event.event_type == EventType.RESERVATION_CREATED
        and event.task_channel_unique_name == "voice"
        and _of_worker(opened, event.worker_name, "chat")
        for event, opened in moments(record)
    )


def _another_came_for_it(record: LessonRecord) -> str | None:
    channels = [event.task_channel_unique_name for event in record.of(EventType.TASK_CREATED)]
    after = [
        third
        for first, second, third in zip(channels, channels[1:], channels[2:], strict=False)
        if (first, second) == ("chat", "chat") and third in ("default", "sms")
    ]
    return f"The Task that you created after the two chats is on {after[-1]}, not on voice." if after else None


def _the_call_found_nobody(record: LessonRecord) -> str | None:
    offered = {event.task_channel_unique_name for event in record.of(EventType.RESERVATION_CREATED)}
    if not _created_on(record, "voice") or "voice" in offered:
        return None
    return "Your call is there, and no Worker was offered it: none was Available with room on voice."


# --- 2: room for chats ------------------------------------------------------------------------------------------------


def _given(record: LessonRecord) -> Iterator[EventCallback]:
    """Where somebody changed a capacity, the newest first."""
    changes = record.of(EventType.WORKER_CAPACITY_UPDATE)
    return (event for event in reversed(changes) if event.worker_channel_capacity is not None)


def _room_for_chats(record: LessonRecord) -> bool:
    enough = any(
        event.task_channel_unique_name == "chat" and (event.worker_channel_capacity or 0) >= ROOM_FOR_CHATS
        for event in _given(record)
    )
    return enough and any(len(_of_worker(opened, event.worker_name, "chat")) > 1 for event, opened in moments(record))


def _too_little_room(record: LessonRecord) -> str | None:
    newest = next((event for event in _given(record) if event.task_channel_unique_name == "chat"), None)
    if newest is None or not 1 < (newest.worker_channel_capacity or 0) < ROOM_FOR_CHATS:
        return None
    return f"{newest.worker_name} has room for {newest.worker_channel_capacity} chats now, and it shall be 3."


def _room_elsewhere(record: LessonRecord) -> str | None:
    newest = next((event for event in _given(record) if (event.worker_channel_capacity or 0) > 1), None)
    if newest is None or newest.task_channel_unique_name == "chat":
        return None
    channel = newest.task_channel_unique_name
    return f"You gave {newest.worker_name} room on {channel}, and the Tasks that wait are on chat."


def _room_for_another(record: LessonRecord) -> str | None:
    newest = next((event for event in _given(record) if event.task_channel_unique_name == "chat"), None)
    if newest is None or newest.worker_name == "Alice":
        return None
    return f"You gave {newest.worker_name} room for chats, and it is Alice who has them."


# --- 3: accepted beside offered ---------------------------------------------------------------------------------------


def _accepted_beside_offered(record: LessonRecord) -> bool:
    return any(
        event.event_type == EventType.RESERVATION_ACCEPTED
        and event.task_channel_unique_name == "chat"
        and len(_of_worker(opened, event.worker_name, "chat")) > 1
        for event, opened in moments(record)
    )


def _accepted_another(record: LessonRecord) -> str | None:
    for event, opened in moments(record):
        channel = event.task_channel_unique_name
        if event.event_type != EventType.RESERVATION_ACCEPTED or channel == "chat":
            continue
        if len(_of_worker(opened, event.worker_name, "chat")) > 1:
            return f"What {event.worker_name} accepted is on {channel}. Accept one of the two chats."
    return None


# --- 4: a channel of one's own ----------------------------------------------------------------------------------------


def _own_channels(record: LessonRecord) -> list[str]:
    made = (event.task_channel_unique_name for event in record.of(EventType.TASK_CHANNEL_CREATED))
    return [name for name in made if name not in BUILT_IN]


def _own_channel_was_used(record: LessonRecord) -> bool:
    return any(
        event.task_channel_unique_name not in BUILT_IN | {""} for event in record.of(EventType.RESERVATION_CREATED)
    )


def _own_channel_is_empty(record: LessonRecord) -> str | None:
    made = _own_channels(record)
    if not made:
        return None
    if any(_created_on(record, name) for name in made):
        return f"A Task is on {made[-1]}, and no Worker was offered it: none was Available with room there."
    return f'The TaskChannel {made[-1]} is there, and no Task is on it. Say task_channel="{made[-1]}".'


# --- 5: a channel that was closed -------------------------------------------------------------------------------------


def _video_was_opened(record: LessonRecord) -> bool:
    opened = any(
        event.worker_channel_available for event in _on_video(record, EventType.WORKER_CHANNEL_AVAILABILITY_UPDATE)
    )
    offered = (event.task_channel_unique_name for event in record.of(EventType.RESERVATION_CREATED))
    return opened and "video" in offered


def _channel_now(record: LessonRecord, worker: str, channel: str) -> Mapping[str, Any]:
    channels: Mapping[str, Any] = (named(record, "workers", worker) or {}).get("channels") or {}
    return channels.get(channel) or {}


def _on_video(record: LessonRecord, kind: EventType) -> list[EventCallback]:
    return [event for event in record.of(kind) if event.task_channel_unique_name == "video"]


def _video_is_closed(record: LessonRecord) -> str | None:
    """Somebody has changed its capacity since it was closed, and that does not open it."""
    closed = _on_video(record, EventType.WORKER_CHANNEL_AVAILABILITY_UPDATE)
    changed = _on_video(record, EventType.WORKER_CAPACITY_UPDATE)
    if not closed or not changed or changed[-1].happened(record.heard) <= closed[-1].happened(record.heard):
        return None
    video = _channel_now(record, "Alice", "video")
    if video.get("available") is not False:
        return None
    return f"Alice's channel video has a capacity of {video.get('capacity')}, and its available is still False."


# --- 6 and 7: one Task for several ------------------------------------------------------------------------------------


def _asked_at_once(record: LessonRecord) -> int:
    """The most Workers that had an open Reservation of one Task at a time."""
    return max(
        (sum(each.task_sid == event.task_sid for each in opened.values()) for event, opened in moments(record)),
        default=0,
    )


def _reserves(record: LessonRecord, queue: str) -> int:
    return int((named(record, "task_queues", queue) or {}).get("max_reserved_workers") or 1)


def _too_few_are_asked(record: LessonRecord) -> str | None:
    now, other = _reserves(record, "Emergencies"), _reserves(record, "Everyone")
    if now >= ASKED_AT_ONCE:
        return (
            f"Emergencies reserves up to {now} Workers, and at most {_asked_at_once(record)} had a Reservation of one "
            "Task so far. Have Alice, Bob and Carol Available and without Tasks, then create an urgent one."
        )
    if other > 1:
        return f"Everyone reserves up to {other} Workers now, and Emergencies still {now}."
    return f"Emergencies reserves up to {now} Workers, and it shall be 3." if now > 1 else None


def _first_won(record: LessonRecord) -> bool:
    accepted = {event.task_sid for event in record.of(EventType.RESERVATION_ACCEPTED)}
    return any(event.task_sid in accepted for event in record.of(EventType.RESERVATION_RESCINDED))


def _rejected_instead(record: LessonRecord) -> str | None:
    if _asked_at_once(record) < ASKED_AT_ONCE or not record.of(EventType.RESERVATION_REJECTED):
        return None
    worker = record.of(EventType.RESERVATION_REJECTED)[-1].worker_name
    return f"{worker} rejected the Task, and that leaves the other Reservations pending. One has to be accepted."


# --- 8: no chats while on the phone -----------------------------------------------------------------------------------


def _expression_now(record: LessonRecord) -> str:
    return str((named(record, "task_queues", "Everyone") or {}).get("target_workers") or "")


def _fits(expression: str, *, calls: int) -> bool:
    """Whether a Worker fits who has so many calls, and room for one."""
    voice = {"configured_capacity": 1, "assigned_tasks": calls, "available_capacity_percentage": 100 * (1 - calls)}
    idle = {"configured_capacity": 1, "assigned_tasks": 0, "available_capacity_percentage": 100}
    channels = {**dict.fromkeys(BUILT_IN, idle), "voice": voice}
    return picks(expression, {"channel": channels})


def _spares_who_is_on_the_phone(record: LessonRecord) -> bool:
    expression = _expression_now(record)
    return _fits(expression, calls=0) and not _fits(expression, calls=1)


def _fits_the_wrong_ones(record: LessonRecord) -> str | None:
    expression = _expression_now(record)
    if expression in ("", "1==1"):
        return None
    if not _fits(expression, calls=0):
        return f'Your expression, "{expression}", does not fit a Worker without a call, so nobody gets anything.'
    return f'Your expression, "{expression}", fits a Worker with a call just as well as one without.'


def _offered(record: LessonRecord) -> bool:
    return _asked_at_once(record) >= ASKED_AT_ONCE


LESSON = Lesson(
    "Several things at once",
    (
        LessonStep(
            "A Worker who had a chat was offered a call",
            _a_call_beside_a_chat,
            "While Alice has a chat, create a Task on the TaskChannel voice.",
            "It is the call of tasks.create that made the chats, with voice in place of chat.",
            'workspace.tasks.create(workflow_sid=lab.workflow_sid, task_channel="voice")',
            differences=(_another_came_for_it, _the_call_found_nobody),
        ),
        LessonStep(
            "Alice has room for three chats, and was offered two",
            _room_for_chats,
            "Update Alice's WorkerChannel chat, so that its capacity is 3.",
            'worker_channels("chat") of workspace.workers(alice.sid) has a method update, which takes capacity=3.',
            'workspace.workers(alice.sid).worker_channels("chat").update(capacity=3)',
            differences=(_too_little_room, _room_elsewhere, _room_for_another),
        ),
        LessonStep(
            "A chat was accepted while another was offered to the same Worker",
            _accepted_beside_offered,
            "Press Accept on one of Alice's two chats in the Inbox.",
            "Alice needs two chats at a time: run the cell that creates them, give her room for three, then press "
            "Accept on one of the two cards.",
            "In the Inbox, press Accept on the card of a chat. Or, in a cell:\n"
            "offer = workspace.workers(alice.sid).reservations.list(reservation_status='pending')[0]\n"
            'offer.update(reservation_status="accepted")',
            differences=(_accepted_another,),
        ),
        LessonStep(
            "A Task on a TaskChannel of your own was offered to a Worker",
            _own_channel_was_used,
            "Create a TaskChannel with the unique name mail, then a Task on it.",
            "workspace.task_channels.create takes friendly_name and unique_name; the Task names the channel as "
            "task_channel.",
            'workspace.task_channels.create(friendly_name="Mail", unique_name="mail")\n'
            'workspace.tasks.create(workflow_sid=lab.workflow_sid, task_channel="mail")',
            differences=(_own_channel_is_empty,),
        ),
        LessonStep(
            "A WorkerChannel that was closed was opened, and the Task that waited for it was offered",
            _video_was_opened,
            "Run the cell that closes Alice's channel video, then open it with available=True.",
            "video is Alice's WorkerChannel. Its method update takes available=True, and the capacity must not be 0.",
            "video.update(available=True)",
            differences=(_video_is_closed,),
        ),
        LessonStep(
            "One Task was offered to three Workers at once",
            _offered,
            "Set max_reserved_workers of the TaskQueue Emergencies to 3, then create an urgent Task.",
            "workspace.task_queues(emergencies.sid) has a method update, which takes max_reserved_workers=3. Alice, "
            "Bob and Carol have to be Available when the urgent Task comes.",
            "workspace.task_queues(emergencies.sid).update(max_reserved_workers=3)\n"
            "workspace.tasks.create(workflow_sid=lab.workflow_sid, attributes='{\"urgent\": true}')",
            differences=(_too_few_are_asked,),
        ),
        LessonStep(
            "The first Worker accepted, and the other Reservations were rescinded",
            _first_won,
            "Press Accept on one of the three cards of the urgent Task.",
            "All three cards have the same Task. As soon as one of them is accepted, the others are rescinded.",
            "In the Inbox, press Accept on a card of the urgent Task. Or, in a cell:\n"
            "offer = workspace.tasks(urgent.sid).reservations.list(reservation_status='pending')[0]\n"
            'offer.update(reservation_status="accepted")',
            differences=(_rejected_instead,),
        ),
        LessonStep(
            "The TaskQueue Everyone takes nobody who is on the phone",
            _spares_who_is_on_the_phone,
            "Write an expression about worker.channel.voice that is true only for a Worker without a call.",
            "Either no call is assigned, or all of the room for calls is free: compare one of the names in the table "
            "with 0, or with 100.",
            'expression = "worker.channel.voice.assigned_tasks == 0"',
            differences=(_fits_the_wrong_ones,),
        ),
    ),
    minutes=15,
    goal="You will be able to say how much a Worker does at a time, and to offer one Task to several Workers.",
    workspace="multitasking",
)
