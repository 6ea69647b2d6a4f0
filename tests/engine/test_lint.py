"""The linter's rules as data (tests/conformance/lint.json), and what holds for every warning."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from engine.random_world import build, world_shape
from engine.world import World
from hypothesis import HealthCheck, given, settings

from labkit.engine.lint import MOST, Warned, lint_workspace

CASES = json.loads((Path(__file__).parents[1] / "conformance" / "lint.json").read_text(encoding="utf-8"))["cases"]


def furnish(world: World, case: Mapping[str, Any]) -> None:
    """Make what a case describes."""
    for name, attributes in case.get("workers", {}).items():
        world.add_worker(name, attributes=attributes)
    for name, expression in case["queues"].items():
        world.add_queue(name, expression)
    if "filters" in case or "default" in case:
        default = {"queue": case["default"]} if "default" in case else None
        world.add_workflow("W", filters=case.get("filters", []), default_filter=default)
    for number, attributes in enumerate(case.get("tasks", [])):
        world.create_task(f"Task {number}", attributes=attributes)


def named(world: World, warned: Warned) -> list[str]:
    """Where and which rule, with a Task by its name."""
    for name, sid in world.names.items():
        if warned.where.startswith(f"Task {sid}"):
            return [warned.where.replace(f"Task {sid}", name), warned.rule]
    return [warned.where, warned.rule]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_what_is_probably_not_meant_is_named(world: World, case: Mapping[str, Any]) -> None:
    """Each rule, with the place; and nothing else."""
    furnish(world, case)
    found = lint_workspace(world.state)

    assert [named(world, warned) for warned in found] == case["expected"]
    for warned in found:
        assert all(text.endswith(".") for text in (warned.what, warned.why, warned.fix))


def test_a_fix_names_what_to_write(world: World) -> None:
    """What was written, and what to write instead."""
    world.add_worker("Alice", attributes={"lang": "es", "team-name": 1})
    world.add_queue("Q", "lang == es OR 1==1")
    by_rule = {warned.rule: warned.fix for warned in lint_workspace(world.state)}

    assert by_rule == {"unquoted-string": 'If the text is meant, write "es".', "hyphen-in-name": "Call it 'team_name'."}


@pytest.mark.parametrize(
    ("workers", "what"),
    [
        (1, "The only Worker does not match level > 3."),
        (2, "Neither Worker matches level > 3."),
        (3, "None of the 3 Workers matches level > 3."),
    ],
)
def test_workers_who_do_not_match_are_counted_as_one_would_say_it(world: World, workers: int, what: str) -> None:
    """One, two, and more."""
    for number in range(workers):
        world.add_worker(f"Worker {number}", attributes={"level": 1})
    world.add_queue("Q", "level > 3")

    assert [warned.what for warned in lint_workspace(world.state)] == [what]


def test_a_task_that_no_filter_matches_any_more_asks_for_a_default_filter(world: World) -> None:
    """It was made with other attributes; a Task that was routed directly asks for nothing."""
    world.add_queue("Q")
    world.add_workflow("W", filters=[{"expression": "kind == 1", "targets": [{"queue": "Q"}]}])
    world.create_task("Direct", workflow="W", to="Q")
    world.create_task("T", workflow="W", attributes={"kind": 1})
    assert lint_workspace(world.state) == ()

    world.update_task("T", attributes={"kind": 2})
    (warned,) = lint_workspace(world.state)
    assert (warned.rule, warned.where) == ("no-default-filter", "Workflow W: $.task_routing.default_filter")
    task_sid = world.names["T"]
    assert (
        warned.what == f"There is no default_filter, and no filter matches Task {task_sid} as its attributes are now."
    )


def test_a_misspelled_name_is_told_with_the_right_one(world: World) -> None:
    """Which nothing reads: a name that is read is another attribute."""
    world.add_queue("Q")
    world.add_workflow(
        "W",
        filters=[{"expression": 'langauge == "es"', "targets": [{"queue": "Q"}]}],
        default_filter={"queue": "Q"},
    )
    world.create_task("T", attributes={"language": "es"})
    (warned,) = lint_workspace(world.state)

    assert warned.what == "No Task seen here has langauge; there is language, which nothing reads."


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(shape=world_shape)
def test_any_workspace_can_be_looked_at(shape: Any) -> None:
    """Whatever is in it, the linter says each thing once."""
    found = lint_workspace(build(shape).state)

    assert len(set(found)) == len(found) <= MOST


def test_strangers_cannot_make_it_endless(world: World) -> None:
    """Very many attribute names: nothing is said of attributes, and the warnings have an end."""
    for number in range(12):
        world.add_worker(f"W{number}", attributes={f"a-{number}-{i}": i for i in range(250)})
    world.add_queue("Q", "level > 3 OR 1==1")
    found = lint_workspace(world.state)

    assert len(found) == MOST
    assert {warned.rule for warned in found} == {"hyphen-in-name"}
