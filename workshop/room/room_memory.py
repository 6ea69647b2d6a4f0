"""What the room makes in an account of Twilio's is written down in its folder first, so that it can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labkit.account.journal import journal_of
from labkit.account.memory import AccountMemory
from labkit.workspace_file.journal import Journal
from workshop.room.upstream import Upstream
from workshop.room.workspace import NAME


@contextmanager
def room_journal(folder: Path, upstream: Upstream) -> Iterator[Journal]:
    """Where whatever the room makes in this block is written down; nowhere for a sandbox, which is the room's own.

    Args:
        folder: the room's own.
        upstream: the account.

    Raises:
        TaskRouterError: TaskRouter refused, or did not answer.
        AccountMemoryError: it cannot be written down, so it must not be made.
    """
    if upstream.kind == "sandbox":
        yield Journal()
        return
    memory = AccountMemory(folder, account_sid=upstream.account_sid)
    with journal_of(memory, upstream.client, workspace_name=NAME) as journal:
        yield journal
