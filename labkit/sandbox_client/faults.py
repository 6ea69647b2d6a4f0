"""`lab.faults`: what goes wrong on purpose between the sandbox and others."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labkit.arguments import named_arguments
from labkit.display import Result, Section, Table, TableRow, counted
from labkit.errors import LabError
from labkit.sandbox_client.client import SandboxClient


@dataclass(frozen=True, slots=True, repr=False)
class Fault(TableRow):
    """One fault, on or off.

    Attributes:
        name: what it is switched by.
        strikes: what it can hit: `assignment` and `event` callbacks, `rest` requests.
        does: what happens then, as a sentence.
        probability: how likely it strikes each of them, from 0 (off) to 1 (always).
        seconds: by how much it delays, or None where that has no meaning.
    """

    name: str
    strikes: tuple[str, ...]
    does: str
    probability: float
    seconds: float | None

    @property
    def on(self) -> bool:
        """Whether it is switched on."""
        return self.probability > 0

    def cells(self) -> dict[str, str]:
        """What a table says of it."""
        return {"Fault": self.name, "Is": _how(self), "What it does": self.does}


@dataclass(frozen=True, slots=True, repr=False)
class FaultList(Result):
    """All faults, in their order; those that are on say so."""

    faults: tuple[Fault, ...]

    @property
    def on(self) -> tuple[Fault, ...]:
        """Those that are on."""
        return tuple(fault for fault in self.faults if fault.on)

    @property
    def headline(self) -> str:
        """How many are on, as a sentence."""
        return f"{counted(len(self.on), 'fault')} on." if self.on else "No fault is on."

    def _sections(self) -> tuple[Section]:
        rows = [tuple(fault.cells().values()) for fault in self.faults]
        return (Section(self.headline, Table(("Fault", "Is", "What it does"), rows)),)


@named_arguments
class Faults:
    """Switches faults on and off. They are one for everybody who uses the sandbox, and forgotten when it ends.

    Args:
        asking: the line to the sandbox.
    """

    def __init__(self, asking: SandboxClient) -> None:
        self._asking = asking

    @property
    def available(self) -> bool:
        """Whether faults can be made; a real account is never touched by any."""
        return self._asking.sandbox

    def on(self, name: str, *, probability: float = 1.0, seconds: float | None = None) -> FaultList:
        """Switch a fault on, or change one that is on.

        Args:
            name: one of those that `list` shows, such as `callback_500`.
            probability: how likely it strikes each request, above 0 and up to 1.
            seconds: by how much it delays, from 0 to 60; only for those that delay, 3 unless told.

        Raises:
            LabError: the probability is no such number, or this is a real account.
            TaskRouterError: the sandbox knows no such fault, or did not answer.
        """
        if isinstance(probability, bool) or not isinstance(probability, int | float) or not 0 < probability <= 1:
            raise LabError(
                f"A fault is switched on with a probability above 0 and up to 1, and this is {probability!r:.40}. "
                f"lab.faults.off({name!r:.40}) switches it off."
            )
        return self._switch(name, probability, seconds, what=f"switch on {name!r:.40}")

    def off(self, name: str | None = None) -> FaultList:
        """Switch a fault off, or all of them without a name. Raises as `on`."""
        return self._switch(name, 0, None, what=f"switch off {name!r:.40}" if name else "switch off all faults")

    def list(self) -> FaultList:
        """All faults there are, on or off. Raises as `on`."""
        return _read(self._asking.get("faults", what="list the faults"))

    def __repr__(self) -> str:
        try:
            return str(self.list())
        except LabError as error:
            return str(error)

    def _switch(self, name: str | None, probability: float, seconds: float | None, *, what: str) -> FaultList:
        form = {"Name": name, "Probability": probability, "Seconds": seconds}
        return _read(self._asking.post("faults", form, what=what))


def read_fault(document: Mapping[str, Any]) -> Fault:
    """A fault, from the sandbox's answer."""
    return Fault(
        name=document["name"],
        strikes=tuple(document["strikes"]),
        does=document["does"],
        probability=document["probability"],
        seconds=document["seconds"],
    )


def _read(document: Mapping[str, builtins.list[Any]]) -> FaultList:
    return FaultList(tuple(map(read_fault, document["faults"])))


def _how(fault: Fault) -> str:
    if not fault.on:
        return "off"
    late = f", {fault.seconds:g} s" if fault.seconds is not None else ""
    return f"on, {fault.probability:.0%}{late}"
