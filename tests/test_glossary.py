"""docs/glossary.md: its list of Events is the lab's own table."""

from __future__ import annotations

import runpy

from tracked import ROOT

from labkit.vocabulary import EventType


def test_the_list_of_events_is_up_to_date() -> None:
    """`python docs/make_glossary.py` would not change the page, and the page has every type."""
    maker = runpy.run_path(str(ROOT / "docs" / "make_glossary.py"))
    page = maker["PAGE"].read_text(encoding="utf-8")
    assert page == maker["page"](page)
    assert [kind for kind in EventType if f"| `{kind}` |" not in page] == []
