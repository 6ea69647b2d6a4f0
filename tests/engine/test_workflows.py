"""Routing by example: every scenario of tests/conformance/workflows.json, played second by second.

A scenario has a `setup` by names and `steps` in time. A step does at most one thing (`do` and its arguments are a
method of `World`) and says what holds then: `tasks`, `activities`, `events` (their types since the step before, in
order), `callbacks` (how many were asked for since then). A `refused` step says which status and code, and has changed
nothing.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from engine.world import World, written

from labkit.errors import Refusal

Json = dict[str, Any]
SCENARIOS: list[Json] = json.loads(
    (Path(__file__).parents[1] / "conformance" / "workflows.json").read_text(encoding="utf-8")
)
ACTIONS = frozenset(
    name
    for name in vars(World)
    if name.startswith(("add_", "set_", "update_", "create_", "answer", "call_", "fail_", "delete", "rename"))
    or name in ("transfer", "cancel_transfer")
)
FACTS = {"at", "do", "refused", "tasks", "activities", "events", "callbacks"}


class Mismatch(AssertionError):
    """What a step expected did not hold; says where, and what was instead."""

    def __init__(self, scenario: Json, number: int, expected: object, actual: object) -> None:
        step = json.dumps(scenario["steps"][number], ensure_ascii=False)
        super().__init__(
            f"{scenario['name']} (reference {scenario['source']})\n  step {number + 1}: {step}\n"
            f"  expected: {expected}\n  actual:   {actual}"
        )


def build(setup: Json) -> World:
    """The Workspace that a scenario begins with."""
    world = World(**setup.get("workspace", {}))
    for name, available in setup.get("activities", {}).items():
        world.add_activity(name, available=available)
    for name, optimized in setup.get("channels", {}).items():
        world.add_channel(name, optimized=optimized)
    for name, queue in setup.get("queues", {}).items():
        world.add_queue(name, **({"target_workers": queue} if isinstance(queue, str) else queue))
    for name, worker in setup.get("workers", {}).items():
        world.add_worker(name, **worker)
    for name, workflow in setup.get("workflows", {}).items():
        world.add_workflow(name, **workflow)
    if "timeout_activity" in setup:
        world.update_workspace(timeout_activity_sid=setup["timeout_activity"])
    world.take_events()
    return world


def play(scenario: Json) -> None:
    """Play all steps.

    Raises:
        Mismatch: something else happened than the scenario says.
    """
    world = build(scenario["setup"])
    for number, step in enumerate(scenario["steps"]):
        calls = len(world.effects)
        world.at(step["at"])
        refusal = act(world, step)
        for what, expected, actual in facts(world, step, refusal, len(world.effects) - calls):
            if expected != actual:
                raise Mismatch(scenario, number, f"{what} {expected}", actual)
        world.take_events()


def act(world: World, step: Json) -> Json | None:
    """Do what the step does; how it was refused, if it was."""
    if "do" not in step:
        return None
    assert step["do"] in ACTIONS
    before = written(world.state)
    try:
        getattr(world, step["do"])(**{name: value for name, value in step.items() if name not in FACTS})
    except Refusal as refusal:
        same = before == written(world.state)
        return {"status": refusal.status, "code": refusal.code, "unchanged": same}
    return None


def facts(world: World, step: Json, refusal: Json | None, calls: int) -> list[tuple[str, Any, Any]]:
    """What the step says, beside what is."""
    refused = step.get("refused")
    found: list[tuple[str, Any, Any]] = [("refusal", refused and {**refused, "unchanged": True}, refusal)]
    for name, expected in step.get("tasks", {}).items():
        actual = world.describe(name)
        if expected is not None and actual is not None:
            actual = {key: actual[key] for key in expected}
        found.append((f"Task {name}", expected, actual))
    for name, expected in step.get("activities", {}).items():
        found.append((f"Activity of {name}", expected, world.name_of(world.worker(name).activity_sid)))
    if "events" in step:
        found.append(("events", step["events"], [str(event.type) for event in world.events]))
    if "callbacks" in step:
        found.append(("callbacks", step["callbacks"], calls))
    return found


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: f"{s['source']}: {s['name']}")
def test_scenario_plays_as_written(scenario: Json) -> None:
    """Every step of the scenario ends as it says."""
    play(scenario)


def test_scenarios_are_many_and_name_their_sources() -> None:
    """At least sixty scenarios, each with a name of its own and a section of the reference."""
    assert len({scenario["name"] for scenario in SCENARIOS}) == len(SCENARIOS) >= 60
    assert all(scenario["source"][0].isdigit() for scenario in SCENARIOS)


def test_every_scenario_ends_in_a_fact() -> None:
    """No scenario is a mere sequence of commands: its last step states what holds."""
    for scenario in SCENARIOS:
        assert set(scenario["steps"][-1]) & FACTS - {"at", "do"}, scenario["name"]


def test_a_wrong_scenario_fails_with_all_that_is_needed() -> None:
    """A scenario that expects the wrong thing fails and names scenario, step, expectation and fact."""
    wrong = {
        "name": "a wrong one",
        "source": "7.2",
        "setup": {"queues": {"Q": "1==1"}, "workflows": {"Main": {"default_filter": {"queue": "Q"}}}},
        "steps": [{"at": 0, "do": "create_task", "task": "T", "tasks": {"T": {"status": "assigned"}}}],
    }
    with pytest.raises(Mismatch) as caught:
        play(wrong)
    for part in ("a wrong one", "7.2", "step 1", "{'status': 'assigned'}", "{'status': 'pending'}"):
        assert part in str(caught.value)
