"""Requests as bytes, for what no SDK would send, and answers as they came."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class RawAnswer:
    """An HTTP answer as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def send(method: str, url: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> RawAnswer:
    """Send one request on a connection of its own, to the server of `url`."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request(method, path, body, dict(headers))
        response = connection.getresponse()
        return RawAnswer(response.status, dict(response.headers), response.read())
    finally:
        connection.close()
