"""The delivery log: `/_sandbox/deliveries`, and a callback of it sent once more.

The sandbox's own; TaskRouter has no such path.
"""

from __future__ import annotations

from aiohttp import web

from labkit.error_codes import ErrorCode
from labkit.errors import Refusal
from labkit.sandbox.api.render import answer
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.sandbox_paths.route import Route, SandboxProcess
from labkit.sandbox.delivery_log import Delivery

SETTLE_SECONDS = 2.0
"""Real ones: somebody waits for the cell."""


class NoSuchDelivery(Refusal):
    """There is no delivery of this number in the log, or not any more."""

    status = 404
    code = ErrorCode.NOT_FOUND

    def __init__(self, number: str, kept: list[Delivery]) -> None:
        there = f"it holds {kept[0].number} to {kept[-1].number}" if kept else "it is empty"
        super().__init__(f"Delivery {number[:20]} is not in the log; {there}")


class NothingToSend(Refusal):
    """The delivery of this number counts callbacks that were given up, and is none itself."""

    status = 409
    code = ErrorCode.CONFLICT

    def __init__(self, number: str) -> None:
        super().__init__(f"Delivery {number} counts event callbacks that were given up, so there is nothing to send")


async def list_deliveries(place: RequestContext, process: SandboxProcess) -> web.Response:
    """The callbacks sent for this account, oldest first."""
    kept = process.webhooks.deliveries.of(place.account_sid)
    return answer({"deliveries": [delivery.as_dict() for delivery in kept]})


async def list_of_task(place: RequestContext, process: SandboxProcess) -> web.Response:
    """The assignment callbacks of one Task, once none of them is under way; after `SETTLE_SECONDS` at most."""
    task_sid = place.part("task_sid")
    await process.webhooks.settled(task_sid, seconds=SETTLE_SECONDS)
    kept = process.webhooks.deliveries.of(place.account_sid)
    found = [each for each in kept if each.kind == "assignment" and each.fields.get("TaskSid") == task_sid]
    return answer({"deliveries": [delivery.as_dict() for delivery in found]})


async def redeliver(place: RequestContext, process: SandboxProcess) -> web.Response:
    """Send a callback once more, and tell what came of it once it is answered or given up."""
    kept, number = process.webhooks.deliveries.of(place.account_sid), place.part("number")
    found = next((delivery for delivery in kept if str(delivery.number) == number), None)
    if found is None:
        raise NoSuchDelivery(number, kept)
    if not found.fields:
        raise NothingToSend(number)
    return answer((await process.webhooks.redeliver(found)).as_dict())


ROUTES = (
    Route("GET", "/_sandbox/deliveries", list_deliveries, needs=SandboxProcess, for_every_account=True),
    Route("GET", "/_sandbox/tasks/{task_sid}/deliveries", list_of_task, needs=SandboxProcess, for_every_account=True),
    Route("POST", "/_sandbox/deliveries/{number}/redeliver", redeliver, needs=SandboxProcess, for_every_account=True),
)
