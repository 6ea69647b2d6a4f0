"""`python -m labkit doctor`: what is wrong with this installation, and what to do about it."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from labkit.cli import Commands

if TYPE_CHECKING:
    from labkit.doctor.examination import Examination
    from labkit.doctor.finding import Finding


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the command."""
    doctor = commands.add_parser(
        "doctor",
        help="look at Python, packages, Jupyter, ports, folders, the sandbox, ngrok and the account, and say what is "
        "wrong",
        description="Looks at everything that the lab stands on, and says what is wrong and what to do. It changes "
        "nothing. The exit status: 0 nothing is wrong, 1 something is, 2 not understood.",
    )
    doctor.add_argument("--json", action="store_true", help="print all findings as one JSON document")
    doctor.add_argument("--offline", action="store_true", help="ask nothing outside this computer")
    doctor.set_defaults(run=_doctor)


def _doctor(options: argparse.Namespace) -> int:
    _working_folder_last()
    _never_fail_to_print()
    from labkit.doctor.checks import CHECKS
    from labkit.doctor.examination import Examination
    from labkit.doctor.report import document
    from labkit.doctor.surroundings import look_around

    examination = Examination(CHECKS, where=look_around(offline=options.offline))
    if options.json:
        order = [check.name for check in CHECKS]
        findings = sorted(examination.findings(), key=lambda found: order.index(found.name))
        print(json.dumps(document(findings), ensure_ascii=False, indent=2))
    else:
        findings = _told(examination)
    return int(any(found.verdict == "bad" for found in findings))


def _working_folder_last() -> None:
    """Whatever lies in the working folder, such as a `queue.py`, takes the place of no module of Python's own.

    Python puts it first for `-m`, and labkit itself may be there.
    """
    with contextlib.suppress(FileNotFoundError):  # it was deleted, which the check of the settings says
        here = str(Path.cwd())
        if sys.path and sys.path[0] in ("", here):
            sys.path.append(sys.path.pop(0) or here)


def _never_fail_to_print() -> None:
    """A path may have letters that the terminal's encoding has not."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def _told(examination: Examination) -> list[Finding]:
    """Each finding printed as it is known; on a terminal also which are waited for."""
    from labkit.doctor.report import lines, summary

    width = shutil.get_terminal_size((80, 24)).columns
    encoding = sys.stdout.encoding or "ascii"
    waiting = _Waiting(examination, width=width)
    found = []
    for finding in examination.findings(on_wait=waiting.show):
        waiting.clear()
        for line in lines(finding, width=width, encoding=encoding):
            print(line, flush=True)
        found.append(finding)
    waiting.clear()
    print(f"\n{summary(found)}")
    return found


class _Waiting:
    """A line at the end of the terminal that says what is waited for, and goes again."""

    def __init__(self, examination: Examination, *, width: int) -> None:
        self._examination = examination
        self._width = width
        self._shown = False

    def show(self) -> None:
        if not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
            return
        text = f"  looking at: {', '.join(self._examination.waiting_for)} ..."
        print(f"\r\x1b[K{text[: self._width - 1]}", end="", flush=True)
        self._shown = True

    def clear(self) -> None:
        if self._shown:
            print("\r\x1b[K", end="", flush=True)
            self._shown = False
