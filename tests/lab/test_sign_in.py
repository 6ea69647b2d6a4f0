"""labkit.lab.sign_in: credentials that stand nowhere are asked for, looked at once, and kept in memory alone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sandbox.local import ACCOUNT, TOKEN, local_sandbox
from twilio_stand_in import StandIn, twilio_stand_in

import labkit
from labkit import credentials
from labkit.errors import CredentialsError, LabError, TaskRouterError
from labkit.lab import runtime, sign_in
from labkit.settings import Settings

GIVEN = {credentials.ACCOUNT_SID: ACCOUNT, credentials.AUTH_TOKEN: TOKEN}


@pytest.fixture(autouse=True)
def nobody_signed_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in credentials.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    credentials.forget()
    yield
    credentials.forget()


@pytest.fixture
def twilio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with local_sandbox() as sandbox, twilio_stand_in(sandbox.url, tmp_path) as stand_in:
        stand_in.lead_here(monkeypatch)
        yield stand_in


@pytest.mark.usefixtures("twilio")
def test_what_signs_in_is_used_from_then_on() -> None:
    said = sign_in.sign_in({**GIVEN, credentials.API_KEY_SID: ""})
    assert said == 'Signed in to the account "Ana\'s" (AC…1111, full). Run the cell again.'
    settings = Settings.resolve(mode="twilio")
    assert settings.auth_token is not None
    assert (settings.account_sid, settings.auth_token.reveal()) == (ACCOUNT, TOKEN)


@pytest.mark.usefixtures("twilio")
@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "needs TWILIO_ACCOUNT_SID"),
        ({**GIVEN, credentials.AUTH_TOKEN: ACCOUNT}, "TWILIO_AUTH_TOKEN begins with AC"),
        ({**GIVEN, credentials.AUTH_TOKEN: "planted-wrong-token"}, "Twilio does not take TWILIO_AUTH_TOKEN"),
    ],
)
def test_what_does_not_sign_in_is_not_kept(values: dict[str, str], words: str) -> None:
    with pytest.raises(LabError, match=words) as refused:
        sign_in.sign_in(values)
    assert "planted-wrong-token" not in str(refused.value)
    assert credentials.with_entered({}) == {}


def test_a_region_of_the_environment_holds(twilio: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    sign_in.sign_in(GIVEN)
    assert {each.host for each in twilio.asked} == {"api.dublin.ie1.twilio.com"}


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The panels that a notebook shows, in which this is."""
    panels: list[Any] = []
    monkeypatch.setattr(runtime, "in_notebook", lambda: True)
    monkeypatch.setattr(runtime, "can_ask_notebook", lambda: True)
    monkeypatch.setattr(runtime, "_display", panels.append)
    return panels


def test_a_notebook_shows_a_form_and_says_so(shown: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", ACCOUNT)
    with pytest.raises(CredentialsError) as missing:
        labkit.start(mode="twilio")
    assert str(missing.value).startswith("mode='twilio' needs TWILIO_AUTH_TOKEN")
    assert str(missing.value).endswith("Fill in the form above, then run this cell again.")
    [form] = shown
    assert (form.state["account_sid"], form.state["done"]) == (ACCOUNT, "")
    form.close()


@pytest.mark.usefixtures("twilio")
def test_a_token_that_was_rotated_is_asked_for_anew(shown: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """By the same cell: what was typed then holds in place of the environment's."""
    for name, value in {**GIVEN, credentials.AUTH_TOKEN: "planted-old-token"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(LabError, match=r"Twilio does not take TWILIO_AUTH_TOKEN .* Fill in the form above"):
        labkit.start(mode="twilio")
    [form] = shown
    form._handlers()["use"]({"values": GIVEN})
    assert form.state["done"].startswith("Signed in")
    assert TOKEN not in repr(form.get_state())
    assert Settings.resolve(mode="twilio").auth_token is not None
    form.close()


def test_where_nobody_sits_the_sentence_alone_is_told(shown: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a notebook is run from top to bottom; the kernel knows whether its front end answers questions."""
    monkeypatch.setattr(runtime, "can_ask_notebook", sign_in.can_ask_notebook)
    for answers in (False, True):
        shell = SimpleNamespace(kernel=SimpleNamespace(_allow_stdin=answers))
        monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda shell=shell: shell))
        assert sign_in.can_ask_notebook() is answers
        with pytest.raises(CredentialsError) as missing:
            labkit.start(mode="twilio")
        assert ("Fill in the form" in str(missing.value)) is answers
    assert len(shown) == 1
    shown[0].close()


def test_credentials_in_the_call_are_not_asked_for(shown: list[Any]) -> None:
    """What was typed would not hold against them."""
    with pytest.raises(CredentialsError) as missing:
        labkit.start(mode="twilio", account_sid=ACCOUNT)
    assert (shown, "Fill in" in str(missing.value)) == ([], False)


def test_a_refusal_of_a_sandbox_is_no_question_of_credentials() -> None:
    assert not sign_in.can_be_mended(TaskRouterError("No.", status=401), {})


def in_terminal(monkeypatch: pytest.MonkeyPatch, answers: list[str]) -> list[str]:
    asked: list[str] = []

    def private(prompt: str) -> str:
        asked.append(prompt)
        return answers.pop(0)

    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("getpass.getpass", private)
    monkeypatch.setattr("builtins.input", private)
    return asked


@pytest.mark.usefixtures("twilio")
def test_a_terminal_asks_without_an_echo(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked = in_terminal(monkeypatch, [ACCOUNT, TOKEN])
    sign_in.ask_in_terminal(CredentialsError("It is missing."))
    assert [prompt.split(" (")[0] for prompt in asked] == ["Twilio Account SID", "Twilio Auth Token"]
    assert credentials.with_entered({}) == GIVEN
    told = capsys.readouterr()
    assert "It is missing." in told.err
    assert TOKEN not in told.err + told.out


def test_where_nobody_can_be_asked_the_sentence_is_told() -> None:
    with pytest.raises(CredentialsError, match="TWILIO_ACCOUNT_SID"):
        labkit.start(mode="twilio")
