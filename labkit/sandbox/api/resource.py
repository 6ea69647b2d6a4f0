"""A resource: its paths, parameters, filters, commands and rendering as data, and the routes made of them.

Every module of a resource builds a `Resource`; nothing else registers REST routes. To add an operation is to add its
parameters and its command there.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from aiohttp import web

from labkit.engine.commands import Command
from labkit.engine.refusals import InvalidParameter
from labkit.member_routes import for_member
from labkit.sandbox.api import multipart
from labkit.sandbox.api.errors import Handler
from labkit.sandbox.api.paging import Query, page_of
from labkit.sandbox.api.params import Form, Param, read
from labkit.sandbox.api.render import answer
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.warnings import warn_of_absolute_paging

MAX_FIELDS = 1000
SLICE_SECONDS = 0.01
"""For which a slow filter may hold others up."""
BODY_LIMIT_SECONDS = 5.0

BODY: web.RequestKey[bytes] = web.RequestKey("body", bytes)
"""Under which a request has its body, where it came inside of another one's."""

Render = Callable[[RequestContext, Any], dict[str, Any]]
Keep = Callable[[Any], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A write: what it takes, and the command that this makes.

    `prepare` gets the values first, and does apart what would hold others up; it may refuse. `command` gets the place,
    the SID in the path ("" for a creation), the values and the If-Match header.
    """

    params: Sequence[Param] = ()
    prepare: Callable[[dict[str, Any]], Awaitable[None]] | None = None
    command: Callable[[RequestContext, str, dict[str, Any], str | None], Command]

    async def asked(self, place: RequestContext, sid: str, form: Form, *, if_match: str | None) -> Command:
        """The command that a form makes; `sid` is in the path, and "" for a creation.

        Raises:
            Refusal: a parameter is missing or wrong.
        """
        values = read(self.params, form)
        if self.prepare is not None:
            await self.prepare(values)
        return self.command(place, sid, values, if_match)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryFilter:
    """A list filter: from the given values to a test of each record.

    `is_slow` says that asking all records may take seconds; others are served meanwhile.
    """

    name: str
    keep: Callable[[RequestContext, Sequence[str]], Keep]
    is_slow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource.

    Attributes:
        key: under which a list's records stand.
        path: of the list, after `/v1`; `{...}` are variable parts.
        own: name of the variable part for one record.
        records: all records at a place, in their default order.
        find: one record by what stands in its path: a SID, for some resources a name too.
        render: a record as TaskRouter shows it.
        versioned: whether answers carry an ETag.
        order: applies `Ordering`, where the resource has it.
        belongs: whether a record is the member's, of a list of which a member is shown no others.
    """

    key: str
    path: str
    own: str
    records: Callable[[RequestContext], Iterable[Any]]
    find: Callable[[RequestContext, str], Any]
    render: Render
    filters: Sequence[QueryFilter] = ()
    create: Operation | None = None
    update: Operation | None = None
    delete: Operation | None = None
    versioned: bool = False
    order: Callable[[list[Any], str], list[Any]] | None = None
    belongs: Callable[[RequestContext, Any], bool] | None = None

    def rendered(self, place: RequestContext, record: Any) -> dict[str, Any]:
        """A record as whoever asks is shown it."""
        shown = self.render(place, record)
        return shown if place.member is None else for_member(shown)

    def record(self, place: RequestContext) -> Any:
        """The one that the path names.

        Raises:
            NotFound: there is none.
        """
        return place.found(self.find(place, place.part(self.own)))

    async def keep(self, place: RequestContext, records: Iterable[Any], query: Query) -> tuple[Iterable[Any], Keep]:
        """The records, and the test of those that fit the filters in a query; slow filters have asked them all."""
        given = [(wanted, [value for name, value in query if name == wanted.name and value]) for wanted in self.filters]
        tests = [wanted.keep(place, values) for wanted, values in given if values]
        if not any(wanted.is_slow for wanted, values in given if values):
            return records, lambda record: all(test(record) for test in tests)
        records = list(records)
        return records, await _judged(place, records, lambda record: all(test(record) for test in tests))

    def routes(self, place_of: Callable[[web.Request], RequestContext]) -> list[tuple[str, str, Handler]]:
        """(method, path, handler) of every operation that the resource has."""
        one = f"{self.path}/{{{self.own}}}"
        steps = _Steps(self, place_of)
        found: list[tuple[str, str, Handler]] = [("GET", one, steps.fetch), ("GET", self.path, steps.list_page)]
        if self.create:
            found.append(("POST", self.path, steps.create))
        if self.update:
            found.append(("POST", one, steps.update))
        if self.delete:
            found.append(("DELETE", one, steps.delete))
        return found


class _Steps:
    """The five operations of a resource, the same for all."""

    def __init__(self, resource: Resource, place_of: Callable[[web.Request], RequestContext]) -> None:
        self._resource = resource
        self._place_of = place_of

    async def fetch(self, request: web.Request) -> web.Response:
        place = self._place_of(request)
        return self._answer(place, self._resource.record(place), status=200)

    async def list_page(self, request: web.Request) -> web.Response:
        place, resource = self._place_of(request), self._resource
        query = read_query(request)
        if query:
            warn_of_absolute_paging(place, query)
        records, keep = await resource.keep(place, self._ordered(place, query), query)
        document = page_of(
            records,
            keep=keep,
            key=resource.key,
            url=f"{place.root}{request.path.removeprefix('/v1')}",
            query=query,
            sid_of=lambda record: str(record.sid),
            render=lambda record: resource.rendered(place, record),
        )
        return answer(document)

    async def create(self, request: web.Request) -> web.Response:
        place = self._place_of(request)
        if place.has("workspace_sid"):
            _ = place.state
        return await self._write(place, self._resource.create, sid="", status=201)

    async def update(self, request: web.Request) -> web.Response:
        place = self._place_of(request)
        return await self._write(place, self._resource.update, sid=self._resource.record(place).sid, status=200)

    async def delete(self, request: web.Request) -> web.Response:
        place = self._place_of(request)
        record = self._resource.record(place)
        operation = self._resource.delete
        if operation is not None:
            command = operation.command(place, record.sid, {}, request.headers.get("If-Match"))
            await place.service.execute(command, view=lambda _: None)
        return web.Response(status=204)

    async def _write(
        self, place: RequestContext, operation: Operation | None, *, sid: str, status: int
    ) -> web.Response:
        if operation is None:
            raise AssertionError("a route without its operation")
        form, if_match = await read_form(place.request), place.request.headers.get("If-Match")
        command = await operation.asked(place, sid, form, if_match=if_match)
        return await place.service.execute(command, view=lambda made: self._answer(place, made, status=status))

    def _answer(self, place: RequestContext, record: Any, *, status: int) -> web.Response:
        version = record.version if self._resource.versioned else None
        return answer(self._resource.rendered(place, record), status=status, version=version)

    def _ordered(self, place: RequestContext, query: Query) -> Iterable[Any]:
        records, belongs = self._resource.records(place), self._resource.belongs
        if place.member is not None and belongs is not None:
            records = [record for record in records if belongs(place, record)]
        ordering = next((value for name, value in query if name == "Ordering" and value), None)
        return self._resource.order(list(records), ordering) if ordering and self._resource.order else records


async def _judged(place: RequestContext, records: Sequence[Any], keep: Keep) -> Keep:
    """The same filter, which has asked every record; others were served meanwhile.

    Raises:
        Unavailable: what it has seen could not be written.
    """
    kept, begun = set(), time.perf_counter()
    for record in records:
        if keep(record):
            kept.add(record.sid)
        if time.perf_counter() - begun > SLICE_SECONDS:
            await place.service.written()
            await asyncio.sleep(0)
            begun = time.perf_counter()
    return lambda record: record.sid in kept


def read_query(request: web.Request) -> list[tuple[str, str]]:
    """The query string's fields, in order.

    Raises:
        InvalidParameter: too many of them.
    """
    return _fields("query string", request.rel_url.raw_query_string)


async def read_body(request: web.Request) -> bytes:
    """The whole body, which must arrive within a time limit: a half-sent one would hold its connection for ever.

    Raises:
        web.RequestPayloadError: it did not, or it cannot be unpacked.
    """
    inner: bytes | None = request.get(BODY)
    if inner is not None:
        return inner
    if request.content.is_eof():  # it came together with its headers, as most do
        return _whole(request)
    try:
        async with asyncio.timeout(BODY_LIMIT_SECONDS):
            return await request.read()
    except TimeoutError:
        raise web.RequestPayloadError("the body did not arrive in time") from None


def _whole(request: web.Request) -> bytes:
    """A body that is all there. `request.read` gives the same, and takes five coroutines to do it."""
    body = request.content.read_nowait()
    if len(body) > request.client_max_size:
        raise web.HTTPRequestEntityTooLarge(max_size=request.client_max_size, actual_size=len(body))
    return body


async def read_form(request: web.Request) -> dict[str, list[str]]:
    """The body's form fields, url-encoded or in parts; a body that is no form has none.

    Raises:
        InvalidParameter: too many of them, or parts that cannot be read.
    """
    form: dict[str, list[str]] = {}
    for name, value in await _form_fields(request, await read_body(request)):
        form.setdefault(name, []).append(value)
    return form


async def _form_fields(request: web.Request, body: bytes) -> list[tuple[str, str]]:
    match request.content_type:
        case "application/x-www-form-urlencoded" | "application/octet-stream":
            return _fields("post body", body.decode("utf-8", "replace"))
        case multipart.TYPE:
            return await multipart.read_parts(body, content_type=request.headers["Content-Type"], most=MAX_FIELDS)
    return []


def _fields(where: str, text: str) -> list[tuple[str, str]]:
    """The fields of a url-encoded text, in order: what `parse_qsl` gives, in half the time where little is encoded."""
    pairs = text.split("&")
    if len(pairs) > MAX_FIELDS:
        raise InvalidParameter(where, "Max number of fields exceeded")
    parted = (pair.partition("=") for pair in pairs if pair)
    return [(_decoded(name), _decoded(value)) for name, _, value in parted]


def _decoded(text: str) -> str:
    return unquote_plus(text) if "%" in text or "+" in text else text


def exactly(name: str, read_field: Callable[[RequestContext, Any], Any]) -> QueryFilter:
    """A filter for records whose field is the given text."""
    return QueryFilter(name=name, keep=lambda place, values: lambda record: read_field(place, record) == values[-1])


def by_field(name: str, field_name: str) -> QueryFilter:
    """A filter for records whose own field is the given text."""
    return exactly(name, lambda _, record: getattr(record, field_name))
