"""`python -m workshop rehearsal`: rehearse in a terminal, with a line that says how far all are."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

from labkit.cli import Commands
from workshop.number_argument import above_zero
from workshop.rehearsal.participant import VisitStage

_QUIET_SECONDS = 10.0
"""Where nobody sits at a terminal, a line so often is enough."""
_IN_A_WORD = {
    VisitStage.LOGGED_IN: "logged in",
    VisitStage.SERVER: "servers",
    VisitStage.FIRST_PANEL: "first panels",
    VisitStage.FINISHED: "through",
}


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the command."""
    rehearsal = commands.add_parser(
        "rehearsal", help="have pretended participants play the first notebook, and say whether this machine will do"
    )
    rehearsal.add_argument("--participants", type=int, default=30, metavar="N", help="how many will come (30)")
    rehearsal.add_argument("--play", type=int, metavar="N", help="how many are pretended; the rest is reckoned")
    rehearsal.add_argument("--memory", type=above_zero, metavar="GIB", help="judge a machine with so much memory free")
    rehearsal.add_argument("--cores", type=above_zero, metavar="N", help="judge a machine with so many cores")
    rehearsal.add_argument(
        "--folder", type=Path, metavar="FOLDER", help="on the disk of the workshop to come (where temporary files are)"
    )
    rehearsal.add_argument("--without-walls", action="store_true", help="do not keep participants apart")
    rehearsal.add_argument("--cold", action="store_true", help="start each server by itself, not as a copy of one")
    rehearsal.set_defaults(run=_rehearsal)


def _rehearsal(options: argparse.Namespace) -> int:
    from workshop import walls
    from workshop.opening import refuse_root
    from workshop.rehearsal.rehearsal import judged_machine, rehearsal_plan, rehearse
    from workshop.settings import WorkshopError

    within = options.folder or Path(tempfile.gettempdir())
    trouble = "" if options.without_walls else walls.trouble()
    if trouble:
        raise WorkshopError(trouble)
    plan = rehearsal_plan(
        options.participants,
        machine=judged_machine(within, memory_gib=options.memory, cores=options.cores),
        walls=not options.without_walls,
        warm=not options.cold,
        within=within,
        played=options.play,
    )
    refuse_root()
    print(f"A workshop opens for {plan.played} pretended participants; all of it is gone at the end.", flush=True)
    report = rehearse(plan, tell=RehearsalProgress(plan.played, sys.stderr).tell)
    print(report)
    return 0 if report.verdict.will_do else 1


class RehearsalProgress:
    """One line that changes, on a terminal; elsewhere a new one every ten seconds.

    Args:
        people: how many there are.
        stream: where it is written.
        clock: gives seconds.
    """

    def __init__(self, people: int, stream: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._people = people
        self._stream = stream
        self._clock = clock
        self._began = self._told = clock()

    def tell(self, counts: Mapping[VisitStage, int]) -> None:
        """Show how many have reached what."""
        now, over = self._clock(), counts[VisitStage.FINISHED] == self._people
        line = f"  {self._words(counts)} of {self._people} after {now - self._began:.0f} s"
        if self._stream.isatty():
            print(f"\r\033[K{line}", end="\n" if over else "", file=self._stream, flush=True)
        elif over or now - self._told >= _QUIET_SECONDS:
            self._told = now
            print(line, file=self._stream, flush=True)

    def _words(self, counts: Mapping[VisitStage, int]) -> str:
        return ", ".join(f"{counts[stage]} {word}" for stage, word in _IN_A_WORD.items())
