"""The sandbox under fire: every attack of attacks.json has its expected answer, and the sandbox serves on."""

from __future__ import annotations

import asyncio
import base64
import errno
import gzip
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession, web
from aiohttp.abc import ResolveResult
from aiohttp.resolver import ThreadedResolver
from sandbox.call_centre import build
from sandbox.callback_target import Answer, Target
from sandbox.local import ACCOUNT, PATIENCE_SECONDS, TOKEN, LocalSandbox, local_sandbox

from labkit import limits
from labkit.engine.refusals import InvalidParameter
from labkit.errors import SandboxError
from labkit.sandbox import server, webhooks
from labkit.sandbox.api import connections
from labkit.sandbox.api.router import Router
from labkit.sandbox.api.runner import Runner
from labkit.sandbox.callback_hosts import CallbackHosts, is_public
from labkit.sandbox.callback_resolver import AddressRefused, CallbackResolver
from labkit.sandbox.faults import Faults
from labkit.settings import Secret
from labkit.taskrouter.client import connect

Json = dict[str, Any]
ATTACKS: Json = json.loads((Path(__file__).parent / "attacks.json").read_text(encoding="utf-8"))
REFUSED = [(kind, address) for kind, every in ATTACKS["addresses"]["refused"].items() for address in every]
FORM = "Content-Type: application/x-www-form-urlencoded"


# --- requests ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def attacked() -> Iterator[LocalSandbox]:
    """One sandbox for all of them: what one attack breaks, the next one meets."""
    with local_sandbox() as running:
        yield running


@pytest.fixture(scope="module")
def workspace(attacked: LocalSandbox) -> str:
    """The path of a Workspace with a Workflow."""
    return f"/v1/Workspaces/{build(attacked.client()).sid}"


def spelt(parts: Sequence[Any], workspace: str) -> str:
    """A text that is given in parts, some of them many times."""
    texts = [part if isinstance(part, str) else part["text"] * part["times"] for part in parts]
    return "".join(texts).replace("{workspace}", workspace)


def header_lines(parts: Sequence[Any]) -> list[str]:
    lines: list[str] = []
    for part in parts:
        if isinstance(part, str):
            lines.append(part)
        elif part.get("same_line"):
            lines[-1] += part["text"] * part["times"]
        else:
            lines += [part["text"].format(number) for number in range(part["times"])]
    return lines


def written(attack: Json, workspace: str) -> bytes:
    """The attack as bytes."""
    if "raw" in attack:
        return bytes(attack["raw"].encode("latin-1"))
    body = spelt(attack.get("body", ()), workspace).encode()
    body = gzip.compress(body) if attack.get("gzip") else body
    headers = header_lines(attack.get("headers", ()))
    if attack.get("host", True):
        headers.append("Host: sandbox.test")
    if attack.get("credentials", True):
        headers.append(f"Authorization: Basic {base64.b64encode(f'{ACCOUNT}:{TOKEN}'.encode()).decode()}")
    if attack.get("length", True):
        headers.append(f"Content-Length: {len(body)}")
    if not any(line.startswith("Content-Type") for line in headers):
        headers.append(FORM)
    line = f"{attack.get('method', 'POST')} {spelt(attack.get('path', ['/v1/Workspaces']), workspace)} HTTP/1.1"
    head = "\r\n".join([line, *headers, "", ""]).encode("latin-1")
    return head[: len(head) - attack.get("cut", 0)] + body


def exchange(url: str, sent: bytes) -> tuple[int, bytes]:
    """Send bytes as they are; the status and the body of the answer."""
    parts = urlsplit(url)
    with closing(socket.create_connection((parts.hostname, parts.port or 0), PATIENCE_SECONDS)) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):  # it has answered already, and does not read on
            connection.sendall(sent)
        answer = _received(connection)
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def _received(connection: socket.socket) -> bytes:
    got = bytearray()
    while not _is_whole(bytes(got)):
        try:
            piece = connection.recv(65536)
        except ConnectionResetError:
            break
        if not piece:
            break
        got += piece
    return bytes(got)


def _is_whole(got: bytes) -> bool:
    head, end, body = got.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
    return bool(end) and bool(lengths) and len(body) >= int(lengths[0])


@pytest.mark.parametrize("attack", ATTACKS["requests"], ids=lambda attack: attack["name"])
def test_a_request_that_nobody_means_well_with_is_answered(
    attacked: LocalSandbox, workspace: str, attack: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the expected status and Twilio's code, and the next request is served."""
    monkeypatch.setattr("labkit.sandbox.api.resource.BODY_LIMIT_SECONDS", 0.1 if attack.get("waits") else 60)
    status, body = exchange(attacked.url, written(attack, workspace))
    assert (status, json.loads(body).get("code")) == (attack["status"], attack.get("code"))
    assert len(body) < 10_000
    assert attack.get("not_told", "\x00").encode() not in body
    assert attacked.client().taskrouter.v1.workspaces.list(limit=1)


# --- connections that are held ----------------------------------------------------------------------------------------

HALF = b"POST /v1/Workspaces HTTP/1.1\r\nHost: sandbox.test\r\nX-Half:"
UNPROVED = b"GET /v1/Workspaces HTTP/1.1\r\nHost: sandbox.test\r\n\r\n"


def connected(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port or 0), PATIENCE_SECONDS)


@contextmanager
def holding(url: str, number: int, sent: bytes = HALF) -> Iterator[list[socket.socket]]:
    """So many connections, on each of which this was sent, and no more."""
    with ExitStack() as ending:
        held = [ending.enter_context(connected(url)) for _ in range(number)]
        for connection in held:
            with suppress(ConnectionError):  # it has been closed already
                connection.sendall(sent)
        yield held


def is_open(connection: socket.socket) -> bool:
    """Whether the sandbox has not closed it yet; what it has answered is read away."""
    connection.setblocking(False)
    try:
        while connection.recv(65536):
            """An answer."""
    except BlockingIOError:
        return True
    except ConnectionError:
        return False
    return False


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that a test can wait for."""
    monkeypatch.setattr(connections, "HEADER_SECONDS", 0.2)
    monkeypatch.setattr(connections, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(connections, "LOOK_SECONDS", 0.02)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("attack", ATTACKS["held"], ids=lambda attack: attack["name"])
def test_a_request_that_does_not_become_whole_is_given_up(attack: Json) -> None:
    """With the connection closed, however slowly something goes on to come."""
    with local_sandbox() as sandbox, connected(sandbox.url) as connection:
        connection.sendall(attack.get("sent", "").encode("latin-1"))
        got, then = bytearray(), attack.get("then", "").encode()
        connection.settimeout(0.02)
        deadline = time.monotonic() + PATIENCE_SECONDS
        with suppress(ConnectionError):
            while time.monotonic() < deadline:
                try:
                    piece = connection.recv(65536)
                except TimeoutError:
                    connection.sendall(then)
                    continue
                if not piece:
                    break
                got += piece
        assert time.monotonic() < deadline
        assert got.count(b"HTTP/1.") == attack.get("answers", 0)
        assert sandbox.client().taskrouter.v1.workspaces.list() == []


def send_without_end(connection: socket.socket, sent: bytes) -> None:
    while True:
        connection.sendall(sent * 500)


@pytest.mark.usefixtures("impatient")
def test_answers_that_nobody_takes_are_given_up() -> None:
    """Requests one after the other, without a look at what comes back."""
    with local_sandbox() as sandbox, connected(sandbox.url) as connection:
        connection.settimeout(PATIENCE_SECONDS)
        with pytest.raises(ConnectionError):  # and not TimeoutError
            send_without_end(connection, UNPROVED)
        assert sandbox.client().taskrouter.v1.workspaces.list() == []


def test_many_at_once_leave_it_serving(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 300 who say half a request and then nothing no more than there are places are kept, the last ones, and those
    until their time is over; meanwhile who asks is served."""
    monkeypatch.setattr(connections, "LOOK_SECONDS", 0.02)
    with local_sandbox(most=20) as sandbox, holding(sandbox.url, 300) as held:
        made = sandbox.client().taskrouter.v1.workspaces.create(friendly_name="Served")
        assert [each.sid for each in sandbox.client().taskrouter.v1.workspaces.list()] == [made.sid]
        places = [is_open(each) for each in held]
        assert 10 < sum(places) <= 20
        assert places == sorted(places)
        monkeypatch.setattr(connections, "HEADER_SECONDS", 0.0)
        wait_until(sandbox, lambda: not any(map(is_open, held)))
        assert sandbox.client().taskrouter.v1.workspaces(made.sid).fetch().sid == made.sid


def test_who_rests_makes_room_too() -> None:
    """Strangers whose requests were whole, and were refused, and who keep their connections."""
    with local_sandbox(most=20) as sandbox, holding(sandbox.url, 60, UNPROVED) as held:
        assert sandbox.client().taskrouter.v1.workspaces.list() == []
        assert 10 < sum(map(is_open, held)) < 20


def test_who_is_being_served_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many come meanwhile; and while all are served, whoever comes is sent away."""
    began, go_on = threading.Event(), threading.Event()

    async def wait(_: Faults) -> None:
        began.set()
        while not go_on.is_set():
            await asyncio.sleep(0)

    monkeypatch.setattr(Faults, "apply_to_request", wait)
    with local_sandbox(most=1) as sandbox, ThreadPoolExecutor(1) as pool:
        sandbox.look(lambda: setattr(sandbox.webhooks.faults, "rest", True))
        served = pool.submit(exchange, sandbox.url, UNPROVED)
        assert began.wait(PATIENCE_SECONDS)
        with holding(sandbox.url, 30) as held:
            wait_until(sandbox, lambda: not any(map(is_open, held)))
        go_on.set()
        assert served.result(PATIENCE_SECONDS)[0] == 401


@pytest.mark.usefixtures("impatient")
def test_a_websocket_is_left_alone() -> None:
    """It lives as long as its two sides like, whatever else comes."""

    async def echo(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            await socket.send_str(message.data)
        return socket

    async def talk() -> str:
        router = Router(other_path=echo, other_method=echo)
        runner = Runner(router, most=1, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await runner.listen("127.0.0.1", 0)
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        try:
            async with ClientSession() as session, session.ws_connect(url) as socket:
                with holding(url, 5) as held:
                    while any(map(is_open, held)):
                        await asyncio.sleep(0)
                await asyncio.sleep(3 * connections.HEADER_SECONDS)
                await socket.send_str("still here")
                return await socket.receive_str()
        finally:
            await runner.cleanup()

    assert asyncio.run(talk()) == "still here"


def test_that_there_are_no_files_left_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """However often the loop says it; whatever else it says is said as ever."""

    async def fail() -> None:
        loop, made = asyncio.get_running_loop(), connections.Connections(1)
        for error in [OSError(errno.EMFILE, "Too many open files")] * 500:
            made.on_error(loop, {"message": "socket.accept() out of system resource", "exception": error})
        made.on_error(loop, {"message": "something else", "exception": ValueError("else")})
        made.close()

    asyncio.run(fail())
    files, other = caplog.records
    assert files.getMessage() == "no connection can be accepted for now: Too many open files (0 are open)"
    assert (files.exc_info, other.getMessage()) == (None, "something else")


@contextmanager
def ending(running: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        running.kill()


@pytest.mark.process
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of open files")
@pytest.mark.parametrize("files", [64, 256])
def test_with_few_files_it_serves_on_and_says_little(files: int, tmp_path: Path) -> None:
    """As on a Mac that gives no more: 500 half requests use up neither the files nor the disk."""
    program = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, ({files}, {files}))
from labkit.cli.parser import main
sys.exit(main(["sandbox", "--json", "--state", {str(tmp_path / "s.sqlite")!r}]))
"""
    with (tmp_path / "log").open("wb") as said:
        running = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=said)
    with running, ending(running):
        assert running.stdout is not None
        address = json.loads(running.stdout.readline())
        token = Secret(address["auth_token"])
        client = connect(account_sid=address["account_sid"], auth_token=token, base_url=address["url"])
        with holding(address["url"], 500):
            for number in range(5):
                client.taskrouter.v1.workspaces.create(friendly_name=f"Served {number}")
        assert len(client.taskrouter.v1.workspaces.list()) == 5
    assert (tmp_path / "log").stat().st_size < 10_000


# --- where callbacks go -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ATTACKS["addresses"]["reached"])
def test_an_allowed_name_may_have_a_public_address(address: str) -> None:
    """Or be this computer; without being allowed, only the latter."""
    assert CallbackHosts(["lab.example"]).may_reach("lab.example", address)
    assert CallbackHosts().may_reach("lab.example", address) == address.startswith(("127.", "::1"))


@pytest.mark.parametrize(("kind", "address"), REFUSED, ids=[f"{kind}: {address}" for kind, address in REFUSED])
def test_no_name_may_have_an_address_inside(kind: str, address: str) -> None:
    """However it is written; it may be called if it was allowed itself, but for those that never are."""
    assert not is_public(address), kind
    assert not CallbackHosts(["lab.example"]).may_reach("lab.example", address)
    if address not in ATTACKS["never"]:
        assert CallbackHosts(["lab.example", address]).may_reach("lab.example", address.strip())


@pytest.mark.parametrize("host", ATTACKS["never"])
def test_what_gives_a_clouds_secrets_is_never_called(host: str) -> None:
    """Whoever allows it, in whatever spelling: by its name, its address, or a name that has the address."""
    with pytest.raises(
        InvalidParameter, match=r"^Invalid Host: .* is never called: from such an address a cloud tells"
    ):
        CallbackHosts([host])
    with pytest.raises(SandboxError, match=r"is never called.*Leave it out of --allow-callback-host"):
        server.run(
            server.Options(state=Path("/nowhere"), in_memory=True, callback_hosts=("a.example", host)), announce=print
        )
    hosts = CallbackHosts(["lab.example"])
    assert not hosts.may_reach("lab.example", host.strip())
    assert hosts.objection(f"http://{host}/")


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What the world's name servers say, by name."""
    known: dict[str, list[str]] = {}

    async def resolve(_: Any, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        if host not in known:
            raise OSError(f"nobody knows {host}")
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in known[host]
        ]

    monkeypatch.setattr(ThreadedResolver, "resolve", resolve)
    return known


@pytest.mark.parametrize("case", ATTACKS["names"], ids=lambda case: case["name"])
def test_a_name_is_judged_by_its_addresses(names: dict[str, list[str]], case: Json) -> None:
    """At the moment of connecting, and only those that may be called are connected to."""
    names[case["host"]] = case["is"]
    allowed = [case["host"], *case.get("allowed", ())]
    if case["called"]:
        assert resolved(case["host"], allowed) == case["at"]
    else:
        with pytest.raises(AddressRefused, match=f"{case['host']} is .*(allow the address itself|is never called)"):
            resolved(case["host"], allowed)


def resolved(host: str, allowed: Sequence[str], family: socket.AddressFamily = socket.AF_UNSPEC) -> list[str]:
    """The addresses that would be connected to."""

    async def resolving() -> list[str]:
        resolver = CallbackResolver(CallbackHosts(allowed))
        try:
            return [result["host"] for result in await resolver.resolve(host, 80, family)]
        finally:
            await resolver.close()

    return asyncio.run(resolving())


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_localhost_of_one_family(family: socket.AddressFamily, address: str) -> None:
    """Where only IPv4, or only IPv6, is asked for."""
    assert resolved("localhost", [], family) == [address]


@pytest.mark.parametrize(
    ("addresses", "error", "remark"),
    [
        (["169.254.169.254"], 11205, "lab.example is 169.254.169.254; 169.254.169.254 is never called"),
        (None, 11210, "there is no host of the callback URL's name"),
    ],
)
def test_the_delivery_says_why_nobody_was_called(
    names: dict[str, list[str]], addresses: list[str] | None, error: int, remark: str
) -> None:
    """A name that was turned round, and one that nobody knows; an event callback is tried once."""
    if addresses is not None:
        names["lab.example"] = addresses
    with local_sandbox(hosts=("lab.example",)) as sandbox:
        workspace = build(sandbox.client()).workspace
        workspace.update(event_callback_url="http://lab.example/events", events_filter="workspace.updated")
        sandbox.settle()
        (delivery,) = sandbox.look(lambda: sandbox.webhooks.deliveries.of(ACCOUNT))
        assert (delivery.error, delivery.status) == (error, None)
        assert remark in (delivery.remark or "")


# --- slow and dead callback URLs --------------------------------------------------------------------------------------


def test_a_dead_url_does_not_hold_up_the_others(
    sandbox: LocalSandbox, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More assignment callbacks of one Workspace hang than may be under way; another's is answered and accepted."""
    monkeypatch.setattr(limits, "ASSIGNMENT_CALLBACK_SECONDS", 60)  # they hang until the sandbox ends
    hanging = webhooks.MAX_UNDER_WAY + 10
    with closing(socket.socket()) as dead:
        dead.bind(("127.0.0.1", 0))
        dead.listen(hanging)
        stuck, well = build(sandbox.client()), build(sandbox.client())
        stuck.set_callback(f"http://127.0.0.1:{dead.getsockname()[1]}/")
        stuck.workspace.workers(stuck.alice_sid).worker_channels("default").update(capacity=hanging)
        stuck.switch(stuck.alice_sid, "Available")
        tasks = [stuck.add_task() for _ in range(hanging)]
        assert stuck.task_status(tasks[-1].sid) == "reserved"
        target.answers["/well"] = Answer(b'{"instruction": "accept"}')
        well.set_callback(target.url("/well"))
        task, _ = well.reserved_task()
        target.wait_for("/well")
        wait_until(sandbox, lambda: len(sandbox.webhooks._tasks) == hanging)
        assert well.task_status(task.sid) == "assigned"
        log = sandbox.look(lambda: sandbox.webhooks.deliveries.of(ACCOUNT))
        assert [delivery.fields["WorkspaceSid"] for delivery in log] == [well.sid]


def wait_until(sandbox: LocalSandbox, holds: Callable[[], bool]) -> None:
    """Look on the sandbox's loop, again and again, until it holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := sandbox.look(holds)) and time.monotonic() < deadline:
        """Each look lets the sandbox go on."""
    assert found


def test_a_dead_event_url_holds_up_nobody(
    sandbox: LocalSandbox, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the assignment callbacks of its own Workspace nor the events of another."""
    monkeypatch.setattr(limits, "EVENT_CALLBACK_SECONDS", 60)  # it hangs until the sandbox ends
    target.answers["/assign"] = Answer(b'{"instruction": "accept"}')
    with closing(socket.socket()) as dead:
        dead.bind(("127.0.0.1", 0))
        dead.listen(5)
        stuck, well = build(sandbox.client()), build(sandbox.client())
        stuck.workspace.update(event_callback_url=f"http://127.0.0.1:{dead.getsockname()[1]}/")
        well.workspace.update(event_callback_url=target.url("/events"))
        stuck.set_callback(target.url("/assign"))
        stuck.reserved_task()
        target.wait_for("/assign")
        target.wait_for("/events")
        assert sandbox.look(lambda: sandbox.webhooks._tasks)


def test_so_many_of_one_workspace_are_under_way_at_a_time(
    sandbox: LocalSandbox, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others wait for their turn, and none is forgotten."""
    monkeypatch.setattr(webhooks, "MAX_UNDER_WAY", 2)
    monkeypatch.setattr(limits, "ASSIGNMENT_CALLBACK_SECONDS", 60)
    target.answers["/slow"] = Answer(b'{"instruction": "accept"}', hold=True)
    centre = build(sandbox.client())
    centre.set_callback(target.url("/slow"))
    centre.workspace.workers(centre.alice_sid).worker_channels("default").update(capacity=5)
    centre.switch(centre.alice_sid, "Available")
    tasks = [centre.add_task() for _ in range(5)]
    target.wait_for("/slow", 2)
    assert len(target.of("/slow")) == 2
    target.release()
    sandbox.settle()
    assert len(target.of("/slow")) == 5
    assert {centre.task_status(task.sid) for task in tasks} == {"assigned"}


def test_a_reservation_that_is_over_is_not_called_any_more(
    sandbox: LocalSandbox, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """260 Reservations at a URL that hangs: those that wait for room until they have timed out are not called."""
    monkeypatch.setattr(limits, "ASSIGNMENT_CALLBACK_SECONDS", 60)
    target.answers["/slow"] = Answer(hold=True)
    centre = build(sandbox.client())
    centre.set_callback(target.url("/slow"))
    centre.workspace.workers(centre.alice_sid).worker_channels("default").update(capacity=260)
    centre.switch(centre.alice_sid, "Available")
    for _ in range(260):
        centre.add_task()
    target.wait_for("/slow", webhooks.MAX_UNDER_WAY)
    sandbox.look(lambda: sandbox.service.clock.advance(61))
    sandbox.ask(sandbox.service.catch_up())
    target.release()
    sandbox.settle()
    assert len(target.of("/slow")) == webhooks.MAX_UNDER_WAY
    log = sandbox.look(lambda: sandbox.webhooks.deliveries.of(ACCOUNT))
    assert len(log) == webhooks.MAX_UNDER_WAY


# --- where it listens -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ATTACKS["hosts"]["guarded"])
@pytest.mark.parametrize("token", [None, "", "short"])
def test_beyond_this_computer_a_token_of_ones_own_is_needed(tmp_path: Path, host: str, token: str | None) -> None:
    """Nothing is opened, and the sentence says what to do; it does not repeat the token."""
    options = server.Options(state=tmp_path / "s.sqlite", host=host, auth_token=token)
    with pytest.raises(SandboxError, match=r"auth token of your own, of 16 characters .*LABKIT_SANDBOX_TOKEN") as told:
        server.run(options, announce=print)
    assert "short" not in str(told.value)
    assert not (tmp_path / "s.sqlite").exists()


@pytest.mark.parametrize("host", ATTACKS["hosts"]["open"])
def test_on_this_computer_a_token_is_made_up(tmp_path: Path, host: str) -> None:
    """As it always was."""
    server._check_host(server.Options(state=tmp_path / "s.sqlite", host=host))


@pytest.mark.parametrize("host", ATTACKS["hosts"]["guarded"])
def test_with_a_token_of_ones_own_it_listens_anywhere(tmp_path: Path, host: str) -> None:
    """Whoever gives one means it."""
    server._check_host(server.Options(state=tmp_path / "s.sqlite", host=host, auth_token="a" * 16))
