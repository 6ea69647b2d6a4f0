"""Callbacks: signed, with TaskRouter's time limits, logged, and their answers brought back as commands.

Docs: /docs/taskrouter/handle-assignment-callbacks, /docs/taskrouter/api/event, /docs/usage/webhooks/webhooks-security.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urldefrag
from weakref import WeakValueDictionary

import aiohttp
from twilio.request_validator import RequestValidator
from yarl import URL

from labkit import limits
from labkit.engine.commands import AssignmentAnswered, AssignmentFailed, Command
from labkit.engine.effects import Alert, Effect, Event
from labkit.engine.workspace_state import WorkspaceState
from labkit.error_codes import ErrorCode
from labkit.errors import Refusal
from labkit.sandbox.callback_answer import Answer, objection, read_answer
from labkit.sandbox.callback_auth import CallbackAuth, without_user_info
from labkit.sandbox.callback_errors import failure_of
from labkit.sandbox.callback_hosts import CallbackHosts
from labkit.sandbox.callback_resolver import CallbackResolver
from labkit.sandbox.delivery_log import MAX_BODY, Delivery, DeliveryLog, GivenUp
from labkit.sandbox.event_callbacks import EventCallbacks
from labkit.sandbox.faults import FaultName, Faults, corrupted
from labkit.sandbox.refusals import Unavailable
from labkit.sandbox.service import Service
from labkit.sandbox.store import EventTarget, SqliteStore, StoredEvent
from labkit.vocabulary import wire_name

log = logging.getLogger(__name__)

STORE_PAUSE_SECONDS = 1.0
"""After an answer could not be stored, because the disk was full."""
MAX_UNDER_WAY = 100
"""Assignment callbacks of one Workspace at a time; the others wait, and those of other Workspaces do not."""

UNSIGNED = (
    "the sandbox has no auth token of account {}, so it cannot sign; start it with --account-sid and --auth-token"
)

Token = Callable[[str], str | None]


class Webhooks:
    """Sends callbacks in the background. Made inside a running loop; `close` ends everything under way.

    Args:
        service: takes the answers back.
        token: the auth token of an account, by its SID: it signs. None if nobody knows it.
        hosts: who may be called.
        faults: what shall go wrong on purpose; by default nothing.
    """

    def __init__(self, service: Service, *, token: Token, hosts: CallbackHosts, faults: Faults | None = None) -> None:
        self.deliveries = DeliveryLog()
        self.faults = faults or Faults()
        self._service = service
        self._token = token
        self._hosts = hosts
        self._tasks: set[asyncio.Task[None]] = set()
        self._assigning: dict[asyncio.Task[None], str] = {}
        """Those of the tasks that are assignment callbacks, each with the SID of the Task that it is about."""
        self._under_way: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        """Room for assignment callbacks, by Workspace."""
        # Without a limit of its own: a pool that all share is full when one URL hangs (see MAX_UNDER_WAY).
        connector = aiohttp.TCPConnector(limit=0, resolver=CallbackResolver(hosts))
        self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False)
        self._events = EventCallbacks(
            service, deliver=self._deliver, tell=self._tell_given_up, in_background=self._in_background
        )

    def leave_for(self, other: SqliteStore) -> None:
        self._events.leave_for(other)

    def drop(self) -> None:
        """Cut off what is under way, for its state is no more, and go on with the events of the state that came."""
        for task in self._tasks:
            task.cancel()
        self._events.start_over()

    async def close(self) -> None:
        """Let event callbacks under way end, for a moment, and cut off the others.

        Assignment callbacks that were cut off are due again after the next start; events that wait are sent then.
        """
        await self._events.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()

    # --- assignment callbacks ---------------------------------------------------------------------------------------

    def call(self, effect: Effect) -> None:
        task = self._in_background(self._assign(effect))
        self._assigning[task] = str(effect.fields["task_sid"])
        task.add_done_callback(self._assigning.pop)

    async def answered(self, seconds: float) -> None:
        """Wait until the assignment callbacks that are under way now are over, at most so long."""
        if self._assigning:
            await asyncio.wait(set(self._assigning), timeout=seconds)

    async def settled(self, task_sid: str, *, seconds: float) -> None:
        """Wait until none of this Task's assignment callbacks is under way, at most so long.

        Those that come of another's answer are waited for as well.
        """
        end = time.monotonic() + seconds
        while (under_way := self._about(task_sid)) and time.monotonic() < end:
            await asyncio.wait(under_way, timeout=end - time.monotonic())

    def _about(self, task_sid: str) -> set[asyncio.Task[None]]:
        return {task for task, about in self._assigning.items() if about == task_sid}

    async def _assign(self, effect: Effect) -> None:
        for url in filter(None, (effect.url, effect.fallback_url)):
            async with self._room(effect.workspace_sid):
                if not await self._still_waits(effect):  # it took its time to have room, or for the first URL to fail
                    return
                delivery = _as_assignment(
                    await self._post(url, self._assignment(effect), limit_seconds=limits.ASSIGNMENT_CALLBACK_SECONDS)
                )
            if delivery.error is None:
                await self._follow(delivery, workspace_sid=effect.workspace_sid)
                return
            self._keep(delivery, workspace_sid=effect.workspace_sid)
        await self._bring_back(
            AssignmentFailed(workspace_sid=effect.workspace_sid, reservation_sid=effect.reservation_sid)
        )

    def _room(self, workspace_sid: str) -> asyncio.Semaphore:
        return self._under_way.setdefault(workspace_sid, asyncio.Semaphore(MAX_UNDER_WAY))

    async def _still_waits(self, effect: Effect) -> bool:
        """Whether the Reservation is still to be answered; while nobody can tell, it is."""
        try:
            await self._service.written()
            return self._too_late(effect.reservation_sid, effect.workspace_sid) is None
        except Unavailable:
            return True

    def _assignment(self, effect: Effect) -> Delivery:
        return Delivery(
            at=self._service.clock.now(),
            kind="assignment",
            account_sid=effect.account_sid,
            subject_sid=effect.reservation_sid,
            url=effect.url,
            fields=to_wire(effect.fields),
        )

    async def _follow(self, delivery: Delivery, *, workspace_sid: str) -> Delivery:
        """Bring the answer back, and log it with what was wrong about it, on sight or once it was to be done."""
        answer = await self._read(delivery, workspace_sid)
        alert = await self._bring_back(
            AssignmentAnswered(
                workspace_sid=workspace_sid,
                reservation_sid=delivery.subject_sid,
                instruction=answer.instruction,
                fields=answer.fields,
            )
        )
        if alert is None:
            return self._keep(replace(delivery, error=answer.error, remark=answer.remark), workspace_sid=workspace_sid)
        return self.deliveries.keep(replace(delivery, error=alert.code, remark=alert.text))

    async def _read(self, delivery: Delivery, workspace_sid: str) -> Answer:
        while True:
            try:
                state = self._service.states.get(workspace_sid)
            except Unavailable as refusal:  # as in `_bring_back`: the answer waits until it can be understood
                log.warning("the answer to an assignment callback cannot be read yet: %s", refusal)
                await asyncio.sleep(STORE_PAUSE_SECONDS)
                continue
            activities = state.activities if state else {}
            return read_answer(
                delivery.body,
                status=delivery.status or 0,
                content_type=delivery.content_type,
                activities=activities,
            )

    async def _bring_back(self, command: Command) -> Alert | None:
        while True:
            try:
                return await self._service.execute(
                    command, view=lambda result: result if isinstance(result, Alert) else None
                )
            except Unavailable as refusal:
                # The callback URL has answered, and will not be asked again: its answer waits until there is room.
                log.warning("the answer to an assignment callback could not be stored yet: %s", refusal)
                await asyncio.sleep(STORE_PAUSE_SECONDS)
            except Refusal as refusal:
                # The Workspace may be gone.
                log.warning("the answer to an assignment callback came to nothing: %s", refusal)
                return None

    # --- event callbacks --------------------------------------------------------------------------------------------

    def report(self, stored: StoredEvent, state: WorkspaceState) -> None:
        self._events.report(stored, state)

    def unsent_events(self, workspace_sid: str) -> int:
        """How many event callbacks of a Workspace are not over: they wait, or are under way."""
        return self._events.unsent(workspace_sid)

    async def _deliver(self, event: Event, target: EventTarget) -> None:
        delivery = Delivery(
            at=event.at,
            kind="event",
            account_sid=event.account_sid,
            subject_sid=event.resource_sid,
            url=target.url,
            fields=event_to_wire(event, target.workspace_name),
        )
        sent = await self._post(target.url, delivery, limit_seconds=limits.EVENT_CALLBACK_SECONDS)
        self._keep(sent, workspace_sid=target.workspace_sid)

    def _tell_given_up(self, given_up: GivenUp, count: int) -> None:
        self.deliveries.count_given_up(given_up, count, at=self._service.clock.now())

    # --- once more --------------------------------------------------------------------------------------------------

    async def redeliver(self, delivery: Delivery) -> Delivery:
        """Send a callback of the log once more: the same fields to the same URL, newly signed. As it was logged.

        No fallback URL is called, and a failure costs nothing. The answer to an assignment callback is followed only
        while the Reservation is pending; of one that is over it says that the URL answers again, which ends the pauses
        of its Tasks. What TaskRouter would do is not known, for it has no redelivery.
        """
        assigns, workspace_sid = delivery.kind == "assignment", delivery.fields["WorkspaceSid"]
        limit = limits.ASSIGNMENT_CALLBACK_SECONDS if assigns else limits.EVENT_CALLBACK_SECONDS
        sent = await self._post(delivery.url, delivery.again(self._service.clock.now()), limit_seconds=limit)
        if not assigns:
            return self._keep(sent, workspace_sid=workspace_sid)
        sent = _as_assignment(sent)
        if sent.error is not None:
            return self._keep(sent, workspace_sid=workspace_sid)
        too_late = self._too_late(delivery.subject_sid, workspace_sid)
        if too_late is None:
            return await self._follow(sent, workspace_sid=workspace_sid)
        await self._bring_back(AssignmentAnswered(workspace_sid=workspace_sid, reservation_sid=delivery.subject_sid))
        return self.deliveries.keep(replace(sent, remark=f"the answer was not followed: {too_late}"))

    def _too_late(self, reservation_sid: str, workspace_sid: str) -> str | None:
        """Why an answer for this Reservation comes too late, in words; None if it does not."""
        state = self._service.states.get(workspace_sid)
        reservation = state.reservations.get(reservation_sid) if state is not None else None
        if reservation is None:
            return f"Reservation {reservation_sid} is gone"
        return None if reservation.is_pending else f"Reservation {reservation_sid} is {reservation.reservation_status}"

    def _keep(self, delivery: Delivery, *, workspace_sid: str) -> Delivery:
        """Log it; an error is an alert too."""
        kept = self.deliveries.keep(delivery)
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
        return kept

    # --- HTTP -------------------------------------------------------------------------------------------------------

    async def _post(self, url: str, delivery: Delivery, *, limit_seconds: float) -> Delivery:
        """POST it and say what came of it. Never raises for what the other side does."""
        objection = self._hosts.objection(url)
        if objection is not None:
            return replace(delivery, url=url, error=ErrorCode.CONNECTION_FAILURE, remark=objection)
        token = self._token(delivery.account_sid)
        if token is None:
            return replace(
                delivery, url=url, error=ErrorCode.CONNECTION_FAILURE, remark=UNSIGNED.format(delivery.account_sid)
            )
        struck = self.faults.draw(delivery.kind)
        validator = RequestValidator(secrets.token_hex(16) if FaultName.CALLBACK_WRONG_SIGNATURE in struck else token)
        sent_to = urldefrag(without_user_info(url)).url  # neither that nor a fragment is sent, or signed
        signature = validator.compute_signature(sent_to, delivery.fields)
        signed = replace(delivery, url=url, signature=signature, faults=tuple(struck))
        began = time.perf_counter()
        try:
            async with asyncio.timeout(limit_seconds):
                answered = await self._send(signed, struck)
        except TimeoutError:
            answered = replace(
                signed, error=ErrorCode.HTTP_RETRIEVAL_FAILURE, remark=f"no answer within {limit_seconds:g} s"
            )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            code, words = failure_of(error)
            answered = replace(signed, error=code, remark=words)
        return replace(answered, milliseconds=round((time.perf_counter() - began) * 1000, 2))

    async def _send(self, delivery: Delivery, struck: Mapping[FaultName, float]) -> Delivery:
        if FaultName.CALLBACK_REFUSED in struck:
            raise ConnectionRefusedError
        headers = {"X-Twilio-Signature": delivery.signature, "User-Agent": "TwilioProxy/1.1", "Accept": "*/*"}
        # Redirects are not followed: a callback host must not send the sandbox on to an address that nobody allowed.
        auth = CallbackAuth(delivery.url)
        async with self._session.post(
            _as_configured(without_user_info(delivery.url)),
            data=delivery.fields,
            headers=headers,
            allow_redirects=False,
            middlewares=(auth,) if auth.has_credentials else (),
        ) as response:
            body = await _read_body(response.content)
            content_type = response.headers.get("Content-Type", "")
            answered = replace(delivery, status=response.status, content_type=content_type, body=body)
        if FaultName.CALLBACK_SLOW in struck:
            await asyncio.sleep(struck[FaultName.CALLBACK_SLOW])
        return _judged(corrupted(answered, struck), about_401=auth.about_401())

    def _in_background(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a callback ended by a mistake of the sandbox's own", exc_info=task.exception())


def _judged(delivery: Delivery, *, about_401: str) -> Delivery:
    """An answered delivery, with what Twilio says of a status that is no 2xx."""
    status = delivery.status
    if status is not None and 200 <= status < 300:
        return delivery
    remark = f"the callback URL answered {status}{about_401 if status == 401 else ''}"
    return replace(delivery, error=ErrorCode.HTTP_RETRIEVAL_FAILURE, remark=remark)


def _as_assignment(delivery: Delivery) -> Delivery:
    """A delivery of an assignment callback: with an error, if what came back is not taken as its answer."""
    if delivery.error is not None or delivery.status is None:
        return delivery
    wrong = objection(delivery.body, status=delivery.status, content_type=delivery.content_type)
    return delivery if wrong is None else replace(delivery, error=wrong[0], remark=wrong[1])


def _as_configured(url: str) -> URL:
    """The URL to the letter: what is signed must be what arrives, so its escapes are not tidied up."""
    return URL(url, encoded=url.isascii())


async def _read_body(content: aiohttp.StreamReader) -> bytes:
    """The answer's body, of which nothing after MAX_BODY bytes is read."""
    body = bytearray()
    while len(body) < MAX_BODY and (chunk := await content.read(MAX_BODY - len(body))):
        body += chunk
    return bytes(body)


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


def wire_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return str(int(value.timestamp()))
    # A Workflow's JSON can hold half a surrogate pair, which no form can carry.
    return str(value).encode("utf-8", "replace").decode("utf-8")
