"""The SDK's HTTP client with three habits added: it can turn to the sandbox, it gives up, and it reports."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from requests import RequestException
from twilio.http.http_client import TwilioHttpClient

from labkit.errors import TaskRouterError
from labkit.settings import hide_passwords
from labkit.taskrouter import call_recorder
from labkit.taskrouter.patience import Patience

if TYPE_CHECKING:
    from twilio.http.response import Response


BODY_LIMIT = 16_000
"""Characters of an answer that a report holds; the stream keeps thousands of reports."""

_SECRET_NAME = re.compile(r"auth|cookie|token|secret|password|api-?key", re.IGNORECASE)
# As the sandbox answers who asks for an account or an API key, and as Twilio does elsewhere.
_SECRET_VALUE = re.compile(r'("(?:auth_token|secret|token|password)"\s*:\s*")[^"]*(")', re.IGNORECASE)


class RecordingHttpClient(TwilioHttpClient):  # type: ignore[misc]  # the SDK has no py.typed, so its classes are Any to mypy
    """Sends the SDK's requests.

    Args:
        base_url: where requests to TaskRouter go instead of `https://taskrouter.twilio.com`; None leaves them.
        on_call: see `labkit.taskrouter.client.connect`.
        timeout_seconds: for the connection, and for each silence while the answer arrives.
        patience: when a request is asked again; None for never.
    """

    def __init__(
        self,
        *,
        base_url: str | None,
        on_call: Callable[[Mapping[str, Any]], None] | None,
        timeout_seconds: float,
        patience: Patience | None = None,
    ) -> None:
        self._last = threading.local()
        super().__init__(timeout=timeout_seconds)
        self._base_url = base_url.rstrip("/") if base_url else None
        self._on_call = on_call
        self._patience = patience
        if self._base_url:
            # A proxy named in the environment cannot reach this computer's own loopback address.
            self.session.trust_env = False

    def use_base_url(self, base_url: str) -> None:
        """Send what comes from now on to another sandbox address; for a client that talks to a sandbox."""
        self._base_url = base_url.rstrip("/")

    @property
    def last_headers(self) -> Mapping[str, str]:
        """The headers of the last answer that this thread has got; empty before the first."""
        return getattr(self._test_only_last_response, "headers", None) or {}

    # The SDK hands its answer back through this attribute. Kept per thread, because two clicks at the same
    # moment would otherwise now and then take each other's answer.
    @property
    def _test_only_last_response(self) -> Response | None:
        return getattr(self._last, "response", None)

    @_test_only_last_response.setter
    def _test_only_last_response(self, response: Response | None) -> None:
        self._last.response = response

    def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | bytes | None = None,
        **options: Any,
    ) -> Response:
        """One request, as the SDK asks for it, and one report about it each time that it is sent.

        Raises:
            TaskRouterError: in the sandbox, for a Twilio product that is not TaskRouter.
            requests.RequestException: there was no answer.
        """
        times = 0
        while True:
            response = self._send(method, url, params=params, data=data, **options)
            if self._patience is None or not self._patience.waits(
                method.upper(), status=response.status_code, headers=response.headers or {}, times=times
            ):
                return response
            times += 1

    def _send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, object] | None,
        data: Mapping[str, object] | bytes | None,
        **options: Any,
    ) -> Response:
        target, form = self._target(url), dict(data) if isinstance(data, Mapping) else {}
        call = {
            "method": method.upper(),
            "path": _path(target, params),
            "form": {name: hide_passwords(value) if isinstance(value, str) else value for name, value in form.items()},
            "headers": _shown(options.get("headers")),
        }
        began = time.perf_counter()
        try:
            response = super().request(method, target, params, data, **options)
        except RequestException as error:
            self._report(call, began, status=None, error=type(error).__name__)
            raise
        self._report(call, began, status=response.status_code, **_answered(response))
        return response

    def _target(self, url: str) -> str:
        if self._base_url is None:
            return url
        parts = urlsplit(url)
        host = parts.hostname or ""
        if host.endswith("twilio.com") and not host.startswith("taskrouter."):
            raise TaskRouterError(
                f"The sandbox knows TaskRouter only, and this request was for {host}. "
                "Use labkit.start(mode='twilio') for Twilio's other products."
            )
        return self._base_url + parts.path + (f"?{parts.query}" if parts.query else "")

    def _report(self, call: Mapping[str, Any], began: float, **answer: Any) -> None:
        milliseconds = round((time.perf_counter() - began) * 1000, 1)
        nothing: dict[str, Any] = {"code": None, "response_headers": {}, "response_body": ""}
        told = {**call, **nothing, **answer, "milliseconds": milliseconds}
        call_recorder.notify(told)
        if self._on_call is not None:
            self._on_call(told)


def _path(url: str, params: Mapping[str, object] | None) -> str:
    parts = urlsplit(url)
    given = {name: value for name, value in (params or {}).items() if value is not None}
    query = "&".join(text for text in (parts.query, urlencode(given, doseq=True)) if text)
    return f"{parts.path}?{query}" if query else parts.path


def _answered(response: Response) -> dict[str, Any]:
    """What a report says of an answer, beside its status."""
    said = {} if response.ok else _complaint(response.text)
    unexplained = None if response.ok else f"HTTP {response.status_code} without an explanation"
    return {
        "error": hide_passwords(str(said["message"])) if "message" in said else unexplained,
        "code": said.get("code"),
        "response_headers": _shown(response.headers),
        "response_body": _cut(hide_passwords(_SECRET_VALUE.sub(r"\1•••\2", response.text or ""))),
    }


def _complaint(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, TypeError):
        return {}
    return document if isinstance(document, dict) else {}


def _shown(headers: Mapping[str, Any] | None) -> dict[str, str]:
    """Headers as they may be shown: none that could be a credential."""
    return {name: _cut(str(value)) for name, value in (headers or {}).items() if not _SECRET_NAME.search(name)}


def _cut(text: str) -> str:
    return text if len(text) <= BODY_LIMIT else f"{text[:BODY_LIMIT]}… (cut: {len(text):,} characters in all)"
