"""`python -m labkit teardown`: what labs made and changed in an account, taken back from a terminal."""

from __future__ import annotations

import argparse

from labkit.cli import Commands, agrees


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the command."""
    teardown = commands.add_parser("teardown", help="take back all that the lab made and changed in your account")
    teardown.add_argument("--dry-run", action="store_true", help="only say what that is")
    teardown.add_argument("--yes", action="store_true", help="do not ask")
    teardown.set_defaults(run=_teardown)


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
