"""What it costs that many share a Workspace: each member's own list is made for them alone."""

from __future__ import annotations

from statistics import median

from bench import throughput
from bench.children import on_core
from bench.load import Request, requests_per_second
from bench.measurement import Measurement, Say

MEMBERS, TASKS = 30, 200
CAPACITY = 10
"""Tasks at once of each, so that all of them are offered to somebody."""


def members_list_ms(say: Say) -> Measurement:
    """Milliseconds of the server for a member's own Tasks, 30 members in turn who share 200; to the owner's list."""
    with throughput.servers() as start:
        sandbox = throughput.Sandbox(start)
        members = [sandbox.add_member(f"member {number}", capacity=CAPACITY) for number in range(MEMBERS)]
        sandbox.add_waiting(TASKS - 1)  # beside the one that is there
        path = sandbox.url(f"Tasks?PageSize={throughput.PAGE}")
        with on_core(1):
            say(f"  {MEMBERS} members and {TASKS} Tasks are there")
            owner = _milliseconds(Request.make("GET", path, headers=sandbox.credentials))
            each = [_milliseconds(Request.make("GET", path, headers=credentials)) for credentials in members]
        return Measurement(median(each), "ms", "the owner's list", median(each) / owner)


def _milliseconds(request: Request) -> float:
    requests_per_second(request, seconds=throughput.WARM_UP_SECONDS)
    return 1000 / requests_per_second(request, seconds=throughput.SECONDS / 4)
