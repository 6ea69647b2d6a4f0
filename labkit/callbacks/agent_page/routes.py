"""The routes of the agent page: the page and its files, and the exchange of a link for a token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import NotFound, RequestEntityTooLarge

from labkit.callbacks.agent_page import twilio_sdk
from labkit.callbacks.agent_page.admissions import Admissions, NotAdmitted
from labkit.errors import LabError
from labkit.remote_clock import RemoteClock
from labkit.vocabulary import EVENT_BRIDGE_PATH

PAGE = "/agent"
_HERE = Path(__file__).parent
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_FILES = {path.relative_to(_HERE).as_posix(): path for path in _HERE.rglob("*.*") if path.suffix in _TYPES}
_BODY_BYTES = 1024
"""Of a link or a right; both are some sixty characters."""
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_SDK_PLACE = "<!-- the SDK -->"


@dataclass(frozen=True, slots=True)
class EventBridge:
    """What a page of the Worker SDK speaks to.

    Attributes:
        url: its address, the same for requests and, as ws or wss, for the websocket.
        of_twilio: whether it is Twilio's own; then the page runs Twilio's SDK and no other.
        region: Twilio's name for where it is, empty for the usual one.
        path_at_hub: where it is for a page that comes through a JupyterHub, at that hub's own address; empty for one
            that is on this computer.
    """

    url: str = ""
    of_twilio: bool = False
    region: str = ""
    path_at_hub: str = ""

    @property
    def port(self) -> int:
        """Of its address, by which a Jupyter server leads to it."""
        return urlsplit(self.url).port or 0

    def as_options(self) -> dict[str, str]:
        """What a page is told of it; the SDK finds Twilio's own by itself."""
        if self.of_twilio:
            return {"region": self.region}
        return {"url": self.url, **({"path_at_hub": self.path_at_hub} if self.path_at_hub else {})}

    @classmethod
    def at_twilio(cls, region: str) -> EventBridge:
        """Twilio's own."""
        where = f".{region}" if region and region != "us1" else ""
        return cls(f"https://event-bridge{where}.twilio.com{EVENT_BRIDGE_PATH}", of_twilio=True, region=region)


class AgentPageRoutes:
    """Serves the agent page.

    Args:
        event_bridge: says where the bridge is now.
        public_url: the address that TaskRouter was told, by which anybody may come.
        clock: TaskRouter's.

    Attributes:
        admissions: who may come in.
    """

    def __init__(
        self, *, event_bridge: Callable[[], EventBridge], public_url: Callable[[], str], clock: RemoteClock
    ) -> None:
        self.admissions = Admissions()
        self._event_bridge = event_bridge
        self._public_url = public_url
        self._clock = clock

    def add_to(self, app: Flask) -> None:
        """Add the routes to the callback server's."""
        app.add_url_rule(PAGE, "agent", self.page, methods=["GET"])
        app.add_url_rule(f"{PAGE}/token", "agent_token", self.token, methods=["POST"])
        app.add_url_rule(f"{PAGE}/time", "agent_time", self.time, methods=["GET"])
        app.add_url_rule(f"{PAGE}/<path:name>", "agent_file", self.file, methods=["GET"])

    @staticmethod
    def serves(path: str) -> bool:
        """Whether a request is the agent page's, of which no record is kept: secrets are in it."""
        return path == PAGE or path.startswith(f"{PAGE}/")

    def page(self) -> Response:
        """The page itself, which says which SDK it runs."""
        self._check_door()
        bridge, bundle = self._event_bridge(), twilio_sdk.bundle()
        if bundle is not None:
            sdk, script = "twilio", f'<script src="agent/{twilio_sdk.FILE}"></script>'
        else:
            sdk = "missing" if bridge.of_twilio else "small"
            script = '<script type="module" src="agent/small_client/index.js"></script>'
        html = (_HERE / "page.html").read_text(encoding="utf-8")
        html = html.replace(_SDK_PLACE, script).replace('data-sdk=""', f'data-sdk="{sdk}"')
        return _answer(html, "text/html; charset=utf-8", self._policy(bridge))

    def file(self, name: str) -> Response:
        """One of the page's own files."""
        self._check_door()
        path = twilio_sdk.bundle() if name == twilio_sdk.FILE else _FILES.get(name)
        if path is None:
            raise NotFound
        return _answer(path.read_text(encoding="utf-8"), _TYPES[path.suffix])

    def time(self) -> Response:
        """TaskRouter's time: a sandbox's clock may have been moved or held since the page learned it."""
        self._check_door()
        return _json(200, self._time())

    def token(self) -> Response:
        """A token for a link that was not opened before, or for the right that a page was given for one."""
        from_outside = self._check_door()
        if (request.content_length or 0) > _BODY_BYTES:
            raise RequestEntityTooLarge
        asked = request.get_json(silent=True)
        given = asked if isinstance(asked, dict) else {}
        try:
            return _json(200, {**self._admitted(given, from_outside=from_outside), "clock": self._time()})
        except NotAdmitted as error:
            return _json(403, {"error": str(error)})
        except LabError as error:
            return _json(503, {"error": str(error)})

    def _admitted(self, given: dict[str, Any], *, from_outside: bool) -> dict[str, Any]:
        if "right" in given:
            return {**self.admissions.renew(str(given["right"]), from_outside=from_outside)()}
        sign_in, right = self.admissions.redeem(str(given.get("link", "")), from_outside=from_outside)
        return {**sign_in(), "right": right}

    def _time(self) -> dict[str, Any]:
        return {"milliseconds": round(self._clock().timestamp() * 1000), "paused": self._clock.paused}

    def _check_door(self) -> bool:
        """Whether the request comes from outside, where there is no page unless somebody was invited from there.

        Raises:
            NotFound: there is none.
        """
        from_outside = self._comes_from_outside()
        if from_outside and not self.admissions.any_public:
            raise NotFound
        return from_outside

    def _comes_from_outside(self) -> bool:
        """By any name but this computer's own, unless a Jupyter server passes it on, which knows who may."""
        forwarded = [each.strip() for each in request.headers.get("X-Forwarded-Host", "").split(",")]
        hosts = {_hostname(each) for each in (request.headers.get("Host", ""), *filter(None, forwarded))}
        tunnel = urlsplit(self._public_url()).hostname or ""
        if tunnel in hosts - _LOOPBACK:
            return True
        port = request.environ.get("SERVER_PORT", "")
        through_jupyter = request.headers.get("X-Forwarded-Prefix", "").endswith(f"/proxy/{port}")
        return not (hosts <= _LOOPBACK or through_jupyter)

    def _policy(self, bridge: EventBridge) -> str:
        """What the page may load and ask: itself, and the bridge, be it by this host or by its own address."""
        parts = urlsplit(bridge.url)
        places = [
            "'self'",
            parts.netloc and f"{parts.scheme}://{parts.netloc} {_socket(parts.scheme)}://{parts.netloc}",
        ]
        if request.host:  # empty for what is none; and not every browser takes 'self' for a websocket of this host
            places.append(f"ws://{request.host} wss://{request.host}")
        return (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
            f"form-action 'none'; connect-src {' '.join(filter(None, places))}; "
            "frame-ancestors 'self' http://127.0.0.1:* http://localhost:*"
        )


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return host


def _socket(scheme: str) -> str:
    return "wss" if scheme == "https" else "ws"


def _answer(text: str, content_type: str, policy: str = "default-src 'none'") -> Response:
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(text, headers=headers, content_type=content_type)


def _json(status: int, body: dict[str, Any]) -> Response:
    response = jsonify(body)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
