"""A process of the workshop's that outlives the command that started it: begun, found again, ended, and no other's."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import psutil

from workshop.settings import WorkshopError

START_SECONDS = 60.0
"""How long a process may take until it is up."""
END_SECONDS = 10.0
"""How long a process may take to end before it is killed."""
MOST_LOG_BYTES = 4 << 20
"""A log that is longer at a start is set aside: a hub writes a line for each request, and a folder lives for months."""
_LAST_LINES = 5
_LAST_BYTES = 4096
_LOOK_SECONDS = 0.02
_UP_LOOK_SECONDS = 0.1


class Daemon:
    """One process, of which the workshop keeps the number and the log.

    A number may have gone on to somebody else since, after the machine was restarted for example. So a process counts
    only if its command names the file with its number, which lies in this workshop's folder.
    """

    def __init__(self, folder: Path, name: str) -> None:
        """Nothing is started yet.

        Args:
            folder: for the file with the number and the log.
            name: what it is, for both files and for sentences.
        """
        self.name = name
        self.pid_file = folder / f"{name}.pid"
        self.log = folder / f"{name}.log"
        self._log_begins = 0
        self._child: subprocess.Popen[bytes] | None = None

    def find(self) -> psutil.Process | None:
        """The process, if it runs."""
        try:
            process = psutil.Process(int(self.pid_file.read_text(encoding="utf-8")))
            return process if self._is_ours(process) else None
        except (OSError, ValueError, psutil.Error):
            return None

    def start(self, command: Sequence[str], *, environ: Mapping[str, str]) -> None:
        """Begin it, in a session of its own: neither Ctrl-C nor the end of the terminal ends it.

        Args:
            command: the program and its arguments, one of which is the name of `pid_file`.
            environ: all that it gets of an environment.

        Raises:
            WorkshopError: the program cannot be started.
        """
        try:
            self._set_long_log_aside()
            with self.log.open("ab") as log:
                self._log_begins = log.tell()
                self._child = subprocess.Popen(  # noqa: S603  # the workshop's own command
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=self.pid_file.parent,
                    env=environ,
                    start_new_session=True,
                )
            self.pid_file.write_text(str(self._child.pid), encoding="utf-8")
        except OSError as error:
            raise WorkshopError(f"The {self.name} cannot be started: {error}.") from None

    def wait_until(self, is_up: Callable[[], bool]) -> None:
        """Until it is up.

        Args:
            is_up: whether it is; asked again and again.

        Raises:
            WorkshopError: it has ended, or the time is over; with the end of its log.
        """
        deadline = time.monotonic() + START_SECONDS
        while not is_up():
            if self.has_ended(within_seconds=_UP_LOOK_SECONDS):
                said = "did not start"
            elif time.monotonic() > deadline:
                said = f"does not answer after {START_SECONDS:.0f} s"
            else:
                continue
            raise WorkshopError(f"The {self.name} {said}. The end of {self.log}:\n{self.last_words()}")

    def has_ended(self, *, within_seconds: float) -> bool:
        """Whether it has ended; waits that long for it to do so."""
        if self._child is None:
            return self.find() is None
        try:
            self._child.wait(within_seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def end(self) -> bool:
        """End it: asked first, then killed. False if it did not run."""
        process = self.find()
        if process is not None:
            end_processes([process])
        if self._child is not None:
            self._child.wait(END_SECONDS)
        self.pid_file.unlink(missing_ok=True)
        return process is not None

    def last_words(self) -> str:
        """The end of its log, for a sentence about why it did not start: nothing of what was said before the start."""
        try:
            with self.log.open("rb") as log:
                end = log.seek(0, os.SEEK_END)
                log.seek(max(self._log_begins, end - _LAST_BYTES))
                said = log.read()
        except OSError:
            return ""
        return "\n".join(said.decode("utf-8", errors="replace").splitlines()[-_LAST_LINES:])

    def _set_long_log_aside(self) -> None:
        """Nobody writes into it now; the one that was set aside before goes."""
        if self.log.exists() and self.log.stat().st_size > MOST_LOG_BYTES:
            self.log.replace(self.log.with_name(f"{self.log.name}.1"))

    def _is_ours(self, process: psutil.Process) -> bool:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        if self._child is not None and self._child.pid == process.pid:
            return True  # in its first moment a process has no command yet
        return os.fspath(self.pid_file) in process.cmdline()


def python_path() -> str:
    """`PYTHONPATH` for a process in another folder: this code, and then where Python is told to look here."""
    code = Path(__file__).parents[1]
    return os.pathsep.join(filter(None, [str(code), os.environ.get("PYTHONPATH", "")]))


def end_processes(processes: Iterable[psutil.Process]) -> None:
    """Ask each to end, all at once, and kill those that are still there after `END_SECONDS`."""
    asked = list(processes)
    for process in asked:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    deaf = running_after(asked, seconds=END_SECONDS)
    for process in deaf:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    running_after(deaf, seconds=END_SECONDS)


def running_after(processes: Iterable[psutil.Process], *, seconds: float) -> list[psutil.Process]:
    """Those that still run then, or none as soon as none does.

    Not psutil.wait_procs(): where nobody takes zombies away, as in many a container, it waits for them to the end.
    """
    asked, deadline = list(processes), time.monotonic() + seconds
    while (running := [process for process in asked if is_running(process)]) and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
    return running


def is_running(process: psutil.Process) -> bool:
    """Whether it still holds its ports and files.

    One of whom only the zombie is left does not: in many a container nobody takes it away for seconds, or ever. But a
    process is a zombie as soon as its first thread has ended, and holds everything until its last one has.
    """
    try:
        return bool(process.is_running() and (process.status() != psutil.STATUS_ZOMBIE or process.num_threads() > 1))
    except psutil.NoSuchProcess:
        return False
