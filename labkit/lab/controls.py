"""SandboxControls: what a lab can do to its sandbox, and a real account cannot have done to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from labkit.course import CallbackAnswer
from labkit.course.progress import SandboxProgress
from labkit.display import duration
from labkit.errors import LabError
from labkit.remote_clock import RemoteClock
from labkit.sandbox_client.client import SANDBOX_OWNER, SandboxClient
from labkit.sandbox_client.clock import Clock
from labkit.sandbox_client.deliveries import Deliveries
from labkit.sandbox_client.faults import Fault, Faults
from labkit.sandbox_client.pulse import Pulse, look
from labkit.sandbox_client.simulation import Simulation
from labkit.sandbox_client.snapshots import Snapshots
from labkit.settings import Secret

_IN_STEP = timedelta(seconds=5)
"""A smaller difference is the way of an answer through a busy computer."""


class SandboxControls:
    """A lab's line to its sandbox, and what goes over it. Each part says so itself where there is no sandbox.

    Args:
        client: the SDK's.
        sandbox: whether it talks to a sandbox.
        owner: who may do everything to it, in words.

    Attributes:
        time: TaskRouter's time, as it was last learned; it asks nobody.
        clock: the sandbox's clock.
        faults: what goes wrong on purpose.
        deliveries: every callback that the sandbox sent.
        snapshots: what its state can go back to.
        progress: how far the learner is.
        simulation: its callers and Workers who play themselves.
        failing_callbacks: a sentence for each Workflow whose assignment callbacks fail, by its SID; of the last look.
    """

    def __init__(self, client: Any, *, sandbox: bool, owner: str = SANDBOX_OWNER) -> None:
        self.sandbox = sandbox
        self._line = SandboxClient(client, sandbox=sandbox, owner=owner)
        self._faults_on: tuple[Fault, ...] = ()
        self.failing_callbacks: Mapping[str, str] = {}
        self.time = RemoteClock()
        self.clock = Clock(self._line, time=self.time)
        self.faults = Faults(self._line)
        self.deliveries = Deliveries(self._line)
        self.snapshots = Snapshots(self._line)
        self.progress = SandboxProgress(self._line)
        self.simulation = Simulation(self._line)

    @property
    def unusual(self) -> list[str]:
        """What is not as in earnest in the sandbox, in sentences; as of the last look."""
        names = ", ".join(fault.name for fault in self._faults_on)
        return [
            *(["Time stands still, so nothing times out."] if self.time.paused else []),
            *([f"Faults are on: {names}."] if names else []),
        ]

    @property
    def clock_note(self) -> str:
        """How far the sandbox's clock is from this computer's, as a sentence; empty where it was not moved."""
        ahead = self.time.ahead
        if abs(ahead) < _IN_STEP:
            return ""
        far = duration(abs(ahead).total_seconds())
        return f"Its clock is {far} {'ahead of' if ahead > _IN_STEP else 'behind'} this computer's."

    def back_to_usual(self) -> None:
        """Let time run, and switch all faults off.

        Raises:
            TaskRouterError: the sandbox refused, or did not answer.
        """
        self.clock.resume()
        self._faults_on = self.faults.off().on

    def remembered_answers(self, workspace_sid: str) -> list[CallbackAnswer]:
        """What assignment callbacks of this Workspace were answered, to whatever kernel; nothing if nobody says."""
        try:
            sent = self.deliveries.list(kind="assignment")
        except LabError:
            return []
        return [
            CallbackAnswer(reservation_sid=each.about, url=each.url, status=each.status, body=each.response)
            for each in sent
            if each.status is not None and not each.faults and each.fields.get("WorkspaceSid") == workspace_sid
        ]

    def make_api_key(self) -> tuple[str, Secret]:
        """The SID and the secret of a new API key of the lab's account.

        Raises:
            LabError: there is no sandbox.
            TaskRouterError: it refused, or did not answer.
        """
        made = self._line.post("keys", what="make an API key")
        return str(made["sid"]), Secret(str(made["secret"]))

    def look(self) -> Pulse:
        """How the sandbox is now: another notebook or a terminal may have moved its clock, or reset it.

        Raises:
            LabError: there is no sandbox.
            TaskRouterError: it refused, or did not answer.
        """
        pulse = look(self._line, time=self.time)
        self._faults_on = pulse.faults
        self.failing_callbacks = pulse.failing_callbacks
        return pulse
