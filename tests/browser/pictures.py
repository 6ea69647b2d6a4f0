"""Where screenshots go: all to test-artifacts/, and those that the documentation shows to docs/images/ when asked."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from tracked import ROOT

ARTIFACTS = ROOT / "test-artifacts"
IMAGES = ROOT / "docs" / "images"


def save(name: str, take: Callable[[Path], object]) -> Path:
    """Have `take` write test-artifacts/<name>.png.

    With LABKIT_SAVE_SCREENSHOTS=1 a picture that is on a page of the documentation is renewed there too.
    """
    ARTIFACTS.mkdir(exist_ok=True)
    picture = ARTIFACTS / f"{name}.png"
    take(picture)
    if os.environ.get("LABKIT_SAVE_SCREENSHOTS") == "1" and _is_shown(picture.name):
        IMAGES.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, IMAGES / picture.name)
    return picture


def _is_shown(name: str) -> bool:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    return any(f"images/{name})" in page.read_text(encoding="utf-8") for page in pages)
