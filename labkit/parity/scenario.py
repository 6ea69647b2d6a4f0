"""What a scenario is: a function that plays it, with what people are told of it beforehand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from labkit.parity.player import ScenarioPlayer


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One scenario.

    Attributes:
        name: on the command line and in docs/fidelity.md.
        about: what it looks at, in a line.
        play: plays it.
        seconds: how long it lets pass, on an account as well.
        settles: the choices that it would settle, where it is too long to be played for that alone.
        needs: what it takes beside REST, of `labkit.parity.sides.NEEDS`.
        template: of the Workspace that it is played in.
        multitasking: whether that Workspace is.
    """

    name: str
    about: str
    play: Callable[[ScenarioPlayer], None]
    seconds: float = 0.0
    settles: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()
    template: str = "NONE"
    multitasking: bool = True


def scenario(
    about: str,
    *,
    seconds: float = 0.0,
    settles: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
    template: str = "NONE",
    multitasking: bool = True,
) -> Callable[[Callable[[ScenarioPlayer], None]], Scenario]:
    """Make a scenario of the function under it, which is named after the function; arguments as of `Scenario`."""

    def made(play: Callable[[ScenarioPlayer], None]) -> Scenario:
        return Scenario(
            name=play.__name__.replace("_", "-"),
            about=about,
            play=play,
            seconds=seconds,
            settles=settles,
            needs=frozenset(needs),
            template=template,
            multitasking=multitasking,
        )

    return made
