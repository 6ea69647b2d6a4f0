"""TimeAndFaults: the sandbox's clock to be moved, and what shall go wrong on purpose. A real account has neither."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from labkit.background import JobOutcome, Jobs
from labkit.display import Section, Table
from labkit.live.views import milliseconds
from labkit.live.workspace import LiveWorkspace
from labkit.sandbox_client.clock import Clock, DueNext, Moved, Reading
from labkit.sandbox_client.faults import Fault, FaultList, Faults
from labkit.widgets.base import Handler, script, style, text_of
from labkit.widgets.lab_parts import LabParts
from labkit.widgets.sandbox_panel import SandboxPanel
from labkit.widgets.still import time_of_day_utc

HAPPENINGS = 100

_TITLES: dict[str, str] = {
    "callback_refused": "Connection refused",
    "callback_slow": "Slow answer",
    "callback_500": "Answer 500",
    "callback_not_json": "Answer is not JSON",
    "callback_no_instruction": "Answer without instruction",
    "callback_wrong_signature": "Wrong signature",
    "rest_429": "429 Too Many Requests",
    "rest_500": "500 Internal Server Error",
    "rest_late": "Late answer",
}


class TimeAndFaults(SandboxPanel):
    """Moves time and makes faults.

    Args:
        live: what is known; when it changes, what is due next may have changed, too.
        clock: the sandbox's clock.
        faults: its faults.
        jobs: where clicks run, and what asks the sandbox.
    """

    title = "Time and faults"
    _esm = script("time_and_faults")
    _css = style("time_and_faults")
    desk_place: ClassVar[Mapping[str, int]] = {"inside": 3}
    looks = frozenset({"look"})
    look_gap_seconds = 0.5
    """Between two looks at what is due next: it changes with everything that happens."""

    @classmethod
    def of_lab(cls, lab: LabParts) -> TimeAndFaults:
        """The panel of a lab."""
        return cls(lab.live, clock=lab.clock, faults=lab.faults, jobs=lab.jobs)

    def __init__(self, live: LiveWorkspace, *, clock: Clock, faults: Faults, jobs: Jobs) -> None:
        self._clock = clock
        self._faults = faults
        self._reading: Reading | None = None
        self._fault_list: FaultList | None = None
        self._moved: Moved | None = None
        super().__init__(live, jobs=jobs)

    @property
    def _available(self) -> bool:
        return self._clock.available

    def _read(self) -> None:
        self._note(reading=self._clock.look(), faults=self._faults.list())

    def _note(
        self, *, reading: Reading | None = None, faults: FaultList | None = None, moved: Moved | None = None
    ) -> None:
        with self._lock:
            self._reading = reading or self._reading
            self._fault_list = faults or self._fault_list
            self._moved = moved or self._moved
            self._draw_reading()

    def _content(self) -> dict[str, Any]:
        reading, faults = self._reading, self._fault_list
        return {
            **super()._content(),
            "known": reading is not None,
            "next": None if reading is None or reading.next is None else _due(reading.next),
            "moved": None if self._moved is None else _told(self._moved),
            "faults": [] if faults is None else [_fault(each) for each in faults.faults],
        }

    def pictured(self) -> Iterable[Section]:
        """Whether time runs, what is due next, and which faults are on."""
        if not self.state["available"]:
            return [Section("A real account's clock cannot be moved, and it has no faults.")]
        due = self.state["next"]
        stands = "Time stands still" if self.state["paused"] else "Time runs"
        then = f"due next, at {time_of_day_utc(due['at'])} UTC: {due['text']}" if due else "nothing is due"
        on = [(each["title"], f"{each['probability']:.0%}") for each in self.state["faults"] if each["probability"]]
        faults = Table(("Fault", "How likely"), on)
        return [Section(f"{stands}; {then}."), Section("These faults are on:" if on else "No fault is on.", faults)]

    # --- clicks -----------------------------------------------------------------------------------------------------

    def _handlers(self) -> Mapping[str, Handler]:
        return {
            "look": lambda _message: self._look(),
            "advance": self._advance,
            "next": lambda _message: self._move(self._clock.run_to_next, "lab.clock.run_to_next()"),
            "pause": lambda _message: self._hold(self._clock.pause, "lab.clock.pause()"),
            "resume": lambda _message: self._hold(self._clock.resume, "lab.clock.resume()"),
            "fault": self._switch,
            "faults_off": lambda _message: self._switched(self._faults.off(), "lab.faults.off()"),
        }

    def _advance(self, message: Mapping[str, Any]) -> JobOutcome:
        seconds = message.get("seconds")
        if isinstance(seconds, float) and seconds.is_integer():
            seconds = int(seconds)
        return self._move(lambda: self._clock.advance(seconds=seconds), f"lab.clock.advance(seconds={seconds})")  # type: ignore[arg-type]  # the clock says what it takes

    def _move(self, move: Callable[[], Moved], code: str) -> JobOutcome:
        moved = move()
        self._note(reading=moved.reading, moved=moved)
        return JobOutcome(ok=True, data={"code": code})

    def _hold(self, hold: Callable[[], Reading], code: str) -> JobOutcome:
        reading = hold()
        self._note(reading=reading)
        return JobOutcome(ok=True, data={"code": code})

    def _switch(self, message: Mapping[str, Any]) -> JobOutcome:
        name, probability, seconds = text_of(message, "name"), message.get("probability"), message.get("seconds")
        if not probability:
            return self._switched(self._faults.off(name), f"lab.faults.off({name!r})")
        found = self._faults.on(name, probability=probability, seconds=seconds)
        late = "" if seconds is None else f", seconds={seconds:g}"
        return self._switched(found, f"lab.faults.on({name!r}, probability={probability:g}{late})")

    def _switched(self, faults: FaultList, code: str) -> JobOutcome:
        self._note(faults=faults)
        return JobOutcome(ok=True, text=faults.headline, data={"code": code})


def _due(due: DueNext) -> dict[str, Any]:
    return {"at": milliseconds(due.at), "kind": due.kind, "sid": due.sid, "text": due.text}


def _told(moved: Moved) -> dict[str, Any]:
    """A move as the panel tells it: the deadlines, and the events that came of them, in their order."""
    due = [[milliseconds(each.at), "due", each.sid, each.text] for each in moved.deadlines]
    events = [[milliseconds(each.at), each.type, each.resource_sid, each.description] for each in moved.events]
    rows = sorted([*due, *events], key=lambda row: (row[0], row[1] != "due"))
    return {
        "at": milliseconds(moved.reading.now),
        "by": round(moved.by.total_seconds() * 1000),
        "deadlines": moved.deadlines_in_all,
        "events": moved.events_in_all,
        "rows": rows[:HAPPENINGS],
        "more": max(0, moved.deadlines_in_all + moved.events_in_all - HAPPENINGS),
    }


def _fault(fault: Fault) -> dict[str, Any]:
    return {
        "name": fault.name,
        "title": _TITLES.get(fault.name, fault.name),
        "does": fault.does,
        "rest": "rest" in fault.strikes,
        "probability": fault.probability,
        "seconds": fault.seconds,
    }


PANEL = TimeAndFaults
