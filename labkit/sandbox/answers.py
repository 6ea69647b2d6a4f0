"""What the answer to an assignment callback means (docs: /docs/taskrouter/handle-assignment-callbacks).

Pure: an HTTP answer in, what the engine shall do out, with Twilio's error code where the answer was wrong.
"""

from __future__ import annotations

import json
from collections.abc import Container
from dataclasses import dataclass

from labkit.vocabulary import CALLBACK_ERRORS, Instruction

NOT_MODELLED = frozenset({Instruction.DEQUEUE, Instruction.CALL, Instruction.REDIRECT, Instruction.CONFERENCE})
"""Known to TaskRouter; they need a telephone, which this sandbox does not play yet. The Reservation stays pending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was understood.

    Attributes:
        instruction: what to carry out now, or None.
        activity_sid: with reject, where the Worker goes.
        error: Twilio's error code, or None.
        remark: the error in words, or what else there is to say.
    """

    instruction: Instruction | None = None
    activity_sid: str | None = None
    error: int | None = None
    remark: str | None = None


def read_answer(body: bytes, *, content_type: str, activities: Container[str]) -> Answer:
    """Read the body of a 200.

    Args:
        body: as it came.
        content_type: the header's value, parameters allowed.
        activities: the SIDs that `reject` may name.
    """
    text = body.decode("utf-8", "replace").strip()
    if not text:
        return Answer()
    if content_type.split(";", maxsplit=1)[0].strip().lower() != "application/json":
        return _wrong(40000)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return _wrong(40001)
    if not isinstance(document, dict):
        return _wrong(40001)
    return _read_instruction(document, activities) if document else Answer()


def _read_instruction(document: dict[str, object], activities: Container[str]) -> Answer:
    name = document.get("instruction")
    if not name:
        return _wrong(40005)
    if name not in set(Instruction) or name == Instruction.SUPERVISE:
        return _wrong(55555)
    instruction = Instruction(str(name))
    if instruction in NOT_MODELLED:
        return Answer(remark=f"the sandbox does not play {instruction} yet; the Reservation stays pending")
    if instruction is Instruction.ACCEPT:
        return Answer(instruction=instruction)
    activity_sid = document.get("activity_sid")
    if activity_sid is not None and (not isinstance(activity_sid, str) or activity_sid not in activities):
        return _wrong(40100)
    return Answer(instruction=instruction, activity_sid=activity_sid)


def _wrong(code: int) -> Answer:
    return Answer(error=code, remark=CALLBACK_ERRORS[code])
