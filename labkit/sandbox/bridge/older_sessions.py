"""The websocket of version 1 of the JavaScript SDK: `GET /v1/wschannels/AC…/WK…`, with a capability token.

Its session is like any other; what it is sent has that version's names (docs: /docs/taskrouter/js-sdk-v1/worker): the
Worker's own events without `worker.`, and nothing that this version does not know. What stands in them Twilio does not
say: ours are the fields of version 2, with dates as REST writes them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from labkit.sandbox.api.errors import Handler, guarded
from labkit.sandbox.bridge.capability_tokens import Capability, CapabilityTokens
from labkit.sandbox.bridge.older_bridge import PATH, check_channel
from labkit.sandbox.bridge.session import Joining, Socket
from labkit.sandbox.bridge.sessions import Sessions
from labkit.sandbox.bridge.signed_tokens import digest_of
from labkit.sandbox.json_text import from_text, to_bytes
from labkit.vocabulary import EventType

NAMES = {
    EventType.WORKER_ACTIVITY_UPDATE: "activity.update",
    EventType.WORKER_ATTRIBUTES_UPDATE: "attributes.update",
    EventType.WORKER_CAPACITY_UPDATE: "capacity.update",
    EventType.WORKER_CHANNEL_AVAILABILITY_UPDATE: "channel.availability.update",
    **{
        each: str(each)
        for each in (
            EventType.RESERVATION_CREATED,
            EventType.RESERVATION_ACCEPTED,
            EventType.RESERVATION_REJECTED,
            EventType.RESERVATION_TIMEOUT,
            EventType.RESERVATION_CANCELED,
            EventType.RESERVATION_RESCINDED,
            EventType.RESERVATION_WRAPUP,
            EventType.RESERVATION_COMPLETED,
        )
    },
}
"""What this version is told, and under which name."""
_MOMENTS = ("date_created", "date_updated", "date_status_changed", "virtual_start_time")


class OlderSessions:
    """Lets older pages in.

    Args:
        sessions: that there are.
        tokens: say who may connect.
    """

    def __init__(self, sessions: Sessions, tokens: CapabilityTokens) -> None:
        self._sessions = sessions
        self._tokens = tokens

    def routes(self) -> list[tuple[str, str, Handler]]:
        """(method, path, handler), for the router of REST."""
        return [("GET", PATH, guarded(self.connect))]

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Make a session of the request, until it ends.

        Raises:
            InvalidToken: 401: the token proves nothing.
            Forbidden: 403: it is for another channel, or for no Worker that there is, or allows no websocket.
            NotAWebsocket: 400: the request asks for no websocket.
            NoRoom: 503: there are too many, or the sandbox ends.
        """
        text = request.query.get("token", "")
        capability = self._tokens.verify(text)
        with self._tokens.logging_refusal(text):
            check_channel(request, capability)
            joining = _joining(request, capability, text)
            self._sessions.check_worker(joining.grant)
        return await self._sessions.enter(request, joining, through=OlderSocket)


class OlderSocket:
    """Says to an older client what a session says to a newer one.

    Args:
        socket: leads to the client.
    """

    def __init__(self, socket: Socket) -> None:
        self._socket = socket

    @property
    def waiting(self) -> int:
        return self._socket.waiting

    def send(self, body: bytes) -> None:
        said = in_older_words(body)
        if said is not None:
            self._socket.send(said)

    def close(self, code: int, reason: str) -> None:
        self._socket.close(code, reason)

    def abort(self) -> None:
        self._socket.abort()


def in_older_words(body: bytes) -> bytes | None:
    """A message as version 1 has it; None for one that it does not know. A heartbeat stays one."""
    if not body.strip():
        return body
    message = from_text(body.decode())
    name = NAMES.get(message["event_type"])
    return to_bytes({"event_type": name, "payload": _dated(message["payload"])}) if name else None


def _joining(request: web.Request, capability: Capability, text: str) -> Joining:
    goes_to = request.query.get("disconnectActivitySid", "")
    return Joining(
        grant=capability.grant,
        token=digest_of(text),
        closes_others=request.query.get("closeExistingSessions") == "true",
        goes_offline=bool(goes_to),
        goes_to=goes_to,
    )


def _dated(payload: dict[str, Any]) -> dict[str, Any]:
    """With moments as REST writes them."""
    found: dict[str, Any] = {}
    for name, value in payload.items():
        if isinstance(value, dict):
            found[name] = _dated(value)
        elif name in _MOMENTS and isinstance(value, int):
            found[name] = f"{datetime.fromtimestamp(value, UTC):%Y-%m-%dT%H:%M:%SZ}"
        else:
            found[name] = value
    return found
