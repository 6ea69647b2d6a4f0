"""Writes the list of Events in docs/glossary.md, from the table in labkit/live/events.py.

`python docs/make_glossary.py` writes it; tests/test_glossary.py fails while it is stale.
"""

from __future__ import annotations

import re
from pathlib import Path

from labkit.live.events import EVENTS

PAGE = Path(__file__).resolve().parent / "glossary.md"
LIST = re.compile(r"(?<=<!-- events -->\n).*?(?=<!-- end of events -->)", re.DOTALL)
UNTOLD = "in TaskRouter's own words"


def page(before: str) -> str:
    """The page with its list made anew, and nothing else changed."""
    rows = (f"| `{kind}` | {meaning.sentence or UNTOLD} |\n" for kind, meaning in EVENTS.items())
    table = "".join(["\n| Event | How it is told |\n|---|---|\n", *rows, "\n"])
    return LIST.sub(lambda _: table, before)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
