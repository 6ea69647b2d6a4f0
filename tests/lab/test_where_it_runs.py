"""What a lab with an account says of the place where it runs, and of what that lets through."""

from __future__ import annotations

import pytest

from labkit.lab.where_it_runs import note_on_place
from labkit.settings import Settings

ACCOUNT = {"TWILIO_ACCOUNT_SID": "AC" + "0123456789abcdef" * 2, "TWILIO_AUTH_TOKEN": "made-up-auth-token"}
HUB = {"JUPYTERHUB_SERVICE_PREFIX": "/user/ana/"}
CODESPACE = {"CODESPACES": "true", "CODESPACE_NAME": "fluffy-ana-7x"}
COLAB = {"COLAB_RELEASE_TAG": "release-colab-1"}


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"BINDER_LAUNCH_HOST": "https://mybinder.org/", **HUB}, ["Binder", "80 and 443", "ngrok", "run any code"]),
        ({"BINDER_REPO_URL": "https://example.com/repo"}, ["Binder", "an account for trying"]),
        (HUB, ["a JupyterHub", "run any code", "must never be given to Twilio", "lead an address of its own"]),
        (CODESPACE, ["port 8000 public", "public_url='https://fluffy-ana-7x-8000.app.github.dev', port=8000"]),
        ({**CODESPACE, "GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN": "x.example"}, ["fluffy-ana-7x-8000.x.example'"]),
        (COLAB, ["Colab", "only in the browser"]),
        ({}, [""]),
    ],
)
def test_each_place_is_explained(environ: dict[str, str], words: list[str]) -> None:
    """What comes in, what goes out, and what to do."""
    said = note_on_place(Settings.resolve(ACCOUNT, mode="twilio"), environ)
    assert [word for word in words if word not in said] == []
    assert bool(said) == bool(environ)


def test_a_sandbox_is_told_nothing() -> None:
    """Nothing has to come in or go out."""
    assert note_on_place(Settings.resolve({}), {"BINDER_LAUNCH_HOST": "https://mybinder.org/"}) == ""


@pytest.mark.parametrize("environ", [HUB, CODESPACE, COLAB])
def test_whoever_has_an_address_is_told_no_more(environ: dict[str, str]) -> None:
    """The check from outside says the rest."""
    settings = Settings.resolve(ACCOUNT, mode="twilio", public_url="https://lab.example.com", port=8000)
    assert note_on_place(settings, environ) == ""


def test_what_is_suggested_can_be_used() -> None:
    """The address that is named for a Codespace is one that the settings take."""
    said = note_on_place(Settings.resolve(ACCOUNT, mode="twilio"), CODESPACE)
    url = said.partition("public_url='")[2].partition("'")[0]
    assert Settings.resolve(ACCOUNT, mode="twilio", public_url=url, port=8000).public_url == url
