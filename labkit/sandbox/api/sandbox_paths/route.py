"""How a module of this package declares its paths: a table `ROUTES`, each with what its handler needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from aiohttp import web

from labkit.sandbox.api.request_context import RequestContext

N = TypeVar("N")


@dataclass(frozen=True, slots=True)
class Route(Generic[N]):
    """One path of the sandbox's own.

    Attributes:
        method, path: what is asked; a part of the path in braces is variable.
        handler: answers a request of somebody who proved who he is. It gets what it needs as well.
        needs: the class of that, such as `Service`. A sandbox that has none of it has no such path.
        for_strangers: nobody need prove who he is; the context is then about no account.
    """

    method: str
    path: str
    handler: Callable[[RequestContext, N], Awaitable[web.StreamResponse]]
    needs: type[N]
    for_strangers: bool = False
