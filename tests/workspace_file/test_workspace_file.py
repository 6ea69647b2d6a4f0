"""A Workspace as a file, through the official SDK and a socket: out of one Workspace, into another, and out again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from processes import end_sandbox
from sandbox.local import LocalSandbox, local_sandbox

import labkit
import labkit.lab.runtime
from labkit.cli import parser
from labkit.course.furnishing import furnish
from labkit.errors import TaskRouterError, WorkspaceFileError
from labkit.sandbox import process
from labkit.workspace_file import WorkspaceFile
from labkit.workspace_file.yaml_text import MAX_BYTES


class Town:
    """A sandbox with a furnished Workspace, and as many empty ones as are wanted."""

    def __init__(self, sandbox: LocalSandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.client = sandbox.client()
        self.folder = folder
        self.furnished: str = furnish(self.client, workspace_name="Furnished").workspace_sid

    def workspace(self, sid: str) -> Any:
        """The SDK's own way in."""
        return self.client.taskrouter.v1.workspaces(sid)

    def empty(self) -> str:
        """A new Workspace with nothing but what TaskRouter puts there."""
        return str(self.client.taskrouter.v1.workspaces.create(friendly_name="Empty", template="NONE").sid)

    def file(self, workspace_sid: str, name: str = "workspace.yaml") -> WorkspaceFile:
        """A file beside a Workspace."""
        return WorkspaceFile(self.folder / name, client=self.client, workspace_sid=workspace_sid)

    def writes(self) -> list[str]:
        """The requests since `calls` was cleared that change something."""
        return [f"{call['method']} {call['path']}" for call in self.sandbox.calls if call["method"] != "GET"]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town of this test's own."""
    with local_sandbox() as sandbox:
        made = Town(sandbox, tmp_path)
        yield made
        made.client.http_client.session.close()


def enrich(town: Town) -> None:
    """Give the furnished Workspace one of everything that a file can say."""
    workspace = town.workspace(town.furnished)
    lunch = workspace.activities.create(friendly_name='At "lunch" ${}', available=False)
    workspace.task_channels.create(friendly_name="Fax", unique_name="fax", channel_optimized_routing=True)
    zoe = workspace.workers.create(friendly_name="Zoë", activity_sid=lunch.sid, attributes='{"no": ["no", 1.5, null]}')
    workspace.workers(zoe.sid).worker_channels("fax").update(capacity=7, available=False)
    queue = workspace.task_queues.create(
        friendly_name="Late",
        target_workers=f'worker.activity_sid != "{lunch.sid}" OR worker.sid == "{zoe.sid}"',
        max_reserved_workers=3,
        task_order="LIFO",
        reservation_activity_sid=lunch.sid,
    )
    target = {"queue": queue.sid, "timeout": 30, "skip_if": f"workers.{lunch.sid} > 1"}
    routing = {
        "filters": [{"filter_friendly_name": "Money: 5$", "expression": "1==1", "targets": [target]}],
        "default_filter": {"task_queue_sid": queue.sid},
    }
    workspace.workflows.create(
        friendly_name="Late",
        configuration=json.dumps({"task_routing": routing}),
        task_reservation_timeout=77,
        assignment_callback_url="https://lab.example/assignment_callback",
    )
    workspace.update(timeout_activity_sid=lunch.sid, prioritize_queue_order="LIFO")


def test_out_of_one_workspace_and_into_another(town: Town) -> None:
    """What comes out of the second is what went in, to the letter; and nothing of it belongs to the first alone."""
    enrich(town)
    text = town.file(town.furnished).export().read_text("utf-8")
    copy = town.empty()

    done = town.file(copy).load()

    assert done.headline.startswith("Done: ")
    assert town.file(copy, "copy.yaml").export().read_text("utf-8") == text
    assert not re.search(r"[A-Z]{2}[0-9a-f]{32}", text)
    assert "http" not in text
    assert town.file(town.furnished).diff().changes == ()


def test_what_stood_in_expressions_means_the_same_in_the_copy(town: Town) -> None:
    """An expression that compares with a SID compares with that of the copy's own Activity and Worker."""
    enrich(town)
    town.file(town.furnished).export()
    copy = town.empty()
    town.file(copy).load()

    workspace = town.workspace(copy)
    sids = {each.friendly_name: each.sid for each in (*workspace.activities.list(), *workspace.workers.list())}
    lunch, zoe = sids['At "lunch" ${}'], sids["Zoë"]
    queue = workspace.task_queues.list(friendly_name="Late")[0]
    assert queue.target_workers == f'worker.activity_sid != "{lunch}" OR worker.sid == "{zoe}"'
    routing = json.loads(workspace.workflows.list(friendly_name="Late")[0].configuration)["task_routing"]
    assert routing["filters"][0]["targets"][0] == {
        "queue": queue.sid,
        "timeout": 30,
        "skip_if": f"workers.{lunch} > 1",
    }
    assert routing["filters"][0]["filter_friendly_name"] == "Money: 5$"
    assert routing["default_filter"] == {"queue": queue.sid}


def test_loading_twice_changes_nothing(town: Town) -> None:
    """The second time nothing is written."""
    enrich(town)
    file = town.file(town.empty())
    town.file(town.furnished).export()
    file.load()
    town.sandbox.calls.clear()

    again = file.load()

    assert (again.changes, str(again)) == ((), "The Workspace is as the file says.")
    assert town.writes() == []


def test_callback_urls_stay_what_they_are(town: Town) -> None:
    """They belong to a notebook: neither a file nor a load has to do with them."""
    enrich(town)
    file = town.file(town.furnished)
    file.path.write_text(
        file.export().read_text("utf-8").replace("task_reservation_timeout: 77", "task_reservation_timeout: 78")
    )
    file.load()
    workflow = town.workspace(town.furnished).workflows.list(friendly_name="Late")[0]
    assert workflow.task_reservation_timeout == 78
    assert workflow.assignment_callback_url == "https://lab.example/assignment_callback"


def test_only_what_differs_is_sent(town: Town) -> None:
    """One field of one Worker is one request with that field."""
    file = town.file(town.furnished)
    file.path.write_text(file.export().read_text("utf-8").replace("[en, es]", "[en, es, fr]"))
    town.sandbox.calls.clear()
    file.load()
    [call] = [call for call in town.sandbox.calls if call["method"] == "POST"]
    assert call["form"] == {"Attributes": '{"languages":["en","es","fr"]}'}


def test_what_is_not_in_the_file_goes_only_when_asked(town: Town) -> None:
    """Left by default; taken away, dependants first, with remove=True; built-in TaskChannels always stay."""
    enrich(town)
    file = town.file(town.furnished)
    file.path.write_text(
        "version: 1\nactivities: [{friendly_name: Offline}]\n"
        "workspace: {default_activity: Offline, timeout_activity: Offline}\n"
        "workers: [{friendly_name: bob, activity: Offline}]\n"
    )
    assert "in the Workspace only, and left there" in file.diff().headline
    file.load()
    workspace = town.workspace(town.furnished)
    assert len(workspace.workers.list()) == 3

    file.load(remove=True)

    assert [each.friendly_name for each in workspace.workers.list()] == ["bob"]
    assert [each.friendly_name for each in workspace.activities.list()] == ["Offline"]
    assert (workspace.task_queues.list(), workspace.workflows.list()) == ([], [])
    assert {each.unique_name for each in workspace.task_channels.list()} == {"default", "voice", "chat", "sms", "video"}
    assert not file.diff(remove=True)


def test_a_new_worker_has_its_channels_before_it_is_available(town: Town) -> None:
    """Else it would be offered a Task that its channels forbid."""
    file = town.file(town.furnished)
    file.path.write_text(
        "version: 1\nworkers:\n- friendly_name: Eve\n  activity: Available\n  channels: {voice: {capacity: 0}}\n"
    )
    town.sandbox.calls.clear()
    file.load()
    forms = [call["form"] for call in town.sandbox.calls if call["method"] == "POST"]
    assert [sorted(form) for form in forms] == [["FriendlyName"], ["Capacity"], ["ActivitySid"]]


@pytest.mark.parametrize(
    "text",
    [
        "workers: {",
        "version: 1\nworkers: [{friendly_name: New}, {friendly_name: Newer, activity: Nowhere}]",
        "version: 1\nworkers: [{friendly_name: New}]\ntask_queues: [{friendly_name: Q, target_workers: 'a =='}]",
        "version: 1\nworkers: [{friendly_name: New}]\nactivities: [{friendly_name: Available, available: false}]",
    ],
)
def test_a_file_that_cannot_be_used_changes_nothing(town: Town, text: str) -> None:
    """Not even what stands before the mistake."""
    file = town.file(town.furnished)
    file.path.write_text(text)
    town.sandbox.calls.clear()
    with pytest.raises(WorkspaceFileError):
        file.load()
    assert town.writes() == []


def test_a_refusal_on_the_way_says_how_far_it_came(town: Town) -> None:
    """TaskRouter has the last word; what was done is done, and loading again goes on from there."""
    file = town.file(town.furnished)
    workspace = town.workspace(town.furnished)
    workflow = workspace.workflows.list()[0]
    workspace.tasks.create(attributes='{"selected_language": "es"}', workflow_sid=workflow.sid)
    kept = file.export().read_text("utf-8")
    start = kept.index("workflows:\n")
    file.path.write_text(kept[:start] + kept[kept.index("workers:\n") :] + "- friendly_name: Eve\n")

    with pytest.raises(TaskRouterError) as refused:
        file.load(remove=True)

    assert "delete Workflow 'Incoming Customer Care Requests'" in str(refused.value)
    assert "1 of 2 changes had been made" in str(refused.value)
    assert refused.value.status == 400
    assert [change.step for change in file.diff(remove=True).changes] == ["-"]


def test_two_things_of_one_name_cannot_be_told_apart(town: Town) -> None:
    """TaskRouter allows two Activities of one name; a file does not, and says which."""
    workspace = town.workspace(town.furnished)
    for _ in range(2):
        workspace.activities.create(friendly_name="Twin")
    with pytest.raises(WorkspaceFileError, match="two of the name Activity 'Twin'"):
        town.file(town.furnished).export()
    assert list(town.folder.iterdir()) == []


def test_more_than_a_page_of_workers_is_carried(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists are read to their end."""
    monkeypatch.setattr("labkit.limits.MAX_PAGE_SIZE", 2)
    workspace = town.workspace(town.furnished)
    for number in range(5):
        workspace.workers.create(friendly_name=f"Worker {number}")
    town.sandbox.calls.clear()
    text = town.file(town.furnished).export().read_text("utf-8")
    assert text.count("friendly_name: Worker ") == 5
    lists = [call["path"] for call in town.sandbox.calls if re.search(r"/Workers\?", call["path"])]
    assert len(lists) == 4


def test_what_is_no_file_is_a_sentence(town: Town) -> None:
    """Missing, a folder, too large, not text, in a folder that is not there."""
    file = town.file(town.furnished)
    for load in (file.load, file.diff):
        with pytest.raises(WorkspaceFileError, match="cannot be read: No such file"):
            load()
    with pytest.raises(WorkspaceFileError, match="cannot be read"):
        town.file(town.furnished, ".").load()
    file.path.write_bytes(b"\xff\xfe")
    with pytest.raises(WorkspaceFileError, match="not UTF-8"):
        file.load()
    file.path.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(WorkspaceFileError, match="no Workspace needs so many"):
        file.load()
    with pytest.raises(WorkspaceFileError, match="cannot be written"):
        town.file(town.furnished, "nowhere/workspace.yaml").export()
    assert str(file.path) in repr(file)


def test_no_file_is_overwritten_unasked(town: Town) -> None:
    """One that says the same may be written again; anything else stays unless it is said."""
    file = town.file(town.furnished)
    text = file.export().read_text("utf-8")
    assert file.export() == file.path
    file.path.write_text("mine", "utf-8")
    with pytest.raises(WorkspaceFileError, match=r"there already and says something else.*replace=True.*--replace"):
        file.export()
    assert file.path.read_text("utf-8") == "mine"
    assert file.export(replace=True).read_text("utf-8") == text


def test_attributes_that_a_file_cannot_hold_are_named(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real account may hold what is no JSON object; it is not silently carried as nothing."""
    from twilio.rest.taskrouter.v1.workspace.worker import WorkerInstance

    monkeypatch.setattr(WorkerInstance, "attributes", "[1]", raising=False)
    made = WorkerInstance.__init__

    def spoiled(self: Any, *arguments: Any, **options: Any) -> None:
        made(self, *arguments, **options)
        self.attributes = "[1]"

    monkeypatch.setattr(WorkerInstance, "__init__", spoiled)
    with pytest.raises(WorkspaceFileError, match="The attributes of Worker 'Alice' are no JSON object"):
        town.file(town.furnished).export()


# --- the lab and the command line -------------------------------------------------------------------------------------


@pytest.fixture
def home(own_environment: Path) -> Iterator[Path]:
    """The lab's home; whatever runs from it is ended afterwards."""
    yield own_environment
    labkit.stop()
    labkit.lab.runtime._runtime.lab = None
    end_sandbox(own_environment)
    process._reap()


def test_a_lab_and_the_command_line_carry_the_same(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Export here, change, compare there, load here; and the panels know at once."""
    path = tmp_path / "workspace.yaml"
    with labkit.start() as lab:
        assert parser.main(["export", str(path)]) == 0
        assert parser.main(["export", str(path), "--replace"]) == 0
        assert str(path) in capsys.readouterr().out
        assert not lab.diff(path)
        path.write_text(path.read_text("utf-8") + "- friendly_name: Eve\n", "utf-8")
        assert parser.main(["diff", str(path)]) == parser.main(["load", "--dry-run", str(path)]) == 0
        assert capsys.readouterr().out.count("+ Worker 'Eve'") == 2
        assert "Eve" not in [worker.name for worker in lab.live.workers]

        assert lab.load(path).headline == "Done: 1 added."
        assert "Eve" in [worker.name for worker in lab.live.workers]

        assert parser.main(["load", str(path)]) == 0
        assert "The Workspace is as the file says." in capsys.readouterr().out
        path.write_text("version: 2", "utf-8")
        assert parser.main(["load", str(path)]) == 1
        assert "`version: 1` is needed" in capsys.readouterr().err


def test_a_lab_does_not_load_away_the_workflow_that_it_works_with(home: Path, tmp_path: Path) -> None:
    """With remove=True a file without it is refused, and nothing was changed."""
    path = tmp_path / "workspace.yaml"
    path.write_text("version: 1\nactivities: [{friendly_name: Offline}]\n", "utf-8")
    with labkit.start() as lab:
        with pytest.raises(WorkspaceFileError, match="this lab creates its Tasks in"):
            lab.load(path, remove=True)
        assert lab.callbacks.assignment_url in lab.callback_urls()
        assert lab.export(path, replace=True) == path
        assert "Alice" in path.read_text("utf-8")
