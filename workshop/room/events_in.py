"""How Events come in: TaskRouter calls the service (`POST events`, signed); its log has what was lost on the way."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from twilio.request_validator import RequestValidator

from labkit import limits
from labkit.taskrouter.errors import asking
from labkit.vocabulary import wire_name
from workshop.room.events import KEPT, Fields, RoomEvents
from workshop.room.handler import RoomHandler
from workshop.room.refusals import NotAllowed
from workshop.room.routes import OpenTo, RoomRoute
from workshop.room.upstream import Upstream

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
    token = room.upstream.signs_with
    signature = handler.request.headers.get("X-Twilio-Signature", "")
    if token is None or not RequestValidator(token.reveal()).validate(room.settings.events_url, fields, signature):
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
            TaskRouterError: TaskRouter refused, or did not answer.
        """
        listed = await asyncio.to_thread(self._newer, workspace_sid)
        if listed:
            self._known_to = max(_moment(each) for each in listed)
        return sum(self._events.take(fields_of(each)) for each in listed)

    def forget(self) -> None:
        """The Workspace is another one."""
        self._known_to = None

    def _newer(self, workspace_sid: str) -> list[Any]:
        """Oldest first."""
        since = {"start_date": self._known_to - OVERLAP} if self._known_to else {"minutes": LOOK_BACK_MINUTES}
        workspace = self._upstream.client.taskrouter.v1.workspaces(workspace_sid)
        with asking("read the log of Events"):
            found = workspace.events.list(limit=KEPT, **since, page_size=limits.MAX_PAGE_SIZE)
        found.reverse()
        return sorted(found, key=_moment)


def fields_of(event: Any) -> Fields:
    """An entry of the log as the form that a callback would have had."""
    data = event.event_data if isinstance(event.event_data, dict) else {}
    moment = int(_moment(event).timestamp() * 1000)
    told = {
        "event_type": event.event_type,
        "account_sid": event.account_sid,
        "workspace_sid": event.workspace_sid,
        "event_description": event.description,
        "resource_type": event.resource_type,
        "resource_sid": event.resource_sid,
        f"{event.resource_type}_sid": event.resource_sid,
        "timestamp": moment // 1000,
        "timestamp_ms": moment,
        **data,
        "sid": event.sid,
    }
    return {wire_name(name): _text(value) for name, value in told.items() if value is not None}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


def _moment(event: Any) -> datetime:
    if getattr(event, "event_date_ms", None) is not None:
        return datetime.fromtimestamp(int(event.event_date_ms) / 1000, UTC)
    found = event.event_date
    return found if isinstance(found, datetime) else datetime(1970, 1, 1, tzinfo=UTC)


ROUTES = (RoomRoute(method="POST", path=PATH, handler=event_callback, who=OpenTo.STRANGERS),)
