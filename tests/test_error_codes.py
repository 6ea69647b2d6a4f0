"""labkit.error_codes: Twilio's codes stand in one place, with their sentence, and whoever names one names it there."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import orjson
import pytest
from tracked import syntax_trees

from labkit.error_codes import OF_TWILIO_ONLY, ErrorCode, meaning_of


def others() -> dict[Path, ast.Module]:
    """Every module of the package but the one with the codes, by its path."""
    return {path: tree for path, tree in syntax_trees().items() if path.name != "error_codes.py"}


@pytest.mark.parametrize("code", [*ErrorCode, *OF_TWILIO_ONLY])
def test_every_code_has_a_clause_for_a_person(code: int) -> None:
    """Words that can follow "because" in a sentence."""
    assert 10_000 <= code <= 99_999
    assert re.fullmatch(r".*[^.]", meaning_of(code))


@pytest.mark.parametrize("code", [None, 0, 99_999, "20404", True])
def test_what_is_not_known_has_no_words(code: object) -> None:
    """A real account may answer with a code that nobody has written down here."""
    assert meaning_of(code) == ""


def test_no_code_is_here_twice() -> None:
    """Two names for one code would be one name too many; a code of a real account has moved once a sandbox gives it."""
    assert len(ErrorCode.__members__) == len(ErrorCode)
    assert set(ErrorCode).isdisjoint(OF_TWILIO_ONLY)


def test_a_code_travels_as_its_number() -> None:
    """In JSON, whichever library writes it, and in a sentence."""
    assert json.dumps(ErrorCode.NOT_FOUND) == orjson.dumps(ErrorCode.NOT_FOUND).decode() == "20404"
    assert f"{ErrorCode.NOT_FOUND}" == str(ErrorCode.NOT_FOUND) == "20404"


def test_no_other_module_spells_a_code() -> None:
    """Not as a number, and not in a sentence that somebody is told; docstrings may.

    A scenario of the parity report says what an account answers, as a test does: by the number, or a wrong number in
    the table would be right in both.
    """
    codes = {str(int(code)) for code in (*ErrorCode, *OF_TWILIO_ONLY)}
    ours = {path: tree for path, tree in others().items() if path.parts[:2] != ("parity", "scenarios")}
    found = [(str(path), spelled) for path, tree in ours.items() for spelled in sorted(_numbers(tree) & codes)]

    assert found == []


def _numbers(tree: ast.Module) -> set[str]:
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    values = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docs]
    return {number for value in values for number in re.findall(r"\d+", str(value))}


def test_every_code_is_named_by_somebody() -> None:
    """What no sandbox gives, and no panel or sentence names, is at most a code of a real account."""
    nodes = (node for tree in others().values() for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    named = {node.attr for node in nodes if isinstance(node.value, ast.Name) and node.value.id == "ErrorCode"}

    assert sorted(set(ErrorCode.__members__) - named) == []
