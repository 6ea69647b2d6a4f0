"""Every scenario plays to its end in a sandbox, and shows there what it says that the sandbox chose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import test_fidelity as fidelity
from sandbox.local import ACCOUNT, local_sandbox

from labkit.parity.record import PlayedScenario
from labkit.parity.running import play, play_all
from labkit.parity.scenario import Scenario
from labkit.parity.scenarios import SCENARIOS
from labkit.parity.sides import A_GREAT_DEAL, side_of_sandbox
from labkit.sandbox.rate_limits import RateLimits

pytestmark = pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")  # the tests' token is short


@pytest.fixture(scope="module")
def played() -> Iterator[Mapping[str, PlayedScenario]]:
    """All of them, by their names."""
    with local_sandbox(limits=RateLimits()) as sandbox:
        yield play_all(list(SCENARIOS.values()), side_of_sandbox(sandbox.client(), ACCOUNT, url=sandbox.url))
        assert sandbox.client().taskrouter.v1.workspaces.list() == []


def unlike(played: PlayedScenario) -> list[tuple[Any, ...]]:
    """Where the record does not say what a claim says."""
    return [
        (claim.choice, claim.step, place, said, step.shown(place))
        for claim in played.claims
        for place, said in claim.says.items()
        if (step := played.step(claim.step)) is not None and step.shown(place) != said
    ]


def test_each_is_played_to_its_end(played: Mapping[str, PlayedScenario]) -> None:
    """In a sandbox nothing is missing that one needs but patience, and all that is waited for comes."""
    assert set(played) == {name for name, each in SCENARIOS.items() if A_GREAT_DEAL not in each.needs}
    assert {name: each.cut_short for name, each in played.items() if each.cut_short} == {}
    missed = [(name, step.name) for name, each in played.items() for step in each.steps if not step.came]
    assert missed == []


def test_each_choice_is_shown_by_the_step_that_is_named(played: Mapping[str, PlayedScenario]) -> None:
    """The sandbox's own record says there what the choice says."""
    wrong = [found for each in played.values() for found in unlike(each)]
    assert wrong == []


def test_every_choice_of_the_page_is_shown_by_its_scenario(played: Mapping[str, PlayedScenario]) -> None:
    """And each that is shown stands there; those that take a great deal say what they settle."""
    shown = {(claim.choice, name) for name, each in played.items() for claim in each.claims}
    shown |= {(choice, name) for name, each in SCENARIOS.items() for choice in each.settles}
    made = fidelity.maker()
    chosen = {
        (f"{section.title} | {line.what}", line.scenario)
        for section in made.sections(made.read())
        for line in section.lines
        if line.choice
    }
    assert chosen - shown == set()
    assert {choice for choice, _ in shown} == {choice for choice, _ in chosen}


def test_every_claim_says_something(played: Mapping[str, PlayedScenario]) -> None:
    """And names a step that was played."""
    claims = [(each, claim) for each in played.values() for claim in each.claims]
    assert [claim.choice for each, claim in claims if not claim.says or each.step(claim.step) is None] == []


def test_each_says_how_long_it_takes(played: Mapping[str, PlayedScenario]) -> None:
    """To the second, for on an account one waits so long."""
    told = {each.name: each.seconds for each in SCENARIOS.values()}
    assert {name: round(each.waited) for name, each in played.items()} == {name: told[name] for name in played}


@pytest.mark.soak
@pytest.mark.parametrize("scenario", [each for each in SCENARIOS.values() if each.settles], ids=lambda each: each.name)
def test_what_takes_a_great_deal_is_shown_too(scenario: Scenario) -> None:
    """Each settles what it says, and nothing else."""
    with local_sandbox(limits=RateLimits()) as sandbox:
        side = side_of_sandbox(sandbox.client(), ACCOUNT, url=sandbox.url)
        played = play(scenario, side)
    assert (played.cut_short, round(played.waited)) == ("", scenario.seconds)
    assert {claim.choice for claim in played.claims} == set(scenario.settles)
    assert unlike(played) == []
