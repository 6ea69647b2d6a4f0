"""`python -m labkit explain`: why a Task is where it is, from a terminal."""

from __future__ import annotations

import argparse

from labkit.cli import Commands


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the command."""
    explain = commands.add_parser("explain", help="say why a Task is where it is, and what would have to change")
    explain.add_argument("task", nargs="?", metavar="WT...", help="the Task's SID; by default the newest Task")
    explain.add_argument("--lint", action="store_true", help="say instead what in the Workspace is probably not meant")
    explain.set_defaults(run=_explain)


def _explain(options: argparse.Namespace) -> int:
    from labkit.cli.connect import asker
    from labkit.sandbox import process
    from labkit.settings import Settings

    settings = Settings.resolve()
    asking = asker(settings, address=process.find(settings.home or process.default_home()))
    print(asking.lint() if options.lint else asking.explain(options.task))
    return 0
