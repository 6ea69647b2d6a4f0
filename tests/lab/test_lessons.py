"""`labkit.start(lesson=...)`: the lesson's own Workspace, whatever becomes of it. One sandbox for all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from processes import end_sandbox
from sandbox import local

import labkit
import labkit.lab.runtime
from labkit.account.facts import AccountFacts
from labkit.cli import parser
from labkit.course import checks
from labkit.course.lesson import Lesson, LessonStep
from labkit.course.lessons import LESSONS
from labkit.errors import LabError, SettingsError
from labkit.lab.lab import Lab
from labkit.lab.workspace_watch import WorkspaceWatch
from labkit.sandbox import process
from labkit.tunnel.loopback import Loopback

pytestmark = pytest.mark.process

LESSON = "02_assignment_callback"
OWN = "TaskRouter Lab: 02 assignment callback"


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home for all tests of this module; its sandbox is ended afterwards."""
    home = tmp_path_factory.mktemp("lessons")
    yield home
    end_sandbox(home)
    process._reap()


@pytest.fixture
def start(shared_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type]:
    """`labkit.start` in that home, whose watch looks only when a test has it look."""
    monkeypatch.setenv("LABKIT_HOME", str(shared_home))
    monkeypatch.setattr(WorkspaceWatch, "start", lambda _self: None)
    yield labkit
    labkit.stop()
    labkit.lab.runtime._runtime.lab = None


def workspaces(lab: Lab) -> set[str]:
    """The names of those that there are."""
    return {each.friendly_name for each in lab.client.taskrouter.v1.workspaces.list()}


def test_a_lesson_has_a_workspace_of_its_own(start: None, capsys: pytest.CaptureFixture[str]) -> None:
    """It is furnished, the first cell says so once, and the cell can be run again."""
    lab = labkit.start(lesson="02")
    assert (lab.workspace_name, lab.workflow_name) == (OWN, "Incoming Customer Care Requests")
    assert [worker.name for worker in lab.taskrouter.workers()] == ["Alice", "Bob"]
    assert f'Prepared the Workspace "{OWN}" with the Workers Alice and Bob' in capsys.readouterr().out
    assert labkit.start(lesson=2) is lab
    assert labkit.start(lesson=LESSON) is lab
    assert capsys.readouterr().out == ""


def test_another_lesson_in_the_same_kernel_takes_the_place_of_the_first(start: None) -> None:
    """Each in its Workspace, and the callbacks go to who is there."""
    first = labkit.start(lesson="02")
    second = labkit.start(lesson="00")
    assert first.stopped
    assert second.workspace_name == "TaskRouter Lab"
    assert {OWN, "TaskRouter Lab"} <= workspaces(second)
    assert second.callback_urls() == (second.callbacks.assignment_url, second.callbacks.event_url)


def test_a_lesson_that_is_not_there_is_refused_and_the_lab_goes_on(start: None) -> None:
    """The sentence lists those that there are."""
    lab = labkit.start(lesson="02")
    with pytest.raises(SettingsError, match=r"There is no lesson '99'\. The lessons are: 00_start_here"):
        labkit.start(lesson="99")
    with pytest.raises(SettingsError, match="Give a shorter workspace"):
        labkit.start(lesson="02", workspace="x" * 64)
    assert not lab.stopped


def test_the_setting_workspace_stands_before_the_lessons_name(start: None) -> None:
    """Several learners can share one account."""
    assert labkit.start(lesson="02", workspace="Ana's").workspace_name == "Ana's: 02 assignment callback"


def test_what_was_changed_is_put_right_when_the_first_cell_runs_again(
    start: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """And named; the panels show it."""
    lab = labkit.start(lesson="02")
    capsys.readouterr()
    alice = next(worker for worker in lab.taskrouter.workers() if worker.name == "Alice")
    lab.client.taskrouter.v1.workspaces(lab.workspace_sid).workers(alice.sid).update(attributes="{}")
    labkit.start(lesson="02")
    assert capsys.readouterr().out == "Put back what was missing or changed: attributes of the Worker Alice.\n"
    assert next(worker for worker in lab.live.workers if worker.name == "Alice").attributes == {
        "languages": ["en", "es"]
    }


def test_a_lab_that_looks_on_sets_nothing_back(start: None) -> None:
    """A wall in the room must not undo what the learner beside it does."""
    lab = labkit.start(lesson="02")
    workflow = lab.client.taskrouter.v1.workspaces(lab.workspace_sid).workflows(lab.workflow_sid)
    workflow.update(task_reservation_timeout=7)
    with Lab(labkit.settings.Settings.resolve(lesson=LESSON, callbacks="leave")):
        assert workflow.fetch().task_reservation_timeout == 7


def test_a_lessons_workspace_that_is_made_again_is_the_lessons(start: None) -> None:
    """After a reset, and after somebody deleted it: the lab furnishes the lesson's, not the quickstart's."""
    lab = labkit.start(lesson="02")
    lab.reset()
    assert workspaces(lab) == {OWN}
    assert lab.workspace_name == OWN
    lab.client.taskrouter.v1.workspaces(lab.workspace_sid).delete()
    lab._workspace.look()
    assert lab.live.workers == []
    labkit.start(lesson="02")
    assert [worker.name for worker in lab.live.workers] == ["Alice", "Bob"]
    assert workspaces(lab) == {OWN}


def test_the_check_is_that_of_the_lesson(start: None) -> None:
    """Whatever notebook the kernel belongs to."""
    assert [each.name for each in labkit.start(lesson="02").check().lessons] == [LESSON]


def test_a_lab_of_no_lesson_looks_at_its_own_workspace_once(start: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """For all lessons, with what their steps ask of it; also where its name leaves no room for a lesson's."""
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    lab = labkit.start(workspace="x" * 60)
    asked: list[str] = []
    request = lab._connection.quiet.http_client.request

    def asking(method: str, url: str, *arguments: object, **named: object) -> object:
        asked.append(f"{method} {urlsplit(url).path}")
        return request(method, url, *arguments, **named)

    monkeypatch.setattr(lab._connection.quiet.http_client, "request", asking)
    assert [each.name for each in lab.check().lessons] == list(LESSONS)
    asked.remove(f"GET /v1/Workspaces/{lab.workspace_sid}/Workflows")  # once for the Workspace, once for the callbacks
    assert sorted(asked) == sorted(set(asked))


def test_another_lesson_is_checked_in_its_own_workspace(start: None) -> None:
    """And one that nobody has begun has nothing done."""
    first = labkit.start(lesson="00")
    first.create_task({"selected_language": "es"})
    second = labkit.start(lesson="02")
    assert second.check("00").steps[0].done
    assert not second.check(step=2).steps[0].done
    assert [each.name for each in second.check(step=2).lessons] == [LESSON]


def test_a_solution_is_shown_on_request(start: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the lesson's steps; where no lesson is meant, that is asked."""
    lab = labkit.start(lesson="02")
    assert lab.solution().lines  # of the first that is missing
    with monkeypatch.context() as nobody_is_asked:
        nobody_is_asked.setattr(lab._course, "_observed", None)
        assert str(lab.solution(3)).startswith("3. An assignment callback came")
        assert str(lab.solution(1, lesson="00")).startswith("1. A Task was created")
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    with pytest.raises(SettingsError, match="Which lesson"):
        labkit.start().solution()


def test_a_tick_outlasts_all_that_can_happen(start: None) -> None:
    """A state from before it, the Workspace's end, a reset, a new kernel, and a sandbox that was killed."""
    lab = labkit.start(lesson="00")
    lab.reset()
    lab.snapshot("before the tick")
    lab.create_task({"selected_language": "es"})
    assert lab.check().steps[0].done
    lab.restore("before the tick")
    assert lab.check().steps[0].done
    lab.reset()
    assert lab.check().steps[0].done
    labkit.stop()
    labkit.lab.runtime._runtime.lab = None
    lab = labkit.start(lesson="00")
    assert lab.check().steps[0].done
    assert lab._connection.address is not None
    killed = psutil.Process(lab._connection.address.pid)
    killed.kill()
    killed.wait(10)
    assert labkit.start(lesson="00").check().steps[0].done


def test_who_asks_again_is_told_more(start: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the step that comes next; of those that come later a check of the whole lesson has told nothing yet."""
    steps = [
        LessonStep(f"Made up {number}", lambda _record: False, f"Hint {number}.", f"More {number}.", "x()")
        for number in (1, 2)
    ]
    monkeypatch.setattr(checks, "LESSONS", {LESSON: Lesson("Made up", tuple(steps))})
    lab = labkit.start(lesson="02")
    told = [[" ".join(step.advice) for step in lab.check().steps] for _ in range(2)]
    assert told == [["Hint 1.", "Hint 2."], ["More 1. lab.solution(1) shows how it is done.", "Hint 2."]]
    assert [lab.check(step=2).steps[0].advice[0] for _ in range(2)] == ["Hint 2.", "More 2."]


def test_a_progress_that_cannot_be_kept_is_said(start: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check goes on without."""
    lab = labkit.start(lesson="02")

    def refuse(*_: object, **__: object) -> None:
        raise LabError("The disk is full.")

    monkeypatch.setattr(lab._controls.progress, "note", refuse)
    assert str(lab.check()).endswith("\n\nThe disk is full.")
    monkeypatch.setattr(lab._controls.progress, "read", refuse)
    assert str(lab.check()).endswith("\n\nThe disk is full.")


def status_of_workspace(lab: Lab) -> str:
    """What the status says in the line of the Workspace, beside its name."""
    lab._workspace.look()
    [line] = [line for line in lab._status_lines() if line["key"] == "workspace"]
    return line["detail"]


def test_a_lessons_workspace_is_taken_away(start: None) -> None:
    """It says so, the panels see it, the tick stays, and the first cell makes it anew."""
    lab = labkit.start(lesson="02")
    lab.create_task({"selected_language": "es"})
    lab._controls.progress.note(LESSON, ticked=[LESSONS[LESSON].steps[-1].title])
    labkit.start(lesson="00")
    lab = labkit.start(lesson="02")
    assert status_of_workspace(lab) == "The Workspaces of these lessons are there: 02."
    assert str(lab.clear()) == (
        f"Taken away, with all that was in it: {OWN}. Run the first cell again to begin anew; what you have ticked "
        "stays ticked."
    )
    assert workspaces(lab) == {"TaskRouter Lab"}
    assert lab.live.workers == []
    assert str(lab.clear()) == "There was nothing to take away."
    labkit.start(lesson="02")
    assert lab.taskrouter.open_tasks() == []
    assert len(lab.live.workers) == 2
    assert lab.check().steps[-1].done


def test_the_quickstarts_workspace_is_never_taken_away(start: None) -> None:
    """Neither by its lesson nor by a lab of no lesson, which takes away those of all others; nor that of a stranger."""
    first = labkit.start(lesson="02")
    first.client.taskrouter.v1.workspaces.create(friendly_name="TaskRouter Lab: mine")
    assert "which is not taken away" in str(labkit.start(lesson="00").clear())
    lab = labkit.start()
    assert str(lab.clear("00")).startswith("The first lesson works in the quickstart's Workspace")
    assert lab.clear().names == (OWN,)
    assert workspaces(lab) == {"TaskRouter Lab", "TaskRouter Lab: mine"}
    assert status_of_workspace(lab) == ""
    with pytest.raises(SettingsError, match="There is no lesson '99'"):
        lab.clear("99")


def test_a_terminal_shows_the_map_and_takes_lessons_away(start: None, capsys: pytest.CaptureFixture[str]) -> None:
    """With the progress that the notebooks made; of the Workspaces, all or that of one lesson."""
    lab = labkit.start(lesson="00")
    lab.create_task({"selected_language": "es"})
    lab.check()
    labkit.start(lesson="02")
    capsys.readouterr()
    assert parser.main(["course"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("The course: ")
    assert "00  Start here" in shown
    assert parser.main(["clear", "99"]) == 1
    assert "There is no lesson '99'" in capsys.readouterr().err
    assert parser.main(["clear", "2"]) == 0
    assert capsys.readouterr().out == f"Taken away, with all that was in it: {OWN}.\n"
    assert parser.main(["clear"]) == 0
    assert capsys.readouterr().out == "There was nothing to take away.\n"


def test_a_real_account_has_the_lessons_workspace_too(
    start: None, shared_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twilio is a sandbox in this process here; what a lesson's Workspace has lost is put back without a question."""
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", local.ACCOUNT)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", local.TOKEN)
    monkeypatch.setattr("labkit.lab.callback_routing.choose", lambda _settings: Loopback())
    monkeypatch.setattr("labkit.lab.setup.look_at_account", lambda _client, sid: AccountFacts(sid=sid))
    with local.local_sandbox() as sandbox:
        monkeypatch.setattr("labkit.lab.connection.Connection.base_url", property(lambda _self: sandbox.url))
        lab = labkit.start(mode="twilio", lesson="02", yes=True)
        assert workspaces(lab) == {OWN}
        workflow = lab.client.taskrouter.v1.workspaces(lab.workspace_sid).workflows(lab.workflow_sid)
        workflow.update(task_reservation_timeout=7)
        labkit.start(mode="twilio", lesson="02", yes=True)
        assert workflow.fetch().task_reservation_timeout == 1200
        assert status_of_workspace(lab) == "The Workspaces of these lessons are there: 02."
        lab.check()
        assert lab.clear().names == (OWN,)
        assert workspaces(lab) == set()
        assert (shared_home / "account-progress.json").exists()
        labkit.stop()
