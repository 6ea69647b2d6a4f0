"""What a lab can do to its sandbox, and a real account cannot have done to it."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any

from labkit.errors import LabError
from labkit.remote_clock import RemoteClock
from labkit.sandbox_client.client import SandboxClient
from labkit.sandbox_client.clock import Clock
from labkit.sandbox_client.deliveries import Deliveries
from labkit.sandbox_client.faults import Fault, Faults


class SandboxControls(ABC):
    """A lab's line to its sandbox, and what goes over it."""

    _quiet: Any
    _faults_on: tuple[Fault, ...] = ()

    @property
    @abstractmethod
    def mode(self) -> str:
        """`sandbox` or `twilio`."""

    @cached_property
    def time(self) -> RemoteClock:
        """TaskRouter's time, as it was last learned: `lab.time()` asks nobody."""
        return RemoteClock()

    @cached_property
    def clock(self) -> Clock:
        """The sandbox's clock: `advance(seconds=...)`, `run_to_next()`, `pause()`, `resume()`, `now()`."""
        return Clock(self._line, time=self.time)

    @cached_property
    def faults(self) -> Faults:
        """What goes wrong on purpose: `on(name, probability=...)`, `off(name)`, `off()`, `list()`."""
        return Faults(self._line)

    @cached_property
    def deliveries(self) -> Deliveries:
        """Every callback that the sandbox sent: `list()`, and `redeliver(number)`."""
        return Deliveries(self._line)

    @cached_property
    def _line(self) -> SandboxClient:
        return SandboxClient(self._quiet, sandbox=self.mode == "sandbox")

    @property
    def _unusual_controls(self) -> list[str]:
        """What is not as in earnest in the sandbox, in sentences; as of the last look."""
        names = ", ".join(fault.name for fault in self._faults_on)
        return [
            *(["Time stands still, so nothing times out."] if self.time.paused else []),
            *([f"Faults are on: {names}."] if names else []),
        ]

    def _reset_controls(self) -> None:
        """Let time run, and switch all faults off.

        Raises:
            TaskRouterError: the sandbox refused, or did not answer.
        """
        self.clock.resume()
        self._faults_on = self.faults.off().on

    def _look_at_controls(self) -> None:
        """Look at the clock and the faults: another notebook or a terminal may have changed them. Never raises."""
        if self.mode == "sandbox":
            with contextlib.suppress(LabError):
                self.clock.look()
                self._faults_on = self.faults.list().on
