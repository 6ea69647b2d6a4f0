"""The sandbox's own paths, apart from TaskRouter's: `/_sandbox/...`, with the same credentials.

Every module of this package that has a table `ROUTES` is found here, so that a path is added in one file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from aiohttp import web

from labkit.sandbox.api import sandbox_paths
from labkit.sandbox.api.errors import Handler
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.sandbox_paths.route import Route
from labkit.sandbox.refusals import NotTheOwner


def declared() -> list[Route[Any]]:
    """Every path that a module of this package declares."""
    modules = [import_module(f"{sandbox_paths.__name__}.{each.name}") for each in iter_modules(sandbox_paths.__path__)]
    return [route for module in modules for route in getattr(module, "ROUTES", ())]


def routes(
    *,
    place_of: Callable[[web.Request], RequestContext],
    stranger: Callable[[web.Request], RequestContext],
    owner: str,
    parts: Sequence[object],
) -> list[tuple[str, str, Handler]]:
    """(method, path, handler) of each that has what it needs.

    Args:
        place_of: the context of a request of somebody who proves who he is.
        stranger: the same of one who need not.
        owner: the account for which those are that say nothing else.
        parts: what there is for handlers to need, one of a class.
    """

    def of_account(route: Route[Any]) -> Callable[[web.Request], RequestContext]:
        return place_of if route.for_every_account else owners

    def owners(request: web.Request) -> RequestContext:
        place = place_of(request)
        if place.account_sid != owner:
            raise NotTheOwner
        return place

    return [
        (route.method, route.path, _handler(route, needed, stranger if route.for_strangers else of_account(route)))
        for route in declared()
        for needed in parts
        if isinstance(needed, route.needs)
    ]


def _handler(route: Route[Any], needed: object, place_of: Callable[[web.Request], RequestContext]) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await route.handler(place_of(request), needed)

    return handle
