"""Which tunnel the settings choose, and the one that is none."""

from __future__ import annotations

import subprocess
import sys

import pytest

from labkit.errors import TunnelError
from labkit.settings import Settings
from labkit.tunnel import Loopback, Ngrok, PublicUrl, choose


def test_the_sandbox_needs_no_tunnel() -> None:
    """By default the tunnel is the loopback address itself."""
    tunnel = choose(Settings.resolve({}))
    assert isinstance(tunnel, Loopback)
    assert tunnel.open(8123) == tunnel.url == "http://127.0.0.1:8123"
    assert tunnel.url in tunnel.describe()
    tunnel.close()
    assert tunnel.url is None


def test_a_public_url_is_used_as_it_is() -> None:
    """Nothing is opened; it says where it leads, and forgets that it is used."""
    tunnel = choose(Settings.resolve({}, public_url="https://lab.example.com", port=8000))
    assert isinstance(tunnel, PublicUrl)
    assert (tunnel.url, tunnel.open(8000), tunnel.url) == (None, "https://lab.example.com", "https://lab.example.com")
    assert tunnel.describe() == "public URL: https://lab.example.com → port 8000"
    tunnel.close()
    assert (tunnel.url, "not used" in tunnel.describe()) == (None, True)


def test_a_public_url_is_refused_where_its_port_is_somebody_elses() -> None:
    """The callback server has taken another one, and the address leads to the program that has the right one."""
    tunnel = choose(Settings.resolve({}, public_url="https://lab.example.com", port=8000))
    with pytest.raises(TunnelError, match="leads to port 8000 of this computer, which another program has"):
        tunnel.open(8001)


@pytest.mark.parametrize("variables", [{}, {"NGROK_AUTHTOKEN": "made-up-secret"}])
def test_ngrok_is_chosen_closed_and_keeps_its_secret(variables: dict[str, str]) -> None:
    """Choosing opens nothing, and the authtoken is not in what is shown."""
    tunnel = choose(Settings.resolve(variables, tunnel="ngrok"))
    assert isinstance(tunnel, Ngrok)
    assert tunnel.url is None
    assert "made-up-secret" not in f"{tunnel!r} {tunnel.describe()}"


def test_pyngrok_is_imported_only_when_a_tunnel_is_opened() -> None:
    """Without ngrok nothing of pyngrok is loaded, so that starting stays quick."""
    code = "import sys, labkit.tunnel; sys.exit('pyngrok' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=30).returncode == 0
