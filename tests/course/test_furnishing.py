"""What a lesson's Workspace has in it, when it is new and when its first cell runs again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sandbox.local import LocalSandbox

from labkit.course import wanted_workspace
from labkit.course.furnishing import FurnishedWorkspace, furnish, prepare, prepared_for_empty_account
from labkit.course.lesson import Lesson
from labkit.course.lessons import LESSONS
from labkit.course.wanted_workspace import FIFO, document_of
from labkit.taskrouter.quickstart import ACTIVITIES
from labkit.workspace_file import read_data
from labkit.workspace_file.kinds import PartKind
from labkit.workspace_file.new_workspace import new_workspace
from labkit.workspace_file.reading import read_workspace

QUICKSTARTS = "02_assignment_callback"
SPANISH, ENGLISH = "Customer Care Requests - Spanish", "Customer Care Requests - English"


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
    monkeypatch.setattr(wanted_workspace, "LESSONS", {**LESSONS, "98_own": Lesson("Own", (), workspace=FIFO)})
    made = Place(sdk, request.node.name[:64], "98_own")
    made.furnish()
    return made


def test_a_lesson_without_a_file_has_what_the_quickstart_has(sdk: Any, place: Place) -> None:
    """Also that of no lesson, to the letter."""
    other = furnish(sdk, workspace_name="The quickstart's")
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
    """A real account counts requests, and the first cell is to be quick: the Workspace and four lists."""
    before = len(sandbox.calls)
    place.furnish()
    assert [call["method"] for call in sandbox.calls[before:]] == ["GET"] * 5


def test_an_empty_workspace_gets_the_whole_quickstart(sandbox: LocalSandbox, sdk: Any) -> None:
    """The new Workspace brings its own Activities; what is named is made before what names it."""
    before = len(sandbox.calls)
    found = furnish(sdk, workspace_name="Forms")
    forms = {call["form"]["FriendlyName"]: call["form"] for call in sandbox.calls[before:] if call["method"] == "POST"}
    assert list(forms) == ["Forms", "Alice", "Bob", SPANISH, ENGLISH, "Incoming Customer Care Requests"]
    assert forms[SPANISH]["TargetWorkers"] == 'languages HAS "es"'
    assert json.loads(forms["Alice"]["Attributes"]) == {"languages": ["en", "es"]}
    workflow = forms["Incoming Customer Care Requests"]
    assert workflow["TaskReservationTimeout"] == 1200
    workspace = sdk.taskrouter.v1.workspaces(found.workspace_sid)
    queues = {each.sid: each.friendly_name for each in workspace.task_queues.list()}
    routing = json.loads(workflow["Configuration"])["task_routing"]
    assert "default_filter" not in routing
    assert {each["expression"]: queues[each["targets"][0]["queue"]] for each in routing["filters"]} == {
        'selected_language == "es"': SPANISH,
        'selected_language == "en"': ENGLISH,
    }


def test_other_letters_are_the_same_name(sdk: Any) -> None:
    """What a person has called so is there: it is not made again, nor is its name set back."""
    place = Place(sdk, "Letters", None)
    place.furnish()
    for resources in (place.workspace.activities, place.workspace.task_queues, place.workspace.workflows):
        for each in resources.list():
            each.update(friendly_name=each.friendly_name.upper())
    again = furnish(sdk, workspace_name="Letters")
    assert (again.made, again.workflow_sid) == ((), place.found.workflow_sid)
    assert again.workflow_name == "INCOMING CUSTOMER CARE REQUESTS"
    next(each for each in place.workspace.workers.list() if each.friendly_name == "Bob").delete()
    assert furnish(sdk, workspace_name="Letters").made == ("the Worker Bob",)


def test_a_missing_activity_is_made_as_available_as_it_should_be(sdk: Any) -> None:
    """An older Workspace has Idle and Busy; the lab's own are added beside them."""
    workspace = sdk.taskrouter.v1.workspaces.create(friendly_name="Older", template="NONE")
    activities = sdk.taskrouter.v1.workspaces(workspace.sid).activities
    for each in activities.list():
        if each.friendly_name != "Offline":
            each.update(friendly_name=f"Old {each.friendly_name}")
    furnish(sdk, workspace_name="Older")
    there = {each.friendly_name: each.available for each in activities.list()}
    assert {name: there[name] for name in ACTIVITIES} == ACTIVITIES
    assert len(there) == 5


@pytest.mark.parametrize("template", ["NONE", "FIFO"])
def test_what_a_new_workspace_has_is_known_beforehand(sdk: Any, template: str) -> None:
    """By name and kind; and but for what a template brings, in every field."""
    made = sdk.taskrouter.v1.workspaces.create(friendly_name="New", multi_task_enabled=True, template=template)
    there, known = read_workspace(sdk, made.sid).document.parts, new_workspace(template).parts
    assert known.keys() == there.keys()
    assert {key: part for key, part in known.items() if part.fields} == {
        key: part for key, part in there.items() if known[key].fields
    }


@pytest.mark.parametrize("lesson", [None, *LESSONS])
def test_what_would_be_done_is_known_without_an_account(sdk: Any, lesson: str | None) -> None:
    """As TaskRouter's own answer gives it; and once it is done, there is nothing left to do."""
    name = f"Beforehand {lesson}"
    asked = prepare(sdk, workspace_name=name, lesson=lesson)
    assert prepared_for_empty_account(workspace_name=name, lesson=lesson) == asked
    assert asked
    assert asked.workspace_sid is None
    furnish(sdk, workspace_name=name, lesson=lesson)
    assert not prepare(sdk, workspace_name=name, lesson=lesson)


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
