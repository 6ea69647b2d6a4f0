"""A hotline in two languages as a Workspace file: what the lesson on staffing plays with."""

from __future__ import annotations

import atexit
import functools
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

_LANGUAGES = {"English": "en", "Spanish": "es"}


def language_teams(*, english: int = 0, spanish: int = 0, both: int = 0) -> Path:
    """Write a Workspace file with a TaskQueue for each language, and these Workers.

    Args:
        english, spanish: how many Workers speak this language only.
        both: how many speak both.

    Returns:
        Its path, in a folder that goes with this process; the same Workers give the same file.
    """
    path = _folder() / f"hotline-{english}-{spanish}-{both}.yaml"
    path.write_text(json.dumps(_workspace(english, spanish, both), indent=2), encoding="utf-8")  # JSON is YAML as well
    return path


@functools.cache
def _folder() -> Path:
    """Nobody else's: on a computer of several learners each writes a file of the same Workers."""
    folder = tempfile.mkdtemp(prefix="labkit-hotline-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _workspace(english: int, spanish: int, both: int) -> dict[str, Any]:
    teams = {"English": (english, ["en"]), "Spanish": (spanish, ["es"]), "Both": (both, ["en", "es"])}
    filters = [
        {
            "filter_friendly_name": name,
            "expression": f'selected_language == "{code}"',
            "targets": [{"queue": name}],
        }
        for name, code in _LANGUAGES.items()
    ]
    return {
        "version": 1,
        "workers": [
            {"friendly_name": f"{team} {number}", "attributes": {"languages": languages}}
            for team, (count, languages) in teams.items()
            for number in range(1, count + 1)
        ],
        "task_queues": [
            {"friendly_name": name, "target_workers": f'languages HAS "{code}"'} for name, code in _LANGUAGES.items()
        ],
        "workflows": [{"friendly_name": "Hotline", "configuration": {"task_routing": {"filters": filters}}}],
    }
