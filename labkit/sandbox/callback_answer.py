"""What the answer to an assignment callback means (docs: /docs/taskrouter/handle-assignment-callbacks).

Pure: an HTTP answer in, what the engine shall do out, with Twilio's error code where the answer was wrong.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from labkit.attributes import NotJson, parse_json
from labkit.engine.instruction_fields import FAILED, BadField, read_answer_fields
from labkit.error_codes import ErrorCode
from labkit.vocabulary import Instruction


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was understood.

    Attributes:
        instruction: what to carry out now, or None.
        fields: of the instruction, by their names in the answer.
        error: Twilio's error code, or None.
        remark: the error in words, or what else there is to say.
    """

    instruction: Instruction | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    error: ErrorCode | None = None
    remark: str | None = None


def objection(body: bytes, *, status: int, content_type: str) -> tuple[ErrorCode, str] | None:
    """Why a 2xx is not taken as an answer, so that the fallback URL is asked; None if it is.

    Only a 200 of the type application/json is one. Ours: so is whatever has no body, for programs that answer 204 and
    accept elsewhere work with TaskRouter; `read_answer` says something about it.
    """
    if not body.strip():
        return None
    if status != 200:
        return ErrorCode.HTTP_RETRIEVAL_FAILURE, f"the callback URL answered {status}, and only 200 counts"
    if not _is_json(content_type):
        said = f"its Content-Type is {content_type[:80]!r}" if content_type else "it has no Content-Type"
        return ErrorCode.ANSWER_OF_ANOTHER_TYPE, f"{ErrorCode.ANSWER_OF_ANOTHER_TYPE.meaning}: {said}"
    return None


def read_answer(body: bytes, *, status: int, content_type: str, activities: Container[str]) -> Answer:
    """Read the body of an answer to which there is no `objection`.

    Args:
        body: as it came.
        status: 200, or another 2xx without a body.
        content_type: the header's value, parameters allowed.
        activities: the SIDs of the Activities that an instruction may name.
    """
    text = body.decode("utf-8-sig", "replace").strip()  # .NET writes a byte order mark, which RFC 8259 lets pass
    if not text:
        documented = status == 200 and _is_json(content_type)
        return (
            Answer() if documented else _wrong(ErrorCode.NO_INSTRUCTION, f"a {status} without a body is taken as one")
        )
    try:
        document = parse_json(text)
    except NotJson as problem:
        return _wrong(ErrorCode.ANSWER_NOT_JSON, str(problem)[:200])
    if not isinstance(document, dict):
        return _wrong(ErrorCode.ANSWER_NOT_JSON)
    return _read_instruction(document, activities) if document else Answer()


def _read_instruction(document: dict[str, object], activities: Container[str]) -> Answer:
    name = document.get("instruction")
    if not name:
        return _wrong(ErrorCode.NO_INSTRUCTION)
    if not isinstance(name, str) or name not in set(Instruction) or name == Instruction.SUPERVISE:
        return _wrong(ErrorCode.UNKNOWN_INSTRUCTION)
    instruction = Instruction(name)
    try:
        fields = read_answer_fields(instruction, document, activities=activities)
    except BadField as bad:
        return _wrong(bad.field.code or FAILED[instruction], f"`{bad.field.name}`: {bad}")
    return Answer(instruction=instruction, fields=fields)


def _is_json(content_type: str) -> bool:
    return content_type.split(";", maxsplit=1)[0].strip().lower() == "application/json"


def _wrong(code: ErrorCode, problem: str = "") -> Answer:
    return Answer(error=code, remark=": ".join(filter(None, (code.meaning, problem))))
