"""JSON for the store and the wire: quick where it can be, right everywhere."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from labkit.sandbox.json_text import from_text, to_bytes, to_text

texts = st.text(st.characters())  # half surrogate pairs too
numbers = st.integers(-(10**25), 10**25) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda children: st.lists(children, max_size=4) | st.dictionaries(texts, children, max_size=4),
    max_leaves=12,
)


@example(-(2**63) - 1)
@example(2**64)
@given(values)
def test_a_value_comes_back_from_its_text(value: Any) -> None:
    """Numbers beyond 64 bits and half surrogate pairs included."""
    assert from_text(to_text(value)) == value


@given(values)
def test_the_wire_has_the_same_value_in_utf_8(value: Any) -> None:
    """But for half surrogate pairs, which UTF-8 has not."""
    written = to_bytes(value)
    assert json.loads(written) == json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


@pytest.mark.parametrize("beside", ["plain", "\ud800"], ids=["by orjson", "by the standard library"])
def test_a_moment_is_written_with_its_offset(beside: str) -> None:
    """As `isoformat` writes it, whichever of the two encodes."""
    moment = datetime(2026, 1, 31, 12, 30, 15, 250_000, tzinfo=UTC)
    assert from_text(to_text({"at": moment, "beside": beside})) == {"at": moment.isoformat(), "beside": beside}


@pytest.mark.parametrize("encode", [to_text, to_bytes])
def test_what_has_no_form_is_refused(encode: Any) -> None:
    """A mistake of ours is an error, not a silent text."""
    with pytest.raises(TypeError, match="set has no form in JSON"):
        encode({"value": {1, 2}})


@pytest.mark.parametrize("text", ["", "{broken", "[1,]"])
def test_what_is_no_json_is_a_value_error(text: str) -> None:
    """Whoever reads a file says what to do about it."""
    with pytest.raises(ValueError, match=r"line 1 column \d"):
        from_text(text)
