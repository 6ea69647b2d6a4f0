"""YAML as far as JSON goes: what is written is read back the same, and what goes beyond is refused."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from labkit.errors import WorkspaceFileError
from labkit.workspace_file import yaml_text
from labkit.workspace_file.attributes import same
from labkit.workspace_file.yaml_text import Inline, dump, parse

LOADERS = [yaml.SafeLoader, *([yaml.CSafeLoader] if hasattr(yaml, "CSafeLoader") else [])]
"""PyYAML has one in C where it was built with it."""
TEXTS = st.text(max_size=30) | st.sampled_from(
    [
        "no",
        "on",
        "null",
        "~",
        "",
        "1e3",
        "0o17",
        "007",
        "1_000",
        "12:30",
        "2026-01-01",
        "=",
        "<<",
        "- x",
        "a: b",
        "#",
        "+.5",
    ]
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda children: st.lists(children, max_size=4) | st.dictionaries(TEXTS, children, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("loader", LOADERS, ids=lambda loader: loader.__name__)
@given(value=JSON)
def test_what_is_written_is_read_back(loader: type, value: Any) -> None:
    """Every JSON value, with the texts that YAML likes to take for something else."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_text, "_LOADER", loader)
        assert same(parse(dump({"value": value})).value, {"value": value})


@given(value=JSON)
def test_other_readers_of_yaml_read_the_same(value: Any) -> None:
    """Texts are in quotes where YAML 1.1 would read a number, a date or a truth."""
    assert same(yaml.safe_load(dump({"value": value})), {"value": value})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[en, no, es]", ["en", "no", "es"]),
        ("2026-01-01", "2026-01-01"),
        ("12:30", "12:30"),
        ("0x1F", "0x1F"),
        ("007", "007"),
        ("yes", "yes"),
        ("1e3", 1000.0),
        ("-0.5", -0.5),
        ("+7", 7),
        ("~", None),
        ("'true'", "true"),
        ("|\n  two\n  lines\n", "two\nlines\n"),
    ],
)
def test_words_stay_words(text: str, value: object) -> None:
    """What people write by hand is read as in YAML 1.2: Norwegian is a language, and a date is a text."""
    assert same(parse(f"value: {text}").value["value"], value)


def test_everything_knows_its_line() -> None:
    """A complaint can name the line of any path."""
    lines = parse("a:\n- b: 1\n\n  'c d': [x,\n    y]\n").lines
    assert lines == {"": 1, "a": 2, "a[0]": 2, "a[0].b": 2, "a[0].'c d'": 4, "a[0].'c d'[0]": 4, "a[0].'c d'[1]": 5}


def test_the_same_list_twice_is_written_out_twice() -> None:
    """What is written never holds an anchor, which would not be read again."""
    twice = ["x" * 100]
    assert parse(dump({"a": twice, "b": twice})).value == {"a": twice, "b": twice}


def test_a_short_mapping_stands_in_one_line() -> None:
    """A Worker's channel is a line, not three."""
    assert dump({"voice": Inline(capacity=1, available=True)}) == "voice: {capacity: 1, available: true}\n"


def test_what_is_nested_beyond_measure_is_a_sentence() -> None:
    """Not a RecursionError out of the middle of a library."""
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(WorkspaceFileError, match="nested too deeply"):
        dump(deep)
