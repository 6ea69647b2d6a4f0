"""`python -m labkit export`, `load` and `diff`: a Workspace as a file, from a terminal."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from labkit.cli import Commands

if TYPE_CHECKING:
    from labkit.workspace_file import WorkspaceFile


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the three commands."""
    export = commands.add_parser("export", help="write the Workspace into a YAML file, by name and without SIDs")
    load = commands.add_parser("load", help="make the Workspace what such a file says")
    diff = commands.add_parser("diff", help="say what `load` would do; nothing is changed")
    for command in (export, load, diff):
        command.add_argument("file", metavar="FILE", type=Path, help="such as workspace.yaml")
    export.add_argument("--replace", action="store_true", help="a file that says something else may be replaced")
    load.add_argument("--dry-run", action="store_true", help="only say what would be done, as diff does")
    for command in (load, diff):
        command.add_argument("--remove", action="store_true", help="take away what is not in the file, too")
    export.set_defaults(run=_export)
    load.set_defaults(run=_load)
    diff.set_defaults(run=_load, dry_run=True)


def _export(options: argparse.Namespace) -> int:
    print(f"Written to {_file(options.file).export(replace=options.replace)}.")
    return 0


def _load(options: argparse.Namespace) -> int:
    file = _file(options.file)
    print(file.diff(remove=options.remove) if options.dry_run else file.load(remove=options.remove))
    return 0


def _file(path: Path) -> WorkspaceFile:
    from labkit.cli.connect import reach
    from labkit.sandbox import process
    from labkit.settings import Settings
    from labkit.workspace_file import WorkspaceFile

    settings = Settings.resolve()
    client, workspace_sid = reach(settings, address=process.find(settings.home or process.default_home()))
    return WorkspaceFile(path, client=client, workspace_sid=workspace_sid)
