"""The lines of the status panel in a room: in which, as whom, whether it tells what happens, what was said to all."""

from __future__ import annotations

from labkit.display import date_and_time
from labkit.lab.room_connection import RoomConnection
from labkit.lab.status import status_line
from labkit.room.pushed_events import PushedEvents, RoomMessage
from labkit.widgets.status.lines import StatusLine

LISTEN_AGAIN = "listen-again"
_BEHIND = {
    "sandbox": "a sandbox, which costs nothing",
    "twilio": "an account of Twilio's, which is the instructor's",
}


def room_status_lines(connection: RoomConnection, pushed: PushedEvents) -> list[StatusLine]:
    """The lines, top to bottom; always the same ones. Asks nobody."""
    me = connection.joined
    role = "the instructor, who may do everything" if me.instructor else "a Worker like all in the room"
    return [
        status_line("mode", "Mode", f"room · one contact centre for all · on {_BEHIND[me.kind]}", "green"),
        status_line("worker", "You", f"{me.worker_name} · {role}", "green"),
        _told(connection, pushed),
        _said(pushed.messages),
        status_line("workspace", "Workspace", f"{me.workspace_name} · {me.workspace_sid}", "green"),
    ]


def _told(connection: RoomConnection, pushed: PushedEvents) -> StatusLine:
    if pushed.is_open:
        return status_line("room", "Room", f"{connection.room.url} · tells what happens", "green")
    return status_line(
        "room",
        "Room",
        connection.room.url,
        "red" if pushed.is_refused else "amber",
        pushed.trouble,
        remedy="Try again",
        action=LISTEN_AGAIN,
    )


def _said(messages: list[RoomMessage]) -> StatusLine:
    if not messages:
        return status_line("message", "Said to all", "nothing yet", "green")
    last = messages[-1]
    when = f"{date_and_time(last.at)} UTC" if last.at else ""
    return status_line("message", "Said to all", last.text, "green", " · ".join(filter(None, (last.sender, when))))
