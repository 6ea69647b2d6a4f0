"""Snapshots of the whole state: `/_sandbox/snapshots`, and `/_sandbox/reset` for an empty one.

The sandbox's own; TaskRouter has no such paths. Whoever goes back keeps the way forward: what a restore or a reset
takes away is kept as a snapshot first, such as `before reset 2026-11-26 14.03.07`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from labkit.engine.refusals import InvalidParameter, NotFound
from labkit.sandbox.api.params import Flag, Text, read
from labkit.sandbox.api.render import answer, moment
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.resource import read_form
from labkit.sandbox.api.sandbox_paths.route import Route
from labkit.sandbox.refusals import NameTaken, Unavailable
from labkit.sandbox.service import Service
from labkit.sandbox.store import Snapshot, Snapshots, SqliteStore, StoreError
from labkit.sandbox.store.snapshots import AUTOMATIC, BEFORE_RESET, BEFORE_RESTORE, IN_WORDS, NAME, OWNER

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
    with _storing():
        return answer(_shown(snapshots.keep(name, place.service.copy_to)), status=201)


async def restore(place: RequestContext, snapshots: Snapshots) -> web.Response:
    """Go back to a snapshot, as `{"restored", "undo"}`: `undo` is the snapshot of what there was until now."""
    found = snapshots.find(_name(place.part("name")))
    if found is None:
        raise NotFound(place.request.path)
    service = place.service
    with _storing(), snapshots.opened(found.name, owner=service.store.fact(OWNER)) as copy:
        undo = _exchange(service, snapshots, before=BEFORE_RESTORE, store=copy)
    return answer({"restored": _shown(found), "undo": undo})


async def reset(place: RequestContext, snapshots: Snapshots) -> web.Response:
    """Begin anew with nothing, as `{"undo"}`: the snapshot of what there was until now."""
    with _storing(), snapshots.empty() as nothing:
        return answer({"undo": _exchange(place.service, snapshots, before=BEFORE_RESET, store=nothing)})


ROUTES = (
    Route("GET", "/_sandbox/snapshots", list_all, needs=Snapshots),
    Route("POST", "/_sandbox/snapshots", keep, needs=Snapshots),
    Route("POST", "/_sandbox/snapshots/{name}/restore", restore, needs=Snapshots),
    Route("POST", "/_sandbox/reset", reset, needs=Snapshots),
)


def _exchange(service: Service, snapshots: Snapshots, *, before: str, store: SqliteStore) -> str:
    """Go on from what `store` holds; the name of the snapshot of what there was until now."""
    with snapshots.before(before, service.copy_to) as kept:
        service.replace_with(store)
    return kept.name


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


@contextmanager
def _storing() -> Iterator[None]:
    try:
        yield
    except StoreError as error:
        raise Unavailable(str(error)) from None
