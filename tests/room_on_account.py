"""A room on an account of Twilio's for tests: at Twilio's own host names, over TLS, which a sandbox answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from room_service import RunningRoom, running_room
from sandbox.local import ACCOUNT, TOKEN, LocalSandbox
from twilio_stand_in import StandIn, twilio_stand_in

from labkit.settings import Settings
from workshop.room.upstream import AccountUpstream

CREDENTIALS = {
    "TWILIO_ACCOUNT_SID": ACCOUNT,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "TWILIO_API_KEY_SID": "SK" + "3" * 32,
    "TWILIO_API_KEY_SECRET": "c" * 32,
}


@dataclass
class AccountForRoom:
    """The account that a room is to stand on.

    Attributes:
        sandbox: what is in the account, for its owner.
        stand_in: Twilio.
        changes: of the room's settings.
    """

    sandbox: LocalSandbox
    stand_in: StandIn
    changes: dict[str, Any] = field(default_factory=dict)


@contextmanager
def room_on_account(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    prepare: Callable[[AccountForRoom], object] = lambda _: None,
) -> Iterator[RunningRoom]:
    """A room whose account is at Twilio's own address, until the end of the block.

    Args:
        folder: where it may keep things.
        monkeypatch: leads this process to the account.
        prepare: is called before the room begins.
    """
    account = Settings.resolve(CREDENTIALS, mode="twilio", tunnel="ngrok")
    with ExitStack() as stack:

        def at_twilio(sandbox: LocalSandbox) -> Mapping[str, Any]:
            stand_in = stack.enter_context(twilio_stand_in(sandbox.url, folder))
            stand_in.lead_here(monkeypatch)
            given = AccountForRoom(sandbox, stand_in)
            prepare(given)
            return {"account": account, **given.changes}

        def upstream(_: LocalSandbox) -> AccountUpstream:
            return AccountUpstream(account)

        yield stack.enter_context(running_room(folder, upstream=upstream, changes=at_twilio))
