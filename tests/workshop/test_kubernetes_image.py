"""The image for a cluster, as repo2docker would build it: its Dockerfile is read, and no image is built."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from repo2docker.app import Repo2Docker
from tracked import ROOT, copy_project

FOLDER = "workshop/kubernetes"
CONFIG = f"{FOLDER}/repo2docker_config.py"
REQUIREMENTS = ROOT / FOLDER / "image_requirements.txt"


@pytest.fixture(scope="module")
def settings() -> Repo2Docker:
    """repo2docker, told what our file tells it."""
    app = Repo2Docker()
    app.load_config_file(str(ROOT / CONFIG))
    return app


@pytest.fixture(scope="module")
def dockerfile(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What it would build from this project."""
    clone = tmp_path_factory.mktemp("image") / "clone"
    copy_project(clone)
    command = [sys.executable, "-m", "repo2docker", "--config", CONFIG, "--no-build", "."]
    done = subprocess.run(command, cwd=clone, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_the_project_is_not_where_the_volume_lies(settings: Repo2Docker) -> None:
    """The chart lays it over /home/jovyan, the home of its uid 1000, and what the image has there is not seen."""
    home = Path("/home") / settings.user_name

    assert (settings.user_name, settings.user_id) == ("jovyan", 1000)
    assert not Path(settings.target_repo_dir).is_relative_to(home)


@pytest.mark.process
def test_the_project_is_copied_to_where_it_was_told(dockerfile: str) -> None:
    """The folder is an argument of the build: `REPO_DIR`, in which the server starts, too."""
    steps = ["\nARG REPO_DIR=", "\nWORKDIR ${REPO_DIR}\n", " src/ ${REPO_DIR}/\n", '--file "environment.yml"']
    places = [dockerfile.find(step) for step in steps]

    assert -1 not in places
    assert places == sorted(places)


@pytest.mark.process
def test_it_listens_where_the_chart_looks_and_runs_as_nobody_special(dockerfile: str) -> None:
    """8888 is the chart's `notebook-port`; the last word on who runs it is not root."""
    assert re.findall(r"^EXPOSE (.+)$", dockerfile, re.MULTILINE) == ["8888"]
    assert re.findall(r"^USER (.+)$", dockerfile, re.MULTILINE)[-1] == "${NB_USER}"


@pytest.mark.process
def test_what_only_a_cluster_needs_is_installed_last(dockerfile: str) -> None:
    """From a file that is in the image by then, and by the person, so that no file of root's is left in the home."""
    [line] = re.findall(r"^RUN pip install .*-r \$\{REPO_DIR\}/(\S+)$", dockerfile, re.MULTILINE)

    assert ROOT / line == REQUIREMENTS
    assert dockerfile.rstrip().endswith(line)
    assert dockerfile.find(line) > dockerfile.rfind("USER ${NB_USER}")


def test_what_only_a_cluster_needs_is_pinned_and_says_why() -> None:
    """As in environment.yml."""
    lines = [line for line in REQUIREMENTS.read_text("utf-8").splitlines() if not line.startswith("#")]

    assert lines
    assert [line for line in lines if not re.fullmatch(r"[a-z-]+==[0-9.]+  # .+", line)] == []


def test_nothing_of_ours_says_which_hub_a_server_belongs_to() -> None:
    """Image and chart would part: repo2docker brings the series that the chart's hub is of."""
    named = [path for path in (ROOT / "environment.yml", REQUIREMENTS) if "jupyterhub" in path.read_text("utf-8")]

    assert named == []


@pytest.mark.process
def test_repo2docker_brings_the_series_of_the_charts_hub(dockerfile: str) -> None:
    """The chart's hub is 5.5; the list of packages that repo2docker lays under this Python has a server of series 5."""
    [escaped] = re.findall(r"^COPY \S+ (build_script_files/\S+lock\S*)", dockerfile, re.MULTILINE)
    packages = re.sub(r"-([0-9a-f]{2})", lambda code: chr(int(code[1], 16)), escaped)
    [listed] = re.findall(r"build_script_files(/.+\.lock)", packages)

    assert re.search(r"/jupyterhub-singleuser-5\.", Path(listed).read_text("utf-8"))
