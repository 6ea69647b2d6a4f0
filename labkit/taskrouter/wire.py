"""The SDK's HTTP client with three habits added: it can turn to the sandbox, it gives up, and it reports."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from requests import RequestException
from twilio.http.http_client import TwilioHttpClient

from labkit.errors import TaskRouterError

if TYPE_CHECKING:
    from twilio.http.response import Response


class Wire(TwilioHttpClient):  # type: ignore[misc]  # the SDK has no py.typed, so its classes are Any to mypy
    """Sends the SDK's requests.

    Args:
        base_url: where requests to TaskRouter go instead of `https://taskrouter.twilio.com`; None leaves them.
        on_call: see `labkit.taskrouter.client.connect`.
        timeout_seconds: for the connection, and for each silence while the answer arrives.
    """

    def __init__(
        self, *, base_url: str | None, on_call: Callable[[Mapping[str, Any]], None] | None, timeout_seconds: float
    ) -> None:
        self._last = threading.local()
        super().__init__(timeout=timeout_seconds)
        self._base_url = base_url.rstrip("/") if base_url else None
        self._on_call = on_call
        if self._base_url:
            # A proxy named in the environment cannot reach this computer's own loopback address.
            self.session.trust_env = False

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
        data: Mapping[str, object] | None = None,
        **options: Any,
    ) -> Response:
        """One request, as the SDK asks for it, and one report about it.

        Raises:
            TaskRouterError: in the sandbox, for a Twilio product that is not TaskRouter.
            requests.RequestException: there was no answer.
        """
        target = self._target(url)
        call = {"method": method.upper(), "path": _path(target, params), "form": dict(data or {})}
        began = time.perf_counter()
        try:
            response = super().request(method, target, params, data, **options)
        except RequestException as error:
            self._report(call, began, status=None, error=type(error).__name__)
            raise
        self._report(call, began, status=response.status_code, error=_complaint(response))
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

    def _report(self, call: Mapping[str, Any], began: float, *, status: int | None, error: str | None) -> None:
        if self._on_call is not None:
            milliseconds = round((time.perf_counter() - began) * 1000, 1)
            self._on_call({**call, "status": status, "milliseconds": milliseconds, "error": error})


def _path(url: str, params: Mapping[str, object] | None) -> str:
    parts = urlsplit(url)
    given = {name: value for name, value in (params or {}).items() if value is not None}
    query = "&".join(text for text in (parts.query, urlencode(given, doseq=True)) if text)
    return f"{parts.path}?{query}" if query else parts.path


def _complaint(response: Response) -> str | None:
    if response.ok:
        return None
    try:
        return str(json.loads(response.text)["message"])
    except (ValueError, TypeError, KeyError):
        return f"HTTP {response.status_code} without an explanation"
