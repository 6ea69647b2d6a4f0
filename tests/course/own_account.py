"""An account of one's own for a lesson that is played: credentials in the environment, and an ngrok that leads here."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sandbox.local import local_sandbox
from tracked import ROOT
from twilio_stand_in import StandIn, twilio_stand_in

from labkit.sandbox.clock import Clock

FAKE_NGROK = ROOT / "tests" / "tunnel" / "fake_ngrok.py"


@contextmanager
def own_account() -> Iterator[StandIn]:
    """An account under Twilio's name until the end of the block, answered by a sandbox in real time."""
    with (
        pytest.MonkeyPatch.context() as patch,
        tempfile.TemporaryDirectory() as name,
        local_sandbox(clock=Clock()) as account,
        twilio_stand_in(account.url, Path(name)) as stand_in,
    ):
        stand_in.lead_owner_here(patch)
        for variable, value in _at_ngrok(Path(name)).items():
            patch.setenv(variable, value)
        yield stand_in


def _at_ngrok(folder: Path) -> dict[str, str]:
    """What somebody sets who has an account at ngrok, whose agent really forwards."""
    agent = folder / "ngrok"
    agent.write_text(f'#!/bin/sh\nFAKE_NGROK_FORWARD=1 exec "{sys.executable}" "{FAKE_NGROK}" "$@"\n')
    agent.chmod(0o755)
    return {
        "NGROK_AUTHTOKEN": "made-up-ngrok-token",
        "NGROK_PATH": str(agent),
    }
