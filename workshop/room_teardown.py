"""`python -m workshop teardown`: what the workshop's rooms made and changed in an account of Twilio's, taken back."""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from labkit.cli import Commands, command
from labkit.cli.account import add_teardown_options, take_down
from workshop.settings import Workshop, WorkshopError, workshop_folder


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the command."""
    teardown = commands.add_parser(
        "teardown", help="take back what the room made and changed in an account of Twilio's, and nothing else"
    )
    teardown.add_argument("--folder", type=Path, help="the workshop's")
    add_teardown_options(teardown)
    teardown.set_defaults(run=_teardown)


def teardown_command(workshop: Workshop) -> str:
    """As it is to be typed for this workshop."""
    folder = workshop.folder
    options = "" if folder == workshop_folder(None) else f" --folder {shlex.quote(str(folder))}"
    return command(f"teardown{options}", program="workshop")


def left_in_accounts(workshop: Workshop) -> Iterator[str]:
    """What its rooms have left in accounts, and how that is taken back: a sentence for each. Nobody is asked.

    Raises:
        AccountMemoryError: what was made cannot be read.
    """
    from labkit.account.memory import AccountMemory
    from labkit.settings import mask
    from workshop.room.workspace import NAME
    from workshop.room_account import room_folder

    for sid in AccountMemory(room_folder(workshop), account_sid="").accounts():
        yield (
            f'The Workspace "{NAME}" is still in the account {mask(sid)}; `{teardown_command(workshop)}` takes back '
            "what the room made there."
        )


def _teardown(options: argparse.Namespace) -> int:
    from labkit.account.memory import AccountMemory
    from labkit.settings import mask
    from workshop.room_account import account_settings

    folder = _memory_folder(options)
    settings = account_settings()
    memory = AccountMemory(folder, account_sid=str(settings.account_sid))
    status = take_down(memory, settings, options)
    for sid in memory.accounts():
        if sid != settings.account_sid:
            print(f"What the room made in the account {mask(sid)} is taken back with that account's credentials.")
    return status


def _memory_folder(options: argparse.Namespace) -> Path:
    """Where the room has written down what it made; refused while it runs, since it would make all anew."""
    from workshop.opening import still_running
    from workshop.room.room_settings import FOLDER, MODE
    from workshop.room_account import room_folder

    folder = workshop_folder(options.folder)
    running = None if options.dry_run else still_running(folder)
    if running is not None and running.room_mode == "twilio":
        raise WorkshopError(
            f"The workshop in {folder} still runs, and its room would make the Workspace anew. Run `make workshop-end` "
            "first."
        )
    alone = os.environ.get(FOLDER)
    if not alone:
        return room_folder(Workshop.read(folder))
    if os.environ.get(MODE) == "twilio" and not options.dry_run:
        raise WorkshopError(
            f"The room's service here stands on the account, and would make the Workspace anew. Take {MODE} away, have "
            "the service start again, and then run this."
        )
    if not Path(alone).is_dir():  # one that is made now would know of nothing, and nothing would seem to be left
        raise WorkshopError(f"{FOLDER} is {alone}, and no folder is there; give the one that the room's service has.")
    return Path(alone)
