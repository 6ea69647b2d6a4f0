"""Any sequence of commands: what must hold always, and the very Reservations that the slow reference matcher makes.

Two Workspaces get the same commands, one routed by the engine's indexes, the other by `reference_matcher.py`. After
every step they are compared record by record and event by event, and the rules of `invariants.py` are looked at.
CI plays more and longer sequences, and `make soak` many more.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
from engine import invariants
from engine import reference_matcher as reference
from engine.random_world import COMMANDS, build, pick, world_shape
from engine.world import World, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_sizes import sized

from labkit.errors import Refusal

EXAMPLES, STEPS = sized((60, 30), ci=(100, 50), soak=(1000, 50))
NOTHING = ""
"""First among the choices, so that hypothesis can simplify a failing sequence to few commands."""
steps = st.lists(
    st.tuples(st.sampled_from([NOTHING, *sorted(COMMANDS)]), pick, pick, pick), min_size=STEPS * 3 // 4, max_size=STEPS
)


@pytest.mark.chance
@pytest.mark.timeout(600)  # a failing example is made simple first, which may take minutes
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(shape=world_shape, steps=steps)
def test_any_sequence_of_commands_keeps_the_rules(shape: Any, steps: list[tuple[str, int, int, int]]) -> None:
    """Whatever is asked in whatever order, the invariants hold and the slow matcher makes the same Reservations."""
    world, shadow = build(shape), build(shape)
    history = invariants.History()
    for name, *numbers in steps:
        if name == NOTHING:
            continue
        refused = [play(each, name, numbers, slow=each is shadow) for each in (world, shadow)]
        assert refused[0] == refused[1]
        assert_same(world, shadow)
        invariants.check(world, history)
        shadow.take_events()


@pytest.mark.chance
@pytest.mark.timeout(600)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(shape=world_shape, steps=steps)
def test_without_reports_all_is_routed_alike(shape: Any, steps: list[tuple[str, int, int, int]]) -> None:
    """An engine that makes no events keeps the same records, asks for the same and raises the same alerts."""
    reporting, silent = build(shape), build(shape, reports=False)
    for name, *numbers in steps:
        if name == NOTHING:
            continue
        refused = [play(each, name, numbers, slow=False) for each in (reporting, silent)]
        assert refused[0] == refused[1]
        assert written(reporting.state) == written(silent.state)
        assert (reporting.effects, reporting.alerts) == (silent.effects, silent.alerts)
    assert not silent.events


def play(world: World, name: str, numbers: list[int], *, slow: bool) -> str | None:
    """Let something happen; the refusal, if it was refused."""
    with reference.slow_matching() if slow else nullcontext():
        try:
            COMMANDS[name](world, *numbers)
        except Refusal as refusal:
            return repr(refusal)
    return None


def assert_same(world: World, shadow: World) -> None:
    """Both went the same way."""
    assert world.events == shadow.events
    assert written(world.state) == written(shadow.state)
    assert world.effects == shadow.effects
