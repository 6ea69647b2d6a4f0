"""The HTTP side of the bridge as version 1 of the JavaScript SDK asks it: REST, with a capability token.

`POST /v1/wschannels/AC…/WK…` has in its JSON the whole URL of REST, its method, its parameters and the token. The
request is played by REST's own routes, so whatever REST can do is there, and nothing is written twice; the answer is
REST's, as `payload`, and 200 for every success, because the client takes no other for one.
Docs: /docs/taskrouter/js-sdk-v1/worker.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from labkit.attributes import parse_json
from labkit.engine.refusals import InvalidParameter
from labkit.sandbox.api.auth import Accounts
from labkit.sandbox.api.errors import Handler, guarded
from labkit.sandbox.api.render import answer
from labkit.sandbox.api.resource import BODY
from labkit.sandbox.api.router import PARTS, Router
from labkit.sandbox.bridge.app import Callers
from labkit.sandbox.bridge.capability_tokens import Capability, CapabilityTokens
from labkit.sandbox.bridge.cors import preflight, with_cors
from labkit.sandbox.bridge.envelope import Envelope, read_envelope
from labkit.sandbox.refusals import Forbidden, MethodNotAllowed
from labkit.vocabulary import EVENT_BRIDGE_PATH

PATH = f"{EVENT_BRIDGE_PATH}/{{account_sid}}/{{channel}}"
METHODS = ("GET", "POST", "DELETE")
EVENT_TYPE = "response"
"""Of every answer. Ours: the client reads nothing but the payload."""
_NOT_PASSED_ON = ("Content-Length", "Content-Encoding", "Transfer-Encoding", "Expect", "Authorization", "If-Match")


@dataclass(frozen=True, slots=True, kw_only=True)
class RestRequest:
    """What is asked of REST. `path` is from `/v1` on."""

    method: str
    scheme: str
    host: str
    path: str
    query: tuple[tuple[str, str], ...]
    form: tuple[tuple[str, str], ...]


class OlderBridge:
    """Answers what older pages ask.

    Args:
        router: has REST's routes.
        accounts: in whose name REST is asked.
        tokens: prove who asks, and say what they may.
        callers: told of each request, so that what it causes comes after its answer.
    """

    def __init__(self, router: Router, accounts: Accounts, tokens: CapabilityTokens, *, callers: Callers) -> None:
        self._router = router
        self._callers = callers
        self._accounts = accounts
        self._tokens = tokens

    def routes(self) -> list[tuple[str, str, Handler]]:
        """(method, path, handler), for the router of REST."""
        return [("POST", PATH, with_cors(guarded(self._answer))), ("OPTIONS", PATH, preflight)]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        blank = request.clone()  # a request whose body was read cannot be copied
        envelope = await read_envelope(request)
        capability = self._tokens.verify(envelope.token)
        check_channel(request, capability)
        asked = _asked(envelope)
        _check(capability, asked)
        with self._callers.calling(capability.grant):
            answered = await self._router.handle(self._as_rest(blank, asked, capability.account_sid))
        return _enveloped(answered)

    def _as_rest(self, blank: web.Request, asked: RestRequest, account_sid: str) -> web.Request:
        """The request as REST's own client would have sent it, with the account's credentials."""
        secret = self._accounts.token(account_sid) or ""
        headers = CIMultiDict(blank.headers)
        for name in _NOT_PASSED_ON:
            headers.popall(name, None)
        headers["Authorization"] = f"Basic {base64.b64encode(f'{account_sid}:{secret}'.encode()).decode()}"
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        headers["Host"], headers["X-Forwarded-Proto"] = asked.host, asked.scheme
        url = f"{asked.path}?{urlencode(asked.query)}" if asked.query else asked.path
        made = blank.clone(method=asked.method, rel_url=URL(url, encoded=True), headers=headers)
        made[BODY] = urlencode(asked.form).encode()
        return made


def check_channel(request: web.Request, capability: Capability) -> None:
    """Refuse a token that is for another channel than the path's, or may not speak with the bridge.

    Raises:
        Forbidden: so it is.
    """
    parts = request[PARTS]
    if (parts["account_sid"], parts["channel"]) != (capability.account_sid, capability.channel):
        raise Forbidden(f"the token is for {EVENT_BRIDGE_PATH}/{capability.account_sid}/{capability.channel}")
    capability.check(request.method, request.path)


def _asked(envelope: Envelope) -> RestRequest:
    """What the body asks for; the parameters of a question go into its query."""
    if envelope.method not in METHODS:
        raise MethodNotAllowed(envelope.method[:20], allowed=METHODS)
    try:
        url = urlsplit(envelope.url)
    except ValueError:
        raise InvalidParameter("url", "it is no URL") from None
    if url.scheme not in ("http", "https") or not url.netloc or url.path != quote(url.path):
        raise InvalidParameter("url", "the whole URL of a resource of the REST API is needed")
    params = tuple((name, value) for name, values in envelope.form.items() for value in values)
    in_query = envelope.method == "GET"
    return RestRequest(
        method=envelope.method,
        scheme=url.scheme,
        host=url.netloc,
        path=url.path,
        query=(*parse_qsl(url.query, keep_blank_values=True), *(params if in_query else ())),
        form=() if in_query else params,
    )


def _check(capability: Capability, asked: RestRequest) -> None:
    here = f"/v1/Workspaces/{capability.workspace_sid}"
    if asked.path != here and not asked.path.startswith(f"{here}/"):
        raise Forbidden(f"the token is for Workspace {capability.workspace_sid}")
    query, form = ({name for name, _ in part} for part in (asked.query, asked.form))
    capability.check(asked.method, asked.path, query=query, post=form)


def _enveloped(answered: web.StreamResponse) -> web.StreamResponse:
    """REST's answer as the client wants it; an error as it is."""
    if answered.status >= 400 or not isinstance(answered, web.Response):
        return answered
    text = answered.body.decode() if isinstance(answered.body, bytes) else ""
    return answer({"event_type": EVENT_TYPE, "payload": parse_json(text) if text else {}})
