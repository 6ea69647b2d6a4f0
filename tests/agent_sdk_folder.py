"""Where a test's agent pages look for Twilio's Worker SDK, whatever this machine has of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from labkit.callbacks.agent_page import twilio_sdk


def look_for_it_in(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """There alone; in an empty folder there is none, and a page runs the small client."""
    for each in ("own_folder", "shared_folder"):
        patch.setattr(twilio_sdk, each, lambda: folder)
