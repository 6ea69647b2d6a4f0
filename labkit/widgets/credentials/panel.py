"""CredentialsPanel: a form for an account's credentials, which goes straight into the kernel's memory.

What is typed comes by a message and is neither state nor answer, so it is in no notebook, no still and no widget state
that a front end saves; and what went wrong is told without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from labkit import credentials
from labkit.background import JobOutcome, Jobs
from labkit.widgets.base import Handler, Panel, script, style, text_of

SignIn = Callable[[Mapping[str, str]], str]
"""Takes the values by their variables, checks and keeps them; returns a sentence, or raises a LabError."""


class CredentialsPanel(Panel):
    """The form.

    Args:
        why: what is missing or was refused, as a sentence.
        sign_in: does it.
        account_sid: of the account that is asked for, where it is known; it is no secret.
        jobs: where `sign_in` runs.
    """

    title = "Sign in to Twilio"
    _esm = script("credentials")
    _css = style("credentials")

    def __init__(self, *, why: str, sign_in: SignIn, account_sid: str = "", jobs: Jobs | None = None) -> None:
        self._why, self._sign_in, self._account_sid = why, sign_in, account_sid
        self._done = ""
        super().__init__(jobs=jobs)

    def _content(self) -> dict[str, Any]:
        return {"why": self._why, "account_sid": self._account_sid, "done": self._done}

    def _handlers(self) -> Mapping[str, Handler]:
        return {"use": self._use}

    def _use(self, message: Mapping[str, Any]) -> JobOutcome:
        given = message.get("values")
        values = given if isinstance(given, dict) else {}
        self._done = self._sign_in({name: text_of(values, name).strip() for name in credentials.VARIABLES})
        self.refresh()
        return JobOutcome(ok=True, text=self._done)


PANEL = CredentialsPanel
