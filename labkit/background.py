"""Work in threads: what a click starts, and what is looked at again and again.

What a click starts is a job on a thread pool, and what goes wrong there comes back as an answer.

An exception in a pool's future, or in a widget's message handler, is seen by nobody. Here it becomes an
`JobOutcome`, so that the row that was clicked can say what happened.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any

from labkit.errors import LabError

log = logging.getLogger(__name__)

STOPPED = "The lab is stopped; run the first cell again."


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """How a job ended: `text` is a sentence for the person who clicked, `data` is what the panel's script needs."""

    ok: bool
    text: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


Work = Callable[[], "JobOutcome | str | None"]


def run(work: Work) -> JobOutcome:
    """Do it here and now. Never raises: an exception becomes an outcome that is not ok."""
    try:
        result = work()
    except LabError as error:
        return JobOutcome(ok=False, text=str(error))
    except Exception as error:
        log.exception("a panel's job failed")
        return JobOutcome(ok=False, text=f"Something unforeseen happened: {type(error).__name__}: {error}")
    return result if isinstance(result, JobOutcome) else JobOutcome(ok=True, text=result or "")


class Jobs:
    """Runs jobs on `pool`, which stays the caller's to shut down."""

    def __init__(self, pool: Executor) -> None:
        self._pool = pool

    def submit(self, work: Work, *, then: Callable[[JobOutcome], None] | None = None) -> None:
        """Run `work` on the pool and hand its outcome to `then`, on the same thread.

        When the pool is shut down, `then` is told so at once.
        """
        tell = then or _ignore
        try:
            self._pool.submit(_run_and_tell, work, tell)
        except RuntimeError:
            tell(JobOutcome(ok=False, text=STOPPED))


def _run_and_tell(work: Work, tell: Callable[[JobOutcome], None]) -> None:
    outcome = run(work)
    try:
        tell(outcome)
    except Exception:
        log.exception("a job's outcome could not be told")


def _ignore(outcome: JobOutcome) -> None:
    if not outcome.ok:
        log.info("a background job failed: %s", outcome.text)


class Periodic:
    """Does something again and again, in a thread of its own, until it is stopped.

    Args:
        work: what is done. It must not raise.
        name: the thread's.
        every: gives the seconds to wait before the next time, asked anew each time.
    """

    def __init__(self, work: Callable[[], object], *, name: str, every: Callable[[], float]) -> None:
        self._work, self._every = work, every
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin, with a wait."""
        self._thread.start()

    def stop(self) -> None:
        """Do it no more; waits ten seconds at most while it is being done. May be called twice, and before `start`."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(10)

    def _run(self) -> None:
        while not self._stopping.wait(self._every()):
            self._work()
