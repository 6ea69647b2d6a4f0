"""The contact centre that lives in a sandbox: what a lab asks of it, and how it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from labkit.arguments import named_arguments
from labkit.display import Result, Section, Table, TableRow, duration, time_of_day
from labkit.errors import ArgumentError
from labkit.sandbox_client.client import SandboxClient
from labkit.simulation.contact_centre import ContactCentre, check_whole_number
from labkit.simulation.living_limits import MOST, MOST_SPEED, MOST_WORKERS
from labkit.vocabulary import wire_name


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationSettings:
    """What shall be played; every length is a mean, in seconds.

    Attributes:
        calls_per_hour: on average over the day, up to 10,000.
        hours: how long the day is, up to 24.
        workers: how many Workers, or their names.
        talk_seconds: how long a caller and a Worker talk.
        wrap_up_seconds: how long the Worker works for the call afterwards; 0 for no wrap-up.
        patience_seconds: how long a caller waits before hanging up; None for ever.
        arrivals: `steady`, `day` (two busy times) or `burst` (one rush).
        missed: the share of Reservations that a Worker misses, from 0 to 1.
        break_every_seconds: how long a Worker works between two breaks of ten minutes; None for no breaks.
        seed: equal ones give equal days, as far as nobody interferes.
        speed: how many seconds of the sandbox's pass in one of the computer's; None for a day in a minute.

    Raises:
        ArgumentError: a value is not possible; the message says what is.
    """

    calls_per_hour: float = 60.0
    hours: float = 8.0
    workers: int | Sequence[str] = 7
    talk_seconds: float = 300.0
    wrap_up_seconds: float = 30.0
    patience_seconds: float | None = 180.0
    arrivals: str = "steady"
    missed: float = 0.02
    break_every_seconds: float | None = 7200.0
    seed: int = 1
    speed: float | None = None

    def __post_init__(self) -> None:
        _ = self.centre
        if not isinstance(self.arrivals, str):
            raise ArgumentError(f"arrivals is a word, such as 'day'; it is {self.arrivals!r:.60}.")
        for name in _OF_THE_CENTRE & set(MOST):
            _check_most(name, getattr(self.centre, name), MOST[name])
        self._check_workers()
        check_whole_number("seed", self.seed, least=0)
        _check_most("speed", self.speed, MOST_SPEED, least=1)

    @property
    def centre(self) -> ContactCentre:
        """The contact centre that these are about."""
        return ContactCentre(**{name: getattr(self, name) for name in _OF_THE_CENTRE})

    @property
    def form(self) -> dict[str, object]:
        """They as the form of a start."""
        names = [each.name for each in fields(self) if each.name != "workers"]
        form = {wire_name(name): _as_text(getattr(self, name)) for name in names}
        who = {"Workers": self.workers} if isinstance(self.workers, int) else {"WorkerName": list(self.workers)}
        return {**form, **who}

    def _check_workers(self) -> None:
        given = self.workers
        if isinstance(given, int) and not isinstance(given, bool) and 1 <= given <= MOST_WORKERS:
            return
        is_names = isinstance(given, Sequence) and not isinstance(given, str)
        if is_names and given and all(isinstance(name, str) and name.strip() for name in given):  # type: ignore[union-attr]  # a sequence
            return
        raise ArgumentError(
            f"workers is how many there are, from 1 to {MOST_WORKERS}, or a list of their names; it is {given!r:.60}."
        )


_OF_THE_CENTRE = frozenset(
    {each.name for each in fields(ContactCentre)} & {each.name for each in fields(SimulationSettings)}
)


def _check_most(name: str, value: Any, most: float, *, least: float = 0) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if value is not None and (not is_number or not least <= value <= most):
        raise ArgumentError(f"{name} is a number from {least:g} to {most:,.10g}; it is {value!r:.60}.")


def _as_text(value: object) -> object:
    """None has to be said: left out, the sandbox would take what is usual."""
    return "" if value is None else value


@dataclass(frozen=True, slots=True, repr=False)
class SimulatedWorker(TableRow):
    """A Worker of the simulation.

    Attributes:
        sid, name: the Worker's.
        activity: the name of the Activity.
        doing: `available`, `ringing`, `talking`, `wrapping up`, `on a break` or `away`.
        since: since when, aware and in UTC.
        taken_over: whether somebody else does what this Worker does.
        made: whether the simulation made the Worker.
    """

    sid: str
    name: str
    activity: str
    doing: str
    since: datetime
    taken_over: bool
    made: bool

    def cells(self) -> dict[str, str]:
        """What a table says of it."""
        by = "you" if self.taken_over else "itself"
        return {"Worker": self.name, "Does": self.doing, "Since (UTC)": time_of_day(self.since), "Played by": by}


@dataclass(frozen=True, slots=True, repr=False)
class SimulationReading(Result):
    """How the simulation stands.

    Attributes:
        state: `none`, `running`, `paused` with the clock, or `over`.
        note: why it is over, as a sentence; empty where it is not.
        now: the sandbox's time, aware and in UTC.
        began, ends: the day; None where there was none.
        speed: how many seconds of the sandbox's shall pass in one of the computer's.
        workspace_sid, workspace_name: where it is; None where there was none, or it is gone.
        settings: what is played.
        figures: what comes of it: `arrived`, `waiting`, `answered`, `given_up`, `lost` (callers whose Task ended in
            another way, or never was one), `service_level` (the share of those who did not hang up within
            `service_level_seconds`), `mean_wait_seconds`, `occupancy`, and the day's `parts`.
        made: how many Workers are there that were made for it; `stop` takes them away.
        workers: who does what; empty once it is over.
    """

    state: str
    note: str
    now: datetime
    began: datetime | None
    ends: datetime | None
    speed: float
    workspace_sid: str | None
    workspace_name: str | None
    settings: Mapping[str, Any] | None
    figures: Mapping[str, Any] | None
    made: int
    workers: tuple[SimulatedWorker, ...]

    @property
    def headline(self) -> str:
        """How it stands, as a sentence."""
        if self.state == "none":
            return "No simulation runs: start() begins one."
        if self.state == "over":
            return self.note
        goes = "is paused" if self.state == "paused" else f"runs {self.speed:,.0f} times as fast as time does"
        return f"It is {time_of_day(self.now)} UTC in the contact centre, and the simulation {goes}."

    def _sections(self) -> Iterable[Section]:
        yield Section(self.headline)
        if self.figures is not None:
            yield Section("The day so far", Table(("What", "How much"), figure_rows(self.figures)))
        if self.workers:
            rows = [tuple(each.cells().values()) for each in self.workers]
            yield Section("The Workers", Table(tuple(self.workers[0].cells()), rows))


def figure_rows(figures: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The figures in words, for a table."""
    level, wait, occupancy = figures["service_level"], figures["mean_wait_seconds"], figures["occupancy"]
    within = f"Answered within {figures['service_level_seconds']:g} s"
    return [
        ("Callers", str(figures["arrived"])),
        ("Waiting now", str(figures["waiting"])),
        ("Answered", str(figures["answered"])),
        ("Given up", str(figures["given_up"])),
        *([("Lost otherwise", str(figures["lost"]))] if figures["lost"] else []),
        (within, "not yet" if level is None else f"{level:.0%}"),
        ("Mean wait of those answered", "not yet" if wait is None else duration(wait)),
        ("Occupancy of the Workers", "not yet" if occupancy is None else f"{occupancy:.0%}"),
    ]


@named_arguments
class Simulation:
    """The simulation of a sandbox. It is one for everybody who uses the sandbox, as the clock is.

    Every method but `available` gives how it stands afterwards, and may raise LabError: this is a real account; or, of
    its child TaskRouterError, the sandbox refused, or did not answer.

    Args:
        asking: the line to the sandbox.
    """

    def __init__(self, asking: SandboxClient) -> None:
        self._asking = asking

    @property
    def available(self) -> bool:
        """Whether there can be one; a real account is never touched by any."""
        return self._asking.sandbox

    def look(self) -> SimulationReading:
        """How it stands."""
        return _reading(self._asking.get("simulation", what="look at the simulation"))

    def start(self, settings: SimulationSettings, *, workspace_sid: str, workflow_sid: str) -> SimulationReading:
        """Begin a day in this Workspace, with calls to this Workflow; or go on with the day that is on, at this speed.

        Time runs afterwards, also if it was held.
        """
        where = {"WorkspaceSid": workspace_sid, "WorkflowSid": workflow_sid}
        return self._post("start", {**settings.form, **where}, what="start the simulation")

    def pause(self) -> SimulationReading:
        """Let the sandbox's time stand still, and everybody with it."""
        return self._post("pause", {}, what="pause the simulation")

    def stop(self) -> SimulationReading:
        """End it: open calls end, the Workers are as they were before, and those made for it are gone."""
        return self._post("stop", {}, what="stop the simulation")

    def take_over(self, worker: str) -> SimulationReading:
        """Leave a Worker, by name or SID, to somebody else: a person, or a program."""
        return self._post("take_over", {"Worker": worker}, what=f"leave {worker!r:.64} to you")

    def give_back(self, worker: str) -> SimulationReading:
        """Let a Worker, by name or SID, play again."""
        return self._post("give_back", {"Worker": worker}, what=f"have {worker!r:.64} play again")

    def _post(self, action: str, form: Mapping[str, object], *, what: str) -> SimulationReading:
        return _reading(self._asking.post("simulation", {"Action": action, **form}, what=what))


def _reading(document: Mapping[str, Any]) -> SimulationReading:
    began, ends = (None if document[name] is None else datetime.fromisoformat(document[name]) for name in _DAY)
    plain = {name: document[name] for name in _PLAIN}
    return SimulationReading(
        **plain,
        now=datetime.fromisoformat(document["now"]),
        began=began,
        ends=ends,
        workers=tuple(map(_worker, document["workers"])),
    )


_DAY = ("began", "ends")
_PLAIN = ("state", "note", "speed", "workspace_sid", "workspace_name", "settings", "figures", "made")


def _worker(document: Mapping[str, Any]) -> SimulatedWorker:
    return SimulatedWorker(
        sid=document["sid"],
        name=document["name"],
        activity=document["activity"],
        doing=document["doing"],
        since=datetime.fromisoformat(document["since"]),
        taken_over=document["taken_over"],
        made=document["made"],
    )
