"""What a lab can carry: its Workspace into a file and out of one, between sandboxes and accounts."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labkit.workspace_file import Plan, WorkspaceFile


class Carrying(ABC):
    """The part of a lab that writes its Workspace into a file, compares the two, and makes one what the other says.

    Every method may raise WorkspaceFileError (the file cannot be read, written or used; names the line and the path,
    and nothing was changed) and TaskRouterError (TaskRouter refused, or did not answer).
    """

    live: Any
    _quiet: Any

    @property
    @abstractmethod
    def workspace_sid(self) -> str:
        """The Workspace."""

    @property
    @abstractmethod
    def workflow_name(self) -> str:
        """The Workflow that the lab creates its Tasks in."""

    def export(self, path: str | os.PathLike[str]) -> Path:
        """Write the Workspace into a YAML file, by name and without SIDs, over what the file held; returns its path.

        In it: Activities, TaskChannels, TaskQueues, Workflows, Workers with their channels, and the settings of the
        Workspace. Not in it: Tasks, history, and callback URLs, which belong to a notebook.
        """
        return self._workspace_file(path).export()

    def diff(self, path: str | os.PathLike[str], *, remove: bool = False) -> Plan:
        """What `load` would do with this file: + added, ~ changed, - removed, · in the Workspace only."""
        return self._workspace_file(path).diff(remove=remove)

    def load(self, path: str | os.PathLike[str], *, remove: bool = False) -> Plan:
        """Make the Workspace what the file says. What the file leaves out is left as it is; returns what was done.

        Should TaskRouter refuse one of the changes, the error says how many were made; loading again goes on there.

        Args:
            path: of a file that `export` wrote, here or in another Workspace, or one written by hand.
            remove: take away what is in the Workspace and not in the file.
        """
        done = self._workspace_file(path).load(remove=remove, needed_workflow=self.workflow_name)
        self.live.reconcile()
        return done

    def _workspace_file(self, path: str | os.PathLike[str]) -> WorkspaceFile:
        from labkit.workspace_file import WorkspaceFile

        return WorkspaceFile(path, client=self._quiet, workspace_sid=self.workspace_sid)
