"""WorkerTokens: what a Worker of the lab signs in with in a browser, and the key that signs it."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from labkit.display import Code, Result, Section, duration
from labkit.errors import LabError
from labkit.lab.connection import Connection
from labkit.lab.controls import SandboxControls
from labkit.settings import Secret, Settings
from labkit.vocabulary import Sid, is_sid
from labkit.widgets.snippets import API_KEY_IN_PYTHON, worker_token_in_python

if TYPE_CHECKING:
    from labkit.taskrouter.access_token import ApiKey, TokenRequest


class WorkerToken(Result, Secret):
    """A token that shows itself as dots, with the lines of the official SDK that make the same.

    Args:
        token: what is hidden.
        request: what the token is for.
        sandbox: whether it is for a sandbox, which gives out API keys to whoever asks.
    """

    __slots__ = ("_request", "_sandbox")

    def __init__(self, token: Secret, *, request: TokenRequest, sandbox: bool) -> None:
        super().__init__(token.reveal())
        self._request = request
        self._sandbox = sandbox

    def _sections(self) -> Iterable[Section]:
        asked = self._request
        headline = f"•••: a token for {asked.identity}, role {asked.role}, for {duration(asked.lifetime_seconds)}"
        lines = worker_token_in_python(
            workspace_sid=asked.workspace_sid,
            worker_sid=asked.worker_sid,
            identity=asked.identity,
            role=asked.role,
            lifetime_seconds=asked.lifetime_seconds,
        )
        yield Section(headline, foot="It is shown by .reveal() alone; whoever has it is this Worker until it ends.")
        yield Section("The same by the official SDK:", Code(lines))
        if self._sandbox:
            yield Section("And what these lines read, in a sandbox:", Code(API_KEY_IN_PYTHON))


class WorkerTokens:
    """Makes tokens for Workers, with an API key that is asked for once. Thread-safe.

    Args:
        connection: whose Workers and account they are.
        controls: where a sandbox makes the key.
        settings: where the key of an account stands.
    """

    def __init__(self, connection: Connection, controls: SandboxControls, *, settings: Settings) -> None:
        self._connection = connection
        self._controls = controls
        self._settings = settings
        self._key: ApiKey | None = None
        self._lock = threading.Lock()

    def request(self, worker: str | None, *, role: str, lifetime_seconds: int) -> TokenRequest:
        """What a token for this Worker (name or SID) is made of.

        Raises:
            ArgumentError: the role or the lifetime is none.
            LabError: no Worker is named.
            TaskRouterError: there is no such Worker; or TaskRouter refused, or did not answer.
        """
        from labkit.taskrouter.access_token import TokenRequest, check

        check(role=role, lifetime_seconds=lifetime_seconds)  # before TaskRouter is asked for the Worker
        if worker is None:
            raise LabError('Whose? Name a Worker, such as "Alice"; only in a room are you one yourself.')
        found = self._connection.quiet_workspace.worker(worker)
        return TokenRequest(
            workspace_sid=self._connection.workspace_sid,
            worker_sid=found.sid,
            identity=found.name,
            role=role,
            lifetime_seconds=lifetime_seconds,
        )

    def make(self, request: TokenRequest) -> WorkerToken:
        """A token that begins to live now.

        Raises:
            LabError: the settings have no API key of the account; or the sandbox refused, or did not answer.
        """
        from labkit.taskrouter.access_token import access_token

        connection = self._connection
        region = "" if self._controls.sandbox else connection.client.region or ""
        token = access_token(request, account_sid=connection.account_sid, key=self.key(), region=region)
        return WorkerToken(token, request=request, sandbox=self._controls.sandbox)

    def check(self) -> None:
        """See that a token can be made, before somebody waits for one. Raises as `make`."""
        self.key()

    def key(self) -> ApiKey:
        """The API key that signs. Raises as `make`."""
        with self._lock:
            if self._key is None:
                self._key = self._made_key() if self._controls.sandbox else self._key_of_account()
            return self._key

    def _made_key(self) -> ApiKey:
        from labkit.taskrouter.access_token import ApiKey

        return ApiKey(*self._controls.make_api_key())

    def _key_of_account(self) -> ApiKey:
        from labkit.taskrouter.access_token import ApiKey

        sid, secret = self._settings.api_key_sid, self._settings.api_key_secret
        if secret is None or not is_sid(sid, Sid.API_KEY):
            raise LabError(
                "A Worker token is signed with an API key of the account, and the settings have none: put its SID "
                "(SK and 32 hex digits) into TWILIO_API_KEY_SID and its secret into TWILIO_API_KEY_SECRET, in the "
                "environment or a .env file. The Console makes one under Account, API keys & tokens."
            )
        return ApiKey(sid, secret)
