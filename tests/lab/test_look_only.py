"""`labkit.start(look_only=True)`: the panels show, and whatever a page sends that would act is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from live.conftest import line
from live.workspace import Line

import labkit
from labkit.lab.lab import Lab
from labkit.lab.panels import names_of
from labkit.widgets.base import LOOK_ONLY, Panel

__all__ = ["line"]

LOOKS = {
    "composer": {"check", "choices", "language"},
    "course": {"look"},
    "desk": {"open"},
    "explanation": {"show"},
    "playground": {"draft"},  # everything is tried in an engine of the kernel's own
    "queues": {"look", "plotly", "within"},
    "setup_plan": {"look"},  # it plans anew
    "simulation": {"look"},
    "time_and_faults": {"look"},
    "timeline": {"lanes"},
    "traffic": {"details", "rows"},
    "workers": {"attributes", "channels", "check"},
}
"""What only looks, panel by panel; whoever adds to it says why an action changes nothing in TaskRouter."""


@pytest.fixture
def lab(home: Path, line: Callable[[Any], Line]) -> Iterator[Lab]:
    """A lab that only looks on, with a Task to look at."""
    with labkit.start(look_only=True) as lab:
        lab.create_task({"selected_language": "es"})
        yield lab


def events(lab: Lab) -> int:
    """How many Events the Workspace has."""
    return len(lab.client.taskrouter.v1.workspaces(lab.workspace_sid).events.list())


def test_whatever_acts_is_refused(lab: Lab) -> None:
    """Each action of each panel, and nothing has happened in TaskRouter after all of them."""
    before = events(lab)
    for name in names_of(Lab):
        panel: Panel = lab.panels.get(name)
        for action in panel._handlers():
            answer = panel.comm.click(action)
            refused = answer["text"] == LOOK_ONLY
            assert refused is (action not in LOOKS.get(name, set())), f"{name}: {action}: {str(answer)[:200]}"
            assert not (refused and answer["ok"])

    assert events(lab) == before


def test_whatever_looks_is_answered(lab: Lab) -> None:
    """The lanes, the rows, why a Task waits, and another panel for a page whose kernel was restarted."""
    (task,) = lab.client.taskrouter.v1.workspaces(lab.workspace_sid).tasks.list()

    assert lab.timeline().comm.click("lanes")["ok"]
    assert lab.traffic().comm.click("rows", before=0)["ok"]
    assert lab.inbox().comm.click("explain", task=task.sid)["ok"]
    assert lab.inbox().comm.click("panel", name="workers")["ok"]


def test_a_page_cannot_leave_it(lab: Lab) -> None:
    """Neither by the trait that tells it, nor by a panel that it has made for itself."""
    lab.inbox().comm.click("panel", name="composer")
    end = lab.composer().comm
    end.handle_msg({"content": {"data": {"method": "update", "state": {"look_only": False}}}, "buffers": []})

    assert end.click("create", attributes="{}")["text"] == LOOK_ONLY


def test_what_can_only_act_is_not_on_the_desk(lab: Lab) -> None:
    """There is nothing to see in a form."""
    assert set(names_of(Lab)) - set(lab.desk().panels) == {"composer", "course", "desk", "playground", "setup_plan"}
