"""labkit.credentials: what is missing or is none is said before anybody is asked, and no secret is in the sentence."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from labkit import credentials
from labkit.errors import CredentialsError
from labkit.settings import Secret, Settings

SID, KEY = f"AC{'0123456789abcdef' * 2}", f"SK{'0123456789abcdef' * 2}"
TOKEN, KEY_SECRET = "fedcba9876543210" * 2, "planted-secret-of-the-key"
ACCOUNT = {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN}
WITH_KEY = {"TWILIO_ACCOUNT_SID": SID, "TWILIO_API_KEY_SID": KEY, "TWILIO_API_KEY_SECRET": KEY_SECRET}


@pytest.fixture(autouse=True)
def nothing_typed() -> Iterator[None]:
    credentials.forget()
    yield
    credentials.forget()


@pytest.mark.parametrize("given", [ACCOUNT, WITH_KEY, {**WITH_KEY, **ACCOUNT}])
def test_a_token_or_a_key_signs_in(given: dict[str, str]) -> None:
    assert Settings.resolve(given, mode="twilio").account_sid == SID


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "TWILIO_ACCOUNT_SID"),
        ({"TWILIO_AUTH_TOKEN": TOKEN}, "TWILIO_ACCOUNT_SID"),
        ({"TWILIO_ACCOUNT_SID": SID}, "TWILIO_AUTH_TOKEN"),
        ({"TWILIO_ACCOUNT_SID": SID, "TWILIO_API_KEY_SID": KEY}, "TWILIO_API_KEY_SECRET"),
        ({"TWILIO_ACCOUNT_SID": SID, "TWILIO_API_KEY_SECRET": KEY_SECRET}, "TWILIO_API_KEY_SID"),
    ],
)
def test_what_is_missing_is_named_with_its_place_in_the_console(given: dict[str, str], missing: str) -> None:
    with pytest.raises(CredentialsError) as refused:
        Settings.resolve(given, mode="twilio")
    assert refused.value.missing == (missing,)
    assert f"needs {missing}" in str(refused.value)
    assert "Twilio Console" in str(refused.value)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"TWILIO_ACCOUNT_SID": KEY}, ("TWILIO_ACCOUNT_SID begins with SK, so it is the SID of an API key, which "
                                      "belongs into TWILIO_API_KEY_SID.")),
        ({"TWILIO_ACCOUNT_SID": SID[:-1]}, "TWILIO_ACCOUNT_SID is AC and 31 characters; it should be AC and 32 hex"),
        ({"TWILIO_ACCOUNT_SID": "me@example.com"}, "TWILIO_ACCOUNT_SID is 14 characters; it should be AC and 32 hex"),
        ({"TWILIO_ACCOUNT_SID": TOKEN, "TWILIO_AUTH_TOKEN": SID}, "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are swap"),
        ({"TWILIO_AUTH_TOKEN": SID}, ("TWILIO_AUTH_TOKEN begins with AC, so it is the Account SID, which belongs into "
                                     "TWILIO_ACCOUNT_SID. It is the Auth Token; the first page of the Twilio Console")),
        ({"TWILIO_AUTH_TOKEN": KEY}, "TWILIO_AUTH_TOKEN begins with SK, so it is the SID of an API key"),
        ({"TWILIO_AUTH_TOKEN": f'"{TOKEN}"'}, "TWILIO_AUTH_TOKEN has a quotation mark at its beginning or end"),
        ({"TWILIO_AUTH_TOKEN": f"{TOKEN} "}, "TWILIO_AUTH_TOKEN has a space or a line break in it"),
        ({"TWILIO_AUTH_TOKEN": f"{TOKEN[:9]}\n{TOKEN[9:]}"}, "TWILIO_AUTH_TOKEN has a space or a line break in it"),
        ({"TWILIO_AUTH_TOKEN": f"{TOKEN}…"}, "TWILIO_AUTH_TOKEN has a character in it that no credential has"),
        ({"TWILIO_AUTH_TOKEN": "", "TWILIO_API_KEY_SID": SID, "TWILIO_API_KEY_SECRET": KEY_SECRET},
         "TWILIO_API_KEY_SID begins with AC, so it is the Account SID, which belongs into TWILIO_ACCOUNT_SID."),
        ({"TWILIO_AUTH_TOKEN": "", "TWILIO_API_KEY_SID": KEY, "TWILIO_API_KEY_SECRET": KEY},
         "TWILIO_API_KEY_SECRET begins with SK, so it is the SID of an API key"),
    ],
)  # fmt: skip
def test_what_has_the_wrong_form_is_told_without_being_shown(given: dict[str, str], words: str) -> None:
    """Not even in part: what is no SID may be a token that got into the wrong variable."""
    with pytest.raises(CredentialsError) as refused:
        Settings.resolve({**ACCOUNT, **given}, mode="twilio")
    text = str(refused.value)
    assert words in text
    assert refused.value.missing == ()
    assert [value for value in (TOKEN, TOKEN[-4:], KEY_SECRET, SID, KEY) if value in text] == []


def test_a_sandbox_looks_at_no_credential() -> None:
    assert Settings.resolve({"TWILIO_ACCOUNT_SID": "none", "TWILIO_AUTH_TOKEN": " "}).mode == "sandbox"


def test_the_length_of_a_refused_token_is_a_clue() -> None:
    """Twilio promises no length, so nothing is refused for it here."""
    assert credentials.length_clue(ACCOUNT) == ""
    assert credentials.length_clue({**ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN[:-3]}).startswith(
        "TWILIO_AUTH_TOKEN has 29 characters, and Twilio's have 32"
    )
    assert credentials.length_clue(WITH_KEY).startswith("TWILIO_API_KEY_SECRET has 25 characters")


def test_what_was_typed_holds_in_place_of_the_environment() -> None:
    """A token that was typed after the environment's was rotated, and an API key in place of a token."""
    credentials.enter({"TWILIO_ACCOUNT_SID": Secret(SID), "TWILIO_AUTH_TOKEN": Secret("new")})
    assert credentials.with_entered({**WITH_KEY, **ACCOUNT, "PATH": "/"}) == {
        **WITH_KEY,
        "TWILIO_AUTH_TOKEN": "new",
        "PATH": "/",
    }
    assert "TWILIO_API_KEY_SID" not in credentials.with_entered({**WITH_KEY, "TWILIO_ACCOUNT_SID": f"AC{'1' * 32}"})
    credentials.enter({name: Secret(value) for name, value in WITH_KEY.items()})
    assert credentials.with_entered(ACCOUNT) == WITH_KEY
    credentials.forget()
    assert credentials.with_entered(ACCOUNT) == ACCOUNT


def test_settings_are_made_of_what_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in credentials.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    credentials.enter({name: Secret(value) for name, value in ACCOUNT.items()})
    assert Settings.resolve(mode="twilio").auth_token == Secret(TOKEN)
    assert TOKEN not in repr(credentials._entered)
