"""SimulationPanel: the contact centre that lives in a sandbox. A real account has none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, fields, replace
from typing import Any, ClassVar

from labkit.arguments import no_such_argument
from labkit.background import JobOutcome, Jobs
from labkit.display import Section, Table
from labkit.errors import ArgumentError, LabError
from labkit.live.views import milliseconds
from labkit.live.workspace import LiveWorkspace
from labkit.sandbox_client.simulation import (
    SimulatedWorker,
    Simulation,
    SimulationReading,
    SimulationSettings,
    figure_rows,
)
from labkit.widgets.base import Handler, script, style, text_of
from labkit.widgets.lab_parts import LabParts
from labkit.widgets.sandbox_panel import SandboxPanel

_SETTINGS = tuple(each.name for each in fields(SimulationSettings))


class SimulationPanel(SandboxPanel):
    """Shows the simulation, and starts, holds and stops it.

    Args:
        live: what is known; when it changes, the simulation may have gone on.
        simulation: the sandbox's.
        place: the SIDs of the Workspace and of the Workflow in which it is started.
        jobs: where clicks run.
    """

    title = "Contact centre"
    _esm = script("simulation")
    _css = style("simulation")
    desk_place: ClassVar[Mapping[str, int]] = {"inside": 5}
    looks = frozenset({"look"})
    look_gap_seconds = 0.4
    """Between two looks: while it runs, something happens all the time."""

    @classmethod
    def of_lab(cls, lab: LabParts) -> SimulationPanel:
        """The panel of a lab."""
        return cls(lab.live, simulation=lab.simulation, place=lab.workplace, jobs=lab.jobs)

    def __init__(
        self, live: LiveWorkspace, *, simulation: Simulation, place: Callable[[], tuple[str, str]], jobs: Jobs
    ) -> None:
        self._simulation = simulation
        self._place = place
        self._wanted = SimulationSettings()
        self._reading: SimulationReading | None = None
        super().__init__(live, jobs=jobs)

    def __str__(self) -> str:
        """How it stands, where there is no browser."""
        try:
            return str(self._simulation.look())
        except LabError as error:
            return str(error)

    # --- what the lab's method and a learner call ---------------------------------------------------------------------

    def called_with(self, **settings: Any) -> None:
        """Take the settings of the next start; what is not given is as it is usually."""
        _check_names(settings)
        if not settings:
            return
        if not self._simulation.available:
            self._simulation.look()  # it says why there is none
        with self._lock:
            self._wanted = SimulationSettings(**settings)
            self.refresh()

    def start(self) -> SimulationReading:
        """Begin a day with these settings, or go on with the one that is on. How it stands then.

        Raises:
            LabError: this is a real account, or the sandbox refused, or did not answer.
        """
        workspace_sid, workflow_sid = self._place()
        begun = self._simulation.start(self._wanted, workspace_sid=workspace_sid, workflow_sid=workflow_sid)
        return self._noted(begun)

    def pause(self) -> SimulationReading:
        """Let time stand still, and everybody with it; `start` goes on. Raises as `start`."""
        return self._noted(self._simulation.pause())

    def stop(self) -> SimulationReading:
        """End it: its calls end, and the Workers are as they were before. Raises as `start`."""
        return self._noted(self._simulation.stop())

    def take_over(self, worker: str) -> SimulationReading:
        """From now on you are this Worker: set the Activity, accept and complete yourself. Raises as `start`."""
        return self._noted(self._simulation.take_over(worker))

    def give_back(self, worker: str) -> SimulationReading:
        """The Worker plays itself again. Raises as `start`."""
        return self._noted(self._simulation.give_back(worker))

    # --- what it shows ------------------------------------------------------------------------------------------------

    @property
    def _available(self) -> bool:
        return self._simulation.available

    def _read(self) -> None:
        self._noted(self._simulation.look())

    def _noted(self, reading: SimulationReading) -> SimulationReading:
        with self._lock:
            self._reading = reading
            self._draw_reading()
        return reading

    def _content(self) -> dict[str, Any]:
        reading = self._reading
        return {
            **super()._content(),
            "wanted": _shown_settings(self._wanted),
            "run": None if reading is None else self._run(reading),
        }

    def _run(self, reading: SimulationReading) -> dict[str, Any]:
        is_here = reading.workspace_sid in (None, self._place()[0])
        return {
            "state": reading.state,
            "note": reading.note,
            "began": None if reading.began is None else milliseconds(reading.began),
            "ends": None if reading.ends is None else milliseconds(reading.ends),
            "speed": reading.speed,
            "settings": None if reading.settings is None else {**reading.settings, "speed": reading.speed},
            "elsewhere": "" if is_here else reading.workspace_name or "",
            "figures": reading.figures,
            "made": reading.made,
            "workers": [_person(each) for each in reading.workers],
        }

    def pictured(self) -> Iterable[Section]:
        """What came of it, and who does what."""
        if not self._simulation.available:
            return [Section("A real account has no simulation.")]
        if self._reading is None or self._reading.figures is None:
            return [Section("No simulation has run yet.")]
        figures = Table(("What", "How much"), figure_rows(self._reading.figures))
        rows = [tuple(each.cells().values()) for each in self._reading.workers]
        names = tuple(self._reading.workers[0].cells()) if rows else ("Worker",)
        return [Section(self._reading.headline, figures), Section("Who does what", Table(names, rows))][
            : 1 + bool(rows)
        ]

    # --- clicks -------------------------------------------------------------------------------------------------------

    def _handlers(self) -> Mapping[str, Handler]:
        return {
            "look": lambda _message: self._look(),
            "start": self._begin,
            "pause": lambda _message: self._done(self.pause, "lab.simulation().pause()"),
            "stop": lambda _message: self._done(self.stop, "lab.simulation().stop()"),
            "take_over": lambda message: self._hand("take_over", message),
            "give_back": lambda message: self._hand("give_back", message),
        }

    def _begin(self, message: Mapping[str, Any]) -> JobOutcome:
        """With the settings of the form, as far as there are any; those it does not show stay as they were."""
        given = message.get("settings")
        if isinstance(given, Mapping):
            _check_names(given)
            with self._lock:
                self._wanted = replace(self._wanted, **given)
        return self._done(self.start, f"lab.simulation({_as_arguments(self._wanted)}).start()")

    def _hand(self, what: str, message: Mapping[str, Any]) -> JobOutcome:
        name = text_of(message, "worker")
        return self._done(lambda: getattr(self, what)(name), f"lab.simulation().{what}({name!r})")

    def _done(self, do: Callable[[], SimulationReading], code: str) -> JobOutcome:
        reading = do()
        return JobOutcome(ok=True, text=reading.headline, data={"code": code})


def _check_names(given: Iterable[str]) -> None:
    for name in given:
        if name not in _SETTINGS:
            raise ArgumentError(no_such_argument(name, of="simulation", known=_SETTINGS))


def _shown_settings(settings: SimulationSettings) -> dict[str, Any]:
    given = settings.workers
    return {**asdict(settings), "workers": given if isinstance(given, int) else list(given)}


def _as_arguments(settings: SimulationSettings) -> str:
    """Those that are not as usual, as one writes them."""
    usual = SimulationSettings()
    named = [(name, getattr(settings, name)) for name in _SETTINGS]
    return ", ".join(f"{name}={value!r}" for name, value in named if value != getattr(usual, name))


def _person(worker: SimulatedWorker) -> dict[str, Any]:
    return {
        "sid": worker.sid,
        "name": worker.name,
        "activity": worker.activity,
        "doing": worker.doing,
        "since": milliseconds(worker.since),
        "taken_over": worker.taken_over,
    }


PANEL = SimulationPanel
