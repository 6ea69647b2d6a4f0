"""Parameters as data, each kind by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.engine.refusals import InvalidParameter, MissingParameter
from labkit.errors import Refusal
from labkit.sandbox.api.params import Choice, Flag, Moment, NameParam, Param, Text, Url, WholeNumber, read
from labkit.vocabulary import TaskOrder

NUMBER = WholeNumber(name="N", field="n", least=1, most=50)
TEXT = Text(name="T", field="t", longest=5)
NAME = NameParam(name="F", field="f")
URL = Url(name="U", field="u")
ORDER = Choice(name="O", field="o", options=TaskOrder)
MOMENT = Moment(name="M", field="m")
FLAG = Flag(name="B", field="b")
EVERY = (NUMBER, TEXT, NAME, URL, ORDER, MOMENT, FLAG)


@pytest.mark.parametrize(
    ("param", "text", "value"),
    [
        (NUMBER, "1", 1),
        (NUMBER, " +50 ", 50),
        (NUMBER, "007", 7),
        (NUMBER, "", None),
        (TEXT, "", ""),
        (TEXT, "höhe!", "höhe!"),
        (Text(name="T", field="t", empty=None), "", None),
        (NAME, "x" * 64, "x" * 64),
        (URL, "", ""),
        (URL, "https://lab.example:8443/a?b=c#d", "https://lab.example:8443/a?b=c#d"),
        (ORDER, "LIFO", TaskOrder.LIFO),
        (MOMENT, "", None),
        (MOMENT, "2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        (MOMENT, "2026-01-31T12:00:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        (MOMENT, "2026-01-31T14:00:00+02:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        (FLAG, " Yes ", True),
        (FLAG, "0", False),
    ],
)
def test_values_that_are_read(param: Param, text: str, value: Any) -> None:
    """As the command takes them."""
    assert read([param], {param.name: [text]}) == {param.field: value}


@pytest.mark.parametrize(
    ("param", "text"),
    [
        (NUMBER, "0"),
        (NUMBER, "51"),
        (NUMBER, "-1"),
        (NUMBER, "1.0"),
        (NUMBER, "1e1"),
        (NUMBER, "1_0"),
        (NUMBER, "٣"),
        (NUMBER, "0x1"),
        (NUMBER, "9" * 5000),
        (TEXT, "123456"),
        (TEXT, "a\x00"),
        (NAME, "x" * 65),
        (URL, "lab.example"),
        (URL, "javascript:alert(1)"),
        (URL, "http://"),
        (URL, "http://[::1"),
        (URL, "http://lab.example:port/"),
        (URL, "http://lab.example/\n"),
        (URL, "http://lab.example/" + "x" * 2048),
        (ORDER, "lifo"),
        (ORDER, ""),
        (MOMENT, "31.1.2026"),
        (MOMENT, "2026-02-30"),
    ],
)
def test_values_that_are_refused(param: Param, text: str) -> None:
    """With the parameter's name, and no more of a long value than fits a line."""
    with pytest.raises(InvalidParameter, match=f"Invalid {param.name}: ") as refused:
        read([param], {param.name: [text]})
    assert len(str(refused.value)) < 200


def test_names_and_required_texts_are_never_empty() -> None:
    """Also where they may be left out."""
    with pytest.raises(MissingParameter, match="Missing required parameter F in the post body"):
        read([NAME], {"F": [""]})
    with pytest.raises(MissingParameter):
        read([Text(name="T", field="t", required=True)], {"T": [""]})
    with pytest.raises(MissingParameter):
        read([Text(name="T", field="t", required=True)], {})


def test_only_what_was_given_is_there() -> None:
    """Unknown names are ignored, and of repeated values the last counts."""
    assert read(EVERY, {}) == {}
    assert read(EVERY, {"T": ["a", "b"], "Other": ["c"]}) == {"t": "b"}


@given(param=st.sampled_from(EVERY), text=st.text() | st.from_regex(r"\A-?[0-9]{1,25}\Z"))
def test_any_text_is_a_value_or_a_refusal(param: Param, text: str) -> None:
    """Never another error."""
    status, values = 200, {}
    try:
        values = read([param], {param.name: [text]})
    except Refusal as refusal:
        status = refusal.status
    assert (status, set(values)) in ((200, {param.field}), (400, set()))
