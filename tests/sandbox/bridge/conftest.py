"""What the bridge's tests share: an API key, and Workers' clients that ask as the Worker SDK does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sandbox.bridge_client import BridgeClient
from sandbox.call_centre import CallCentre
from sandbox.local import ACCOUNT, TOKEN, LocalSandbox
from sandbox.worker_tokens import ApiKey, worker_token


@pytest.fixture
def key(ask: Any) -> ApiKey:
    """An API key of the account."""
    return new_key(ask)


def new_key(ask: Any, credentials: tuple[str, str] = (ACCOUNT, TOKEN)) -> ApiKey:
    made = ask("POST", "/_sandbox/keys", credentials=credentials).json
    return ApiKey(made["account_sid"], made["sid"], made["secret"])


Enter = Callable[..., BridgeClient]


@pytest.fixture
def enter(sandbox: LocalSandbox, centre: CallCentre, key: ApiKey) -> Enter:
    """A client for a Worker of the call centre, in a role: `enter(alice_sid, role="supervisor")`."""

    def entering(worker_sid: str | None = None, **more: Any) -> BridgeClient:
        token = worker_token(key, centre.sid, worker_sid, **more)
        return BridgeClient(sandbox.url, centre.sid, token, worker_sid or "")

    return entering


@pytest.fixture
def alice(centre: CallCentre, enter: Enter) -> BridgeClient:
    """Alice's own client."""
    return enter(centre.alice_sid)
