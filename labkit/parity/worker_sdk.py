"""What a Worker's page asks, as Twilio's Worker SDK asks it: JSON with a token, sent to the event bridge.

Twilio does not document these requests; docs/worker-sdk.md says what is known of them. Transfers can be begun nowhere
else.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from typing import Any

from labkit.parity.player import HOST, ScenarioPlayer
from labkit.parity.roles import read_json
from labkit.parity.step_answer import CutShortError, StepAnswer
from labkit.settings import Secret
from labkit.taskrouter.access_token import TokenRequest, access_token
from labkit.taskrouter.capability_token import worker_capability_token

_CLIENT = {
    "apiVersion": "v1",
    "clientVersion": "2.1.1",
    "Content-Type": "application/x-www-form-urlencoded",
    "Origin": "https://example.com",
}
"""The headers of version 2.1.1."""
_LIFETIME_SECONDS = 3_600


def token(play: ScenarioPlayer, worker: str, *, role: str = "worker", lifetime: int = _LIFETIME_SECONDS) -> Secret:
    """An access token for the Worker who plays this role, as one's own server makes it."""
    key = play.side.key
    if key is None:
        raise CutShortError("there is no API key")
    request = TokenRequest(
        workspace_sid=play["Workspace"],
        worker_sid=play[worker],
        identity=worker,
        role=role,
        lifetime_seconds=lifetime,
    )
    return access_token(request, account_sid=play.side.account_sid, key=key, region=play.side.region)


def changed_token(play: ScenarioPlayer, worker: str, **changed: Any) -> str:
    """That Worker's token with some of it changed, or without what is None, signed as before; `grant` is its grant."""
    key = play.side.key
    head, body, _ = token(play, worker).reveal().split(".")
    said = read_json(base64.urlsafe_b64decode(body + "==").decode())
    grant = changed.pop("grant", {})
    _change(said, changed)
    _change(said["grants"]["task_router"], grant)
    signed = f"{head}.{_encoded(json.dumps(said).encode())}"
    made = hmac.digest((key.secret.reveal() if key else "").encode(), signed.encode(), "sha256")
    return f"{signed}.{_encoded(made)}"


def _change(document: dict[str, Any], changed: Mapping[str, Any]) -> None:
    for name, value in changed.items():
        if value is None:
            document.pop(name, None)
        else:
            document[name] = value


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def older_token(play: ScenarioPlayer, **granted: bool) -> Secret:
    """A capability token of Alice's, for version 1 of the JavaScript SDK; `granted` as of `ask_older`."""
    side = play.side
    if side.auth_token is None:
        raise CutShortError("there is no auth token")
    return worker_capability_token(
        account_sid=side.account_sid,
        auth_token=side.auth_token,
        workspace_sid=play["Workspace"],
        worker_sid=play["Alice"],
        **granted,
    )


def ask_older(
    play: ScenarioPlayer,
    name: str,
    method: str,
    path: str,
    parameters: Mapping[str, Any] | None = None,
    **granted: bool,
) -> StepAnswer:
    """One request as version 1 of the JavaScript SDK makes it, with a capability token of Alice's.

    Args:
        play: plays the scenario.
        name, method, path, parameters: as of `ask`.
        granted: what the token allows, by the names of the official SDK's arguments.
    """
    proof = older_token(play, **granted)
    asked = {
        "url": f"{HOST}/v1/Workspaces/{play['Workspace']}/{play.path(path)}",
        "method": method,
        "params": dict(parameters or {}),
        "token": proof.reveal(),
    }
    side = play.side
    url = f"{side.bridge_url}/{side.account_sid}/{play['Alice']}"
    response = side.client.http_client.request("POST", url, data=json.dumps(asked).encode(), headers=dict(_CLIENT))
    return play.take(name, response)


def ask(
    play: ScenarioPlayer,
    name: str,
    method: str,
    path: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    worker: str = "Alice",
    role: str = "",
    proof: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> StepAnswer:
    """One request of a Worker's page, which is one step.

    Args:
        play: plays the scenario.
        name: of the step.
        method, path, parameters: as of `ScenarioPlayer.request`; the path is below the Workspace.
        worker: whose page it is.
        role: what the answer's `sid` plays from now on.
        proof: a token in place of that Worker's own.
        headers: besides those of the SDK.
    """
    given = token(play, worker).reveal() if proof is None else proof
    asked = {
        "url": f"Workspaces/{play['Workspace']}/{play.path(path)}",
        "method": method,
        "params": dict(parameters or {}),
        "token": given,
    }
    response = play.side.client.http_client.request(
        "POST", play.side.bridge_url, data=json.dumps(asked).encode(), headers={**_CLIENT, **(headers or {})}
    )
    return play.take(name, response, role=role, within="payload")


def transfer(
    play: ScenarioPlayer,
    to: str,
    *,
    name: str = "",
    worker: str = "Alice",
    reservation: str = "reservation",
    task: str = "task",
    **more: Any,
) -> StepAnswer:
    """Hand a Task over to whoever plays the role `to`; the transfer plays the role `transfer`, or `name`."""
    asked = {"TaskSid": play[task], "ReservationSid": play[reservation], "To": play[to], "Mode": "WARM", **more}
    step = f"the transfer to {to}{f', {name}' if name else ''}"
    return ask(play, step, "POST", f"Workers/{{{worker}}}/Transfers", asked, worker=worker, role=name or "transfer")
