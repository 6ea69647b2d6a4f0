"""What a lab was asked to do, from arguments, the environment and .env, checked once and then frozen.

Every setting can be given to `labkit.start()`; those with a variable can also stand in the environment or in a
`.env` file in the working directory or above. An argument wins over the environment, the environment over .env.
`SETTINGS` below is the list that the documentation is checked against.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

from labkit import credentials, limits
from labkit.arguments import expanded, no_such_argument
from labkit.dotenv_file import DotenvFile
from labkit.errors import SettingsError
from labkit.public_address import port_in, public_address
from labkit.twilio_regions import region_and_edge

Mode = Literal["sandbox", "twilio", "room"]
TunnelName = Literal["loopback", "ngrok", "public_url"]
Callbacks = Literal["take", "leave"]
_PASSWORD_LENGTH = 12


class Secret:
    """A value that must not be seen: it prints as dots, and only `reveal()` gives it out."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself, for the one call that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(•••)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a Secret is not pickled or copied out of the process")


def mask(sid: str) -> str:
    """A SID or token for the eye: its first two and last four characters."""
    return f"{sid[:2]}…{sid[-4:]}" if len(sid) > 8 else "…"


_PASSWORD_IN_URL = re.compile(r"""(://[^\s/?#@:"'<>\\]*:)[^\s/?#"'<>\\]*@""")


def hide_passwords(text: str) -> str:
    """A text for the eye: of every URL in it that holds a password, that is dots (`https://user:•••@host/`)."""
    return _PASSWORD_IN_URL.sub(r"\1•••@", text) if "@" in text else text


def _setting(default: Any, doc: str, variable: str | None = None) -> Any:
    return field(default=default, metadata={"doc": doc, "variable": variable})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A lab's settings. `Settings.resolve(...)` makes them; see each field's `doc`."""

    mode: Mode = _setting(
        "sandbox",
        "`sandbox` (no account, no internet), `twilio` (a real account) or `room` (the contact centre that a whole "
        "workshop shares, where you are one Worker)",
        "LABKIT_MODE",
    )
    tunnel: TunnelName = _setting(
        "loopback",
        "how TaskRouter reaches the callback server: `loopback` (sandbox only), `ngrok` (with an account, unless told "
        "otherwise), or `public_url`, which goes without saying where that is given",
        "LABKIT_TUNNEL",
    )
    public_url: str | None = _setting(
        None,
        "an https address of your own that leads to `port` of this computer, such as `https://example.com/labs/ana`",
        "LABKIT_PUBLIC_URL",
    )
    workspace: str = _setting("TaskRouter Lab", "friendly name of the Workspace to find or create", "LABKIT_WORKSPACE")
    lesson: str | None = _setting(
        None,
        "a lesson of the course, by its number or name (`07`): the lab works in that lesson's own Workspace, with all "
        "in it that the lesson needs, which is named after the setting `workspace` (`TaskRouter Lab: 07 routing`)",
    )
    room_url: str | None = _setting(
        None,
        "mode room only: where the room is; a workshop's hub says it to every server, such as "
        "`http://127.0.0.1:8003/services/room`",
        "LABKIT_ROOM_URL",
    )
    port: int = _setting(0, "port of the callback server on 127.0.0.1; 0 takes a free one", "LABKIT_PORT")
    pages_password: Secret | None = _setting(
        None,
        "a password of 12 characters or more, which whoever opens a page of the callback server in a browser is asked "
        "for; callbacks are not, they are signed",
        "LABKIT_PAGES_PASSWORD",
    )
    callbacks: Callbacks = _setting(
        "take",
        "`take`: TaskRouter calls this notebook from now on; `leave`: it goes on calling whoever it calls, if anybody, "
        "and this lab looks on (a wallboard)",
        "LABKIT_CALLBACKS",
    )
    yes: bool = _setting(
        False,
        "mode twilio only: make and change what the plan lists (`labkit.plan`) without a question; remembered for the "
        "account and the Workspace",
        "LABKIT_YES",
    )
    look_only: bool = _setting(
        False, "the panels only show: whatever would change something is refused (a wall in a room)", "LABKIT_LOOK_ONLY"
    )
    home: Path | None = _setting(
        None, "where the sandbox keeps its state; default: the user's state directory", "LABKIT_HOME"
    )
    account_sid: str | None = _setting(None, "Twilio Account SID, `AC…`; mode twilio only", "TWILIO_ACCOUNT_SID")
    auth_token: Secret | None = _setting(None, "Twilio Auth Token; mode twilio only", "TWILIO_AUTH_TOKEN")
    api_key_sid: str | None = _setting(
        None,
        "SID of an API key of the account, `SK…`, which signs in where there is no Auth Token, and which Worker tokens "
        "are signed with",
        "TWILIO_API_KEY_SID",
    )
    api_key_secret: Secret | None = _setting(None, "that key's secret", "TWILIO_API_KEY_SECRET")
    region: str | None = _setting(
        None, "the Region of Twilio that the account works in, such as `ie1`; default: `us1`", "TWILIO_REGION"
    )
    edge: str | None = _setting(
        None, "the edge location that leads there, such as `dublin`; default: the Region's own", "TWILIO_EDGE"
    )
    ngrok_authtoken: Secret | None = _setting(
        None,
        "ngrok authtoken; without it that of ngrok's own configuration file, else it is asked for",
        "NGROK_AUTHTOKEN",
    )
    ngrok_path: Path | None = _setting(None, "the ngrok program; default: pyngrok's own", "NGROK_PATH")
    ngrok_domain: str | None = _setting(
        None, "a domain reserved at ngrok, such as `name.ngrok-free.app`", "NGROK_DOMAIN"
    )

    @classmethod
    def resolve(cls, environ: Mapping[str, str] | None = None, **arguments: Any) -> Settings:
        """Settings from `arguments`, then `environ` (default: the process's environment and .env).

        Raises:
            SettingsError: an unknown argument, a value of the wrong form, or one that is missing for the mode.
        """
        file = DotenvFile.find() if environ is None else DotenvFile()
        env = credentials.with_entered({**file.values, **os.environ}) if environ is None else environ
        unknown = sorted(set(arguments) - {f.name for f in fields(cls)})
        if unknown:
            known = ["panel", *(f.name for f in fields(cls))]
            raise SettingsError(no_such_argument(unknown[0], of="start", known=known))
        values = {f.name: _pick(f.name, f.metadata["variable"], arguments, env) for f in fields(cls)}
        given = {name: value for name, value in values.items() if value is not None}
        if given.get("mode") == "twilio":
            given |= region_and_edge(given.get("region"), edge=given.get("edge"))
        given.update(_tunnel_of(given, arguments))
        made = cls(**{name: _convert(name, value) for name, value in given.items()})
        return _checked(made, looked_in=file.described if environ is None else "")


SETTINGS: dict[str, tuple[str | None, str]] = {
    f.name: (f.metadata["variable"], f.metadata["doc"]) for f in fields(Settings)
}


_CREDENTIALS = {"account_sid": credentials.ACCOUNT_SID, "auth_token": credentials.AUTH_TOKEN,
                "api_key_sid": credentials.API_KEY_SID, "api_key_secret": credentials.API_KEY_SECRET}  # fmt: skip


def _pick(name: str, variable: str | None, arguments: Mapping[str, Any], env: Mapping[str, str]) -> Any:
    if arguments.get(name) is not None:
        return arguments[name]
    return (env.get(variable) or None) if variable else None


def _tunnel_of(given: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The tunnel that goes without saying, and what a tunnel that is asked for in the cell makes void."""
    named = arguments.get("tunnel")
    if given.get("public_url") and named in (None, "public_url"):
        return {"tunnel": "public_url"}
    if arguments.get("public_url"):
        raise SettingsError(f"public_url is given, and tunnel={named!r} as well; give one of them.")
    if named is None and given.get("mode") == "twilio":
        return {"tunnel": given.get("tunnel", "ngrok")}
    return {"public_url": None} if given.get("public_url") else {}


def _convert(name: str, value: Any) -> Any:
    if name in ("auth_token", "api_key_secret", "ngrok_authtoken", "pages_password"):
        return value if isinstance(value, Secret) else Secret(str(value))
    by_name: dict[str, Callable[[Any], Any]] = {
        "account_sid": str,
        "api_key_sid": str,
        "home": partial(expanded, name=name, error=SettingsError),
        "lesson": str,
        "look_only": partial(_yes_or_no, name),
        "ngrok_domain": _domain,
        "ngrok_path": partial(expanded, name=name, error=SettingsError),
        "port": _port,
        "room_url": str,
        "yes": partial(_yes_or_no, name),
    }
    return by_name[name](value) if name in by_name else value


def _yes_or_no(name: str, value: Any) -> bool:
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    found = words.get(str(value).lower())
    if found is None:
        raise SettingsError(f"{name} is {value!r}; give True or False.")
    return found


def _port(value: Any) -> int:
    try:
        port = int(value)
    except (TypeError, ValueError):
        port = -1
    if not 0 <= port <= 65535:
        raise SettingsError(f"port is {value!r}; give a number from 0 to 65535, where 0 takes a free port.")
    return port


_DOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")


def _domain(value: Any) -> str:
    """A reserved domain as it is written, or copied with its scheme and its slashes from ngrok's dashboard."""
    host = re.sub(r"^https?://", "", str(value).strip().lower()).rstrip("/")
    example = "give the domain alone, as ngrok's dashboard shows it: name.ngrok-free.app"
    name, _, port = host.partition(":")
    if port.isdigit() and _DOMAIN.fullmatch(name):
        raise SettingsError(f"ngrok_domain is {value!r}; ngrok's domains have no port: leave out ':{port}'.")
    if not _DOMAIN.fullmatch(host):
        raise SettingsError(f"ngrok_domain is {hide_passwords(str(value))!r}; {example}.")
    return host


def _checked(settings: Settings, *, looked_in: str) -> Settings:
    for name, kind in (("mode", Mode), ("tunnel", TunnelName), ("callbacks", Callbacks)):
        allowed = get_args(kind)
        if getattr(settings, name) not in allowed:
            raise SettingsError(f"{name} is {getattr(settings, name)!r}; give one of: {', '.join(map(repr, allowed))}.")
    if not isinstance(settings.workspace, str) or not 1 <= len(settings.workspace) <= limits.MAX_NAME_CHARACTERS:
        raise SettingsError(
            f"workspace is {settings.workspace!r}; give a name of 1 to {limits.MAX_NAME_CHARACTERS} characters."
        )
    if settings.pages_password and len(settings.pages_password.reveal()) < _PASSWORD_LENGTH:
        raise SettingsError(
            f"pages_password (LABKIT_PAGES_PASSWORD) has fewer than {_PASSWORD_LENGTH} characters, and anybody outside "
            "may try; give a longer one."
        )
    if settings.mode == "room":
        return _in_room(settings)
    if settings.tunnel == "public_url":
        settings = _with_public_url(settings)
    if settings.mode == "twilio":
        _check_account(settings, looked_in)
    return settings


def _in_room(settings: Settings) -> Settings:
    """As a room has it: its callbacks and its Workspace are nobody's own."""
    if not settings.room_url:
        raise SettingsError(
            "mode='room' needs the address of the room (LABKIT_ROOM_URL), which a workshop's hub gives to every "
            "server; here is none. Without a workshop, labkit.start() gives you a lab of your own."
        )
    if settings.lesson is not None:
        raise SettingsError(
            f"lesson={settings.lesson!r} is played in a Workspace of your own, and a room's is everybody's. "
            "Leave out mode='room' for the lesson, or lesson= for the room."
        )
    return replace(settings, callbacks="leave", tunnel="loopback", public_url=None)


def _check_account(settings: Settings, looked_in: str) -> None:
    given = {variable: getattr(settings, name) for name, variable in _CREDENTIALS.items()}
    credentials.check(given, looked_in=looked_in)
    if settings.tunnel == "loopback":
        raise SettingsError(
            "tunnel='loopback' cannot work with mode='twilio': Twilio cannot reach this computer's 127.0.0.1. "
            "Use tunnel='ngrok', or public_url= an address of your own that leads here."
        )


def _with_public_url(settings: Settings) -> Settings:
    """With its address cleaned, and a port that it can lead to."""
    if not settings.public_url:
        raise SettingsError("tunnel='public_url' needs public_url (LABKIT_PUBLIC_URL), the address that leads here.")
    url = public_address(settings.public_url, mode=settings.mode)
    if settings.port == 0:
        seems = port_in(url)
        example = f"port={seems}, as it seems" if seems else "such as port=8000"
        raise SettingsError(
            f"public_url leads to one port of this computer, and the lab must know which: {url} needs port "
            f"(LABKIT_PORT), {example}. Whatever answers there leads on to http://127.0.0.1 and that port."
        )
    return replace(settings, public_url=url)
