"""How a module of this package declares its paths: a table `ROUTES`, each with what its handler needs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from aiohttp import web

from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.callback_hosts import CallbackHosts
from labkit.sandbox.clock_control import ClockControl
from labkit.sandbox.webhooks import Webhooks

N = TypeVar("N")


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxProcess:
    """What is around the service of a sandbox that runs.

    Attributes:
        hosts: who may be called.
        webhooks: the callbacks.
        clock_control: moves the clock.
        stop: set when somebody asks for the end.
        notices: what whoever starts a lab should know about this sandbox, in sentences; see `notices_for`.
    """

    hosts: CallbackHosts
    webhooks: Webhooks
    clock_control: ClockControl
    stop: asyncio.Event
    notices: Sequence[str] = ()

    def notices_for(self, place: RequestContext) -> list[str]:
        """The notices, what the store has to say at this moment, and what the account should know besides."""
        trouble = place.service.store.trouble
        given_up = self.webhooks.deliveries.given_up(place.account_sid)
        return [*self.notices, *([trouble] if trouble else []), *given_up]


@dataclass(frozen=True, slots=True)
class Route(Generic[N]):
    """One path of the sandbox's own.

    Attributes:
        method, path: what is asked; a part of the path in braces is variable.
        handler: answers a request of somebody who proved who he is. It gets what it needs as well.
        needs: the class of that, such as `Service`. A sandbox that has none of it has no such path.
        for_every_account: every account may ask, and is told of its own; without it only the sandbox's owner may, the
            account that it was started with.
        for_strangers: nobody need prove who he is; the context is then about no account.
    """

    method: str
    path: str
    handler: Callable[[RequestContext, N], Awaitable[web.StreamResponse]]
    needs: type[N]
    for_every_account: bool = False
    for_strangers: bool = False
