"""What a lab looks at every second, in one request: which state the sandbox has, its clock, the faults that are on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from labkit.remote_clock import RemoteClock
from labkit.sandbox_client.client import SandboxClient
from labkit.sandbox_client.clock import Reading, read_clock
from labkit.sandbox_client.faults import Fault, read_fault


@dataclass(frozen=True, slots=True)
class Pulse:
    """A sandbox at a moment.

    Attributes:
        generation: a random name of the state. Another one than before says that somebody restored a snapshot or reset
            the sandbox, so that whatever is remembered of it is about another state; a restart does not change it.
        workspaces: the friendly name of each Workspace, by SID, in order of creation.
        clock: what the clock shows.
        notices: what the sandbox has to say about itself, in sentences.
        faults: those that are on.
        failing_callbacks: a sentence for each Workflow whose assignment callbacks fail, by its SID.
    """

    generation: str
    workspaces: Mapping[str, str]
    clock: Reading
    notices: tuple[str, ...]
    faults: tuple[Fault, ...]
    failing_callbacks: Mapping[str, str]


def look(asking: SandboxClient, *, time: RemoteClock | None = None) -> Pulse:
    """The pulse of a sandbox, now.

    Args:
        asking: the line to the sandbox.
        time: is told what time it is there.

    Raises:
        LabError: this is a real account, which has none.
        TaskRouterError: the sandbox refused, or did not answer.
    """
    document = asking.get("pulse", what="look at the sandbox")
    pulse = Pulse(
        generation=document["generation"],
        workspaces=document["workspaces"],
        clock=read_clock(document["clock"]),
        notices=tuple(document["notices"]),
        faults=tuple(map(read_fault, document["faults"])),
        failing_callbacks=document["failing_callbacks"],
    )
    if time is not None:
        time.learn(pulse.clock.now, paused=pulse.clock.paused, speed=pulse.clock.speed)
    return pulse
