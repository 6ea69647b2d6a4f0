"""The file itself: written in one step, read with a bound, compared with a Workspace, and loaded into it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from labkit.arguments import expanded
from labkit.errors import WorkspaceFileError
from labkit.workspace_file.applying import apply
from labkit.workspace_file.checking import check_syntax
from labkit.workspace_file.document import Document, PartKey
from labkit.workspace_file.kinds import PartKind, key_of
from labkit.workspace_file.plan import Plan, PlanStep
from labkit.workspace_file.planning import plan
from labkit.workspace_file.reading import Standing, read_workspace
from labkit.workspace_file.yaml_text import MAX_BYTES


class WorkspaceFile:
    """One file and one Workspace.

    Args:
        path: of the file.
        client: from `labkit.taskrouter.client.connect`.
        workspace_sid: the Workspace, `WS…`.

    Every method may raise TaskRouterError (TaskRouter refused, or did not answer) and WorkspaceFileError (the file
    cannot be read, written or used; names the line and the path, and nothing was changed).
    """

    def __init__(self, path: str | os.PathLike[str], *, client: Any, workspace_sid: str) -> None:
        self.path = expanded(path, name="path", error=WorkspaceFileError)
        self._client = client
        self._workspace_sid = workspace_sid

    def __repr__(self) -> str:
        return f"<WorkspaceFile: {self.path}>"

    def export(self, *, replace: bool = False) -> Path:
        """Write the Workspace into the file; returns its path.

        Args:
            replace: whether a file that says something else may be replaced; otherwise it is refused.
        """
        text = self._now().document.to_text()
        if not replace and os.path.lexists(self.path) and not _says(self.path, text):
            raise WorkspaceFileError(
                f"{self.path} is there already and says something else. Choose another name, or replace it with "
                "replace=True (on the command line: --replace)."
            )
        write_text(self.path, text)
        return self.path

    def diff(self, *, remove: bool = False) -> Plan:
        """What `load` would do. Nothing is changed."""
        wanted = Document.from_text(read_text(self.path))
        changes = plan(self._now().document, wanted, remove=remove)
        check_syntax(changes, wanted)
        return changes

    def load(self, *, remove: bool = False, needed_workflow: str | None = None) -> Plan:
        """Make the Workspace what the file says; what the file leaves out is left as it is.

        Args:
            remove: take away what is in the Workspace and not in the file.
            needed_workflow: the name of one that may not be taken away, for somebody works with it.

        Returns:
            What was done.
        """
        wanted = Document.from_text(read_text(self.path))
        now = self._now()
        changes = plan(now.document, wanted, remove=remove)
        _check_needed(changes, needed_workflow)
        check_syntax(changes, wanted)
        return apply(changes, self._client, self._workspace_sid, sids=now.sids)

    def _now(self) -> Standing:
        return read_workspace(self._client, self._workspace_sid)


def _check_needed(changes: Plan, workflow: str | None) -> None:
    needed = PartKey(PartKind.WORKFLOW, key_of(PartKind.WORKFLOW, workflow or ""))
    for change in changes.changes:
        if change.step is PlanStep.REMOVE and change.part.key == needed:
            raise WorkspaceFileError(
                f"The file has no {change.part}, which this lab creates its Tasks in, so it is not removed and nothing "
                "was changed. Put it into the file, or load into a Workspace of another name: "
                'labkit.start(workspace="…").'
            )


def read_text(path: Path) -> str:
    """The text of a file, which may be at most `yaml_text.MAX_BYTES` long.

    Raises:
        WorkspaceFileError: it cannot be read, is too large, or is not UTF-8.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise WorkspaceFileError(f"{path} cannot be read: {error.strerror or error}. Is the path right?") from None
    if len(content) > MAX_BYTES:
        raise WorkspaceFileError(f"{path} is over {MAX_BYTES:,} bytes; no Workspace needs so many.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise WorkspaceFileError(f"{path} is not UTF-8 text, so it is no Workspace as a file.") from None


def _says(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except OSError:
        return False


def write_text(path: Path, text: str) -> None:
    """Write a file in one step: whoever looks meanwhile sees the old one whole, and a failure leaves it.

    Raises:
        WorkspaceFileError: it cannot be written.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        fresh.write_text(text, encoding="utf-8", newline="\n")
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise WorkspaceFileError(f"{path} cannot be written: {error.strerror or error}.") from None
