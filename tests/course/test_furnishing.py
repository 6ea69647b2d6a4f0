"""What a lesson's Workspace has in it, when it is new and when its first cell runs again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sandbox.local import LocalSandbox

from labkit.course import furnishing
from labkit.course.furnishing import FIFO, FurnishedWorkspace, document_of, furnish
from labkit.course.lesson import Lesson
from labkit.course.lessons import LESSONS
from labkit.taskrouter.quickstart import provision
from labkit.workspace_file import read_data
from labkit.workspace_file.kinds import PartKind

QUICKSTARTS = "02_assignment_callback"


class Place:
    """The Workspace of one lesson."""

    def __init__(self, sdk: Any, name: str, lesson: str | None) -> None:
        self.sdk, self.name, self.lesson = sdk, name, lesson

    def furnish(self, **options: bool) -> FurnishedWorkspace:
        """As the first cell does."""
        self.found = furnish(self.sdk, workspace_name=self.name, lesson=self.lesson, **options)
        self.workspace = self.sdk.taskrouter.v1.workspaces(self.found.workspace_sid)
        return self.found

    def data(self) -> Any:
        """All that is in it."""
        return read_data(self.sdk, self.found.workspace_sid)


@pytest.fixture
def place(sdk: Any, request: pytest.FixtureRequest) -> Place:
    """That of a lesson which has what the quickstart has."""
    made = Place(sdk, request.node.name[:64], QUICKSTARTS)
    made.furnish()
    return made


@pytest.fixture
def fifo(sdk: Any, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Place:
    """That of a lesson which begins by Twilio's template."""
    monkeypatch.setattr(furnishing, "LESSONS", {**LESSONS, "98_own": Lesson("Own", (), workspace=FIFO)})
    made = Place(sdk, request.node.name[:64], "98_own")
    made.furnish()
    return made


def test_a_lesson_without_a_file_has_what_the_quickstart_has(sdk: Any, place: Place) -> None:
    """Made by another way, and the same to the letter."""
    other = provision(sdk, workspace_name="The quickstart's")
    assert place.data() == read_data(sdk, other.workspace_sid)
    assert place.found.workflow_name == other.workflow_name


def test_what_was_prepared_is_said_once(sdk: Any) -> None:
    """In one sentence, with what is in it; where all is there, there is nothing to say."""
    place = Place(sdk, "Said", QUICKSTARTS)
    assert place.furnish().said == (
        'Prepared the Workspace "Said" with the Workers Alice and Bob, the TaskQueues Customer Care Requests - Spanish '
        "and Customer Care Requests - English and the Workflow Incoming Customer Care Requests."
    )
    assert place.furnish().said == ""


def test_what_the_lesson_needs_is_put_right_when_it_begins_again(place: Place) -> None:
    """What is missing is made, what was changed is set back, and that is said."""
    before = place.data()
    bob = next(worker for worker in place.workspace.workers.list() if worker.friendly_name == "Bob")
    bob.delete()
    place.workspace.workflows(place.found.workflow_sid).update(task_reservation_timeout=7)
    assert place.furnish().said == (
        "Put back what was missing or changed: the Worker Bob, task_reservation_timeout of the Workflow "
        "Incoming Customer Care Requests."
    )
    assert place.data() == before


def test_what_is_there_is_read_once(sandbox: LocalSandbox, place: Place) -> None:
    """A real account counts requests, and the first cell is to be quick: it and its two Workers, and its Workflow."""
    before = len(sandbox.calls)
    place.furnish()
    assert len(sandbox.calls) - before == 8 + 2


def test_what_goes_on_is_left(place: Place) -> None:
    """The Activities of the Workers, the Tasks, and what the learner has added."""
    alice = next(worker for worker in place.workspace.workers.list() if worker.friendly_name == "Alice")
    available = next(each for each in place.workspace.activities.list() if each.friendly_name == "Available")
    alice.update(activity_sid=available.sid)
    task = place.workspace.tasks.create(attributes='{"selected_language": "es"}', workflow_sid=place.found.workflow_sid)
    place.workspace.workers.create(friendly_name="Carol")
    assert place.furnish().said == ""
    assert {worker["friendly_name"]: worker["activity"] for worker in place.data()["workers"]} == {
        "Alice": "Available",
        "Bob": "Offline",
        "Carol": "Offline",
    }
    assert place.workspace.tasks(task.sid).fetch().assignment_status == "reserved"


def test_what_was_changed_may_be_left(place: Place) -> None:
    """Whoever only follows another Workspace, after a restore, sets nothing back."""
    place.workspace.workflows(place.found.workflow_sid).update(task_reservation_timeout=7)
    assert place.furnish(put_right=False).said == ""
    assert place.data()["workflows"][0]["task_reservation_timeout"] == 7


def test_two_of_one_name_and_what_cannot_be_set_back_are_borne(place: Place) -> None:
    """A learner may do what TaskRouter allows; the first cell runs all the same."""
    routing = json.dumps({"task_routing": {"filters": []}})
    place.workspace.workflows.create(friendly_name=place.found.workflow_name, configuration=routing)
    away = next(each for each in place.workspace.activities.list() if each.friendly_name == "Unavailable")
    away.delete()
    place.workspace.activities.create(friendly_name="Unavailable", available=True)
    assert place.furnish().said == ""
    assert len(place.data()["workflows"]) == 2


def test_a_workspace_by_template_is_the_learners(fifo: Place) -> None:
    """It has what Twilio's template has; nothing in it is set back, and its Workflow may have another name."""
    assert fifo.found.workflow_name == "Default Fifo Workflow"
    assert [queue["friendly_name"] for queue in fifo.data()["task_queues"]] == ["Sample Queue"]
    assert "Sample Queue" in fifo.found.said
    fifo.workspace.workflows(fifo.found.workflow_sid).update(friendly_name="Mine")
    again = fifo.furnish()
    assert (again.workflow_name, again.said) == ("Mine", "")


def test_a_workspace_by_template_has_a_workflow_again(fifo: Place) -> None:
    """Without one the lab has nobody that calls it."""
    fifo.workspace.workflows(fifo.found.workflow_sid).delete()
    assert fifo.furnish().made == ("the Workflow Default Fifo Workflow",)


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_lessons_workspace_can_be_made(sdk: Any, lesson: str) -> None:
    """Its file is right, has a Workflow, and gives what it says."""
    found = Place(sdk, f"Made for {lesson}", lesson)
    found.furnish()
    assert found.found.workflow_sid
    assert found.furnish().said == ""
    wanted = {part.name for part in document_of(lesson).of(PartKind.WORKER)}
    assert {worker["friendly_name"] for worker in found.data()["workers"]} == wanted
