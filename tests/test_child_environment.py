"""What a process that the lab starts is given of the environment."""

from __future__ import annotations

import pytest

from labkit.child_environment import PROXIES, PYTHON, environment_for

NEEDED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "XDG_STATE_HOME", "SYSTEMROOT", "LD_LIBRARY_PATH")
SECRET = (
    "JUPYTERHUB_API_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "TWILIO_AUTH_TOKEN",
    "NGROK_AUTHTOKEN",
    "LABKIT_SANDBOX_TOKEN",
    "PYTHONANYWHERE_API_TOKEN",
    "XDG_SECRET",
    "PATH_TO_SECRETS",
    "MY_HOME",
)


@pytest.fixture(autouse=True)
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them are there."""
    for name in (*NEEDED, *SECRET, "PYTHONPATH", "VIRTUAL_ENV", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "x")


def test_what_is_not_named_does_not_pass() -> None:
    """Nor what only begins or ends like a name that passes."""
    given = environment_for(())
    assert set(NEEDED) <= set(given)
    assert not set(SECRET) & set(given)
    assert not {"PYTHONPATH", "https_proxy"} & set(given)


def test_each_process_names_what_else_it_needs() -> None:
    """The interpreter its own, whoever goes out to the internet the proxies."""
    assert {"PYTHONPATH", "VIRTUAL_ENV"} <= set(environment_for([PYTHON]))
    assert {"https_proxy", "HTTPS_PROXY"} <= set(environment_for([PROXIES]))
    assert not set(SECRET) & set(environment_for([PYTHON, PROXIES]))
