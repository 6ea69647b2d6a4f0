"""The command line: `python -m workshop <command>`, which the Makefile's targets call."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labkit.cli import Commands, agrees, command_line
from labkit.settings import Secret
from workshop import room_teardown
from workshop.number_argument import above_zero
from workshop.rehearsal import command as rehearsal
from workshop.settings import WorkshopError, workshop_folder

if TYPE_CHECKING:
    from workshop.settings import Workshop

_GIVEN = ("host", "port", "admin", "tls_key", "tls_cert", "room_mode")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns what `command_line.run` does."""
    return command_line.run(_parser(), arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="workshop", description="The lab for a room: JupyterHub on this machine.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    setup = commands.add_parser("setup", help="install what a workshop needs besides Python's packages")
    setup.set_defaults(run=_setup)
    _add_open(commands)
    end = commands.add_parser("end", help="end the hub, the proxy and everybody's server; nobody's work is deleted")
    end.add_argument("--folder", type=Path, help="the workshop's")
    end.set_defaults(run=_end)
    password = commands.add_parser(
        "password", help="make the instructor's password anew, also while the doors are open"
    )
    password.add_argument("--folder", type=Path, help="the workshop's")
    password.add_argument("--ask", action="store_true", help="ask for it here, in place of one made at random")
    password.set_defaults(run=_password)
    room_teardown.add(commands)
    rehearsal.add(commands)
    return parser


def _add_open(commands: Commands[argparse.ArgumentParser]) -> None:
    opening = commands.add_parser("open", help="open the doors, and say where they are")
    opening.add_argument("--folder", type=Path, help="where everything of it is kept")
    opening.add_argument("--host", help="the address of this machine that people come to; 0.0.0.0 for all of them")
    opening.add_argument(
        "--port", type=int, help="for people (8000); the three after it are used on this machine alone"
    )
    opening.add_argument("--admin", metavar="NAME", help="the instructor's name (teacher)")
    opening.add_argument(
        "--names", type=Path, metavar="FILE", help="who may come in, one name a line; without it whoever comes"
    )
    opening.add_argument("--idle-hours", type=above_zero, metavar="H", help="after which an unused server ends (2)")
    opening.add_argument("--tls-key", type=Path, metavar="FILE", help="for https, with --tls-cert")
    opening.add_argument("--tls-cert", type=Path, metavar="FILE")
    opening.add_argument("--without-walls", action="store_true", help="where all who come trust each other")
    opening.add_argument("--cold", action="store_true", help="start each server by itself, not as a copy of one")
    opening.add_argument("--without-room", action="store_true", help="no contact centre in common")
    opening.add_argument(
        "--room-mode", metavar="MODE", help="what that stands on: sandbox, or twilio for an account of Twilio's"
    )
    opening.add_argument("--yes", action="store_true", help="with an account: do not ask whether the room may be made")
    opening.set_defaults(run=_open)


def _setup(_: argparse.Namespace) -> int:
    from workshop.setting_up import set_up

    print("\n".join([*set_up(), "Next: make workshop-rehearsal, or make workshop"]))
    return 0


def _open(options: argparse.Namespace) -> int:
    from workshop.opening import open_doors, settled

    workshop = settled(workshop_folder(options.folder), _asked(options))
    if workshop.room_mode == "twilio" and not _agrees_to_the_room(workshop, yes=options.yes):
        return 1
    print("\n".join(open_doors(workshop)))
    return 0


def _agrees_to_the_room(workshop: Workshop, *, yes: bool) -> bool:
    """Whether the room may be made in the account, after what that is was shown; a yes is remembered."""
    from workshop.opening import check_doors
    from workshop.room_plan import allow_room, room_plan

    check_doors(workshop)  # nobody is asked about doors that cannot be opened
    planned = room_plan(workshop)
    print(f"{planned}\n")
    if not (yes or planned.allowed or agrees("This is done in your account.")):
        return False
    allow_room(workshop)
    return True


def _end(options: argparse.Namespace) -> int:
    from workshop.hub_process import Hub
    from workshop.settings import Workshop

    workshop = Workshop.read(workshop_folder(options.folder))
    Hub(workshop).stop()
    print(f"The workshop is closed. Everybody's notebooks are in {workshop.people}.")
    for line in room_teardown.left_in_accounts(workshop):
        print(line)
    return 0


def _asked(options: argparse.Namespace) -> dict[str, Any]:
    """What was said on the command line, by the names of `Workshop`; what was not said is not in it."""
    from workshop.name_list import read_names

    asked = {name: value for name in _GIVEN if (value := getattr(options, name)) is not None}
    asked.update({name: value.absolute() for name, value in asked.items() if isinstance(value, Path)})
    if options.names:
        asked["names"] = read_names(options.names)
    if options.idle_hours is not None:
        asked["idle_seconds"] = round(options.idle_hours * 3600)
    if options.without_walls:
        asked["walls"] = False
    if options.cold:
        asked["warm"] = False
    if options.without_room:
        asked["room"] = False
    return asked


def _password(options: argparse.Namespace) -> int:
    from workshop.opening import new_password
    from workshop.settings import Workshop

    workshop = Workshop.read(workshop_folder(options.folder))
    made = new_password(workshop, _asked_for_password() if options.ask else None)
    shown = "the one that you have typed" if options.ask else made.reveal()
    print(f"The password of {workshop.admin} is from now on {shown}")
    return 0


def _asked_for_password() -> Secret:
    try:
        first, second = (getpass.getpass(f"The instructor's password{again}: ") for again in ("", ", once more"))
    except EOFError:  # Ctrl-D in place of an answer, or nobody sits there
        raise WorkshopError("No password was typed, and nothing was changed.") from None
    if first != second:
        raise WorkshopError("The two are not the same, and nothing was changed.")
    return Secret(first)
