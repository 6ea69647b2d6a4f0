"""What the room's service is told by its environment: by the hub that started it, or by a Deployment of its own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from labkit.errors import SettingsError
from labkit.public_address import public_address
from labkit.settings import Secret, Settings, mask
from workshop.settings import FOLDER_VARIABLE, ROOM_MODES, Workshop, WorkshopError, checked_room_mode

MODE = "LABKIT_ROOM_MODE"
"""What the room stands on, `sandbox` (also where nothing is said) or `twilio`: credentials alone choose no account."""

FOLDER = "LABKIT_ROOM_FOLDER"
"""Where the sandbox's state is, in place of the workshop's own folder for it."""
LISTEN = "LABKIT_ROOM_LISTEN"
"""The address to listen on, such as `http://0.0.0.0:8003`, where it is not the one that the hub is told."""
PUBLIC_URL = "LABKIT_ROOM_PUBLIC_URL"
"""With an account: the https address by which Twilio reaches the service's prefix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomSettings:
    """How the service runs.

    Attributes:
        host, port: to listen on.
        prefix: of all its paths, with a slash at both ends.
        hub_api_url: of the hub's API.
        hub_token: the service's own at the hub.
        client_id: of the service, at the hub's OAuth.
        folder: where the sandbox's state is, and what the room remembers.
        account: the Twilio account that the room stands on; None for a sandbox.
        public_url: leads to `prefix` from Twilio; empty where nothing does.
        workshop: the one on this machine; None where the participants are elsewhere.
    """

    host: str
    port: int
    prefix: str
    hub_api_url: str
    hub_token: Secret
    client_id: str
    folder: Path
    account: Settings | None = None
    public_url: str = ""
    workshop: Workshop | None = None

    @property
    def own_url(self) -> str:
        """The service as this computer reaches it, without a slash at the end."""
        host = "127.0.0.1" if self.host in ("", "0.0.0.0", "::") else self.host  # noqa: S104 - to be recognized
        return f"http://{host}:{self.port}{self.prefix}".rstrip("/")

    @property
    def place(self) -> str:
        """What the room stands on, for people."""
        return f"the account {mask(str(self.account.account_sid))}" if self.account else "a sandbox"

    @property
    def events_url(self) -> str:
        """Where TaskRouter is to tell of Events; empty where it cannot, or where no callback could be checked."""
        if self.account is None:
            return f"{self.own_url}/events"
        return account_events_url(self.account, self.public_url)

    @classmethod
    def resolve(cls, environ: Mapping[str, str] | None = None) -> RoomSettings:
        """Settings from `environ` (default: the process's environment).

        Raises:
            WorkshopError: what the hub or the Deployment has to say is missing, or is no address to listen on, or
                nothing that a room can stand on, or no address that Twilio can use.
            SettingsError: the account's variables are not as they should be.
        """
        env = os.environ if environ is None else environ
        host, port = _listened_on(env.get(LISTEN) or _needed(env, "JUPYTERHUB_SERVICE_URL"))
        prefix = f"/{_needed(env, 'JUPYTERHUB_SERVICE_PREFIX').strip('/')}/"
        account = _account(env)
        return cls(
            host=host,
            port=port,
            prefix=prefix,
            hub_api_url=_needed(env, "JUPYTERHUB_API_URL"),
            hub_token=Secret(_needed(env, "JUPYTERHUB_API_TOKEN")),
            client_id=env.get("JUPYTERHUB_CLIENT_ID") or "service-room",
            folder=_folder(env),
            account=account,
            public_url=checked_public_url(env.get(PUBLIC_URL, ""), prefix=prefix) if account else "",
            workshop=Workshop.read(Path(env[FOLDER_VARIABLE])) if env.get(FOLDER_VARIABLE) else None,
        )


def account_events_url(account: Settings, public_url: str) -> str:
    """Where an account's TaskRouter is to tell a room of Events; empty for nowhere.

    Twilio signs with the Auth Token, so an API key alone is not enough.

    Args:
        account: who signs in.
        public_url: leads to the room's prefix; empty where nothing does.
    """
    return f"{public_url}/events" if public_url and account.auth_token else ""


def checked_public_url(text: str, *, prefix: str) -> str:
    """The address by which Twilio reaches the room, without a slash at its end.

    Args:
        text: what was given; empty stays empty.
        prefix: of all the service's paths, which the address must end in.

    Raises:
        WorkshopError: Twilio cannot use it; says why, and never shows a password in it.
    """
    if not text:
        return ""
    if "@" in text.partition("//")[2].partition("/")[0]:
        raise WorkshopError(
            f"{PUBLIC_URL} holds a name or a password. Leave them out: the room knows Twilio by its signature."
        )
    try:
        url = public_address(text, mode="twilio")
    except SettingsError as error:
        raise WorkshopError(f"{PUBLIC_URL}{str(error).removeprefix('public_url')}") from None
    if not f"{url}/".endswith(prefix):
        right = urlsplit(url)._replace(path=prefix.rstrip("/")).geturl()
        raise WorkshopError(f"{PUBLIC_URL} is {url}, which does not end in {prefix.rstrip('/')}; give {right}.")
    return url


def _account(env: Mapping[str, str]) -> Settings | None:
    mode = checked_room_mode(env.get(MODE) or ROOM_MODES[0], name=MODE)
    return Settings.resolve(env, mode="twilio", tunnel="ngrok") if mode == "twilio" else None


def _needed(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "")
    if not value:
        raise WorkshopError(
            f"The room's service is started by the hub, or by a Deployment that sets {name}; it is not set."
        )
    return value


def _listened_on(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 80
    except ValueError:
        host, port = None, 0
    if host is None:
        raise WorkshopError(
            f"The room cannot listen on {url!r}: {LISTEN} is an address such as http://0.0.0.0:8003, with its http:// "
            "and a port."
        )
    return host, port


def _folder(env: Mapping[str, str]) -> Path:
    if env.get(FOLDER):
        return Path(env[FOLDER])
    return Workshop.read(Path(_needed(env, FOLDER_VARIABLE))).room_folder
