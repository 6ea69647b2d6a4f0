"""`lab.clock`: the sandbox's time, to be moved on, held and let go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from labkit.arguments import named_arguments
from labkit.display import Result, Section, Table, TableRow, counted, date_and_time, duration, time_of_day
from labkit.errors import LabError
from labkit.remote_clock import RemoteClock
from labkit.sandbox_client.client import SandboxClient
from labkit.vocabulary import short_sid

MOST_SECONDS = 30 * 86_400


@dataclass(frozen=True, slots=True, repr=False)
class DueNext(TableRow):
    """Something that falls due.

    Attributes:
        at: when, aware and in UTC.
        kind: `reservation_timeout`, `target_timeout`, `task_timeout`, `assigned_too_long`, `task_removal`, `call`,
            `workflow_pause` or `task_pause`;
            empty where it belongs to another account.
        sid: of the Reservation, Task or call; empty likewise.
        text: what happens then, in words.
    """

    at: datetime
    kind: str
    sid: str
    text: str

    def cells(self) -> dict[str, str]:
        """What a table says of it."""
        return {"Due": self.text, "At (UTC)": date_and_time(self.at), "Of": self.sid}


@dataclass(frozen=True, slots=True, repr=False)
class Happened(TableRow):
    """An event that came of a move: when, its type, what it is about, and TaskRouter's description."""

    at: datetime
    type: str
    resource_sid: str
    description: str

    def cells(self) -> dict[str, str]:
        """What a table says of it."""
        at = date_and_time(self.at)
        return {"Event": self.type, "At (UTC)": at, "Of": self.resource_sid, "In words": self.description}


@dataclass(frozen=True, slots=True, repr=False)
class Reading(Result):
    """What the clock shows.

    Attributes:
        now: the sandbox's time, aware and in UTC.
        paused: whether it stands still.
        next: what falls due next, or None.
        speed: how many seconds pass there in one of the computer's, while it does not stand still; a simulation makes
            it more than 1.
    """

    now: datetime
    paused: bool
    next: DueNext | None
    speed: float = 1.0

    @property
    def headline(self) -> str:
        """The time, and whether it runs."""
        goes = "runs" if self.speed == 1 else f"runs {self.speed:,.0f} times as fast"
        return f"It is {time_of_day(self.now)} UTC in the sandbox, and time {'stands still' if self.paused else goes}."

    def _sections(self) -> tuple[Section]:
        return (Section(f"{self.headline} {next_of(self)}"),)


@dataclass(frozen=True, slots=True, repr=False)
class Moved(Result):
    """What a move of the clock brought about.

    Attributes:
        reading: what the clock shows afterwards.
        by: how far it was moved.
        deadlines: what fell due, in its order; the first 500.
        events: what happened, in its order; the first 500.
        deadlines_in_all, events_in_all: how many there were.
    """

    reading: Reading
    by: timedelta
    deadlines: tuple[DueNext, ...]
    events: tuple[Happened, ...]
    deadlines_in_all: int
    events_in_all: int

    @property
    def headline(self) -> str:
        """How far it went and how much happened, as a sentence."""
        fell = counted(self.deadlines_in_all, "deadline") if self.deadlines_in_all else "Nothing"
        events = f"; {counted(self.events_in_all, 'event')} came of it" if self.events_in_all else ""
        now, later = time_of_day(self.reading.now), duration(self.by.total_seconds())
        return f"It is {now} UTC in the sandbox, {later} later. {fell} fell due{events}."

    def _sections(self) -> tuple[Section]:
        table = Table(("When (UTC)", "What", "Of", "In words"), self._rows())
        return (Section(self.headline, table, foot=next_of(self.reading)),)

    def _rows(self) -> list[tuple[str, ...]]:
        """Deadlines and events together; a deadline goes before what came of it."""
        due = [(each.at, 0, "(due)", each.sid, each.text) for each in self.deadlines]
        events = [(each.at, 1, each.type, each.resource_sid, each.description) for each in self.events]
        rows = sorted([*due, *events], key=lambda row: row[:2])
        now = self.reading.now
        return [(time_of_day(at, today=now), what, short_sid(sid), words) for at, _, what, sid, words in rows]


@named_arguments
class Clock:
    """The sandbox's clock. It is one for everybody who uses the sandbox.

    Args:
        asking: the line to the sandbox.
        time: is told what time it is there with each answer.
    """

    def __init__(self, asking: SandboxClient, *, time: RemoteClock | None = None) -> None:
        self._asking = asking
        self._time = time or RemoteClock()

    @property
    def available(self) -> bool:
        """Whether there is a clock to move; a real account has none."""
        return self._asking.sandbox

    def look(self) -> Reading:
        """What time it is, whether it stands still, and what is due next.

        Raises:
            LabError: this is a real account.
            TaskRouterError: the sandbox refused, or did not answer.
        """
        return self._learned(self._asking.get("clock", what="look at the clock"))

    def now(self) -> datetime:
        """The sandbox's time, aware and in UTC. Raises as `look`."""
        return self.look().now

    def advance(self, seconds: float) -> Moved:
        """Move the time on. What falls due on the way happens in its order, each at its own time.

        Args:
            seconds: how far, from 0 to 2,592,000 (30 days).

        Raises:
            LabError: `seconds` is no such number, or this is a real account.
            TaskRouterError: the sandbox refused, or did not answer.
        """
        by = _seconds(seconds)
        form = {"Action": "advance", "Seconds": f"{by:.6f}"}
        return self._moved(self._asking.post("clock", form, what=f"move the clock on by {by:g} s"))

    def run_to_next(self) -> Moved:
        """Move the time to what is due next, exactly. Where nothing is due, nothing moves. Raises as `look`."""
        return self._moved(self._asking.post("clock", {"Action": "run_to_next"}, what="run to the next deadline"))

    def pause(self) -> Reading:
        """Let time stand still, until `resume`: it is kept over a restart of the sandbox. Raises as `look`."""
        return self._learned(self._asking.post("clock", {"Action": "pause"}, what="hold the clock"))

    def resume(self) -> Reading:
        """Let time run on from where it stands. Raises as `look`."""
        return self._learned(self._asking.post("clock", {"Action": "resume"}, what="let the clock run on"))

    def __repr__(self) -> str:
        try:
            return str(self.look())
        except LabError as error:
            return str(error)

    def _learned(self, document: Mapping[str, Any]) -> Reading:
        reading = read_clock(document)
        self._time.learn(reading.now, paused=reading.paused, speed=reading.speed)
        return reading

    def _moved(self, document: Mapping[str, Any]) -> Moved:
        played = document["played"] or {"deadlines": [], "events": [], "deadlines_in_all": 0, "events_in_all": 0}
        return Moved(
            reading=self._learned(document),
            by=timedelta(seconds=document["moved_seconds"]),
            deadlines=tuple(map(_due, played["deadlines"])),
            events=tuple(map(_event, played["events"])),
            deadlines_in_all=played["deadlines_in_all"],
            events_in_all=played["events_in_all"],
        )


def read_clock(document: Mapping[str, Any]) -> Reading:
    """What the clock shows, from the sandbox's answer."""
    due = document["next"]
    return Reading(
        now=datetime.fromisoformat(document["now"]),
        paused=bool(document["paused"]),
        next=None if due is None else _due(due),
        speed=document["speed"],
    )


def next_of(reading: Reading) -> str:
    """What is due next and when, as a sentence."""
    if reading.next is None:
        return "Nothing is due."
    left = duration((reading.next.at - reading.now).total_seconds())
    return f"Next, in {left} at {time_of_day(reading.next.at, today=reading.now)}: {reading.next.text}."


def _due(document: Mapping[str, Any]) -> DueNext:
    at = datetime.fromisoformat(document["at"])
    return DueNext(at=at, kind=document["kind"] or "", sid=document["sid"] or "", text=document["text"])


def _event(document: Mapping[str, Any]) -> Happened:
    at = datetime.fromisoformat(document["at"])
    return Happened(
        at=at, type=document["type"], resource_sid=document["resource_sid"], description=document["description"]
    )


def _seconds(given: object) -> float:
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    if is_number and 0 <= float(given) <= MOST_SECONDS:  # type: ignore[arg-type]  # it is a number by then
        return float(given)  # type: ignore[arg-type]
    raise LabError(
        f"The clock moves on by a number of seconds from 0 to {MOST_SECONDS:,} (30 days), and this is {given!r:.40}. "
        "It never goes back: lab.restore() puts the sandbox back to a snapshot."
    )
