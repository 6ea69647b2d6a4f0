"""A place in the file that knows its own path and line, so that every complaint names them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from labkit.errors import WorkspaceFileError
from labkit.workspace_file.yaml_text import child_path

_KINDS = {dict: "a mapping", list: "a list", str: "a text", bool: "true or false", int: "a number", float: "a number"}


@dataclass(frozen=True, slots=True)
class DocumentNode:
    """One value in the file.

    Attributes:
        value: of a plain JSON kind.
        path: where it stands, such as `workers[2].activity`.
        lines: the line of every path.
    """

    value: Any
    path: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)

    def refuse(self, problem: str) -> NoReturn:
        """Say what is wrong here.

        Raises:
            WorkspaceFileError: always.
        """
        refuse(problem, path=self.path, lines=self.lines)

    def child(self, key: str | int) -> DocumentNode:
        """What stands here under `key`; a missing one is null, and stands where this does."""
        missing = isinstance(self.value, dict) and key not in self.value
        return DocumentNode(None if missing else self.value[key], child_path(self.path, key), self.lines)

    def children(self) -> Iterator[DocumentNode]:
        """The entries of the list that this must be."""
        if not isinstance(self.value, list):
            self._refuse_kind("a list")
        return (self.child(number) for number in range(len(self.value)))

    def mapping(self) -> dict[str, Any]:
        """The mapping that this must be."""
        if not isinstance(self.value, dict):
            self._refuse_kind("a mapping")
        return self.value

    def text(self) -> str:
        """The text that this must be."""
        if not isinstance(self.value, str):
            self._refuse_kind("a text")
        if "\x00" in self.value:
            self.refuse("a NUL character is not allowed")
        return self.value

    def flag(self) -> bool:
        """True or false, written so."""
        if not isinstance(self.value, bool):
            self._refuse_kind("true or false")
        return self.value

    def whole_number(self, least: int, most: int) -> int:
        """A whole number from `least` to `most`."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.refuse(f"a whole number from {least} to {most} is needed, and this is {_shown(value)}")
        return value

    def checked(self, checks: Mapping[str, Callable[[DocumentNode], Any]]) -> dict[str, Any]:
        """The mapping that this must be, each value checked; other keys are refused."""
        values = self.mapping()
        for key in values:
            if key not in checks:
                self.child(key).refuse(f"there is no such key here; known are: {', '.join(checks)}")
        return {key: checks[key](self.child(key)) for key in values}

    def _refuse_kind(self, needed: str) -> NoReturn:
        kind = _KINDS.get(type(self.value), "nothing")
        shown = "" if isinstance(self.value, (dict, list)) or self.value is None else f": {_shown(self.value)}"
        self.refuse(f"{needed} is needed here, and this is {kind}{shown}")


def refuse(problem: str, *, path: str, lines: Mapping[str, int]) -> NoReturn:
    """Say what is wrong at a path.

    Raises:
        WorkspaceFileError: always; with the line of the path, or of the nearest thing around it that has one.
    """
    line, around = None, path
    while line is None and around:
        line = lines.get(around)
        around = around[: max(around.rfind("."), around.rfind("["), 0)]
    line = line or lines.get("")
    where = f"line {line}: " if line else ""
    raise WorkspaceFileError(f"{where}{f'{path}: ' if path else ''}{problem}.", path=path, line=line)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
