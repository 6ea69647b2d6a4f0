"""The HTTP side of the bridge: `POST /v1/wschannels`, for every Host, with what a browser needs around it.

The way of a request: read the body, prove the token, find the operation, ask whether the role may, do it, and answer
when it is written. Errors are REST's, in the same form.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Protocol

from aiohttp import web

from labkit.sandbox.api.committed import once_written
from labkit.sandbox.api.errors import ASKED, NO_FAULTS, Handler, guarded, unknown_path
from labkit.sandbox.api.rate_limited import counted_as, rate_of
from labkit.sandbox.api.render import answer
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.router import PARTS
from labkit.sandbox.bridge.access_tokens import AccessTokens, Grant
from labkit.sandbox.bridge.cors import for_any_origin, preflight, with_cors
from labkit.sandbox.bridge.envelope import Envelope, read_envelope
from labkit.sandbox.bridge.grants import check, check_member, state_of
from labkit.sandbox.bridge.operations import BridgeOperation, Question, find
from labkit.sandbox.faults import Faults
from labkit.sandbox.rate_limits import RateLimits
from labkit.sandbox.refusals import Forbidden, TooManyRequests
from labkit.sandbox.service import Service
from labkit.vocabulary import EVENT_BRIDGE_PATH

GRAPHQL = "/graphql-subscriptions"
"""What the client asks in its GraphQL mode, in which no server that we could write would make it ready."""


class Callers(Protocol):
    """Who must know that a Worker's client asks something: the sessions of the same Worker."""

    def calling(self, grant: Grant) -> AbstractContextManager[None]:
        """Until the answer has left, what happens is not told to the caller's own sessions."""

    def listed(self, grant: Grant, name: str) -> None:
        """One of the lists that a client loads at first has been answered."""


class Bridge:
    """Answers what is asked over the bridge.

    Args:
        service: what it is about.
        tokens: prove who asks.
        callers: told of each request; None tells nobody.
        on_use: called for each request that proved who it is.
        limits: counts requests as those of the same path of REST; None sets no limits.
        faults: what goes wrong on purpose, in REST and here.
    """

    def __init__(
        self,
        service: Service,
        tokens: AccessTokens,
        *,
        callers: Callers | None = None,
        on_use: Callable[[], None] | None = None,
        limits: RateLimits | None = None,
        faults: Faults = NO_FAULTS,
    ) -> None:
        self._service = service
        self._tokens = tokens
        self._callers = callers
        self._on_use = on_use
        self._limits = limits
        self._faults = faults

    def routes(self) -> list[tuple[str, str, Handler]]:
        """(method, path, handler), for the router of REST."""
        nothing = with_cors(guarded(unknown_path))
        return [
            ("POST", EVENT_BRIDGE_PATH, with_cors(guarded(self._answer, self._faults))),
            ("OPTIONS", EVENT_BRIDGE_PATH, preflight),
            *((method, GRAPHQL, nothing) for method in ("GET", "POST", "OPTIONS")),
        ]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        envelope = await read_envelope(request)
        request[ASKED] = f"/{envelope.url}"
        grant = self._granted(envelope.token)
        operation, parts = find(envelope.method, envelope.url)
        self._check(grant, operation, parts)
        state = state_of(self._service, grant)
        check_member(grant, state, method=envelope.method, url=envelope.url, form=envelope.form)
        request[PARTS] = parts
        question = self._question(request, envelope, grant, operation)
        self._count(operation, question)
        with self._callers.calling(grant) if self._callers else contextlib.nullcontext():
            payload = await once_written(
                partial(operation.do, question), self._service, reads=operation.method == "GET"
            )
            answered = await _sent(request, payload)
        if operation.tells and self._callers:
            self._callers.listed(grant, operation.tells)
        return answered

    def _granted(self, token: str) -> Grant:
        """What the token allows, in a Workspace that is there."""
        grant = self._tokens.verify(token)
        with self._tokens.logging_refusal(token):
            state_of(self._service, grant)
        if self._on_use is not None:
            self._on_use()
        return grant

    def _check(self, grant: Grant, operation: BridgeOperation, parts: dict[str, str]) -> None:
        if parts["workspace_sid"] != grant.workspace_sid:
            raise Forbidden(f"the token is for Workspace {grant.workspace_sid}")
        check(grant, operation.who, worker_sid=_worker_sid(parts))

    def _question(self, request: web.Request, envelope: Envelope, grant: Grant, operation: BridgeOperation) -> Question:
        place = RequestContext(
            service=self._service, request=request, account_sid=grant.account_sid, now=self._service.clock.now()
        )
        # A supervisor's client sends the version of its own Worker when it changes another one.
        is_elsewhere = "/Workers/" in operation.path and _worker_sid(request[PARTS]) != grant.worker_sid
        return Question(
            grant=grant,
            place=place,
            form=envelope.form,
            version=envelope.version,
            if_match=envelope.if_match if operation.checks_version and not is_elsewhere else None,
        )

    def _count(self, operation: BridgeOperation, question: Question) -> None:
        rate = rate_of(operation.method, f"/{operation.path}")
        if rate is None or self._limits is None or (rate.when is not None and not question.form.get(rate.when)):
            return
        grant = question.grant
        if not self._limits.take(rate, counted_as(grant.workspace_sid, grant.member), self._service.clock.steady()):
            raise TooManyRequests


def _worker_sid(parts: dict[str, str]) -> str:
    return parts.get("worker_sid") or parts.get("sid", "")


async def _sent(request: web.Request, payload: dict[str, Any]) -> web.StreamResponse:
    """The answer, whose last byte has left; what follows from the request is told after it."""
    answered = for_any_origin(answer({"payload": payload}))
    with contextlib.suppress(ConnectionError):  # the page was closed meanwhile
        await answered.prepare(request)
        await answered.write_eof()
    return answered
