"""How Events come in: TaskRouter calls the service (`POST events`, signed); its log has what was lost on the way."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from labkit import limits
from labkit.callbacks.signature import HEADER, Params, SignatureCheck
from labkit.vocabulary import wire_name
from workshop.room.events import KEPT, Fields, RoomEvents
from workshop.room.handler import RoomHandler
from workshop.room.refusals import NotAllowed, NotReachable, NotThere
from workshop.room.routes import OpenTo, RoomRoute
from workshop.room.upstream import Upstream, UpstreamRequest

PATH = "events"
OVERLAP = timedelta(seconds=10)
"""How far before the newest Event that is known the log is read: Events may come there late."""
LOOK_BACK_MINUTES = 120
"""How far the log is read at first, by TaskRouter's clock."""


async def event_callback(handler: RoomHandler) -> None:
    """Take an Event in, if the account's token has signed it for the address that TaskRouter was told.

    Docs: /docs/taskrouter/api/event/reference, /docs/usage/webhooks/webhooks-security
    """
    room, fields = handler.room, dict(handler.form())
    token, url = room.upstream.signs_with, room.settings.events_url
    signature = handler.request.headers.get(HEADER, "")
    signed = token and url and SignatureCheck(token).verdict(signature, url=url, params=Params(handler.form()))
    if signed != "valid":
        raise NotAllowed("This is for TaskRouter alone, and it is not signed with the account's token")
    workspace = room.membership.known_workspace
    if workspace is not None and fields.get("WorkspaceSid") == workspace.sid:
        room.events.take(fields)
    handler.set_status(204)


class EventLog:
    """TaskRouter's own log of the Workspace.

    Args:
        upstream: the account.
        events: where what nobody has told goes.
    """

    def __init__(self, upstream: Upstream, events: RoomEvents) -> None:
        self._upstream = upstream
        self._events = events
        self._known_to: datetime | None = None

    async def catch_up(self, workspace_sid: str) -> int:
        """Take in what the log has and nobody has told, oldest first; how many Events that was.

        Raises:
            NotReachable: TaskRouter does not answer, or not with a list.
            NotThere: there is no such Workspace any more.
        """
        listed = sorted(await self._newer(f"/v1/Workspaces/{workspace_sid}/Events"), key=_milliseconds)
        if listed:
            self._known_to = datetime.fromtimestamp(_milliseconds(listed[-1]) / 1000, UTC)
        return sum(self._events.take(fields_of(each)) for each in listed if not self._events.knows(each["sid"]))

    def forget(self) -> None:
        """The Workspace is another one."""
        self._known_to = None

    async def _newer(self, path: str) -> list[dict[str, Any]]:
        """Those since the last that is known; of one millisecond in TaskRouter's own order."""
        query: Sequence[tuple[str, str]] = (("PageSize", str(limits.MAX_PAGE_SIZE)), self._since())
        found: list[dict[str, Any]] = []
        while query and len(found) < KEPT:
            page = await self._page(UpstreamRequest(method="GET", path=path, query=query))
            found += page["events"]
            query = parse_qsl(urlsplit(page["meta"].get("next_page_url") or "").query)
        return found[::-1]  # they come newest first

    def _since(self) -> tuple[str, str]:
        if self._known_to is None:
            return "Minutes", str(LOOK_BACK_MINUTES)
        return "StartDate", f"{self._known_to - OVERLAP:%Y-%m-%dT%H:%M:%SZ}"

    async def _page(self, request: UpstreamRequest) -> dict[str, Any]:
        answer = await self._upstream.ask(request, self._upstream.own)
        if answer.status == 404:
            raise NotThere(request.path)
        if answer.status != 200:
            raise NotReachable(f"TaskRouter's log of Events cannot be read: HTTP {answer.status}")
        page: dict[str, Any] = json.loads(answer.body)
        return page


def fields_of(event: Mapping[str, Any]) -> Fields:
    """An entry of the log as the form that a callback would have had."""
    data = event.get("event_data")
    moment = _milliseconds(event)
    told = {
        "event_type": event["event_type"],
        "account_sid": event.get("account_sid"),
        "workspace_sid": event.get("workspace_sid"),
        "event_description": event.get("description"),
        "resource_type": event.get("resource_type"),
        "resource_sid": event.get("resource_sid"),
        f"{event.get('resource_type')}_sid": event.get("resource_sid"),
        "timestamp": moment // 1000,
        "timestamp_ms": moment,
        **(data if isinstance(data, dict) else {}),
        "sid": event["sid"],
    }
    return {wire_name(name): _text(value) for name, value in told.items() if value is not None}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


def _milliseconds(event: Mapping[str, Any]) -> int:
    """Since 1970; where TaskRouter gives whole seconds alone, those."""
    exact = event.get("event_date_ms")
    return int(exact) if exact is not None else int(datetime.fromisoformat(event["event_date"]).timestamp() * 1000)


ROUTES = (RoomRoute(method="POST", path=PATH, handler=event_callback, who=OpenTo.STRANGERS),)
