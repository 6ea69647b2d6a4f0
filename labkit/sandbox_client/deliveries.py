"""`lab.deliveries`: every callback that the sandbox sent, what came back, and the same one once more."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from labkit.arguments import named_arguments
from labkit.display import Result, Section, Table, counted, time_of_day
from labkit.error_codes import meaning_of
from labkit.errors import LabError
from labkit.sandbox_client.client import SandboxClient


@dataclass(frozen=True, slots=True, repr=False)
class DeliveryRecord(Result):
    """One callback that was sent; or, without fields, event callbacks that were not, which the remark counts.

    Attributes:
        number: its place in the log, from 1.
        at: when it happened in the sandbox, aware and in UTC.
        kind: `assignment` or `event`.
        about: the SID of the Reservation, or of what the event is about.
        url: where it was sent.
        fields: its form fields by their wire names.
        status: of the answer; None if there was none.
        milliseconds: until the answer was there, or was given up.
        content_type, response: the answer's type and its body.
        error: Twilio's error code for what went wrong, or None.
        meaning: that code in words; empty without one.
        remark: what went wrong here, or what else there is to say; empty if nothing.
        faults: the names of the faults that struck it.
        redelivery_of: the number of the delivery that this one repeats, or None.
    """

    number: int
    at: datetime
    kind: str
    about: str
    url: str
    fields: Mapping[str, str]
    status: int | None
    milliseconds: float
    content_type: str
    response: str
    error: int | None
    meaning: str
    remark: str
    faults: tuple[str, ...]
    redelivery_of: int | None

    @property
    def headline(self) -> str:
        """What was sent and what came of it, as a sentence."""
        if not self.fields:
            return f"Delivery {self.number}: {self.what}."
        again = f", once more after {self.redelivery_of}" if self.redelivery_of is not None else ""
        came = f"answered {self.status}" if self.status is not None else "was not answered"
        return f"Delivery {self.number}{again}: the {self.what} {came} in {self.milliseconds:,.0f} ms."

    @property
    def what(self) -> str:
        """The callback in a few words."""
        if not self.fields:
            return f"event callbacks of {self.about} that were not sent"
        if self.kind == "assignment":
            return f"assignment callback of {self.about}"
        return f"event callback {self.fields.get('EventType', '')} of {self.about}"

    @property
    def trouble(self) -> str:
        """What went wrong or is to be said, with the code and the faults; empty if nothing."""
        said = self.remark or self.meaning
        parts = [f"{self.error}: {said}" if self.error is not None else said]
        parts += [f"by the fault {', '.join(self.faults)}"] if self.faults else []
        return "; ".join(filter(None, parts))

    def _sections(self) -> tuple[Section]:
        trouble = [("Remark", self.trouble)] if self.trouble else []
        rows = [("To", self.url), *trouble, ("Answer", self.response), *self.fields.items()]
        return (Section(self.headline, Table(("", ""), rows)),)


@dataclass(frozen=True, slots=True, repr=False)
class DeliveryList(Result):
    """Deliveries, oldest first."""

    deliveries: tuple[DeliveryRecord, ...]

    def __iter__(self) -> Iterator[DeliveryRecord]:
        return iter(self.deliveries)

    def __len__(self) -> int:
        return len(self.deliveries)

    def __getitem__(self, index: int) -> DeliveryRecord:
        return self.deliveries[index]

    @property
    def headline(self) -> str:
        """How many there are and how many failed, as a sentence."""
        failed = sum(each.error is not None for each in self.deliveries)
        return f"{counted(len(self), 'callback')}, {failed or 'none'} of them with an error; the newest first."

    def _sections(self) -> tuple[Section]:
        columns = ("Number", "At (UTC)", "Callback", "To", "Status", "ms", "Remark")
        return (Section(self.headline, Table(columns, self._rows())),)

    def _rows(self) -> builtins.list[tuple[str, ...]]:
        return [
            (
                str(each.number),
                time_of_day(each.at),
                each.what,
                each.url,
                "none" if each.status is None else str(each.status),
                f"{each.milliseconds:,.0f}",
                each.trouble,
            )
            for each in reversed(self.deliveries)
        ]


@named_arguments
class Deliveries:
    """The sandbox's delivery log: the last 1,000 callbacks, forgotten when the sandbox ends.

    Args:
        asking: the line to the sandbox.
    """

    def __init__(self, asking: SandboxClient) -> None:
        self._asking = asking

    def list(self, *, kind: str | None = None, failed: bool = False) -> DeliveryList:
        """The deliveries, oldest first.

        Args:
            kind: `assignment` or `event`; both without it.
            failed: only those with an error.

        Raises:
            LabError: there is no such kind, or this is a real account.
            TaskRouterError: the sandbox refused, or did not answer.
        """
        if kind not in (None, "assignment", "event"):
            raise LabError(f"Callbacks are of the kind 'assignment' or 'event', and this is {kind!r:.40}.")
        documents = self._asking.get("deliveries", what="read the delivery log")["deliveries"]
        found = [_read(each) for each in documents if kind in (None, each["kind"])]
        return DeliveryList(tuple(each for each in found if each.error is not None or not failed))

    def about(self, task: object) -> DeliveryList:
        """The assignment callbacks of one Task, oldest first, once those that are under way are over.

        It waits two seconds at most: what takes longer is not there yet.

        Args:
            task: its SID, or what `create_task` returned.

        Raises:
            LabError: this is a real account.
            TaskRouterError: the sandbox refused, or did not answer.
        """
        sid = getattr(task, "sid", task)
        documents = self._asking.get(f"tasks/{sid}/deliveries", what="read the delivery log")["deliveries"]
        return DeliveryList(tuple(map(_read, documents)))

    def redeliver(self, number: int) -> DeliveryRecord:
        """Send a callback once more: the same fields to the same URL, newly signed.

        What an assignment callback answers this time is followed only while its Reservation is pending. No fallback
        URL is called, and a failure changes nothing.

        Args:
            number: of the delivery in the log.

        Returns:
            The new delivery, as it stands in the log.

        Raises:
            LabError: `number` is no whole number, or this is a real account.
            TaskRouterError: there is no such delivery, or the sandbox did not answer.
        """
        if isinstance(number, bool) or not isinstance(number, int):
            raise LabError(f"A delivery is named by its number in lab.deliveries, such as 12; this is {number!r:.40}.")
        return _read(self._asking.post(f"deliveries/{number}/redeliver", what=f"send callback {number} once more"))

    def __iter__(self) -> Iterator[DeliveryRecord]:
        return iter(self.list())

    def __len__(self) -> int:
        return len(self.list())

    def __repr__(self) -> str:
        try:
            return str(self.list())
        except LabError as error:
            return str(error)


def _read(document: Mapping[str, Any]) -> DeliveryRecord:
    error = document["error"]
    return DeliveryRecord(
        number=document["number"],
        at=datetime.fromisoformat(document["at"]),
        kind=document["kind"],
        about=document["subject_sid"],
        url=document["url"],
        fields=document["fields"],
        status=document["status"],
        milliseconds=document["milliseconds"],
        content_type=document["content_type"],
        response=document["body"],
        error=error,
        meaning=meaning_of(error),
        remark=document["remark"] or "",
        faults=tuple(document["faults"]),
        redelivery_of=document["redelivery_of"],
    )
