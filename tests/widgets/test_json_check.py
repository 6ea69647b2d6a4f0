"""The JSON editor's judge: where is the mistake, and is it short enough?"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit import limits
from labkit.widgets.json_check import check_attributes, check_configuration, with_language


@pytest.mark.parametrize(
    ("typed", "line", "column"),
    [
        ("", 1, 1),
        ("{", 1, 2),
        ('{"a": True}', 1, 7),
        ("{\n  \"a\": 1,\n  'b': 2\n}", 3, 3),
        ('{"a": 1} x', 1, 10),
        ('{"a" 1}', 1, 6),
        ('{"a": "never closed}', 1, 7),
        ('{"a": 1 "b": 2}', 1, 9),
    ],
)
def test_a_mistake_has_a_place(typed: str, line: int, column: int) -> None:
    """Line and column count from 1, and the caret stands under the place."""
    problem = check_attributes(typed).problem
    assert problem is not None
    assert (problem.line, problem.column) == (line, column)
    assert problem.text.startswith(f"Line {line}, column {column}: ")
    shown, caret = problem.source.split("\n")
    assert typed.split("\n")[line - 1] == shown
    assert caret.index("^") == column - 1


def test_a_long_line_is_cut_around_the_place() -> None:
    """The excerpt fits a narrow panel, and the caret is still under the mistake."""
    typed = '{"a": "' + "x" * 500 + '", oops}'
    problem = check_attributes(typed).problem
    assert problem is not None
    shown, caret = problem.source.split("\n")
    assert len(shown) <= 60
    assert shown[caret.index("^")] == typed[problem.column - 1] == "o"


@pytest.mark.parametrize(("typed", "hint"), [("{'a': 1}", "double quotes"), ('{"a": None}', "null")])
def test_python_habits_get_a_hint(typed: str, hint: str) -> None:
    """Who writes a Python dict is told what JSON wants there."""
    problem = check_attributes(typed).problem
    assert problem is not None
    assert hint in problem.text


@pytest.mark.parametrize("typed", ["[1]", '"text"', "1", "null", "NaN", '{"a": Infinity}', "[" * 100_000])
def test_only_an_object_will_do(typed: str) -> None:
    """Lists, texts, numbers, Python's own constants and bottomless nesting are refused in words."""
    checked = check_attributes(typed)
    assert checked.value is None
    assert checked.problem is not None
    assert len(checked.problem.text) > 10


@pytest.mark.parametrize(
    ("length", "fits"), [(limits.MAX_ATTRIBUTES_CHARACTERS, True), (limits.MAX_ATTRIBUTES_CHARACTERS + 1, False)]
)
def test_the_limit_is_on_what_is_sent(length: int, fits: bool) -> None:
    """TaskRouter counts the characters that it gets, however the editor's text is laid out."""
    value = {"a": "é" * (length - len('{"a": ""}'))}
    checked = check_attributes(json.dumps(value, indent=8))
    assert checked.characters == length
    assert (checked.value == value) is fits


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text()))
def test_whatever_is_json_comes_back_as_it_was(value: dict[str, object]) -> None:
    """The judge changes nothing."""
    assert check_attributes(json.dumps(value)).value == value


@given(st.text())
def test_any_text_is_judged(typed: str) -> None:
    """There is a value or a problem, never both, never an exception."""
    checked = check_attributes(typed)
    assert (checked.value is None) is (checked.problem is not None)


def test_the_language_is_set_and_the_rest_is_kept() -> None:
    """The shortcut changes one name; the layout stays as it was chosen."""
    assert with_language('{"selected_language": "es", "vip": true}', "en") == '{"selected_language": "en", "vip": true}'
    assert with_language("", "es") == '{"selected_language": "es"}'
    assert with_language('{\n  "a": 1\n}', "es") == '{\n  "a": 1,\n  "selected_language": "es"\n}'
    assert with_language("[", "es") is None


CONFIGURATION = """{
  "task_routing": {
    "filters": [
      {"expression": "a == 1", "targets": [{"queue": "WQ1"}, {"queue": "WQ2", "timeout": "soon"}]}
    ]
  }
}"""


@pytest.mark.parametrize(
    ("refusal", "line", "under"),
    [
        ("$.task_routing.filters[0].targets[1].timeout: a whole number is needed", 4, '"soon"'),
        ("$.task_routing.filters[0].filter_friendly_name: a string is needed", 4, '{"expression"'),
        ("$.task_routing.default_filter.queue: a TaskQueue SID is needed", 2, "{"),
        ("TaskQueue 'WQ2' is not in this Workspace", 4, '"WQ2"'),
        ("it is larger than 64000 bytes", 1, "{"),
    ],
)
def test_a_configuration_has_its_mistake_where_the_path_or_the_sid_is(refusal: str, line: int, under: str) -> None:
    """Of what is missing, at the value that should hold it."""
    problem = check_configuration(CONFIGURATION, f"Invalid Configuration: {refusal}")
    assert problem.line == line
    assert CONFIGURATION.split("\n")[line - 1][problem.column - 1 :].startswith(under)
    assert problem.text.startswith(f"Line {line}: {refusal[:1].upper()}")
    shown, caret = problem.source.split("\n")
    assert shown[caret.index("^") :].startswith(under[: len(shown) - caret.index("^")])


def test_a_configuration_that_is_no_json_is_judged_as_attributes_are() -> None:
    """At its line and column."""
    problem = check_configuration('{"task_routing": }', "Invalid Configuration: not valid JSON")
    assert (problem.line, problem.column) == (1, 18)
