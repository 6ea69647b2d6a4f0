"""One ngrok agent: a process of ours, started through pyngrok under our own deadline, and ended without a trace.

Why so much care around one call:
- pyngrok looks at its time limit only between two lines of the agent's log, so a silent agent would hold it for ever.
- it would put the authtoken on the command line, for every user of the computer to read; here a private file has it.
- it lets ngrok write into the notebook's cell, where ngrok repeats an authtoken that it refused.
"""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.request import ProxyHandler, build_opener

from labkit.child_environment import PROXIES, environment_for
from labkit.errors import TunnelError
from labkit.settings import Secret
from labkit.tunnel import ngrok_cleanup, ngrok_errors
from labkit.tunnel.ngrok_program import program_path
from labkit.tunnel.ngrok_session import NgrokSession

_END_SECONDS = 2.0  # for an agent to say goodbye to its service; else the next one is told that it is already online
_LOOK_SECONDS = 0.05
ASK_EVERY_SECONDS = 5.0
"""How often a running agent is asked for its address, when its log says nothing of a reconnection."""
ANSWER_SECONDS = 2.0
_ANSWER_BYTES = 1_000_000
UNREACHABLE_SECONDS = 3.0
"""For how long an agent that starts may fail to reach its service before it is given up."""

# It logs what the agent says, a refused authtoken included, and that would be printed into whatever cell ran last.
logging.getLogger("pyngrok").setLevel(logging.CRITICAL + 1)

ENVIRONMENT = (PROXIES,)
"""What an agent is given of the environment, besides what every process needs."""

_starting = threading.Lock()
_WITHOUT_PROXY = build_opener(ProxyHandler({}))


class NgrokAgent:
    """An agent that leads `url` to a port of 127.0.0.1.

    Args:
        authtoken: ngrok's authtoken.
        port: 1 to 65535.
        path: the ngrok program, or None for pyngrok's own, which is downloaded when it is not there.
        domain: a domain reserved at ngrok, or None.
        deadline_seconds: after this long without a tunnel it is given up.

    Raises:
        TunnelError: there is no tunnel, and no process is left.
    """

    def __init__(
        self, authtoken: Secret, *, port: int, path: Path | None, domain: str | None, deadline_seconds: float
    ) -> None:
        program = _program(path)
        self.url = ""
        self.session = NgrokSession(secret=authtoken.reveal())
        self._secret = authtoken
        self._deadline = deadline_seconds
        self._folder = Path(tempfile.mkdtemp(prefix=ngrok_cleanup.PREFIX))
        ngrok_cleanup.claim(self._folder)
        self._config = _config(_write_config(self._folder, authtoken), program, deadline_seconds)
        self._config.log_event_callback = self.session.hear
        self._abandoned = threading.Event()
        self._installed = False
        self._error: TunnelError | None = None
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._done = threading.Event()
        options: dict[str, Any] = {"url": f"https://{domain}"} if domain else {}
        self._name, self._api_url = f"labkit-{port}", ""
        self._times_had, self._ask_at = 0, 0.0
        self._worker = threading.Thread(target=self._work, args=(port, options), name="labkit-ngrok", daemon=True)
        try:
            self._open()
        except BaseException:  # an interrupt above all
            self.end()
            raise

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self._process is not None and self._process.poll() is None

    def look(self) -> None:
        """Learn its address, which may be another one after a reconnection. At most every few seconds it asks."""
        times_had, now = self.session.times_had, time.monotonic()
        if times_had == self._times_had and now < self._ask_at:
            return
        self._times_had, self._ask_at = times_had, now + ASK_EVERY_SECONDS
        with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):  # whatever it answers
            self._take_address()

    def _take_address(self) -> None:
        with _WITHOUT_PROXY.open(f"{self._api_url}/api/endpoints", timeout=ANSWER_SECONDS) as answer:
            known = json.loads(answer.read(_ANSWER_BYTES))["endpoints"]
        urls = [str(each.get("url") or "").rstrip("/") for each in known if each.get("name") == self._name]
        if urls and urls[0].startswith(("https://", "http://")):
            self.url = urls[0]

    def end(self) -> None:
        """End the process and remove its file, within a few seconds. May be called twice."""
        self._abandoned.set()
        self._kill()
        # The worker may be about to start the process, or be reading from it; the process's end frees it.
        for _ in range(20):
            if not self._worker.is_alive():
                break
            self._worker.join(0.1)
            self._kill()
        self._tidy()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _open(self) -> None:
        self._worker.start()
        until = time.monotonic() + self._deadline
        while not self._done.wait(_LOOK_SECONDS):
            if self.session.lost_seconds > UNREACHABLE_SECONDS:
                raise ngrok_errors.unreachable(self.session.reason, secret=self._secret.reveal())
            if time.monotonic() >= until:
                raise self._too_late()
        if self._error is not None:
            raise self._error

    def _work(self, port: int, options: dict[str, Any]) -> None:
        from pyngrok import installer, ngrok

        try:
            installer._print_progress_enabled = False  # noqa: SLF001 - there is no public way to keep it from the cell
            ngrok.install_ngrok(self._config)
            self._installed = True
            with _pyngrok_with(self._start):
                # By number: the server listens on 127.0.0.1 only, and `localhost` may mean ::1.
                upstream = f"http://127.0.0.1:{port}"
                opened = ngrok.connect(upstream, name=self._name, pyngrok_config=self._config, **options)
                self.url = str(opened.public_url).rstrip("/")
                running = ngrok.get_ngrok_process(self._config)
                self._reader = running._monitor_thread  # noqa: SLF001 - to wait for its end
                self._api_url = str(running.api_url)
        except Exception as error:  # noqa: BLE001 - whatever it is, open() raises it as a TunnelError
            self._error = self._refusal(error)
        finally:
            self._done.set()

    def _start(self, *arguments: Any, **options: Any) -> subprocess.Popen[str]:
        """What pyngrok starts the agent with, so that the process is known before its first word."""
        if self._abandoned.is_set():
            raise InterruptedError("given up before it was started")
        own = {"stderr": subprocess.DEVNULL, "env": environment_for(ENVIRONMENT)}  # its authtoken is in its file
        self._process = subprocess.Popen(*arguments, **{**options, **own})  # noqa: S603 - pyngrok's own command
        ngrok_cleanup.claim(self._folder, pid=self._process.pid)
        return self._process

    def _refusal(self, error: Exception) -> TunnelError:
        from pyngrok.exception import PyngrokNgrokInstallError

        if isinstance(error, PyngrokNgrokInstallError) or not self._installed:
            return ngrok_errors.not_downloaded(_reason(error))
        logs = getattr(error, "ngrok_logs", ())
        words = " ".join([str(error), str(getattr(error, "body", "")), *(str(line.line) for line in logs)])
        return ngrok_errors.refused(words, secret=self._secret.reveal())

    def _too_late(self) -> TunnelError:
        if self._installed:
            return ngrok_errors.silent(self._deadline)
        return ngrok_errors.not_downloaded(f"it took more than {self._deadline:g} s")

    def _kill(self) -> None:
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_END_SECONDS)

    def _tidy(self) -> None:
        """Wait for pyngrok to notice that the process has ended, and close what it keeps open."""
        from pyngrok import process

        if self._reader is not None:
            self._reader.join(1.0)
        if self._process is not None and self._process.stdout is not None and not self._worker.is_alive():
            self._process.stdout.close()
            process.is_process_running(self._config.ngrok_path)  # drops what has ended


def _program(path: Path | None) -> str:
    """Where the ngrok program is, or where pyngrok is to put it."""
    from pyngrok import process

    program = program_path(path)
    if program is None:
        raise ngrok_errors.missing_program(path)
    # pyngrok has one agent for each program; a tunnel in somebody else's could not be closed for certain.
    if process.is_process_running(str(program)):
        raise ngrok_errors.already_here()
    return str(program)


def _write_config(folder: Path, authtoken: Secret) -> Path:
    """ngrok's configuration, in a folder that only this user can enter."""
    path = folder / "ngrok.yml"
    path.touch(mode=0o600)
    # A JSON string is a YAML string.
    path.write_text(f"version: 3\nagent:\n  authtoken: {json.dumps(authtoken.reveal())}\n", encoding="utf-8")
    return path


def _config(config_path: Path, program: str, deadline_seconds: float) -> Any:
    from pyngrok.conf import PyngrokConfig

    config = PyngrokConfig(
        ngrok_path=program,
        config_path=str(config_path),
        config_version="3",
        startup_timeout=max(1, round(deadline_seconds)),
        request_timeout=deadline_seconds,
        start_new_session=True,  # interrupting a cell must not end the tunnel
    )
    config.auth_token = None  # it takes NGROK_AUTHTOKEN by itself, and would put it on the command line
    return config


@contextmanager
def _pyngrok_with(start: Callable[..., Any]) -> Iterator[None]:
    """Let pyngrok start processes through `start`, and ask its agent without a proxy: it has no setting for either.

    A company's proxy for all of HTTP cannot reach 127.0.0.1, which is where the agent is asked.
    """
    from pyngrok import ngrok, process

    here: tuple[tuple[Any, str, Any], ...] = (
        (process, "subprocess", SimpleNamespace(**{**vars(subprocess), "Popen": start})),
        (process, "urlopen", _WITHOUT_PROXY.open),
        (ngrok, "urlopen", _WITHOUT_PROXY.open),
    )
    with _starting:
        originals = [(module, name, getattr(module, name)) for module, name, _ in here]
        for module, name, ours in here:
            setattr(module, name, ours)
        try:
            yield
        finally:
            for module, name, original in originals:
                setattr(module, name, original)


def _reason(error: Exception) -> str:
    return str(error)[:300].rstrip(".") or type(error).__name__
