"""The delivery log: every callback that the sandbox sent, and what came back. Bounded, newest last."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Any, Literal

from labkit.error_codes import ErrorCode
from labkit.settings import hide_passwords

KEPT = 1000
MOST_GIVEN_UP = 20
"""Of callbacks that were given up; the counts of those of which nothing was heard longest are forgotten."""
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
        """Values that JSON can hold, for the eye: a password in a URL is dots."""
        shown = {"url": self.url, "body": self.body.decode("utf-8", "replace"), "remark": self.remark}
        hidden = {name: text and hide_passwords(text) for name, text in shown.items()}
        return {**asdict(self), "at": self.at.isoformat(), **hidden}


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """A kind of event callbacks that were never sent: all to one URL, and given up for one reason.

    Attributes:
        account_sid, workspace_sid, workspace_name, url: whose they were, and where they were to go.
        reason: why they were given up, as a sentence without its stop.
    """

    account_sid: str
    workspace_sid: str
    workspace_name: str
    url: str
    reason: str

    def said(self, number: int) -> str:
        """So many of them, in a sentence."""
        callbacks = "1 event callback" if number == 1 else f"{number:,} event callbacks"
        whose = f"of the Workspace {self.workspace_name!r} to {hide_passwords(self.url)}"
        return f"{callbacks} {whose} {'was' if number == 1 else 'were'} given up: {self.reason}."


class DeliveryLog:
    """The last deliveries, numbered from 1 without gaps; and how many callbacks were never sent."""

    def __init__(self) -> None:
        self._kept: deque[Delivery] = deque(maxlen=KEPT)
        self._numbers = count(1)
        self._given_up: dict[GivenUp, int] = {}
        self._lines: dict[GivenUp, Delivery] = {}

    def keep(self, delivery: Delivery) -> Delivery:
        """Keep a delivery that is over, under the next number; it is returned with that."""
        kept = replace(delivery, number=next(self._numbers))
        self._kept.append(kept)
        return kept

    def of(self, account_sid: str) -> list[Delivery]:
        """What is kept for this account, oldest first."""
        return [d for d in self._kept if d.account_sid == account_sid]

    def count_given_up(self, given_up: GivenUp, number: int, *, at: datetime) -> None:
        """Count callbacks that were given up. They share one line of the log, which thousands would empty."""
        self._given_up[given_up] = self._given_up.pop(given_up, 0) + number
        if len(self._given_up) > MOST_GIVEN_UP:
            oldest = next(iter(self._given_up))
            del self._given_up[oldest], self._lines[oldest]
        said = given_up.said(self._given_up[given_up])
        line = Delivery(
            at=at,
            kind="event",
            account_sid=given_up.account_sid,
            subject_sid=given_up.workspace_sid,
            url=given_up.url,
            fields={},
            error=ErrorCode.HTTP_RETRIEVAL_FAILURE,
            remark=said,
        )
        self._lines[given_up] = self._in_place(line, self._lines.get(given_up))

    def given_up(self, account_sid: str) -> list[str]:
        """How many callbacks of this account were given up, and why, in sentences."""
        return [each.said(number) for each, number in self._given_up.items() if each.account_sid == account_sid]

    def _in_place(self, line: Delivery, former: Delivery | None) -> Delivery:
        """Keep a line in place of a former one, if that is still there."""
        place = former.number - self._kept[0].number if former is not None and self._kept else -1
        if former is None or place < 0:
            return self.keep(line)
        self._kept[place] = replace(line, number=former.number)
        return self._kept[place]
