"""The SDK client that everything in the lab uses, for the sandbox and for a real account alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from labkit.settings import Secret

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
    auth_token: Secret,
    base_url: str | None = None,
    on_call: Callable[[Mapping[str, Any]], None] | None = None,
    timeout_seconds: float = 10.0,
) -> Client:
    """An unmodified `twilio.rest.Client` whose TaskRouter requests go where the lab says. Sends nothing yet.

    Args:
        account_sid: `AC…`, of the real account or of the sandbox.
        auth_token: the token that belongs to it.
        base_url: the sandbox, such as `http://127.0.0.1:8080`; None for Twilio itself.
        on_call: told of each request when its answer is there (or has failed to come), on the requesting thread,
            as `{"method", "path" (with query), "form", "headers", "status" (or None), "milliseconds",
            "error" (or None), "code" (Twilio's, or None), "response_headers", "response_body" (its beginning)}`.
            Credentials are never part of it. It must not raise.
        timeout_seconds: how long a silent server is waited for; the SDK alone would wait for ever.
    """
    # The SDK takes a fifth of a second to import, and `import labkit` should not.
    from twilio.rest import Client

    from labkit.taskrouter.http_client import RecordingHttpClient

    wire = RecordingHttpClient(base_url=base_url, on_call=on_call, timeout_seconds=timeout_seconds)
    return Client(account_sid, Unshown(auth_token.reveal()), http_client=wire)
