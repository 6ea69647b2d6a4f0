"""`python -m labkit plan` and `teardown`: what a lab would make and change in an account, and all of it taken back."""

from __future__ import annotations

import argparse

from labkit.cli import Commands, agrees


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
    teardown.add_argument("--dry-run", action="store_true", help="only say what that is")
    teardown.add_argument("--yes", action="store_true", help="do not ask")
    teardown.set_defaults(run=_teardown)


def _plan(options: argparse.Namespace) -> int:
    from labkit.lab.runtime import plan

    print(plan(mode="twilio", lesson=options.lesson))
    return 0


def _teardown(options: argparse.Namespace) -> int:
    from labkit.account.memory import AccountMemory
    from labkit.account.teardown import teardown
    from labkit.cli.connect import client_of
    from labkit.sandbox import process
    from labkit.settings import Settings, mask

    settings = Settings.resolve(mode="twilio")
    account_sid = str(settings.account_sid)
    memory = AccountMemory(settings.home or process.default_home(), account_sid=account_sid)
    client, account = client_of(settings), mask(account_sid)
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
