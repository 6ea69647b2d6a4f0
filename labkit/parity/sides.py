"""The two sides of a comparison: a sandbox, whose clock is moved, and an account, where one has to wait."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labkit.sandbox import process
from labkit.sandbox_client.client import SandboxClient
from labkit.settings import Secret
from labkit.taskrouter.client import connect

A_TELEPHONE = "a telephone"
CALLBACKS = "a public address"
AN_API_KEY = "an API key"
NEEDS = {
    A_TELEPHONE: "telephone numbers and people who answer them",
    CALLBACKS: "an address at which TaskRouter reaches this computer (--public-url)",
    AN_API_KEY: "an API key (TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET)",
}
"""What a scenario may need of a side beside REST, and how it is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Where a scenario is played.

    Attributes:
        label: for people, such as `the sandbox`.
        client: the official SDK's.
        account_sid: of the account there.
        offers: what it has of `NEEDS`.
        poll_seconds: how long it is left alone between two looks at it.
        patience: a factor for the limits that the scenarios set to their waiting.
        pass_time: lets so many seconds pass there.
        elapsed: seconds that have passed there, from whenever.
    """

    label: str
    client: Any
    account_sid: str
    offers: frozenset[str] = frozenset()
    poll_seconds: float
    patience: float = 1.0
    pass_time: Callable[[float], None]
    elapsed: Callable[[], float]
    hidden: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def sandbox_side(home: Path, *, label: str = "the sandbox") -> Iterator[Side]:
    """A sandbox of its own that keeps its state in this folder, with its clock held, until the end of the block.

    Raises:
        SandboxError: it cannot be started.
    """
    address = process.ensure(home)
    try:
        client = connect(account_sid=address.account_sid, auth_token=Secret(address.auth_token), base_url=address.url)
        yield side_of_sandbox(client, address.account_sid, label=label)
    finally:
        process.stop(home)


def side_of_sandbox(client: Any, account_sid: str, *, label: str = "the sandbox") -> Side:
    """The sandbox that this client talks to, with its clock held from now on.

    Raises:
        TaskRouterError: it does not answer.
    """
    own_paths, passed = SandboxClient(client, sandbox=True), [0.0]
    own_paths.post("clock", {"Action": "pause"}, what="hold the clock")

    def pass_time(seconds: float) -> None:
        own_paths.post("clock", {"Action": "advance", "Seconds": seconds}, what=f"move the clock on by {seconds:g} s")
        passed[0] += seconds

    return Side(
        label=label,
        client=client,
        account_sid=account_sid,
        offers=frozenset({A_TELEPHONE, CALLBACKS, AN_API_KEY}),
        poll_seconds=0.02,
        pass_time=pass_time,
        elapsed=lambda: passed[0],
    )


def side_of_account(client: Any, account_sid: str, *, offers: frozenset[str] = frozenset()) -> Side:
    """The account that this client talks to.

    Args:
        client: the SDK's.
        account_sid: whose account it is.
        offers: what there is of `NEEDS`.
    """
    return Side(
        label="the account",
        client=client,
        account_sid=account_sid,
        offers=offers,
        poll_seconds=0.5,
        patience=3.0,
        pass_time=time.sleep,
        elapsed=time.monotonic,
    )
