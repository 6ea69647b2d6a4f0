"""The Makefile: every target explained, an environment made once, and a clear word where Python is too old."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tracked import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE)

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")

RECORDER = """#!/bin/sh
echo "{name} $*" >> "{log}"
[ "$1 $2" = "-m venv" ] && mkdir -p "$3/bin" && cp "$0" "$3/bin/python"
[ "$1" = venv ] && mkdir -p .venv/bin && cp "$0" .venv/bin/python
i=0; while [ $i -lt {lines} ]; do i=$((i + 1)); echo "line $i of {name}"; done
exit {status}
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with what `make setup` looks at, and a log of the programs that it called."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy2(ROOT / name, tmp_path / name)
    return tmp_path


def recorder(clone: Path, name: str, *, status: int = 0, lines: int = 0) -> Path:
    """Writes down its arguments, makes the environment it is asked for, says `lines`, and exits with `status`."""
    path = clone / name
    path.write_text(RECORDER.format(name=name, log=clone / "log", status=status, lines=lines), encoding="utf-8")
    path.chmod(0o755)
    return path


def make(clone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS", "PYTHON"))}
    command = ["make", "--no-print-directory", *arguments]
    return subprocess.run(command, cwd=clone, env=environ, capture_output=True, text=True, timeout=30, check=False)


def calls(clone: Path) -> list[str]:
    log = clone / "log"
    return [line for line in log.read_text(encoding="utf-8").splitlines() if " -c " not in line] if log.exists() else []


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_is_explained(target: str) -> None:
    """`make help` has a line for it, and it is no file."""
    listing = make(ROOT, "help").stdout

    assert re.search(rf"^  make {target} +\S+", listing, re.MULTILINE)
    assert target in re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[0].split()


def test_make_alone_changes_nothing_and_lists_the_targets() -> None:
    """The first thing that a newcomer types is answered with what there is."""
    assert make(ROOT).stdout == make(ROOT, "help").stdout


def test_recipes_are_posix_sh() -> None:
    """No shell but sh is needed, and no make newer than 3.81."""
    recipes = "".join(line for line in MAKEFILE.splitlines(keepends=True) if line.startswith("\t"))

    assert not re.search(r"\[\[|\bfunction\b|&>|<<<|\bsource\b|\$\$'", recipes)
    assert not re.search(r"^\.(?:ONESHELL|SHELLFLAGS|RECIPEPREFIX)|\$\(file |!=|::=", MAKEFILE, re.MULTILINE)


def test_lab_arguments_reach_jupyterlab(clone: Path) -> None:
    """`make lab LAB_ARGS=...` passes them on after the double hyphen."""
    recorder(clone, "python3")
    done = make(clone, "lab", "UV=", f"PYTHON={clone / 'python3'}", "LAB_ARGS=--no-browser --port 9000")

    assert done.returncode == 0, done.stderr
    assert calls(clone)[-1] == "python3 -m labkit lab -- --no-browser --port 9000"


def test_a_workshops_arguments_reach_it(clone: Path) -> None:
    """The folder is said once for opening and closing."""
    using = ["UV=", f"PYTHON={recorder(clone, 'python3')}", "WORKSHOP_FOLDER=/my rooms"]
    make(clone, "workshop", *using, "WORKSHOP_ARGS=--port 9000")
    make(clone, "workshop-end", *using)
    make(clone, "workshop-rehearsal", "UV=", "PARTICIPANTS=12")

    assert calls(clone)[1:] == [
        "python3 -m pip install -e .[workshop]",
        "python3 -m workshop open --folder /my rooms --port 9000",
        "python3 -m workshop end --folder /my rooms",
        "python3 -m workshop rehearsal --participants 12",
    ]


def test_a_second_setup_is_quick(clone: Path) -> None:
    """The environment is made once; a newer pyproject.toml installs again, into the same one."""
    using = ["UV=", f"PYTHON={recorder(clone, 'python3')}"]
    make(clone, "setup", *using)
    first = calls(clone)
    make(clone, "setup", *using)
    second = calls(clone)
    stamp = (clone / ".venv" / ".installed-lab").stat().st_mtime
    os.utime(clone / "pyproject.toml", (stamp + 10, stamp + 10))
    make(clone, "setup", *using)

    assert first == ["python3 -m venv .venv", "python3 -m pip install -e ."]
    assert second == first
    assert calls(clone) == [*first, "python3 -m pip install -e ."]


def test_the_tests_environment_is_the_learners_and_more(clone: Path) -> None:
    """`make dev` installs once for both; `make setup` then has nothing to do."""
    using = ["UV=", f"PYTHON={recorder(clone, 'python3')}"]
    make(clone, "dev", *using)
    make(clone, "setup", *using)

    assert calls(clone) == ["python3 -m venv .venv", "python3 -m pip install -e .[dev,workshop]"]


def test_uv_is_used_where_it_is_installed(clone: Path) -> None:
    """It makes the environment and installs into it."""
    done = make(clone, "setup", f"UV={recorder(clone, 'uv')}")

    assert done.returncode == 0, done.stderr
    assert calls(clone) == ["uv venv --python >=3.11 .venv", "uv pip install --python .venv/bin/python -e ."]


def test_an_old_python_is_named_with_the_remedy(clone: Path) -> None:
    """Nothing is made, and the sentence says what to install or to pass."""
    old = recorder(clone, "python3.9", status=1)
    done = make(clone, "setup", "UV=", f"PYTHON={old}")

    assert done.returncode != 0
    assert "Python 3.11 or newer" in done.stderr
    assert str(old) in done.stderr
    assert "make PYTHON=" in done.stderr
    assert not (clone / ".venv").exists()


def test_a_failed_install_is_tried_again(clone: Path) -> None:
    """Only a whole install leaves a stamp."""
    using = ["UV=", f"PYTHON={recorder(clone, 'python3')}"]
    make(clone, "setup", *using)
    shutil.copy2(recorder(clone, "broken", status=1), clone / ".venv" / "bin" / "python")
    (clone / ".venv" / ".installed-lab").unlink()
    failed = make(clone, "setup", *using)

    assert failed.returncode != 0
    assert not (clone / ".venv" / ".installed-lab").exists()


def test_an_install_is_quiet(clone: Path) -> None:
    """What the installer says stands in a file; the terminal has one line that says what is done, and that it is."""
    uv = recorder(clone, "uv", lines=250)
    (clone / ".venv" / "bin").mkdir(parents=True)
    recorder(clone, ".venv/bin/python")
    done = make(clone, "setup", f"UV={uv}")

    said = done.stdout.splitlines()
    assert len(said) == 2, done.stdout
    assert re.fullmatch(r"Installing what the lab needs into \.venv, .* \.* done", said[0])
    assert not done.stderr
    assert "line 250 of uv" in (clone / ".venv" / "install.log").read_text(encoding="utf-8")


def test_an_install_that_fails_shows_its_end(clone: Path) -> None:
    """The last lines, and the file that has them all."""
    (clone / ".venv" / "bin").mkdir(parents=True)
    recorder(clone, ".venv/bin/python")
    done = make(clone, "setup", f"UV={recorder(clone, 'uv', lines=250, status=1)}")

    assert done.returncode != 0
    assert ".venv/install.log" in done.stderr
    assert [number for number in range(1, 251) if f"line {number} of" in done.stderr] == list(range(236, 251))
    assert "installed" not in done.stdout


def test_ci_runs_the_readmes_own_command() -> None:
    """CI must not pass by a way that nobody else takes, and no browser test may skip there."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert re.search(r"^make test\b", script, re.MULTILINE)
    assert "export LABKIT_REQUIRE_BROWSER=1" in script
    assert re.search(r"^make test$", readme, re.MULTILINE)
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
