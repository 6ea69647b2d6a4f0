"""environment.yml: the pins of pyproject.toml for conda and Binder, in the spelling that Binder reads."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from tracked import ROOT, copy_project

ENVIRONMENT = ROOT / "environment.yml"


@pytest.fixture(scope="module")
def environment() -> dict[str, Any]:
    """environment.yml as conda reads it."""
    return yaml.safe_load(ENVIRONMENT.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    """The project table of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def pip_lines(environment: dict[str, Any]) -> list[str]:
    [section] = [d["pip"] for d in environment["dependencies"] if isinstance(d, dict)]
    return section


def test_the_pins_are_those_of_pyproject(environment: dict[str, Any], project: dict[str, Any]) -> None:
    """Each dependency stands in both files with the same version, and in no other way."""
    assert [line for line in pip_lines(environment) if line != "-e ."] == project["dependencies"]


def test_every_dependency_is_pinned(project: dict[str, Any]) -> None:
    """The lab is an application: what CI ran is what people get."""
    wanted = [
        *project["dependencies"],
        *(line for extra in project["optional-dependencies"].values() for line in extra),
    ]

    assert [line for line in wanted if "==" not in line] == []


def test_the_lab_itself_is_installed_last(environment: dict[str, Any]) -> None:
    """Binder copies the repository before the install only when a line names a local path."""
    assert pip_lines(environment)[-1] == "-e ."


def test_python_is_written_as_binder_reads_it(environment: dict[str, Any]) -> None:
    """Any other spelling gives an older Python, silently."""
    assert environment["dependencies"][0] == "python=3.11"
    assert environment["name"] == "taskrouter-lab"


def test_no_binder_folder_hides_it() -> None:
    """With a binder/ folder every configuration file in the root is ignored."""
    assert not {p.name for p in ROOT.iterdir()} & {"binder", ".binder"}


def test_every_line_of_it_says_why() -> None:
    """A reader learns what each package is for."""
    lines = ENVIRONMENT.read_text(encoding="utf-8").splitlines()
    packages = [line for line in lines if line.lstrip().startswith("- ") and ":" not in line.split("#")[0]]

    assert [line for line in packages if "  # " not in line and "conda-forge" not in line] == []


def test_the_badge_opens_the_first_lesson_with_its_panels_beside_it() -> None:
    """It leads to a layout for JupyterLab, in which the notebook and the output of the cell with the panels stand."""
    [badge] = re.findall(r"\]\((https://mybinder\.org/v2/[^)]+)\)", (ROOT / "README.md").read_text("utf-8"))
    [path] = parse_qs(urlsplit(badge).query)["labpath"]
    layout = json.loads((ROOT / path).read_text("utf-8"))["data"]
    notebook, view = (each for name, each in layout.items() if name != "layout-restorer:data")
    cells = json.loads((ROOT / notebook["data"]["path"]).read_text("utf-8"))["cells"]

    assert notebook["data"]["path"] == view["data"]["path"] == "notebooks/00_start_here.ipynb"
    assert "".join(cells[view["data"]["index"]]["source"]) == 'lab.desk(view="first")'


def test_binder_takes_it(tmp_path: Path) -> None:
    """repo2docker, which is what Binder runs, chooses the conda way with this file and Python 3.11."""
    clone = tmp_path / "clone"
    copy_project(clone)
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug"]
    if getattr(os, "geteuid", lambda: 1)() == 0:  # it refuses to build an image whose person is root
        command += ["--user-id", "1000", "--user-name", "jovyan"]
    done = subprocess.run([*command, str(clone)], capture_output=True, text=True, timeout=60, check=False)
    dockerfile, said = done.stdout, done.stderr

    assert done.returncode == 0, said[-2000:]
    assert "Building conda environment for python=3.11\n" in said
    assert 0 < dockerfile.find("COPY --chown=1000:1000 src/ ") < dockerfile.find('--file "environment.yml"')
