"""What each instruction takes: its fields, what each may be, and Twilio's error code when it is something else.

One table for the answer to an assignment callback (names in snake case, JSON values), for `lab.answer_with`, which
makes one, and for the update of a Reservation (parameters, all of them texts).
Docs: /docs/taskrouter/handle-assignment-callbacks, /docs/taskrouter/api/reservations; codes: /docs/api/errors.

Here stands what an instruction shows by itself; what has to be looked up (the Task's call, the Worker's address, the
Reservation's status) is in `instruction_preconditions.py`. The two differ in what a REST client is told:

* A field that is missing or of the wrong form is refused: 400 with the code of this table, or 20001 where Twilio's
  dictionary has none. In a callback's answer the code stands in the delivery log; where the dictionary has none it is
  that of the Calls API having failed (`FAILED`), since that is who would refuse the value.
* What fails on what has to be looked up is an alert and no REST error: Twilio documents these codes for its debugger,
  and that the Reservation stays as it is.
* Over REST every parameter that is given is checked, that of another instruction too; there it is a plain 20001.

Either way there is an alert, nothing is done, and the Reservation stays pending. An empty REST parameter counts as not
given, as does null in JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard
from urllib.parse import urlsplit

from labkit import limits
from labkit.error_codes import ErrorCode
from labkit.vocabulary import Instruction, Sid, is_sid, wire_name

FAILED: Mapping[Instruction, ErrorCode] = {
    Instruction.DEQUEUE: ErrorCode.DEQUEUE_FAILED,
    Instruction.CALL: ErrorCode.CALL_FAILED,
    Instruction.REDIRECT: ErrorCode.REDIRECT_FAILED,
    Instruction.CONFERENCE: ErrorCode.CONFERENCE_FAILED,
    Instruction.SUPERVISE: ErrorCode.CONFERENCE_FAILED,
}
"""Twilio's code for an instruction that the Calls API could not carry out."""

Check = Callable[[Any, Container[str]], Any]
"""From a given value and the Workspace's Activities to the value in use; ValueError says what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of an instruction.

    Attributes:
        name: in a callback's answer, and in the engine.
        parameter: over REST; the empty string if there is none.
        code: Twilio's for a wrong value, or None.
    """

    name: str
    parameter: str
    check: Check
    code: ErrorCode | None = None
    required: bool = False


class BadField(ValueError):
    """A field of an instruction is missing or of the wrong form.

    Attributes:
        field: which.
        is_missing: whether it was not given at all.
    """

    def __init__(self, field: Field, problem: str, *, is_missing: bool = False) -> None:
        super().__init__(problem)
        self.field = field
        self.is_missing = is_missing


# --- what a value may be ---------------------------------------------------------------------------------------------

_ADDRESS = re.compile(r"\+?[0-9]{3,15}|client:\S{1,240}|sips?:[^\s@]+@\S{1,200}")
_NOBODYS = re.compile(r"\+[0-9]{1,6}|\+1[01][0-9]*")
_YES, _NO = ("true", "1", "yes"), ("false", "0", "no")


def is_address(value: Any) -> TypeGuard[str]:
    """Whether somebody can be called there: an E.164 number, `client:name` or `sip:user@host`."""
    return isinstance(value, str) and _ADDRESS.fullmatch(value) is not None


def is_callable(address: str) -> bool:
    """Whether a call there can be tried: a number has seven digits at least, and with +1 no 0 or 1 after that."""
    return _NOBODYS.fullmatch(address) is None


def _address(value: Any, _: Container[str]) -> str:
    if not is_address(value):
        raise ValueError(f"{value!r:.80} is not a phone number such as +15550100, client:name or sip:user@host")
    return value


def _call_sid(value: Any, _: Container[str]) -> str:
    if not is_sid(value, Sid.CALL):
        raise ValueError(f"{value!r:.80} is not a call SID: CA and 32 hex digits")
    return value


def _url(value: Any, _: Container[str]) -> str:
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        usable = parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname) and len(value) <= 2048
        _port = parts.port if parts else None
    except ValueError:
        usable = False
    if not usable or any(ord(character) <= 32 for character in value):
        raise ValueError(f"{value!r:.80} is not an http or https URL")
    return str(value)


def _activity(value: Any, activities: Container[str]) -> str:
    if not isinstance(value, str) or value not in activities:
        raise ValueError(f"{value!r:.80} is not an Activity of this Workspace")
    return value


def _flag(value: Any, _: Container[str]) -> bool:
    word = str(value).strip().lower()
    if word not in (*_YES, *_NO):
        raise ValueError(f"{value!r:.80} is neither true nor false")
    return word in _YES


def _text(value: Any, _: Container[str]) -> str:
    if not isinstance(value, str) or not value or len(value) > 256:
        raise ValueError("it is not a text of 1 to 256 characters")  # which may be a password: not shown
    return value


def _number(least: int, most: int) -> Check:
    def check(value: Any, _: Container[str]) -> int:
        given = "" if isinstance(value, bool) else str(value).strip()
        # int() alone would take `1_000` and digits of any script.
        number = int(given) if re.fullmatch("[0-9]{1,9}", given) else None
        if number is None or not least <= number <= most:
            raise ValueError(f"{value!r:.80} is not a whole number from {least} to {most}")
        return number

    return check


def _one_of(*words: str) -> Check:
    def check(value: Any, _: Container[str]) -> str:
        word = str(value).lower() if isinstance(value, bool) else value
        if word not in words:
            raise ValueError(f"{value!r:.80} is not one of {', '.join(words)}")
        return str(word)

    return check


def _some_of(*words: str) -> Check:
    def check(value: Any, _: Container[str]) -> list[str]:
        given = re.split(r"[\s,]+", value.strip()) if isinstance(value, str) else value
        if not isinstance(given, list) or not all(word in words for word in given):
            raise ValueError(f"{value!r:.80} is not a list of {', '.join(words)}")
        return given

    return check


# --- the table -------------------------------------------------------------------------------------------------------


def _field(name: str, check: Check, code: ErrorCode | None = None, *, parameter: str | None = None) -> Field:
    made = wire_name(name) if parameter is None else parameter
    return Field(name=name, parameter=made, check=check, code=code)


def _required(field: Field) -> Field:
    return Field(name=field.name, parameter=field.parameter, check=field.check, code=field.code, required=True)


def _named(instruction: Instruction, *fields: Field) -> tuple[Field, ...]:
    """The fields, with parameters that begin with the instruction's name."""
    prefix = instruction.capitalize()
    return tuple(
        Field(name=f.name, parameter=f"{prefix}{f.parameter}", check=f.check, code=f.code, required=f.required)
        for f in fields
    )


_ring_seconds = _number(1, limits.MAX_RING_SECONDS)
_recording = _one_of("record-from-answer", "do-not-record")
_method = _one_of("POST", "GET")
_call_events = _some_of("initiated", "ringing", "answered", "completed")
_conference_events = _some_of("start", "end", "join", "leave", "mute", "hold", "speaker")

FIELDS: Mapping[Instruction, tuple[Field, ...]] = {
    Instruction.ACCEPT: (),
    Instruction.REJECT: (_field("activity_sid", _activity, ErrorCode.REJECT_ACTIVITY, parameter="WorkerActivitySid"),),
    Instruction.DEQUEUE: _named(
        Instruction.DEQUEUE,
        _field("from", _address, ErrorCode.DEQUEUE_FROM),
        _field("to", _address, ErrorCode.DEQUEUE_TO),
        _field("post_work_activity_sid", _activity, ErrorCode.DEQUEUE_ACTIVITY),
        _field("record", _recording),
        _field("timeout", _ring_seconds),
        _field("status_callback_url", _url, ErrorCode.DEQUEUE_STATUS_CALLBACK),
        _field(
            "status_callback_events",
            _call_events,
            ErrorCode.DEQUEUE_STATUS_CALLBACK_EVENTS,
            parameter="StatusCallbackEvent",
        ),
    ),
    Instruction.CALL: _named(
        Instruction.CALL,
        _required(_field("from", _address, ErrorCode.CALL_FROM)),
        _required(_field("url", _url, ErrorCode.CALL_URL)),
        _field("to", _address, ErrorCode.CALL_TO),
        _field("accept", _flag),
        _field("record", _recording),
        _field("timeout", _ring_seconds),
        _field("status_callback_url", _url, ErrorCode.CALL_STATUS_CALLBACK),
    ),
    Instruction.REDIRECT: _named(
        Instruction.REDIRECT,
        _required(_field("call_sid", _call_sid, ErrorCode.REDIRECT_CALL_SID)),
        _required(_field("url", _url, ErrorCode.REDIRECT_URL)),
        _field("accept", _flag),
    ),
    Instruction.CONFERENCE: (
        _field("to", _address, ErrorCode.CONFERENCE_TO),
        _field("from", _address, ErrorCode.CONFERENCE_FROM),
        _field("post_work_activity_sid", _activity, ErrorCode.CONFERENCE_ACTIVITY),
        _field("timeout", _ring_seconds),
        _field("record", _flag),
        _field("muted", _flag),
        _field("beep", _one_of("true", "false", "onEnter", "onExit")),
        _field("beep_on_customer_entrance", _flag),
        _field("start_conference_on_enter", _flag),
        _field("end_conference_on_exit", _flag),
        _field("end_conference_on_customer_exit", _flag),
        _field("wait_url", _url),
        _field("wait_method", _method),
        _field("early_media", _flag),
        _field("max_participants", _number(limits.MIN_PARTICIPANTS, limits.MAX_PARTICIPANTS)),
        _field("status_callback", _url, ErrorCode.CONFERENCE_STATUS_CALLBACK),
        _field("status_callback_url", _url, ErrorCode.CONFERENCE_STATUS_CALLBACK, parameter=""),
        _field("status_callback_method", _method),
        _field("status_callback_events", _call_events, parameter="StatusCallbackEvent"),
        _field("conference_status_callback", _url),
        _field("conference_status_callback_method", _method),
        _field("conference_status_callback_events", _conference_events, parameter="ConferenceStatusCallbackEvent"),
        _field("conference_record", _one_of("true", "false", "record-from-start", "do-not-record")),
        _field("conference_trim", _one_of("trim-silence", "do-not-trim")),
        _field("recording_channels", _one_of("mono", "dual")),
        _field("recording_status_callback", _url),
        _field("recording_status_callback_method", _method),
        _field("conference_recording_status_callback", _url),
        _field("conference_recording_status_callback_method", _method),
        _field("region", _one_of("us1", "us2", "ie1", "de1", "sg1", "br1", "au1", "jp1")),
        _field("sip_auth_username", _text),
        _field("sip_auth_password", _text),
        _field("jitter_buffer_size", _one_of("small", "medium", "large", "off")),
    ),
    Instruction.SUPERVISE: (
        _required(_field("supervisor", _text)),
        _field("supervisor_mode", _one_of("monitor", "whisper", "barge")),
    ),
}
"""Docs: /docs/taskrouter/handle-assignment-callbacks, /docs/taskrouter/api/reservations. Other fields are ignored."""

_BY_PARAMETER = {f.parameter: f for fields in FIELDS.values() for f in fields if f.parameter}
PARAMETERS = tuple(_BY_PARAMETER)
"""The names of all of them over REST."""


def read_answer_fields(
    instruction: Instruction, document: Mapping[str, Any], *, activities: Container[str]
) -> dict[str, Any]:
    """The fields of an instruction in the answer to an assignment callback.

    Raises:
        BadField: one is missing or of the wrong form.
    """
    return _read(instruction, lambda field: document.get(field.name), activities)


def read_parameters(
    instruction: Instruction, form: Mapping[str, Sequence[str]], *, activities: Container[str]
) -> dict[str, Any]:
    """The fields of an instruction among the parameters of an update of a Reservation.

    Args:
        form: every parameter that was given, with all its values.

    Raises:
        BadField: one is missing or of the wrong form.
    """
    return _read(instruction, lambda field: _given(field, form), activities)


def check_parameters(form: Mapping[str, Sequence[str]], *, activities: Container[str]) -> None:
    """Check every parameter that was given, whether or not its instruction is asked for.

    Raises:
        BadField: one is of the wrong form.
    """
    for field in _BY_PARAMETER.values():
        value = _given(field, form) if field.parameter in form else None
        if value is not None:
            _checked(field, value, activities)


def _given(field: Field, form: Mapping[str, Sequence[str]]) -> Any:
    values = [value for value in form.get(field.parameter, ()) if value]
    several = field.parameter.endswith("Event")
    return (values if several else values[-1]) if values else None


def _read(instruction: Instruction, given: Callable[[Field], Any], activities: Container[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in FIELDS[instruction]:
        value = given(field)
        if value is not None:
            values[field.name] = _checked(field, value, activities)
        elif field.required:
            raise BadField(field, "it is missing", is_missing=True)
    return values


def _checked(field: Field, value: Any, activities: Container[str]) -> Any:
    try:
        return field.check(value, activities)
    except ValueError as error:
        raise BadField(field, str(error)) from None
