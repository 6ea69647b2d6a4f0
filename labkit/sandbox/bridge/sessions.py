"""The websockets of the Workers' pages: who has one, who may have one, and what goes to whom.

A page connects to `GET /v1/wschannels` with its token, hears `init`, and from then on of all that changes for its
Worker. Sessions are closed with these codes and reasons, which are ours, for Twilio's are not known: 1000 "closed by
another session" and "token expired", 1001 when the sandbox ends or another state takes the place, 1008 when the Worker
is no more.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from aiohttp import web

from labkit.engine.effects import Outcome
from labkit.engine.workspace_state import WorkspaceState
from labkit.sandbox.api.connections import places
from labkit.sandbox.api.errors import Handler, guarded
from labkit.sandbox.bridge.access_tokens import AccessTokens, Grant
from labkit.sandbox.bridge.event_messages import messages
from labkit.sandbox.bridge.grants import state_of
from labkit.sandbox.bridge.outbox import Call
from labkit.sandbox.bridge.presence import Presence
from labkit.sandbox.bridge.session import (
    GOING_AWAY,
    LOADING,
    NORMAL,
    POLICY_VIOLATION,
    Joining,
    Session,
    Socket,
    Timers,
)
from labkit.sandbox.bridge.signed_tokens import digest_of
from labkit.sandbox.bridge.websocket import CLOSE_SECONDS, Websocket
from labkit.sandbox.refusals import Forbidden, NoRoom, NotAWebsocket
from labkit.sandbox.service import Service
from labkit.vocabulary import EVENT_BRIDGE_PATH, EventType

MOST = 1000
"""Sessions at once; fewer where the process may open few files, for half of its connections are left to requests."""
MOST_DISPLACED = 1000
"""Tokens of which is kept that they may close nobody's session any more."""

DISPLACED = "closed by another session"
EXPIRED = "token expired"
ENDING = "the sandbox ends"
REPLACED = "another state of the sandbox has taken the place"
NO_WORKER = "the Worker is not there any more"

_calling: ContextVar[Call | None] = ContextVar("calling", default=None)
"""The bridge's call that what is played here belongs to."""


class Sessions:
    """All that are open. The service's observer.

    Args:
        service: whose events they hear of.
        tokens: says who may connect.
        on_use: called when somebody connects, or has gone.
        timers: the loop's time; by default that of the running loop.
        unix_time: the time by which tokens expire.
        most: how many there may be at once.
    """

    def __init__(
        self,
        service: Service,
        tokens: AccessTokens,
        *,
        on_use: Callable[[], None] | None = None,
        timers: Timers | None = None,
        unix_time: Callable[[], float] = time.time,
        most: int | None = None,
    ) -> None:
        self._service = service
        self._tokens = tokens
        self._on_use = on_use or (lambda: None)
        self._timers = timers or asyncio.get_running_loop()
        self._unix_time = unix_time
        self._most = min(MOST, places() // 2) if most is None else most
        self._of_worker: dict[str, list[Session]] = {}
        """By Worker SID, the oldest first. Nobody has an empty list."""
        self._serving: set[asyncio.Future[None]] = set()
        """One for each request that is a websocket now."""
        self._displaced: dict[str, None] = {}
        """Tokens whose session was closed by another one, the longest ago first."""
        self._renewed: dict[str, float] = {}
        """When the newest token of a Worker expires that has made a call."""
        self._noted: list[tuple[Session, bytes, Call | None]] = []
        self._noted_ends: list[str] = []
        """Workers that were deleted."""
        self._is_ending = False
        self._presence = Presence(service, timers=self._timers, is_here=self._of_worker.__contains__)

    def __len__(self) -> int:
        return sum(map(len, self._of_worker.values()))

    def routes(self) -> list[tuple[str, str, Handler]]:
        """(method, path, handler), for the router."""
        return [("GET", EVENT_BRIDGE_PATH, guarded(self.connect))]

    # --- who connects -----------------------------------------------------------------------------------------------

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Make a session of the request, until it ends.

        Raises:
            InvalidToken: 401: the token proves nothing.
            Forbidden: 403: it is for no Worker that there is.
            NotAWebsocket: 400: the request asks for no websocket.
            NoRoom: 503: there are too many, or the sandbox ends.
        """
        return await self.enter(request, self._admit(request))

    async def enter(
        self, request: web.Request, joining: Joining, *, through: Callable[[Websocket], Socket] | None = None
    ) -> web.StreamResponse:
        """Make a session of a request that may join, until it ends.

        Args:
            request: asks for a websocket.
            joining: what was found out of it.
            through: makes of the websocket what the session is sent through, for a client that speaks otherwise; it
                hears from the beginning, for nobody knows what it loads.

        Raises:
            NotAWebsocket: 400: the request asks for no websocket.
            NoRoom: 503: there are too many, or the sandbox ends.
        """
        websocket = Websocket()
        if not websocket.response.can_prepare(request):
            raise NotAWebsocket
        if self._is_ending or len(self) >= self._most:
            raise NoRoom(len(self))
        await self._serve(request, websocket, joining, through)
        return websocket.response

    async def _serve(
        self,
        request: web.Request,
        websocket: Websocket,
        joining: Joining,
        through: Callable[[Websocket], Socket] | None,
    ) -> None:
        served = asyncio.get_running_loop().create_future()
        self._serving.add(served)
        try:
            await websocket.open(request)
            session = self.join(through(websocket) if through else websocket, joining)
            for name in LOADING if through else ():
                session.note_list(name)
            try:
                await websocket.run()
            finally:
                self._leave(session)
        finally:
            self._serving.discard(served)
            served.set_result(None)

    def join(self, socket: Socket, joining: Joining) -> Session:
        """A session that begins now."""
        if joining.closes_others:
            self._close_others(joining)
        session = Session(socket, joining, timers=self._timers, unix_time=self._unix_time, on_expiry=self._end_expired)
        self._of_worker.setdefault(session.worker_sid, []).append(session)
        self._presence.note_session(session.worker_sid)
        self._on_use()
        return session

    def _admit(self, request: web.Request) -> Joining:
        query = request.query
        text = query.get("token", "")
        grant = self._tokens.verify(text)
        with self._tokens.logging_refusal(text):
            self.check_worker(grant)
        return Joining(
            grant=grant,
            token=digest_of(text),
            closes_others=query.get("closeExistingSessions") == "true",
            goes_offline={"true": True, "false": False}.get(query.get("setWorkerOfflineIfDisconnected", "")),
        )

    def check_worker(self, grant: Grant) -> None:
        """Refuse who is no Worker here.

        Raises:
            Forbidden: 403: it is for no Worker that there is.
        """
        state = state_of(self._service, grant)
        if not grant.worker_sid:
            raise Forbidden("the token's grant names no Worker, and a session is a Worker's")
        if grant.worker_sid not in state.workers:
            raise Forbidden(f"the Workspace has no Worker {grant.worker_sid}, which the token's grant names")

    def _close_others(self, joining: Joining) -> None:
        """Two pages that both ask for it would throw each other out for ever, for each comes back by itself. So a token
        whose session was closed that way may connect, and close nobody."""
        if joining.token in self._displaced:
            return
        for other in tuple(self._of_worker.get(joining.grant.worker_sid, ())):
            self._displaced[other.joining.token] = None
            self._end(other, NORMAL, DISPLACED)
        while len(self._displaced) > MOST_DISPLACED:
            del self._displaced[next(iter(self._displaced))]

    # --- who goes ---------------------------------------------------------------------------------------------------

    def _leave(self, session: Session, *, comes_back: bool = False) -> None:
        """The session is no more; may be called again."""
        session.stop()
        sessions = self._of_worker.get(session.worker_sid, [])
        if session not in sessions:
            return
        sessions.remove(session)
        if not sessions:
            del self._of_worker[session.worker_sid]
            self._renewed.pop(session.worker_sid, None)
            self._presence.note_last_end(session.joining, comes_back=comes_back)
        self._on_use()

    def _end(self, session: Session, code: int, reason: str, *, comes_back: bool = False) -> None:
        self._leave(session, comes_back=comes_back)
        session.close(code, reason)

    def _end_expired(self, session: Session) -> None:
        """Whoever has a newer token has called with it by now, and comes back with it."""
        expires_at = session.joining.grant.expires_at
        comes_back = self._renewed.get(session.worker_sid, expires_at) > expires_at
        self._end(session, NORMAL, EXPIRED, comes_back=comes_back)

    def _end_workers(self, gone: set[str]) -> None:
        for session in self._every():
            if session.worker_sid in gone:
                self._end(session, POLICY_VIOLATION, NO_WORKER)

    def _every(self) -> list[Session]:
        return [session for sessions in self._of_worker.values() for session in sessions]

    # --- what they hear ---------------------------------------------------------------------------------------------

    def note(self, outcome: Outcome, state: WorkspaceState) -> None:
        """A unit of work was played: see who is to hear what of it."""
        if not self._of_worker:
            return
        call = _calling.get()
        for message in messages(outcome, state, listening=self._of_worker):
            for worker_sid in message.worker_sids:
                self._noted += ((session, message.body, call) for session in self._of_worker[worker_sid])
        for event in outcome.events:
            if event.type is EventType.WORKER_DELETED:
                self._noted_ends.append(event.resource_sid)
            elif event.type is EventType.WORKSPACE_DELETED:
                self._noted_ends += state.workers

    def publish(self) -> None:
        """It is written: let them hear of it."""
        noted, self._noted = self._noted, []
        for session, body, call in noted:
            session.push(body, after=call)
        if self._noted_ends:
            ended, self._noted_ends = set(self._noted_ends), []
            self._end_workers(ended)

    def take_back(self) -> None:
        """It has not happened."""
        self._noted.clear()
        self._noted_ends.clear()

    def drop(self) -> None:
        """Another state has taken the place. Pages come back by themselves, and load what there is now."""
        self.take_back()
        workers = {sid for state in self._service.states.values() for sid in state.workers}
        for session in self._every():
            if session.worker_sid in workers:
                self._end(session, GOING_AWAY, REPLACED, comes_back=True)
            else:
                self._end(session, POLICY_VIOLATION, NO_WORKER)

    # --- what the bridge tells --------------------------------------------------------------------------------------

    @contextmanager
    def calling(self, grant: Grant) -> Iterator[None]:
        """Around a call of the bridge, up to the last byte of its answer.

        What the call causes goes to the caller's own sessions a moment after that, and to others a shorter moment after
        it is written.
        """
        call = Call(grant.worker_sid)
        if grant.worker_sid in self._of_worker:
            self._renewed[grant.worker_sid] = max(self._renewed.get(grant.worker_sid, 0.0), grant.expires_at)
        before = _calling.set(call)
        try:
            yield
        finally:
            _calling.reset(before)
            call.answered_at = self._timers.time()
            for session in tuple(self._of_worker.get(grant.worker_sid, ())):
                session.look()

    def listed(self, grant: Grant, name: str) -> None:
        """One of the lists of `session.LOADING` was answered.

        By token it cannot be told which session asked, for tokens are renewed and shared. It is the newest that has not
        loaded this one yet.
        """
        for session in reversed(self._of_worker.get(grant.worker_sid, [])):
            if name not in session.lists:
                session.note_list(name)
                return

    # --- the end ----------------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """Close them all, and wait until they are closed, for a moment."""
        self._is_ending = True
        for session in self._every():
            self._end(session, GOING_AWAY, ENDING)
        await self._presence.close()
        if self._serving:
            await asyncio.wait(self._serving, timeout=CLOSE_SECONDS)
