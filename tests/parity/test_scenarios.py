"""Every scenario plays to its end in a sandbox, and shows there what it says that the sandbox chose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from sandbox.local import ACCOUNT, local_sandbox

from labkit.parity.record import PlayedScenario
from labkit.parity.running import play_all
from labkit.parity.scenarios import SCENARIOS
from labkit.parity.sides import side_of_sandbox


@pytest.fixture(scope="module")
def played() -> Iterator[Mapping[str, PlayedScenario]]:
    """All of them, by their names."""
    with local_sandbox() as sandbox:
        yield play_all(list(SCENARIOS.values()), side_of_sandbox(sandbox.client(), ACCOUNT))
        assert sandbox.client().taskrouter.v1.workspaces.list() == []


def test_each_is_played_to_its_end(played: Mapping[str, PlayedScenario]) -> None:
    """In a sandbox nothing is missing that one needs, and all that is waited for comes."""
    assert set(played) == set(SCENARIOS)
    assert {name: each.cut_short for name, each in played.items() if each.cut_short} == {}
    missed = [(name, step.name) for name, each in played.items() for step in each.steps if not step.came]
    assert missed == []


def test_each_choice_is_shown_by_the_step_that_is_named(played: Mapping[str, PlayedScenario]) -> None:
    """The sandbox's own record says there what the choice says."""
    wrong = [
        (claim.choice, claim.step, place, said, step.shown(place))
        for each in played.values()
        for claim in each.claims
        for place, said in claim.says.items()
        if (step := each.step(claim.step)) is not None and step.shown(place) != said
    ]
    assert wrong == []


def test_every_claim_says_something(played: Mapping[str, PlayedScenario]) -> None:
    """And names a step that was played."""
    claims = [(each, claim) for each in played.values() for claim in each.claims]
    assert [claim.choice for each, claim in claims if not claim.says or each.step(claim.step) is None] == []


def test_each_says_how_long_it_takes(played: Mapping[str, PlayedScenario]) -> None:
    """To the second, for on an account one waits so long."""
    told = {each.name: each.seconds for each in SCENARIOS.values()}
    assert {name: round(each.waited) for name, each in played.items()} == told
