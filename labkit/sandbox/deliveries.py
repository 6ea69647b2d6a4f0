"""The delivery log: every callback that the sandbox sent, and what came back. Bounded, newest last."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Any, Literal

KEPT = 1000
MAX_BODY = 64 * 1024
"""Bytes of an answer that are read; more is not an answer to a callback."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One HTTP request of a callback.

    Attributes:
        number: its place in the log; 0 until it is kept there.
        kind: which callback it was.
        account_sid: whose; others do not see it.
        milliseconds: until the answer was read, or until it was given up.
        status: of the answer; None if there was none.
        error: Twilio's error code for what went wrong, or None.
        remark: what went wrong or what else there is to say, or None.
    """

    number: int = 0
    at: datetime
    kind: Literal["assignment", "event"]
    account_sid: str
    subject_sid: str
    url: str
    fields: dict[str, str]
    signature: str = ""
    milliseconds: float = 0.0
    status: int | None = None
    content_type: str = ""
    body: bytes = field(default=b"", repr=False)
    error: int | None = None
    remark: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Values that JSON can hold."""
        return {**asdict(self), "at": self.at.isoformat(), "body": self.body.decode("utf-8", "replace")}


class DeliveryLog:
    """The last deliveries, numbered from 1 without gaps."""

    def __init__(self) -> None:
        self._kept: deque[Delivery] = deque(maxlen=KEPT)
        self._numbers = count(1)

    def keep(self, delivery: Delivery) -> None:
        """Keep a delivery that is over, under the next number."""
        self._kept.append(replace(delivery, number=next(self._numbers)))

    def of(self, account_sid: str) -> list[Delivery]:
        """What is kept for this account, oldest first."""
        return [d for d in self._kept if d.account_sid == account_sid]
