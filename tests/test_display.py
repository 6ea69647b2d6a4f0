"""How results look: as text, as HTML in which everything is escaped, columns that are straight; lengths and numbers."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from html.parser import HTMLParser

import pytest
from tracked import ROOT

from labkit.display import ROWS, Code, Folded, Frame, Line, Lines, Result, Section, Table, counted, duration, shown

NASTY = "<b onclick='x'>&\"</b>"
DRAWING = "labkit/staffing/chart.py"
"""It makes the SVG of a plot, which a `Result` holds as a picture."""
OTHER_PAGES = {"labkit/callbacks/page.py", "labkit/sandbox/faults.py"}
"""Have HTML that is no result's: the callback server's own page, and what a fault answers with."""


class Shown(Result):
    """A result that has these sections."""

    def __init__(self, *sections: Section) -> None:
        self.sections: Sequence[Section] = sections

    def _sections(self) -> Sequence[Section]:
        return self.sections


class Tags(HTMLParser):
    """The tags of a page and their attributes; whether all that was opened was closed; and the text between."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


# --- text and HTML ----------------------------------------------------------------------------------------------------


def test_lines_to_copy_are_kept_as_they_are() -> None:
    """Indented as they were, in text as in HTML, and nothing in them is a tag."""
    result = Shown(Section("Lines.", Code(f"f(\n    {NASTY!r},\n)")))
    assert str(result).split("\n") == ["Lines.", "  f(", f"      {NASTY!r},", "  )"]
    seen = Tags(result._repr_html_())
    assert f"f(\n    {NASTY!r},\n)" in "".join(seen.texts)
    assert seen.tags == {"style", "div", "strong", "pre"}


def test_a_page_of_its_own_is_framed_with_links_beside_it() -> None:
    """Each of them has an address of its own, made when it is shown; text has one link."""
    numbers = iter(range(9))

    def address() -> str:
        return f'https://x.example/{next(numbers)}?"><b>'

    result = Shown(Section("A page.", Frame(NASTY, address=address, links={"Here": address, NASTY: address})))
    assert str(result).split("\n") == ["A page.", '  https://x.example/0?"><b>']
    html = result._repr_html_()
    assert [each for each in "1234" if f"https://x.example/{each}?" in html] == ["1", "2", "3"]
    seen = Tags(html)
    assert seen.tags == {"style", "div", "strong", "iframe", "a"}
    assert seen.attributes == {"class", "src", "title", "referrerpolicy", "href", "target", "rel"}


def test_a_result_reads_as_text() -> None:
    """Headline, rows or lines, and the last sentence; a blank line between two sections."""
    table = Section("Two Workers.", Table(("Name", "Is"), [("Alice", "here"), ("Bob", "there")]), foot="That is all.")
    lines = (Line("one", (Line("under"), Line("x", new="2", old="1"), Line("y", new="3"))), Line("two", mark="✓"))
    result = Shown(table, Section("Lines.", Lines(lines, margin=1, deeper=3)), Section("Nothing."))
    assert str(result).split("\n") == [
        *("Two Workers.", "  Alice  here", "  Bob    there", "That is all.", ""),
        *("Lines.", " one", "    under", "    x: 1 → 2", "    y: 3", " ✓ two", ""),
        "Nothing.",
    ]
    assert repr(result) == str(result)


def test_html_says_the_same() -> None:
    """With the names of the columns, and marks that are told in words."""
    line = Line("x", (Line("under"),), mark="+", look="add", meaning="add", new="2", old="1")
    html = Shown(
        Section("Head.", Table(("Name",), [("Alice",)]), foot="Foot."), Section("L", Lines([line]))
    )._repr_html_()
    assert "<th>Name</th>" in html
    assert '<span class="mark" title="add">+</span>x: <del>1</del> → <ins>2</ins><ul>' in html
    assert Tags(html).texts[1:] == ["Head.", "Name", "Alice", "Foot.", "L", "+", "x: ", "1", " → ", "2", "under"]


def test_lines_fold_that_shall() -> None:
    """Open where it says so, closed where not; a leaf has nothing to fold, and stands in line with those that have."""
    folding = [Line("a", (Line("b"),), is_open=True), Line("c", (Line("d"),), is_open=False), Line("e", is_open=True)]
    html = Lines([*folding, Line("f", (Line("g"),))]).as_html()
    assert html.count("<details") == 2
    assert html.count('<details class="plain" open>') == 1
    assert '<li class="plain"><span class="mark"></span>e</li>' in html
    assert '<li class="plain">f<ul>' in html


def test_everything_is_escaped() -> None:
    """Whatever a result is made of may have come from outside."""
    line = Line(NASTY, mark=NASTY, look=NASTY, meaning=NASTY, new=NASTY, old=NASTY)
    folding = Line(NASTY, (line,), look=NASTY, is_open=True)
    page = Tags(
        Shown(
            Section(NASTY, Table((NASTY,), [(NASTY,)] * (ROWS + 1)), foot=NASTY),
            Section("", Lines([line, folding])),
            Section("", Folded(NASTY, NASTY), look=NASTY),
        )._repr_html_()
    )
    assert page.tags == {
        *("style", "div", "table", "thead", "tbody", "tr", "th", "td"),
        *("ul", "li", "details", "summary", "span", "ins", "del", "pre", "strong"),
    }
    assert page.attributes == {"class", "title", "open", "tabindex"}
    assert page.open == []
    table, line_twice, folding_line, folded = 3 + ROWS, 2 * 3, 1, 2
    assert page.texts.count(NASTY) == table + line_twice + folding_line + folded


def test_a_long_table_is_cut_and_says_so() -> None:
    """In both forms; one that is empty is no table."""
    long = Table(("Number",), [(str(number),) for number in range(ROWS + 5)])
    assert list(long.as_text())[-2:] == [f"  {ROWS - 1}", "  … and 5 more"]
    assert long.as_html().endswith("</table><div>… and 5 more</div>")
    assert (list(Table(("Number",), []).as_text()), Table(("Number",), []).as_html()) == ([], "")


def test_nobody_else_makes_html_of_results() -> None:
    """No other module escapes it, says how a notebook shows a thing, or has a tag in a text."""
    tags = re.compile(r"</?(b|div|h[1-6]|li|p|span|strong|style|table|td|tr|ul)\b[^<>]*>")
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "labkit").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            for sign in _signs_of_html(node, tags):
                found.setdefault(sign, set()).add(name)
    assert found == {
        "repr": {"labkit/display.py", "labkit/widgets/base.py"},
        "escape": {"labkit/display.py", DRAWING},
        "tag": {"labkit/display.py", DRAWING, *OTHER_PAGES},
    }


def _signs_of_html(node: ast.AST, tags: re.Pattern[str]) -> list[str]:
    if isinstance(node, ast.FunctionDef) and node.name in ("_repr_html_", "_repr_mimebundle_", "_ipython_display_"):
        return ["repr"]
    if isinstance(node, ast.Import) and any(each.name.split(".")[0] in ("html", "markupsafe") for each in node.names):
        return ["escape"]
    if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("html", "markupsafe"):
        return [] if [each.name for each in node.names] == ["unescape"] else ["escape"]
    text = node.value if isinstance(node, ast.Constant) else ""
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return ["tag"] if isinstance(text, str) and tags.search(text) else []


# --- lengths and numbers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (185, "3 min 5 s"),
        (3600, "1 h"),
        (7859, "2 h 10 min"),
        (86_399, "23 h 59 min"),
        (4 * 86_400 + 3 * 3600 + 59, "4 d 3 h"),
    ],
)
def test_how_long(seconds: float, said: str) -> None:
    """To the second, in two units at most; what is nothing is not said."""
    assert duration(seconds) == said


@pytest.mark.parametrize(("number", "said"), [(0, "0 Tasks"), (1, "1 Task"), (2, "2 Tasks"), (12_345, "12,345 Tasks")])
def test_how_many(number: int, said: str) -> None:
    """One is one, and all others are many."""
    assert counted(number, "Task") == said


# --- columns ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("Zoë", 3),
        ("Zoe\N{COMBINING DIAERESIS}", 3),
        ("张伟", 4),
        ("한국어", 6),
        ("ｶﾞ", 2),
        ("☎\N{VARIATION SELECTOR-16}", 2),
        ("\N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}", 2),
        ("\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}", 2),
        ("\N{REGIONAL INDICATOR SYMBOL LETTER C}\N{REGIONAL INDICATOR SYMBOL LETTER H}", 2),
        ("ก็", 1),
        ("", 0),
    ],
)
def test_columns_are_straight(name: str, places: int) -> None:
    """Letters that take two places, none, or one together, are counted by what they take in a terminal."""
    first, second = Table(("", ""), [(name, "here"), ("Alice Wong", "there")]).as_text()
    assert first == f"  {name}{' ' * (len('Alice Wong') - places)}  here"
    assert second == "  Alice Wong  there"


def test_the_widest_cell_makes_the_column() -> None:
    """Also where it has fewer characters than others."""
    first, second = Table(("", ""), [("张伟张伟", "here"), ("Alice", "there")]).as_text()
    assert (first, second) == ("  张伟张伟  here", "  Alice     there")


def test_a_row_is_a_line_and_does_nothing_to_the_terminal() -> None:
    """Escape sequences, bells and what turns the writing round are shown as what cannot be shown."""
    [row] = Table(("", ""), [('{"a":\r\n\t1,  "b": 2}', "\x1b[2J\a\N{RIGHT-TO-LEFT OVERRIDE}x")]).as_text()
    assert row == '  {"a": 1,  "b": 2}  �[2J��x'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("es", '"es"'),
        (None, "null"),
        (["en", 1, True], '["en", 1, true]'),
        ([], "[]"),
        ({"tier": "gold"}, '{"tier": "gold"}'),
        ("a long story " * 9, '"a long story a long…"'),
        ('""""""""""""""""""""', '"\\"\\"\\"\\"\\"\\"\\"\\"\\"…"'),
        ({"story": "a long story"}, '{"story": "a long st…'),
        ([f"skill {number}" for number in range(40)], '["skill 0", "skill 1", … and 38 more]'),
        (["a long story " * 9, 1], '["a long story a long…", … and 1 more]'),
    ],
)
def test_long_values_are_cut_where_nothing_is_torn(value: object, text: str) -> None:
    """A list between its elements, a text within its quotes; what is short is JSON."""
    assert shown(value, most=20) == text


def test_every_value_can_be_shown() -> None:
    """Strangers send numbers that Python does not write, and lists in lists without end."""
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert shown(10**5000) == "a very long number"
    assert shown(deep) == "[a deeply nested value]"
    assert shown({1}) == "something that is no JSON"
