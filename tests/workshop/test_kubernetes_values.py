"""What Zero to JupyterHub's chart is told: keys, types, the person's copy of the notebooks, the hub's settings."""

from __future__ import annotations

import copy
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator
from jupyterhub.spawner import Spawner
from tracked import ROOT

from workshop.participant_home import NAME_PATTERN
from workshop.settings import Workshop

from .chart_keys import FOLDER, TYPES, chart_keys, leaves, pattern_of, troubles, values_of

FILES = sorted(path.name for path in FOLDER.glob("*.yaml") if "apiVersion:" not in path.read_text("utf-8"))
CLASSES = {"Authenticator": Authenticator, "JupyterHub": JupyterHub, "Spawner": Spawner}


@pytest.mark.parametrize("name", FILES)
def test_every_key_is_the_charts(name: str) -> None:
    """With the type that the chart wants."""
    assert troubles(values_of(name), chart_keys()) == []


@pytest.mark.parametrize(
    ("path", "value", "trouble"),
    [
        ("cull.timout", 3600, "cull.timout is in no line of the table; cull.timeout is near."),
        ("singleuser.extraEnvironment", {}, "singleuser.extraEnvironment is in no line of the table; "),
        ("cull.timeout", "3600", "cull.timeout is '3600', and not of the type integer."),
        ("cull.timeout", True, "cull.timeout is True, and not of the type integer."),
        ("cull", 3600, "cull is in no line of the table; "),
        ("proxy.https.type", "auto", "proxy.https.type is 'auto', and not one of letsencrypt, "),
        ("proxy.https.hosts", [1], "proxy.https.hosts is [1], and not of the type list."),
        ("singleuser.extraEnv.ANY", 1, "singleuser.extraEnv.ANY is 1, and not of the type string."),
    ],
)
def test_a_mistake_is_found_with_its_path(path: str, value: object, trouble: str) -> None:
    """A misspelt key with the nearest one, a wrong type, a value that is none of the few."""
    values = copy.deepcopy(values_of("values.yaml"))
    *above, last = path.split(".")
    at: dict[str, Any] = values
    for each in above:
        at = at[each]
    at[last] = value

    [found] = troubles(values, chart_keys())

    assert found.startswith(trouble)


def test_the_table_has_no_line_too_many() -> None:
    """A key that nobody uses any more is gone from it, and its types are those that are looked at."""
    keys = chart_keys()
    used = {pattern_of(path, keys) for name in FILES for path, _ in leaves(values_of(name), keys)}

    assert set(keys) - used == set()
    assert {key.type for key in keys.values()} <= set(TYPES)


def test_the_table_and_the_page_speak_of_one_chart() -> None:
    """Whoever looks at a newer chart changes all three."""
    version = tomllib.loads((FOLDER / "chart_keys.toml").read_text("utf-8"))["chart"]

    assert re.findall(r"chart (\d\S+?) ", (FOLDER / "values.yaml").read_text("utf-8")) == [version]
    assert f"version {version}" in (ROOT / "docs" / "kubernetes.md").read_text("utf-8")


def test_what_the_hub_is_told_is_jupyterhubs() -> None:
    """Below `hub.config` the chart takes anything, and JupyterHub overlooks what it does not know."""
    told = values_of("values.yaml")["hub"]["config"]
    unknown = {
        f"{name}.{key}" for name, keys in told.items() for key in keys if not CLASSES[name].class_traits().get(key)
    }

    assert unknown == set()


@pytest.mark.parametrize(("name", "taken"), [("ana-2", True), ("ana/../bo", False), ("..", False), ("ana bo", False)])
def test_a_name_is_of_letters_digits_and_hyphens(name: str, taken: bool) -> None:
    """JupyterHub looks whether a name begins with the pattern, so the pattern says where it ends."""
    pattern = values_of("values.yaml")["hub"]["config"]["Authenticator"]["username_pattern"]

    assert Authenticator(username_pattern=pattern).validate_username(name) is taken


def test_a_name_is_one_that_one_machine_takes_too() -> None:
    """There the pattern is compared with the whole of the name."""
    pattern = values_of("values.yaml")["hub"]["config"]["Authenticator"]["username_pattern"]

    assert pattern == rf"{NAME_PATTERN}\Z"


def test_the_instructor_is_whom_a_room_on_one_machine_has() -> None:
    """What facilitators read says one name."""
    assert values_of("values.yaml")["hub"]["config"]["Authenticator"]["admin_users"] == [Workshop(folder=Path()).admin]


@pytest.fixture
def own_copy(tmp_path: Path) -> tuple[Path, list[str], dict[str, str]]:
    """A home, what runs in it after each start, and the environment that the image gives it."""
    home, project = tmp_path / "home", tmp_path / "lab"
    home.mkdir()
    (project / "notebooks").mkdir(parents=True)
    (project / "notebooks" / "00_start_here.ipynb").write_text("ours", encoding="utf-8")
    command = values_of("values.yaml")["singleuser"]["lifecycleHooks"]["postStart"]["exec"]["command"]
    return home, command, {"PATH": os.environ["PATH"], "HOME": str(home), "REPO_DIR": str(project)}


def run(command: list[str], environ: dict[str, str]) -> int:
    return subprocess.run(command, env=environ, cwd="/", capture_output=True, check=False).returncode


def test_a_person_gets_a_copy_and_keeps_it(own_copy: tuple[Path, list[str], dict[str, str]]) -> None:
    """At the first start it is made; at the next one what the person wrote is as it was."""
    home, command, environ = own_copy
    notebook = home / "notebooks" / "00_start_here.ipynb"

    assert run(command, environ) == 0
    assert notebook.read_text("utf-8") == "ours"
    notebook.write_text("the person's", encoding="utf-8")
    assert run(command, environ) == 0
    assert notebook.read_text("utf-8") == "the person's"


def test_a_copy_that_was_cut_off_is_made_anew(own_copy: tuple[Path, list[str], dict[str, str]]) -> None:
    """The folder has its name only once all is in it."""
    home, command, environ = own_copy
    (home / ".notebooks.new").mkdir()

    assert run(command, environ) == 0
    assert [path.name for path in home.iterdir()] == ["notebooks"]
    assert (home / "notebooks" / "00_start_here.ipynb").exists()


def test_a_start_does_not_fail_where_no_copy_can_be_made(own_copy: tuple[Path, list[str], dict[str, str]]) -> None:
    """Kubernetes ends a server whose hook fails, and then nobody could make room in that home."""
    _, command, environ = own_copy

    assert run(command, environ | {"REPO_DIR": "/nowhere"}) == 0


def test_nothing_in_the_hook_is_taken_for_a_template() -> None:
    """KubeSpawner fills in {username} and the like; a brace that is none of these ends the start."""
    command = values_of("values.yaml")["singleuser"]["lifecycleHooks"]["postStart"]["exec"]["command"]

    assert [part for part in command if "{" in part or "$(" in part] == []
