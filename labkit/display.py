"""How results look: as text in a terminal, as a small page in a notebook. What comes from outside stays text.

A result says what it shows (a headline, and a table or lines under it), and `Result` makes both of it, in one style.
Nobody else makes HTML of results, so this is the one place where it is escaped.
"""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any, Generic, SupportsIndex, TypeVar, overload

ROWS = 40
"""Shown of one table; the others are counted."""

# Colours come from JupyterLab's theme where there is one, and suit light and dark where there is none. Where a colour
# says something, a mark says the same. Under the box of an error stands what the front end makes of the same error:
# its sentence once more, which is not shown twice.
_STYLE = """
.labkit-result{line-height:1.5;color:var(--jp-content-font-color1,inherit)}
.labkit-result .head{max-width:60rem;margin:.2rem 0 .4rem;font-weight:600}
.labkit-result .foot{margin:.4rem 0 .8rem}
.labkit-result :is(.foot,.hint){font-size:.92em;opacity:.75}
.labkit-result table{margin:.4rem 0 .8rem;border-collapse:collapse;font-variant-numeric:tabular-nums}
.labkit-result :is(th,td){padding:.15rem .9rem .15rem 0;text-align:left!important;vertical-align:top}
.labkit-result th{font-weight:600;opacity:.75}
.labkit-result ul{max-width:60rem;margin:0;padding:0 0 0 1.3rem;list-style:none!important}
.labkit-result>ul{padding:0}
.labkit-result li{padding:.05rem 0;overflow-wrap:anywhere}
.labkit-result summary{cursor:pointer}
.labkit-result .mark{display:inline-block;min-width:1.1rem;opacity:.7}
.labkit-result :is(.good,.bad,.done,.good>summary,.bad>summary)>.mark{opacity:1}
.labkit-result :is(.good,.done,.good>summary)>.mark{color:var(--jp-success-color1,#2e9e5b)}
.labkit-result :is(.bad,.bad>summary)>.mark{color:var(--jp-error-color1,#d9534f)}
.labkit-result :is(.done,.missing){padding:.2rem 0}
.labkit-result .done>.mark{font-weight:700}
.labkit-result :is(.add,.change,.remove,.keep){margin:.15rem 0;padding-left:.6rem}
.labkit-result :is(.add,.change,.remove,.keep){border-left:3px solid var(--jp-border-color1,#8888)}
.labkit-result .add{border-color:var(--jp-success-color1,#2e9e5b)}
.labkit-result .change{border-color:var(--jp-warn-color1,#c77d0a)}
.labkit-result .remove{border-color:var(--jp-error-color1,#d9534f)}
.labkit-result .keep{opacity:.75}
.labkit-result :is(.value,.obstacle){font-family:var(--jp-code-font-family,monospace);font-size:.92em}
.labkit-result .obstacle{color:var(--jp-error-color1,#d9534f)}
.labkit-result .error{max-width:62rem;margin:.2rem 0;padding:.3rem .9rem;border:1px solid var(--jp-border-color1,#8888)}
.labkit-result .error{display:flex;flex-direction:column;border-left:4px solid var(--jp-error-color1,#d9534f)}
.labkit-result .error details{order:1}
.labkit-result .error .head{white-space:pre-wrap;overflow-wrap:anywhere}
.labkit-result .error .foot{margin:0 0 .2rem;opacity:1;font-family:var(--jp-code-font-family,monospace)}
.labkit-result pre.code{max-width:60rem;overflow-x:auto;font-size:.92em;line-height:1.45}
.labkit-result iframe{width:100%;max-width:72rem;height:38rem;border:1px solid var(--jp-border-color1,#8888)}
.labkit-result iframe{border-radius:8px}
.labkit-result .error pre{max-height:24rem;overflow:auto;font-size:.92em;line-height:1.35}
.jp-OutputArea-child:has(.labkit-result>.error)+:has([data-mime-type$=error],[data-mime-type$=stderr]){display:none}
.labkit-result:has(>.still){padding:.4rem .9rem;border:1px dashed var(--jp-border-color1,#8888)}
.jp-OutputArea-child:has(.lk)+:has(.labkit-result>.still){display:none}
.jp-OutputArea-child:not(:has(.lk)):has(+* .labkit-result>.still){display:none}
.labkit-result del{opacity:.75}
.labkit-result ins{text-decoration:none;font-weight:600}
"""
_LOOKS = {"✓": "good", "✗": "bad", "→": "good"}
"""Of a line that has no other, by its mark."""

_LINE_BREAKS = re.compile(r"\s*[\t\n\v\f\r\x85\u2028\u2029]\s*")
_JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"
"""Not printable by themselves; in between they make one emoji of several, and right Persian."""


class Content(ABC):
    """What stands under a headline."""

    __slots__ = ()

    @abstractmethod
    def as_text(self) -> Iterator[str]:
        """Its lines."""

    @abstractmethod
    def as_html(self) -> str:
        """It as HTML, with every text escaped."""


@dataclass(frozen=True, slots=True)
class Table(Content):
    """Rows in columns.

    Attributes:
        columns: their names, which HTML shows.
        rows: a text for each column.
        names_in_text: whether text shows the names as well.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    names_in_text: bool = False

    def as_text(self) -> Iterator[str]:
        """A line for each row; columns are as wide as a terminal shows their texts: a letter may take two places."""
        from wcwidth import ljust, wcswidth

        heads = [self.columns] if self.names_in_text and self.rows else []
        shown = [[_printable(cell) for cell in row] for row in (*heads, *self.rows[:ROWS])]
        widths = [max(map(wcswidth, column)) for column in zip(*shown, strict=True)]
        for row in shown:
            yield f"  {'  '.join(map(ljust, row, widths))}".rstrip()
        yield from (f"  {line}" for line in self._more())

    def as_html(self) -> str:
        """A table, and how many rows are not in it."""
        more = "".join(f"<div>{escape(line)}</div>" for line in self._more())
        if not self.rows:
            return more
        head = "".join(f"<th>{escape(name)}</th>" for name in self.columns)
        cells = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in self.rows[:ROWS])
        body = "".join(f"<tr>{row}</tr>" for row in cells)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"

    def _more(self) -> list[str]:
        return [f"… and {len(self.rows) - ROWS:,} more"] if len(self.rows) > ROWS else []


@dataclass(frozen=True, slots=True)
class Line:
    """One line, and what belongs under it.

    Attributes:
        text: what it says.
        children: the lines under it.
        mark: a sign before it, such as ``✓``, or none.
        look: `done`, `missing`, `hint`; `add`, `change`, `remove`, `keep`, `value`, `obstacle`; or as its mark says.
        meaning: the mark in words.
        is_open: whether HTML shows the children at once; None if they do not fold.
        new: the value that stands after the text, if any.
        old: the one that was there before.
    """

    text: str
    children: tuple[Line, ...] = ()
    mark: str = ""
    look: str = ""
    meaning: str = ""
    is_open: bool | None = None
    new: str = ""
    old: str = ""

    def as_text(self) -> str:
        """Without what is under it."""
        mark, old = f"{self.mark} " if self.mark else "", f"{self.old} → " if self.old else ""
        return _printable(f"{mark}{self.text}: {old}{self.new}" if self.new else f"{mark}{self.text}")

    def as_html(self) -> str:
        """A list's item, which folds if it shall."""
        look, said, under = self.look or _LOOKS.get(self.mark, "plain"), self._said(), _list(self.children)
        if self.is_open is None or not self.children:
            return f'<li class="{escape(look)}">{said}{under}</li>'
        opened = " open" if self.is_open else ""
        return f'<li><details class="{escape(look)}"{opened}><summary>{said}</summary>{under}</details></li>'

    def _said(self) -> str:
        old = f"<del>{escape(self.old)}</del> → " if self.old else ""
        value = f": {old}<ins>{escape(self.new)}</ins>" if self.new else ""
        return f"{self._marked()}{escape(self.text)}{value}"

    def _marked(self) -> str:
        """The mark; one that does not fold gets room for it among those that do, so that they stand in line."""
        if not self.mark and (self.is_open is None or self.children):
            return ""
        title = f' title="{escape(self.meaning)}"' if self.meaning else ""
        return f'<span class="mark"{title}>{escape(self.mark)}</span>'


@dataclass(frozen=True, slots=True)
class Lines(Content):
    """Lines with lines under them.

    Attributes:
        lines: the first ones.
        margin: blanks before each in text.
        deeper: blanks more before those under another.
    """

    lines: Sequence[Line]
    margin: int = 0
    deeper: int = 2

    def as_text(self) -> Iterator[str]:
        """Each with its blanks."""
        return self._indented(self.lines, self.margin)

    def as_html(self) -> str:
        """A list of lists."""
        return _list(self.lines)

    def _indented(self, lines: Sequence[Line], blanks: int) -> Iterator[str]:
        for line in lines:
            yield f"{' ' * blanks}{line.as_text()}"
            yield from self._indented(line.children, blanks + self.deeper)


@dataclass(frozen=True, slots=True)
class Folded(Content):
    """A long text that only HTML shows, and only when it is unfolded.

    Attributes:
        label: what is clicked on.
        text: any number of lines, kept as they are.
    """

    label: str
    text: str

    def as_text(self) -> Iterator[str]:
        """Nothing."""
        return iter(())

    def as_html(self) -> str:
        """It scrolls, by keyboard too."""
        return f'<details><summary>{escape(self.label)}</summary><pre tabindex="0">{escape(self.text)}</pre></details>'


@dataclass(frozen=True, slots=True)
class Code(Content):
    """Lines to copy, kept as they are."""

    text: str

    def as_text(self) -> Iterator[str]:
        """Its lines."""
        yield from (f"  {_printable(line)}".rstrip() for line in self.text.split("\n"))

    def as_html(self) -> str:
        """It scrolls, by keyboard too."""
        return f'<pre class="code" tabindex="0">{escape(self.text)}</pre>'


@dataclass(frozen=True, slots=True)
class Frame(Content):
    """A page of its own, which HTML shows inside of the notebook, with links that open it beside.

    Attributes:
        title: what the page is.
        address: gives one, which may be another one each time.
        links: what else leads to it, by what is said of it; text has the first.
    """

    title: str
    address: Callable[[], str]
    links: Mapping[str, Callable[[], str]]

    def as_text(self) -> Iterator[str]:
        """The link that a browser is to be given."""
        yield f"  {next(iter(self.links.values()))()}"

    def as_html(self) -> str:
        """The page, and under it the links."""
        links = " · ".join(
            f'<a href="{escape(link())}" target="_blank" rel="noopener noreferrer">{escape(label)}</a>'
            for label, link in self.links.items()
        )
        page = f'<iframe src="{escape(self.address())}" title="{escape(self.title)}" referrerpolicy="no-referrer">'
        return f'{page}</iframe><div class="foot">{links}</div>'


@dataclass(frozen=True, slots=True)
class Section:
    """A headline, what stands under it, and a last sentence; `look` is `error` or none."""

    headline: str
    content: Content | None = None
    foot: str = ""
    look: str = ""

    def as_text(self) -> str:
        """Line by line."""
        content = self.content.as_text() if self.content is not None else ()
        return "\n".join([_printable(self.headline), *content, *filter(None, [_printable(self.foot)])])

    def as_html(self) -> str:
        """The same as HTML."""
        content = self.content.as_html() if self.content is not None else ""
        foot = f'<div class="foot">{escape(self.foot)}</div>' if self.foot else ""
        html = f'<div class="head"><strong>{escape(self.headline)}</strong></div>{content}{foot}'
        return f'<div class="{escape(self.look)}">{html}</div>' if self.look else html


class Result(ABC):
    """What a notebook shows as a small page, and `print` as text."""

    __slots__ = ()

    @abstractmethod
    def _sections(self) -> Iterable[Section]:
        """What there is to show."""

    def __str__(self) -> str:
        return "\n\n".join(section.as_text() for section in self._sections())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        parts = "".join(section.as_html() for section in self._sections())
        return f'<style>{_STYLE}</style><div class="labkit-result">{parts}</div>'


def sections_of(result: Result) -> Iterable[Section]:
    """What a result shows, for whoever shows it among other things."""
    return result._sections()  # noqa: SLF001 - no name that the Tab key shows of every result


class TableRow(Result):
    """One thing, such as a Task: a row of a table among others, and a small table by itself."""

    __slots__ = ()

    @abstractmethod
    def cells(self) -> Mapping[str, str]:
        """What the columns say of it, by their names; the first says which one it is. A status says of what it is."""

    def _sections(self) -> tuple[Section]:
        (name, text), *others = self.cells().items()
        return (Section(f"{name}: {text}", Table(("", ""), others)),)


R = TypeVar("R", bound=TableRow)


class Records(list[R], Result, Generic[R]):
    """A list that shows itself as a table.

    Args:
        records: what is in it, all of one kind.
        thing: what one is called.
        things: what several are called; the same with an s by default.
    """

    def __init__(self, records: Iterable[R], thing: str, *, things: str = "") -> None:
        super().__init__(records)
        self._names = (thing, things or f"{thing}s")

    __str__ = Result.__str__
    __repr__ = Result.__str__

    @overload
    def __getitem__(self, index: SupportsIndex) -> R: ...
    @overload
    def __getitem__(self, index: slice) -> Records[R]: ...
    def __getitem__(self, index: SupportsIndex | slice) -> R | Records[R]:
        """One of them; or those of a slice, which show themselves as well."""
        found = super().__getitem__(index)
        thing, things = self._names
        return Records(found, thing, things=things) if isinstance(found, list) else found

    def _sections(self) -> tuple[Section]:
        cells = [each.cells() for each in self]
        rows = [tuple(each.values()) for each in cells]
        headline = f"{len(self):,} {self._names[len(self) != 1]}"
        return (Section(headline, Table(tuple(cells[0]) if cells else (), rows, names_in_text=True)),)


def date_and_time(moment: datetime) -> str:
    """`2026-11-22 14:02:05`, of a moment in UTC; whoever shows it says UTC once, beside it."""
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def time_of_day(moment: datetime, *, today: datetime | None = None) -> str:
    """`14:02:05` in UTC, as the panels have it; `Mon 14:02:05` or `24 Nov 14:02:05` on other days.

    Twilio's API and its log are in UTC, so everything here is. Whoever shows it says so once, beside it.
    """
    shown = moment.astimezone(UTC)
    away = 0 if today is None else abs((shown.date() - today.astimezone(UTC).date()).days)
    day = "" if away == 0 else "%a " if away < 7 else "%d %b "
    return f"{shown:{day}%H:%M:%S}"


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


def shortened(text: str, *, most: int = 60) -> str:
    """A text or its beginning, on one line."""
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= most else f"{one_line[:most].rstrip()}…"


def shown(value: Any, *, most: int = 80) -> str:
    """A value as JSON in some `most` characters: a long list by its first elements, a long text by its beginning."""
    if not isinstance(value, list | tuple):
        return _cut(value, most)
    kept: list[str] = []
    for each in value:
        text = _cut(each, most)
        if kept and sum(map(len, kept)) + len(text) > most:
            return f"[{', '.join(kept)}, … and {len(value) - len(kept):,} more]"
        kept.append(text)
    return f"[{', '.join(kept)}]"


def _cut(value: Any, most: int) -> str:
    text = _as_json(value)
    if len(text) <= most:
        return text
    beginning = text[:most].rstrip("\\")
    return f'{beginning}…"' if isinstance(value, str) else f"{beginning}…"


def _as_json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except ValueError:  # Python refuses to write out very long numbers
        return "a very long number"
    except RecursionError:
        return "a deeply nested value"
    except TypeError:
        return "something that is no JSON"


def _list(lines: Sequence[Line]) -> str:
    return f"<ul>{''.join(line.as_html() for line in lines)}</ul>" if lines else ""


def _printable(text: str) -> str:
    """On one line, without what a stranger's text could do to a terminal."""
    one_line = _LINE_BREAKS.sub(" ", text)
    return "".join(c if c.isprintable() or c in _JOINERS else "\N{REPLACEMENT CHARACTER}" for c in one_line)
