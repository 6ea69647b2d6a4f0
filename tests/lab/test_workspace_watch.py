"""A lab shows the Workspace as it is, whoever reset the sandbox, restored it, or deleted the Workspace."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import labkit
from labkit.errors import TaskRouterError
from labkit.lab.lab import Lab
from labkit.lab.workspace_watch import WorkspaceWatch
from labkit.sandbox import process
from labkit.sandbox_client.client import SandboxClient
from labkit.sandbox_client.snapshots import Snapshots
from labkit.stream import Kind

pytestmark = pytest.mark.process

ES = {"selected_language": "es"}


@pytest.fixture
def lab(home: Path) -> Iterator[Lab]:
    """A lab whose thread does not look, so that each look is the test's."""
    before = WorkspaceWatch.start
    WorkspaceWatch.start = lambda _self: None  # type: ignore[method-assign]
    try:
        yield labkit.start()
    finally:
        WorkspaceWatch.start = before  # type: ignore[method-assign]


@pytest.fixture
def terminal(lab: Lab) -> Snapshots:
    """What `python -m labkit reset` and `restore` use."""
    return Snapshots(SandboxClient(lab._connection.quiet, sandbox=True))


def works(lab: Lab) -> None:
    """The composer creates a Task, TaskRouter calls this notebook, and the panels know what TaskRouter knows."""
    composer: Any = lab.composer()
    workflow = lab.live.workflows[0].sid
    outcome = composer._create({"attributes": '{"selected_language": "es"}', "workflow": workflow})
    assert outcome.ok, outcome.text
    assert lab.callback_urls() == (lab.callbacks.assignment_url, lab.callbacks.event_url)
    assert {w.sid for w in lab.live.workers} == {w.sid for w in lab.taskrouter.workers()}
    assert all(line["light"] == "green" for line in lab._status_lines())


def reset_by_this_lab(lab: Lab, _terminal: Snapshots) -> None:
    lab.reset()


def reset_by_a_terminal(lab: Lab, terminal: Snapshots) -> None:
    terminal.reset()
    lab._workspace.look()


def restored_by_a_terminal(lab: Lab, terminal: Snapshots) -> None:
    terminal.keep("then")
    terminal.restore("then")
    lab._workspace.look()


def deleted_and_made_again(lab: Lab, _terminal: Snapshots) -> None:
    lab.client.taskrouter.v1.workspaces(lab.workspace_sid).delete()
    lab._workspace.look()
    assert (lab.live.workers, lab.live.workflows) == ([], ())
    lab.client.taskrouter.v1.workspaces.create(friendly_name=lab.workspace_name, template="NONE")
    lab._workspace.look()


@pytest.mark.parametrize(
    "change", [reset_by_this_lab, reset_by_a_terminal, restored_by_a_terminal, deleted_and_made_again]
)
def test_every_panel_works_in_the_workspace_that_there_is(
    lab: Lab, terminal: Snapshots, change: Callable[[Lab, Snapshots], None]
) -> None:
    """Without a restart of the kernel; the panels that were open are the same ones."""
    before = lab.composer()
    works(lab)
    change(lab, terminal)
    assert lab.composer() is before
    assert {w.sid for w in lab.live.workers} == {w.sid for w in lab.taskrouter.workers()}
    works(lab)


def test_a_look_that_finds_nothing_new_changes_nothing(lab: Lab) -> None:
    """It is done every second."""
    topics: list[str] = []
    task = lab.create_task(ES)
    lab.live.reconcile()
    lab.live.watch(topics.append)
    lab._workspace.look()
    assert "workspace" not in topics
    assert [each.sid for each in lab.live.tasks] == [task.sid]


def test_the_callbacks_come_back_to_who_had_them(lab: Lab, terminal: Snapshots) -> None:
    """A notebook that looks on follows too, and takes nothing from the other, whoever of them is first."""
    with Lab(labkit.settings.Settings.resolve(callbacks="leave")) as looking_on:
        looking_on.callback_urls()
        terminal.reset()
        looking_on._workspace.look()
        lab._workspace.look()
        assert looking_on.workspace_sid == lab.workspace_sid
        assert lab.callback_urls() == (lab.callbacks.assignment_url, lab.callbacks.event_url)


def test_the_first_cell_puts_back_what_is_missing_and_names_it(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """Alice was deleted: the first cell, run again, brings her back and says so; once more, it has nothing to say."""
    lab.client.taskrouter.v1.workspaces(lab.workspace_sid).workers(
        next(w.sid for w in lab.taskrouter.workers() if w.name == "Alice")
    ).delete()
    assert labkit.start() is lab
    assert capsys.readouterr().out == "Put back what was missing: the Worker Alice.\n"
    assert [w.name for w in lab.live.workers] == ["Alice", "Bob"]
    labkit.start()
    assert capsys.readouterr().out == ""


def test_a_real_account_is_only_looked_at() -> None:
    """What is missing there is said, and nothing is made."""
    asked: list[str] = []
    part: Any = SimpleNamespace(
        sandbox=False,
        has_own_workspace=False,
        look_for_missing=lambda: asked.append("missing"),
        take_or_leave=lambda: asked.append("callbacks"),
    )
    watch = WorkspaceWatch(part, part, part, live=part, show_status=lambda: False, tell=asked.append)
    assert watch.put_back() == ""
    assert asked == ["missing", "callbacks"]


def test_an_account_s_workspace_that_is_gone_is_forgotten_and_one_that_is_back_is_followed() -> None:
    """A 404 for its callback URLs says that the Workspace is gone, and its name finds the new one."""
    done: list[str] = []
    found: list[str | None] = [None, None, "WS2"]

    def urls() -> tuple[str, str]:
        raise TaskRouterError("It is gone.", status=404)

    connection: Any = SimpleNamespace(
        mode="twilio",
        workspace_sid="WS1",
        find_workspace=lambda: found.pop(0),
        furnish=lambda: done.append("furnish") or (),
    )
    routing: Any = SimpleNamespace(urls=urls, elsewhere=False, follow=lambda had: done.append(f"callbacks {had}"))
    live: Any = SimpleNamespace(forget=lambda _trouble: done.append("forget"), reset=lambda: done.append("reset"))
    controls: Any = SimpleNamespace(sandbox=False)
    watch = WorkspaceWatch(connection, routing, controls, live=live, show_status=lambda: False, tell=lambda _text: None)

    for _ in range(3):
        watch.look()

    assert done == ["forget", "furnish", "callbacks True", "reset"]


def test_what_the_sandbox_says_later_is_in_the_status(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as that its state was removed: once in the stream, and in the status for as long as it is so."""
    look, text = lab._controls.look, "The state file was removed."
    monkeypatch.setattr(lab._controls, "look", lambda: replace(look(), notices=(text,)))
    for _ in range(2):
        lab._workspace.look()
    said = [entry.data["text"] for entry in lab.stream.entries(kind=Kind.NOTICE)]
    assert said.count(text) == 1
    [line] = [line for line in lab._status_lines() if line["key"] == "taskrouter"]
    assert (line["light"], line["detail"]) == ("amber", text)
    monkeypatch.undo()
    lab._workspace.look()
    assert lab.notices == []


@contextmanager
def no_room(pid: int) -> Iterator[None]:
    """The disk of this process is full meanwhile."""
    import resource  # there is none on Windows

    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux sets another process's limits")
def test_a_lab_whose_sandbox_has_a_full_disk_looks_on(lab: Lab) -> None:
    """It starts, shows what there is and says what is the matter; it is called as soon as there is room."""
    task = lab.create_task(ES)
    assert lab._connection.address is not None
    pid = lab._connection.address.pid
    lab.stop()
    with no_room(pid):
        lab = labkit.start()
        lab._workspace.look()
        [line] = [line for line in lab._status_lines() if line["light"] != "green" and line["key"] == "taskrouter"]
        assert "cannot be written" in line["detail"]
        assert "Reading works, and nothing is lost; make room on the disk" in line["detail"]
        assert [each.sid for each in lab.taskrouter.open_tasks()] == [task.sid]
        assert lab.callback_urls() == ("", "")
        with pytest.raises(TaskRouterError, match="503"):
            lab.create_task(ES)
    for _ in range(2):  # the first takes the callbacks, the second sees that all is well
        lab._workspace.look()
    works(lab)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux sets another process's limits")
def test_a_lab_without_a_workspace_on_a_full_disk_says_so(home: Path) -> None:
    """There is nothing to look at; one sentence says why."""
    address = process.ensure(home)
    with (
        no_room(address.pid),
        pytest.raises(TaskRouterError, match=r"create the Workspace .*cannot be written"),
    ):
        labkit.start()
    assert labkit.start().workspace_sid
