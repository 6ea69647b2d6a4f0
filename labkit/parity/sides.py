"""The two sides of a comparison: a sandbox, whose clock is moved, and an account, where one has to wait."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from labkit.callbacks.signature import Params, SignatureCheck
from labkit.parity.callback_receiver import CallbackReceiver
from labkit.sandbox import process
from labkit.sandbox_client.client import SandboxClient
from labkit.settings import Secret
from labkit.taskrouter.access_token import ApiKey
from labkit.taskrouter.client import connect
from labkit.taskrouter.errors import asking

A_TELEPHONE = "a telephone"
CALLBACKS = "a public address"
AN_API_KEY = "an API key"
OWN_SIGNATURE = "the auth token"
A_GREAT_DEAL = "much time or very many requests"
NEEDS = {
    A_TELEPHONE: "telephone numbers and people who answer them",
    OWN_SIGNATURE: "the account's auth token (TWILIO_AUTH_TOKEN)",
    CALLBACKS: "an address at which TaskRouter reaches this computer (--public-url or --ngrok)",
    A_GREAT_DEAL: "minutes, or thousands of requests; it is played where --scenario names it",
    AN_API_KEY: "an API key (TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET)",
}
"""What a scenario may need of a side beside REST, and how it is given."""
_ALERTS = 200
"""Looked at, of all that the account has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Where a scenario is played.

    Attributes:
        label: for people, such as `the sandbox`.
        client: the official SDK's.
        account_sid: of the account there.
        offers: what it has of `NEEDS`.
        poll_seconds: how long it is left alone between two looks at it.
        patience: a factor for the limits that the scenarios set to their waiting.
        pass_time: lets so many seconds pass there.
        elapsed: seconds that have passed there, from whenever.
        key: an API key of the account, if there is one.
        auth_token: of the account, if it is known.
        bridge_url: where a Worker's page asks.
        socket_url: where its websocket is.
        region: of the account, such as `ie1`; empty for the usual one.
        alerts: the codes of the debugger's alerts about a Workspace, the oldest first.
        receive: opens callback URLs that TaskRouter reaches from there.
        telephone: says what becomes of the calls to a number from now on; None where people answer them.
    """

    label: str
    client: Any
    account_sid: str
    offers: frozenset[str] = frozenset()
    poll_seconds: float
    patience: float = 1.0
    pass_time: Callable[[float], None]
    elapsed: Callable[[], float]
    key: ApiKey | None = None
    auth_token: Secret | None = None
    bridge_url: str
    socket_url: str
    region: str = ""
    alerts: Callable[[str], Sequence[int]]
    receive: Callable[[], CallbackReceiver] = CallbackReceiver
    telephone: Callable[..., object] | None = None

    def is_signed(self, url: str, form: Mapping[str, str], signature: str) -> bool:
        """Whether this URL and form have this signature, made with the account's auth token."""
        if self.auth_token is None:
            return False
        check = SignatureCheck(self.auth_token)
        return check.verdict(signature, url=url, params=Params(list(form.items()))) == "valid"


@contextmanager
def sandbox_side(home: Path, *, label: str = "the sandbox") -> Iterator[Side]:
    """A sandbox of its own that keeps its state in this folder, with its clock held, until the end of the block.

    Raises:
        SandboxError: it cannot be started.
    """
    address = process.ensure(home)
    try:
        client = connect(account_sid=address.account_sid, auth_token=Secret(address.auth_token), base_url=address.url)
        yield side_of_sandbox(client, address.account_sid, url=address.url, label=label)
    finally:
        process.stop(home)


def side_of_sandbox(client: Any, account_sid: str, *, url: str, label: str = "the sandbox") -> Side:
    """The sandbox at this address, which this client talks to, with its clock held from now on.

    Raises:
        TaskRouterError: it does not answer.
    """
    own_paths, passed = SandboxClient(client, sandbox=True), [0.0]
    own_paths.post("clock", {"Action": "pause"}, what="hold the clock")

    def pass_time(seconds: float) -> None:
        own_paths.post("clock", {"Action": "advance", "Seconds": seconds}, what=f"move the clock on by {seconds:g} s")
        passed[0] += seconds

    def alerts(workspace_sid: str) -> list[int]:
        kept = own_paths.get("alerts", what="look at the alerts")["alerts"]
        return [int(each["code"]) for each in kept if each["workspace_sid"] == workspace_sid]

    def telephone(workspace_sid: str, **rule: Any) -> None:
        given = {"WorkspaceSid": workspace_sid, **rule}
        own_paths.post("calls", given, what="say what becomes of calls")

    key = own_paths.post("keys", what="make an API key")
    return Side(
        label=label,
        client=client,
        account_sid=account_sid,
        offers=frozenset({A_TELEPHONE, CALLBACKS, AN_API_KEY, OWN_SIGNATURE}),
        poll_seconds=0.02,
        pass_time=pass_time,
        elapsed=lambda: passed[0],
        key=ApiKey(sid=key["sid"], secret=Secret(key["secret"])),
        socket_url=f"{url.replace('http', 'ws', 1)}/v1/wschannels",
        bridge_url="https://taskrouter.twilio.com/v1/wschannels",
        alerts=alerts,
        auth_token=Secret(client.password),
        telephone=telephone,
    )


def side_of_account(
    client: Any,
    account_sid: str,
    *,
    auth_token: Secret | None = None,
    key: ApiKey | None = None,
    receive: Callable[[], CallbackReceiver] | None = None,
    region: str | None = None,
) -> Side:
    """The account that this client talks to.

    Args:
        client: the SDK's.
        account_sid: whose account it is.
        auth_token: its own, which signatures are checked with.
        key: an API key of it.
        receive: opens callback URLs that it reaches, if there is a public address.
        region: Twilio's Region, or None for the usual one.
    """
    offered = {AN_API_KEY: key, OWN_SIGNATURE: auth_token, CALLBACKS: receive}
    bridge = f"event-bridge{f'.{region}' if region else ''}.twilio.com/v1/wschannels"
    return Side(
        label="the account",
        client=client,
        account_sid=account_sid,
        offers=frozenset(need for need, given in offered.items() if given),
        poll_seconds=0.5,
        patience=3.0,
        pass_time=time.sleep,
        elapsed=time.monotonic,
        key=key,
        auth_token=auth_token,
        region=region or "",
        bridge_url=f"https://{bridge}",
        socket_url=f"wss://{bridge}",
        receive=receive or CallbackReceiver,
        alerts=lambda workspace_sid: _alerts(client, workspace_sid),
    )


def _alerts(client: Any, workspace_sid: str) -> list[int]:
    """The newest of the account's alerts that name this Workspace (docs: /docs/usage/monitor-alert)."""
    with asking("list the account's alerts"):
        listed = client.monitor.v1.alerts.list(limit=_ALERTS)
    found = [each for each in reversed(listed) if workspace_sid in (f"{each.resource_sid} {each.alert_text}")]
    return [int(each.error_code) for each in found]


def patient(side: Side) -> Side:
    """The same side, where also is played what takes a great deal."""
    return replace(side, offers=side.offers | {A_GREAT_DEAL})
