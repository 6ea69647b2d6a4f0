"""How results look: as text in a terminal, as a small table in a notebook. What comes from outside stays text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from html import escape

ROWS = 40
"""Shown of one result; the others are counted."""

_STYLE = (
    "<style>.labkit-result{color:var(--jp-content-font-color1,inherit);line-height:1.5}"
    ".labkit-result table{margin:.4rem 0 .8rem;border-collapse:collapse;font-variant-numeric:tabular-nums}"
    ".labkit-result :is(th,td){padding:.15rem .9rem .15rem 0;text-align:left!important;vertical-align:top}"
    ".labkit-result th{font-weight:600;opacity:.75}</style>"
)

_LINE_BREAKS = re.compile(r"\s*[\t\n\v\f\r\x85\u2028\u2029]\s*")
_JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"
"""Not printable by themselves; in between they make one emoji of several, and right Persian."""

Rows = Sequence[Sequence[str]]


def as_text(headline: str, rows: Rows) -> str:
    """The headline, and the rows below it in columns, by how wide a text is: a letter may take two places, or none."""
    from wcwidth import ljust, wcswidth

    shown = [[_printable(str(cell)) for cell in row] for row in rows[:ROWS]]
    widths = [max(map(wcswidth, column)) for column in zip(*shown, strict=True)]
    lines = ["  ".join(ljust(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in shown]
    return "\n".join([headline, *(f"  {line}" for line in lines), *_more(rows)])


def as_html(headline: str, columns: Sequence[str], rows: Rows) -> str:
    """The same as a table."""
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    body = "".join(f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows[:ROWS])
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if rows else ""
    more = "".join(f"<div>{escape(line.strip())}</div>" for line in _more(rows))
    return f'{_STYLE}<div class="labkit-result"><strong>{escape(headline)}</strong>{table}{more}</div>'


def time_of_day(moment: datetime, *, today: datetime | None = None) -> str:
    """`14:02:05` in this computer's zone, as the panels show it; `Mon 14:02:05` or `24 Nov 14:02:05` on other days."""
    local = moment.astimezone()
    away = 0 if today is None else abs((local.date() - today.astimezone().date()).days)
    day = "" if away == 0 else "%a " if away < 7 else "%d %b "
    return f"{local:{day}%H:%M:%S}"


def duration(seconds: float) -> str:
    """How long, in two units at most: 8 s, 2 min, 3 min 5 s, 2 h 10 min, 4 d 3 h. Less than nothing is 0 s."""
    left, parts = max(0, round(seconds)), []
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        if left >= size:
            parts.append(f"{left // size} {unit}")
            left %= size
    return " ".join(parts[:2]) or "0 s"


def counted(number: int, thing: str) -> str:
    """`1 event`, `2 events`, `1,000 Workers`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _printable(text: str) -> str:
    """On one line, without what a stranger's text could do to a terminal."""
    one_line = _LINE_BREAKS.sub(" ", text)
    return "".join(c if c.isprintable() or c in _JOINERS else "\N{REPLACEMENT CHARACTER}" for c in one_line)


def _more(rows: Rows) -> list[str]:
    return [f"  … and {len(rows) - ROWS:,} more"] if len(rows) > ROWS else []
