"""Lists as the Worker SDK reads them: the page's records under `contents`, and where the next page begins.

Without `Ordering` they come in the order of their creation, and the next page begins after `AfterSid`, which the answer
tells as `after_sid`. With it they come in that order, and `meta.next_token` tells where to go on.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from labkit import limits
from labkit.engine.refusals import InvalidParameter
from labkit.sandbox.api.params import Form, WholeNumber
from labkit.sandbox.refusals import BadPageToken, PageTooLarge

Orders = Mapping[str, Callable[[Any], datetime]]
"""By which moment of a record a list can be ordered, by the name of that."""
Place = tuple[float, int]
"""Of a record in an ordered list: its moment, and its number among all records."""
MAX_TOKEN = 100


def page(
    records: Sequence[Any],
    form: Form,
    *,
    members: Sequence[Any],
    orders: Orders,
    show: Callable[[Any], dict[str, Any]],
) -> dict[str, Any]:
    """The answer to a list request.

    Args:
        records: those that fit the filters.
        form: the parameters.
        members: all there are: one that no longer fits the filters can still be the last one of a page.
        orders: by what they can be ordered.
        show: a record as the client sees it.

    Raises:
        InvalidParameter, PageTooLarge, BadPageToken: a parameter is wrong.
    """
    size = _page_size(form)
    ordering = _last(form, "Ordering")
    after_sid = next_token = None
    if ordering and orders:
        kept, place_of = _ordered(records, ordering, orders, token=_last(form, "NextToken"))
        next_token = _token(place_of(kept[size - 1])) if len(kept) > size else None
    else:
        kept = _created_after(records, members, _last(form, "AfterSid"))
        after_sid = kept[size - 1].sid if len(kept) > size else None
    return {
        "contents": [show(record) for record in kept[:size]],
        "after_sid": after_sid,
        "before_sid": None,
        "meta": {"list_key": "contents", "next_token": next_token},
        "total": len(records),
        "page": 0,
    }


def _page_size(form: Form) -> int:
    given = _last(form, "PageSize")
    size = WholeNumber(name="PageSize", field="size", least=1).value(given) if given else None
    if size is not None and size > limits.MAX_PAGE_SIZE:
        raise PageTooLarge(size)
    return size or limits.DEFAULT_PAGE_SIZE


def _last(form: Form, name: str) -> str:
    return form[name][-1].strip() if form.get(name) else ""


def _created_after(records: Iterable[Any], members: Sequence[Any], sid: str) -> list[Any]:
    """Oldest first, from the one after this SID."""
    kept = sorted(records, key=lambda record: record.number)
    if not sid:
        return kept
    last = next((member for member in members if member.sid == sid), None)
    if last is None:
        raise InvalidParameter("AfterSid", f"{sid[:64]!r} is not in this list")
    return [record for record in kept if record.number > last.number]


def _ordered(
    records: Iterable[Any], ordering: str, orders: Orders, *, token: str
) -> tuple[list[Any], Callable[[Any], Place]]:
    """In this order, from the one after the token's place; and what tells a record's place."""
    name, _, direction = ordering.partition(":")
    if name not in orders or direction.lower() not in ("", "asc", "desc"):
        raise InvalidParameter("Ordering", f"{ordering[:60]!r}; give one of {', '.join(orders)} with :asc or :desc")
    moment_of, descends = orders[name], direction.lower() == "desc"

    def place_of(record: Any) -> Place:
        return moment_of(record).timestamp(), record.number

    kept = sorted(records, key=place_of, reverse=descends)
    if token:
        last = _place_in(token)
        kept = [each for each in kept if (place_of(each) < last if descends else place_of(each) > last)]
    return kept, place_of


def _token(place: Place) -> str:
    return base64.urlsafe_b64encode(f"{place[0]!r} {place[1]}".encode()).decode()


def _place_in(token: str) -> Place:
    try:
        moment, number = base64.urlsafe_b64decode(token[:MAX_TOKEN]).decode().split(" ")
        return float(moment), int(number)
    except ValueError:  # whatever it was, this list did not give it out
        raise BadPageToken from None
