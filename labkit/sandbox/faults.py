"""Faults that can be switched on: what goes wrong between the sandbox and others, on purpose and by chance.

They are the sandbox's, for every account in it, and they are forgotten when its process ends: nobody shall look for a
mistake of his own in what somebody switched on yesterday. `/_sandbox/...` never suffers any, so that they can always
be switched off.

A callback that is struck is sent all the same, but for `callback_refused`; what is spoilt is its answer, as by a
broken proxy between. A struck REST request does nothing, but for `rest_late`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from labkit import limits
from labkit.error_codes import ErrorCode
from labkit.errors import Refusal
from labkit.sandbox.delivery_log import Delivery
from labkit.sandbox.refusals import TooManyRequests

Struck = Literal["assignment", "event", "rest"]

MOST_SECONDS = 60.0
SECONDS = 3.0
"""How late something is unless told."""


class FaultName(StrEnum):
    """What can be switched on."""

    CALLBACK_REFUSED = "callback_refused"
    CALLBACK_SLOW = "callback_slow"
    CALLBACK_500 = "callback_500"
    CALLBACK_NOT_JSON = "callback_not_json"
    CALLBACK_NO_INSTRUCTION = "callback_no_instruction"
    CALLBACK_WRONG_SIGNATURE = "callback_wrong_signature"
    REST_429 = "rest_429"
    REST_500 = "rest_500"
    REST_LATE = "rest_late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One line of the table.

    Attributes:
        strikes: what it can hit.
        effect: what happens then, as a sentence without its full stop.
        code: the error that Twilio has for it, if there is one.
        timed: whether it has a number of seconds.
    """

    strikes: frozenset[Struck]
    effect: str
    code: ErrorCode | None = None
    timed: bool = False

    @property
    def does(self) -> str:
        """What happens then, and the error that it is, as a sentence."""
        return f"{self.effect} ({self.code})." if self.code else f"{self.effect}."


_CALLBACKS: frozenset[Struck] = frozenset({"assignment", "event"})
_ASSIGNMENTS: frozenset[Struck] = frozenset({"assignment"})
_REST: frozenset[Struck] = frozenset({"rest"})

FAULTS: Mapping[FaultName, Fault] = {
    FaultName.CALLBACK_REFUSED: Fault(
        strikes=_CALLBACKS,
        effect="The connection to the callback URL is refused; nothing arrives there",
        code=ErrorCode.CONNECTION_FAILURE,
    ),
    FaultName.CALLBACK_SLOW: Fault(
        strikes=_CALLBACKS,
        effect=f"The answer of the callback URL comes late; after {limits.ASSIGNMENT_CALLBACK_SECONDS} s (assignment) "
        f"or {limits.EVENT_CALLBACK_SECONDS} s (event) too late",
        code=ErrorCode.HTTP_RETRIEVAL_FAILURE,
        timed=True,
    ),
    FaultName.CALLBACK_500: Fault(
        strikes=_CALLBACKS,
        effect="The callback URL seems to answer 500",
        code=ErrorCode.HTTP_RETRIEVAL_FAILURE,
    ),
    FaultName.CALLBACK_NOT_JSON: Fault(
        strikes=_ASSIGNMENTS,
        effect="The answer to an assignment callback is no JSON",
        code=ErrorCode.ANSWER_NOT_JSON,
    ),
    FaultName.CALLBACK_NO_INSTRUCTION: Fault(
        strikes=_ASSIGNMENTS,
        effect="The answer to an assignment callback is JSON without an instruction",
        code=ErrorCode.NO_INSTRUCTION,
    ),
    FaultName.CALLBACK_WRONG_SIGNATURE: Fault(
        strikes=_CALLBACKS, effect="The callback is signed with another token; a server that looks refuses it"
    ),
    FaultName.REST_429: Fault(
        strikes=_REST,
        effect="A REST request is answered 429, Too Many Requests",
        code=ErrorCode.TOO_MANY_REQUESTS,
    ),
    FaultName.REST_500: Fault(
        strikes=_REST,
        effect="A REST request is answered 500, Internal Server Error",
        code=ErrorCode.INTERNAL_ERROR,
    ),
    FaultName.REST_LATE: Fault(strikes=_REST, effect="A REST request is answered late", timed=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """How a fault is switched on: how likely it strikes (above 0, up to 1), and by how many seconds if it is timed."""

    probability: float
    seconds: float = SECONDS


class Broken(Refusal):
    """The answer to a REST request that `rest_500` struck."""

    status = 500
    code = ErrorCode.INTERNAL_ERROR

    def __init__(self) -> None:
        super().__init__("Internal Server Error")


_SPOILT: Mapping[FaultName, tuple[int, str, bytes]] = {
    FaultName.CALLBACK_500: (500, "text/html", b"<h1>Internal Server Error</h1>"),
    FaultName.CALLBACK_NOT_JSON: (200, "application/json", b"{'instruction': accept}"),
    FaultName.CALLBACK_NO_INSTRUCTION: (200, "application/json", b'{"message": "hello"}'),
}
"""Status, content type and body that take the answer's place; of several the first."""

NOTHING: Mapping[FaultName, float] = MappingProxyType({})


class Faults:
    """Which faults are on.

    Args:
        draw: a number from 0 up to 1, each time another.

    Attributes:
        rest: whether any fault is on that can strike a REST request: all that a request costs while none is.
    """

    def __init__(self, draw: Callable[[], float] = random.random) -> None:
        self.rest = False
        self._on: dict[FaultName, Switched] = {}
        self._draw = draw

    @property
    def on(self) -> dict[FaultName, Switched]:
        """Those that are on, in the table's order."""
        return {name: self._on[name] for name in FAULTS if name in self._on}

    def switch_on(self, name: FaultName, switched: Switched) -> None:
        """Switch a fault on, or to another probability."""
        self._on[name] = switched
        self._look()

    def switch_off(self, name: FaultName | None = None) -> None:
        """Switch this fault off, or all. One that is off may be switched off."""
        for each in FAULTS if name is None else (name,):
            self._on.pop(each, None)
        self._look()

    def draw(self, struck: Struck) -> Mapping[FaultName, float]:
        """Which faults hit this one request, each with its seconds; each has a draw of its own."""
        if not self._on:
            return NOTHING
        can = {name: switched for name, switched in self._on.items() if struck in FAULTS[name].strikes}
        return {name: switched.seconds for name, switched in can.items() if self._draw() < switched.probability}

    async def apply_to_request(self) -> None:
        """Let them strike one REST request: it waits, or is refused, or neither.

        Raises:
            TooManyRequests, Broken: what is answered instead.
        """
        struck = self.draw("rest")
        if FaultName.REST_LATE in struck:
            await asyncio.sleep(struck[FaultName.REST_LATE])
        if FaultName.REST_429 in struck:
            raise TooManyRequests
        if FaultName.REST_500 in struck:
            raise Broken

    def _look(self) -> None:
        self.rest = any("rest" in FAULTS[name].strikes for name in self._on)


def corrupted(answered: Delivery, struck: Mapping[FaultName, float]) -> Delivery:
    """A delivery that was answered, with its answer spoilt by the faults that struck it."""
    name = next((name for name in _SPOILT if name in struck), None)
    if name is None:
        return answered
    status, content_type, body = _SPOILT[name]
    return replace(answered, status=status, content_type=content_type, body=body)
