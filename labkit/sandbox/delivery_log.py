"""The delivery log: every callback that the sandbox sent, and what came back. Bounded, newest last."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Any, Literal

from labkit.error_codes import ErrorCode

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
        faults: those that struck it (see `faults.py`), by name.
        redelivery_of: the number of the delivery that this one repeats, or None.
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
    error: ErrorCode | None = None
    remark: str | None = None
    faults: tuple[str, ...] = ()
    redelivery_of: int | None = None

    def again(self, at: datetime) -> Delivery:
        """The same callback once more: what was asked, and nothing of what came of it."""
        return Delivery(
            at=at,
            kind=self.kind,
            account_sid=self.account_sid,
            subject_sid=self.subject_sid,
            url=self.url,
            fields=self.fields,
            redelivery_of=self.number,
        )

    def as_dict(self) -> dict[str, Any]:
        """Values that JSON can hold."""
        return {**asdict(self), "at": self.at.isoformat(), "body": self.body.decode("utf-8", "replace")}


class DeliveryLog:
    """The last deliveries, numbered from 1 without gaps."""

    def __init__(self) -> None:
        self._kept: deque[Delivery] = deque(maxlen=KEPT)
        self._numbers = count(1)

    def keep(self, delivery: Delivery) -> Delivery:
        """Keep a delivery that is over, under the next number; it is returned with that."""
        kept = replace(delivery, number=next(self._numbers))
        self._kept.append(kept)
        return kept

    def of(self, account_sid: str) -> list[Delivery]:
        """What is kept for this account, oldest first."""
        return [d for d in self._kept if d.account_sid == account_sid]
