"""What the next assignment callbacks are answered with.

The policy is set from a cell or a panel and read by the server's threads: it is one immutable value, swapped whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from labkit.arguments import named_arguments
from labkit.display import Result, Section
from labkit.engine.instruction_fields import FIELDS
from labkit.error_codes import ErrorCode
from labkit.errors import AnswerError
from labkit.vocabulary import Instruction

JSON = "application/json"
_ERROR_LENGTH = 500  # characters of a failed function's own words that are kept

INSTRUCTIONS = tuple(name for name in FIELDS if name is not Instruction.SUPERVISE)
"""What an answer may say; `supervise` is for REST only (docs: /docs/taskrouter/handle-assignment-callbacks)."""

_TO_SEE_IT_FAIL = "To send it all the same and see what TaskRouter makes of it, use answer_raw()."

Chooser = Callable[[Mapping[str, str]], object]


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer: status, Content-Type, body, and what went wrong in choosing it (None: nothing)."""

    status: int
    content_type: str
    body: bytes
    error: str | None = None


@dataclass(frozen=True, slots=True)
class _Fixed:
    answer: Mapping[str, Any]
    description: str


@dataclass(frozen=True, slots=True)
class _Chosen:
    choose: Chooser
    description: str


@dataclass(frozen=True, slots=True)
class _Raw:
    reply: Reply
    description: str


@dataclass(frozen=True, slots=True, repr=False)
class AnswerSet(Result):
    """What `answer_with` and `answer_raw` have set, as a sentence.

    Attributes:
        description: the policy in words, such as `accept at once`.
    """

    description: str

    @property
    def headline(self) -> str:
        """What is so now, and from when on."""
        return f"From the next assignment callback on, the answer is: {self.description}."

    def _sections(self) -> tuple[Section]:
        return (Section(self.headline, foot="Reservations that wait already stay as they are."),)


@named_arguments
class AnswerPolicy:
    """How assignment callbacks are answered until the policy is changed. Thread-safe; at first it is `{}`."""

    def __init__(self) -> None:
        self._choice: _Fixed | _Chosen | _Raw = _Fixed({}, _describe({}))

    def __repr__(self) -> str:
        return f"<AnswerPolicy: {self.description}>"

    @property
    def description(self) -> str:
        """The policy in words, for people: `{} (a person accepts)`, `accept at once`, ..."""
        return self._choice.description

    def answer_with(self, answer: object) -> AnswerSet:
        """Answer each assignment callback from now on with `answer`.

        Args:
            answer: `{}` or `None` (do nothing; the Reservation waits for a person), `"accept"`, `"reject"`, a dict
                `{"instruction": ..., ...}`, or a function that gets the callback's form fields and returns one of
                these. TaskRouter waits 5 seconds for the answer, so the function should be quick.
                Docs: /docs/taskrouter/handle-assignment-callbacks.

        Returns:
            What is so now, for a cell to show.

        Raises:
            AnswerError: `answer` is none of these; the policy stays as it was.
        """
        if callable(answer):
            name = getattr(answer, "__name__", type(answer).__name__)
            choice: _Chosen | _Fixed = _Chosen(answer, f"what {name}() returns")
        else:
            fixed = instruction(answer)
            choice = _Fixed(fixed, _describe(fixed))
        self._choice = choice
        return AnswerSet(choice.description)

    def answer_raw(self, body: str | bytes, status: int = 200, content_type: str = JSON) -> AnswerSet:
        """Answer with exactly this from now on, right or wrong: to see what TaskRouter makes of a bad answer.

        Args:
            body: the body as it is sent; text is sent as UTF-8. `'{"instruction": '` earns 40001, `{"a": 1}` 40005.
            status: an HTTP status from 200 to 599. Other than 200 sends TaskRouter to the fallback URL.
            content_type: the Content-Type header. Other than `application/json` earns 40000, and the fallback URL is
                asked.

        Returns:
            What is so now, for a cell to show.

        Raises:
            AnswerError: the status or the Content-Type cannot be sent.
        """
        if not 200 <= status <= 599:
            raise AnswerError(f"status is {status!r}; give an HTTP status from 200 to 599.")
        if not (content_type.isascii() and content_type.isprintable()):
            raise AnswerError(f"content_type is {content_type!r}; a header is one line of ASCII characters.")
        sent = body.encode() if isinstance(body, str) else bytes(body)
        description = f"raw: status {status}, {content_type or 'no type'}, {len(sent)} bytes"
        self._choice = _Raw(Reply(status, content_type, sent), description)
        return AnswerSet(description)

    def answer_for(self, fields: Mapping[str, str]) -> tuple[dict[str, Any], str | None]:
        """The JSON answer for a callback, and why it is `{}` when the function failed.

        Args:
            fields: the callback's form fields by their wire names.

        Returns:
            The answer, and None or a sentence about what the function did wrong. Under `answer_raw` the answer
            is `{}` and the sentence says so.
        """
        choice = self._choice
        if isinstance(choice, _Fixed):
            return dict(choice.answer), None
        if isinstance(choice, _Raw):
            return {}, f"The policy is {choice.description}, which is not an instruction."
        return _call(choice.choose, fields)

    def reply_for(self, fields: Mapping[str, str]) -> Reply:
        """The whole HTTP answer for a callback with these form fields. Never raises because of the function."""
        choice = self._choice
        if isinstance(choice, _Raw):
            return choice.reply
        answer, error = _call(choice.choose, fields) if isinstance(choice, _Chosen) else (choice.answer, None)
        return Reply(200, JSON, json.dumps(answer).encode(), error)


def _call(choose: Chooser, fields: Mapping[str, str]) -> tuple[dict[str, Any], str | None]:
    try:
        # A copy: what the function does to it must not reach the stream.
        return instruction(choose(dict(fields))), None
    except AnswerError as error:
        text = f"The function given to answer_with returned no instruction, so {{}} was answered. {error}"
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a learner's function may raise anything, even by exit()
        text = f"The function given to answer_with failed, so {{}} was answered: {type(error).__name__}: {error}"
    return {}, text[:_ERROR_LENGTH]


def _describe(answer: Mapping[str, Any]) -> str:
    if not answer:
        return "{} (a person accepts)"
    name = answer["instruction"]
    details = ", ".join(f"{field}={value}" for field, value in answer.items() if field != "instruction")
    if name in (Instruction.ACCEPT, Instruction.REJECT):
        name = f"{name} at once"
    return f"{name} ({details})" if details else str(name)


def instruction(answer: object) -> dict[str, Any]:
    """The JSON answer that `answer` stands for.

    Args:
        answer: `None` or `{}` (do nothing: a person accepts), the name of an instruction that needs no fields
            (`"accept"`, `"reject"`, ...), or a mapping `{"instruction": name, field: value, ...}`.

    Returns:
        A new dict of plain JSON values, empty or with `instruction`.

    Raises:
        AnswerError: not one of these; names what is allowed.
    """
    if answer is None:
        return {}
    if isinstance(answer, str):
        return _checked({"instruction": answer})
    if not isinstance(answer, Mapping):
        raise AnswerError(
            f"An answer is None, {{}}, the name of an instruction or a dict with one, not {type(answer).__name__}."
        )
    return _checked(_as_json(answer)) if answer else {}


def _as_json(answer: Mapping[Any, Any]) -> dict[str, Any]:
    try:
        plain: dict[str, Any] = json.loads(json.dumps(dict(answer), allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise AnswerError(f"The answer cannot be written as JSON: {error}. {_TO_SEE_IT_FAIL}") from None
    return plain


def _checked(answer: dict[str, Any]) -> dict[str, Any]:
    allowed = ", ".join(INSTRUCTIONS)
    name = answer.get("instruction")
    if name is None:
        raise AnswerError(
            f"The answer has no `instruction` (Twilio's warning {ErrorCode.NO_INSTRUCTION}). "
            f"Give one of: {allowed}; or {{}} to do nothing. {_TO_SEE_IT_FAIL}"
        )
    if name == Instruction.SUPERVISE:
        raise AnswerError(f"supervise is asked for over REST, not by an answer. An answer may say: {allowed}.")
    if name not in INSTRUCTIONS:
        raise AnswerError(
            f"There is no instruction {name!r} (Twilio's error {ErrorCode.UNKNOWN_INSTRUCTION}). "
            f"Give one of: {allowed}. {_TO_SEE_IT_FAIL}"
        )
    _check_fields(Instruction(name), set(answer) - {"instruction"})
    return answer


def _check_fields(name: Instruction, given: set[str]) -> None:
    fields = FIELDS[name]
    missing = sorted({field.name for field in fields if field.required} - given)
    if missing:
        raise AnswerError(f"{name} needs {' and '.join(f'`{field}`' for field in missing)}. {_TO_SEE_IT_FAIL}")
    unknown = sorted(given - {field.name for field in fields})
    if unknown:
        known = ", ".join(sorted(field.name for field in fields)) or "no fields"
        raise AnswerError(f"{name} has no field {unknown[0]!r}; it takes: {known}. {_TO_SEE_IT_FAIL}")
