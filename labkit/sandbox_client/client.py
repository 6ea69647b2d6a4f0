"""The line to the sandbox's own paths, and the sentences for when there is no sandbox or it says no."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from labkit.errors import LabError, TaskRouterError
from labkit.taskrouter.errors import asking

_ROOT = "https://taskrouter.twilio.com/_sandbox"
"""The lab's client turns this host to the sandbox."""

SANDBOX_OWNER = "the account that the sandbox was started with"
"""Who may do everything to a sandbox, unless it is a room's."""

PATIENCE_SECONDS = 30.0
"""For one answer: a sandbox that plays a day of deadlines, or waits for a slow callback URL, takes its time."""


class SandboxClient:
    """Asks one sandbox. Keeps no state.

    Args:
        client: from `labkit.taskrouter.client.connect`.
        sandbox: whether the client talks to a sandbox; a real account has no such paths.
        owner: who may do everything to it, in words.
    """

    def __init__(self, client: Any, *, sandbox: bool, owner: str = SANDBOX_OWNER) -> None:
        self._client, self._owner = client, owner
        self.sandbox = sandbox

    def get(self, path: str, *, what: str) -> dict[str, Any]:
        """What stands at `/_sandbox/{path}`.

        Args:
            path: after `/_sandbox/`.
            what: what is asked, to follow "asked to", such as `"look at the clock"`.

        Raises:
            LabError: this is a real account.
            TaskRouterError: the sandbox refused, or did not answer.
        """
        return self._ask("GET", path, None, what)

    def post(self, path: str, form: Mapping[str, object] | None = None, *, what: str) -> dict[str, Any]:
        """What the sandbox answers to this form; fields that are None are left out. Otherwise as `get`."""
        given = {name: value for name, value in (form or {}).items() if value is not None}
        return self._ask("POST", path, given, what)

    def _ask(self, method: str, path: str, form: Mapping[str, object] | None, what: str) -> dict[str, Any]:
        if not self.sandbox:
            raise LabError(
                f"To {what} takes a sandbox, and this lab talks to a real account. "
                "Run labkit.start(mode='sandbox') for one; the account is not touched by it."
            )
        with asking(what):
            response = self._client.request(
                method, f"{_ROOT}/{quote(path)}", data=dict(form or {}), timeout=PATIENCE_SECONDS
            )
        return _read(response, path, what, owner=self._owner)


def _read(response: Any, path: str, what: str, *, owner: str) -> dict[str, Any]:
    try:
        document = json.loads(response.text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        document = {"message": "something that is no JSON object"}
    elif response.status_code in (200, 201):
        return document
    raise TaskRouterError(
        _refusal(response.status_code, str(document.get("message", "")), path=path, what=what, owner=owner),
        status=response.status_code,
        code=document.get("code"),
    )


def _refusal(status: int, message: str, *, path: str, what: str, owner: str) -> str:
    """The sandbox's no, as a sentence."""
    if status == HTTPStatus.FORBIDDEN:
        other = ", and this is another one" if owner == SANDBOX_OWNER else ""
        return f"Only {owner} may {what}{other}."
    said = message.rstrip(".")
    return f'Asked to {what}, the sandbox answered HTTP {status}: "{said}".{_hint(said, path)}'


def _hint(said: str, path: str) -> str:
    """What to do when the sandbox does not know a path which every sandbox of this version has."""
    if "/" in path or f"/_sandbox/{path} was not found" not in said:
        return ""
    return (
        " This sandbox is of another version than the lab: end it with lab.stop(sandbox=True), then run "
        "labkit.start() again. Its state is kept."
    )
