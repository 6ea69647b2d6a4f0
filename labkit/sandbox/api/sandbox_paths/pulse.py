"""What a lab looks at every second, in one answer: `/_sandbox/pulse`. Which state this is, its time, and its faults.

The sandbox's own; TaskRouter has no such path. All of it is in memory, so that it may be asked for often.
"""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from labkit.sandbox.api.errors import Handler
from labkit.sandbox.api.render import answer
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.sandbox_paths import clock, faults
from labkit.sandbox.clock_control import ClockControl
from labkit.sandbox.faults import Faults


def routes(
    place_of: Callable[[web.Request], RequestContext], clock_control: ClockControl, switches: Faults
) -> list[tuple[str, str, Handler]]:
    """(method, path, handler) of the one path."""

    async def pulse(request: web.Request) -> web.Response:
        """`{"generation", "clock", "faults"}`: the clock as `/_sandbox/clock` has it, and the faults that are on."""
        place = place_of(request)
        return answer(
            {
                "generation": place.service.generation,
                "clock": clock.shown(place, clock_control),
                "faults": [faults.shown(name, switched) for name, switched in switches.on.items()],
            }
        )

    return [("GET", "/_sandbox/pulse", pulse)]
