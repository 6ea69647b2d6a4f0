"""labkit.limits: TaskRouter's documented numbers stand in one place, and whoever needs one reads it there."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys

import pytest
from tracked import ROOT, syntax_trees

from labkit import limits

PATIENCE_SECONDS = 60


@pytest.mark.process
def test_the_default_of_a_timeout_is_changed_in_one_place() -> None:
    """The API's answer, the engine's deadline and the explanation of an account follow `labkit/limits` alone."""
    program = [sys.executable, str(ROOT / "tests" / "other_defaults.py"), "77", "4242"]
    played = subprocess.run(
        program,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=True,
    )

    seen = json.loads(played.stdout)
    assert seen["api"] == [77, 4242]
    assert seen["engine"] == 77
    assert "1 min 17 s left to answer" in seen["account"]


NUMBERS = {name: value for name, value in vars(limits).items() if name.isupper()}
COINCIDENCES = {
    4_096: {
        "engine.workflow",
        "callbacks.waitress_server",
        "sandbox.api.render",
        "sandbox.api.tasks",
        "sandbox.api.workspaces",
    },
    86_400: {
        "display",
        "engine.diagnosis.wording",
        "sandbox.api.sandbox_paths.calls",
        "sandbox.api.sandbox_paths.clock",
        "sandbox_client.clock",
        "widgets.queues.panel",
    },
}
"""Where such a number is something else: a cache's or a text's size, the seconds of a day."""
TOO_COMMON = {1, 2, 3, 5, 15, 30, 50, 60, 64, 100, 250, 300, 1_000, 5_000, 10_000}
"""Numbers that stand for too many other things to be looked for."""


def others() -> dict[str, ast.Module]:
    """Every module of the package but the one with the limits, by its dotted name."""
    return {
        ".".join(path.with_suffix("").parts): tree for path, tree in syntax_trees().items() if path.name != "limits.py"
    }


def test_no_other_module_spells_a_number() -> None:
    """Not as a number, and not in a sentence that somebody is told; docstrings may."""
    wanted = set(NUMBERS.values()) - TOO_COMMON
    found = [
        (number, module)
        for module, tree in others().items()
        for number in spelled(tree) & wanted
        if module not in COINCIDENCES.get(number, ())
    ]

    assert found == []


def spelled(tree: ast.Module) -> set[int]:
    """The numbers of a module, and those in its texts but for docstrings."""
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    values = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docs]
    texts = " ".join(value for value in values if isinstance(value, str))
    return {int(value) for value in values if isinstance(value, int | float)} | {
        int(found.replace(",", "")) for found in re.findall(r"\b\d[\d,]*\b", texts)
    }


def test_every_number_is_read_by_somebody() -> None:
    """What nobody needs is no fact of this project."""
    read = {node.attr for tree in others().values() for node in ast.walk(tree) if isinstance(node, ast.Attribute)}

    assert sorted(set(NUMBERS) - read) == []
