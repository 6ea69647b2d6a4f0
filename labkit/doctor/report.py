"""Findings as lines for a terminal, and as a document for programs."""

from __future__ import annotations

import platform
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from labkit._version import __version__
from labkit.doctor.finding import Finding

FORM = 1
"""Of the document; a number more when something in it changes its meaning or goes."""
MARKS = {"ok": "✓", "warn": "!", "bad": "✗", "skipped": "-"}
_PLAIN_MARKS = {"ok": "ok", "warn": "! ", "bad": "X ", "skipped": "- "}
_WIDEST = 100
_NAME_WIDTH = 15


def lines(finding: Finding, *, width: int, encoding: str = "utf-8") -> Iterator[str]:
    """One finding: its mark, its name and what was said, with the remedy after an arrow.

    Args:
        finding: what was found.
        width: of the terminal, in columns; lines are broken before.
        encoding: of the terminal; one that has no tick gets other marks.
    """
    mark, arrow = _signs(finding, encoding)
    head = f"{mark} {finding.name:<{_NAME_WIDTH}} "
    within = min(width, _WIDEST)
    yield from _wrapped(finding.said, first=head, then=" " * len(head), width=within)
    if finding.remedy:
        yield from _wrapped(finding.remedy, first=" " * (len(head) - 2) + arrow, then=" " * len(head), width=within)


def summary(findings: Sequence[Finding]) -> str:
    """What it all comes to, in a sentence or two."""
    wrong = [each.name for each in findings if each.verdict == "bad"]
    doubtful = [each.name for each in findings if each.verdict == "warn"]
    parts = []
    if wrong:
        parts.append(f"{_so_many(len(wrong), 'thing is', 'things are')} wrong: {', '.join(wrong)}.")
    else:
        parts.append("Nothing is wrong.")
    if doubtful:
        parts.append(f"{_so_many(len(doubtful), 'thing', 'things')} to know of: {', '.join(doubtful)}.")
    return " ".join(parts)


def document(findings: Sequence[Finding]) -> dict[str, Any]:
    """All of it for programs: `form`, the versions, and the findings with `name`, `verdict`, `said`, `remedy`."""
    found = [asdict(each) for each in findings]
    return {
        "form": FORM,
        "labkit": __version__,
        "python": platform.python_version(),
        "system": sys.platform,
        "wrong": sum(each.verdict == "bad" for each in findings),
        "warnings": sum(each.verdict == "warn" for each in findings),
        "findings": [{key: each[key] for key in ("name", "verdict", "said", "remedy")} for each in found],
    }


def _wrapped(text: str, *, first: str, then: str, width: int) -> list[str]:
    clean = "".join(letter if letter.isprintable() else " " for letter in text)
    return textwrap.wrap(
        clean,
        width,
        initial_indent=first,
        subsequent_indent=then,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _signs(finding: Finding, encoding: str) -> tuple[str, str]:
    try:
        "✓✗→".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return _PLAIN_MARKS[finding.verdict], "> "
    return MARKS[finding.verdict], "→ "


def _so_many(number: int, one: str, many: str) -> str:
    words = {1: "One", 2: "Two", 3: "Three"}
    return f"{words.get(number, number)} {one if number == 1 else many}"
