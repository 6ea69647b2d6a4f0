"""Stills: what every panel leaves in the notebook's file, where it is seen without a kernel."""

from __future__ import annotations

import html
import re
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nbformat
import pytest
from live.workspace import FakeWorkspaceClient, Worker
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from processes import end_sandbox

import labkit
from labkit.background import Jobs
from labkit.display import Section
from labkit.live.workspace import LiveWorkspace
from labkit.widgets import still as still_module
from labkit.widgets.base import Panel
from labkit.widgets.still import GO_ON, Still, Stills
from labkit.widgets.workers.panel import WorkerBoard

NASTY = "<script>alert('&')</script>"
TELLS = {
    "status": "Assignment callback URL",
    "composer": "No Task was created here",
    "inbox": "Reservation pending",
    "workers": "Reservation pending for WT…",
    "story": "Task created",
    "traffic": "POST /v1/Workspaces/WS…",
    "timeline": "Task reserved",
    "queues": "Customer Care Requests - Spanish",
    "explanation": "Alice",
    "time_and_faults": "Time runs",
    "simulation": "No simulation has run yet",
    "desk": "— Workers —",
}
MOST_CHARACTERS = 12_000

# --- what is in them --------------------------------------------------------------------------------------------------


@pytest.mark.timeout(120)
def test_every_panel_leaves_a_still(home: Path) -> None:
    """What it showed, when, and how to go on; as text and as HTML, escaped, and not large."""
    with labkit.start(panel=False) as lab:
        lab.taskrouter.set_activity("Alice", "Available")
        lab.create_task({"selected_language": "es", "name": NASTY})
        panels = {name: getattr(lab, name)() for name in TELLS}
        for name, panel in panels.items():
            _check(panel, tells=TELLS[name])


def _check(panel: Panel, *, tells: str) -> None:
    still = _still_with(panel, tells)
    page = still._repr_html_()
    assert tells in html.unescape(page)
    assert re.match(rf"{re.escape(panel.title)} · \d+ \w+ \d+, \d\d:\d\d:\d\d UTC", str(still))
    assert html.escape(GO_ON) in page
    assert page.count(f'class="still labkit-panel-{panel.model_id}"') == 1, (
        "by which its script finds the panel's place"
    )
    assert "<script" not in page
    assert len(page) < MOST_CHARACTERS
    assert repr(panel) == f"<{panel.title}: a live panel, which a notebook draws>"


def _still_with(panel: Panel, text: str) -> Still:
    """The still once this is in it: callbacks and answers come in their own time."""
    changed = threading.Event()
    panel.observe(lambda _change: changed.set(), "state")
    deadline = time.monotonic() + 30
    while text not in str(still := panel.still()):
        assert changed.wait(deadline - time.monotonic()), f"{text!r} is not in {still}"
        changed.clear()
    return still


def test_a_long_still_is_cut_and_says_so(live: LiveWorkspace, desk: FakeWorkspaceClient, jobs: Jobs) -> None:
    """Five hundred Workers are some kB."""
    for number in range(500):
        worker = f"WK{number:032x}"
        desk.everyone[worker] = Worker(worker, f"Worker {number}", "Offline", "WA1", False, {"x": NASTY * 9}, None)
    live.reconcile()
    board = WorkerBoard(live, client=desk, jobs=jobs)  # type: ignore[arg-type]
    page = board.still()._repr_html_()
    assert re.search(r"… and 4\d\d more", page)
    assert len(page) < 2 * MOST_CHARACTERS


def test_a_still_says_where_the_clock_was_moved() -> None:
    """Its time is TaskRouter's, which a sandbox may have moved."""
    at = datetime(2026, 11, 27, 14, 2, 5, tzinfo=UTC)
    for ahead, said in ((0, "clock"), (1320, "clock, 22 min ahead of the computer's"), (-60, "1 min behind")):
        head = str(Still("Inbox", at, (), ahead=timedelta(seconds=ahead))).splitlines()[0]
        assert head.startswith("Inbox · 27 Nov 2026, 14:02:05 UTC on TaskRouter's clock")
        assert said in head
        assert (", " in head.split("UTC")[1]) == bool(ahead)


# --- when they are drawn ----------------------------------------------------------------------------------------------


class Watched:
    """What is drawn and what is published, with no notebook."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.text, self.drawn = "one", 0
        self.published: list[tuple[str, bool]] = []
        patch.setattr(still_module, "_publish", self._publish)
        self.stills = Stills(self._draw)

    def _draw(self) -> Still:
        self.drawn += 1
        return Still("Panel", datetime.now(UTC), (Section(self.text),))

    def _publish(self, still: Still, *, place: str, update: bool = False) -> None:
        self.published.append((still.sections[0].headline, update))


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    """Stills of something that is one word."""
    watched = Watched(monkeypatch)
    yield watched
    watched.stills.close()


def test_a_panel_that_changes_thirty_times_a_second_draws_few_stills(watched: Watched) -> None:
    """One in its place, one at the first news, and one for all the rest, at the end here."""
    watched.stills.display()
    for number in range(1_000):
        watched.text = str(number)
        watched.stills.mark()
    watched.stills.close()
    assert watched.published[0] == ("one", False)
    assert watched.published[-1] == ("999", True)
    assert watched.drawn <= 3


def test_what_looks_as_before_is_not_published_again(watched: Watched) -> None:
    """Neither is what was never displayed, nor what is closed; it would change the notebook's file."""
    watched.stills.mark()
    watched.stills.close()
    assert watched.drawn == 0
    other = Stills(watched._draw)
    other.display()
    other.close()
    other.mark()
    assert watched.published == [("one", False)]


def test_a_cell_may_show_the_panel_while_its_stills_are_renewed(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """News comes on a thread of its own: the cell that runs leaves one more place in the middle of it."""

    def publish(still: Still, *, place: str, update: bool = False) -> None:
        watched._publish(still, place=place, update=update)
        if update and len(watched.published) == 2:
            watched.stills.display()

    monkeypatch.setattr(still_module, "_publish", publish)
    watched.stills.display()
    watched.text = "two"
    watched.stills._update()
    assert watched.published == [("one", False), ("two", True), ("two", False)]


# --- in a notebook ----------------------------------------------------------------------------------------------------


@pytest.mark.process
@pytest.mark.timeout(120)
def test_a_saved_notebook_shows_what_was_last(own_environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under the panel, which has no text of its own there, stands its still, as it was when the lab stopped."""
    monkeypatch.setenv("IPYTHONDIR", str(own_environment / "ipython"))
    notebook = nbformat.v4.new_notebook()
    cells = (
        "import labkit\nlab = labkit.start(panel=False)",
        "lab.workers()",
        "lab.taskrouter.create_worker('Carol', attributes={})\nlab.live.reconcile()\nlab.stop()",
    )
    notebook.cells = [nbformat.v4.new_code_cell(each) for each in cells]
    try:
        NotebookClient(notebook, timeout=60).execute()
    finally:
        end_sandbox(own_environment)
    panel, still = notebook.cells[1].outputs
    assert panel.data["text/html"] == ""
    assert panel.data["text/plain"].startswith("<Workers: a live panel")
    assert "3 Workers" in still.data["text/plain"]

    page, _ = HTMLExporter(template_name="lab").from_notebook_node(_saved_by_jupyterlab(notebook))  # type: ignore[no-untyped-call]
    assert page.count(html.escape(GO_ON)) == 1
    assert "Carol" in page
    assert "object at 0x" not in page


def _saved_by_jupyterlab(notebook: Any) -> Any:
    """Without the state of the widgets, which JupyterLab does not keep unless it is told to."""
    notebook.metadata.pop("widgets", None)
    return notebook
