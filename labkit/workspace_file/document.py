"""A Workspace as a document: what is in it, by name. Made from a file, or from a Workspace; written as a file.

A file may say as little as it likes: what it leaves out is left as it is. What `reading.py` makes says everything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from labkit.errors import WorkspaceFileError
from labkit.workspace_file.kinds import SHAPES, PartKind, check_name, key_of
from labkit.workspace_file.node import DocumentNode
from labkit.workspace_file.yaml_text import Inline, child_path, dump, parse

VERSION = 1
"""Of the form that a file has."""

_HEADER = """\
# A TaskRouter Workspace, by name and without SIDs: lab.export() writes it, lab.load() and lab.diff() read it.
# What is left out here is left as it is. Callback URLs are not here: they belong to a notebook.
"""


class PartKey(NamedTuple):
    """What a part is found by: its kind, and its name as `kinds.key_of` compares it."""

    kind: PartKind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing in a Workspace, or the Workspace's own settings.

    Attributes:
        kind: what it is.
        name: what it goes by; empty for the Workspace.
        fields: what is said of it, by the names in `kinds.SHAPES`; Activities and TaskQueues by name.
        path: where it stands in the file; empty when it comes from a Workspace.
    """

    kind: PartKind
    name: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    path: str = field(default="", compare=False)

    @property
    def key(self) -> PartKey:
        """What it is found by."""
        return PartKey(self.kind, key_of(self.kind, self.name))

    def __str__(self) -> str:
        return f"{self.kind} {self.name!r}" if self.name else "The Workspace"


@dataclass(frozen=True, slots=True)
class Document:
    """A whole Workspace, or as much of it as is said.

    Attributes:
        parts: everything, by kind in the order of `kinds.SHAPES`; no two have the same key.
        lines: the line of every path, when it comes from a file.
    """

    parts: Mapping[PartKey, Part]
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)

    def of(self, kind: PartKind) -> Iterator[Part]:
        """The parts of one kind."""
        return (part for part in self.parts.values() if part.kind is kind)

    @classmethod
    def from_text(cls, text: str) -> Document:
        """The document in a file.

        Raises:
            WorkspaceFileError: it is not YAML or not of this form, or two things have one name; the message names the
                line, the path and what is right there.
        """
        parsed = parse(text)
        root = DocumentNode(parsed.value, "", parsed.lines)
        _check_root(root)
        parts = [part for kind in SHAPES for part in _parts(root, kind)]
        return cls(_by_key(parts, root), parsed.lines)

    def to_text(self) -> str:
        """The document as a file, sorted by name, so that two Workspaces that are the same give the same text."""
        return _HEADER + "".join(dump({section: value}) for section, value in as_data(self.parts.values()).items())


def _check_root(root: DocumentNode) -> None:
    values = root.mapping()
    known = ["version", *(shape.section for shape in SHAPES.values())]
    for key in values:
        if key not in known:
            root.child(key).refuse(f"there is no such section; known are: {', '.join(known)}")
    version = root.child("version")
    if isinstance(version.value, bool) or version.value != VERSION:
        version.refuse(f"`version: {VERSION}` is needed, which is the only one that this lab reads")


def _parts(root: DocumentNode, kind: PartKind) -> Iterator[Part]:
    shape = SHAPES[kind]
    node = root.child(shape.section)
    if node.value is None:
        return
    if kind is PartKind.WORKSPACE:
        yield Part(kind=kind, fields=node.checked(shape.fields), path=node.path)
        return
    for entry in node.children():
        fields = entry.checked({shape.name: check_name, **shape.fields})
        if shape.name not in fields:
            entry.refuse(f"{shape.name} is missing: a {kind} goes by it")
        yield Part(kind=kind, name=fields.pop(shape.name), fields=fields, path=entry.path)


def _by_key(parts: list[Part], root: DocumentNode) -> dict[PartKey, Part]:
    found: dict[PartKey, Part] = {}
    for part in parts:
        before = found.setdefault(part.key, part)
        if before is not part:
            place = DocumentNode(None, child_path(part.path, SHAPES[part.kind].name), root.lines)
            place.refuse(f"{part} is here already, as {before.path}; a file goes by name, so give one another name")
    return found


def _written(part: Part) -> dict[str, Any]:
    """What stands in the file for a part; a reference to nothing is left out."""
    fields = {name: part.fields[name] for name in SHAPES[part.kind].fields if part.fields.get(name) is not None}
    if "channels" in fields:
        fields["channels"] = {name: Inline(values) for name, values in sorted(fields["channels"].items())}
    return {SHAPES[part.kind].name: part.name, **fields} if part.kind is not PartKind.WORKSPACE else fields


def as_data(parts: Collection[Part]) -> dict[str, Any]:
    """What a file says of these parts, as the values that stand in it, sorted by name; two of one name stand there."""
    sections: dict[str, Any] = {"version": VERSION}
    for kind, shape in SHAPES.items():
        of_kind = sorted((part for part in parts if part.kind is kind), key=lambda part: (*part.key, part.name))
        entries = [_written(part) for part in of_kind]
        sections[shape.section] = entries if kind is not PartKind.WORKSPACE else (entries or [{}])[0]
    return sections


def of_workspace(parts: list[Part]) -> Document:
    """The document of what was read from a Workspace.

    Raises:
        WorkspaceFileError: two things of a kind have one name, which TaskRouter allows for some.
    """
    found: dict[PartKey, Part] = {}
    for part in parts:
        if found.setdefault(part.key, part) is not part:
            raise WorkspaceFileError(
                f"The Workspace has two of the name {part}, and a file goes by name. Rename one, in the Workspace."
            )
    return Document(found)
