"""What a scenario is played with: each call is a step, asked by the official SDK's client and written down."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from labkit.parity.callback_receiver import CallbackReceiver
from labkit.parity.record import ChoiceClaim, LoggedEvent, StepRecord
from labkit.parity.roles import RoleNames, read_json
from labkit.parity.sides import Side
from labkit.parity.step_answer import CutShortError, StepAnswer
from labkit.taskrouter.errors import asking

Seen = TypeVar("Seen")

HOST = "https://taskrouter.twilio.com"
_TOO_MANY, _CREATED = 429, 201
_WAIT_SECONDS = 5.0
_PAUSES = (1.0, 2.0, 4.0, 0.0)
"""Before a request is sent again that was one too many; after the last it stays refused."""
_ROLE = re.compile(r"\{([^{}]+)\}")
_FAILED = ("code", "message", "status", "more_info")
_OF_A_RESERVATION = ("sid", "task_sid", "worker_sid", "worker_name")
_OWN_FIELDS = ("description", "actor_type", "resource_type", "resource_sid", "source")


class ScenarioPlayer:
    """Plays one scenario in a Workspace of its own.

    Args:
        side: where.
        workspace_sid: of that Workspace.
        roles: what is shown in place of SIDs.

    Attributes:
        steps, claims, tasks, waited: as of `PlayedScenario`.
    """

    def __init__(self, side: Side, workspace_sid: str, roles: RoleNames) -> None:
        self.side, self.roles = side, roles
        self.workspace = f"/Workspaces/{workspace_sid}"
        self.steps: list[StepRecord] = []
        self.claims: list[ChoiceClaim] = []
        self.tasks = 0
        self.waited = 0.0
        self._alerts_seen = 0
        self._callbacks: CallbackReceiver | None = None

    def __getitem__(self, role: str) -> str:
        """The SID of what plays this role.

        Raises:
            CutShortError: nothing does, for its step was refused or it never came.
        """
        if role not in self.roles:
            raise CutShortError(f"there is no {role}")
        return self.roles[role]

    @property
    def began(self) -> datetime:
        """When the Workspace was made, by this side's clock."""
        return self.roles.began

    @property
    def callbacks(self) -> CallbackReceiver:
        """The callback URLs of this scenario; the first use opens them."""
        if self._callbacks is None:
            self._callbacks = self.side.receive()
            self.roles.hide(self._callbacks.hidden)
        return self._callbacks

    def close(self) -> None:
        """Let go of what the scenario has opened."""
        if self._callbacks is not None:
            self._callbacks.close()

    # --- steps ---------------------------------------------------------------------------------------------------

    def get(self, name: str, path: str = "", **parameters: Any) -> StepAnswer:
        """Fetch or list; arguments as of `request`."""
        return self.request(name, "GET", path, parameters)

    def post(self, name: str, path: str, *, role: str = "", **parameters: Any) -> StepAnswer:
        """Create or update; arguments as of `request`."""
        return self.request(name, "POST", path, parameters, role=role)

    def delete(self, name: str, path: str) -> StepAnswer:
        """Delete; arguments as of `request`."""
        return self.request(name, "DELETE", path)

    def request(
        self,
        name: str,
        method: str,
        path: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        role: str = "",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        keep: Sequence[str] = (),
        again: bool = True,
    ) -> StepAnswer:
        """One request, which is one step.

        Args:
            name: of the step, in words.
            method: of HTTP.
            path: below the Workspace, `Tasks/{task}` with roles in braces; from `/v1` on if it begins with a slash.
            parameters: in Twilio's own names: of the query for GET, else of the form.
            role: what the answer's `sid` plays from now on.
            body: in place of a form.
            headers: sent besides the SDK's own.
            keep: names of the answer's headers that belong to the record.
            again: whether it is asked again where too many requests came at once.
        """
        response = self._ask(method, path, parameters or {}, body=body, headers=headers, again=again)
        return self.take(name, response, role=role, keep=keep)

    def quietly(self, method: str, path: str, **parameters: Any) -> Any:
        """A request that is no step, for there are thousands of them; the answer's JSON.

        Raises:
            CutShortError: it was refused.
        """
        response = self._ask(method, path, parameters)
        if not response.ok:
            raise CutShortError(f"{method} {path} was refused: {self.roles.text(response.text)[:200]}")
        return read_json(response.text)

    def take(
        self, name: str, response: Any, *, role: str = "", keep: Sequence[str] = (), within: str = ""
    ) -> StepAnswer:
        """Take an answer of the SDK's in as a step; `within` names the field that holds what a success says."""
        said = read_json(response.text)
        if within and isinstance(said, dict):
            said = said.get(within, said)
        if role and isinstance(said, dict) and "sid" in said:
            self.roles.learn(said["sid"], role)
        return self.note(self._record(name, response, said, keep=keep), said)

    def path(self, path: str) -> str:
        """A path with the SIDs of the roles that stand in it in braces."""
        return _ROLE.sub(lambda found: self[found[1]], path)

    def note(self, record: StepRecord, said: Any = None) -> StepAnswer:
        """Take a step in that was played otherwise; `said` is what was answered, as it came."""
        if any(each.name == record.name for each in self.steps):
            raise AssertionError(f"two steps are called {record.name!r}")
        self.steps.append(record)
        return StepAnswer(said, record, self.claims)

    def pass_time(self, seconds: float) -> None:
        """Let so many seconds pass on this side."""
        self.side.pass_time(seconds)
        self.waited += seconds

    # --- waiting -------------------------------------------------------------------------------------------------

    def wait(
        self,
        name: str,
        path: str,
        *,
        until: Callable[[Any], bool],
        limit: float = _WAIT_SECONDS,
        **parameters: Any,
    ) -> StepAnswer:
        """Ask until it is so; one step, with the last answer.

        Args:
            name, path, parameters: as of `get`.
            until: whether the answer's JSON is what is waited for.
            limit: seconds; more of them on a side that takes longer.
        """
        began = self.side.elapsed()
        response, said, came = self._poll(path, parameters, until, limit)
        seconds = round(self.side.elapsed() - began, 1) if came else None
        return self.note(self._record(name, response, said, seconds=seconds, came=came), said)

    def field(self, name: str, path: str, **values: Any) -> StepAnswer:
        """Wait until fields of what stands there have these values."""
        return self.wait(name, path, until=lambda said: all(said.get(each) == value for each, value in values.items()))

    def reservation(self, role: str, *, task: str = "task", worker: str = "") -> StepAnswer:
        """Wait until this Task has a Reservation that has no role yet, of this Worker if one is named; one step.

        Its status is no part of the record, for an answer to a callback may be on its way.
        """

        def found(said: Any) -> list[Mapping[str, Any]]:
            return [
                each
                for each in said.get("reservations", ())
                if not self.roles.knows(each["sid"]) and (not worker or each["worker_sid"] == self[worker])
            ]

        path = f"Tasks/{{{task}}}/Reservations"
        response, said, came = self._poll(path, {}, lambda said: bool(found(said)), _WAIT_SECONDS)
        newest = found(said)[-1] if came else {}
        if newest:
            self.roles.learn(newest["sid"], role)
        answer = self.roles.shown({name: newest.get(name) for name in _OF_A_RESERVATION})
        record = StepRecord(name=f"wait for {role}", status=response.status_code, answer=answer, came=came)
        return self.note(record, newest)

    def events(self, name: str, *, until: str = "", limit: float = _WAIT_SECONDS, **filters: str) -> StepAnswer:
        """List the Events, once there is one of the type `until`; one step.

        Args:
            name: of the step.
            until: an event type, or nothing to list at once.
            limit: as of `wait`.
            filters: of the list, in Twilio's own names, such as `TaskSid`.
        """
        asked = {"PageSize": "200", **filters}
        response, said, came = self._poll(
            "Events",
            asked,
            lambda said: not until or any(each["event_type"] == until for each in said.get("events", ())),
            limit,
        )
        listed = list(reversed(said.get("events", []))) if isinstance(said, dict) else []
        record = StepRecord(name=name, status=response.status_code, events=self._logged(listed), came=came)
        return self.note(record, said)

    def received(
        self, name: str, url: str, *, count: int = 1, more: bool = False, limit: float = _WAIT_SECONDS
    ) -> StepAnswer:
        """Wait until so many callbacks have come to the URL of this name; one step, which has their forms.

        Args:
            name: of the step.
            url: the URL's name.
            count: how many.
            more: whether those that have come beyond that number belong to the record, for there should be none.
            limit: as of `wait`.
        """
        came = self.callbacks.wait_for(url, count, limit=limit * self.side.patience)
        shown = [{"form": self.roles.shown(each.form), "authorization": each.authorization} for each in came]
        shown = shown if more else shown[:count]
        return self.note(StepRecord(name=name, callbacks=shown, came=len(came) >= count))

    def settle(self, *, after: float = 0.3) -> None:
        """Give what is under way so many seconds of real time; on an account, some more."""
        time.sleep(after * self.side.patience)

    def say(self, name: str, is_so: bool) -> StepAnswer:
        """A step that says whether something is so."""
        return self.note(StepRecord(name=name, came=is_so))

    def alerts(self, name: str, *codes: int, limit: float = _WAIT_SECONDS) -> StepAnswer:
        """Wait until the debugger has new alerts of these codes about the Workspace; one step, with all new codes."""

        def look() -> tuple[Sequence[int], bool]:
            found = self.side.alerts(self["Workspace"])
            return found, set(codes) <= set(found[self._alerts_seen :])

        found, came = self._until(look, limit)
        new, self._alerts_seen = list(found[self._alerts_seen :]), len(found)
        return self.note(StepRecord(name=name, answer={"codes": new}, came=came))

    def _poll(self, path: str, parameters: Mapping[str, Any], until: Callable[[Any], bool], limit: float) -> Any:
        def look() -> tuple[Any, bool]:
            response = self._ask("GET", path, parameters)
            said = read_json(response.text)
            return (response, said), isinstance(said, dict) and until(said)

        (response, said), came = self._until(look, limit)
        return response, said, came

    def _until(self, look: Callable[[], tuple[Seen, bool]], limit: float) -> tuple[Seen, bool]:
        """What was seen last, and whether it is what is waited for: looked at until it is, or so many seconds are over.

        A side that takes longer is given more of them.
        """
        deadline = time.monotonic() + limit * self.side.patience
        while True:
            seen, came = look()
            if came or time.monotonic() >= deadline:
                return seen, came
            time.sleep(self.side.poll_seconds)

    # --- asking --------------------------------------------------------------------------------------------------

    def _ask(self, method: str, path: str, parameters: Mapping[str, Any], *, again: bool = True, **options: Any) -> Any:
        """The SDK's answer; one that says too many requests came is asked again, for that is no scenario's subject."""
        where = self.path(path)
        url = f"{HOST}/v1{where}" if where.startswith("/") else f"{HOST}/v1{self.workspace}/{where}".rstrip("/")
        for pause in _PAUSES if again else (0.0,):
            with asking(f"{method} {path or 'the Workspace'}"):
                response = _send(self.side.client, method, url, parameters, **options)
            if response.status_code != _TOO_MANY or not pause:
                break
            time.sleep(pause)
        self.tasks += (method, path, response.status_code) == ("POST", "Tasks", _CREATED)
        return response

    def _record(self, name: str, response: Any, said: Any, *, keep: Sequence[str] = (), **more: Any) -> StepRecord:
        refused = response.status_code >= 400 and isinstance(said, dict)
        shown = self.roles.shown(said)
        return StepRecord(
            name=name,
            status=response.status_code,
            code=said.get("code") if refused else None,
            message=self.roles.text(str(said.get("message", ""))) if refused else "",
            answer={key: each for key, each in shown.items() if key not in _FAILED} if refused else shown,
            headers={each: self.roles.text(str(response.headers.get(each, ""))) for each in keep},
            **more,
        )

    def _logged(self, events: Sequence[Mapping[str, Any]]) -> tuple[LoggedEvent, ...]:
        first = events[0]["event_date_ms"] if events else 0
        return tuple(
            LoggedEvent(
                type=each["event_type"],
                after=round((each["event_date_ms"] - first) / 1000, 1),
                fields={name: self.roles.shown(each.get(name)) for name in _OWN_FIELDS},
                data=self.roles.shown(each.get("event_data") or {}),
            )
            for each in events
        )


def _send(
    client: Any,
    method: str,
    url: str,
    parameters: Mapping[str, Any],
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Any:
    if body is not None:
        sent = client.get_headers(method, dict(headers or {}))
        return client.http_client.request(method, client.get_hostname(url), data=body, headers=sent, auth=client.auth)
    given = {"params": dict(parameters)} if method in ("GET", "HEAD") else {"data": dict(parameters)}
    return client.request(method, url, headers=dict(headers or {}), **given)
