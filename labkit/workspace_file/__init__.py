"""A Workspace as a file: everything that routes, by name and without SIDs, to keep, compare and carry elsewhere.

    file = WorkspaceFile("workspace.yaml", client=client, workspace_sid=sid)
    file.export()
    print(file.diff())
    file.load()

Everything goes over the SDK's client, so a sandbox and a real account are the same to it, and a Workspace can be
carried from one to the other.
"""

from __future__ import annotations

from labkit.workspace_file.document import Document
from labkit.workspace_file.file import WorkspaceFile
from labkit.workspace_file.plan import Plan
from labkit.workspace_file.reading import read_data

__all__ = ["Document", "Plan", "WorkspaceFile", "read_data"]
