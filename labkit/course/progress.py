"""How far a learner is: which lessons were begun, which steps ticked, and which a check found missing.

A sandbox keeps it for whoever uses it. For a real account, which has no place for that, it is kept in a file beside the
sandbox's, so that it survives a restart just as well.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from labkit.errors import LabError
from labkit.progress_file import ProgressFile
from labkit.sandbox_client.client import SandboxClient

OF_ACCOUNTS = "account-progress.json"
"""The file, in the lab's home, with how far the learner is in real accounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonProgress:
    """How far somebody is in one lesson.

    Attributes:
        begun: when its first cell ran first; None while it has not.
        ticked: by a step's title, when a check first found it done; it stays ticked.
        missed: by a step's title, how often a check has told what to do about it.
    """

    begun: datetime | None = None
    ticked: Mapping[str, datetime] = field(default_factory=dict)
    missed: Mapping[str, int] = field(default_factory=dict)


class Progress(ABC):
    """Where it is kept. Every method may raise LabError: it cannot be read or written."""

    @abstractmethod
    def read(self) -> Mapping[str, LessonProgress]:
        """How far the learner is in each lesson that was begun, by the lesson's name."""

    @abstractmethod
    def note(
        self, lesson: str, *, ticked: Iterable[str] = (), missed: Iterable[str] = ()
    ) -> Mapping[str, LessonProgress]:
        """Note that a lesson was begun, which of its steps are done, and which were told to be missing.

        Args:
            lesson: its name.
            ticked, missed: titles of steps.

        Returns:
            What `read` gives now.
        """


class SandboxProgress(Progress):
    """Kept by the sandbox.

    Args:
        asking: the line to it.
    """

    def __init__(self, asking: SandboxClient) -> None:
        self._asking = asking

    def read(self) -> Mapping[str, LessonProgress]:
        """One request."""
        return _read(self._asking.get("progress", what="tell how far you are"))

    def note(
        self, lesson: str, *, ticked: Iterable[str] = (), missed: Iterable[str] = ()
    ) -> Mapping[str, LessonProgress]:
        """One request."""
        form = {"Lesson": lesson, "Ticked": list(ticked), "Missed": list(missed)}
        return _read(self._asking.post("progress", form, what="note how far you are"))


class AccountProgress(Progress):
    """Kept in a file.

    Args:
        path: of the file, which holds the progress in other accounts too.
        account_sid: the account.
    """

    def __init__(self, path: Path, *, account_sid: str) -> None:
        self._path, self._account_sid = path, account_sid
        self._file = ProgressFile(path)

    def read(self) -> Mapping[str, LessonProgress]:
        """Asks nobody."""
        try:
            return _read({"lessons": self._file.lessons(self._account_sid)})
        except OSError as error:
            raise LabError(f"Your progress in {self._path} cannot be read ({error}).") from error

    def note(
        self, lesson: str, *, ticked: Iterable[str] = (), missed: Iterable[str] = ()
    ) -> Mapping[str, LessonProgress]:
        """Asks nobody."""
        now = datetime.now(UTC)
        try:
            noted = self._file.note(self._account_sid, lesson, at=now, ticked=ticked, missed=missed)
        except OSError as error:
            raise LabError(f"Your progress cannot be kept in {self._path} ({error}).") from error
        return _read({"lessons": noted})


def _read(document: Mapping[str, Any]) -> Mapping[str, LessonProgress]:
    return {name: _lesson(values) for name, values in document["lessons"].items()}


def _lesson(values: Mapping[str, Any]) -> LessonProgress:
    """What can be made of it; a later version may have written something else."""
    ticked = {title: at for title, text in values.get("ticked", {}).items() if (at := _moment(text))}
    missed = {title: times for title, times in values.get("missed", {}).items() if type(times) is int}
    return LessonProgress(begun=_moment(values.get("begun")), ticked=ticked, missed=missed)


def _moment(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
