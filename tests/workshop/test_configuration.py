"""What JupyterHub is told of a workshop."""

from __future__ import annotations

from pathlib import Path

import pytest
from traitlets.config import Config

from workshop.configuration import configure
from workshop.settings import Workshop


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """One whose folders are there."""
    made = Workshop(folder=tmp_path, port=9000, names=("ada", "bo"))
    made.hub_folder.mkdir()
    return made


def told(workshop: Workshop) -> Config:
    """All of it."""
    configure(config := Config(), workshop)
    return config


def test_only_the_proxy_is_for_people(workshop: Workshop) -> None:
    """The hub and the proxy's own port are for this machine alone."""
    config = told(workshop)

    assert config.JupyterHub.hub_bind_url == "http://127.0.0.1:9001"
    assert config.ConfigurableHTTPProxy.api_url == "http://127.0.0.1:9002"


def test_the_proxys_token_is_made_once_and_for_this_user_alone(workshop: Workshop) -> None:
    """A hub that is started again must know the proxy that it finds."""
    tokens = {told(workshop).ConfigurableHTTPProxy.auth_token for _ in range(2)}
    [kept] = workshop.hub_folder.glob("proxy_token")

    assert len(tokens) == 1
    assert len(tokens.pop()) >= 32
    assert kept.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("names", [(), ("ada", "bo")])
def test_who_may_come_in(tmp_path: Path, names: tuple[str, ...]) -> None:
    """Whoever comes, or those of a list and the instructor."""
    workshop = Workshop(folder=tmp_path, names=names)
    workshop.hub_folder.mkdir()
    config = told(workshop)

    assert config.Authenticator.allow_all is not bool(names)
    assert config.Authenticator.allowed_users == ({*names, "teacher"} if names else set())


def test_the_end_of_the_hub_is_nobodys_end(workshop: Workshop) -> None:
    """Neither the servers' nor the proxy's."""
    config = told(workshop)

    assert config.JupyterHub.cleanup_servers is False
    assert config.ConfigurableHTTPProxy.should_start is False
