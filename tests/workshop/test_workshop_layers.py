"""The workshop stands on the lab, and the lab knows nothing of it; its names and functions are held to the same."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from test_layers import LONGEST_FUNCTION, MODULES, tree_of
from tracked import ROOT

WORKSHOP = sorted((ROOT / "workshop").rglob("*.py"))


def imported(path: Path) -> set[str]:
    """The packages that a file imports, wherever the import stands."""
    found: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(str(node.module).partition(".")[0])
    return found


def test_there_is_a_workshop() -> None:
    """The tests below look at something."""
    assert ROOT / "workshop" / "settings.py" in WORKSHOP


@pytest.mark.parametrize("package", ["workshop", "jupyterhub"])
def test_the_lab_imports_none_of_it(package: str) -> None:
    """One who works alone installs no hub, and the lab in a participant's hands holds nothing of the instructor's."""
    assert [module for module, path in MODULES.items() if package in imported(path)] == []


def test_a_class_name_means_one_thing_here_too() -> None:
    """Neither twice in the workshop, nor the name of something in the lab."""

    def names(paths: list[Path]) -> list[str]:
        return [node.name for path in paths for node in ast.walk(tree_of(path)) if isinstance(node, ast.ClassDef)]

    ours, of_the_lab = names(WORKSHOP), set(names(list(MODULES.values())))

    assert sorted({name for name in ours if ours.count(name) > 1 or name in of_the_lab}) == []


def test_its_functions_are_short() -> None:
    """As in the lab."""
    lengths = {
        f"{path.name}: {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in WORKSHOP
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}
