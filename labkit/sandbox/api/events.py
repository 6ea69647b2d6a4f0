"""Events: read only, from the store, for 30 days (docs: /docs/taskrouter/api/event, /docs/taskrouter/limits).

The Task attributes in an Event are redacted after 43,200 minutes, which are the same 30 days: older Events are not
shown at all, so nobody sees a redacted one. The store forgets them little by little (`store/history.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from labkit import limits
from labkit.engine.effects import Event
from labkit.engine.refusals import InvalidParameter
from labkit.member_routes import Member, may_hear
from labkit.sandbox.api.params import WholeNumber, read_moment
from labkit.sandbox.api.render import moment
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.resource import Resource, read_query
from labkit.sandbox.refusals import BadPageToken
from labkit.sandbox.store import EventQuery, Store

BATCH = 200
"""Events that are read from the store at a time."""
MOST_LOOKED_AT = 2_000
"""Events among which a member's own are looked for, the newest first: to look takes time that is everybody's."""

_BY_FIELD = {
    "EventType": "type",
    "TaskSid": "task_sid",
    "WorkerSid": "worker_sid",
    "ReservationSid": "reservation_sid",
    "TaskQueueSid": "task_queue_sid",
    "WorkflowSid": "workflow_sid",
    "TaskChannel": "task_channel",
    "Sid": "sid",
}
_COLLECTIONS = {
    "task": "Tasks",
    "worker": "Workers",
    "taskqueue": "TaskQueues",
    "workflow": "Workflows",
    "activity": "Activities",
    "task-channel": "TaskChannels",
}


def render(place: RequestContext, event: Event) -> dict[str, Any]:
    return {
        "account_sid": place.account_sid,
        "actor_sid": event.workspace_sid,
        "actor_type": "workspace",
        "actor_url": place.workspace_url,
        "description": event.description,
        "event_data": {name: _text(value) for name, value in event.data.items() if value is not None},
        "event_date": moment(event.at),
        "event_date_ms": int(event.at.timestamp() * 1000),
        "event_type": event.type,
        "resource_sid": event.resource_sid,
        "resource_type": event.resource_type,
        "resource_url": _resource_url(place, event),
        "sid": event.sid,
        "source": "twilio",
        "source_ip_address": "127.0.0.1",
        "url": f"{place.workspace_url}/Events/{event.sid}",
        "workspace_sid": event.workspace_sid,
    }


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(moment(value)) if isinstance(value, datetime) else str(value)


def _resource_url(place: RequestContext, event: Event) -> str:
    base = place.workspace_url
    if event.resource_type == "reservation":
        return f"{base}/Tasks/{event.data.get('task_sid')}/Reservations/{event.resource_sid}"
    collection = _COLLECTIONS.get(event.resource_type)
    return f"{base}/{collection}/{event.resource_sid}" if collection else base


def _query(place: RequestContext) -> EventQuery:
    given = {name: value for name, value in read_query(place.request) if value}
    start, end = window(place.now, given)
    start = max(start, _oldest(place))
    fields = {field: given[name] for name, field in _BY_FIELD.items() if name in given}
    return EventQuery(workspace_sid=place.workspace.sid, start=start, end=end, **fields)


def window(now: datetime, given: Mapping[str, str]) -> tuple[datetime, datetime | None]:
    """From when to when: StartDate and EndDate win, else the last `Minutes`."""
    end = read_moment("EndDate", given["EndDate"]) if "EndDate" in given else None
    if "StartDate" in given:
        return read_moment("StartDate", given["StartDate"]), end
    most = limits.EVENTS_KEPT_DAYS * 24 * 60
    minutes = WholeNumber(name="Minutes", field="minutes", least=1, most=most).value(given.get("Minutes", ""))
    # Dates come in whole seconds, so the first second of the window counts as a whole.
    try:
        start = (end or now) - timedelta(minutes=minutes or limits.DEFAULT_MINUTES)
    except OverflowError:
        raise InvalidParameter("EndDate", f"{given['EndDate'][:40]!r} is too early") from None
    return start.replace(microsecond=0), end


def _oldest(place: RequestContext) -> datetime:
    return place.now - timedelta(days=limits.EVENTS_KEPT_DAYS)


class _Log:
    """The events that a query asks for, the newest first, read as far as somebody asks for them."""

    def __init__(self, store: Store, query: EventQuery) -> None:
        self._store = store
        self._query = query

    def __iter__(self) -> Iterator[Event]:
        return self._read(None)

    def after(self, sid: str) -> Iterator[Event]:
        found = self._store.events(EventQuery(workspace_sid=self._query.workspace_sid, sid=sid), limit=1)
        if not found:
            raise BadPageToken
        return self._read(found[0].number)

    def _read(self, before: int | None) -> Iterator[Event]:
        while found := self._store.events(self._query, limit=BATCH, before=before):
            yield from (stored.event for stored in found)
            before = found[-1].number


def _list(place: RequestContext) -> _Log | list[Event]:
    log = _Log(place.service.store, _query(place))
    return log if place.member is None else _heard(place, place.member, islice(log, MOST_LOOKED_AT))


def _heard(place: RequestContext, member: Member, events: Iterable[Event]) -> list[Event]:
    """Those that are for a member."""
    of_worker = (each for each in place.state.reservations.values() if each.worker_sid == member.worker_sid)
    own_tasks = {each.task_sid for each in of_worker}
    return [e for e in events if may_hear(_whose(e), worker_sid=member.worker_sid, own_tasks=own_tasks)]


def _whose(event: Event) -> dict[str, Any]:
    data = event.data
    return {"event_type": event.type, "worker_sid": data.get("worker_sid"), "task_sid": data.get("task_sid")}


def _find(place: RequestContext, sid: str) -> Event | None:
    query = EventQuery(workspace_sid=place.workspace.sid, start=_oldest(place), sid=sid)
    found = place.service.store.events(query, limit=1)
    return found[0].event if found else None


RESOURCE = Resource(
    key="events",
    path="/Workspaces/{workspace_sid}/Events",
    own="sid",
    records=_list,
    find=_find,
    render=render,
)
