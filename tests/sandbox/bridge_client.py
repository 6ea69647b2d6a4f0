"""Asks the bridge as the Worker SDK does: a POST whose JSON body says what is asked, under a form's content type."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox import raw_http
from sandbox.raw_http import RawAnswer

PATH = "/v1/wschannels"


class BridgeAnswer(RawAnswer):
    """An answer of the bridge's."""

    @property
    def payload(self) -> Any:
        """Of a success."""
        assert self.status == 200, self.body
        return self.json["payload"]

    @property
    def refusal(self) -> tuple[int, str]:
        """Of a refusal, its status and its text; its form is checked."""
        said = self.json
        assert set(said) == {"code", "message", "more_info", "status"}
        assert said["status"] == self.status >= 400
        assert self.headers["Access-Control-Allow-Origin"] == "*"
        return self.status, said["message"]


@dataclass(frozen=True)
class BridgeClient:
    """Asks the bridge with one token. Parameters are given as the client gives them: by name, of any JSON kind."""

    url: str
    workspace_sid: str
    token: str
    worker_sid: str = ""

    @property
    def me(self) -> str:
        """The path of the Worker's own resources."""
        return f"{self.all}/Workers/{self.worker_sid}"

    @property
    def all(self) -> str:
        """The path of the Workspace's resources."""
        return f"Workspaces/{self.workspace_sid}"

    def get(self, path: str, *, version: str = "v1", **params: Any) -> BridgeAnswer:
        return self.send({"url": path, "method": "GET", "params": params}, version=version)

    def post(self, path: str, *, version: str = "v1", if_match: int | None = None, **params: Any) -> BridgeAnswer:
        return self.send({"url": path, "method": "POST", "params": params}, version=version, if_match=if_match)

    def answer(self, reservation_sid: str, status: str) -> Any:
        """Change one of the Worker's own Reservations to this status; the payload."""
        return self.post(f"{self.me}/Reservations/{reservation_sid}", ReservationStatus=status).payload

    def send(self, body: Mapping[str, Any], *, version: str = "v1", if_match: int | None = None) -> BridgeAnswer:
        """A body without its token, with the headers of the client."""
        headers = {"apiVersion": version, "clientVersion": "2.1.1", "Origin": "http://localhost:8888"}
        if if_match is not None:
            headers["If-Match"] = str(if_match)
        return post(self.url, json.dumps({**body, "token": self.token}).encode(), headers)


def post(url: str, body: bytes, headers: Mapping[str, str] | None = None, *, path: str = PATH) -> BridgeAnswer:
    """A raw request, with the content type that the client's library sends."""
    return send("POST", url, path, body, {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})})


def send(method: str, url: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> BridgeAnswer:
    answered = raw_http.send(method, url, path, body, headers)
    return BridgeAnswer(answered.status, answered.headers, answered.body)
