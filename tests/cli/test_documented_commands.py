"""The commands that the README and the docs tell one to type: each is run as it is written there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from tracked import ROOT

import labkit
from labkit.cli import command
from labkit.cli.parser import _parser

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
IN_BACKTICKS = re.compile(r"`([^`\n]*-m labkit [^`\n]*)`")
ON_A_LINE = re.compile(r"^(\S*python -m labkit .*)$", re.MULTILINE)
WITH_CONDA = "python -m labkit lab"
"""In conda's environment `python` is its own."""
SERVE = ("lab", "desk", "sandbox")
OF_AN_ACCOUNT = ("teardown",)


def documented() -> list[str]:
    """Every such line, in the order of the pages."""
    texts = [page.read_text(encoding="utf-8") for page in PAGES]
    return [found for text in texts for found in (*IN_BACKTICKS.findall(text), *ON_A_LINE.findall(text))]


def test_each_names_the_python_that_has_the_lab() -> None:
    """The `python` of a terminal that has just been opened has no labkit."""
    assert len(documented()) > 10
    assert [line for line in documented() if not line.startswith(".venv/bin/python -m labkit ")] == [WITH_CONDA]


@pytest.mark.process
def test_each_works_as_it_is_written(home: Path, tmp_path: Path) -> None:
    """In a folder with such a `.venv`, one after the other; those that serve or need an account are only understood."""
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    lines = [shlex.split(line) for line in documented() if line != WITH_CONDA]
    for line in lines:
        _parser().parse_args(line[3:])
    labkit.start()
    own_files = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    environ = {**os.environ, "LABKIT_HOME": str(home), "PYTHONPATH": str(ROOT), **own_files}
    for line in (line for line in lines if line[3] not in (*SERVE, *OF_AN_ACCOUNT)):
        done = subprocess.run(
            line, cwd=tmp_path, env=environ, input="yes\n", capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, (line, done.stderr)


def test_a_command_that_is_told_works_where_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the Python that runs now: by its short path in the clone's folder, by its whole one elsewhere."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / ".venv" / "bin" / "python"))
    assert command("snapshots").endswith("/.venv/bin/python -m labkit snapshots")
    assert not command("snapshots").startswith(".venv")
    monkeypatch.chdir(tmp_path)
    assert command("snapshots") == ".venv/bin/python -m labkit snapshots"
