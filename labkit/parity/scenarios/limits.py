"""The documented limits, one beyond each."""

from __future__ import annotations

import json

from labkit import limits
from labkit.parity.player import ScenarioPlayer
from labkit.parity.scenario import scenario
from labkit.parity.scenarios.common import REFUSED, everybody

_HEADERS = {f"X-One-Of-Many-{number}": "x" for number in range(129)}


@scenario("A text, a number or a document that is one too long or too large")
def one_too_many(play: ScenarioPlayer) -> None:
    """Each is refused, and what was made before stays."""
    everybody(play)
    too_long = json.dumps({"a": "x" * (limits.MAX_ATTRIBUTES_CHARACTERS - 8)})
    attributes = "Limits | Attributes: 4,096 characters with blanks"
    play.post("attributes of one character too many", "Tasks", Attributes=too_long).settles(attributes, **REFUSED)
    deep = '{"a":' * 65 + "1" + "}" * 65
    play.post("attributes of 65 levels", "Tasks", Attributes=deep).settles(attributes, **REFUSED)
    name = "x" * (limits.MAX_NAME_CHARACTERS + 1)
    play.post("a name of 65 characters", "TaskQueues", FriendlyName=name).settles(
        "Limits | FriendlyName: 64 characters", **REFUSED
    )
    play.post("a Task timeout of a second too many", "Tasks", Timeout=limits.MAX_TASK_TIMEOUT_SECONDS + 1).settles(
        "Limits | Task timeout: 1,209,600 s", **REFUSED
    )
    play.post(
        "a Reservation timeout of a second too many",
        "Workflows/{workflow}",
        TaskReservationTimeout=limits.MAX_RESERVATION_TIMEOUT_SECONDS + 1,
    ).settles("Limits | Reservation timeout: 86,400 s", **REFUSED)
    play.post(
        "one Worker too many at once", "TaskQueues/{queue}", MaxReservedWorkers=limits.MAX_RESERVED_WORKERS + 1
    ).settles("Limits | MaxReservedWorkers: 1 to 50", **REFUSED)
    play.get("a page of one too many", "Tasks", PageSize=limits.MAX_PAGE_SIZE + 1).settles(
        "Limits | PageSize: 1 to 1,000", status=400, code=20007
    )
    large = _configuration(play["queue"], limits.MAX_CONFIGURATION_BYTES + 1)
    play.post("a configuration of one byte too many", "Workflows/{workflow}", Configuration=large).settles(
        "Limits | Workflow configuration: 1,038,576 bytes", **REFUSED
    )
    play.get("the Workflow afterwards", "Workflows/{workflow}")


@scenario("Requests that are too large, or have too many headers")
def large_requests(play: ScenarioPlayer) -> None:
    """They say more of the web server than of TaskRouter, and programs meet them all the same."""
    headers = "Limits | Headers of a request"
    play.request("129 headers", "GET", "", headers=_HEADERS).settles(headers, **REFUSED)
    play.request("a header of 9 KiB", "GET", "", headers={"X-Long": "x" * 9_216}).settles(headers, **REFUSED)
    play.post("a body of 5 MiB", "Tasks", Attributes="x" * (5 << 20)).settles(
        "Limits | Size of a request", status=413, code=20001
    )


@scenario("One Activity more than a Workspace may have")
def too_many_activities(play: ScenarioPlayer) -> None:
    """The one limit on numbers that is small enough to be reached on an account."""
    there = len(play.get("the first Activities", "Activities").json["activities"])
    for number in range(there, limits.MAX_ACTIVITIES):
        play.post(f"Activity {number + 1}", "Activities", FriendlyName=f"Activity {number + 1}")
    play.post("one Activity too many", "Activities", FriendlyName="One too many").settles(
        "Limits | Activities: 100", **REFUSED
    )


def _configuration(queue: str, size: int) -> str:
    """A Workflow's, of exactly so many bytes."""
    whole = json.dumps({"task_routing": {"filters": [], "default_filter": {"queue": queue}}, "padding": ""})
    return whole.replace('"padding": ""', f'"padding": "{"x" * (size - len(whole))}"')
