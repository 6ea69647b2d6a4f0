"""Twilio's own Worker SDK as a file for a page, where `make agent-sdk` has put one into the user's cache."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_cache_path

VERSION = "2.1.1"
"""Of the npm package `twilio-taskrouter` that is bundled."""
FILE = "twilio-taskrouter.js"
NOTICES = "NOTICES.txt"


def folder() -> Path:
    """Where the bundle of this version belongs; a newer version has a folder of its own."""
    return user_cache_path("taskrouter-lab", appauthor=False) / "agent-sdk" / VERSION


def bundle() -> Path | None:
    """The bundle, if it is there."""
    file = folder() / FILE
    return file if file.is_file() else None
