"""Who answers in a terminal: the sandbox that runs, or the account. Takes no callbacks over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from labkit.errors import LabError, SandboxError
from labkit.explain.explainer import Explainer
from labkit.sandbox import process
from labkit.sandbox.process import Address
from labkit.sandbox_client.client import SandboxClient
from labkit.settings import Secret, Settings
from labkit.taskrouter.client import account_of, connect
from labkit.taskrouter.errors import asking


def home() -> Path:
    """The lab's home by the environment and .env, as for `labkit.start()`."""
    return Settings.resolve(mode="sandbox").home or process.default_home()


def running_sandbox() -> SandboxClient:
    """The line to the sandbox that runs.

    Raises:
        SandboxError: none does.
    """
    address = process.find(home())
    if address is None:
        raise SandboxError("No sandbox runs. labkit.start() in a notebook starts one.")
    return sandbox_at(address)


def sandbox_at(address: Address) -> SandboxClient:
    """The line to this sandbox."""
    token = Secret(address.auth_token)
    return SandboxClient(connect(account_sid=address.account_sid, auth_token=token, base_url=address.url), sandbox=True)


@contextmanager
def opened_sandbox() -> Iterator[SandboxClient]:
    """The line to this home's sandbox, which is started for it if need be, and then ended again."""
    starting = process.Starting(home())
    address = starting.wait()
    try:
        yield sandbox_at(address)
    finally:
        if not starting.was_running:
            process.stop(home())


def client_of(settings: Settings) -> Any:
    """The SDK's client for the sandbox that runs, or for the account.

    Raises:
        SandboxError: no sandbox runs, and the settings ask for one.
    """
    return connect(**_access(settings, process.find(settings.home or process.default_home())))


def asker(settings: Settings, *, address: Address | None) -> Explainer:
    """For the Workspace that the settings name.

    Args:
        settings: as `labkit.start()` would take them.
        address: of the sandbox that runs, if one does.

    Raises:
        SandboxError: no sandbox runs, and the settings ask for one.
        LabError: there is no such Workspace yet.
        TaskRouterError: TaskRouter refused, or did not answer.
    """
    client, workspace_sid = reach(settings, address=address)
    return Explainer(client, workspace_sid, sandbox=settings.mode != "twilio")


def reach(settings: Settings, *, address: Address | None) -> tuple[Any, str]:
    """The SDK's client and the SID of the Workspace that the settings name; arguments and errors as for `asker`."""
    client = connect(**_access(settings, address))
    with asking(f"find the Workspace {settings.workspace!r}"):
        found = client.taskrouter.v1.workspaces.list(friendly_name=settings.workspace, limit=1)
    if not found:
        raise LabError(f"There is no Workspace called {settings.workspace!r} yet; labkit.start() makes it.")
    return client, str(found[0].sid)


def _access(settings: Settings, address: Address | None) -> dict[str, Any]:
    """What `connect` needs."""
    if settings.mode == "twilio":
        return account_of(settings)
    if address is None:
        raise SandboxError("No sandbox runs, so there is nothing to look at. labkit.start() in a notebook starts one.")
    return {"account_sid": address.account_sid, "auth_token": Secret(address.auth_token), "base_url": address.url}
