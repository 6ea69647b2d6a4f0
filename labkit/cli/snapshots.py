"""`python -m labkit snapshot`, `restore`, `snapshots` and `reset`: the sandbox's whole state, from a terminal."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from labkit.cli import Commands, agrees, command
from labkit.errors import SandboxError

if TYPE_CHECKING:
    from labkit.sandbox_client.snapshots import Snapshots


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the four commands."""
    snapshot = commands.add_parser("snapshot", help="keep the sandbox's whole state under a name")
    snapshot.add_argument("name", metavar="NAME", help="letters, digits, spaces, - _ and ., at most 64")
    snapshot.add_argument("--replace", action="store_true", help="one of this name may be replaced")
    snapshot.set_defaults(run=_snapshot)
    restore = commands.add_parser("restore", help="go back to a snapshot, and keep what there was until now")
    restore.add_argument(
        "name", metavar="NAME", help="of a snapshot; 'before reset' and 'before restore': the newest of what those took"
    )
    restore.set_defaults(run=_restore)
    listing = commands.add_parser("snapshots", help="list the snapshots with their dates and sizes")
    listing.set_defaults(run=_snapshots)
    reset = commands.add_parser("reset", help="forget everything in the sandbox but its snapshots")
    reset.add_argument("--yes", action="store_true", help="do not ask")
    reset.set_defaults(run=_reset)


def _snapshot(options: argparse.Namespace) -> int:
    with _opened() as snapshots:
        print(f"Kept: {snapshots.keep(options.name, replace=options.replace)}")
    return 0


def _restore(options: argparse.Namespace) -> int:
    with _opened() as snapshots:
        print(f"The sandbox went back to: {snapshots.restore(options.name)}")
    _say_what_is_kept("before restore")
    return 0


def _snapshots(_: argparse.Namespace) -> int:
    with _opened() as snapshots:
        found = snapshots.all()
    none = f"There is no snapshot yet. `{command('snapshot NAME')}` makes one."
    print("\n".join(map(str, found)) or none)
    return 0


def _reset(options: argparse.Namespace) -> int:
    from labkit.cli.connect import home
    from labkit.sandbox import process

    if not options.yes and not agrees(f"This forgets everything in the sandbox ({process.state_file(home())})."):
        return 1
    if process.state_file(home()).exists():
        _empty()
    print("The sandbox is empty; the next labkit.start() begins anew.")
    return 0


def _empty() -> None:
    from labkit.cli.connect import home
    from labkit.sandbox import process

    try:
        with _opened() as snapshots:
            snapshots.reset()
    except SandboxError:  # none starts with this state, so nothing of it can be kept
        process.forget(home())
    else:
        _say_what_is_kept("before reset")


def _say_what_is_kept(name: str) -> None:
    back = command(f'restore "{name}"')
    print(f"What there was until now is kept; back: {back}. An open notebook: run labkit.start().")


@contextmanager
def _opened() -> Iterator[Snapshots]:
    """The snapshots of this home's sandbox."""
    from labkit.cli.connect import opened_sandbox
    from labkit.sandbox_client.snapshots import Snapshots

    with opened_sandbox() as line:
        yield Snapshots(line)
