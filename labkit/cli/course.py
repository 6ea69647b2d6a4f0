"""`python -m labkit course` and `clear`: how far you are, and a lesson's Workspace taken away, from a terminal."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from labkit.cli import Commands

if TYPE_CHECKING:
    from labkit.course.progress import Progress
    from labkit.settings import Settings


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the two commands."""
    course = commands.add_parser("course", help="show how far you are in the course, and what comes next")
    course.set_defaults(run=_course)
    clear = commands.add_parser("clear", help="take away the Workspaces of lessons; the quickstart's stays")
    clear.add_argument("lesson", nargs="?", metavar="LESSON", help="its number or name; without it, all of them")
    clear.set_defaults(run=_clear)


def _course(_: argparse.Namespace) -> int:
    from labkit.course.course_map import course_map
    from labkit.course.notebooks import place_of
    from labkit.settings import Settings

    with _progress(Settings.resolve()) as progress:
        print(course_map(progress.read(), place_of=place_of))
    return 0


def _clear(options: argparse.Namespace) -> int:
    from labkit.account.clearing import clear_made_lessons
    from labkit.account.memory import AccountMemory
    from labkit.cli.connect import client_of
    from labkit.course.clearing import clear_lessons
    from labkit.sandbox import process
    from labkit.settings import Settings

    settings = Settings.resolve()
    client, beside = client_of(settings), settings.workspace
    if settings.mode == "sandbox":
        print(clear_lessons(client, options.lesson, beside=beside))
        return 0
    memory = AccountMemory(settings.home or process.default_home(), account_sid=str(settings.account_sid))
    print(clear_made_lessons(memory, client, options.lesson, beside=beside))
    return 0


@contextmanager
def _progress(settings: Settings) -> Iterator[Progress]:
    """That in the account, or in the sandbox, which is started for it if need be, and then ended again."""
    from labkit.cli.connect import opened_sandbox
    from labkit.course.progress import OF_ACCOUNTS, AccountProgress, SandboxProgress
    from labkit.sandbox import process

    if settings.mode == "twilio":
        home = settings.home or process.default_home()
        yield AccountProgress(home / OF_ACCOUNTS, account_sid=str(settings.account_sid))
    else:
        with opened_sandbox() as line:
            yield SandboxProgress(line)
