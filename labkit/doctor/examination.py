"""Runs the checks side by side, each with a time limit, and tells each finding as soon as it is known.

A check runs in a thread of its own, so that one which hangs keeps no other one waiting. What needs another check to be
right is not looked at where that is not so: one cause gives one finding.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from labkit.doctor.finding import Finding, bad, skipped, warn
from labkit.doctor.surroundings import Surroundings
from labkit.errors import LabError


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing to look at.

    Attributes:
        name: as a person reads it.
        look: looks, and says what it has found.
        needs: the names of the checks that come first; where one of them is bad, this one is not looked at.
        seconds: how long it may take.
    """

    name: str
    look: Callable[[Surroundings], Finding]
    needs: tuple[str, ...] = ()
    seconds: float = 10.0


class Examination:
    """One run of the checks.

    Args:
        checks: in the order in which they are begun; each needs only earlier ones.
        where: what they look at.
    """

    def __init__(self, checks: Sequence[Check], *, where: Surroundings) -> None:
        self._checks = checks
        self._where = where
        self._known: queue.Queue[Finding] = queue.Queue()
        self._left = list(checks)
        self._deadlines: dict[str, float] = {}
        self._done: set[str] = set()
        self._blocked: set[str] = set()
        """Those that are bad, or that were not looked at because of one which is."""

    @property
    def waiting_for(self) -> list[str]:
        """The names of the checks that run now."""
        return [check.name for check in self._checks if check.name in self._deadlines]

    def findings(self, *, on_wait: Callable[[], None] = lambda: None, wait_seconds: float = 0.5) -> Iterator[Finding]:
        """Each finding as soon as it is known; `on_wait` is called when none has come for so many seconds."""
        while self._left or self._deadlines:
            yield from self._begin()
            if not self._deadlines:
                continue
            try:
                found = self._known.get(timeout=wait_seconds)
            except queue.Empty:
                on_wait()
                yield from self._overdue()
                continue
            if self._deadlines.pop(found.name, None) is not None:  # else it was given up
                yield self._note(found)

    def _begin(self) -> Iterator[Finding]:
        for check in list(self._left):
            cause = next((name for name in check.needs if name in self._blocked), None)
            if cause is not None:
                self._left.remove(check)
                self._blocked.add(check.name)
                yield self._note(replace(skipped(f"Not looked at, because of: {cause}."), name=check.name))
            elif self._done.issuperset(check.needs):
                self._left.remove(check)
                self._deadlines[check.name] = time.monotonic() + check.seconds
                threading.Thread(target=self._run, args=(check,), name=f"doctor-{check.name}", daemon=True).start()

    def _run(self, check: Check) -> None:
        self._known.put(replace(_looked(check, self._where), name=check.name))

    def _overdue(self) -> Iterator[Finding]:
        now = time.monotonic()
        for check in self._checks:
            if self._deadlines.get(check.name, now) < now:
                del self._deadlines[check.name]
                said = f"It was looked at for {check.seconds:g} s, and there is no end of it."
                yield self._note(
                    replace(bad(said, "Run the doctor once more; if it stays so, say so."), name=check.name)
                )

    def _note(self, found: Finding) -> Finding:
        self._done.add(found.name)
        if found.verdict == "bad":
            self._blocked.add(found.name)
        return replace(found, said=self._where.hide(found.said), remedy=self._where.hide(found.remedy))


def _looked(check: Check, where: Surroundings) -> Finding:
    try:
        return check.look(where)
    except LabError as error:
        return bad(str(error), "")
    except Exception as error:  # noqa: BLE001 - whatever is broken here, the other checks go on
        said = str(error).strip().splitlines() or [""]
        return warn(
            f"It could not be looked at: {type(error).__name__}: {said[0][:200]}", "Look at the other findings."
        )
