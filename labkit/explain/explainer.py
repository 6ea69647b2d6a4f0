"""Asks for explanations: the sandbox over HTTP, or a real account over REST and then our own engine."""

from __future__ import annotations

import json
from typing import Any, TypeVar
from urllib.parse import quote

from labkit.engine.diagnosis import Findings
from labkit.engine.lint import Warned
from labkit.errors import TaskRouterError
from labkit.explain.account import Account
from labkit.explain.explanation import Explanation, LintReport
from labkit.explain.from_json import read
from labkit.taskrouter.errors import asking
from labkit.vocabulary import Sid, is_sid

T = TypeVar("T")

_ROOT = "https://taskrouter.twilio.com/_sandbox"
"""The lab's client turns this host to the sandbox."""


class Explainer:
    """Answers "why?" about one Workspace. Keeps no state, and changes nothing.

    Args:
        client: from `labkit.taskrouter.client.connect`.
        workspace_sid: the Workspace.
        sandbox: whether the client talks to a sandbox, which knows everything; an account is read over REST.
    """

    def __init__(self, client: Any, workspace_sid: str, *, sandbox: bool) -> None:
        self._client = client
        self._workspace_sid = workspace_sid
        self._sandbox = sandbox

    def explain(self, task: Any = None) -> Explanation:
        """Why a Task is where it is.

        Args:
            task: its SID, or anything with a `sid`; by default the newest Task of the Workspace.

        Raises:
            TaskRouterError: there is no such Task, or TaskRouter refused, or did not answer.
        """
        sid = self._newest() if task is None else str(getattr(task, "sid", task))
        if not is_sid(sid, Sid.TASK):
            raise TaskRouterError(f"{sid[:64]!r} is not the SID of a Task: those are WT and 32 hex digits.")
        if not self._sandbox:
            return Explanation(Account(self._client, self._workspace_sid).explain(sid))
        return Explanation(self._read(Findings, self._ask(f"explain/{sid}", what=f"explain Task {sid}")))

    def lint(self) -> LintReport:
        """What in the Workspace is legal and probably not meant.

        Raises:
            TaskRouterError: TaskRouter refused, or did not answer.
        """
        if not self._sandbox:
            return LintReport(Account(self._client, self._workspace_sid).lint())
        document = self._ask(f"lint/{self._workspace_sid}", what="look for mistakes")
        return LintReport(self._read(tuple[Warned, ...], document["warnings"]))

    def _newest(self) -> str:
        tasks = self._client.taskrouter.v1.workspaces(self._workspace_sid).tasks
        with asking("list the newest Task"):
            found = tasks.list(ordering="DateCreated:desc", limit=1, page_size=1)
        if not found:
            raise TaskRouterError("There is no Task in this Workspace yet, so there is nothing to explain.")
        return str(found[0].sid)

    def _ask(self, path: str, *, what: str) -> Any:
        with asking(what):
            response = self._client.request("GET", f"{_ROOT}/{quote(path)}")
        document = json.loads(response.text)
        if response.status_code != 200:
            code, said = document.get("code"), str(document.get("message", "")).rstrip(".")
            hint = " It is unknown to this sandbox." if response.status_code == 404 else ""
            message = f'Asked to {what}, the sandbox answered HTTP {response.status_code}: "{said}".{hint}'
            raise TaskRouterError(message, status=response.status_code, code=code)
        return document

    def _read(self, kind: type[T], document: Any) -> T:
        try:
            return read(kind, document)
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise TaskRouterError(
                "The sandbox is of another version than this lab and explains things in another form. "
                "End it with lab.stop(sandbox=True), then run labkit.start() again."
            ) from error
