"""Signing in to an account where nobody has written its credentials down: by a form, or in a terminal.

What is typed is looked at once by Twilio, and then kept in this process's memory (`labkit.credentials`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from labkit import credentials
from labkit.dotenv_file import DotenvFile
from labkit.errors import CredentialsError, LabError, TaskRouterError
from labkit.ipython_shell import kernel
from labkit.settings import Secret, Settings
from labkit.vocabulary import Sid, is_sid

FILL_IN = "Fill in the form above, then run this cell again."
_PROMPTS = {
    credentials.ACCOUNT_SID: "Twilio Account SID (AC…)",
    credentials.AUTH_TOKEN: "Twilio Auth Token (not shown, and kept for this process only)",
}
_UNAUTHORIZED = 401


def sign_in(values: Mapping[str, str]) -> str:
    """Look at the account with these, and use them from now on; what was found, as a sentence.

    Args:
        values: by their variables.

    Raises:
        CredentialsError: one is missing, or has the wrong form.
        SettingsError: the environment names a Region that is none.
        TaskRouterError: Twilio does not let them in, or did not answer.
    """
    from labkit.account.facts import look_at_account_of

    given = {name: value for name, value in values.items() if value}
    credentials.check(given)
    kept = {name: value for name, value in _environment().items() if name not in credentials.VARIABLES}
    found = look_at_account_of(Settings.resolve({**kept, **given}, mode="twilio", tunnel="ngrok"))
    credentials.enter({name: Secret(value) for name, value in given.items()})
    return f"Signed in to {found}. Run the cell again."


def can_be_mended(error: LabError, arguments: Mapping[str, Any]) -> bool:
    """Whether other credentials may help: some are missing, are none, or were refused; and none stand in the call."""
    if any(arguments.get(name) for name in ("account_sid", "auth_token", "api_key_sid", "api_key_secret")):
        return False
    refused = isinstance(error, TaskRouterError) and error.status == _UNAUTHORIZED
    return isinstance(error, CredentialsError) or (refused and Settings.resolve(**arguments).mode == "twilio")


def _environment() -> dict[str, str]:
    return {**DotenvFile.find().values, **os.environ}


def offer_form(error: LabError, *, display: Callable[[Any], None]) -> LabError:
    """Show a form in the notebook; the error that says so, to be raised.

    Args:
        error: what is wrong.
        display: shows it.
    """
    from labkit.widgets.credentials.panel import CredentialsPanel

    known = credentials.with_entered(_environment()).get(credentials.ACCOUNT_SID, "")
    account_sid = known if is_sid(known, Sid.ACCOUNT) else ""
    display(CredentialsPanel(why=str(error), sign_in=sign_in, account_sid=account_sid))
    return CredentialsError(f"{error} {FILL_IN}", missing=getattr(error, "missing", ()))


def can_ask_notebook() -> bool:
    """Whether somebody sits before the notebook: what runs one from top to bottom answers no question."""
    return bool(getattr(kernel(), "_allow_stdin", False))


def ask_in_terminal(error: LabError, *, ask: Callable[[str], str] | None = None) -> None:
    """Ask for Account SID and Auth Token, without showing the token, and sign in.

    Args:
        error: what is wrong, which is said first; raised where nobody can be asked.
        ask: asks for what may be seen; `input` by default.

    Raises:
        LabError: nobody can be asked, nothing was typed, or what was typed does not sign in.
    """
    from labkit.tunnel.ngrok import ask_privately

    if not (sys.stdin is not None and sys.stdin.isatty()):
        raise error
    print(error, file=sys.stderr)  # noqa: T201 - a conversation
    try:
        values = {
            credentials.ACCOUNT_SID: (ask or input)(f"{_PROMPTS[credentials.ACCOUNT_SID]}: ").strip(),
            credentials.AUTH_TOKEN: ask_privately(f"{_PROMPTS[credentials.AUTH_TOKEN]}: ").strip(),
        }
    except (EOFError, KeyboardInterrupt):
        raise error from None
    sign_in(values)
