"""docs/fidelity.md: it is up to date, leaves nothing out, and every test that it names is there."""

from __future__ import annotations

import ast
import importlib.util
import json
import sys
from functools import lru_cache
from types import ModuleType
from typing import Any

import pytest
from tracked import ROOT

from labkit.parity.scenarios import SCENARIOS

TESTS = ROOT / "tests"


@lru_cache(maxsize=1)
def maker() -> ModuleType:
    """docs/make_fidelity.py, which is no package's module."""
    spec = importlib.util.spec_from_file_location("make_fidelity", ROOT / "docs" / "make_fidelity.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


def lines() -> list[Any]:
    return [line for section in maker().sections(maker().read()) for line in section.lines]


@lru_cache(maxsize=100)
def functions_of(file: str) -> set[str]:
    """The names of the test functions of a file below tests/."""
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_the_page_is_up_to_date() -> None:
    """`python docs/make_fidelity.py` would change nothing."""
    assert maker().PAGE.read_text(encoding="utf-8") == maker().page(maker().read())


def test_every_test_that_is_named_is_there() -> None:
    """A claim whose test is gone is no claim any more."""
    named = {line.shown_by for line in lines() if line.shown_by}
    assert [name for name in sorted(named) if not is_there(*name.split("::"))] == []


def is_there(file: str, name: str) -> bool:
    return (TESTS / file).is_file() and name in functions_of(file)


def test_every_case_that_is_named_is_there() -> None:
    """Cases are named as tests/conformance/workflows.json names them."""
    scenarios = json.loads((TESTS / "conformance" / "workflows.json").read_text(encoding="utf-8"))
    known = {scenario["name"] for scenario in scenarios}
    assert sorted({line.case for line in lines() if line.case} - known) == []


def test_nothing_is_said_twice() -> None:
    """Within a section."""
    for section in maker().sections(maker().read()):
        names = [line.what for line in section.lines]
        assert len(names) == len(set(names)), section.title


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"how": "nearly", "test": "a::b"}, "how is 'nearly'"),
        ({"how": "partly", "test": "a::b"}, "say how far"),
        ({"how": "not"}, "why not"),
        ({"how": "not", "note": "No.", "test": "a::b"}, "what is not has none"),
        ({"how": "modelled"}, "what is modelled has a test"),
        ({"how": "modelled", "test": "a::b", "choice": "So."}, "what would settle it"),
        ({"how": "modelled", "test": "a::b", "settle": "Try it."}, "what would settle it"),
        ({"how": "modelled", "test": "a::b", "choice": "So.", "settle": "Try it."}, "names a scenario"),
        ({"how": "modelled", "test": "a::b", "scenario": "a-b"}, "names a scenario"),
    ],
)
def test_a_line_that_says_too_little_is_refused(wrong: dict[str, str], complaint: str) -> None:
    """Nobody can claim something without a test, or leave something out without a reason."""
    with pytest.raises(ValueError, match=complaint):
        maker().Line(what="Something", **wrong)


def test_every_choice_is_counted_and_has_its_trial() -> None:
    """In the summary, and in the list of what to try in a real account."""
    chosen = [line for line in lines() if line.choice]
    text = maker().PAGE.read_text(encoding="utf-8")
    [total] = [row for row in text.splitlines() if row.startswith("| **All** |")]
    assert total.split(" | ")[-1] == f"{len(chosen)} |"
    trials = text.partition("## What would settle our choices")[2]
    assert trials.count("\n- ") == len(chosen)


def test_a_source_is_shown() -> None:
    """A page of Twilio's as a link, anything else in words."""
    page = maker().Line(what="Something", how="modelled", test="a::b", source="/docs/taskrouter/api/task")
    assert "Source: [task](https://www.twilio.com/docs/taskrouter/api/task) |" in str(page)
    words = maker().Line(what="Something", how="modelled", test="a::b", source="the changelog of 2018")
    assert "Source: the changelog of 2018 |" in str(words)


def test_what_there_is_not_cannot_be_judged() -> None:
    """An event type that TaskRouter does not have, in the data, is a mistake."""
    data = maker().read()
    data["events"]["task.exploded"] = {"how": "not", "note": "No."}
    with pytest.raises(ValueError, match=r"task\.exploded"):
        maker().sections(data)


def test_every_choice_names_a_scenario_that_there_is() -> None:
    """So does the page; that the scenario shows the choice, tests/parity/test_scenarios.py plays."""
    chosen = [line for line in lines() if line.choice]
    assert [line.what for line in chosen if line.scenario not in SCENARIOS] == []
    text = maker().PAGE.read_text(encoding="utf-8")
    trials = text.partition("## What would settle our choices")[2]
    assert trials.count(" Scenario `") == len(chosen)
