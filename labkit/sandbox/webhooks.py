"""Callbacks: signed, with TaskRouter's time limits, logged, and their answers brought back as commands.

Docs: /docs/taskrouter/handle-assignment-callbacks, /docs/taskrouter/api/event, /docs/usage/webhooks/webhooks-security.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from typing import Any

import aiohttp
from twilio.request_validator import RequestValidator
from yarl import URL

from labkit.errors import Refusal
from labkit.sandbox.answers import Answer, read_answer
from labkit.sandbox.callback_hosts import CallbackHosts
from labkit.sandbox.deliveries import MAX_BODY, Delivery, DeliveryLog
from labkit.sandbox.engine.commands import AssignmentAnswered, AssignmentFailed, Command
from labkit.sandbox.engine.effects import Alert, Effect, Event
from labkit.sandbox.engine.floor import Floor
from labkit.sandbox.service import Service
from labkit.vocabulary import CALLBACK_ERRORS

log = logging.getLogger(__name__)

ASSIGNMENT_LIMIT_SECONDS = 5.0
EVENT_LIMIT_SECONDS = 15.0
FAILURE_PAUSE_SECONDS = 1.0
"""After both URLs have failed. TaskRouter tries a connection twice for 5 s each (error 11205); without any pause a URL
where nobody listens would use up a Task's 1,000 assignments in a moment, and nobody could mend it in time."""
MAX_EVENTS_WAITING = 10_000
"""Per Workspace, for a URL that is slower than the events; beyond that the oldest are dropped, and the log says so."""

Token = Callable[[str], str]


class Webhooks:
    """Sends callbacks in the background. Made inside a running loop; `close` ends everything under way.

    Args:
        service: takes the answers back.
        token: the auth token of an account, by its SID: it signs.
        hosts: who may be called.
    """

    def __init__(self, service: Service, *, token: Token, hosts: CallbackHosts) -> None:
        self.deliveries = DeliveryLog()
        self._service = service
        self._token = token
        self._hosts = hosts
        self._tasks: set[asyncio.Task[None]] = set()
        self._outboxes: dict[str, deque[Delivery]] = {}
        """The events that wait to be sent, by Workspace; a Workspace that has none has no outbox."""
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), trust_env=False)

    async def close(self) -> None:
        """Cut off what is under way; assignment callbacks that were cut off are due again after the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()

    # --- assignment callbacks ---------------------------------------------------------------------------------------

    def call(self, effect: Effect) -> None:
        self._in_background(self._assign(effect))

    async def _assign(self, effect: Effect) -> None:
        for url in filter(None, (effect.url, effect.fallback_url)):
            delivery = await self._post(url, self._assignment(effect), limit_seconds=ASSIGNMENT_LIMIT_SECONDS)
            if delivery.status == 200:
                await self._follow(effect, delivery)
                return
            self._keep(_failed(delivery), workspace_sid=effect.workspace_sid)
        await asyncio.sleep(FAILURE_PAUSE_SECONDS)
        await self._bring_back(
            AssignmentFailed(workspace_sid=effect.workspace_sid, reservation_sid=effect.reservation_sid)
        )

    def _assignment(self, effect: Effect) -> Delivery:
        return Delivery(
            at=self._service.clock.now(),
            kind="assignment",
            account_sid=effect.account_sid,
            subject_sid=effect.reservation_sid,
            url=effect.url,
            fields=to_wire(effect.fields),
        )

    async def _follow(self, effect: Effect, delivery: Delivery) -> None:
        """Bring the answer back, and log it with what was wrong about it, on sight or once it was to be done."""
        answer = self._read(effect, delivery)
        alert = await self._bring_back(
            AssignmentAnswered(
                workspace_sid=effect.workspace_sid,
                reservation_sid=effect.reservation_sid,
                instruction=answer.instruction,
                fields=answer.fields,
            )
        )
        if alert is None:
            self._keep(replace(delivery, error=answer.error, remark=answer.remark), workspace_sid=effect.workspace_sid)
        else:
            self.deliveries.keep(replace(delivery, error=alert.code, remark=alert.text))

    def _read(self, effect: Effect, delivery: Delivery) -> Answer:
        floor = self._service.floors.get(effect.workspace_sid)
        activities = floor.activities if floor else {}
        return read_answer(delivery.body, content_type=delivery.content_type, activities=activities)

    async def _bring_back(self, command: Command) -> Alert | None:
        try:
            return await self._service.execute(
                command, view=lambda result: result if isinstance(result, Alert) else None
            )
        except Refusal as refusal:
            # The Workspace may be gone, or the disk full; the Reservation's own timeout takes it from here.
            log.warning("the answer to an assignment callback came to nothing: %s", refusal)
            return None

    # --- event callbacks --------------------------------------------------------------------------------------------

    def report(self, event: Event, floor: Floor) -> None:
        workspace = floor.workspace
        if not workspace.event_callback_url or not is_wanted(event, workspace.events_filter):
            return
        delivery = Delivery(
            at=event.at,
            kind="event",
            account_sid=event.account_sid,
            subject_sid=event.resource_sid,
            url=workspace.event_callback_url,
            fields=event_to_wire(event, workspace.friendly_name),
        )
        self._put(workspace.sid, delivery)

    def _put(self, workspace_sid: str, delivery: Delivery) -> None:
        outbox = self._outboxes.get(workspace_sid)
        if outbox is None:
            outbox = self._outboxes[workspace_sid] = deque()
            self._in_background(self._send_events(workspace_sid))
        elif len(outbox) >= MAX_EVENTS_WAITING:
            dropped = outbox.popleft()
            lost = replace(dropped, error=11200, remark="dropped: too many events were waiting")
            self._keep(lost, workspace_sid=workspace_sid)
        outbox.append(delivery)

    async def _send_events(self, workspace_sid: str) -> None:
        """One at a time, so that they arrive in the order in which they happened, until none is left."""
        outbox = self._outboxes[workspace_sid]
        try:
            while outbox:
                delivery = outbox.popleft()
                sent = await self._post(delivery.url, delivery, limit_seconds=EVENT_LIMIT_SECONDS)
                self._keep(sent, workspace_sid=workspace_sid)
        finally:
            del self._outboxes[workspace_sid]

    def _keep(self, delivery: Delivery, *, workspace_sid: str) -> None:
        """Log it; an error is an alert too."""
        self.deliveries.keep(delivery)
        if delivery.error is not None:
            alert = Alert(
                at=delivery.at,
                account_sid=delivery.account_sid,
                workspace_sid=workspace_sid,
                resource_sid=delivery.subject_sid,
                code=delivery.error,
                text=delivery.remark or "",
            )
            self._service.alerts.keep(alert)

    # --- HTTP -------------------------------------------------------------------------------------------------------

    async def _post(self, url: str, delivery: Delivery, *, limit_seconds: float) -> Delivery:
        """POST it and say what came of it. Never raises for what the other side does."""
        objection = self._hosts.objection(url)
        if objection is not None:
            return replace(delivery, url=url, error=11205, remark=objection)
        validator = RequestValidator(self._token(delivery.account_sid))
        signature = validator.compute_signature(url, delivery.fields)
        signed = replace(delivery, url=url, signature=signature)
        began = time.perf_counter()
        try:
            async with asyncio.timeout(limit_seconds):
                answered = await self._send(signed)
        except TimeoutError:
            answered = replace(signed, error=11200, remark=f"no answer within {limit_seconds:g} s")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            answered = replace(signed, error=11205, remark=f"{CALLBACK_ERRORS[11205]}: {type(error).__name__}")
        return replace(answered, milliseconds=round((time.perf_counter() - began) * 1000, 2))

    async def _send(self, delivery: Delivery) -> Delivery:
        headers = {"X-Twilio-Signature": delivery.signature, "User-Agent": "TwilioProxy/1.1", "Accept": "*/*"}
        # Redirects are not followed: a callback host must not send the sandbox on to an address that nobody allowed.
        async with self._session.post(
            _as_configured(delivery.url), data=delivery.fields, headers=headers, allow_redirects=False
        ) as response:
            body = await _read_body(response.content)
            ok = 200 <= response.status < 300
            return replace(
                delivery,
                status=response.status,
                content_type=response.headers.get("Content-Type", ""),
                body=body,
                error=None if ok else 11200,
                remark=None if ok else f"the callback URL answered {response.status}",
            )

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a callback ended by a mistake of the sandbox's own", exc_info=task.exception())


def _failed(delivery: Delivery) -> Delivery:
    """A delivery of an assignment callback that was no success: only a 200 is one."""
    if delivery.error is not None:
        return delivery
    return replace(delivery, error=11200, remark=f"the callback URL answered {delivery.status}, and only 200 counts")


def _as_configured(url: str) -> URL:
    """The URL to the letter: what is signed must be what arrives, so its escapes are not tidied up."""
    return URL(url, encoded=url.isascii())


async def _read_body(content: aiohttp.StreamReader) -> bytes:
    """The answer's body, of which nothing after MAX_BODY bytes is read."""
    body = bytearray()
    while len(body) < MAX_BODY and (chunk := await content.read(MAX_BODY - len(body))):
        body += chunk
    return bytes(body)


def is_wanted(event: Event, events_filter: str | None) -> bool:
    """Whether the Workspace's EventsFilter (a comma-separated list; empty means all) lets the event through."""
    wanted = {name.strip() for name in (events_filter or "").split(",")} - {""}
    return not wanted or event.type in wanted


def event_to_wire(event: Event, workspace_name: str) -> dict[str, str]:
    """An event as the form fields of its callback (docs: /docs/taskrouter/api/event/reference)."""
    base = {
        "event_type": event.type,
        "account_sid": event.account_sid,
        "workspace_sid": event.workspace_sid,
        "workspace_name": workspace_name,
        "event_description": event.description,
        "resource_type": event.resource_type,
        "resource_sid": event.resource_sid,
        "timestamp": event.at,
        "timestamp_ms": int(event.at.timestamp() * 1000),
        "sid": event.sid,
    }
    return to_wire({**base, **event.data})


def to_wire(fields: dict[str, Any]) -> dict[str, str]:
    """Form fields by their wire names; what is None is left out, moments are Unix seconds."""
    return {wire_name(name): wire_value(value) for name, value in fields.items() if value is not None}


def wire_name(name: str) -> str:
    """`task_queue_sid` as `TaskQueueSid`."""
    return "".join(word.capitalize() for word in name.split("_"))


def wire_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return str(int(value.timestamp()))
    # A Workflow's JSON can hold half a surrogate pair, which no form can carry.
    return str(value).encode("utf-8", "replace").decode("utf-8")
