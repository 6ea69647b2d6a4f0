"""One copy for looks that all take at once: a TaskQueue's statistics are the same for everybody, and asked for once."""

from __future__ import annotations

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from workshop.room.upstream import UpstreamAnswer, UpstreamRequest

KEPT_SECONDS = 1.0
"""How old a copy may be."""
MOST_KEPT = 500
_STATISTICS = re.compile(r"/v1/Workspaces/\w+/TaskQueues(/\w+)?/(\w+)?Statistics")


def is_everybodys(request: UpstreamRequest) -> bool:
    """Whether the answer is the same whoever asks, and thirty panels ask for it at once."""
    return request.method == "GET" and _STATISTICS.fullmatch(request.path) is not None


class Looks:
    """Answers that are young enough to be given again. Belongs to the service's loop.

    Args:
        now: seconds of a clock that only goes forward.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._kept: OrderedDict[str, tuple[float, asyncio.Future[UpstreamAnswer]]] = OrderedDict()

    async def once(self, request: UpstreamRequest, ask: Callable[[], Awaitable[UpstreamAnswer]]) -> UpstreamAnswer:
        """The answer to a request that is everybody's: a copy, that of somebody who is asking now, or a new one."""
        target = request.target()
        at, asking = self._kept.get(target, (float("-inf"), None))
        if asking is None or self._now() - at > KEPT_SECONDS or _has_failed(asking):
            asking = asyncio.ensure_future(ask())
            self._kept[target] = self._now(), asking
            self._kept.move_to_end(target)
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return await asyncio.shield(asking)  # who goes away takes nobody's answer with them


def _has_failed(asking: asyncio.Future[UpstreamAnswer]) -> bool:
    if not asking.done():
        return False
    return asking.cancelled() or asking.exception() is not None or asking.result().status != 200
