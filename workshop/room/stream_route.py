"""`GET stream`: a request that the room keeps open, and writes a line of JSON into for each thing that happens.

The kernel keeps it open itself, so nothing has to reach a participant's machine or pod, and nobody polls.
"""

from __future__ import annotations

import asyncio

from labkit.vocabulary import Sid, is_sid
from workshop.room.events import Fields
from workshop.room.handler import RoomHandler
from workshop.room.refusals import NotReachable, NotUsable
from workshop.room.routes import OpenTo, RoomRoute
from workshop.room.state import RoomState
from workshop.room.streams import OpenStream, line

QUIET_SECONDS = 15.0
"""After so long without a line an empty one says that the room is there."""
WRITE_SECONDS = 30.0
"""For a reader to take what was sent; one who does not is let go."""


async def stream(handler: RoomHandler) -> None:
    """Lines until either side ends it: first `hello`, then what came after the Event `since`, then what happens.

    Who comes without `since` is told what the instructor has said within the hour.

    Where that is not known any more, `hello` says that something was `missed`, and the log has it.
    """
    room, person = handler.room, handler.person
    since = handler.get_query_argument("since", "")
    if since and not is_sid(since, Sid.EVENT):
        raise NotUsable("since is the SID of an Event: EV and 32 hex digits")
    if room.streams.is_full:
        raise NotReachable("The room has as many streams open as it can; try again in a moment")
    member = await room.membership.joined(person)
    described = await room.described(person, member)
    # From here until it is among the open streams nothing is waited for, so that no Event comes in between.
    later = room.events.after(since) if since else []
    hello = {**described, "since": room.events.newest, "missed": later is None}
    opened = OpenStream(name=person.name, worker_sid=member.worker_sid, instructor=person.instructor)
    room.streams.add(opened)
    try:
        opened.put(line({"hello": hello}))
        for said in room.messages.lately() if not since else ():
            opened.put(line({"message": said}))
        for fields in later or ():
            tell(room, opened, fields)
        await _written(handler, opened)
    finally:
        room.streams.remove(opened)


def tell_all(room: RoomState, fields: Fields) -> None:
    """An Event to everybody whom it is for; the line is made once."""
    text, whose = line({"event": fields}), fields.get("WorkerSid", "")
    ones_own = whose and fields.get("EventType", "").startswith("reservation.")
    for opened in room.streams:
        if ones_own and opened.worker_sid != whose and not opened.instructor:
            continue  # most Events are one Worker's, and there are hundreds of others
        if opened.instructor or room.events.may_hear(fields, opened.worker_sid):
            opened.put(text)


def tell(room: RoomState, opened: OpenStream, fields: Fields) -> None:
    """An Event to one stream, if it is for it."""
    if opened.instructor or room.events.may_hear(fields, opened.worker_sid):
        opened.put(line({"event": fields}))


async def _written(handler: RoomHandler, opened: OpenStream) -> None:
    handler.when_gone = opened.end
    handler.set_header("Content-Type", "application/x-ndjson")
    handler.set_header("X-Accel-Buffering", "no")  # a proxy that collects would hold lines back
    while (text := await opened.next(seconds=QUIET_SECONDS)) is not None:
        handler.write(text)
        writing = asyncio.ensure_future(handler.flush())
        if not await opened.done_before_end(writing, seconds=WRITE_SECONDS):
            writing.cancel()
            break
        if writing.exception() is not None:  # whoever reads has gone
            return
    handler.cut_off()


ROUTES = (RoomRoute(method="GET", path="stream", handler=stream, who=OpenTo.PARTICIPANTS),)
