"""Which handler a request is for: a tree of path parts, walked once for each request.

aiohttp's own router tries one regular expression after the other; with a hundred routes that takes longer than many an
answer. Here a part of a path is one look into a dictionary, so the number of routes does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from aiohttp import web

from labkit.sandbox.api.errors import METHODS, Handler, expect

PARTS: web.RequestKey[dict[str, str]] = web.RequestKey("parts", dict[str, str])
"""Under which a request has the variable parts of its path, decoded, by their names."""


@dataclass(slots=True)
class _Node:
    """What can follow after some parts of a path. A name that stands for itself goes before one that is variable."""

    named: dict[str, _Node] = field(default_factory=dict)
    variable: _Node | None = None
    routes: dict[str, _Route] = field(default_factory=dict)
    """By method, of the path that ends here."""

    def child(self, part: str) -> _Node:
        """The node for one more part of a route's path, made if it is not there."""
        if not part.startswith("{"):
            return self.named.setdefault(part, _Node())
        self.variable = self.variable or _Node()
        return self.variable

    def next(self, part: str) -> _Node | None:
        """The node for one more part of a request's path."""
        return self.named.get(part) or (self.variable if part else None)


@dataclass(frozen=True, slots=True)
class _Route:
    handler: Handler
    names: tuple[tuple[int, str], ...]
    """The variable parts: where each stands, and its name."""


class Router:
    """All routes, and what answers when there is none.

    Args:
        other_path: for a path that no route has.
        other_method: for a method that a known path has not.
    """

    def __init__(self, *, other_path: Handler, other_method: Handler) -> None:
        self._root = _Node()
        self._other_path = _Route(other_path, ())
        self._other_method = _Route(other_method, ())

    def add(self, routes: Iterable[tuple[str, str, Handler]]) -> None:
        """Add (method, path, handler); a part of a path in braces is variable, and takes any text but none."""
        for method, path, handler in routes:
            parts, node = path.split("/"), self._root
            for part in parts:
                node = node.child(part)
            names = tuple((place, part[1:-1]) for place, part in enumerate(parts) if part.startswith("{"))
            node.routes[method] = _Route(handler, names)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """The answer to a request."""
        assert isinstance(request, web.Request)  # noqa: S101  # the runner makes no other
        route, parts = self._find(request)
        request[PARTS] = {name: parts[place] for place, name in route.names}
        if "Expect" in request.headers:
            await expect(request)
        return await route.handler(request)

    def _find(self, request: web.Request) -> tuple[_Route, list[str]]:
        parts, node = _parts(request), self._root
        for part in parts:
            following = node.next(part)
            if following is None:
                return self._other_path, parts
            node = following
        if not node.routes:
            return self._other_path, parts
        found = node.routes.get(request.method)
        if found is None:
            request[METHODS] = sorted(node.routes)
        return found or self._other_method, parts


def _parts(request: web.Request) -> list[str]:
    """Of the path, each decoded: an encoded slash is part of a name."""
    url = request.rel_url
    if "%" not in url.raw_path:
        return url.raw_path.split("/")
    return [part.replace("%2F", "/").replace("%25", "%") for part in url.path_safe.split("/")]
