"""What signs in to an account: Account SID with Auth Token, or with an API key and its secret.

Here is what their forms tell before anybody is asked (docs: /docs/iam/api-keys); and here are those that were typed
into this process, which are kept in its memory and nowhere else.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, Protocol

from labkit.errors import CredentialsError
from labkit.vocabulary import Sid, is_sid

ACCOUNT_SID, AUTH_TOKEN = "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"
API_KEY_SID, API_KEY_SECRET = "TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET"
VARIABLES = (ACCOUNT_SID, AUTH_TOKEN, API_KEY_SID, API_KEY_SECRET)
"""Where they stand in the environment or in .env."""

TOKEN_CHARACTERS = 32
"""What Auth Tokens and the secrets of API keys have today; Twilio does not promise it, so nothing is refused for it."""

UNCHECKED_CALLBACKS = (
    "An API key signs in, and Twilio signs callbacks with the Auth Token, so none can be checked here: they stay where "
    "they are, and this lab reads TaskRouter's log. Add TWILIO_AUTH_TOKEN to have them come here."
)
"""What an API key alone cannot do."""

_FIRST_PAGE = "the first page of the Twilio Console has it under Account Info"
_KEYS_PAGE = "the Twilio Console has it under Account, API keys & tokens"
_WHERE = {
    ACCOUNT_SID: _FIRST_PAGE,
    AUTH_TOKEN: _FIRST_PAGE,
    API_KEY_SID: _KEYS_PAGE,
    API_KEY_SECRET: "the Twilio Console shows it once, when the key is made",
}
_NAMES = {
    ACCOUNT_SID: "Account SID",
    AUTH_TOKEN: "Auth Token",
    API_KEY_SID: "SID of an API key",
    API_KEY_SECRET: "secret of an API key",
}
_SIDS = {ACCOUNT_SID: Sid.ACCOUNT, API_KEY_SID: Sid.API_KEY}
_QUOTES = "\"'`“”\u2018\u2019"

# Kept in sys.modules under a name of its own: a reloaded labkit.credentials finds it again.
_entered: Any = sys.modules.setdefault("labkit._entered", SimpleNamespace(values={}))  # type: ignore[arg-type]


class Hidden(Protocol):
    """A `labkit.settings.Secret`, which is made of these here."""

    def reveal(self) -> str:
        """The value itself."""
        ...


def check(given: Mapping[str, Hidden | str | None], *, looked_in: str = "") -> None:
    """Refuse what cannot sign in to any account, without asking anybody and without showing a secret.

    Args:
        given: the values by their variables.
        looked_in: where they were looked for, as a sentence; said when one is missing.

    Raises:
        CredentialsError: one is missing, or has not the form of what its variable is for.
    """
    values = {name: _text(given.get(name)) for name in VARIABLES}
    if is_sid(values[AUTH_TOKEN], Sid.ACCOUNT) and values[ACCOUNT_SID] and not _is_any_sid(values[ACCOUNT_SID]):
        raise CredentialsError(f"{ACCOUNT_SID} and {AUTH_TOKEN} are swapped: the one that begins with AC is the SID.")
    if not values[ACCOUNT_SID]:
        raise _missing(ACCOUNT_SID, looked_in)
    _check_form(ACCOUNT_SID, values[ACCOUNT_SID])
    if values[AUTH_TOKEN]:
        _check_form(AUTH_TOKEN, values[AUTH_TOKEN])
    else:
        _check_api_key(values, looked_in)


def _check_api_key(values: Mapping[str, str], looked_in: str) -> None:
    """The key that stands in for an Auth Token that is not there."""
    if not values[API_KEY_SID] and not values[API_KEY_SECRET]:
        raise _missing(AUTH_TOKEN, looked_in)
    for name in (API_KEY_SID, API_KEY_SECRET):
        if not values[name]:
            raise _missing(name, looked_in)
        _check_form(name, values[name])


def _check_form(name: str, value: str) -> None:
    trouble = _stray_characters(value) or (_not_the_sid(name, value) if name in _SIDS else _not_a_secret(value))
    if trouble:
        raise CredentialsError(f"{name} {trouble} It is the {_NAMES[name]}; {_WHERE[name]}.")


def _stray_characters(value: str) -> str:
    if value[0] in _QUOTES or value[-1] in _QUOTES:
        return "has a quotation mark at its beginning or end, which Twilio would take for a part of it; take it away."
    if re.search(r"\s", value):
        return "has a space or a line break in it; copy it again, alone."
    return "" if value.isascii() and value.isprintable() else "has a character in it that no credential has."


def _not_the_sid(name: str, value: str) -> str:
    kind = _SIDS[name]
    if is_sid(value, kind):
        return ""
    other = next((each for each, of in _SIDS.items() if of is not kind and is_sid(value, of)), None)
    if other:
        return f"begins with {value[:2]}, so it is the {_NAMES[other]}, which belongs into {other}."
    # What is no SID may be a token that got here by mistake, so nothing of it is shown.
    length = f"{len(value)} characters" if value[:2] != kind.value else f"{kind.value} and {len(value) - 2} characters"
    return f"is {length}; it should be {kind.value} and 32 hex digits (0 to 9, a to f)."


def _is_any_sid(value: str) -> bool:
    return any(is_sid(value, kind) for kind in _SIDS.values())


def _not_a_secret(value: str) -> str:
    if _is_any_sid(value):
        sid = ACCOUNT_SID if value.startswith("AC") else API_KEY_SID
        return f"begins with {value[:2]}, so it is the {_NAMES[sid]}, which belongs into {sid}."
    return ""


def length_clue(given: Mapping[str, Hidden | str | None]) -> str:
    """What the length of a token or a secret that Twilio has refused tells, as a sentence; empty if nothing."""
    used = AUTH_TOKEN if _text(given.get(AUTH_TOKEN)) else API_KEY_SECRET
    length = len(_text(given.get(used)))
    if length == TOKEN_CHARACTERS:
        return ""
    return f"{used} has {length} characters, and Twilio's have {TOKEN_CHARACTERS}: a part is missing, or too much."


def _missing(name: str, looked_in: str) -> CredentialsError:
    sentences = [
        f"mode='twilio' needs {name}, the {_NAMES[name]}: {_WHERE[name]}. Put it into the environment or a .env file.",
        f"An API key will do as well: {API_KEY_SID} and {API_KEY_SECRET}." if name == AUTH_TOKEN else "",
        looked_in,
    ]
    return CredentialsError(" ".join(filter(None, sentences)), missing=(name,))


def _text(value: Hidden | str | None) -> str:
    return value if isinstance(value, str) else value.reveal() if value is not None else ""


# --- what was typed ---------------------------------------------------------------------------------------------------


def enter(values: Mapping[str, Hidden]) -> None:
    """Use these from now on in this process, in place of the environment's and .env's; they are written nowhere.

    Args:
        values: by their variables: the Account SID, and the Auth Token or the API key with its secret, or all.
    """
    _entered.values = {name: value for name, value in values.items() if name in VARIABLES}


def with_entered(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment with what was typed in place of its own; of its own an API key of the same account stays."""
    typed = {name: value.reveal() for name, value in _entered.values.items()}
    if not typed:
        return dict(environ)
    stays = {API_KEY_SID, API_KEY_SECRET} if environ.get(ACCOUNT_SID) == typed.get(ACCOUNT_SID) else set()
    return {**{name: value for name, value in environ.items() if name not in {*VARIABLES} - stays}, **typed}


def forget() -> None:
    """Forget what was typed."""
    _entered.values = {}
