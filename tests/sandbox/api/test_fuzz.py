"""Thousands of requests that nobody means well with: never a 5xx, every error in Twilio's form, nothing out of joint.

CI sends more of them, and `make soak` many more.
"""

from __future__ import annotations

import base64
import gzip
import http.client
import io
import json
import socket
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from random_sizes import sized
from sandbox.call_centre import build
from sandbox.hostile import ATTACK, DEEP, NASTY, Hostile, Known, Value, encoded, requests, streams
from sandbox.in_place import assert_all_in_place
from sandbox.local import ACCOUNT, TOKEN, LocalSandbox, local_sandbox
from sandbox.openapi import FORM, complaints, operations

from labkit.sandbox.api import resource

REQUESTS = sized(600, ci=1200, soak=25_000)
MOST_KNOWN = 3
"""SIDs of a kind besides the first."""
AUTHORIZATION = f"Basic {base64.b64encode(f'{ACCOUNT}:{TOKEN}'.encode()).decode()}"


class Attacked:
    """A sandbox under fire, and the SIDs that its answers have told of so far."""

    def __init__(self, sandbox: LocalSandbox) -> None:
        self.sandbox = sandbox
        self.sids: dict[str, list[str]] = defaultdict(list)
        self.statuses: Counter[int] = Counter()
        self.connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=20)

    @property
    def is_furnished(self) -> bool:
        """Whether the Workspace with one of everything is still there."""
        return bool(self.sids["WS"]) and self.sids["WS"][0] in self.sandbox.service.states

    def learn(self, sid: str) -> None:
        """Ask for this one too, and in the end for no others than the furniture and the last few."""
        known = self.sids[sid[:2]]
        known.append(sid)
        del known[1:-MOST_KNOWN]

    def furnish(self) -> None:
        """A new Workspace with one of everything."""
        self.sids.clear()
        centre = build(self.sandbox.client())
        for _ in range(3):
            task, reservation = centre.reserved_task()
            centre.workspace.workers(centre.alice_sid).worker_channels("default").update(capacity=5)
            self.learn(task.sid)
            self.learn(reservation.sid)
        self.sids["WS"] = [centre.sid]
        self.sids["WC"] = [c.sid for c in centre.workspace.workers(centre.alice_sid).worker_channels.list()]
        self.sids["TC"] = [c.sid for c in centre.workspace.task_channels.list()]
        self.sids["EV"] = [e.sid for e in centre.workspace.events.list(limit=5)]
        self.sids["WA"] = list(centre.activities.values())
        for prefix, sid in (("WK", centre.alice_sid), ("WQ", centre.queue_sid), ("WW", centre.workflow_sid)):
            self.sids[prefix] = [sid]

    def real(self, value: Value) -> str:
        """A value as it goes into a path or a form."""
        if not isinstance(value, Known):
            return encoded(value)
        known = self.sids[value.prefix]
        return known[value.which % len(known)] if known else f"{value.prefix}{'0' * 32}"

    def send(self, asked: Hostile) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Make a request; gives status, headers and body."""
        path = "/" + "/".join(self.real(part) for part in asked.path)
        query = "&".join(f"{name.decode()}={self.real(value)}" for name, value in asked.query)
        body = asked.body
        headers = {"Authorization": AUTHORIZATION, "Content-Type": FORM, **dict(asked.headers)}
        if body is None and asked.form is not None:
            body = "&".join(f"{name.decode()}={self.real(value)}" for name, value in asked.form).encode()
        note(f"{asked.method} {path}?{query} {body!r} {headers}")
        return self.exchange(asked.method, f"{path}?{query}" if query else path, body, headers)

    def exchange(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """On a connection that is kept; the sandbox may have closed it after the last answer, so on a new one next."""
        for attempt in (1, 2):
            try:
                self.connection.request(method, path, body, headers)
                response = self.connection.getresponse()
                return response.status, response.headers, response.read()
            except (http.client.HTTPException, OSError):
                self.connection.close()
                if attempt == 2:
                    raise
        raise AssertionError("two attempts, and neither an answer nor an error")


@pytest.fixture(scope="module")
def attacked() -> Iterator[Attacked]:
    """A furnished sandbox."""
    operations()  # without Twilio's document nobody knows what to ask
    with local_sandbox() as sandbox:
        found = Attacked(sandbox)
        yield found
        found.connection.close()


def check_error(status: int, headers: http.client.HTTPMessage, body: bytes) -> None:
    """An error as Twilio writes it, that says nothing of the sandbox's inside."""
    assert status < 500, body
    assert headers["Content-Type"] == "application/json", (status, body)
    document = json.loads(body)
    assert set(document) == {"code", "message", "more_info", "status"}
    assert document["status"] == status
    assert document["more_info"] == f"https://www.twilio.com/docs/errors/{document['code']}"
    assert document["message"]
    assert "Traceback" not in document["message"]


@pytest.mark.chance
@settings(ATTACK, max_examples=REQUESTS)
@given(asked=st.deferred(requests))
def test_nothing_that_is_sent_is_a_5xx(attacked: Attacked, asked: Hostile) -> None:
    """Whatever the operation, its SIDs and its values: the documented answer, or an error in Twilio's form."""
    if not attacked.is_furnished:
        attacked.furnish()
    status, headers, body = attacked.send(asked)
    attacked.statuses[status] += 1
    if attacked.statuses.total() % 50 == 0:
        attacked.sandbox.advance(100)  # so that what the requests have set going falls due
    if status >= 400:
        if asked.method != "HEAD":
            check_error(status, headers, body)
        return
    assert status == asked.operation.status, body
    if asked.operation.schema is None:
        assert body == b""
        return
    answered = json.loads(body)
    assert complaints(asked.operation.schema, answered) == []
    if status == 201:
        attacked.learn(answered["sid"])


@pytest.mark.chance
def test_the_requests_were_of_all_kinds(attacked: Attacked) -> None:
    """Not only refusals: a fair part of them did something."""
    if not attacked.statuses:
        pytest.skip("the requests of the test before this one were not sent")
    done = sum(number for status, number in attacked.statuses.items() if status < 300)
    assert sum(attacked.statuses.values()) >= REQUESTS
    assert done > REQUESTS // 10
    assert {200, 201, 204, 400, 404, 405} <= set(attacked.statuses), attacked.statuses


def test_afterwards_nothing_is_out_of_joint(attacked: Attacked) -> None:
    """Every index is what the records say, and what would be loaded after a restart is what is in memory."""
    assert_all_in_place(attacked.sandbox)


def test_afterwards_the_sandbox_still_works(attacked: Attacked) -> None:
    """A life is played: from a new Workspace to a completed Task."""
    centre = build(attacked.sandbox.client())
    task, reservation = centre.reserved_task()
    of_task = centre.workspace.tasks(task.sid)
    of_task.reservations(reservation.sid).update(reservation_status="accepted")
    of_task.update(assignment_status="completed", reason="done")
    assert centre.task_status(task.sid) == "completed"
    assert "task.completed" in [event.event_type for event in centre.workspace.events.list(task_sid=task.sid)]


# --- the sandbox's own paths ------------------------------------------------------------------------------------------

OWN_FIELDS = ("Host", "To", "Outcome", "AnswerAfterSeconds", "EndsAfterSeconds", "HangUp", "WorkspaceSid")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/_sandbox/explain/{}"),
        ("GET", "/_sandbox/lint/{}"),
        ("GET", "/_sandbox/{}"),
        ("POST", "/_sandbox/callback-hosts"),
        ("POST", "/_sandbox/calls"),
    ],
)
def test_the_sandboxs_own_paths_withstand_it_too(ask: Any, centre: Any, method: str, path: str) -> None:
    """Whatever stands in the path or the form: never a 5xx, every error in Twilio's form."""
    bodies = [f"{name}={encoded(value)}".encode() for name in OWN_FIELDS for value in NASTY] if method == "POST" else []
    asked = [(path, body) for body in bodies] or [(path.format(encoded(value)), None) for value in NASTY]
    for url, body in asked:
        if len(url) < 8000:  # a longer line is refused by the web server
            answer = ask(method, url, body=body, headers={"Content-Type": FORM})
            if answer.status != 200:
                check_error(answer.status, answer.headers, answer.body)


# --- below the API: HTTP that no client library sends -----------------------------------------------------------------

LINE = b"POST /v1/Workspaces HTTP/1.1\r\nHost: x\r\nAuthorization: " + AUTHORIZATION.encode() + b"\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET /v1/Workspaces\r\n\r\n",
        b"GET /v1/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /v1/Workspaces HTTP/1.1\r\nHost: x\r\nNo colon here\r\n\r\n",
        b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20000 + b"\r\n\r\n",
        LINE + b"Content-Length: many\r\n\r\n",
        LINE + b"Content-Length: -5\r\n\r\n",
        LINE + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        LINE + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    ],
)
def test_what_is_no_http_is_a_400(sandbox: LocalSandbox, sent: bytes) -> None:
    """In Twilio's form too, and the next client is served."""
    address = urlsplit(sandbox.url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=10) as connection:
        connection.sendall(sent)
        response = http.client.HTTPResponse(connection)
        response.begin()
        body = response.read()
    assert response.status in (400, 401, 404)
    check_error(response.status, response.headers, body)
    assert sandbox.client().taskrouter.v1.workspaces.list() == []


@pytest.mark.chance
@settings(max_examples=REQUESTS // 6, deadline=None, suppress_health_check=list(HealthCheck))
@given(sent=streams())
def test_whatever_a_connection_carries_it_ends_and_others_are_served(attacked: Attacked, sent: list[bytes]) -> None:
    """Each request that was whole is refused in Twilio's form, and once nothing more comes the connection is closed."""
    address = urlsplit(attacked.sandbox.url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=10) as connection:
        with suppress(OSError):  # it may have heard enough, and be closed
            for piece in sent:
                connection.sendall(piece)
            connection.shutdown(socket.SHUT_WR)
        for head, body in answers(received(connection)):
            check_error(
                int(head.splitlines()[0].split()[1]),
                http.client.parse_headers(io.BytesIO(head[head.find(b"\n") + 1 :])),
                body,
            )
    assert attacked.exchange("GET", "/v1/Workspaces", None, {"Authorization": AUTHORIZATION})[0] == 200


def received(connection: socket.socket) -> bytes:
    got = bytearray()
    with suppress(ConnectionError):
        while piece := connection.recv(65536):
            got += piece
    return bytes(got)


def answers(got: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Heads and bodies of the answers that came whole, one behind the other."""
    while b"\r\n\r\n" in got:
        head, _, rest = got.partition(b"\r\n\r\n")
        if b" 100 " not in head[:20]:
            length = int(head.lower().partition(b"content-length: ")[2].split()[0])
            yield head, rest[:length]
            rest = rest[length:]
        got = rest


def test_a_body_that_does_not_arrive_is_given_up(
    sandbox: LocalSandbox, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that promises more than it sends gets a 400 and its connection closed; others are served meanwhile."""
    monkeypatch.setattr(resource, "BODY_LIMIT_SECONDS", 0.2)
    headers = {"Content-Type": FORM, "Content-Length": "50"}
    answer = ask("POST", "/v1/Workspaces", body=b"FriendlyName=A", headers=headers)
    assert (answer.status, answer.json["code"]) == (400, 20001)
    assert sandbox.client().taskrouter.v1.workspaces.list() == []


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("gzip", b"FriendlyName=A"), ("deflate", b"\x00"), ("br", b"?")],
)
def test_a_body_that_cannot_be_unpacked_is_a_400(ask: Any, encoding: str, body: bytes) -> None:
    """The content encoding is the client's mistake, not the sandbox's."""
    headers = {"Content-Type": FORM, "Content-Encoding": encoding}
    answer = ask("POST", "/v1/Workspaces", body=body, headers=headers)
    assert (answer.status, answer.json["code"]) == (400, 20001)


def test_a_client_that_waits_for_leave_to_send_gets_it(ask: Any) -> None:
    """`Expect: 100-continue`, as curl sends it with a large body; any other expectation is passed over."""
    for expectation in ("100-continue", "a miracle"):
        answer = ask("POST", "/v1/Workspaces", {"FriendlyName": "A"}, headers={"Expect": expectation})
        assert answer.status == 201


def test_a_packed_body_may_not_grow_without_end(ask: Any) -> None:
    """Some kilobytes that unpack to more than a body may have are refused like those."""
    headers = {"Content-Type": FORM, "Content-Encoding": "gzip"}
    answer = ask("POST", "/v1/Workspaces", body=gzip.compress(b"a" * 30_000_000), headers=headers)
    assert (answer.status, answer.json["code"]) == (413, 20001)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("Tasks", {"Attributes": DEEP}),
        ("Workers", {"FriendlyName": "Deep", "Attributes": DEEP}),
        ("Workflows", {"FriendlyName": "Deep", "Configuration": DEEP}),
        ("Workflows", {"FriendlyName": "Deep", "Configuration": '{"task_routing": ' + DEEP + "}"}),
        ("TaskQueues", {"FriendlyName": "Deep", "TargetWorkers": "(" * 5000 + "1==1" + ")" * 5000}),
        ("TaskQueues", {"FriendlyName": "Deep", "TargetWorkers": "1==1 AND " * 20000 + "1==1"}),
    ],
)
def test_depth_is_refused(ask: Any, centre: Any, path: str, fields: dict[str, str]) -> None:
    """JSON and expressions of any depth are read or refused; the interpreter's stack is not the limit."""
    answer = ask("POST", f"/v1/Workspaces/{centre.sid}/{path}", fields)
    assert answer.status in (201, 400)
    if answer.status == 400:
        assert answer.json["code"] == 20001
