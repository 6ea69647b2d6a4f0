"""How far a learner is, as a file: for each account which lessons were begun, and which steps ticked, and when.

    {"version": 1, "accounts": {"AC…": {"lessons": {"07_routing": {
        "begun": "2026-11-28T09:12:04+00:00",
        "ticked": {"The Task reached Bob": "2026-11-28T09:20:31+00:00"},
        "missed": {"The Task reached Bob": 1}}}}}}

Whoever notes something reads the file, adds to it and puts it in the place of the old one, alone: several kernels lose
nothing of each other's. What was ticked stays ticked. A file that cannot be read is set aside, never overwritten, and
what this version does not know stays in it.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from filelock import FileLock

VERSION = 1
_PATIENCE_SECONDS = 10.0


class ProgressFile:
    """One file, which is made when something is first noted. May be used from any thread.

    Every method may raise OSError (`filelock.Timeout` is one): the file cannot be read or written.

    Args:
        path: of the file; None keeps it in memory.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._in_memory = "{}"
        self._lock = threading.Lock()  # of what is in memory; the file has its own, for all who open it

    def lessons(self, account: str) -> dict[str, Any]:
        """What is known of each lesson, by its name: `begun`, `ticked` and `missed`, of which any may be missing."""
        return _lessons(self._read() or {}, account)

    def note(
        self, account: str, lesson: str, *, at: datetime, ticked: Iterable[str] = (), missed: Iterable[str] = ()
    ) -> dict[str, Any]:
        """Note that a lesson was begun, which of its steps are done, and which were told to be missing.

        Args:
            account: whose progress it is, `AC…`.
            lesson: its name.
            at: now; aware. What was noted before keeps its time.
            ticked, missed: titles of steps.

        Returns:
            What `lessons` says now.
        """
        with self._alone():
            document = self._read()
            if document is None:
                if self._path is not None:
                    set_aside(self._path)
                document = {}
            known = _lesson(document, account, lesson)
            known.setdefault("begun", at.isoformat())
            for title in ticked:
                known["ticked"].setdefault(title, at.isoformat())
            for title in missed:
                known["missed"][title] = _number(known["missed"].get(title)) + 1
            self._write({"version": VERSION, **document})
        return _lessons(document, account)

    def _alone(self) -> AbstractContextManager[object]:
        if self._path is None:
            return self._lock
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return FileLock(f"{self._path}.lock", timeout=_PATIENCE_SECONDS)

    def _read(self) -> dict[str, Any] | None:
        """What is in the file; None where that is no progress."""
        try:
            found = json.loads(self._in_memory if self._path is None else self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) and _is_sound(found) else None

    def _write(self, document: dict[str, Any]) -> None:
        text = json.dumps(document, ensure_ascii=False, indent=1)
        if self._path is None:
            self._in_memory = text
            return
        draft = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        draft.write_bytes(text.encode("utf-8", "surrogatepass"))  # as json reads bytes
        draft.replace(self._path)


def set_aside(path: Path) -> Path:
    """Rename a file that cannot be read, so that another one can take its place; where it is now.

    Args:
        path: such as `progress.json`, which becomes `progress-broken-1.json`, or the first number that is free.

    Raises:
        OSError: it cannot be renamed.
    """
    places = (path.with_name(f"{path.stem}-broken-{number}{path.suffix}") for number in count(1))
    return path.replace(next(place for place in places if not place.exists()))


def _is_sound(document: Mapping[str, Any]) -> bool:
    """Whether what this version looks at is of the form that it has."""
    accounts = document.get("accounts", {})
    if not isinstance(accounts, dict):
        return False
    lessons = [each.get("lessons", {}) if isinstance(each, dict) else None for each in accounts.values()]
    if not all(isinstance(each, dict) for each in lessons):
        return False
    known = [lesson for each in lessons if each for lesson in each.values()]
    return all(isinstance(each, dict) and _has_mappings(each) for each in known)


def _has_mappings(lesson: Mapping[str, Any]) -> bool:
    return all(isinstance(lesson.get(name, {}), dict) for name in ("ticked", "missed"))


def _lessons(document: Mapping[str, Any], account: str) -> dict[str, Any]:
    found: dict[str, Any] = document.get("accounts", {}).get(account, {}).get("lessons", {})
    return found


def _lesson(document: dict[str, Any], account: str, lesson: str) -> dict[str, Any]:
    """What is kept of a lesson, to be added to."""
    of_account = document.setdefault("accounts", {}).setdefault(account, {})
    known: dict[str, Any] = of_account.setdefault("lessons", {}).setdefault(lesson, {})
    for name in ("ticked", "missed"):
        known.setdefault(name, {})
    return known


def _number(value: object) -> int:
    return value if type(value) is int else 0
