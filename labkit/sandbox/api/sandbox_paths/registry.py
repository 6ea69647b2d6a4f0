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


def declared() -> list[Route[Any]]:
    """Every path that a module of this package declares."""
    modules = [import_module(f"{sandbox_paths.__name__}.{each.name}") for each in iter_modules(sandbox_paths.__path__)]
    return [route for module in modules for route in getattr(module, "ROUTES", ())]


def routes(
    *,
    place_of: Callable[[web.Request], RequestContext],
    stranger: Callable[[web.Request], RequestContext],
    parts: Sequence[object],
) -> list[tuple[str, str, Handler]]:
    """(method, path, handler) of each that has what it needs.

    Args:
        place_of: the context of a request of somebody who proves who he is.
        stranger: the same of one who need not.
        parts: what there is for handlers to need, one of a class.
    """
    return [
        (route.method, route.path, _handler(route, needed, stranger if route.for_strangers else place_of))
        for route in declared()
        for needed in parts
        if isinstance(needed, route.needs)
    ]


def _handler(route: Route[Any], needed: object, place_of: Callable[[web.Request], RequestContext]) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await route.handler(place_of(request), needed)

    return handle
