"""Where the notebooks of the lessons are, for who wants to open one from another."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from labkit.course.checks import this_notebook
from labkit.course.course_map import NotebookPlace

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("work", "notebooks")
"""Where the lessons are below the clone's folder: the learner's copies first."""


def place_of(lesson: str, environ: Mapping[str, str] = os.environ) -> NotebookPlace:
    """Where a lesson's notebook is: beside this one, or else in the clone.

    Args:
        lesson: its name.
        environ: the environment that tells which notebook and which Jupyter server this kernel belongs to.
    """
    own = this_notebook(environ)
    folders = [*([Path(own).parent] if Path(own).is_absolute() else []), *(ROOT / name for name in FOLDERS)]
    found = next((folder / f"{lesson}.ipynb" for folder in folders if (folder / f"{lesson}.ipynb").is_file()), None)
    if found is None:
        return NotebookPlace()
    path, base_url = _in_jupyter(found, environ)
    if not path:
        return NotebookPlace(file=str(found))
    return NotebookPlace(file=path, path=path, url=f"{base_url.rstrip('/')}/lab/tree/{quote(path)}")


def _in_jupyter(file: Path, environ: Mapping[str, str]) -> tuple[str, str]:
    """Its path as the Jupyter server of this kernel has it, and where that server begins; empty where there is none."""
    from jupyter_core.paths import jupyter_runtime_dir

    told = Path(jupyter_runtime_dir()) / f"jpserver-{environ.get('JPY_PARENT_PID', '')}.json"
    try:
        server = json.loads(told.read_text(encoding="utf-8"))
        path = file.resolve().relative_to(Path(server["root_dir"]).resolve())
        return path.as_posix(), str(server["base_url"])
    except (OSError, ValueError, KeyError, TypeError):
        return "", ""
