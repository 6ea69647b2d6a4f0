"""ngrok's own configuration file: read for its authtoken, and changed only when its owner asks for it."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
import yaml

from labkit.errors import TunnelError
from labkit.settings import Secret
from labkit.tunnel import ngrok_config
from labkit.tunnel.ngrok_config import forget_authtoken, keep_authtoken, read_authtoken, token_in

TOKEN = Secret("2made_up_for_this_test")
CONFIG_PATH = ngrok_config.config_path
"""As it is: each test has one of its own."""
V3 = 'version: "3"\n# mine\nagent:\n  region: eu  # near\nendpoints:\n  - name: web\n    upstream:\n      url: 80\n'


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file, which is not there yet."""
    path = tmp_path / "config" / "ngrok" / "ngrok.yml"
    monkeypatch.setattr(ngrok_config, "config_path", lambda: path)
    return path


def write(config: Path, text: str) -> None:
    config.parent.mkdir(parents=True)
    config.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("version: 3\nagent:\n  authtoken: abc_1\n", "abc_1"),
        ("version: '2'\nauthtoken: abc_1\n", "abc_1"),
        ("agent:\n  authtoken: ''\n", None),
        ("agent:\n  authtoken: 12345\n", None),
        (V3, None),
        ("", None),
        ("- a list\n", None),
        ("agent: [authtoken\n", None),
        ("agent: " + "[" * 5000, None),
    ],
)
def test_the_authtoken_of_both_versions_is_found(config: Path, text: str, token: str | None) -> None:
    """And whatever else stands there is no error: somebody who starts a lab did not come for that file."""
    write(config, text)
    found = read_authtoken()
    assert (found.reveal() if found else None) == token


def test_no_file_has_no_token(config: Path) -> None:
    """Nor has a folder of its name."""
    assert read_authtoken() is None
    config.mkdir(parents=True)
    assert read_authtoken() is None


@pytest.mark.parametrize(
    "before",
    [
        "",
        V3,
        V3.replace("  region: eu  # near\n", ""),
        V3.replace("  region", "  authtoken: other_token\n  region"),
        "version: 2\nauthtoken: other_token # old\ntunnels: {}\n",
        "version: 2\nregion: eu",
        'version: "3"\n',
    ],
)
def test_it_is_kept_beside_all_that_stands_there(config: Path, before: str) -> None:
    """Read again it is the same, in the place where ngrok's version wants it; comments stay, and nothing is lost."""
    if before:
        write(config, before)
    assert keep_authtoken(TOKEN) == config
    after = config.read_text()
    assert read_authtoken() == TOKEN
    assert "other_token" not in after
    assert all(line in after for line in before.splitlines() if "authtoken" not in line)
    document = yaml.safe_load(after)
    assert (document if document.get("version") == 2 else document["agent"])["authtoken"] == TOKEN.reveal()
    if os.name == "posix":
        assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert [each.name for each in config.parent.iterdir()] == ["ngrok.yml"]


@pytest.mark.parametrize(
    "typed",
    [
        "abc_1",
        " abc_1\n",
        "ngrok config add-authtoken abc_1",
        "$ ngrok config add-authtoken  abc_1",
        "ngrok authtoken abc_1",
    ],
)
def test_the_command_that_the_dashboard_offers_may_be_pasted(typed: str) -> None:
    """It stands there to be copied, and the authtoken is its last word."""
    assert token_in(typed) == "abc_1"


def test_it_is_forgotten_when_it_is_asked_for(config: Path) -> None:
    """Out of the file, and nothing else with it."""
    assert forget_authtoken() is False
    write(config, V3)
    keep_authtoken(TOKEN)
    assert forget_authtoken() is True
    assert read_authtoken() is None
    assert TOKEN.reveal() not in config.read_text()
    assert yaml.safe_load(config.read_text())["endpoints"]


@pytest.mark.parametrize("marker", ["folder", "file"])
def test_it_is_never_written_into_a_git_work_tree(config: Path, tmp_path: Path, marker: str) -> None:
    """A home full of dotfiles may be one; nothing is written, and the sentence says where else it may stand."""
    git = tmp_path / ".git"
    git.mkdir() if marker == "folder" else git.write_text("gitdir: elsewhere\n")
    with pytest.raises(TunnelError, match=r"lies in the git work tree .*NGROK_AUTHTOKEN in the environment") as caught:
        keep_authtoken(TOKEN)
    assert TOKEN.reveal() not in str(caught.value)
    assert not config.exists()


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_a_link_into_a_git_work_tree_counts_as_one(config: Path, tmp_path: Path) -> None:
    """Programs that care for dotfiles link them from a repository."""
    repository = tmp_path / "dotfiles"
    (repository / ".git").mkdir(parents=True)
    (repository / "ngrok.yml").write_text(V3)
    config.parent.mkdir(parents=True)
    config.symlink_to(repository / "ngrok.yml")
    with pytest.raises(TunnelError, match="git work tree"):
        keep_authtoken(TOKEN)
    assert (repository / "ngrok.yml").read_text() == V3


@pytest.mark.parametrize(
    "text",
    [
        "agent: {region: eu}\n",
        "agent:\n  authtoken: >\n    made_up\n",
        "- a list\n",
        "agent: [authtoken: old_made_up\n",
    ],
)
def test_a_file_that_is_laid_out_otherwise_is_left_alone(config: Path, text: str) -> None:
    """It is somebody's own, and may hold a token: it is neither changed nor quoted."""
    write(config, text)
    with pytest.raises(TunnelError, match="NGROK_AUTHTOKEN") as caught:
        keep_authtoken(TOKEN)
    assert config.read_text() == text
    assert "made_up" not in str(caught.value)


@pytest.mark.parametrize(
    ("platform", "variable", "expected"),
    [
        ("linux", {}, ".config/ngrok/ngrok.yml"),
        ("linux", {"XDG_CONFIG_HOME": "elsewhere"}, "elsewhere/ngrok/ngrok.yml"),
        ("darwin", {}, "Library/Application Support/ngrok/ngrok.yml"),
    ],
)
def test_it_is_where_ngrok_keeps_it(
    platform: str, variable: dict[str, str], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By system, as ngrok documents it (https://ngrok.com/docs/agent/config)."""
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    for name, value in variable.items():
        monkeypatch.setenv(name, str(tmp_path / value))
    assert CONFIG_PATH() == tmp_path / expected
