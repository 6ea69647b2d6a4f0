"""The desk at its comm: what waits, what needs a look, and the remedy for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from live.workspace import FakeWorkspaceClient, Line, Task, sid

from labkit.background import Jobs
from labkit.live.views import milliseconds
from labkit.live.workspace import LiveWorkspace
from labkit.widgets.desk.panel import DeskPanel
from labkit.widgets.status.lines import StatusLine
from labkit.widgets.status.panel import StatusPanel

GREEN: StatusLine = {
    "key": "tunnel", "label": "Tunnel", "value": "none", "light": "green", "detail": "", "remedy": None, "action": None,
}  # fmt: skip
RED: StatusLine = {**GREEN, "key": "workflow", "light": "red", "detail": "It fails.", "remedy": "Ask", "action": "ask"}


def test_what_waits_is_counted_as_taskrouter_counts_it(
    live: LiveWorkspace, desk: FakeWorkspaceClient, jobs: Jobs, line: Callable[[Any], Line]
) -> None:
    """Pending and reserved Tasks wait, one that somebody has does not; the longest is the one created first."""
    first = Task(sid("WT", 1), {}, assignment_status="reserved")
    desk.known_tasks = {
        each.sid: each
        for each in (
            first,
            Task(sid("WT", 2), {}, assignment_status="pending"),
            Task(sid("WT", 3), {}, assignment_status="assigned"),
        )
    }
    panel = DeskPanel(live, panels={}, places={}, workspace="Care", lines=[], remedy=lambda _action: None, jobs=jobs)
    live.reconcile()
    waiting = line(panel).wait_for(lambda state: state["waiting"]["pending"])["waiting"]
    assert waiting == {
        "pending": 1, "reserved": 1, "oldest": first.sid, "since": milliseconds(first.date_created),
    }  # fmt: skip
    panel.close()


def test_only_what_needs_a_look_is_said_and_only_its_remedy_is_done(
    live: LiveWorkspace, jobs: Jobs, line: Callable[[Any], Line]
) -> None:
    """What is fine is in the status, and what no line offers any more is refused."""
    done: list[str] = []
    panel = DeskPanel(live, panels={}, places={}, workspace="Care", lines=[GREEN, RED], remedy=done.append, jobs=jobs)
    assert [each["key"] for each in panel.state["needs"]] == ["workflow"]
    assert line(panel).click("remedy", remedy="ask")["ok"]
    panel.show_status([GREEN])
    assert panel.state["needs"] == []
    assert not line(panel).click("remedy", remedy="ask")["ok"]
    assert done == ["ask"]
    panel.close()


def test_panels_are_made_for_the_views_that_are_opened(
    live: LiveWorkspace, jobs: Jobs, line: Callable[[Any], Line]
) -> None:
    """The script of the queues has megabytes: a notebook that shows the first steps does without."""

    class Made(dict[str, Any]):
        def __missing__(self, name: str) -> StatusPanel:
            return self.setdefault(name, StatusPanel([], on_action=lambda _action: None, jobs=jobs))

    made, places = Made(), {"inbox": {"first": 1, "work": 1}, "queues": {"watch": 1}}
    about: dict[str, Any] = {"workspace": "Care", "view": "first", "lines": [], "remedy": lambda _action: None}
    panel = DeskPanel(live, panels=made, places=places, jobs=jobs, **about)
    assert made.keys() == {"inbox"}
    shown = {view["key"]: view["panels"] for view in panel.state["views"]}
    assert shown["first"][0]["ref"] == f"anywidget:{made['inbox'].model_id}"
    assert shown["watch"] == [{"name": "queues", "ref": ""}]
    assert line(panel).click("open", view="watch")["ok"]
    shown = {view["key"]: view["panels"] for view in panel.state["views"]}
    assert shown["watch"][0]["ref"] == f"anywidget:{made['queues'].model_id}"
    assert not line(panel).click("open", view="roof")["ok"]
    panel.close()
