"""`python -m labkit plan` and `teardown`: what a lab would make and change in an account, and all of it taken back."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from labkit.cli import Commands, agrees

if TYPE_CHECKING:
    from labkit.account.memory import AccountMemory
    from labkit.settings import Settings


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the two commands."""
    plan = commands.add_parser(
        "plan", help="say what labkit.start(mode='twilio') would make and change in your account"
    )
    plan.add_argument(
        "lesson", nargs="?", metavar="LESSON", help="in the Workspace of this lesson, by its number or name"
    )
    plan.set_defaults(run=_plan)
    teardown = commands.add_parser("teardown", help="take back all that the lab made and changed in your account")
    add_teardown_options(teardown)
    teardown.set_defaults(run=_teardown)


def add_teardown_options(parser: argparse.ArgumentParser) -> None:
    """What `take_down` goes by."""
    parser.add_argument("--dry-run", action="store_true", help="only say what that is")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _plan(options: argparse.Namespace) -> int:
    from labkit.lab.runtime import plan

    print(plan(mode="twilio", lesson=options.lesson))
    return 0


def _teardown(options: argparse.Namespace) -> int:
    from labkit.account.memory import AccountMemory
    from labkit.sandbox import process
    from labkit.settings import Settings

    settings = Settings.resolve(mode="twilio")
    memory = AccountMemory(settings.home or process.default_home(), account_sid=str(settings.account_sid))
    return take_down(memory, settings, options)


def take_down(memory: AccountMemory, settings: Settings, options: argparse.Namespace) -> int:
    """Say what a teardown does, ask, and do just that.

    Args:
        memory: what was made and changed in the account.
        settings: with the account.
        options: by `add_teardown_options`.

    Returns:
        The exit status: 1 where nobody has agreed, or something stays.

    Raises:
        TaskRouterError: TaskRouter refused for the moment, or did not answer.
        AccountMemoryError: the memory cannot be read or written.
    """
    from labkit.account.teardown import teardown
    from labkit.settings import mask
    from labkit.taskrouter.client import account_of, connect

    client, account = connect(**account_of(settings)), mask(str(settings.account_sid))
    planned = teardown(memory, client, account=account, dry_run=True)
    print(planned)
    if options.dry_run:
        return 0
    if planned and not options.yes and not agrees("This is done in your account, and nothing brings it back."):
        return 1
    done = teardown(memory, client, account=account)
    if planned:
        print(f"\n{done}")
    return 1 if done.left else 0
