"""`wall`: the instructor's page, what it shows while that changes, and what its buttons do; nobody else's."""

from __future__ import annotations

import asyncio
import contextlib
import json

from tornado.iostream import StreamClosedError

from workshop.room import setting_back, wall_page
from workshop.room.day_report import as_csv, as_html, day_report
from workshop.room.handler import RoomHandler
from workshop.room.refusals import NotReachable, NotThere, NotUsable
from workshop.room.routes import RoomRoute
from workshop.room.wall import utc_now, wall_state

_EVERY_SECONDS = 1.0
"""At most so often a change is told; three hundred rows are 75 KiB, and take some 25 ms to make."""
_QUIET_SECONDS = 15.0
"""Without a change it is told all the same: who is stuck follows from the time."""


async def get_page(handler: RoomHandler) -> None:
    """The page."""
    handler.set_header("Content-Type", "text/html; charset=utf-8")
    handler.set_header("Content-Security-Policy", wall_page.POLICY)
    handler.write(wall_page.page(handler.xsrf_token.decode()))


async def get_file(handler: RoomHandler) -> None:
    """A script or the style of the page."""
    found = wall_page.file(handler.parts["name"])
    if found is None:
        raise NotThere(handler.request.path)
    kind, content = found
    handler.set_header("Content-Type", kind)
    handler.write(content)


async def get_state(handler: RoomHandler) -> None:
    """All that the wall shows, now."""
    await handler.room.hub.look()
    handler.answer(wall_state(handler.room, now=utc_now()))


async def stream_state(handler: RoomHandler) -> None:
    """The same whenever it has changed, as events of a stream that the page keeps open."""
    wall = handler.room.wall
    if wall.is_full:
        raise NotReachable("Too many walls are open; close one")
    sign, left = wall.watch(), asyncio.Event()

    def leave() -> None:
        left.set()
        sign.set()

    handler.when_gone = leave
    handler.set_header("Content-Type", "text/event-stream")
    handler.set_header("X-Accel-Buffering", "no")  # a proxy that collects would hold it back
    try:
        with contextlib.suppress(StreamClosedError):
            while not left.is_set() and not wall.is_closed:
                sign.clear()
                handler.room.hub.look_soon()
                handler.write(f"data: {json.dumps(wall_state(handler.room, now=utc_now()))}\n\n")
                await handler.flush()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(left.wait(), _EVERY_SECONDS)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(sign.wait(), _QUIET_SECONDS)
    finally:
        wall.unwatch(sign)


async def start_callers(handler: RoomHandler) -> None:
    """Let callers in; see `callers.caller_plan` for what can be asked for."""
    asked = handler.json()
    await handler.room.wall.callers.finish_what_comes_at_once()
    handler.room.wall.callers.start(asked)
    handler.room.wall.changed()
    handler.answer(handler.room.wall.callers.state())


async def stop_callers(handler: RoomHandler) -> None:
    """Let no more in."""
    await handler.room.wall.callers.stop()
    handler.room.wall.changed()
    handler.answer(handler.room.wall.callers.state())


async def set_scene_back(handler: RoomHandler) -> None:
    """End every Task, and have everybody be as when they came in."""
    await handler.room.wall.callers.stop()
    said = await setting_back.scene(handler.room)
    handler.room.wall.changed()
    handler.answer({"said": said})


async def set_people_back(handler: RoomHandler) -> None:
    """Give one, `{"name"}`, or all, `{"everyone": true}`, new copies of the notebooks."""
    handler.answer({"said": await setting_back.people(handler.room, handler.json())})


async def get_report(handler: RoomHandler) -> None:
    """The day as a report: `form` is `html`, `csv` or `json`, which it is by default."""
    form, room = handler.get_query_argument("form", "json"), handler.room
    await room.hub.look()
    tasks = room.wall.tasks
    report = day_report(
        room.progress.people,
        tasks=tasks.tasks,
        queues=tasks.queue_rows(),
        known=room.took_part,
        now=utc_now(),
    )
    if form == "json":
        handler.answer(report)
    elif form in _REPORTS:
        kind, make = _REPORTS[form]
        handler.set_header("Content-Type", f"{kind}; charset=utf-8")
        handler.set_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
        handler.write(make(report))
    else:
        raise NotUsable("form is html, csv or json")


_REPORTS = {"html": ("text/html", as_html), "csv": ("text/csv", as_csv)}

ROUTES = (
    RoomRoute(method="GET", path="wall", handler=get_page, page=True),
    RoomRoute(method="GET", path="wall/files/{name...}", handler=get_file),
    RoomRoute(method="GET", path="wall/state", handler=get_state),
    RoomRoute(method="GET", path="wall/stream", handler=stream_state),
    RoomRoute(method="POST", path="wall/callers", handler=start_callers),
    RoomRoute(method="DELETE", path="wall/callers", handler=stop_callers),
    RoomRoute(method="POST", path="wall/scene", handler=set_scene_back),
    RoomRoute(method="POST", path="wall/set-back", handler=set_people_back),
    RoomRoute(method="GET", path="wall/report", handler=get_report),
)
