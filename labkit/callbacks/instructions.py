"""The instructions that the answer to an assignment callback may give, and the fields of each.

Docs: /docs/taskrouter/handle-assignment-callbacks. Fields are spelt as in the JSON answer. `supervise` is asked for
over REST only, on a Reservation of the Task, so it is not in the table.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from labkit.errors import AnswerError
from labkit.vocabulary import Instruction


@dataclass(frozen=True, slots=True)
class Fields:
    """What an instruction takes beside its name: the fields it must have, and those it may have."""

    required: frozenset[str]
    optional: frozenset[str]


def _fields(*, required: str = "", optional: str = "") -> Fields:
    return Fields(frozenset(required.split()), frozenset(optional.split()))


INSTRUCTIONS: Mapping[Instruction, Fields] = MappingProxyType(
    {
        Instruction.ACCEPT: _fields(),
        Instruction.REJECT: _fields(optional="activity_sid"),
        Instruction.DEQUEUE: _fields(
            optional="from to post_work_activity_sid record timeout status_callback_url status_callback_events"
        ),
        Instruction.CALL: _fields(required="from url", optional="to accept record timeout status_callback_url"),
        Instruction.REDIRECT: _fields(required="call_sid url", optional="accept"),
        # The callback form of `conference` takes the REST parameters in snake case.
        Instruction.CONFERENCE: _fields(
            optional="to from timeout record muted post_work_activity_sid beep beep_on_customer_entrance"
            " start_conference_on_enter end_conference_on_exit end_conference_on_customer_exit wait_url wait_method"
            " early_media max_participants status_callback status_callback_method status_callback_events"
            " status_callback_url conference_status_callback conference_status_callback_method"
            " conference_status_callback_events conference_record conference_trim recording_channels"
            " recording_status_callback recording_status_callback_method conference_recording_status_callback"
            " conference_recording_status_callback_method region sip_auth_username sip_auth_password"
            " jitter_buffer_size"
        ),
    }
)

_TO_SEE_IT_FAIL = "To send it all the same and see what TaskRouter makes of it, use answer_raw()."


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
            f"The answer has no `instruction` (Twilio's warning 40005). Give one of: {allowed}; or {{}} to do nothing. "
            f"{_TO_SEE_IT_FAIL}"
        )
    if name == Instruction.SUPERVISE:
        raise AnswerError(f"supervise is asked for over REST, not by an answer. An answer may say: {allowed}.")
    if name not in list(INSTRUCTIONS):
        raise AnswerError(
            f"There is no instruction {name!r} (Twilio's error 55555). Give one of: {allowed}. {_TO_SEE_IT_FAIL}"
        )
    _check_fields(Instruction(name), set(answer) - {"instruction"})
    return answer


def _check_fields(name: Instruction, given: set[str]) -> None:
    fields = INSTRUCTIONS[name]
    missing = sorted(fields.required - given)
    if missing:
        raise AnswerError(f"{name} needs {' and '.join(f'`{field}`' for field in missing)}. {_TO_SEE_IT_FAIL}")
    unknown = sorted(given - fields.required - fields.optional)
    if unknown:
        known = ", ".join(sorted(fields.required | fields.optional)) or "no fields"
        raise AnswerError(f"{name} has no field {unknown[0]!r}; it takes: {known}. {_TO_SEE_IT_FAIL}")
