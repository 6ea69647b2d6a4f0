"""An account at Twilio, as far as the lab knows: the SDK speaks TLS to its name, and a sandbox answers in real time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sandbox.local import ACCOUNT, LocalSandbox, local_sandbox
from twilio_stand_in import StandIn, twilio_stand_in

import labkit
import labkit.lab.runtime
from labkit.account.memory import AccountMemory
from labkit.sandbox.clock import Clock
from labkit.tunnel.loopback import Loopback


@pytest.fixture
def sandbox() -> Iterator[LocalSandbox]:
    with local_sandbox(clock=Clock()) as running:
        yield running


@pytest.fixture
def twilio(sandbox: LocalSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """The account, which this process has the credentials of; no tunnel is needed to be called by it."""
    with twilio_stand_in(sandbox.url, tmp_path) as stand_in:
        stand_in.lead_owner_here(monkeypatch)
        monkeypatch.setattr("labkit.lab.callback_routing.choose", lambda _settings: Loopback())
        yield stand_in
        labkit.stop()
        labkit.lab.runtime._runtime.lab = None


@pytest.fixture
def yes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever starts a lab wants it to be set up."""
    monkeypatch.setenv("LABKIT_YES", "1")


@pytest.fixture
def workspaces(twilio: StandIn, sandbox: LocalSandbox) -> Any:
    """The account's Workspaces, by an SDK client of the account's owner."""
    return sandbox.client().taskrouter.v1.workspaces


@pytest.fixture
def memory(twilio: StandIn, own_environment: Path) -> AccountMemory:
    """What a lab of this test's home remembers of the account."""
    return AccountMemory(own_environment, account_sid=ACCOUNT)
