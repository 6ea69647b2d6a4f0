"""What answers to assignment callbacks mean: every rule of the documentation as a row."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.error_codes import ErrorCode
from labkit.sandbox.callback_answer import Answer, objection, read_answer
from labkit.vocabulary import Instruction

JSON = "application/json"
LUNCH = f"WA{'1' * 32}"
NOTHING = Answer()


def read(body: bytes | str | dict[str, Any], content_type: str = JSON, status: int = 200) -> Answer:
    """Read an answer in a Workspace whose only Activity is LUNCH."""
    content = json.dumps(body) if isinstance(body, dict) else body
    return read_answer(
        content.encode() if isinstance(content, str) else content,
        status=status,
        content_type=content_type,
        activities={LUNCH},
    )


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("", JSON),
        (" \r\n", JSON),
        ("{}", JSON),
        (" { } ", "application/json; charset=utf-8"),
        ("{}", "Application/JSON"),
    ],
)
def test_empty_answers_do_nothing(body: str, content_type: str) -> None:
    """An empty body, or an empty object: the Reservation stays pending, and nothing is wrong."""
    assert read(body, content_type) == NOTHING


@pytest.mark.parametrize(
    "body",
    [
        b'\xef\xbb\xbf{"instruction": "accept"}',
        r'{"\u0069nstruction": "\u0061ccept"}',
        '{"instruction": "reject", "instruction": "accept"}',
        '{"instruction": "accept", "note": "\\ud83d\\ude00 \\ud800 \\u0000 \u2028", "deep": [[{}]]}',
    ],
)
def test_json_is_read_as_json_writes_it(body: bytes | str) -> None:
    """A byte order mark, escapes, half a surrogate pair in what nobody reads; of a name twice, the last counts."""
    assert read(body) == Answer(instruction=Instruction.ACCEPT)


def test_what_is_wrong_in_the_json_is_said_with_its_place() -> None:
    """For whoever wrote it by hand."""
    assert (read("{'instruction': 'accept'}").remark or "").endswith("at line 1, column 2")


@pytest.mark.parametrize(("status", "content_type"), [(200, ""), (200, "text/html"), (204, JSON), (202, "")])
def test_a_2xx_without_a_body_does_nothing_and_is_a_warning(status: int, content_type: str) -> None:
    """Twilio's pages want a 200 of the type application/json; the warning says what to answer instead."""
    assert objection(b" \r\n", status=status, content_type=content_type) is None
    answer = read("", content_type, status)
    assert (answer.instruction, answer.error) == (None, 40005)
    assert f"a {status} without a body" in (answer.remark or "")


@pytest.mark.parametrize("content_type", [JSON, "application/json; charset=utf-8", "Application/JSON ;charset=x"])
def test_a_200_of_the_right_type_is_an_answer(content_type: str) -> None:
    """Whatever its parameters, and in any case."""
    assert objection(b"{", status=200, content_type=content_type) is None


@pytest.mark.parametrize("content_type", ["", "text/html", "text/json", "text/html; application/json", "json"])
def test_an_answer_of_another_type_is_none(content_type: str) -> None:
    """40000, with the type that came; without any, that there was none."""
    code, why = objection(b'{"instruction": "accept"}', status=200, content_type=content_type) or (None, "")
    assert code == 40000
    assert (repr(content_type) if content_type else "no Content-Type") in why


@pytest.mark.parametrize(
    ("body", "understood"),
    [
        ({"instruction": "accept"}, Answer(instruction=Instruction.ACCEPT)),
        ({"instruction": "accept", "surplus": [1]}, Answer(instruction=Instruction.ACCEPT)),
        ({"instruction": "reject"}, Answer(instruction=Instruction.REJECT)),
        ({"instruction": "reject", "activity_sid": None}, Answer(instruction=Instruction.REJECT)),
        (
            {"instruction": "reject", "activity_sid": LUNCH},
            Answer(instruction=Instruction.REJECT, fields={"activity_sid": LUNCH}),
        ),
    ],
)
def test_instructions_are_understood(body: dict[str, Any], understood: Answer) -> None:
    """accept; reject with an Activity of the Workspace or none."""
    assert read(body) == understood


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        ("{", JSON, 40001),
        ("accept", JSON, 40001),
        ("{'instruction': 'accept'}", JSON, 40001),
        ("[]", JSON, 40001),
        ('["accept"]', JSON, 40001),
        ('"accept"', JSON, 40001),
        ("null", JSON, 40001),
        (b"\xff\xfe\x00", JSON, 40001),
        ('{"instruction": "accept"}'.encode("utf-16"), "application/json; charset=utf-16", 40001),
        ('{"instruction": "accept", "timeout": NaN}', JSON, 40001),
        ('{"instruction": "accept", "timeout": 1e999}', JSON, 40001),
        ('{"instruction": "accept",}', JSON, 40001),
        ('{"instruction": "accept"} // yes', JSON, 40001),
        ("[" * 100_000, JSON, 40001),
        (f'{{"instruction": {"9" * 5000}}}', JSON, 40001),
        ({"activity_sid": LUNCH}, JSON, 40005),
        ({"Instruction": "accept"}, JSON, 40005),
        ({"instruction": ""}, JSON, 40005),
        ({"instruction": None}, JSON, 40005),
        ({"instruction": "acept"}, JSON, 55555),
        ({"instruction": "Accept"}, JSON, 55555),
        ({"instruction": " accept"}, JSON, 55555),
        ({"instruction": ["accept"]}, JSON, 55555),
        ({"instruction": {"name": "accept"}}, JSON, 55555),
        ({"instruction": 1}, JSON, 55555),
        ({"instruction": "supervise"}, JSON, 55555),
    ],
)
def test_wrong_answers_do_nothing_and_say_why(body: Any, content_type: str, code: int) -> None:
    """Twilio's code, the sentence that goes with it, and no instruction."""
    answer = read(body, content_type)
    assert answer == Answer(error=ErrorCode(code), remark=answer.remark)
    assert (answer.remark or "").startswith(ErrorCode(code).meaning)


@pytest.mark.parametrize("value", ["", f"WA{'2' * 32}", [LUNCH], 7, {}], ids=str)
def test_reject_with_a_wrong_activity_does_nothing_and_says_why(value: Any) -> None:
    """40100, with the field and the value in the remark; every other field of the table is in test_instructions."""
    answer = read({"instruction": "reject", "activity_sid": value})
    assert (answer.instruction, answer.error) == (None, 40100)
    assert (
        answer.remark == f"{ErrorCode(40100).meaning}: `activity_sid`: {value!r} is not an Activity of this Workspace"
    )


def test_every_other_instruction_is_read_with_its_fields() -> None:
    """What is not a field of the instruction is left out."""
    answer = read({"instruction": "call", "from": "+15550100", "url": "https://a.test/", "accept": "true", "x": 1})
    assert answer == Answer(
        instruction=Instruction.CALL, fields={"from": "+15550100", "url": "https://a.test/", "accept": True}
    )


@pytest.mark.parametrize(
    ("document", "code"),
    [({"instruction": "call", "from": "+15550100"}, 40112), ({"instruction": "dequeue", "timeout": "soon"}, 40133)],
    ids=str,
)
def test_a_wrong_field_has_its_own_code_or_that_of_the_calls_api(document: dict[str, Any], code: int) -> None:
    """Twilio has a code for a missing `url` of `call`, and none for a wrong `timeout` of `dequeue`."""
    answer = read(document)
    assert (answer.instruction, answer.error) == (None, code)
    assert (answer.remark or "").startswith(ErrorCode(code).meaning)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=3)
)
objects = st.dictionaries(
    st.sampled_from(["instruction", "activity_sid", "to", "from", "url", "accept", "status_callback_events"]),
    json_values | st.sampled_from(sorted(Instruction)),
)


@given(
    body=st.binary(max_size=60) | objects.map(lambda o: json.dumps(o).encode()),
    content_type=st.sampled_from([JSON, "", "text/html", "application/json;x"]) | st.text(max_size=20),
)
def test_no_answer_is_too_strange_to_read(body: bytes, content_type: str) -> None:
    """Whatever comes, something is made of it: an instruction, an error with a remark, or nothing."""
    answer = read(body, content_type)
    assert (answer.error is None) or (answer.instruction is None and answer.remark)
    assert answer.error is None or answer.error in set(ErrorCode)
