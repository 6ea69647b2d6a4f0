"""What assignment callbacks are answered with, and which answers are not taken."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from labkit.callbacks import AnswerPolicy
from labkit.callbacks.policy import INSTRUCTIONS
from labkit.engine.instruction_fields import FIELDS as INSTRUCTION_FIELDS
from labkit.errors import AnswerError
from labkit.vocabulary import Instruction

FIELDS = {"ReservationSid": "WR1", "TaskAttributes": "{}"}
CALL = {"instruction": "call", "from": "+15005550006", "url": "https://x.example/"}


@pytest.mark.parametrize(
    ("answer", "sent", "description"),
    [
        (None, {}, "{} (a person accepts)"),
        ({}, {}, "{} (a person accepts)"),
        ("accept", {"instruction": "accept"}, "accept at once"),
        ("reject", {"instruction": "reject"}, "reject at once"),
        (Instruction.ACCEPT, {"instruction": "accept"}, "accept at once"),
        ({"instruction": "reject", "activity_sid": "WA1"}, None, "reject at once (activity_sid=WA1)"),
        (CALL, None, "call (from=+15005550006, url=https://x.example/)"),
    ],
)
def test_an_answer_is_sent_and_described(answer: Any, sent: dict[str, Any] | None, description: str) -> None:
    """Each way to name an answer gives its JSON and its words for people."""
    policy = AnswerPolicy()
    policy.answer_with(answer)
    expected = answer if sent is None else sent
    assert policy.answer_for(FIELDS) == (expected, None)
    assert policy.description == description
    reply = policy.reply_for(FIELDS)
    assert (reply.status, reply.content_type, json.loads(reply.body)) == (200, "application/json", expected)


def test_what_was_set_says_so_in_a_cell() -> None:
    """A cell that ends in `answer_with` shows from when on it holds; a name of a function is text, never markup."""
    shown = AnswerPolicy().answer_with("accept")
    assert str(shown).startswith("From the next assignment callback on, the answer is: accept at once.\n")
    assert "accept at once" in shown._repr_html_()

    def decide(_: object) -> str:
        return "reject"

    decide.__name__ = "<b>decide"
    assert "&lt;b&gt;decide()" in AnswerPolicy().answer_with(decide)._repr_html_()
    assert "status 500" in AnswerPolicy().answer_raw("", status=500).headline


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("acept", "accept, reject, dequeue, call, redirect, conference"),
        ("supervise", "over REST"),
        ("call", "`from` and `url`"),
        ({"instruction": "redirect", "url": "https://x.example/"}, "`call_sid`"),
        ({"instruction": "reject", "activitySid": "WA1"}, "activity_sid"),
        ({"instruction": "accept", "to": "x"}, "no fields"),
        ({"instruction": ["accept"]}, "no instruction"),
        ({"activity_sid": "WA1"}, "40005"),
        ({"instruction": "reject", "activity_sid": {1}}, "JSON"),
        ({"instruction": "dequeue", "timeout": float("nan")}, "JSON"),
        (42, "not int"),
        (["accept"], "not list"),
    ],
)
def test_what_is_no_instruction_is_not_taken(answer: Any, says: str) -> None:
    """A wrong answer is an AnswerError that names what is right, and changes nothing."""
    policy = AnswerPolicy()
    policy.answer_with("accept")
    with pytest.raises(AnswerError) as caught:
        policy.answer_with(answer)
    assert says in str(caught.value)
    assert policy.answer_for(FIELDS) == ({"instruction": "accept"}, None)


@pytest.mark.parametrize("name", INSTRUCTIONS)
def test_every_instruction_takes_all_its_fields(name: Instruction) -> None:
    """With every field of the table an instruction is accepted; without one that it needs, it is not."""
    fields = {field.name for field in INSTRUCTION_FIELDS[name]}
    answer = {"instruction": str(name), **dict.fromkeys(fields, "x")}
    policy = AnswerPolicy()
    policy.answer_with(answer)
    assert policy.answer_for(FIELDS)[0] == answer
    for needed in {field.name for field in INSTRUCTION_FIELDS[name] if field.required}:
        with pytest.raises(AnswerError, match=needed):
            policy.answer_with({key: value for key, value in answer.items() if key != needed})


def test_a_function_chooses_by_the_fields() -> None:
    """The function sees the form's fields and its choice is the answer."""
    policy = AnswerPolicy()

    def by_task(fields: Any) -> str | None:
        return "accept" if fields["TaskSid"] == "WT1" else None

    policy.answer_with(by_task)
    assert policy.answer_for({"TaskSid": "WT1"}) == ({"instruction": "accept"}, None)
    assert policy.answer_for({"TaskSid": "WT2"}) == ({}, None)
    assert "by_task" in policy.description


def _fails(error: BaseException) -> Any:
    def choose(fields: Any) -> None:
        raise error

    return choose


@pytest.mark.parametrize(
    ("choose", "says"),
    [
        (_fails(ValueError("a reason")), "ValueError: a reason"),
        (_fails(SystemExit(1)), "SystemExit"),
        (lambda fields: "acept", "'acept'"),
        (lambda fields: lambda: None, "function"),
        (lambda: "accept", "TypeError"),
    ],
)
def test_a_function_that_fails_answers_nothing(choose: Any, says: str) -> None:
    """Whatever goes wrong in the function, `{}` is the answer and the error is told."""
    policy = AnswerPolicy()
    policy.answer_with(choose)
    answer, error = policy.answer_for(FIELDS)
    assert answer == {}
    assert says in (error or "")
    assert policy.reply_for(FIELDS).body == b"{}"


def test_what_is_handed_out_or_in_can_be_changed_without_harm() -> None:
    """Neither the given dict, nor an answer, nor the fields given to a function are shared."""
    policy = AnswerPolicy()
    given = {"instruction": "reject", "activity_sid": "WA1"}
    policy.answer_with(given)
    given["activity_sid"] = "changed"
    policy.answer_for(FIELDS)[0]["activity_sid"] = "changed"
    assert policy.answer_for(FIELDS)[0]["activity_sid"] == "WA1"
    fields = dict(FIELDS)
    policy.answer_with(lambda seen: seen.clear())
    policy.answer_for(fields)
    assert fields == FIELDS


def test_a_raw_answer_is_kept_to_the_byte() -> None:
    """Raw answers may be wrong, and are described as raw."""
    policy = AnswerPolicy()
    policy.answer_raw(b"\xff{", status=500, content_type="text/plain")
    reply = policy.reply_for(FIELDS)
    assert (reply.body, reply.status, reply.content_type, reply.error) == (b"\xff{", 500, "text/plain", None)
    assert policy.description == "raw: status 500, text/plain, 2 bytes"
    assert policy.answer_for(FIELDS)[0] == {}


@pytest.mark.parametrize("wrong", [{"status": 99}, {"status": 600}, {"content_type": "a\r\nSet-Cookie: b"}])
def test_a_raw_answer_that_cannot_be_sent_is_not_taken(wrong: dict[str, Any]) -> None:
    """Even a deliberate wrong answer must be an HTTP answer."""
    with pytest.raises(AnswerError):
        AnswerPolicy().answer_raw("{}", **wrong)


def test_changing_it_while_it_is_read_never_mixes_two() -> None:
    """Answers read while the policy is being changed are always one whole policy or the other."""
    policy = AnswerPolicy()
    answers = [{"instruction": "reject", "activity_sid": f"WA{n}"} for n in range(2)]
    policy.answer_with(answers[0])
    done = threading.Event()

    def change() -> None:
        for n in range(2_000):
            policy.answer_with(answers[n % 2])
        done.set()

    thread = threading.Thread(target=change)
    thread.start()
    while not done.is_set():
        assert policy.answer_for(FIELDS)[0] in answers
    thread.join(10)
