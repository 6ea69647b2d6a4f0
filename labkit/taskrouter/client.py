"""The SDK client that everything in the lab uses, for the sandbox and for a real account alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from labkit.errors import LabError
from labkit.settings import Secret, Settings
from labkit.taskrouter.access_token import ApiKey
from labkit.taskrouter.patience import Patience

if TYPE_CHECKING:
    from twilio.rest import Client


class Unshown(str):
    """The auth token as the SDK wants it, which is a text; shown in a cell, a traceback or a log it is dots.

    What works with its characters works: encoding, comparing, writing it as JSON, setting a variable to it.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "'•••'"

    def __str__(self) -> str:
        return "•••"


def connect(
    *,
    account_sid: str,
    auth_token: Secret | None = None,
    api_key: ApiKey | None = None,
    region: str | None = None,
    edge: str | None = None,
    base_url: str | None = None,
    on_call: Callable[[Mapping[str, Any]], None] | None = None,
    timeout_seconds: float = 10.0,
    patience: Patience | None = None,
) -> Client:
    """An unmodified `twilio.rest.Client` whose TaskRouter requests go where the lab says. Sends nothing yet.

    Args:
        account_sid: `AC…`, of the real account or of the sandbox.
        auth_token: the token that belongs to it.
        api_key: signs in where there is no token.
        region: Twilio's Region, such as `ie1`; None for the usual one.
        edge: the edge location that leads there, such as `dublin`.
        base_url: the sandbox, such as `http://127.0.0.1:8080`; None for Twilio itself.
        on_call: told of each request when its answer is there (or has failed to come), on the requesting thread,
            as `{"method", "path" (with query), "form", "headers", "status" (or None), "milliseconds",
            "error" (or None), "code" (Twilio's, or None), "response_headers", "response_body" (its beginning)}`.
            Credentials are never part of it. It must not raise.
        timeout_seconds: how long a silent server is waited for; the SDK alone would wait for ever.
        patience: when a request is asked again; never by default.

    Raises:
        LabError: there is neither a token nor a key.
    """
    # The SDK takes a fifth of a second to import, and `import labkit` should not.
    from twilio.rest import Client

    from labkit.taskrouter.http_client import RecordingHttpClient

    wire = RecordingHttpClient(base_url=base_url, on_call=on_call, timeout_seconds=timeout_seconds, patience=patience)
    user, password = _signs_in(account_sid, auth_token, api_key)
    return Client(user, Unshown(password.reveal()), account_sid=account_sid, region=region, edge=edge, http_client=wire)


def account_of(settings: Settings) -> dict[str, Any]:
    """What `connect` needs of settings that have an account: who signs in, and where."""
    sid, secret = settings.api_key_sid, settings.api_key_secret
    return {
        "account_sid": str(settings.account_sid),
        "auth_token": settings.auth_token,
        "api_key": ApiKey(sid, secret) if sid and secret else None,
        "region": settings.region,
        "edge": settings.edge,
    }


def _signs_in(account_sid: str, auth_token: Secret | None, api_key: ApiKey | None) -> tuple[str, Secret]:
    if auth_token is not None:
        return account_sid, auth_token
    if api_key is None:
        raise LabError("There is neither an Auth Token nor an API key; Settings.resolve should have said so.")
    return api_key.sid, api_key.secret
