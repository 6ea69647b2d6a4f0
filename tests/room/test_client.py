"""The line to a room: who asks, what comes back, and a sentence for everything else."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from served import served

from labkit.errors import LabError, RoomError
from labkit.room.client import RoomClient
from labkit.settings import Secret

TOKEN = Secret("the-hub-gave-this")
Answer = Callable[[BaseHTTPRequestHandler], None]


class Room(ThreadingHTTPServer):
    """Answers each request as the test says, and keeps what was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer: Answer = says({})
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/services/room"

    @property
    def client(self) -> RoomClient:
        return RoomClient(self.url, TOKEN)


class _Handler(BaseHTTPRequestHandler):
    protocol_version: ClassVar[str] = "HTTP/1.1"
    server: Room

    def do_GET(self) -> None:  # the name is http.server's
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append((self.command, self.path, dict(self.headers), body))
        self.server.answer(self)

    do_POST = do_DELETE = do_GET  # noqa: N815

    def log_message(self, *_: Any) -> None:
        """Nothing: the test looks for itself."""


def says(document: object, *, status: int = 200, **headers: str) -> Answer:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.fixture
def room() -> Iterator[Room]:
    with served(Room()) as server:
        yield server


def test_a_question_says_whose_it_is_and_gets_the_answer(room: Room) -> None:
    room.answer = says({"queues": [1, 2]})
    assert room.client.get("wall/state", {"of": "a & b"}) == {"queues": [1, 2]}
    [(method, path, headers, _)] = room.asked
    assert (method, path) == ("GET", "/services/room/wall/state?of=a+%26+b")
    assert headers["Authorization"] == f"token {TOKEN.reveal()}"


def test_what_is_sent_is_a_json_object(room: Room) -> None:
    room.answer = says({"token": "t"}, status=201)
    assert room.client.post("worker-token", {"a": "é"}) == {"token": "t"}
    [(method, _, headers, body)] = room.asked
    assert (method, headers["Content-Type"], json.loads(body)) == ("POST", "application/json", {"a": "é"})


def test_an_empty_answer_is_nothing_and_a_text_stays_one(room: Room) -> None:
    room.answer = says(b"", status=204)
    assert room.client.delete("progress") is None
    room.answer = says(b"# A day in the room")
    assert room.client.get_text("wall/report") == "# A day in the room"


@pytest.mark.parametrize(
    ("answer", "said", "status"),
    [
        (says({}, status=401), "does not know who asks", 401),
        (says(b"", status=302, Location="http://elsewhere.example/"), "does not know who asks", 302),
        (says({"message": "Only the instructor may send messages.", "code": 20403}, status=403), "Only the ins", 403),
        (says(b"<h1>no</h1>", status=403), "the instructor may", 403),
        (says(b"<h1>503</h1>", status=503), "closed at this moment", 503),
        (says({"message": "There is no room on the disk."}, status=503), "no room on the disk", 503),
        (says({"message": "x" * 5000}, status=400), "HTTP 400", 400),
        (says(b"<html>", status=200), "no JSON", None),
        (says(b"[" * 100_000, status=200), "no JSON", None),
    ],
)
def test_a_refusal_is_a_sentence(room: Room, answer: Answer, said: str, status: int | None) -> None:
    room.answer = answer
    with pytest.raises(RoomError, match=said) as caught:
        room.client.get("wall/state")
    assert caught.value.status == status
    assert len(str(caught.value)) < 600
    assert TOKEN.reveal() not in repr(caught.value)
    assert len(room.asked) == 1


def test_nobody_there_is_a_sentence_too() -> None:
    with Room() as gone:
        client = gone.client
    with pytest.raises(RoomError, match=r"does not answer.*ask the instructor") as caught:
        client.get("wall/state")
    assert caught.value.status is None


def test_an_answer_that_drips_is_given_up(room: Room) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b" ")
                time.sleep(0.02)
        except OSError:
            handler.close_connection = True

    room.answer = drip
    with pytest.raises(RoomError, match="did not end"):
        room.client.get("wall/state", seconds=0.2)


def test_no_proxy_of_the_environment_sees_the_token(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert room.client.get("wall/state") == {}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "room",
        "ftp://h/room",
        "http:///room",
        "http://h:x/",
        "http://u:pass-word@h/",
        "http://h/?a=1",
        "http://h/ä",
        "http://h/a b",
        "http://h/\n",
    ],
)
def test_an_address_that_is_none_is_refused_and_shows_no_password(url: str) -> None:
    with pytest.raises(LabError, match="LABKIT_ROOM_URL") as caught:
        RoomClient(url, TOKEN)
    assert "pass-word" not in str(caught.value)


# --- a stream -----------------------------------------------------------------------------------------------------


def lines(*texts: str, then: threading.Event | None = None) -> Answer:
    """Each in a chunk of its own, as tornado writes; then the answer ends, or stays open until `then`."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for text in texts:
            data = text.encode()
            handler.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        if then is not None:
            then.wait(5)
            handler.close_connection = True
        else:
            handler.wfile.write(b"0\r\n\r\n")

    return answer


def test_lines_come_as_they_were_written_however_they_were_cut(room: Room) -> None:
    room.answer = lines('{"a": 1}\n{"b"', ": 2}\n", "\n", "no json\n", "[1]\n", '{"c": 3}\n')
    assert list(room.client.stream("stream", {"since": "EV1"})) == [{"a": 1}, {"b": 2}, None, None, None, {"c": 3}]
    assert room.asked[0][1] == "/services/room/stream?since=EV1"


def test_half_a_line_is_none(room: Room) -> None:
    room.answer = lines('{"a": 1}\n', '{"b": ')
    assert list(room.client.stream("stream")) == [{"a": 1}]


def test_a_stream_that_waits_is_ended_from_another_thread(room: Room) -> None:
    over = threading.Event()
    room.answer = lines('{"a": 1}\n', then=over)
    stream = room.client.stream("stream")
    seen: list[Any] = []
    reader = threading.Thread(target=lambda: seen.extend(stream))
    reader.start()
    stream.close()
    reader.join(5)
    stream.close()
    stream.release()
    over.set()
    assert not reader.is_alive()
    assert seen in ([], [{"a": 1}])


def test_a_stream_that_is_refused_is_a_sentence(room: Room) -> None:
    room.answer = says({"message": "The room does not let you listen.", "code": 20403}, status=403)
    with pytest.raises(RoomError, match="does not let you listen") as caught:
        room.client.stream("stream")
    assert (caught.value.status, caught.value.code) == (403, 20403)
