"""The delivery log: `/_sandbox/deliveries`, and a callback of it sent once more.

The sandbox's own; TaskRouter has no such path.
"""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from labkit.errors import Refusal
from labkit.sandbox.api.errors import Handler
from labkit.sandbox.api.render import answer
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.delivery_log import Delivery
from labkit.sandbox.webhooks import Webhooks


class NoSuchDelivery(Refusal):
    """There is no delivery of this number in the log, or not any more."""

    status = 404
    code = 20404

    def __init__(self, number: str, kept: list[Delivery]) -> None:
        there = f"it holds {kept[0].number} to {kept[-1].number}" if kept else "it is empty"
        super().__init__(f"Delivery {number[:20]} is not in the log; {there}")


def routes(place_of: Callable[[web.Request], RequestContext], webhooks: Webhooks) -> list[tuple[str, str, Handler]]:
    """(method, path, handler) of every path."""

    async def list_deliveries(request: web.Request) -> web.Response:
        """The callbacks sent for this account, oldest first."""
        kept = webhooks.deliveries.of(place_of(request).account_sid)
        return answer({"deliveries": [delivery.as_dict() for delivery in kept]})

    async def redeliver(request: web.Request) -> web.Response:
        """Send a callback once more, and tell what came of it once it is answered or given up."""
        place = place_of(request)
        kept, number = webhooks.deliveries.of(place.account_sid), place.part("number")
        found = next((delivery for delivery in kept if str(delivery.number) == number), None)
        if found is None:
            raise NoSuchDelivery(number, kept)
        return answer((await webhooks.redeliver(found)).as_dict())

    return [
        ("GET", "/_sandbox/deliveries", list_deliveries),
        ("POST", "/_sandbox/deliveries/{number}/redeliver", redeliver),
    ]
