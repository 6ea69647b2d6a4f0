"""The bridge as a browser meets it: preflights, origins, content types, and errors as JSON that a page can read."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from sandbox.bridge.conftest import Enter
from sandbox.bridge_client import PATH, BridgeClient, post, send
from sandbox.call_centre import CallCentre, build
from sandbox.local import LocalSandbox, local_sandbox
from sandbox.worker_tokens import ApiKey, worker_token

from labkit.sandbox.api.runner import MAX_BODY
from labkit.sandbox.faults import FaultName, Switched
from labkit.sandbox.store import MemoryStore, StoreError

PREFLIGHT = {
    "Origin": "http://localhost:8888",
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "apiversion,clientversion,content-type,if-match",
}


def test_a_preflight_needs_no_credentials(sandbox: LocalSandbox) -> None:
    """It allows the client's four headers, to any origin."""
    answered = send("OPTIONS", sandbox.url, PATH, None, PREFLIGHT)
    assert (answered.status, answered.body) == (204, b"")
    assert answered.headers["Access-Control-Allow-Origin"] == "*"
    assert set(answered.headers["Access-Control-Allow-Methods"].split(", ")) == {"POST", "OPTIONS"}
    asked = PREFLIGHT["Access-Control-Request-Headers"].split(",")
    assert set(answered.headers["Access-Control-Allow-Headers"].split(", ")) == set(asked)
    assert int(answered.headers["Access-Control-Max-Age"]) > 0


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "text/plain;charset=UTF-8",
        "application/json",
        "multipart/form-data",
        "nonsense",
    ],
)
def test_the_body_is_json_whatever_its_type(alice: BridgeClient, content_type: str) -> None:
    """The answer is JSON with the payload and nothing else, for any origin."""
    body = {"url": alice.me, "method": "GET", "params": {}, "token": alice.token}
    answered = post(alice.url, json.dumps(body).encode(), {"Content-Type": content_type, "Origin": "https://a.test"})
    assert list(answered.json) == ["payload"]
    assert answered.payload["sid"] == alice.worker_sid
    assert answered.headers["Content-Type"].startswith("application/json")
    assert answered.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("host", ["event-bridge.twilio.com", "event-bridge.ie1.twilio.com", "localhost:1", "x"])
def test_the_host_does_not_matter(alice: BridgeClient, host: str) -> None:
    """Unmodified programs come through a front that keeps it."""
    body = {"url": alice.me, "method": "GET", "token": alice.token}
    assert post(alice.url, json.dumps(body).encode(), {"Host": host}).payload["sid"] == alice.worker_sid


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "not valid JSON at line 1"),
        (b"{", "not valid JSON at line 1"),
        (b"token=secret-token-text&url=x", "not valid JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 100_000, "not valid JSON"),
        (b"[1]", "a JSON object"),
        (b"null", "a JSON object"),
        (b'{"a": NaN}', "not valid JSON"),
        (b'{"url": 7, "method": "GET"}', "Invalid url"),
        (b'{"url": "", "method": "GET"}', "Invalid url"),
        (b'{"url": "' + b"x" * 2000 + b'", "method": "GET"}', "Invalid url"),
        (b'{"url": "x"}', "Invalid method"),
        (b'{"url": "x", "method": ["GET"]}', "Invalid method"),
        (b'{"url": "x", "method": "GET", "params": [1]}', "Invalid params"),
        (b'{"url": "x", "method": "GET", "params": "a"}', "Invalid params"),
        (json.dumps({"url": "x", "method": "GET", "params": {str(n): n for n in range(1001)}}).encode(), "params"),
    ],
)
def test_a_body_that_makes_no_sense_is_a_400(sandbox: LocalSandbox, body: bytes, text: str) -> None:
    """Without a word of what was in it: there may be a token."""
    status, said = post(sandbox.url, body).refusal
    assert status == 400
    assert text in said
    assert "secret" not in said


def test_a_body_that_is_too_large_is_a_413(alice: BridgeClient) -> None:
    """And the sandbox goes on."""
    assert post(alice.url, b" " * (MAX_BODY + 1)).refusal[0] == 413
    assert alice.get(alice.me).status == 200


def test_a_body_that_cannot_be_unpacked_is_a_400(sandbox: LocalSandbox) -> None:
    """It says that it is gzip, and is none."""
    assert post(sandbox.url, b"{}", {"Content-Encoding": "gzip"}).refusal[0] == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "nowhere", 404),
        ("GET", "Workspaces", 404),
        ("GET", "{all}", 404),
        ("GET", "/{all}/Workers", 404),
        ("GET", "v1/{all}/Workers", 404),
        ("GET", "{all}/Workers/", 404),
        ("GET", "{all}/Workers?PageSize=1", 404),
        ("GET", "{all}/Workflows", 404),
        ("GET", "{all}/Workers/../Tasks", 404),
        ("POST", "{all}/Activities", 405),
        ("DELETE", "{all}/Workers/WK", 405),
        ("é\n", "{all}/Workers", 405),
    ],
)
def test_a_path_that_there_is_not_is_told(alice: BridgeClient, method: str, path: str, status: int) -> None:
    """404 for the path, 405 for the method; the text names it."""
    asked = path.format(all=alice.all)
    found, said = alice.send({"url": asked, "method": method}).refusal
    assert found == status
    assert (f"/{asked}" if status == 404 else method.upper()) in said


def test_the_graphql_mode_is_not_there(sandbox: LocalSandbox) -> None:
    """As the page is told without credentials, and by its preflight too."""
    for method in ("GET", "POST", "OPTIONS"):
        assert send(method, sandbox.url, "/graphql-subscriptions", None, PREFLIGHT).refusal[0] == 404


@pytest.mark.parametrize(
    ("params", "shown"),
    [
        ({"Attributes": {"a": [1, {"b": None}]}}, '{"a":[1,{"b":null}]}'),
        ({"Attributes": '{"a": 1}'}, '{"a":1}'),
        ({"Attributes": {}}, "{}"),
        ({"Attributes": None}, '{"languages":["en","es"]}'),
        ({"Attributes": {"é": "\u2028\ud83d\ude00"}}, '{"é":"\u2028😀"}'),
        ({}, '{"languages":["en","es"]}'),
    ],
)
def test_parameters_may_be_of_any_kind(alice: BridgeClient, params: dict[str, Any], shown: str) -> None:
    """An object becomes the text that REST takes; null is not given."""
    assert alice.post(alice.me, **params).payload["attributes"] == shown


@pytest.mark.parametrize("given", [7, 1.5, True, [1], [{}], "x", [], ["{}", 1]])
def test_attributes_that_are_no_object_are_refused(alice: BridgeClient, given: Any) -> None:
    """Whatever else JSON has."""
    status, said = alice.post(alice.me, Attributes=given).refusal
    assert status == 400
    assert "Attributes" in said


@pytest.mark.parametrize(
    ("fault", "status"), [(FaultName.REST_429, 429), (FaultName.REST_500, 500), (FaultName.REST_LATE, 200)]
)
def test_faults_strike_here_too(sandbox: LocalSandbox, alice: BridgeClient, fault: FaultName, status: int) -> None:
    """Those that strike REST; the error is one that the page can read."""
    sandbox.webhooks.faults.switch_on(fault, Switched(probability=1.0, seconds=0.01))
    answered = alice.get(alice.me)
    assert answered.status == status
    assert status == 200 or answered.refusal[0] == status


class Full(MemoryStore):
    """A store that can be made to take nothing more."""

    is_full = False

    def commit(self, *args: Any, **more: Any) -> None:
        if self.is_full:
            raise StoreError("disk full")
        super().commit(*args, **more)


def test_what_cannot_be_written_is_not_answered_as_done(ask: Any) -> None:
    """503, and nothing has changed."""
    store = Full()
    with local_sandbox(store) as sandbox:
        client = sandbox.client()
        centre = build(client)
        made = json.loads(client.request("POST", "https://taskrouter.twilio.com/_sandbox/keys").text)
        key = ApiKey(made["account_sid"], made["sid"], made["secret"])
        alice = BridgeClient(sandbox.url, centre.sid, worker_token(key, centre.sid, centre.alice_sid), centre.alice_sid)
        before = alice.get(alice.me).payload
        store.is_full = True
        assert alice.post(alice.me, Attributes={"a": 1}).refusal[0] == 503
        store.is_full = False
        assert alice.get(alice.me).payload == before


def test_who_asks_with_a_good_token_uses_the_sandbox(sandbox: LocalSandbox, alice: BridgeClient) -> None:
    """So it does not end by itself; strangers do not keep it alive."""
    before = len(sandbox.uses)
    assert post(sandbox.url, b'{"url": "x", "method": "GET", "token": "wrong"}').status == 401
    assert send("OPTIONS", sandbox.url, PATH, None, PREFLIGHT).status == 204
    assert len(sandbox.uses) == before
    assert alice.get(alice.me).status == 200
    assert len(sandbox.uses) == before + 1


def test_answers_come_one_after_the_other_on_one_connection(centre: CallCentre, enter: Enter) -> None:
    """The answer is whole, so that the connection can be used again."""
    alice = enter(centre.alice_sid)
    connection = http.client.HTTPConnection(urlsplit(alice.url).netloc, timeout=10)
    body = json.dumps({"url": alice.me, "method": "GET", "token": alice.token})
    try:
        for _ in range(3):
            connection.request("POST", PATH, body)
            assert json.loads(connection.getresponse().read())["payload"]["sid"] == alice.worker_sid
    finally:
        connection.close()
