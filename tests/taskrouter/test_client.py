"""The SDK's client over real sockets: where requests go, how long they wait, what is reported."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from served import served

from labkit.errors import TaskRouterError
from labkit.settings import Secret
from labkit.taskrouter.client import connect
from labkit.taskrouter.errors import asking

ACCOUNT, TOKEN = "AC" + "1" * 32, "sandbox-token-for-tests"


class Answering(BaseHTTPRequestHandler):
    """Answers a Workspace whose SID is the last part of the path; `missing` is a 404, `silent` says nothing."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer as TaskRouter would."""
        name = self.path.split("?", maxsplit=1)[0].rsplit("/", 1)[-1]
        if name == "silent":
            self.server.released.wait(10)  # type: ignore[attr-defined]
        if name == "missing":
            return self._answer(404, {"code": 20404, "message": f"{self.path} was not found", "status": 404})
        return self._answer(
            200, {"sid": name, "friendly_name": self.headers["Host"], "meta": {"key": "tasks"}, "tasks": []}
        )

    do_POST = do_GET  # noqa: N815 - the name that http.server looks for

    def _answer(self, status: int, body: Mapping[str, Any]) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Stay quiet."""


@pytest.fixture
def base_url() -> Iterator[str]:
    """A server on a free loopback port."""
    with served(ThreadingHTTPServer(("127.0.0.1", 0), Answering)) as server:
        server.released = threading.Event()  # type: ignore[attr-defined]
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.released.set()  # type: ignore[attr-defined]


def test_taskrouter_requests_go_to_the_sandbox(base_url: str) -> None:
    """Path and credentials stay, scheme and host change."""
    client = connect(account_sid=ACCOUNT, auth_token=Secret(TOKEN), base_url=base_url)
    workspace = client.taskrouter.v1.workspaces("WS1").fetch()
    assert f"http://{workspace.friendly_name}" == base_url


def test_a_region_in_the_environment_still_leads_to_the_sandbox(base_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK then asks taskrouter.dublin.ie1.twilio.com; a proxy of the environment is left aside as well."""
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    client = connect(account_sid=ACCOUNT, auth_token=Secret(TOKEN), base_url=base_url)
    assert client.taskrouter.v1.workspaces("WS1").fetch().sid == "WS1"


def test_other_twilio_products_are_refused_in_the_sandbox(base_url: str) -> None:
    """The sandbox's made-up credentials never travel to Twilio."""
    calls: list[Mapping[str, Any]] = []
    client = connect(account_sid=ACCOUNT, auth_token=Secret(TOKEN), base_url=base_url, on_call=calls.append)
    with pytest.raises(TaskRouterError, match=r"for api\.twilio\.com"):
        client.messages.create(to="+15550100", from_="+15550101", body="hello")
    assert calls == []


def test_each_call_is_reported_without_credentials(base_url: str) -> None:
    """Method, path with query, form, status and time; nothing of the Authorization header."""
    calls: list[Mapping[str, Any]] = []
    client = connect(account_sid=ACCOUNT, auth_token=Secret(TOKEN), base_url=base_url, on_call=calls.append)
    client.taskrouter.v1.workspaces("WS1").update(friendly_name="Über uns")
    with pytest.raises(TaskRouterError), asking("list the Workers"):
        client.taskrouter.v1.workspaces("WS1").workers("missing").fetch()
    updated, missing = calls
    assert (updated["method"], updated["path"], updated["status"]) == ("POST", "/v1/Workspaces/WS1", 200)
    assert updated["form"] == {"FriendlyName": "Über uns"}
    assert updated["error"] is None
    assert updated["milliseconds"] > 0
    assert (missing["status"], missing["error"]) == (404, "/v1/Workspaces/WS1/Workers/missing was not found")
    assert TOKEN not in repr(calls)
    assert ACCOUNT not in repr(calls)


def test_a_report_has_what_was_said_both_ways(base_url: str) -> None:
    """Headers and answer for the traffic view, Twilio's code for a refusal; no header that could be a credential."""
    calls: list[Mapping[str, Any]] = []
    client = connect(account_sid=ACCOUNT, auth_token=Secret(TOKEN), base_url=base_url, on_call=calls.append)
    client.taskrouter.v1.workspaces("WS1").fetch()
    with pytest.raises(TaskRouterError), asking("list the Workers"):
        client.taskrouter.v1.workspaces("WS1").workers("missing").fetch()
    found, missing = calls
    assert "User-Agent" in found["headers"]
    assert not [name for name in found["headers"] if name.lower() == "authorization"]
    assert json.loads(found["response_body"])["sid"] == "WS1"
    assert "Content-Length" in found["response_headers"]
    assert (found["code"], missing["code"]) == (None, 20404)


def test_headers_that_could_be_credentials_are_left_out(base_url: str) -> None:
    """Also one that the caller sets, as an organization's token is."""
    calls: list[Mapping[str, Any]] = []
    wire = connect(account_sid=ACCOUNT, auth_token=Secret(TOKEN), base_url=base_url, on_call=calls.append).http_client
    wire.request(
        "GET", f"{base_url}/v1/x", headers={"Authorization": f"Bearer {TOKEN}", "X-Auth-Token": TOKEN, "A": "b"}
    )
    assert calls[0]["headers"] == {"A": "b"}


def test_a_long_answer_is_cut_in_the_report_only(base_url: str) -> None:
    """The stream keeps thousands of reports; whoever asked gets all of it."""
    calls: list[Mapping[str, Any]] = []
    client = connect(account_sid=ACCOUNT, auth_token=Secret(TOKEN), base_url=base_url, on_call=calls.append)
    name = "x" * 20_000
    assert client.taskrouter.v1.workspaces(name).fetch().sid == name
    assert len(calls[0]["response_body"]) < 17_000
    assert "characters in all" in calls[0]["response_body"]


def test_a_query_is_part_of_the_reported_path(base_url: str) -> None:
    """Repeated parameters are repeated, those left out are not there."""
    calls: list[Mapping[str, Any]] = []
    client = connect(account_sid=ACCOUNT, auth_token=Secret(TOKEN), base_url=base_url, on_call=calls.append)
    client.taskrouter.v1.workspaces("WS1").tasks.page(assignment_status=["reserved", "assigned"], page_size=20)
    path, query = calls[0]["path"].split("?")
    assert path == "/v1/Workspaces/WS1/Tasks"
    assert sorted(query.split("&")) == ["AssignmentStatus=assigned", "AssignmentStatus=reserved", "PageSize=20"]


def test_a_silent_server_is_given_up(base_url: str) -> None:
    """The time limit ends the wait, and the report has no status."""
    calls: list[Mapping[str, Any]] = []
    client = connect(
        account_sid=ACCOUNT, auth_token=Secret(TOKEN), base_url=base_url, on_call=calls.append, timeout_seconds=0.1
    )
    with pytest.raises(TaskRouterError, match="silent for too long"), asking("fetch a Workspace"):
        client.taskrouter.v1.workspaces("silent").fetch()
    assert (calls[0]["status"], calls[0]["error"]) == (None, "ReadTimeout")


def test_a_sandbox_that_ended_says_how_to_go_on() -> None:
    """Nothing listens on port 9 of loopback; the sentence names the next step."""
    client = connect(account_sid=ACCOUNT, auth_token=Secret(TOKEN), base_url="http://127.0.0.1:9")
    with pytest.raises(TaskRouterError, match=r"made\. The sandbox may have ended"), asking("x"):
        client.taskrouter.v1.workspaces("WS1").fetch()


def test_two_threads_never_take_each_others_answer(base_url: str) -> None:
    """The SDK passes its answer through an attribute of the shared client; ours is kept per thread."""
    client = connect(account_sid=ACCOUNT, auth_token=Secret(TOKEN), base_url=base_url)
    wire = client.http_client
    both_wrote = threading.Barrier(2, timeout=5)

    def write_then_read(answer: str) -> str:
        wire._test_only_last_response = answer
        both_wrote.wait()
        return str(wire._test_only_last_response)

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(write_then_read, ["one", "two"])) == ["one", "two"]


def test_the_sdk_is_imported_only_when_a_client_is_made() -> None:
    """`import labkit.taskrouter.client` stays quick: the SDK alone takes a fifth of a second."""
    import subprocess
    import sys

    code = (
        "import sys, labkit.taskrouter.workspace_client, labkit.taskrouter.quickstart, labkit.taskrouter.client as c; "
    )
    code += "print(any(name.split('.')[0] in ('twilio', 'requests') for name in sys.modules))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert answer.stdout.strip() == "False"
