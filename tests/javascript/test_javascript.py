"""The JavaScript of the panels: its rules can fail, and what is pure does what it should."""

from __future__ import annotations

import json
from pathlib import Path

import javascript_checks
import pytest

TYPED = "// @ts-check\n"

needs_node = pytest.mark.process


@needs_node
def test_format_lint_and_types_are_clean() -> None:
    """The same that `make lint` and `make types` look at, for whoever runs the tests alone."""
    for done in (javascript_checks.lint(), javascript_checks.types()):
        assert done.returncode == 0, done.stdout + done.stderr


@needs_node
def test_what_is_pure_does_what_it_should() -> None:
    """The tests in tests/javascript/*.test.js."""
    done = javascript_checks.unit_tests()
    assert done.returncode == 0, done.stdout + done.stderr


@needs_node
@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("export function long() {\n" + "  long();\n" * 61 + "}\n", "noExcessiveLinesPerFunction"),
        ("export function wrong() {\n    return 1;\n}\n", "format"),
        ("const unused = 1;\n", "noUnusedVariables"),
        ("export const found = [known];\n", "noUndeclaredVariables"),
    ],
    ids=["a function of 61 lines", "another indent", "a name nobody uses", "a global that is none"],
)
def test_the_linter_finds_what_it_is_for(tmp_path: Path, text: str, rule: str) -> None:
    """A rule that cannot fail proves nothing."""
    path = tmp_path / "sample.js"
    path.write_text(text, encoding="utf-8")
    done = javascript_checks.lint([path])
    assert done.returncode != 0
    assert rule in done.stdout + done.stderr


@needs_node
@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("export const open = (card) => card.open;\n", "TS7006"),
        ("/** @param {string | null} sid */\nexport const short = (sid) => sid.slice(2);\n", "TS18047"),
        ('import { el } from "./nowhere.js";\nexport const node = el("div");\n', "TS2307"),
    ],
    ids=["a parameter without a type", "what may be null", "an import of nothing"],
)
def test_the_types_are_strict(tmp_path: Path, text: str, complaint: str) -> None:
    """So that a field that Python does not send, or that may be missing, is found before somebody looks."""
    (tmp_path / "sample.js").write_text(TYPED + text, encoding="utf-8")
    settings = {"extends": str(javascript_checks.HERE / "tsconfig.json"), "include": ["sample.js"]}
    (tmp_path / "tsconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    done = javascript_checks.typed(tmp_path / "tsconfig.json")
    assert complaint in done.stdout


@pytest.mark.parametrize(("ci", "status"), [("", 0), ("true", 1)], ids=["at home", "in CI"])
def test_without_node_it_is_said_and_in_ci_it_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, ci: str, status: int
) -> None:
    """Whoever changes only Python needs no Node.js; what goes out was checked."""
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr("shutil.which", lambda _name: None)
    monkeypatch.setattr(javascript_checks, "PACKAGES", tmp_path)
    assert javascript_checks.main("lint") == status
    assert "is not installed: get Node.js" in capsys.readouterr().out
