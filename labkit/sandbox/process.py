"""Finding, starting and ending the user's sandbox process. Light to import: it runs in the notebook's kernel.

One sandbox per home folder. It writes its address into `sandbox.json` there, readable by its owner only, and goes on
when the kernel ends, so that a restart or a second notebook finds the same Workspace.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from labkit.arguments import expanded
from labkit.child_environment import PYTHON, environment_for
from labkit.errors import SandboxError

IDLE_SECONDS = 1800.0
START_SECONDS = 20.0
PROBE_SECONDS = 2.0
LOCK_SECONDS = 3.0
"""How long a sandbox that is ending may take to let go of its state."""
LEAST_ROOM = 1024 * 1024
"""Bytes; on a disk with fewer a sandbox has no state to begin with, and whoever has one can only be read."""
_MOST_BYTES = 1024 * 1024
APP = "taskrouter-lab-sandbox"
"""What a sandbox answers to whoever asks what it is, and what `find` looks for."""

start_process: Callable[..., subprocess.Popen[bytes]] = subprocess.Popen
"""Starts the sandbox's process; where processes are copies of one that has read everything, that is another one."""
_started: list[subprocess.Popen[bytes]] = []
"""Kept, because a Popen that is dropped while its process runs complains; they are reaped when the next one starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a sandbox is, and the credentials that it wants. The token is not shown."""

    url: str
    account_sid: str
    auth_token: str = field(repr=False)
    pid: int


def default_home() -> Path:
    """Where the sandbox keeps its state: $LABKIT_HOME, or the user's state folder on this system.

    Raises:
        SandboxError: the variable begins with a home folder that this computer does not know.
    """
    from platformdirs import user_state_path

    given = os.environ.get("LABKIT_HOME")
    named = expanded(given, name="LABKIT_HOME", error=SandboxError) if given else None
    return named or user_state_path("taskrouter-lab", appauthor=False)


def registration(home: Path) -> Path:
    """The file in which a running sandbox says where it is."""
    return home / "sandbox.json"


def state_file(home: Path) -> Path:
    """The file that keeps everything in the sandbox."""
    return home / "sandbox.sqlite"


def own_name(state: Path) -> Path:
    """The state file by its own name, whatever symbolic links lead to it: that is what a sandbox locks."""
    return Path(os.path.realpath(state))


def snapshots_folder(state: Path) -> Path:
    """Where the snapshots of the sandbox with this state file are."""
    return state.with_name(f"{state.stem}-snapshots")


def progress_file(state: Path) -> Path:
    """Where the sandbox with this state file keeps how far the learner is; no reset or restore touches it."""
    return state.with_name(f"{state.stem}-progress.json")


def find(home: Path) -> Address | None:
    """The sandbox that runs for this home, if there is one and it answers."""
    try:
        with registration(home).open("rb") as file:
            values = json.loads(file.read(_MOST_BYTES))
        texts = {name: str(values[name]) for name in ("url", "account_sid", "auth_token")}
        address = Address(**texts, pid=int(values["pid"]))
        return address if answers(address) else None
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):  # whoever wrote it
        return None


@contextlib.contextmanager
def exclusively(home: Path) -> Iterator[None]:
    """While this is entered, nobody else on this computer starts or furnishes the sandbox of this home.

    Raises:
        SandboxError: another one has not finished within the time that a start may take.
    """
    from filelock import FileLock, Timeout

    try:
        with FileLock(home / "starting.lock", timeout=START_SECONDS):
            yield
    except Timeout:
        raise SandboxError(f"Another notebook is starting the sandbox of {home}, and does not finish.") from None


class Starting:
    """A sandbox that was found, or is on its way up. Begin early, do something else, then `wait`."""

    def __init__(self, home: Path) -> None:
        """Find the sandbox of this home, or begin to start it. Two callers at once get the same one.

        Raises:
            SandboxError: the home folder cannot be used.
        """
        from filelock import FileLock

        self._home = home
        try:
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Not bound to a thread: whoever waits may be another one than who began.
            self._lock = FileLock(home / "starting.lock", timeout=START_SECONDS, thread_local=False)
            self._lock.acquire()
        except (OSError, TimeoutError) as error:
            raise SandboxError(
                f"The folder {home} cannot be used for the sandbox's state: {error}. Set LABKIT_HOME to another one."
            ) from None
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self.address = find(home)
            self.was_running = self.address is not None
            self._log_began = _size(_log_file(home))
            if not self.was_running:
                self._process = _launch(home)
        finally:
            if self._process is None:
                self._lock.release()

    def wait(self) -> Address:
        """The address, once the sandbox listens.

        Raises:
            SandboxError: it ended or stayed silent; the message has its last words.
        """
        if self.address is None and self._process is not None:
            try:
                self.address = self._started_or_found(self._process)
            finally:
                self._lock.release()
        if self.address is None:
            raise SandboxError(f"The sandbox did not start. Its log is {_log_file(self._home)}.")
        return self.address

    def _started_or_found(self, process: subprocess.Popen[bytes]) -> Address:
        """The new one's address; or that of another one which has the state, and had no room to say where it is."""
        try:
            address = _read_address(process, self._home, log_began=self._log_began)
        except SandboxError:
            if (found := find(self._home)) is None:
                raise
            address = found
        self.was_running = address.pid != process.pid
        return address

    def abandon(self) -> None:
        """End the sandbox that was started here, however far it is; one that was found goes on. May be called twice."""
        if self._process is not None and self._process in _started:
            self._process.kill()
            _reap(self._process.pid)
        self._lock.release()


def notices(address: Address) -> list[str]:
    """What this sandbox has to say about itself, such as that its state was damaged; in sentences, mostly none.

    Raises:
        SandboxError: it does not answer.
    """
    return [str(each) for each in _request(address, "GET", "/_sandbox/health").get("notices", [])]


def version(address: Address) -> str:
    """The version of the lab that this sandbox is of.

    Raises:
        SandboxError: it does not answer.
    """
    return str(_request(address, "GET", "/_sandbox/health").get("version", ""))


def forget(home: Path) -> None:
    """Delete the state of a sandbox that does not run. Snapshots, and what was set aside, stay.

    Raises:
        SandboxError: it runs, whether it answers or not; or the state cannot be deleted.
    """
    from filelock import FileLock, Timeout

    state = own_name(state_file(home))
    if not home.is_dir():
        return
    try:
        with FileLock(f"{state}.lock", timeout=LOCK_SECONDS):
            # The log first: beside a state that is gone, it would be taken for that of the next one.
            for ending in ("-wal", "-shm", ""):
                state.with_name(state.name + ending).unlink(missing_ok=True)
    except Timeout:
        raise SandboxError(f"A sandbox uses {state} and does not answer. End that process, then try again.") from None
    except OSError as error:
        raise SandboxError(f"The state file {state} cannot be deleted: {error}.") from None


def ensure(home: Path) -> Address:
    """The running sandbox of this home, started if need be."""
    return Starting(home).wait()


def stop(home: Path) -> bool:
    """Ask the sandbox of this home to end, and wait until it has. False if none ran.

    Raises:
        SandboxError: it does not end.
    """
    address = find(home)
    if address is None:
        return False
    _request(address, "POST", "/_sandbox/stop")
    deadline = time.monotonic() + START_SECONDS
    while registration(home).exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    if registration(home).exists():
        raise SandboxError(f"The sandbox (process {address.pid}) was asked to end and is still there.")
    _reap(address.pid)
    return True


def write_registration(path: Path, values: Mapping[str, Any]) -> None:
    """Write the address in one step, readable by the owner only."""
    fresh = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(values, file)
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def remove_registration(path: Path, *, pid: int) -> None:
    """Take the address away, unless another sandbox has written its own since."""
    try:
        if json.loads(path.read_text("utf-8")).get("pid") == pid:
            path.unlink()
    except (OSError, ValueError, AttributeError, RecursionError):
        return


def _log_file(home: Path) -> Path:
    return home / "sandbox.log"


def _launch(home: Path) -> subprocess.Popen[bytes]:
    _reap()
    command = [sys.executable, "-m", "labkit", "sandbox", "--json", "--port", "0"]
    command += ["--state", str(state_file(home)), "--register", str(registration(home))]
    command += ["--idle-seconds", str(IDLE_SECONDS), "--log", str(_log_file(home))]
    try:
        with _log_file(home).open("ab") as log:
            process = start_process(  # our own interpreter and module
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # an interrupted cell must not interrupt the sandbox
                env=environment_for([PYTHON, "LABKIT_HOME"]),
            )
    except OSError as error:
        raise SandboxError(f"The sandbox cannot be started: {error}. Its log would be {_log_file(home)}.") from None
    _started.append(process)
    return process


def _read_address(process: subprocess.Popen[bytes], home: Path, *, log_began: int) -> Address:
    """The first line that the sandbox prints, within the time limit; its log begins at that byte of the file."""
    lines: list[bytes] = []
    out = process.stdout
    if out is None:
        raise SandboxError("The sandbox was started without a way to say where it is.")
    reader = threading.Thread(target=lambda: lines.append(out.readline()), name="labkit-sandbox-start", daemon=True)
    reader.start()
    reader.join(START_SECONDS)
    if not lines or not lines[0].strip():
        ended = bool(lines)  # its end of the pipe is closed
        process.kill()
        reader.join(1)
        out.close()
        _reap(process.pid)
        said = _last_words(home, log_began, ended=ended)
        raise SandboxError(f"The sandbox did not start: {said}{_room(home)} Its log is {_log_file(home)}.")
    out.close()
    return Address(**{"pid": process.pid, **json.loads(lines[0])})


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:  # there is none yet
        return 0


def _last_words(home: Path, began: int, *, ended: bool) -> str:
    try:
        written = _log_file(home).read_bytes()
    except OSError:
        written = b""
    said = written[began:] if began <= len(written) else written  # it was rotated meanwhile
    lines = said.decode("utf-8", "replace").strip().splitlines()
    if not lines and ended:
        return "it ended at once, and could not say why."
    return lines[-1] if lines else f"it said nothing within {START_SECONDS:g} s."


def _room(home: Path) -> str:
    """What is to be done where the disk is the reason; begins with a space."""
    try:
        free = shutil.disk_usage(home).free
    except OSError:
        return ""
    return f" The disk of {home} is full: make room there, and run this again." if free < LEAST_ROOM else ""


def answers(address: Address) -> bool:
    """Whether it is a sandbox that is there, and the one that this token is of."""
    try:
        return _proves_itself(address) and _request(address, "GET", "/_sandbox/health").get("app") == APP
    except SandboxError:
        return False


def _proves_itself(address: Address) -> bool:
    """Whether it is our sandbox that listens there: the address may be stale, and a stranger must not get the token."""
    nonce = secrets.token_hex(16)
    path = f"/_sandbox/identity?AccountSid={quote(address.account_sid)}&Nonce={nonce}"
    given = _exchange(address.url, "GET", path).get("proof")
    return isinstance(given, str) and hmac.compare_digest(given.encode(), proof(address.auth_token, nonce).encode())


def proof(auth_token: str, nonce: str) -> str:
    """What only somebody who knows the auth token can answer to this nonce; it says nothing about the token."""
    return hmac.new(auth_token.encode(), f"labkit-sandbox-identity:{nonce}".encode(), hashlib.sha256).hexdigest()


def allow_callback_host(address: Address, host: str) -> None:
    """Let the sandbox call this host, such as the tunnel's.

    Raises:
        SandboxError: the sandbox does not answer.
    """
    from urllib.parse import urlencode

    _request(address, "POST", "/_sandbox/callback-hosts", urlencode({"Host": host}))


def _request(address: Address, method: str, path: str, form: str = "") -> dict[str, Any]:
    pair = f"{address.account_sid}:{address.auth_token}".encode()
    return _exchange(address.url, method, path, form, Authorization=f"Basic {base64.b64encode(pair).decode()}")


def _exchange(url: str, method: str, path: str, form: str = "", **headers: str) -> dict[str, Any]:
    if form:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection = _connection(url)
    try:
        connection.request(method, path, form or None, headers)
        response = connection.getresponse()
        body = response.read(_MOST_BYTES)  # whoever it is that answers
        if response.status != 200:
            raise SandboxError(f"The sandbox answered {response.status} to {method} {path}{_reason(body)}.")
        values = json.loads(body)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise SandboxError(f"The sandbox at {url} does not answer: {error}.") from None
    finally:
        connection.close()
    return values if isinstance(values, dict) else {}


def _reason(body: bytes) -> str:
    """What Twilio's form of an error says, after a colon; empty for anything else."""
    try:
        return f": {json.loads(body)['message'][:200]!s}".rstrip(".")
    except (ValueError, KeyError, TypeError):
        return ""


def _connection(url: str) -> http.client.HTTPConnection:
    try:
        parts = urlsplit(url)
        return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PROBE_SECONDS)
    except (ValueError, http.client.HTTPException) as error:
        raise SandboxError(f"{url!r} is no address of a sandbox: {error}.") from None


def _reap(ending: int | None = None) -> None:
    """Let go of the processes that have ended; of the one with the number `ending`, after waiting for its end."""
    for process in _started:
        if process.pid == ending:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(START_SECONDS)
    _started[:] = [process for process in _started if process.poll() is None]
