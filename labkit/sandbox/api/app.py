"""The REST application: every family's routes, who may use them, and what becomes of errors."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from aiohttp import web

from labkit.sandbox.api import (
    activities,
    credentials,
    events,
    explain,
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
from labkit.sandbox.api.auth import Accounts
from labkit.sandbox.api.control import Control
from labkit.sandbox.api.errors import Handler, expect, guarded, unknown_method, unknown_path
from labkit.sandbox.api.place import Place
from labkit.sandbox.service import Service

FAMILIES = (
    # The most used first: aiohttp tries them in this order.
    tasks.FAMILY,
    reservations.BY_TASK,
    *statistics.FAMILIES,  # before those whose paths end in a SID, which would take `Statistics` for one
    workers.FAMILY,
    reservations.BY_WORKER,
    worker_channels.FAMILY,
    events.FAMILY,
    task_queues.FAMILY,
    workflows.FAMILY,
    activities.FAMILY,
    task_channels.FAMILY,
    workspaces.FAMILY,
)
MAX_BODY = 4 * 1024 * 1024
"""Bytes of a request: the largest Workflow configuration (about 1 MB), url-encoded."""


def build_app(
    service: Service, *, accounts: Accounts, control: Control | None = None, on_use: Callable[[], None] | None = None
) -> web.Application:
    """The application for a service.

    Args:
        service: what the requests are about.
        accounts: who may ask.
        control: the sandbox's own paths, if it has any.
        on_use: called for each request that proved who it is.
    """

    def place_of(request: web.Request) -> Place:
        account_sid = accounts.identify(request.headers.get("Authorization"))
        if on_use is not None:
            on_use()
        return Place(service=service, request=request, account_sid=account_sid, now=service.clock.now())

    app = web.Application(client_max_size=MAX_BODY)
    other_method = _for_known(place_of, unknown_method)
    for family in FAMILIES:
        routes = [(method, f"/v1{path}", handler) for method, path, handler in family.routes(place_of)]
        _add(app, routes, other_method=other_method)
    _add(app, explain.routes(place_of), other_method=other_method)
    _add(app, credentials.routes(accounts, place_of), other_method=other_method)
    if control is not None:
        _add(app, control.routes(place_of), other_method=other_method)
    app.router.add_route("*", "/{path:.*}", guarded(_for_known(place_of, unknown_path)), expect_handler=expect)
    return app


def _add(app: web.Application, routes: Iterable[tuple[str, str, Handler]], *, other_method: Handler) -> None:
    resources: dict[str, web.Resource] = {}
    for method, path, handler in routes:
        if path not in resources:
            resources[path] = app.router.add_resource(path)
        resources[path].add_route(method, guarded(handler), expect_handler=expect)
    for resource in resources.values():
        resource.add_route("*", guarded(other_method), expect_handler=expect)


def _for_known(place_of: Callable[[web.Request], Place], handler: Handler) -> Handler:
    """What does not exist is told only to those who proved who they are."""

    async def known(request: web.Request) -> web.StreamResponse:
        place_of(request)
        return await handler(request)

    return known
