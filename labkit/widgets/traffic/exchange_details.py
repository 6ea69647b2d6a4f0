"""One exchange or REST call in full, as the traffic panel shows it when it is opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from labkit import limits
from labkit.callback_events import ASSIGNMENT_ROUTE, EVENT_ROUTE, route_of
from labkit.error_codes import ErrorCode, meaning_of
from labkit.errors import LabError
from labkit.live.views import bounded
from labkit.sandbox_client.deliveries import Deliveries, DeliveryRecord
from labkit.stream import Entry, Kind
from labkit.vocabulary import Sid, is_sid
from labkit.widgets.snippets import callback_in_curl, rest_in_curl

LONGEST = 20_000
_SIGNATURE = "X-Twilio-Signature"
_PATIENCE_SECONDS = {
    ASSIGNMENT_ROUTE: limits.ASSIGNMENT_CALLBACK_SECONDS,
    EVENT_ROUTE: limits.EVENT_CALLBACK_SECONDS,
}
_CUT = "characters in all)"


class Details:
    """Says everything about an entry of the stream, as JSON values.

    Args:
        base_url: TaskRouter's own.
        deliveries: what the sandbox knows of its callbacks; None on a real account.
    """

    def __init__(self, base_url: str, *, deliveries: Deliveries | None) -> None:
        self._base_url = base_url.rstrip("/")
        self._deliveries = deliveries

    def of(self, entry: Entry) -> dict[str, Any]:
        """Headers, form, bodies, the verdict on the signature, what a code means, and the line for curl."""
        data = entry.data
        own = self._call(data) if entry.kind is Kind.CALL else self._exchange(entry)
        return {
            "method": bounded(data.get("method"), 20),
            "error": bounded(data.get("error"), LONGEST),
            "headers": _pairs(data.get("headers")),
            "form": _pairs(data.get("form")),
            "body": bounded(data.get("body"), LONGEST),
            "response_headers": _pairs(data.get("response_headers")),
            "response_body": bounded(data.get("response_body"), LONGEST),
            "signed_url": "",
            "remark": "",
            "task": task_of(data),
            **own,
        }

    def _call(self, data: Mapping[str, Any]) -> dict[str, Any]:
        url = f"{self._base_url}{data.get('path', '')}"
        code = data.get("code")
        return {
            "url": bounded(url, LONGEST),
            "code": code,
            "meaning": meaning_of(code),
            "curl": rest_in_curl(str(data.get("method")), url, form=_fields(data.get("form"))),
        }

    def _exchange(self, entry: Entry) -> dict[str, Any]:
        sent = self._sent(entry)
        code = sent.error if sent else _code(entry.data)
        return {
            "url": bounded(entry.data.get("url_seen"), LONGEST),
            "signed_url": bounded(entry.data.get("signed_url"), LONGEST),
            "code": code,
            "meaning": meaning_of(code),
            "remark": f"{sent.headline} {sent.remark}".strip() if sent else "",
            "curl": _curl(entry.data),
        }

    def _sent(self, entry: Entry) -> DeliveryRecord | None:
        if self._deliveries is None:
            return None
        try:
            return delivery_of(entry, self._deliveries)
        except LabError:  # the sandbox is away; what we saw ourselves is shown all the same
            return None


def delivery_of(entry: Entry, deliveries: Deliveries) -> DeliveryRecord | None:
    """The sandbox's latest delivery of this callback; None for anything else, or when it is not kept any more.

    Raises:
        LabError: the sandbox does not say.
    """
    kind = kind_of(entry)
    form = entry.data.get("form")
    name = {"assignment": "ReservationSid", "event": "Sid"}.get(kind)
    wanted = form.get(name) if name and isinstance(form, Mapping) else None
    if not name or not wanted:
        return None
    found = (each for each in reversed([*deliveries.list(kind=kind)]) if each.fields.get(name) == wanted)
    return next(found, None)


def kind_of(entry: Entry) -> str:
    """`call`, or which callback: `assignment`, `event`; `other` is what somebody else asked the callback server."""
    if entry.kind is Kind.CALL:
        return "call"
    return {ASSIGNMENT_ROUTE: "assignment", EVENT_ROUTE: "event"}.get(route_of(str(entry.data.get("path"))), "other")


def about(form: object) -> str:
    """What an exchange is about, for its line: the event's type, else the Reservation."""
    fields = form if isinstance(form, Mapping) else {}
    return bounded(fields.get("EventType") or fields.get("ReservationSid"), 80)


def task_of(data: Mapping[str, Any]) -> str:
    """The SID of the Task that it is about, or nothing."""
    form = data.get("form")
    named = form.get("TaskSid") if isinstance(form, Mapping) else None
    parts = [named, *str(data.get("path", "")).split("?", maxsplit=1)[0].split("/")]
    return next((part for part in parts if is_sid(part, Sid.TASK)), "")


def _code(data: Mapping[str, Any]) -> int | None:
    """The error that Twilio has for such an answer, where it can be told from here."""
    status, path = data.get("status"), route_of(str(data.get("path")))
    if path not in _PATIENCE_SECONDS or not isinstance(status, int):
        return None
    late = float(data.get("milliseconds") or 0) > _PATIENCE_SECONDS[path] * 1000
    return ErrorCode.HTTP_RETRIEVAL_FAILURE if late or not 200 <= status < 300 else None


def _curl(data: Mapping[str, Any]) -> str:
    """Nothing where the body is not kept in full: what is cut would not be the same callback."""
    form, body = _fields(data.get("form")), str(data.get("body") or "")
    if body.endswith(_CUT) or any(value.endswith(_CUT) for _, value in form):
        return ""
    headers = data.get("headers") or {}
    wanted = {_SIGNATURE.lower()} if form else {_SIGNATURE.lower(), "content-type"}
    shown = [(name, str(value)) for name, value in headers.items() if name.lower() in wanted]
    return callback_in_curl(str(data.get("method")), str(data.get("signed_url")), headers=shown, form=form, body=body)


def _fields(form: object) -> list[tuple[str, str]]:
    """Form fields as they are sent: None is left out, a list is repeated."""
    pairs = form.items() if isinstance(form, Mapping) else ()
    return [(str(name), str(each)) for name, value in pairs for each in _each(value)]


def _each(value: object) -> Iterable[object]:
    if value is None:
        return ()
    return value if isinstance(value, (list, tuple)) else (value,)


def _pairs(fields: object) -> list[list[str]]:
    items = fields.items() if isinstance(fields, Mapping) else ()
    return [[bounded(name, 200), bounded(value, LONGEST)] for name, value in list(items)[:200]]
