"""The REST application: every resource's routes, who may use them, and what becomes of errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aiohttp import web

from labkit.sandbox.api import (
    activities,
    events,
    reservations,
    statistics,
    task_channels,
    task_queues,
    tasks,
    worker_channels,
    workers,
    workflows,
    workspaces,
)
from labkit.sandbox.api.admission import admitting, check_admitted
from labkit.sandbox.api.auth import NOBODY, Accounts, Caller
from labkit.sandbox.api.committed import committed
from labkit.sandbox.api.errors import NO_FAULTS, Handler, guarded, unknown_method, unknown_path
from labkit.sandbox.api.rate_limited import limited, rate_of
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.router import Router
from labkit.sandbox.api.sandbox_paths import registry
from labkit.sandbox.faults import Faults
from labkit.sandbox.rate_limits import RateLimits
from labkit.sandbox.service import Service

RESOURCES = (
    tasks.RESOURCE,
    reservations.BY_TASK,
    *statistics.RESOURCES,
    workers.RESOURCE,
    reservations.BY_WORKER,
    worker_channels.RESOURCE,
    events.RESOURCE,
    task_queues.RESOURCE,
    workflows.RESOURCE,
    activities.RESOURCE,
    task_channels.RESOURCE,
    workspaces.RESOURCE,
)


def build_app(
    service: Service,
    *,
    accounts: Accounts,
    own: Sequence[object] = (),
    on_use: Callable[[], None] | None = None,
    limits: RateLimits | None = None,
    faults: Faults = NO_FAULTS,
) -> Router:
    """Every route of a service.

    Args:
        service: what the requests are about.
        accounts: who may ask.
        own: what the sandbox's own paths may need besides: its `SandboxProcess`, its `Snapshots`. Without one, those
            that need it are not there.
        on_use: called for each request that proved who it is.
        limits: counts requests where TaskRouter has a rate limit; None sets no limits.
        faults: what goes wrong on purpose, in TaskRouter's own paths and not in the sandbox's.
    """

    place_of, stranger = _places(service, accounts, on_use)

    def answering(handler: Handler, faults: Faults = NO_FAULTS) -> Handler:
        return guarded(admitting(committed(handler, service), service, accounts), faults)

    router = Router(
        other_path=guarded(_for_known(place_of, unknown_path)),
        other_method=guarded(_for_known(place_of, unknown_method)),
    )
    for resource in RESOURCES:
        routes = [
            (method, f"/v1{path}", limited(handler, rate_of(method, path), limits=limits, place_of=place_of))
            for method, path, handler in resource.routes(place_of)
        ]
        router.add((method, path, answering(handler, faults)) for method, path, handler in routes)
    sandbox_paths = registry.routes(
        place_of=place_of, stranger=stranger, owner=accounts.owner, parts=(service, accounts, *own)
    )
    router.add((method, path, answering(handler)) for method, path, handler in sandbox_paths)
    return router


def _places(
    service: Service, accounts: Accounts, on_use: Callable[[], None] | None
) -> tuple[Callable[[web.Request], RequestContext], Callable[[web.Request], RequestContext]]:
    """What makes the context of a request: of one who must prove who they are, and of one who need not."""

    def context_of(request: web.Request, caller: Caller = NOBODY) -> RequestContext:
        account_sid, member, now = caller.account_sid, caller.member, service.clock.now()
        return RequestContext(service=service, request=request, account_sid=account_sid, now=now, member=member)

    def place_of(request: web.Request) -> RequestContext:
        caller = accounts.identify(request.headers.get("Authorization"))
        check_admitted(request, caller)
        if on_use is not None:
            on_use()
        return context_of(request, caller)

    return place_of, context_of


def _for_known(place_of: Callable[[web.Request], RequestContext], handler: Handler) -> Handler:
    """What does not exist is told only to those who proved who they are."""

    async def known(request: web.Request) -> web.StreamResponse:
        place_of(request)
        return await handler(request)

    return known
