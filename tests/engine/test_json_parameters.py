"""Attributes: what is taken, how it comes back, what is refused and in which words."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit import limits
from labkit.attributes import parse_json
from labkit.engine.json_parameters import MAX_DEPTH, parse_attributes
from labkit.engine.refusals import InvalidParameter

plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
documents = st.dictionaries(
    st.text(), st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
)


def test_blanks_go_and_the_rest_stays() -> None:
    """Attributes come back without the blanks between their parts, letters of any script as they are."""
    text, values = parse_attributes('{ "name" : "Zoë Müller",\n "langs": [ "es", "日本" ] }')
    assert text == '{"name":"Zoë Müller","langs":["es","日本"]}'
    assert values == {"name": "Zoë Müller", "langs": ["es", "日本"]}


@given(documents)
def test_what_is_taken_can_be_read_again(values: dict[str, object]) -> None:
    """Whatever was taken reads back as the same values, and its text has a UTF-8 form for the store."""
    given_text = json.dumps(values)
    if len(given_text) > limits.MAX_ATTRIBUTES_CHARACTERS:
        return
    text, parsed = parse_attributes(given_text)
    assert parsed == values == parse_json(text)
    text.encode("utf-8")


def test_half_a_surrogate_pair_stays_an_escape() -> None:
    """Half a pair has no UTF-8, so it travels as it came, and nothing else is made longer by it."""
    text, values = parse_attributes('{"half": "\\ud800", "whole": "\\ud83d\\ude00", "e": "é"}')
    assert text == '{"half":"\\ud800","whole":"😀","e":"é"}'
    assert parse_json(text) == values


def test_numbers_may_grow_when_written_anew() -> None:
    """`1e9` is taken at its short length; what it has become may be longer than the limit and is still read."""
    short = '{"n": [' + ",".join(["1e9"] * 1000) + "]}"
    text, values = parse_attributes(short)
    assert len(short) <= limits.MAX_ATTRIBUTES_CHARACTERS < len(text)
    assert parse_json(text) == values


@pytest.mark.parametrize("length", [limits.MAX_ATTRIBUTES_CHARACTERS, limits.MAX_ATTRIBUTES_CHARACTERS + 1])
def test_length_is_limited_with_blanks_counted(length: int) -> None:
    """4,096 characters are taken, one more is refused, and the message says how many there were."""
    text = '{"a": 1' + " " * (length - 8) + "}"
    assert len(text) == length
    if length <= limits.MAX_ATTRIBUTES_CHARACTERS:
        assert parse_attributes(text)[1] == {"a": 1}
        return
    with pytest.raises(InvalidParameter, match="4097 characters"):
        parse_attributes(text)


@pytest.mark.parametrize("depth", [MAX_DEPTH, MAX_DEPTH + 1])
def test_depth_is_limited(depth: int) -> None:
    """64 levels are taken, one more is refused."""
    text = '{"a":' * (depth - 1) + "[]" + "}" * (depth - 1)
    if depth <= MAX_DEPTH:
        assert parse_attributes(text)[0] == text
        return
    with pytest.raises(InvalidParameter, match="nested more than 64 levels"):
        parse_attributes(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not valid JSON at line 1, column 1"),
        ("{'a': 1}", "not valid JSON at line 1, column 2"),
        ('{"a": 1,\n "b"}', "not valid JSON at line 2, column 5"),
        ("[1]", "a JSON object is needed, and this is a list"),
        ('"text"', "a JSON object is needed, and this is a string"),
        ("true", "a JSON object is needed, and this is true or false"),
        ("17", "a JSON object is needed, and this is a number"),
        ("null", "a JSON object is needed, and this is null"),
        ('{"a": NaN}', "NaN is not a JSON number"),
        ('{"a": -Infinity}', "-Infinity is not a JSON number"),
        ('{"a": 1e400}', "1e400 is too large a number"),
        ("[" * 4000, "not valid JSON"),
    ],
)
def test_what_is_no_object_is_refused(text: str, says: str) -> None:
    """Whatever is not a JSON object is refused as a bad `Attributes` parameter, and the message says why."""
    with pytest.raises(InvalidParameter) as refused:
        parse_attributes(text)
    assert (refused.value.status, refused.value.code) == (400, 20001)
    assert "Attributes" in str(refused.value)
    assert says in str(refused.value)


@given(st.text(max_size=60))
def test_any_text_is_taken_or_refused(text: str) -> None:
    """No text does anything else than parse or be refused."""
    try:
        compact, values = parse_attributes(text)
    except InvalidParameter:
        return
    assert parse_json(compact) == values
