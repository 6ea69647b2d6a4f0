"""The sandbox: whether the one that runs answers, whether one can be started, and whether the state can be read.

What is tried is tried in a folder that goes again; of the user's own state a copy is read.
"""

from __future__ import annotations

import atexit
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labkit._version import __version__
from labkit.child_environment import PYTHON, environment_for
from labkit.doctor.finding import Finding, bad, ok, skipped, warn
from labkit.doctor.surroundings import Surroundings, python_command
from labkit.errors import SandboxError
from labkit.sandbox import process

CHECK_SECONDS = 60.0
MOST_COPIED = 512 * 2**20
"""Bytes of a state that is copied and read; a larger one takes too long."""
_LOCK_SECONDS = 2.0


def sandbox(where: Surroundings) -> Finding:
    """Whether the sandbox that runs answers; if none does, whether one can be started."""
    address = process.find(where.home) if where.home else None
    if address is None:
        return _started_for_a_trial()
    found = process.version(address)
    if found != __version__:
        return warn(
            f"The sandbox that runs (process {address.pid}) is of version {found}, and the lab of {__version__}.",
            f"End that process; `labkit.start()` starts the newer one, with the same state. {_ending(address.pid)}",
        )
    return ok(f"One runs at {address.url} (process {address.pid}) and answers.")


def _ending(pid: int) -> str:
    return f"On Windows: `taskkill /PID {pid}`." if sys.platform == "win32" else f"`kill {pid}`."


def _started_for_a_trial() -> Finding:
    began = time.monotonic()
    try:
        with _trial() as address:
            seconds = time.monotonic() - began
            process.notices(address)
    except SandboxError as error:
        return bad(str(error), f"Run `{python_command('-m labkit sandbox --in-memory')}`, which says more.")
    return ok(f"None runs; one that was started for a trial answered after {seconds:.1f} s.")


@contextmanager
def _trial() -> Iterator[process.Address]:
    """A sandbox in a folder of its own; both go, also when this program is interrupted meanwhile."""
    begun: list[process.Starting] = []
    beginning, ended = threading.Lock(), threading.Event()

    def end() -> None:
        ended.set()
        with beginning:  # a program that ends in the middle of the start waits for it, so that no process stays
            for starting in begun:
                starting.abandon()

    with tempfile.TemporaryDirectory(prefix="labkit-doctor-") as folder:
        atexit.register(end)
        try:
            with beginning:
                if ended.is_set():
                    raise SandboxError("Interrupted before a sandbox was started.")
                begun.append(process.Starting(Path(folder)))
            yield begun[0].wait()
        finally:
            end()
            atexit.unregister(end)


def state(where: Surroundings) -> Finding:
    """Whether what the sandbox has kept can be read."""
    if where.home is None:
        return skipped("Its place is not known; see packages and settings.")
    file = process.own_name(process.state_file(where.home))
    address = process.find(where.home)
    if address is not None:
        said = process.notices(address)
        return warn(" ".join(said), "The sandbox goes on; see its log beside the state.") if said else ok(f"{file}.")
    if not file.exists():
        return ok("There is none yet.")
    size = sum(part.stat().st_size for part in _parts(file))
    if size > MOST_COPIED:
        return skipped(f"{file} has {size // 2**20:,} MiB, which takes too long to read.")
    return _read_copy(file)


def _parts(file: Path) -> list[Path]:
    """The file, and its log where there is one."""
    return [each for each in (file, file.with_name(f"{file.name}-wal")) if each.exists()]


def _read_copy(file: Path) -> Finding:
    from filelock import FileLock, Timeout

    with tempfile.TemporaryDirectory(prefix="labkit-doctor-") as folder:
        try:
            with FileLock(f"{file}.lock", timeout=_LOCK_SECONDS):
                for part in _parts(file):
                    shutil.copyfile(part, Path(folder) / part.name)
        except Timeout:
            return bad(
                f"A sandbox has {file} and does not answer.", "End that process; `labkit.start()` starts another one."
            )
        except OSError as error:
            return bad(f"{file} cannot be read: {error.strerror}.", "Make it yours again, or move it away.")
        done = _checked(Path(folder) / file.name)
    said = " ".join(f"{done.stdout} {done.stderr}".split()).removeprefix("labkit: ").replace(folder, str(file.parent))
    if done.returncode != 0:
        return bad(said, _remedy(said))
    return warn(said, "The sandbox goes on with what is left.") if said else ok(f"{file} can be read.")


def _checked(copy: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "labkit", "sandbox", "--check", "--state", str(copy)],
        capture_output=True,
        text=True,
        timeout=CHECK_SECONDS - 10,
        env=environment_for([PYTHON]),
        stdin=subprocess.DEVNULL,
        check=False,
    )


def _remedy(said: str) -> str:
    if "damaged" in said:
        return (
            "`labkit.start()` sets it aside and begins anew with an empty one; "
            f"`{python_command('-m labkit snapshots')}` lists what can be restored."
        )
    return "Until then `LABKIT_HOME`, set to another folder, gives a sandbox of its own."
