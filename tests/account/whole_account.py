"""All that is in an account, as TaskRouter tells it over REST, to be compared to the byte."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

URL = "https://taskrouter.twilio.com/v1/Workspaces"
IN_A_WORKSPACE = ("Activities", "TaskChannels", "TaskQueues", "Workflows", "Tasks", "Workers")
DATES = ("date_updated",)
AGE = ("age",)
"""Of a Task, in seconds; it grows."""


def whole_account(client: Any, *, but: tuple[str, ...] = ()) -> str:
    """Every resource of every Workspace, each as TaskRouter's own JSON.

    Args:
        client: the official SDK's.
        but: SIDs of resources whose `date_updated` is left out, because TaskRouter itself must change it.
    """
    found = {}
    for each in _resources(client):
        hidden = (*DATES, *AGE) if each["sid"] in but else AGE
        shown = {name: value for name, value in each.items() if name not in hidden}
        found[each["url"].partition("/v1/")[2]] = shown
    return json.dumps(found, indent=1)


def _resources(client: Any) -> Iterator[dict[str, Any]]:
    for workspace in _listed(client, URL, "workspaces"):
        yield workspace
        inside = f"{URL}/{workspace['sid']}"
        for kind in IN_A_WORKSPACE:
            for each in _listed(client, f"{inside}/{kind}"):
                yield each
                if kind == "Workers":
                    yield from _listed(client, f"{inside}/Workers/{each['sid']}/Channels")
                    yield from _listed(client, f"{inside}/Workers/{each['sid']}/Reservations")


def _listed(client: Any, url: str, key: str = "") -> list[dict[str, Any]]:
    answer = json.loads(client.request("GET", url, params={"PageSize": 1000}).text)
    assert answer["meta"]["next_page_url"] is None, "more than a page"
    listed: list[dict[str, Any]] = answer[key or answer["meta"]["key"]]
    return listed
