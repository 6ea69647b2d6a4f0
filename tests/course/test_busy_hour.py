"""The hour that the lesson on statistics counts."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from sandbox.local import LocalSandbox

from labkit.course.busy_hour import busy_hour
from labkit.course.furnishing import furnish
from labkit.taskrouter import quickstart
from labkit.taskrouter.workspace_client import WorkspaceClient

ENGLISH, SPANISH = (quickstart.task_queue_name(language) for language in ("English", "Spanish"))


class Counter:
    """A lab with Alice at her desk, as far as the hour needs it."""

    def __init__(self, sandbox: LocalSandbox, *, name: str, present: tuple[str, ...] = ("Alice",)) -> None:
        made = furnish(sandbox.client(), workspace_name=name)
        self.client, self.clock = sandbox.client(), SimpleNamespace(advance=sandbox.advance)
        self.workspace_sid, self.workflow_sid = made.workspace_sid, made.workflow_sid
        self.workspace = self.client.taskrouter.v1.workspaces(made.workspace_sid)
        self._queues = {each.friendly_name: each.sid for each in self.workspace.task_queues.list()}
        self._sandbox = sandbox
        for worker in present:
            WorkspaceClient(self.client, made.workspace_sid).set_activity(worker, "Available")
        self.began = sandbox.service.clock.now()

    def play(self, **more: Any) -> str:
        """The hour, and what it says."""
        return busy_hour(self, **more)  # type: ignore[arg-type]

    def counted(self, queue: str) -> Any:
        """What TaskRouter has counted since the beginning."""
        statistics = self.workspace.task_queues(self._queues[queue]).cumulative_statistics()
        return statistics.fetch(start_date=self.began, split_by_wait_time="20")

    @property
    def lasted(self) -> timedelta:
        """How far the clock went."""
        return self._sandbox.service.clock.now() - self.began


def test_all_come_and_are_served_and_an_hour_has_passed(sandbox: LocalSandbox) -> None:
    """Each fourth customer speaks Spanish."""
    counter = Counter(sandbox, name="all")
    assert counter.play(customers=12, talk_seconds=60) == "12 customers came within an hour, and 12 were served."
    entered = [counter.counted(queue).tasks_entered for queue in (ENGLISH, SPANISH)]
    assert entered == [9, 3]
    assert [counter.counted(queue).tasks_completed for queue in (ENGLISH, SPANISH)] == [9, 3]
    assert timedelta(hours=1) <= counter.lasted < timedelta(hours=1, minutes=10)


def test_the_lesson_tells_what_its_hour_gives(sandbox: LocalSandbox) -> None:
    """With Alice alone 39 percent within 20 seconds, and 87 with Bob: the notebook says so."""
    below = []
    for name, present in (("one", ("Alice",)), ("two", ("Alice", "Bob"))):
        counter = Counter(sandbox, name=name, present=present)
        counter.play()
        below.append(counter.counted(ENGLISH).split_by_wait_time["20"]["below"]["reservations_accepted"])
    assert below == [9, 20]


def test_who_is_offered_to_nobody_is_not_served(sandbox: LocalSandbox) -> None:
    """With Bob alone those who speak Spanish wait."""
    counter = Counter(sandbox, name="bob", present=("Bob",))
    assert counter.play(customers=4) == "4 customers came within an hour, and 3 were served."
