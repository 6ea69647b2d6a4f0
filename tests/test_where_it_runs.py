"""docs/where-it-runs.md says of every place how it is known what works there, and names tests that exist."""

from __future__ import annotations

import re

import pytest
from tracked import ROOT

from labkit.callbacks import form_variants, signature_mismatch, url_variants
from labkit.callbacks.forms import BODY_BYTES

TEXT = (ROOT / "docs" / "where-it-runs.md").read_text(encoding="utf-8")
TABLES = re.findall(r"^\| ([^|]+) \| ([^|]+) \|", TEXT.partition("## An address of your own")[0], flags=re.MULTILINE)
ROWS = [(place, known) for place, known in TABLES if known != "How that is known"]


@pytest.mark.parametrize(("place", "known"), ROWS, ids=[place for place, _ in ROWS])
def test_each_place_is_marked(place: str, known: str) -> None:
    """Tried, and how; or not, and what the line goes by."""
    assert re.fullmatch(r"(Tried|Not tried) \(.{5,}\)", known)
    paths = re.findall(r"`(tests/[^`]*)`", known)
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_nothing_is_left_out() -> None:
    """What people ask for by name."""
    places = {place for place, _ in ROWS}
    asked = {"JupyterLab 4", "Notebook 7", "Voilà", "VS Code", "Colab", "Codespaces", "JupyterHub", "Binder"}
    assert asked | {"Linux", "macOS", "Windows"} <= places


def test_the_bounds_are_those_of_the_code() -> None:
    """Numbers in prose go stale."""
    assert f"at most {url_variants.MOST} URLs and {form_variants.MOST} forms" in TEXT
    assert (signature_mismatch.SEARCHES_PER_SECOND, "for five requests a second" in TEXT) == (5, True)
    assert (BODY_BYTES, "one mebibyte" in TEXT) == (1024 * 1024, True)
