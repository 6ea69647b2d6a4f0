"""Traffic: every HTTP exchange at the callback server as it was, and the REST calls that the learner made.

Thousands are kept here. The newest travel in the state, earlier ones when the browser asks for them; headers and
bodies when one is opened, so that a burst of callbacks does not send them all.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, ClassVar

from labkit.background import JobOutcome, Jobs
from labkit.callback_events import moment_of
from labkit.display import Section, Table, counted, shortened
from labkit.live.throttle import Throttle
from labkit.live.views import bounded, milliseconds
from labkit.remote_clock import RemoteClock
from labkit.sandbox_client.deliveries import Deliveries
from labkit.stream import Entry, EventStream, Kind
from labkit.widgets.base import Handler, Panel, script, style
from labkit.widgets.lab_parts import LabParts
from labkit.widgets.status.lines import StatusLine
from labkit.widgets.still import short_path, time_of_day_utc
from labkit.widgets.traffic.exchange_details import Details, about, delivery_of, kind_of

KEPT = 5_000
NEWEST = 50
"""Rows that travel in the state, again and again while it is busy."""
CHUNK = 500
_ANSWER = 160
_PICTURED = 20
"""Rows of its still."""


class Traffic(Panel):
    """HTTP as it was, newest first.

    Args:
        stream: where exchanges and calls are published.
        jobs: where deliveries are looked up and sent again.
        base_url: TaskRouter's own, for lines to copy.
        deliveries: what the sandbox sent; None on a real account, which delivers nothing again.
        clock: TaskRouter's, on which all times are told.
    """

    title = "Traffic"
    _esm = script("traffic")
    _css = style("traffic")
    desk_place: ClassVar[Mapping[str, int]] = {"inside": 1}
    looks = frozenset({"details", "rows"})
    follows_status = True

    @classmethod
    def of_lab(cls, lab: LabParts) -> Traffic:
        """The panel of a lab."""
        deliveries = lab.deliveries if lab.sandbox else None
        panel = cls(lab.stream, jobs=lab.jobs, base_url=lab.address()[0], deliveries=deliveries, clock=lab.live.clock)
        panel.show_status(lab.status_lines())
        return panel

    def __init__(
        self,
        stream: EventStream,
        *,
        jobs: Jobs | None = None,
        base_url: str = "https://taskrouter.twilio.com",
        deliveries: Deliveries | None = None,
        clock: RemoteClock | None = None,
    ) -> None:
        self._clock = clock or RemoteClock()
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._heard = 0
        self._elsewhere = ""
        self._entries_lock = threading.Lock()
        self._deliveries = deliveries
        self._details = Details(base_url, deliveries=deliveries)
        self._pace = Throttle(lambda _topics: self.refresh(), clock=self._clock)
        super().__init__(jobs=jobs)
        subscription = stream.subscribe(self._hear, since=0)
        unlisten = self._clock.listen(lambda: self._pace.mark("traffic"))
        self._endings += [self._pace.close, lambda: stream.cancel(subscription), unlisten]
        self.refresh()

    def show_status(self, lines: Sequence[StatusLine]) -> None:
        """Say where the callbacks go, if not here: then none are shown. From any thread."""
        elsewhere = next((line["detail"] for line in lines if line["key"] == "workflow"), "")
        with self._lock:
            if elsewhere != self._elsewhere:
                self._elsewhere = elsewhere
                self.refresh()

    def _hear(self, entry: Entry) -> None:
        if entry.kind in (Kind.EXCHANGE, Kind.CALL):
            with self._entries_lock:
                self._entries.append(entry)
                self._heard += 1
            self._pace.mark("traffic")

    def _now(self) -> datetime:
        return self._clock()

    def _paused(self) -> bool:
        return self._clock.paused

    def _ahead(self) -> timedelta:
        return self._clock.ahead

    def _speed(self) -> float:
        return self._clock.speed

    def _content(self) -> dict[str, Any]:
        with self._entries_lock:
            heard, kept = self._heard, len(self._entries)
            newest = list(islice(reversed(self._entries), NEWEST))
        return {
            "first": heard - kept,
            "heard": heard,
            "rows": self._rows(newest, last=heard - 1),
            "redelivers": self._deliveries is not None,
            "elsewhere": self._elsewhere,
        }

    def pictured(self) -> Iterable[Section]:
        """The newest exchanges, without headers and bodies."""
        columns = ("When (UTC)", "Request", "Answer", "Took", "About", "Error")
        rows = [
            (
                time_of_day_utc(row["at"]),
                f"{row['method']} {shortened(short_path(row['path']), most=100)}",
                str(row["status"] or "none"),
                f"{row['milliseconds']:,.0f} ms" if row["milliseconds"] is not None else "",
                shortened(row["about"]),
                shortened(row["error"], most=160),
            )
            for row in self.state["rows"][:_PICTURED]
        ]
        heard = counted(self.state["heard"], "exchange")
        return [Section(f"{heard}{', the newest first' if len(rows) > 1 else ''}.", Table(columns, rows))]

    def _handlers(self) -> Mapping[str, Handler]:
        return {"rows": self._earlier, "details": self._show_details, "redeliver": self._redeliver}

    def _earlier(self, message: Mapping[str, Any]) -> JobOutcome:
        """At most `CHUNK` rows that come before the row of this place, newest first."""
        before = message.get("before")
        if not isinstance(before, int):
            return JobOutcome(ok=False, text="Rows are asked for by the place of the one after them.")
        with self._entries_lock:
            skipped = max(0, self._heard - before)
            entries = list(islice(reversed(self._entries), skipped, skipped + CHUNK))
            last = self._heard - 1 - skipped
        return JobOutcome(ok=True, data={"rows": self._rows(entries, last=last)})

    def _show_details(self, message: Mapping[str, Any]) -> JobOutcome:
        entry = self._entry(message.get("number"))
        if entry is None:
            return JobOutcome(ok=False, text="This exchange is too long ago; it is not kept any more.")
        return JobOutcome(ok=True, data={"details": self._details.of(entry)})

    def _redeliver(self, message: Mapping[str, Any]) -> JobOutcome | str:
        entry = self._entry(message.get("number"))
        sent = delivery_of(entry, self._deliveries) if entry is not None and self._deliveries is not None else None
        if sent is None or self._deliveries is None:
            return JobOutcome(
                ok=False, text="The sandbox does not keep this callback, so it cannot be delivered again."
            )
        again = self._deliveries.redeliver(sent.number)
        return JobOutcome(ok=again.error is None, text=f"{again.headline} {again.meaning}".strip())

    def _entry(self, number: object) -> Entry | None:
        with self._entries_lock:
            return next((entry for entry in reversed(self._entries) if entry.number == number), None)

    def _rows(self, entries: Iterable[Entry], *, last: int) -> list[dict[str, Any]]:
        return [_row(entry, last - back, at=self._at(entry)) for back, entry in enumerate(entries)]

    def _at(self, entry: Entry) -> datetime:
        """When it was on TaskRouter's clock.

        A callback is never earlier than what it tells of: while the sandbox's clock is being moved, it comes before
        anybody here knows how far.
        """
        told = self._clock.as_told(entry.at)
        form = entry.data.get("form") if entry.data.get("signature") == "valid" else None
        happened = moment_of(form) if isinstance(form, Mapping) else None
        return told if happened is None else max(told, happened)


def _row(entry: Entry, place: int, *, at: datetime) -> dict[str, Any]:
    data = entry.data
    return {
        "place": place,
        "number": entry.number,
        "kind": kind_of(entry),
        "at": milliseconds(at),
        "method": bounded(data.get("method"), 20),
        "path": bounded(data.get("path"), 300),
        "status": data.get("status"),
        "milliseconds": data.get("milliseconds"),
        "about": about(data.get("form")),
        "answer": bounded(data.get("response_body"), _ANSWER) if entry.kind is Kind.EXCHANGE else "",
        "signature": bounded(data.get("signature"), 20),
        "code": data.get("code"),
        "error": bounded(data.get("error"), 300),
        "words": _words(data.get("form")),
    }


def _words(form: object) -> str:
    """What a search finds besides what is seen: names and SIDs."""
    fields = form if isinstance(form, Mapping) else {}
    wanted = ("TaskSid", "ReservationSid", "WorkerSid", "WorkerName", "TaskQueueName", "WorkflowName", "TaskAttributes")
    return bounded(" ".join(str(fields[name]) for name in wanted if name in fields), 300)


PANEL = Traffic
