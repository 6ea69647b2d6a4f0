"""Twilio's own Worker SDK as a file for a page, where `make agent-sdk` has put one."""

from __future__ import annotations

import sys
from pathlib import Path

from platformdirs import user_cache_path

VERSION = "2.1.1"
"""Of the npm package `twilio-taskrouter` that is bundled."""
FILE = "twilio-taskrouter.js"
NOTICES = "NOTICES.txt"


def own_folder() -> Path:
    """Where the user's own bundle of this version belongs; a newer version has a folder of its own."""
    return user_cache_path("taskrouter-lab", appauthor=False) / "agent-sdk" / VERSION


def shared_folder() -> Path:
    """Where one belongs that all have who use this Python's environment, as the participants of a workshop do."""
    return Path(sys.prefix) / "share" / "taskrouter-lab" / "agent-sdk" / VERSION


def bundle() -> Path | None:
    """The bundle, if it is there: the user's own, else the one for all."""
    files = [folder() / FILE for folder in (own_folder, shared_folder)]
    return next((file for file in files if file.is_file()), None)
