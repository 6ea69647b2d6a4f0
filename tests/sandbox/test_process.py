"""The sandbox as a process: found, started, ended, and never two of them. Real processes, all of them short."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from filelock import FileLock, Timeout
from processes import end_sandbox
from sandbox.callback_target import Answer, Target
from twilio.base.exceptions import TwilioRestException

import labkit
from labkit.cli.parser import main
from labkit.errors import SandboxError
from labkit.sandbox import process, server
from labkit.sandbox.process import Address, Starting, allow_callback_host, ensure, find, registration, state_file, stop
from labkit.sandbox.store import Snapshots, SqliteStore
from labkit.settings import Secret
from labkit.taskrouter.client import connect

pytestmark = pytest.mark.process

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and modes of files are POSIX's")
LIMIT_SECONDS = 20


@pytest.fixture
def home(own_environment: Path) -> Iterator[Path]:
    """A home of its own, whose sandbox is ended afterwards."""
    yield own_environment
    end_sandbox(own_environment)
    process._reap()


def workspaces(address: Address) -> Any:
    client = connect(account_sid=address.account_sid, auth_token=Secret(address.auth_token), base_url=address.url)
    return client.taskrouter.v1.workspaces


def end(pid: int, name: str = "SIGKILL") -> None:
    """Send a signal to a process of ours, and wait until it is gone."""
    ending = psutil.Process(pid)
    ending.send_signal(getattr(signal, name))
    psutil.wait_procs([ending], timeout=LIMIT_SECONDS)
    process._reap()


# --- found or started -------------------------------------------------------------------------------------------------


def test_a_sandbox_is_started_once_and_found_again(home: Path) -> None:
    """The second time it is the same one; it serves, its address is for its owner only, and it can be ended."""
    assert find(home) is None
    starting = Starting(home)
    address = starting.wait()
    assert not starting.was_running
    assert find(home) == ensure(home) == address
    assert Starting(home).was_running
    assert workspaces(address).list() == []
    assert address.auth_token not in repr(address)
    if os.name == "posix":
        assert stat.S_IMODE(registration(home).stat().st_mode) == 0o600
        assert stat.S_IMODE(state_file(home).stat().st_mode) == 0o600
    assert stop(home) is True
    assert not psutil.pid_exists(address.pid)
    assert (find(home), registration(home).exists(), stop(home)) == (None, False, False)


def test_its_token_is_in_no_list_of_processes(home: Path) -> None:
    """Neither on its command line nor in its environment."""
    address = ensure(home)
    running = psutil.Process(address.pid)
    assert "sandbox" in running.cmdline()
    assert address.auth_token not in " ".join(running.cmdline())
    assert address.auth_token not in " ".join(running.environ().values())
    assert address.auth_token not in (home / "sandbox.log").read_text("utf-8")


def test_two_who_start_at_once_get_the_same_one(home: Path) -> None:
    """Four threads here; two notebooks are no different, since the lock is a file's."""
    gate = threading.Barrier(4)

    def start(_: int) -> Address:
        gate.wait(LIMIT_SECONDS)
        return ensure(home)

    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(start, range(4)))
    assert len(found) == 1


def test_begun_in_one_thread_and_awaited_in_another(home: Path) -> None:
    """The next one who looks is not kept waiting."""
    starting = Starting(home)
    with ThreadPoolExecutor(1) as pool:
        address = pool.submit(starting.wait).result(LIMIT_SECONDS)
    assert Starting(home).wait() == address


def test_after_a_restart_everything_is_as_before(home: Path) -> None:
    """Workspace, port and credentials: whoever holds the address goes on."""
    first = ensure(home)
    made = workspaces(first).create(friendly_name="Kept")
    stop(home)
    second = ensure(home)
    assert (second.url, second.account_sid, second.auth_token) == (first.url, first.account_sid, first.auth_token)
    assert second.pid != first.pid
    assert [w.sid for w in workspaces(first).list()] == [made.sid]


@POSIX
def test_after_a_kill_a_new_one_goes_on(home: Path) -> None:
    """The address of the dead one is not believed, and what it acknowledged is there."""
    first = ensure(home)
    made = workspaces(first).create(friendly_name="Kept")
    end(first.pid)
    assert registration(home).exists()
    assert find(home) is None
    second = ensure(home)
    assert [w.sid for w in workspaces(second).list()] == [made.sid]
    assert find(home) == second


@POSIX
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_ends_it_in_order(home: Path, name: str) -> None:
    """Its address is taken away, and the state can be used at once."""
    address = ensure(home)
    end(address.pid, name)
    assert not registration(home).exists()
    assert find(home) is None


def a_free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


RIGHT: Mapping[str, Any] = {
    "url": "http://127.0.0.1:1",
    "account_sid": "AC1",
    "auth_token": "made-up",
    "pid": 2_000_000_000,
}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        json.dumps({**RIGHT, "url": "http://127.0.0.1:FREE_PORT"}),
        json.dumps({**RIGHT, "url": "http://127.0.0.1:99999"}),
        json.dumps({**RIGHT, "url": "http://[::1"}),
        json.dumps({**RIGHT, "url": 7}),
        json.dumps({**RIGHT, "url": None}),
        json.dumps({**RIGHT, "url": "http://127.0.0.1:1/\n"}),
        json.dumps({**RIGHT, "pid": "many"}),
        json.dumps({**RIGHT, "auth_token": ["x"]}),
    ],
)
def test_an_address_that_leads_nowhere_is_not_believed(own_environment: Path, content: str) -> None:
    """Half a file, another's file, a dead process: there is no sandbox, and that is no error."""
    registration(own_environment).write_text(content.replace("FREE_PORT", str(a_free_port())), "utf-8")
    assert find(own_environment) is None


@pytest.mark.parametrize(
    "answer",
    [Answer(b"{}"), Answer(b'{"app": "something-else"}'), Answer(b"<html>"), Answer(b"[]"), Answer(status=401)],
    ids=lambda answer: f"{answer.status} {answer.body.decode()}",
)
def test_another_program_on_its_port_is_not_believed(own_environment: Path, target: Target, answer: Answer) -> None:
    """The port went on to somebody else."""
    target.answers["/_sandbox/health"] = answer
    registration(own_environment).write_text(json.dumps({**RIGHT, "url": target.url("")}), "utf-8")
    assert find(own_environment) is None
    assert target.received


def test_an_address_is_taken_away_by_its_own_process_only(own_environment: Path) -> None:
    """Another sandbox may have written its own since."""
    path = registration(own_environment)
    process.write_registration(path, RIGHT)
    process.remove_registration(path, pid=3)
    assert json.loads(path.read_text("utf-8")) == RIGHT
    process.remove_registration(path, pid=RIGHT["pid"])
    process.remove_registration(path, pid=RIGHT["pid"])
    assert list(own_environment.iterdir()) == []


# --- what cannot be started -------------------------------------------------------------------------------------------


def test_a_sandbox_that_cannot_start_says_why(home: Path) -> None:
    """Its last words are in the error, and the next one may try at once."""
    with closing(sqlite3.connect(state_file(home))) as db, db:
        db.execute("PRAGMA user_version = 99")
    for _ in range(2):
        with pytest.raises(SandboxError, match=r"did not start: labkit: The state file .* newer version.*log is"):
            ensure(home)


def test_a_damaged_state_is_set_aside(home: Path) -> None:
    """The sandbox begins anew and says so to whoever asks; what was there is there, byte for byte, and stays."""
    state_file(home).write_bytes(b"no database at all" * 100)
    address = ensure(home)
    assert workspaces(address).list() == []
    [notice] = process.notices(address)
    [aside] = home.glob("sandbox-damaged-*.sqlite")
    assert str(aside) in notice
    assert aside.read_bytes() == b"no database at all" * 100
    assert notice in (home / "sandbox.log").read_text("utf-8")
    stop(home)
    assert process.notices(ensure(home)) == []
    assert aside.exists()


@POSIX
def test_a_home_that_is_removed_under_a_sandbox_is_there_again(home: Path, tmp_path: Path) -> None:
    """State, lock and address: a notebook that starts then finds the same sandbox, and hears what happened."""
    address = ensure(home)
    shutil.rmtree(home)
    made = workspaces(address).create(friendly_name="After")
    assert find(home) == address
    [notice] = process.notices(address)
    assert f"{state_file(home)} was removed while the sandbox ran" in notice
    with pytest.raises(Timeout), FileLock(f"{state_file(home)}.lock", timeout=0):
        pass
    stop(home)
    again = ensure(home)
    assert (again.account_sid, again.auth_token) == (address.account_sid, address.auth_token)
    assert [w.sid for w in workspaces(again).list()] == [made.sid]


@POSIX
def test_a_log_that_is_lost_is_said(home: Path) -> None:
    """After a kill: the sandbox goes on with what is left, and says since when something may be missing."""
    address = ensure(home)
    workspaces(address).create(friendly_name="Lost")
    end(address.pid)
    state_file(home).with_name("sandbox.sqlite-wal").unlink()
    address = ensure(home)
    [notice] = process.notices(address)
    assert "its log" in notice
    assert workspaces(address).list() == []
    end(address.pid)
    assert process.notices(ensure(home)) == []


WITHOUT_ROOM = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
from labkit.cli.parser import main
sys.exit(main(sys.argv[1:]))
"""


@contextmanager
def without_room(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """The program on the state in this folder, on a disk that has no room for a single byte."""
    command = [sys.executable, "-c", WITHOUT_ROOM, "sandbox", "--json", "--state", str(folder / "sandbox.sqlite")]
    command += ["--register", str(folder / "sandbox.json")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


@POSIX
@pytest.mark.parametrize("how", ["in order", "killed"])
def test_a_sandbox_that_begins_on_a_full_disk_can_be_read(home: Path, how: str) -> None:
    """It says what is the matter, and refuses to write; nothing that was written before is missing."""
    address = ensure(home)
    made = workspaces(address).create(friendly_name="Kept")
    if how == "killed":
        end(address.pid)
    else:
        stop(home)
    with without_room(home) as running:
        address = Address(**json.loads(first_line(running)), pid=running.pid)
        assert [w.sid for w in workspaces(address).list()] == [made.sid]
        with pytest.raises(TwilioRestException) as refused:
            workspaces(address).create(friendly_name="Refused")
        assert refused.value.status == 503
        [notice] = process.notices(address)
        assert "cannot be written" in notice
        assert "Reading works, and nothing is lost; make room on the disk" in notice
    assert [w.sid for w in workspaces(ensure(home)).list()] == [made.sid]


@POSIX
def test_one_that_could_not_say_where_it_is_is_found_all_the_same(home: Path) -> None:
    """As after a start on a full disk: the next one finds the state in use, and meanwhile the address is there."""
    address = ensure(home)
    registration(home).unlink()

    again = process.Starting(home)

    assert again.wait() == address
    assert again.was_running


@POSIX
def test_a_full_disk_is_told_apart_from_other_reasons(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever starts looks, for the sandbox itself has no room to say it."""
    monkeypatch.setattr(process.sys, "executable", shutil.which("false"))
    for free, said in (
        (0, f"could not say why. The disk of {home} is full: make room there"),
        (1 << 30, "why. Its log"),
    ):
        monkeypatch.setattr(process.shutil, "disk_usage", lambda _, free=free: SimpleNamespace(free=free))
        with pytest.raises(SandboxError, match=re.escape(said)):
            ensure(home)


@POSIX
def test_a_first_sandbox_on_a_full_disk_says_so(home: Path) -> None:
    """In a sentence, with exit status 1."""
    with without_room(home) as running:
        out, said = running.communicate(timeout=LIMIT_SECONDS)
    assert (running.returncode, out) == (1, "")
    assert said.startswith(f"labkit: The state file {state_file(home)} cannot be ")
    assert said.count("\n") == 1


def test_what_is_no_state_file_is_left_where_it_is(tmp_path: Path) -> None:
    """Somebody typed the name of a letter."""
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Alice", "utf-8")
    with pytest.raises(SandboxError, match=r"letter\.txt is damaged"):
        server.run(server.Options(state=letter), announce=print)
    assert letter.read_text("utf-8") == "Dear Alice"


def test_one_in_memory_leaves_nothing(tmp_path: Path) -> None:
    """It serves, and there is no file of it, neither then nor afterwards."""
    with program("--json", "--in-memory", "--state", str(tmp_path / "s.sqlite")) as running:
        address = Address(**json.loads(first_line(running)), pid=running.pid)
        assert workspaces(address).create(friendly_name="Short").sid
        assert list(tmp_path.iterdir()) == []


def test_the_state_of_a_sandbox_that_does_not_run_can_be_forgotten(home: Path) -> None:
    """With its log, but not the snapshots nor what was set aside; the next one begins anew."""
    first = ensure(home)
    workspaces(first).create(friendly_name="Gone")
    end(first.pid)
    kept = [home / "sandbox-snapshots" / "snapshot-x.sqlite", home / "sandbox-damaged-x.sqlite"]
    kept[0].parent.mkdir()
    for path in kept:
        path.write_bytes(b"kept")
    process.forget(home)
    assert not list(home.glob("sandbox.sqlite"))
    assert all(path.read_bytes() == b"kept" for path in kept)
    assert workspaces(ensure(home)).list() == []


def test_the_state_of_one_that_runs_is_not_forgotten(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it answers or not."""
    monkeypatch.setattr(process, "LOCK_SECONDS", 0)
    address = ensure(home)
    made = workspaces(address).create(friendly_name="Kept")
    with pytest.raises(SandboxError, match="does not answer"):
        process.forget(home)
    assert [w.sid for w in workspaces(address).list()] == [made.sid]


def test_a_home_that_is_no_folder_is_refused(own_environment: Path) -> None:
    """With the remedy."""
    (own_environment / "file").write_text("", "utf-8")
    with pytest.raises(SandboxError, match=r"cannot be used for the sandbox's state: .*Set LABKIT_HOME to another"):
        Starting(own_environment / "file" / "below")


def test_a_log_that_cannot_be_written_is_refused(home: Path) -> None:
    """And the lock is free again afterwards."""
    (home / "sandbox.log").mkdir()
    for _ in range(2):
        with pytest.raises(SandboxError, match="cannot be started"):
            Starting(home)


LOUD = """
import logging, os, sys
from pathlib import Path
from labkit.sandbox import log_file, server
log_file.BYTES = 2000
server.start_log(Path(sys.argv[1]))
for number in range(200):
    logging.getLogger("labkit").info("line %d", number)
    if number == 198:
        os.write(2, b"from below\\n")
print("an error that nobody caught", file=sys.stderr)
"""


def test_the_log_is_rotated(tmp_path: Path) -> None:
    """It and the two before it stay, each of bounded size; and all that the process says is in them."""
    subprocess.run([sys.executable, "-c", LOUD, str(tmp_path / "s.log")], check=True, timeout=LIMIT_SECONDS)
    files = [tmp_path / name for name in ("s.log.2", "s.log.1", "s.log")]
    assert sorted(tmp_path.iterdir()) == sorted(files)
    assert all(path.stat().st_size < 2200 for path in files)
    said = "".join(path.read_text("utf-8") for path in files)
    numbers = [int(line.rpartition(" ")[2]) for line in said.splitlines() if " line " in line]
    assert numbers == list(range(numbers[0], 200))
    assert said.endswith("line 199\nan error that nobody caught\n")
    assert "from below\n" in said


def test_a_log_that_cannot_be_rotated_is_emptied(tmp_path: Path) -> None:
    """As on Windows, while somebody reads one of the files; it must not grow without end."""
    (tmp_path / "s.log.1").mkdir()
    (tmp_path / "s.log.1" / "in the way").touch()
    (tmp_path / "s.log.2").mkdir()
    (tmp_path / "s.log.2" / "in the way").touch()
    subprocess.run([sys.executable, "-c", LOUD, str(tmp_path / "s.log")], check=True, timeout=LIMIT_SECONDS)
    said = (tmp_path / "s.log").read_text("utf-8")
    assert len(said) < 2200
    assert said.endswith("line 199\nan error that nobody caught\n")


def test_the_next_start_goes_on_in_the_log(home: Path) -> None:
    """What the last one said is what one looks for; it is not taken for the last words of this one."""
    (home / "sandbox.log").write_text("the last one's words\n", "utf-8")
    address = ensure(home)
    workspaces(address).list()
    stop(home)
    assert (home / "sandbox.log").read_text("utf-8").startswith("the last one's words\n")


@POSIX
def test_a_silent_one_is_given_up(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the time limit, and no process is left."""
    silent = tmp_path / "silent"
    silent.write_text("#!/bin/sh\nexec sleep 60\n", "utf-8")
    silent.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(silent))
    monkeypatch.setattr(process, "START_SECONDS", 0.2)
    (home / "sandbox.log").write_text("the last one's words\n", "utf-8")
    with pytest.raises(SandboxError, match=r"did not start: it said nothing within 0\.2 s"):
        ensure(home)


def test_one_that_does_not_answer_is_an_error(own_environment: Path) -> None:
    """Whoever holds an old address is told so, without the token."""
    address = Address(**{**RIGHT, "url": f"http://127.0.0.1:{a_free_port()}"})
    with pytest.raises(SandboxError, match=r"The sandbox at http://127\.0\.0\.1:\d+ does not answer") as raised:
        allow_callback_host(address, "lab.example")
    assert "made-up" not in str(raised.value)


def test_where_the_state_is_kept(own_environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In LABKIT_HOME, else in the user's state folder on this system."""
    assert process.default_home() == own_environment
    monkeypatch.delenv("LABKIT_HOME")
    assert process.default_home().name == "taskrouter-lab"
    monkeypatch.setenv("LABKIT_HOME", "~/labs")
    assert process.default_home() == Path("~/labs").expanduser()


# --- the program itself -----------------------------------------------------------------------------------------------


@contextmanager
def program(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`python -m labkit sandbox ...`, ended afterwards."""
    command = [sys.executable, "-m", "labkit", "sandbox", *arguments]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with running:
        try:
            yield running
        finally:
            running.kill()


def first_line(running: subprocess.Popen[str]) -> str:
    assert running.stdout is not None
    return running.stdout.readline()


def test_with_json_the_first_line_is_the_address(tmp_path: Path) -> None:
    """url, account_sid and auth_token as given, and the host that was allowed."""
    account, token = f"AC{'7' * 32}", "made-up-token"
    given = ["--account-sid", account, "--auth-token", token, "--allow-callback-host", "lab.example"]
    with program("--json", "--state", str(tmp_path / "s.sqlite"), *given) as running:
        said = json.loads(first_line(running))
        assert {name: said[name] for name in ("account_sid", "auth_token")} == {
            "account_sid": account,
            "auth_token": token,
        }
        assert set(said) == {"url", "account_sid", "auth_token"}
        address = Address(**said, pid=running.pid)
        assert workspaces(address).list() == []
        assert process._request(address, "POST", "/_sandbox/callback-hosts", "Host=b.example") == {
            "allowed": ["b.example", "lab.example"]
        }


@pytest.mark.parametrize("given", [[], ["--durable", "power"], ["LABKIT_DURABLE"]], ids=str)
def test_a_write_can_survive_a_power_cut_too(tmp_path: Path, given: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """By an option or by the environment; by default it need not."""
    asked: list[server.Options] = []
    monkeypatch.setattr(server, "run", lambda options, announce: asked.append(options))
    if given == ["LABKIT_DURABLE"]:
        monkeypatch.setenv("LABKIT_DURABLE", "power")
        given = []
        expected = "power"
    else:
        expected = "power" if given else "process"
    assert main(["sandbox", "--state", str(tmp_path / "s.sqlite"), *given]) == 0
    assert asked[0].durable == expected


def test_a_word_that_says_no_durability_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a sentence with those that do."""
    monkeypatch.setenv("LABKIT_DURABLE", "earthquake")
    assert main(["sandbox", "--in-memory"]) == 1
    assert capsys.readouterr().err == "labkit: LABKIT_DURABLE is 'earthquake'; give process or power.\n"


def test_without_json_it_does_not_print_the_token(tmp_path: Path) -> None:
    """It says where it listens."""
    with program("--state", str(tmp_path / "s.sqlite"), "--auth-token", "made-up-token") as running:
        assert "The sandbox listens on http://127.0.0.1:" in first_line(running)
        assert "made-up-token" not in first_line(running)


def test_it_ends_when_nobody_uses_it(tmp_path: Path) -> None:
    """By itself, with status 0, taking its address away."""
    address = tmp_path / "address.json"
    options = ["--state", str(tmp_path / "s.sqlite"), "--idle-seconds", "0.3", "--register", str(address)]
    with program("--json", *options) as running:
        assert json.loads(first_line(running))["url"]
        assert running.wait(LIMIT_SECONDS) == 0
    assert not address.exists()


def options(folder: Path, **given: Any) -> server.Options:
    return server.Options(**{"state": folder / "s.sqlite", **given})


def test_two_on_one_state_file_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence says what to do."""
    monkeypatch.setattr(server, "LOCK_SECONDS", 0)
    with (
        FileLock(tmp_path / "s.sqlite.lock"),
        pytest.raises(SandboxError, match=r"s\.sqlite is in use by another sandbox"),
    ):
        server.run(options(tmp_path), announce=print)


@POSIX
def test_two_by_different_names_of_one_file_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A symbolic link in another folder; the second is told who has it."""
    monkeypatch.setattr(server, "LOCK_SECONDS", 0)
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.sqlite"
    link.symlink_to(tmp_path / "s.sqlite")
    with program("--json", "--state", str(tmp_path / "s.sqlite")) as running:
        port = json.loads(first_line(running))["url"].rsplit(":", 1)[1]
        with pytest.raises(
            SandboxError, match=rf"s\.sqlite is in use .*\(process {running.pid}, which listens on port {port}\)"
        ):
            server.run(options(tmp_path, state=link), announce=print)


@POSIX
def test_a_file_with_two_names_is_refused(tmp_path: Path) -> None:
    """By a hard link each name would have a log of its own; whichever name is given, nothing is touched."""
    server_state = tmp_path / "s.sqlite"
    SqliteStore(server_state).close()
    before = server_state.read_bytes()
    (tmp_path / "other.sqlite").hardlink_to(server_state)
    for name in ("s.sqlite", "other.sqlite"):
        with pytest.raises(SandboxError, match=rf"{name} has another name too .* Make a copy .* nothing was touched"):
            server.run(options(tmp_path, state=tmp_path / name), announce=print)
    assert server_state.read_bytes() == before


@POSIX
def test_a_kill_in_the_middle_of_a_restore_is_no_second_name(tmp_path: Path) -> None:
    """The state had one name more already, under which it was to leave, and no other had taken its place."""
    state = tmp_path / "s.sqlite"
    SqliteStore(state).close()
    leaving = Snapshots(process.snapshots_folder(state)).leaving("before restore").path
    leaving.parent.mkdir()
    leaving.hardlink_to(state)
    with program("--json", "--state", str(state)) as running:
        assert json.loads(first_line(running))["url"]
    assert not leaving.exists()


def test_a_port_in_use_is_refused(tmp_path: Path) -> None:
    """With its number; nothing is announced, and the address is not written."""
    said: list[str] = []
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SandboxError, match=f"Port {port} on 127.0.0.1 cannot be used: .*Choose another"):
            server.run(options(tmp_path, port=port, register=tmp_path / "a.json"), announce=said.append)
    assert (said, (tmp_path / "a.json").exists()) == ([], False)


def test_a_state_in_an_impossible_place_is_refused(tmp_path: Path) -> None:
    """Below a file, where no folder can be."""
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(SandboxError, match=r"The state file .* cannot be used: .*Choose another --state"):
        server.run(options(tmp_path / "file"), announce=print)


def test_another_port_is_taken_when_the_old_one_is_in_use(home: Path) -> None:
    """The old address is somebody else's now; a new sandbox starts all the same."""
    first = ensure(home)
    stop(home)
    port = int(first.url.rsplit(":", 1)[1])
    with closing(socket.socket()) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        second = ensure(home)
        assert second.url != first.url
        assert second.account_sid == first.account_sid
        assert workspaces(second).list() == []


class _Stranger:
    """Listens where a sandbox once did, answers everything with 200, and keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, name="labkit-test-stranger", daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection:
                self.heard.append(connection.recv(65536))
                body = json.dumps({"app": process.APP, "proof": "0" * 64}).encode()
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    def close(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(LIMIT_SECONDS)


def test_a_stranger_on_a_stale_port_is_told_no_secret(home: Path) -> None:
    """Whoever listens there now must first prove that it knows the token; it cannot, and never hears it."""
    stranger = _Stranger()
    token = "planted-" + "5" * 24
    values = {"url": stranger.url, "account_sid": f"AC{'1' * 32}", "auth_token": token, "pid": os.getpid()}
    process.write_registration(registration(home), values)
    try:
        assert find(home) is None
        assert stop(home) is False
    finally:
        stranger.close()
    heard = b"".join(stranger.heard)
    assert b"/_sandbox/identity" in heard
    assert b"uthorization" not in heard
    assert token.encode() not in heard
    assert base64.b64encode(f"AC{'1' * 32}:{token}".encode()) not in heard


def test_a_proof_holds_for_one_token_and_one_number() -> None:
    """It changes with both, and has neither in it."""
    proofs = {process.proof(token, nonce) for token in ("one", "two") for nonce in ("a" * 32, "b" * 32)}
    assert len(proofs) == 4
    assert all(len(each) == 64 for each in proofs)


def test_a_sandbox_that_was_begun_can_be_abandoned(home: Path) -> None:
    """Before it listens or after; no process stays, and the next one may begin at once."""
    starting = Starting(home)
    starting.abandon()
    again = Starting(home)
    address = again.wait()
    again.abandon()
    again.abandon()

    assert not psutil.pid_exists(address.pid)
    assert process.version(ensure(home)) == labkit.__version__


def test_a_state_can_be_looked_at_without_serving_it(home: Path) -> None:
    """A sound one has nothing to say; a damaged one is refused, and stays where it is."""
    workspaces(ensure(home)).create(friendly_name="Kept")
    stop(home)
    assert server.notices_of(state_file(home)) == []

    state_file(home).write_bytes(state_file(home).read_bytes()[:4096] + b"damage" * 4096)
    with pytest.raises(SandboxError, match=r"sandbox\.sqlite is damaged"):
        server.notices_of(state_file(home))
    assert state_file(home).exists()


def test_its_process_is_started_by_whoever_is_to_start_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where processes are copies of one that has read everything, another one makes it, of the same command."""
    started: list[list[str]] = []

    def start(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        started.append(command)
        return subprocess.Popen(command, **options)

    monkeypatch.setattr(process, "start_process", start)
    process.ensure(home)

    assert [command[1:4] for command in started] == [["-m", "labkit", "sandbox"]]
