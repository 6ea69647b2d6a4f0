"""bench.load: the client counts whole answers of the right status, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from served import served

from bench import throughput
from bench.children import serving
from bench.load import CONNECTIONS, Request, requests_per_second
from labkit.errors import LabError

pytestmark = pytest.mark.process


class Counting(BaseHTTPRequestHandler):
    """Counts what it answers; /missing is a 404, /hang-up closes the connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    answered: list[str]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answered.append(f"{self.path} {self.headers['X-Mark']} {body.decode()}")
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Content-Length", "5")
        if self.path == "/hang-up":
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class QuietServer(ThreadingHTTPServer):
    """Says nothing of connections that the client leaves in the middle of an answer."""

    def handle_error(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """A small server's address, and what it answered."""
    handler = type("Handler", (Counting,), {"answered": []})
    with served(QuietServer(("127.0.0.1", 0), handler)) as server:
        yield f"http://127.0.0.1:{server.server_port}", handler.answered


def test_every_answer_is_counted_once(server: tuple[str, list[str]]) -> None:
    """What the client counts is what the server answered, but for the answers that were still under way."""
    address, answered = server
    request = Request.make("POST", f"{address}/task?a=b", body=b"x=1", headers={"X-Mark": "m"})
    seconds = 0.2
    rate = requests_per_second(request, seconds=seconds)

    assert set(answered) == {"/task?a=b m x=1"}
    assert rate > 0
    assert rate * seconds <= len(answered) + CONNECTIONS


def test_a_wrong_status_is_not_speed(server: tuple[str, list[str]]) -> None:
    """A server that refuses quickly must not look fast."""
    with pytest.raises(LabError, match="404"):
        requests_per_second(Request.make("POST", f"{server[0]}/missing", headers={"X-Mark": ""}), seconds=5)


def test_a_closed_connection_is_said(server: tuple[str, list[str]]) -> None:
    """Connections are kept; one that is closed would measure something else."""
    with pytest.raises(LabError, match="closed"):
        requests_per_second(Request.make("POST", f"{server[0]}/hang-up", headers={"X-Mark": ""}), seconds=5)


@pytest.mark.parametrize("name", ["aiohttp", "flask"])
def test_the_bare_servers_answer(name: str, tmp_path: Path) -> None:
    """Each says where it is, answers a form with JSON, and is gone afterwards."""
    with serving("bench.servers", name, home=tmp_path) as facts:
        request = Request.make("POST", facts["url"], body=b"a=1", headers=throughput.FORM)

        assert requests_per_second(request, seconds=0.05) > 0


def test_a_callback_is_signed_and_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The figure measures callbacks that are verified: another status would be an error."""
    monkeypatch.setattr(throughput, "ROUNDS", 1)
    monkeypatch.setattr(throughput, "SECONDS", 0.05)
    monkeypatch.setattr(throughput, "WARM_UP_SECONDS", 0.01)
    measurement = throughput.callback_vs_bare_flask(lambda _: None)

    assert measurement.unit == "requests/s"
    assert measurement.ratio is not None
    assert measurement.ratio > 0


def test_statistics_are_measured_with_and_without_a_past(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both in one sandbox, so that the ratio says what the past costs."""
    monkeypatch.setattr(throughput, "ROUNDS", 1)
    monkeypatch.setattr(throughput, "SECONDS", 0.05)
    monkeypatch.setattr(throughput, "WARM_UP_SECONDS", 0.01)
    monkeypatch.setattr(throughput, "PAST_EVENTS", 50)
    said: list[str] = []
    measurement = throughput.statistics_ms(said.append)

    assert measurement.unit == "ms"
    assert measurement.value > 0
    assert measurement.ratio is not None
    assert any("of 10 Tasks" in line for line in said)


def test_a_page_of_tasks_is_measured_out_of_few_and_out_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both in one sandbox; the ratio says what the others cost."""
    monkeypatch.setattr(throughput, "ROUNDS", 1)
    monkeypatch.setattr(throughput, "SECONDS", 0.05)
    monkeypatch.setattr(throughput, "WARM_UP_SECONDS", 0.01)
    monkeypatch.setattr(throughput, "FEW_TASKS", 3)
    monkeypatch.setattr(throughput, "MANY_TASKS", 6)
    measurement = throughput.list_10000_vs_100(lambda _: None)

    assert measurement.unit == "ms"
    assert measurement.value > 0
    assert measurement.ratio_to == "out of 3"
    assert measurement.ratio is not None


def test_a_server_that_says_nothing_is_named(tmp_path: Path) -> None:
    """The command is in the sentence."""
    with (
        pytest.raises(LabError, match=r"bench\.servers none"),
        serving("bench.servers", "none", home=tmp_path),
    ):
        pass
