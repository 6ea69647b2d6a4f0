"""Lists in pages (docs: /docs/usage/twilios-response, reference section 1.4).

A token names the record at the edge of a page, so pages stay right while records come and go: `PA<SID>` goes on after
that record, `PB<SID>` ends before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol, TypeVar, runtime_checkable
from urllib.parse import urlencode

from labkit import limits
from labkit.engine.refusals import InvalidParameter
from labkit.sandbox.refusals import BadPageToken, PageTooLarge

T = TypeVar("T")

Query = Sequence[tuple[str, str]]


@runtime_checkable
class Resumable(Protocol):
    """Records of which there may be very many: they can be read on from one of them."""

    def after(self, sid: str) -> Iterable[Any]:
        """Those that come after the one of this SID.

        Raises:
            BadPageToken: there is no such record.
        """


@dataclass(frozen=True, slots=True)
class Window:
    """Which page was asked for."""

    size: int
    page: int
    token: str | None

    @classmethod
    def read(cls, query: Query) -> Window:
        """From the query string.

        Raises:
            PageTooLarge: over the largest size.
            InvalidParameter: not a number, or below the least.
        """
        values = dict(query)
        size = _number("PageSize", values.get("PageSize"), default=limits.DEFAULT_PAGE_SIZE, least=1)
        if size > limits.MAX_PAGE_SIZE:
            raise PageTooLarge(size)
        page = _number("Page", values.get("Page"), default=0, least=0)
        return cls(size=size, page=page, token=values.get("PageToken"))

    def cut(
        self, records: Iterable[T], *, keep: Callable[[T], bool], sid_of: Callable[[T], str]
    ) -> tuple[list[T], bool, bool]:
        """The page's records among those to keep, and whether there are some before and after it.

        The record in the token need not be one to keep: a Task may have left the status that was asked for since.

        Raises:
            BadPageToken: the token names no record.
        """
        if self.token is None:
            first = self.page * self.size
            found = list(islice(filter(keep, records), first, first + self.size + 1))
            return found[: self.size], first > 0, len(found) > self.size
        direction, sid = self.token[:2], self.token[2:]
        if direction == "PA":
            after = records.after(sid) if isinstance(records, Resumable) else _around(records, sid, sid_of)[1]
            found = list(islice(filter(keep, after), self.size + 1))
            return found[: self.size], True, len(found) > self.size
        if direction != "PB":
            raise BadPageToken
        found = list(islice(filter(keep, reversed(_around(records, sid, sid_of)[0])), self.size + 1))
        return found[: self.size][::-1], len(found) > self.size, True


def _around(records: Iterable[T], sid: str, sid_of: Callable[[T], str]) -> tuple[list[T], Iterator[T]]:
    """What comes before the record of this SID, and what comes after it, of which nothing was read."""
    rest, before = iter(records), list[T]()
    for record in rest:
        if sid_of(record) == sid:
            return before, rest
        before.append(record)
    raise BadPageToken


def page_of(
    records: Iterable[T],
    *,
    keep: Callable[[T], bool],
    key: str,
    url: str,
    query: Query,
    sid_of: Callable[[T], str],
    render: Callable[[T], dict[str, Any]],
) -> dict[str, Any]:
    """The answer to a list request: the page's records under `key`, and `meta`.

    Args:
        records: all there are, in order.
        keep: whether one fits the filters.
        url: of the list, without a query.
        query: as the client sent it; the filters in it are repeated in the pages' URLs.
    """
    window = Window.read(query)
    page, before, after = window.cut(records, keep=keep, sid_of=sid_of)
    filters = [(name, value) for name, value in query if name not in ("PageSize", "Page", "PageToken")]

    def link(number: int, token: str | None = None) -> str:
        position = [("PageSize", str(window.size)), ("Page", str(number)), *([("PageToken", token)] if token else [])]
        return f"{url}?{urlencode([*filters, *position])}"

    meta = {
        "page": window.page,
        "page_size": window.size,
        "first_page_url": link(0),
        "previous_page_url": link(window.page - 1, f"PB{sid_of(page[0])}") if before and page and window.page else None,
        "url": link(window.page, window.token),
        "next_page_url": link(window.page + 1, f"PA{sid_of(page[-1])}") if after and page else None,
        "key": key,
    }
    return {key: [render(record) for record in page], "meta": meta}


def _number(name: str, text: str | None, *, default: int, least: int) -> int:
    if text is None or not text.strip():
        return default
    number = int(text) if text.strip().isdecimal() and len(text) < 12 else -1
    if number < least:
        raise InvalidParameter(name, f"{text[:40]!r} is not a whole number from {least} on")
    return number
