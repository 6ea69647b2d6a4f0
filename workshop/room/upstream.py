"""What the room stands on: a sandbox of its own, or an account of Twilio's. Nobody else knows the account's token.

The instructor's requests go there with it; a participant's with what makes them their Worker and nobody else, where a
sandbox gives such a thing (a member's credential).
"""

from __future__ import annotations

import asyncio
import base64
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlencode

from aiohttp import ClientError, ClientSession, ClientTimeout
from yarl import URL

from labkit.authorities import trusted
from labkit.errors import LabError, TaskRouterError
from labkit.sandbox.process import Address
from labkit.sandbox_client.client import SandboxClient
from labkit.settings import Secret, Settings
from labkit.taskrouter.access_token import ApiKey
from labkit.taskrouter.client import account_of, connect
from workshop.room.refusals import NotAllowed, NotReachable

if TYPE_CHECKING:
    from twilio.rest import Client

_WORKER_GONE = "Your Worker is not there any more: POST to join again"
NO_ANSWER = (ClientError, OSError, TimeoutError)
"""What aiohttp raises where none came."""
SECONDS = 30.0
"""For one answer; a sandbox that plays a day of deadlines takes its time."""
MOST_ANSWER = 8 * 1024 * 1024
"""Bytes of one answer: a page of a thousand Tasks with long attributes."""
HOST = "taskrouter.twilio.com"
"""What a sandbox is told that it was asked as, so that the addresses in its answers are Twilio's, and not its own."""


@dataclass(frozen=True, slots=True)
class UpstreamCredential:
    """What a request goes on with."""

    sid: str
    secret: Secret

    def header(self) -> str:
        """The `Authorization` header."""
        pair = f"{self.sid}:{self.secret.reveal()}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamRequest:
    """A request as the room makes it; nothing of a participant's own headers is in it but what it names.

    Attributes:
        method: of HTTP, in capitals.
        path: as it goes on the wire, such as `/v1/Workspaces`.
        query, form: names and values.
        headers: besides the credential and the form's own.
    """

    method: str
    path: str
    query: Sequence[tuple[str, str]] = ()
    form: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path


@dataclass(frozen=True, slots=True)
class UpstreamAnswer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Upstream(ABC):
    """The room's account, and the way there. The methods that wait are for the room's loop, `client` is for threads.

    Attributes:
        kind: `sandbox` or `twilio`.
        account_sid: of the account.
        client: the official SDK's, with the account's own credentials.
    """

    kind: ClassVar[str]

    def __init__(self, *, account_sid: str, client: Client) -> None:
        self.account_sid = account_sid
        self.client = client
        self._session: ClientSession | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """Where its REST API is, without a slash at the end."""

    @property
    @abstractmethod
    def own(self) -> UpstreamCredential:
        """The account's."""

    @abstractmethod
    async def of_worker(self, *, workspace_sid: str, worker_sid: str) -> UpstreamCredential:
        """What makes a request this Worker's."""

    @abstractmethod
    async def signer(self, *, workspace_sid: str, worker_sid: str) -> ApiKey:
        """The key that this Worker's tokens are signed with.

        Raises:
            LabError: there is none.
        """

    @property
    @abstractmethod
    def signs_with(self) -> Secret | None:
        """The token that its callbacks are signed with; None where it is not known."""

    @abstractmethod
    def forget_workers(self) -> None:
        """The Workers are others from now on."""

    async def ask(self, request: UpstreamRequest, credential: UpstreamCredential) -> UpstreamAnswer:
        """Send a request, and give its answer, whatever it is.

        Raises:
            NotReachable: none came.
        """
        with self.reaching():
            try:
                return await self._asked(request, credential)
            except NO_ANSWER:
                if not await self.revive() or request.method != "GET":
                    raise
                return await self._asked(request, credential)

    @contextmanager
    def reaching(self) -> Iterator[None]:
        """Around what waits for the account: that no answer came is said in a sentence.

        Raises:
            NotReachable: so it was.
        """
        try:
            yield
        except NO_ANSWER:
            raise NotReachable(f"{self._called} does not answer; try again in a moment") from None

    async def revive(self) -> bool:
        """Do what can be done about an account that does not answer; whether there was anything."""
        return False

    async def close(self) -> None:
        """Let go of the connections. May be called twice."""
        if self._session is not None:
            await self._session.close()

    @property
    def session(self) -> ClientSession:
        """The connections there, which never keep a cookie."""
        if self._session is None or self._session.closed:
            self._session = self._connected()
        return self._session

    @property
    def _called(self) -> str:
        return "The room's sandbox" if self.kind == "sandbox" else "Twilio"

    def _connected(self) -> ClientSession:
        from aiohttp import DummyCookieJar

        return ClientSession(
            timeout=ClientTimeout(total=SECONDS), cookie_jar=DummyCookieJar(), auto_decompress=True, trust_env=False
        )

    async def _asked(self, request: UpstreamRequest, credential: UpstreamCredential) -> UpstreamAnswer:
        headers = {**request.headers, "Authorization": credential.header(), **self._as_asked()}
        body = urlencode(request.form).encode() if request.form else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        return await self._sent(request.method, f"{self.url}{request.target()}", body=body, headers=headers)

    async def _sent(self, method: str, url: str, *, body: bytes | None, headers: Mapping[str, str]) -> UpstreamAnswer:
        target = URL(url, encoded=True)
        async with self.session.request(method, target, data=body, headers=headers, allow_redirects=False) as answer:
            content = await answer.content.read(MOST_ANSWER + 1)
            while not answer.content.at_eof() and len(content) <= MOST_ANSWER:
                content += await answer.content.read(MOST_ANSWER + 1 - len(content))
            if len(content) > MOST_ANSWER:
                raise NotReachable("The answer is too long for the room to pass it on; ask for a smaller page")
            return UpstreamAnswer(answer.status, dict(answer.headers), content)

    def _as_asked(self) -> Mapping[str, str]:
        return {}


class SandboxUpstream(Upstream):
    """A sandbox, found or started again where it has ended.

    Args:
        find: gives its address, and starts it where it does not run; is called in a thread.
    """

    kind = "sandbox"

    def __init__(self, find: Callable[[], Address]) -> None:
        self._find = find
        self._address = address = find()
        self._finding = asyncio.Lock()
        self._members: dict[str, UpstreamCredential] = {}
        token = Secret(address.auth_token)
        super().__init__(
            account_sid=address.account_sid,
            client=connect(account_sid=address.account_sid, auth_token=token, base_url=address.url),
        )
        self._line = SandboxClient(self.client, sandbox=True)

    @property
    def url(self) -> str:
        return self._address.url

    @property
    def own(self) -> UpstreamCredential:
        return UpstreamCredential(self.account_sid, Secret(self._address.auth_token))

    @property
    def signs_with(self) -> Secret:
        return Secret(self._address.auth_token)

    async def of_worker(self, *, workspace_sid: str, worker_sid: str) -> UpstreamCredential:
        """A member's credential: the sandbox too keeps it to what this Worker may do."""
        if worker_sid not in self._members:
            form = {"WorkspaceSid": workspace_sid, "WorkerSid": worker_sid}
            try:
                made = await asyncio.to_thread(self._line.post, "members", form, what="make a member")
            except TaskRouterError as error:
                raise (NotAllowed(_WORKER_GONE) if error.status == 400 else error) from None
            self._members[worker_sid] = UpstreamCredential(str(made["sid"]), Secret(str(made["secret"])))
        return self._members[worker_sid]

    def forget_workers(self) -> None:
        """Their credentials are asked for again: those of Workers who are gone are void."""
        self._members.clear()

    async def signer(self, *, workspace_sid: str, worker_sid: str) -> ApiKey:
        """The member's credential: a token that it has signed does no more than the member may."""
        credential = await self.of_worker(workspace_sid=workspace_sid, worker_sid=worker_sid)
        return ApiKey(credential.sid, credential.secret)

    async def revive(self) -> bool:
        """Find it again; its state is kept, so it is the same account."""
        async with self._finding:
            try:
                self._address = await asyncio.to_thread(self._find)
            except LabError:
                return False
            self.client.http_client.use_base_url(self._address.url)
            return True

    async def ask_bridge(self, path: str, body: bytes, headers: Mapping[str, str]) -> UpstreamAnswer:
        """What the event bridge answers to a page, which proves who it is in the body.

        Raises:
            NotReachable: nothing.
        """
        with self.reaching():
            return await self._sent("POST", f"{self.url}{path}", body=body, headers=headers)

    def _as_asked(self) -> Mapping[str, str]:
        return {"Host": HOST, "X-Forwarded-Proto": "https"}


class AccountUpstream(Upstream):
    """An account of Twilio's, by what the service's environment has of it.

    Args:
        settings: with the account, and its API key for Worker tokens.
    """

    kind = "twilio"

    def __init__(self, settings: Settings) -> None:
        account = account_of(settings)
        super().__init__(account_sid=str(settings.account_sid), client=connect(**account, timeout_seconds=SECONDS))
        token, key = account["auth_token"], account["api_key"]
        self._own = UpstreamCredential(self.account_sid, token) if token else UpstreamCredential(key.sid, key.secret)
        self._key: ApiKey | None = key
        self._auth_token: Secret | None = token
        self._url = str(self.client.get_hostname(self.client.taskrouter.base_url))
        self._tls = trusted()

    @property
    def url(self) -> str:
        return self._url

    @property
    def own(self) -> UpstreamCredential:
        return self._own

    @property
    def signs_with(self) -> Secret | None:
        return self._auth_token

    async def of_worker(self, *, workspace_sid: str, worker_sid: str) -> UpstreamCredential:  # noqa: ARG002
        """The account's own: Twilio has nothing smaller for REST, so the room's table alone stands before it."""
        return self._own

    def forget_workers(self) -> None:
        """Nothing is remembered of them."""

    async def signer(self, *, workspace_sid: str, worker_sid: str) -> ApiKey:  # noqa: ARG002
        """The account's API key; Twilio holds a token to its Worker and its role."""
        if self._key is None:
            raise LabError(
                "The room's account has no API key to sign Worker tokens with: give TWILIO_API_KEY_SID and "
                "TWILIO_API_KEY_SECRET to the service"
            )
        return self._key

    def _connected(self) -> ClientSession:
        from aiohttp import DummyCookieJar, TCPConnector

        return ClientSession(
            timeout=ClientTimeout(total=SECONDS),
            cookie_jar=DummyCookieJar(),
            connector=TCPConnector(ssl=self._tls),
            trust_env=True,  # a company's proxy
        )
