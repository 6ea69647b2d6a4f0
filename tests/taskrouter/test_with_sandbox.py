"""The Desk at a real sandbox process: the same SDK, sockets in between, TaskRouter's own sentences back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from labkit.course.furnishing import FurnishedWorkspace, furnish
from labkit.errors import TaskRouterError
from labkit.sandbox import process
from labkit.settings import Secret
from labkit.taskrouter.client import connect
from labkit.taskrouter.records import TaskRecord
from labkit.taskrouter.workspace_client import WorkspaceClient

pytestmark = pytest.mark.process

SPANISH = {"selected_language": "es"}


class Office:
    """A furnished Workspace in a sandbox, its Desk, and the calls that were made."""

    def __init__(self, address: process.Address) -> None:
        self.calls: list[Mapping[str, Any]] = []
        token = Secret(address.auth_token)
        self.client = connect(
            account_sid=address.account_sid, auth_token=token, base_url=address.url, on_call=self.calls.append
        )
        self.quickstart = self.furnish()
        self.desk = WorkspaceClient(self.client, self.quickstart.workspace_sid)

    def furnish(self) -> FurnishedWorkspace:
        """Find or make the quickstart's Workspace."""
        return furnish(self.client, workspace_name="Test")

    def reserved_task(self) -> tuple[TaskRecord, str]:
        """A new Task in Spanish and the SID of its Reservation for Alice."""
        self.desk.set_activity("Alice", "Available")
        task = self.desk.create_task(SPANISH)
        [reservation] = [each for each in self.desk.open_reservations() if each.task_sid == task.sid]
        return task, reservation.sid


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office in a sandbox of this test's own."""
    office = Office(process.ensure(tmp_path))
    yield office
    office.client.http_client.session.close()
    process.stop(tmp_path)


def test_furnishing_again_finds_everything_and_changes_nothing(office: Office) -> None:
    """What a person has changed stays: the second time there are five lists and no other call."""
    alice = next(worker.sid for worker in office.desk.workers() if worker.name == "Alice")
    office.client.taskrouter.v1.workspaces(office.quickstart.workspace_sid).workers(alice).update(attributes="{}")
    office.calls.clear()
    assert office.furnish() == office.quickstart
    assert [call["method"] for call in office.calls] == ["GET"] * 5
    assert {worker.name: worker.attributes for worker in office.desk.workers()}["Alice"] == {}


def test_a_task_is_taken_from_waiting_to_its_end(office: Office) -> None:
    """Rejected once, accepted, wrapped up, completed; and the log tells it in this order."""
    desk = office.desk
    waiting = desk.create_task(SPANISH, workflow="incoming customer care requests", priority=5)
    assert (waiting.assignment_status, waiting.priority) == ("pending", 5)
    desk.set_activity("Alice", "Available")
    [first] = desk.open_reservations()
    assert (first.status, first.worker_name) == ("pending", "Alice")
    desk.reject(waiting.sid, first.sid, activity="Unavailable")
    assert desk.open_reservations() == []
    desk.set_activity("Alice", "Available")
    [second] = desk.open_reservations()
    desk.accept(waiting.sid, second.sid)
    assert desk.task(waiting.sid).assignment_status == "assigned"
    desk.wrap_up(waiting.sid, second.sid)
    assert [each.status for each in desk.open_reservations()] == ["wrapping"]
    desk.complete(waiting.sid, reason="all done")
    told = [each.event_type for each in desk.events() if each.reservation_sid or each.event_type.startswith("task.")]
    assert told == [
        "task.created",
        *("reservation.created", "reservation.rejected", "reservation.created", "reservation.accepted"),
        *("reservation.wrapup", "task.wrapup", "reservation.completed", "task.completed"),
    ]


def test_a_wrong_move_is_refused_in_taskrouters_words_with_the_remedy(office: Office) -> None:
    """Each remedy hangs on words of the answer, and these are the words that really come."""
    task, reservation = office.reserved_task()
    with pytest.raises(TaskRouterError, match=r"not currently assigned.*cancel one that still waits"):
        office.desk.complete(task.sid)
    office.desk.accept(task.sid, reservation)
    with pytest.raises(TaskRouterError, match=r"not pending or reserved.*complete one that is assigned"):
        office.desk.cancel(task.sid)
    with pytest.raises(TaskRouterError, match=r"was not found.*removed 5 minutes after its end") as caught:
        office.desk.task("WT" + "0" * 32)
    assert (caught.value.status, caught.value.code) == (404, 20404)


def test_foreign_credentials_are_refused_in_a_list_too(office: Office) -> None:
    """The first call of most sessions is a list, so that is where a wrong token shows."""
    base_url = office.client.http_client._base_url
    stranger = connect(account_sid=office.client.username, auth_token=Secret("wrong"), base_url=base_url)
    with pytest.raises(TaskRouterError, match="Check the Account SID and Auth Token") as caught:
        furnish(stranger, workspace_name="Test")
    assert (caught.value.status, caught.value.code) == (401, 20003)
    stranger.http_client.session.close()


def test_a_worker_is_added_given_room_and_deleted(office: Office) -> None:
    """A new Worker has a channel for each TaskChannel; its capacity counts at once."""
    desk = office.desk
    carol = desk.create_worker("Carol", attributes={"languages": ["es"]}, activity="Available")
    assert {channel.configured_capacity for channel in desk.worker_channels("Carol")} == {1}
    assert desk.set_capacity("Carol", "default", capacity=2).configured_capacity == 2
    tasks = [desk.create_task(SPANISH) for _ in range(2)]
    assert [r.worker_name for r in desk.open_reservations()] == ["Carol", "Carol"]
    assert desk.update_worker(carol.sid, name="Carola").name == "Carola"
    with pytest.raises(TaskRouterError, match="Reservation"):
        desk.delete_worker(carol.sid)
    for task in tasks:
        desk.cancel(task.sid)
    desk.delete_worker(carol.sid)
    assert "Carola" not in [worker.name for worker in desk.workers()]


def test_a_name_that_is_taken_is_refused_in_a_sentence(office: Office) -> None:
    """Letter case aside, as with TaskRouter."""
    with pytest.raises(TaskRouterError, match="create the Worker 'ALICE'"):
        office.desk.create_worker("ALICE")
