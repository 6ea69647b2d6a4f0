"""Snapshots of the whole state: `/_sandbox/snapshots`, and `/_sandbox/reset` for an empty one.

The sandbox's own; TaskRouter has no such paths. Whoever goes back keeps the way forward: what a restore or a reset
takes away is kept as a snapshot first, such as `before reset 2026-11-26 14.03.07`.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from aiohttp import web

from labkit.engine.refusals import InvalidParameter, NotFound
from labkit.sandbox.api.params import Flag, Text, read
from labkit.sandbox.api.render import answer, moment
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.resource import read_form
from labkit.sandbox.api.sandbox_paths.route import Route
from labkit.sandbox.garbage import not_collecting, taking_turns
from labkit.sandbox.refusals import NameTaken
from labkit.sandbox.service import Loaded, Service, storing
from labkit.sandbox.store import Snapshot, Snapshots, SqliteStore, StoreError
from labkit.sandbox.store.snapshots import AUTOMATIC, BEFORE_RESET, BEFORE_RESTORE, IN_WORDS, NAME, OWNER, Leaving

log = logging.getLogger(__name__)

_PARAMS = (Text(name="Name", field="name", required=True), Flag(name="Replace", field="replace"))


async def list_all(_: RequestContext, snapshots: Snapshots) -> web.Response:
    """Every snapshot, the oldest first."""
    return answer({"snapshots": [_shown(each) for each in snapshots.all()]})


async def keep(place: RequestContext, snapshots: Snapshots) -> web.Response:
    """Keep all that there is now as `Name`; one of this name is replaced only with `Replace=true`."""
    given = read(_PARAMS, await read_form(place.request))
    name = _own_name(given["name"])
    there = snapshots.find(name)
    if there is not None and not given.get("replace"):
        raise NameTaken(f"There is a snapshot {there.name!r} already, and Replace is not true: it was not replaced")
    with storing():
        async with snapshots.one_at_a_time:
            kept = await asyncio.to_thread(snapshots.keep, name, place.service.copier())
        return answer(_shown(kept), status=201)


async def restore(place: RequestContext, snapshots: Snapshots) -> web.Response:
    """Go back to a snapshot, as `{"restored", "undo"}`: `undo` is the snapshot of what there was until now."""
    found = snapshots.find(_name(place.part("name")))
    if found is None:
        raise NotFound(place.request.path)
    copy = snapshots.opened(found.name, owner=place.service.store.fact(OWNER))
    undo = await _exchange(place.service, snapshots, before=BEFORE_RESTORE, source=copy)
    return answer({"restored": _shown(found), "undo": undo})


async def reset(place: RequestContext, snapshots: Snapshots) -> web.Response:
    """Begin anew with nothing, as `{"undo"}`: the snapshot of what there was until now."""
    return answer({"undo": await _exchange(place.service, snapshots, before=BEFORE_RESET, source=snapshots.empty())})


ROUTES = (
    Route("GET", "/_sandbox/snapshots", list_all, needs=Snapshots),
    Route("POST", "/_sandbox/snapshots", keep, needs=Snapshots),
    Route("POST", "/_sandbox/snapshots/{name}/restore", restore, needs=Snapshots),
    Route("POST", "/_sandbox/reset", reset, needs=Snapshots),
)


async def _exchange(
    service: Service, snapshots: Snapshots, *, before: str, source: AbstractContextManager[SqliteStore]
) -> str:
    """Go on from what `source` holds; the name of the snapshot of what there was until now.

    All that takes long is done beside the loop, before and after the exchange itself, and others are served meanwhile
    from what there is.
    """
    async with snapshots.one_at_a_time:
        with storing(), taking_turns():
            ending = ExitStack()
            try:
                with not_collecting():
                    loaded = await asyncio.to_thread(_load, service, source, ending)
                    leaving = snapshots.leaving(before)
                    former = service.replace_with(loaded, leaving=leaving.path)
            finally:
                await asyncio.to_thread(ending.close)
            await asyncio.to_thread(_let_go, former)
            await asyncio.to_thread(_keep_leaving, snapshots, leaving)
    return leaving.name


def _load(service: Service, source: AbstractContextManager[SqliteStore], ending: ExitStack) -> Loaded:
    loaded = service.load(ending.enter_context(source))
    for store in (loaded.store, service.store):  # so that little is left to be written while everybody waits
        store.settle()
    return loaded


def _keep_leaving(snapshots: Snapshots, leaving: Leaving) -> None:
    try:
        snapshots.keep_leaving(leaving)
    except StoreError as error:
        log.warning("what was taken away becomes a snapshot at the next start: %s", error)


def _let_go(pieces: list[Any]) -> None:
    """One by one: others have their turn in between."""
    while pieces:
        pieces.pop()


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise InvalidParameter("Name", f"{text[:80]!r} is no name of a snapshot; that is {IN_WORDS}")
    return text


def _own_name(text: str) -> str:
    """A name that people may give."""
    name = _name(text)
    if AUTOMATIC.fullmatch(name.lower()):
        raise InvalidParameter("Name", f"{name!r} names what a reset or a restore takes away; choose another name")
    return name


def _shown(snapshot: Snapshot) -> dict[str, Any]:
    return {"name": snapshot.name, "date_created": moment(snapshot.made), "bytes": snapshot.bytes}
