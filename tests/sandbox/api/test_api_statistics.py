"""Statistics through the SDK, of one story played by the clock, with numbers worked out by hand.

Docs: /docs/taskrouter/api/taskqueue-statistics, and the statistics of …/api/workspace, …/api/workflow, …/api/worker.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sandbox.local import START, LocalSandbox, local_sandbox
from sandbox.openapi import complaints, operations
from sandbox.refused import refused
from twilio.rest import Client

from labkit.sandbox.clock import Clock
from labkit.sandbox.store import MemoryStore, history

Ask = Callable[..., Any]
NONE = {"avg": 0, "min": 0, "max": 0, "total": 0}
END = 100
"""Seconds that the story takes."""


def seconds(value: int) -> dict[str, int]:
    """The spread of one duration."""
    return dict.fromkeys(NONE, value)


def later(after: float) -> datetime:
    return START + timedelta(seconds=after)


@dataclass
class Story:
    """What was played, by name."""

    sandbox: LocalSandbox
    workspace: Any
    sids: dict[str, str]
    at: float = 0

    def until(self, at: float) -> None:
        self.sandbox.advance(at - self.at)
        self.at = at

    def add_task(self, name: str, **fields: Any) -> None:
        self.sids[name] = self.workspace.tasks.create(attributes="{}", **fields).sid

    def answer(self, task: str, **changes: Any) -> None:
        """Update the Task's latest Reservation."""
        reservations = self.workspace.tasks(self.sids[task]).reservations
        reservations(reservations.list()[-1].sid).update(**changes)

    def switch(self, worker: str, activity: str) -> None:
        self.workspace.workers(self.sids[worker]).update(activity_sid=self.sids[activity])

    def queue(self, name: str) -> Any:
        return self.workspace.task_queues(self.sids[name])


def furnish(sandbox: LocalSandbox) -> Story:
    """Alice sells and Bob supports, both Offline; a Task is 30 s in Sales and goes to Support then."""
    client = sandbox.client()
    made = client.taskrouter.v1.workspaces.create(friendly_name="Story")
    workspace = client.taskrouter.v1.workspaces(made.sid)
    sids = {activity.friendly_name: activity.sid for activity in workspace.activities.list()}
    for queue, worker in (("Sales", "Alice"), ("Support", "Bob")):
        sids[queue] = workspace.task_queues.create(friendly_name=queue, target_workers=f'team == "{queue}"').sid
        sids[worker] = workspace.workers.create(friendly_name=worker, attributes=json.dumps({"team": queue})).sid
    targets = [{"queue": sids["Sales"], "timeout": 30}, {"queue": sids["Support"]}]
    configuration = {"task_routing": {"filters": [{"expression": "1==1", "targets": targets}]}}
    sids["Main"] = workspace.workflows.create(
        friendly_name="Main", configuration=json.dumps(configuration), task_reservation_timeout=20
    ).sid
    return Story(sandbox, workspace, sids)


def play(story: Story) -> Story:
    """One accepted and completed, one rejected and timed out, one canceled, one deleted; two moved."""
    story.add_task("T1")
    story.until(10)
    story.switch("Alice", "Available")
    story.until(12)
    story.answer("T1", reservation_status="accepted")
    story.until(15)
    story.add_task("T2", task_channel="voice", priority=7)
    story.until(17)
    story.answer("T2", reservation_status="rejected", worker_activity_sid=story.sids["Offline"])
    story.until(20)
    story.add_task("T3")
    story.until(55)  # at 45 and at 50, T2 and T3 go to Support
    story.switch("Bob", "Available")
    story.until(60)
    story.workspace.tasks(story.sids["T3"]).update(assignment_status="canceled", reason="hangup")
    story.until(80)  # at 75 the Reservation of T2 times out, and Bob is Offline
    story.workspace.tasks(story.sids["T1"]).update(assignment_status="completed")
    story.until(90)
    story.add_task("T4")
    story.until(95)
    story.workspace.tasks(story.sids["T4"]).delete()
    story.until(END)
    return story


@pytest.fixture
def story(sandbox: LocalSandbox) -> Story:
    """The story, played to its end."""
    return play(furnish(sandbox))


def reservations(found: Any) -> tuple[int, ...]:
    """Created, accepted, rejected, timed out, canceled, rescinded."""
    names = ("created", "accepted", "rejected", "timed_out", "canceled", "rescinded")
    figures = found if isinstance(found, dict) else vars(found)
    return tuple(figures[f"reservations_{name}"] for name in names)


def tasks(found: Any, first: str) -> tuple[int, ...]:
    """Created or entered, moved, canceled, completed, deleted."""
    names = (first, "moved", "canceled", "completed", "deleted")
    return tuple(getattr(found, f"tasks_{name}") for name in names)


def by_activity(found: list[dict[str, Any]], figure: str) -> dict[str, int]:
    return {activity["friendly_name"]: activity[figure] for activity in found}


# --- over a span of time ----------------------------------------------------------------------------------------------


def test_the_workspace_over_time(story: Story) -> None:
    """All that happened to its four Tasks and their four Reservations."""
    found = story.workspace.cumulative_statistics().fetch()
    assert tasks(found, "created") == (4, 2, 1, 1, 1)
    assert reservations(found) == (4, 1, 1, 1, 1, 0)
    assert found.tasks_timed_out_in_workflow == 0
    assert found.avg_task_acceptance_time == 12
    assert found.wait_duration_until_accepted == seconds(12)
    assert found.wait_duration_until_canceled == seconds(40)
    assert found.split_by_wait_time is None
    assert (found.start_time, found.end_time) == (later(END - 900), later(END))
    assert found.url.endswith(f"/v1/Workspaces/{found.workspace_sid}/CumulativeStatistics")


def test_each_queue_over_time(story: Story) -> None:
    """Sales had all four Tasks and lost two; Support had two, and one was canceled there."""
    sales = story.queue("Sales").cumulative_statistics().fetch()
    assert tasks(sales, "entered") == (4, 2, 0, 1, 1)
    assert reservations(sales) == (2, 1, 1, 0, 0, 0)
    assert sales.wait_duration_until_accepted == sales.wait_duration_in_queue_until_accepted == seconds(12)
    assert sales.wait_duration_until_canceled == NONE
    support = story.queue("Support").cumulative_statistics().fetch()
    assert tasks(support, "entered") == (2, 0, 1, 0, 0)
    assert reservations(support) == (2, 0, 0, 1, 1, 0)
    assert support.wait_duration_until_canceled == seconds(40)
    assert support.task_queue_sid == story.sids["Support"]


def test_the_workflow_over_time(story: Story) -> None:
    """All four entered it."""
    found = story.workspace.workflows(story.sids["Main"]).cumulative_statistics().fetch()
    assert tasks(found, "entered") == (4, 2, 1, 1, 1)
    assert reservations(found) == (4, 1, 1, 1, 1, 0)
    assert found.workflow_sid == story.sids["Main"]


def test_one_worker_over_time(story: Story) -> None:
    """Alice: Offline to 10, Available to 17, Offline since; two Reservations."""
    found = story.workspace.workers(story.sids["Alice"]).statistics().fetch()
    assert reservations(found.cumulative) == (2, 1, 1, 0, 0, 0)
    durations = {a["friendly_name"]: a for a in found.cumulative["activity_durations"]}
    offline = {"total": 93, "min": 10, "max": 83, "avg": 46}
    assert durations["Offline"] == {"sid": story.sids["Offline"], "friendly_name": "Offline", **offline}
    assert durations["Available"]["total"] == 7
    assert durations["Unavailable"]["total"] == 0
    assert found.cumulative["end_time"] == "2026-01-01T00:01:40Z"
    assert found.worker_sid == story.sids["Alice"]


def test_all_workers_over_time(story: Story) -> None:
    """Alice and Bob together; who was deleted since was there all the same."""
    found = story.workspace.workers.cumulative_statistics().fetch()
    assert reservations(found) == (4, 1, 1, 1, 1, 0)
    totals = {"Offline": 93 + 80, "Unavailable": 0, "Available": 7 + 20}
    assert by_activity(found.activity_durations, "total") == totals
    assert by_activity(found.activity_durations, "min") == {"Offline": 10, "Unavailable": 0, "Available": 7}
    assert by_activity(found.activity_durations, "max") == {"Offline": 83, "Unavailable": 0, "Available": 20}
    assert by_activity(found.activity_durations, "avg") == {"Offline": 43, "Unavailable": 0, "Available": 13}
    story.workspace.workers(story.sids["Bob"]).delete()
    story.until(END + 10)
    again = story.workspace.workers.cumulative_statistics().fetch()
    assert reservations(again) == reservations(found)
    assert by_activity(again.activity_durations, "total") == {**totals, "Offline": 93 + 80 + 10}


@pytest.mark.parametrize(
    ("query", "who"),
    [
        ({}, "both"),
        ({"friendly_name": "Alice"}, "Alice"),
        ({"friendly_name": "Nobody"}, "nobody"),
        ({"task_queue_name": "Support"}, "Bob"),
        ({"task_queue_sid": "Sales"}, "Alice"),
        ({"task_queue_sid": "Sales", "task_queue_name": "Support"}, "nobody"),
        ({"task_queue_sid": "Sales", "friendly_name": "Bob"}, "nobody"),
        ({"task_queue_sid": "WQ" + "0" * 32}, "nobody"),
    ],
    ids=str,
)
def test_workers_are_picked(story: Story, query: dict[str, str], who: str) -> None:
    """By name and by the TaskQueue that they are eligible for; what picks nobody gives zeros."""
    query = {name: story.sids.get(value, value) if name.endswith("sid") else value for name, value in query.items()}
    found = story.workspace.workers.statistics().fetch(**query)
    expected = {"both": (2, 4, 173), "Alice": (1, 2, 93), "Bob": (1, 2, 80), "nobody": (0, 0, 0)}
    offline = by_activity(found.cumulative["activity_durations"], "total")["Offline"]
    assert (found.realtime["total_workers"], found.cumulative["reservations_created"], offline) == expected[who]


def test_a_split_by_wait_time(story: Story) -> None:
    """Accepted after 12 s, canceled after 40 s."""
    found = story.workspace.cumulative_statistics().fetch(split_by_wait_time="5, 30")
    accepted, canceled = "reservations_accepted", "tasks_canceled"
    assert found.split_by_wait_time == {
        "5": {"above": {accepted: 1, canceled: 1}, "below": {accepted: 0, canceled: 0}},
        "30": {"above": {accepted: 0, canceled: 1}, "below": {accepted: 1, canceled: 0}},
    }
    for both in (story.queue("Sales"), story.workspace, story.workspace.workflows(story.sids["Main"])):
        split = both.statistics().fetch(split_by_wait_time="12").cumulative["split_by_wait_time"]
        assert split["12"]["below"][accepted] == 1


def test_one_channel(story: Story) -> None:
    """T2 alone was on voice; by unique name or by SID, now and over time."""
    voice = story.workspace.task_channels("voice").fetch().sid
    for channel in ("voice", voice):
        found = story.workspace.cumulative_statistics().fetch(task_channel=channel)
        assert tasks(found, "created") == (1, 1, 0, 0, 0)
        assert reservations(found) == (2, 0, 1, 1, 0, 0)
        assert story.queue("Support").real_time_statistics().fetch(task_channel=channel).total_tasks == 1
    assert story.queue("Support").real_time_statistics().fetch(task_channel="default").total_tasks == 0
    assert reservations(story.workspace.workers.cumulative_statistics().fetch(task_channel="chat")) == (0,) * 6
    worker = story.workspace.workers(story.sids["Bob"]).statistics().fetch(task_channel="voice")
    assert reservations(worker.cumulative) == (1, 0, 0, 1, 0, 0)


@pytest.mark.parametrize(
    ("query", "accepted"),
    [
        ({"start_date": later(12), "end_date": later(12)}, 1),
        ({"start_date": later(13)}, 0),
        ({"end_date": later(11)}, 0),
        ({"end_date": later(12)}, 1),
        ({"minutes": 1}, 0),  # since 40
        ({"minutes": 2}, 1),
        ({"start_date": later(12), "minutes": 1}, 1),
        ({"end_date": later(END + 999), "minutes": 2}, 1),
        ({"start_date": later(END + 50)}, 0),
    ],
    ids=str,
)
def test_a_window(story: Story, query: dict[str, Any], accepted: int) -> None:
    """Both ends count; StartDate and EndDate win over Minutes; what is to come has not been."""
    found = story.workspace.cumulative_statistics().fetch(**query)
    assert found.reservations_accepted == accepted
    assert found.start_time <= found.end_time <= later(END)


def test_a_fallen_out_task_is_counted_as_such(sandbox: LocalSandbox) -> None:
    """It is canceled too, as TaskRouter does with it."""
    story = furnish(sandbox)
    targets = [{"queue": story.sids["Sales"], "timeout": 30}]
    configuration = {"task_routing": {"filters": [{"expression": "1==1", "targets": targets}]}}
    story.workspace.workflows(story.sids["Main"]).update(configuration=json.dumps(configuration))
    story.add_task("T1")
    story.until(31)
    for found in (
        story.workspace.cumulative_statistics().fetch(),
        story.workspace.workflows(story.sids["Main"]).cumulative_statistics().fetch(),
    ):
        assert (found.tasks_timed_out_in_workflow, found.tasks_canceled) == (1, 1)
        assert found.wait_duration_until_canceled == seconds(30)


def test_a_rescinded_reservation(sandbox: LocalSandbox) -> None:
    """Two Workers are asked, one is quicker."""
    story = furnish(sandbox)
    story.queue("Sales").update(max_reserved_workers=2, target_workers="1==1")
    for worker in ("Alice", "Bob"):
        story.switch(worker, "Available")
    story.add_task("T1")
    story.answer("T1", reservation_status="accepted")
    assert reservations(story.queue("Sales").cumulative_statistics().fetch()) == (2, 1, 0, 0, 0, 1)
    assert reservations(story.workspace.workers.cumulative_statistics().fetch()) == (2, 1, 0, 0, 0, 1)


# --- now --------------------------------------------------------------------------------------------------------------


def test_the_workspace_now(story: Story) -> None:
    """T2 waits since 15; both Workers are Offline."""
    found = story.workspace.real_time_statistics().fetch()
    assert (found.longest_task_waiting_age, found.longest_task_waiting_sid) == (85, story.sids["T2"])
    assert found.tasks_by_priority == {"7": 1}
    assert found.tasks_by_status == {"pending": 1, "reserved": 0, "assigned": 0, "wrapping": 0}
    assert (found.total_tasks, found.total_workers) == (1, 2)
    assert by_activity(found.activity_statistics, "workers") == {"Offline": 2, "Unavailable": 0, "Available": 0}


def test_each_queue_now(story: Story) -> None:
    """T2 is in Support since 45, and Bob would be eligible."""
    support = story.queue("Support").real_time_statistics().fetch()
    assert (support.longest_task_waiting_age, support.longest_relative_task_age_in_queue) == (85, 55)
    assert support.longest_task_waiting_sid == support.longest_relative_task_sid_in_queue == story.sids["T2"]
    assert (support.total_tasks, support.total_eligible_workers, support.total_available_workers) == (1, 1, 0)
    assert by_activity(support.activity_statistics, "workers") == {"Offline": 1, "Unavailable": 0, "Available": 0}
    sales = story.queue("Sales").real_time_statistics().fetch()
    assert (sales.total_tasks, sales.longest_task_waiting_age, sales.longest_task_waiting_sid) == (0, 0, None)
    assert (sales.longest_relative_task_age_in_queue, sales.longest_relative_task_sid_in_queue) == (0, None)
    assert sales.tasks_by_priority == {}


def test_the_workflow_and_the_workers_now(story: Story) -> None:
    """As the Workspace, in part."""
    workflow = story.workspace.workflows(story.sids["Main"]).real_time_statistics().fetch()
    assert (workflow.total_tasks, workflow.longest_task_waiting_sid) == (1, story.sids["T2"])
    workers = story.workspace.workers.real_time_statistics().fetch()
    assert workers.total_workers == 2
    assert by_activity(workers.activity_statistics, "workers")["Offline"] == 2


def test_now_follows_every_change(story: Story) -> None:
    """Asked again after each step; the first question is what makes the sandbox count."""
    story.workspace.real_time_statistics().fetch()
    story.switch("Bob", "Available")
    for status, change in (("reserved", "accepted"), ("assigned", "wrapping"), ("wrapping", "completed")):
        found = story.queue("Support").real_time_statistics().fetch()
        assert {name for name, count in found.tasks_by_status.items() if count} == {status}
        assert found.longest_task_waiting_age == (85 if status == "reserved" else 0)
        story.answer("T2", reservation_status=change)
    assert story.workspace.real_time_statistics().fetch().total_tasks == 0
    story.add_task("T5")
    assert story.workspace.real_time_statistics().fetch().total_tasks == 1
    story.workspace.tasks(story.sids["T5"]).delete()
    assert story.workspace.real_time_statistics().fetch().total_tasks == 0


# --- both, and several ------------------------------------------------------------------------------------------------


def test_both_in_one_answer(story: Story) -> None:
    """`Statistics` has what the two others have, without their SIDs."""
    for subject in (story.workspace, story.queue("Support"), story.workspace.workflows(story.sids["Main"])):
        both = subject.statistics().fetch()
        now, over_time = subject.real_time_statistics().fetch(), subject.cumulative_statistics().fetch()
        for part, apart in ((both.realtime, now), (both.cumulative, over_time)):
            assert len(part) > 4
            times = {"start_time": END - 900, "end_time": END}
            expected = {name: later(times[name]) if name in times else value for name, value in part.items()}
            expected.update({n: datetime.fromisoformat(part[n]) for n in times if n in part})
            assert {name: getattr(apart, name) for name in part} == expected


def test_all_queues_in_pages(story: Story) -> None:
    """Each with both; the pages hold together, and FriendlyName picks."""
    found = story.workspace.task_queues.statistics.list(page_size=1)
    assert [each.task_queue_sid for each in found] == [story.sids["Sales"], story.sids["Support"]]
    assert [each.cumulative["tasks_entered"] for each in found] == [4, 2]
    assert [each.realtime["total_tasks"] for each in found] == [0, 1]
    (support,) = story.workspace.task_queues.statistics.list(
        friendly_name="Support", minutes=1, task_channel="voice", split_by_wait_time="5"
    )
    assert support.cumulative["tasks_entered"] == 1
    assert support.cumulative["split_by_wait_time"]["5"]["below"] == {"reservations_accepted": 0, "tasks_canceled": 0}
    assert story.workspace.task_queues.statistics.list(friendly_name="Nothing") == []


@dataclass
class Body:
    """The SDK asks a body for its dictionary."""

    document: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        return self.document


@pytest.mark.parametrize("key", ["queueSids", "QueueSids"])
def test_several_queues_at_once(story: Story, key: str) -> None:
    """In the order asked for; one that is not there has zeros. Both spellings of the key are Twilio's."""
    unknown = "WQ" + "0" * 32
    body = Body({key: [story.sids["Support"], unknown]})
    found = story.workspace.task_queues.bulk_real_time_statistics.create(body=body)
    assert found.task_queue_response_count == len(found.task_queue_data) == 2
    support, nothing = found.task_queue_data
    assert (support["task_queue_sid"], support["total_tasks"], support["total_eligible_workers"]) == (
        story.sids["Support"],
        1,
        1,
    )
    assert (
        set(support)
        == set(nothing)
        == {
            "task_queue_sid",
            "activity_statistics",
            "longest_task_waiting_age",
            "longest_task_waiting_sid",
            "tasks_by_priority",
            "tasks_by_status",
            "total_available_workers",
            "total_eligible_workers",
            "total_tasks",
        }
    )
    assert (nothing["task_queue_sid"], nothing["total_tasks"], nothing["total_eligible_workers"]) == (unknown, 0, 0)


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "code", "text"),
    [
        ({"start_date": START - timedelta(days=30)}, 14241, "30 days"),
        ({"minutes": 30 * 24 * 60 + 1}, 14241, "30 days"),
        ({"end_date": START - timedelta(days=30)}, 14241, "30 days"),
        ({"end_date": "0001-01-01T00:00:00Z"}, 14241, "30 days"),
        ({"minutes": 2_147_483_647}, 14241, "30 days"),
        ({"minutes": 0}, 20001, "Minutes"),
        ({"minutes": "many"}, 20001, "Minutes"),
        ({"start_date": "soon"}, 20001, "StartDate"),
        ({"start_date": later(20), "end_date": later(10)}, 20001, "StartDate"),
        ({"task_channel": "pigeon"}, 20001, "TaskChannel"),
        ({"task_channel": "TC" + "0" * 32}, 20001, "TaskChannel"),
        ({"split_by_wait_time": "5,,30"}, 20001, "SplitByWaitTime"),
        ({"split_by_wait_time": "5;30"}, 20001, "SplitByWaitTime"),
        ({"split_by_wait_time": "-5"}, 20001, "SplitByWaitTime"),
    ],
    ids=str,
)
def test_what_cannot_be_asked(story: Story, query: dict[str, Any], code: int, text: str) -> None:
    """A 400 that names the parameter, or says how far back statistics go."""
    with refused(400, code, text):
        story.workspace.cumulative_statistics().fetch(**query)


def test_thirty_days_to_the_second_can_be_asked(story: Story) -> None:
    """By date and by minutes."""
    assert story.workspace.cumulative_statistics().fetch(minutes=30 * 24 * 60).tasks_created == 4
    oldest = later(END) - timedelta(days=30)
    assert story.workspace.cumulative_statistics().fetch(start_date=oldest).tasks_created == 4


def test_a_malformed_queue_sid(story: Story) -> None:
    """A SID that cannot be is refused; one that merely is not there picks nobody."""
    with refused(400, 20001, "TaskQueueSid"):
        story.workspace.workers.statistics().fetch(task_queue_sid="WQ1")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"queueSids=WQ1",
        b"[]",
        b"{}",
        b'{"queueSids": []}',
        b'{"queueSids": "WQ"}',
        b'{"queueSids": ["WQ1"]}',
        b'{"queueSids": [null]}',
        b'{"queueSids": [5]}',
        b'{"queueSids": ["WK' + b"0" * 32 + b'"]}',
        json.dumps({"queueSids": ["WQ" + "0" * 32] * 51}).encode(),
        b"\xff\xfe",
    ],
    ids=lambda body: repr(body[:30]),
)
def test_a_bulk_request_that_cannot_be(story: Story, ask: Ask, body: bytes) -> None:
    """Not JSON, no list, none, more than 50, or not the SIDs of TaskQueues."""
    path = f"/v1/Workspaces/{story.workspace._solution['sid']}/TaskQueues/RealTimeStatistics"
    answer = ask("POST", path, body=body, headers={"Content-Type": "application/json"})
    assert (answer.status, answer.json["code"]) == (400, 20001)


def test_fifty_queues_are_not_too_many(story: Story) -> None:
    """The documented most."""
    body = Body({"queueSids": [story.sids["Sales"]] * 50})
    assert story.workspace.task_queues.bulk_real_time_statistics.create(body=body).task_queue_response_count == 50


def test_what_is_not_there_has_no_statistics(story: Story, client: Client) -> None:
    """An unknown queue, Workflow, Worker or Workspace is a 404, as it is elsewhere."""
    nothing = "0" * 32
    for subject in (
        story.workspace.task_queues(f"WQ{nothing}").statistics(),
        story.workspace.task_queues(f"WQ{nothing}").real_time_statistics(),
        story.workspace.workflows(f"WW{nothing}").cumulative_statistics(),
        story.workspace.workers(f"WK{nothing}").statistics(),
        client.taskrouter.v1.workspaces(f"WS{nothing}").statistics(),
        client.taskrouter.v1.workspaces(f"WS{nothing}").workers.statistics(),
    ):
        with refused(404, 20404, "was not found"):
            subject.fetch()


def test_filters_that_an_operation_does_not_have_are_ignored(story: Story, ask: Ask) -> None:
    """FriendlyName picks Workers in `Workers/Statistics` only."""
    path = f"/v1/Workspaces/{story.workspace._solution['sid']}/Workers"
    assert ask("GET", f"{path}/RealTimeStatistics?FriendlyName=Alice").json["total_workers"] == 2
    assert ask("GET", f"{path}/CumulativeStatistics?FriendlyName=Alice").json["reservations_created"] == 4


def test_another_method_is_not_allowed(story: Story, ask: Ask) -> None:
    """Statistics are read, and the bulk request is posted."""
    path = f"/v1/Workspaces/{story.workspace._solution['sid']}"
    for method, where in (
        ("POST", "/Statistics"),
        ("DELETE", "/Workers/Statistics"),
        ("POST", "/TaskQueues/Statistics"),
    ):
        assert ask(method, path + where).status == 405


# --- after a restart --------------------------------------------------------------------------------------------------


def test_a_restart_forgets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What happened is read from the store, however few events it gives at a time; and goes on from there."""
    store = MemoryStore()
    with local_sandbox(store) as sandbox:
        story = play(furnish(sandbox))
        sid = story.workspace._solution["sid"]
        before = story.workspace.statistics().fetch()
        workers = story.workspace.workers.statistics().fetch()
    monkeypatch.setattr(history, "SLICE", 7)
    with local_sandbox(store, clock=Clock(later(END))) as sandbox:
        story = Story(sandbox, sandbox.client().taskrouter.v1.workspaces(sid), story.sids, END)
        again = story.workspace.statistics().fetch()
        assert (again.realtime, again.cumulative) == (before.realtime, before.cumulative)
        again = story.workspace.workers.statistics().fetch()
        assert (again.realtime, again.cumulative) == (workers.realtime, workers.cumulative)
        story.add_task("T5")
        assert story.workspace.statistics().fetch().cumulative["tasks_created"] == 5


# --- as documented ----------------------------------------------------------------------------------------------------


def test_every_answer_is_as_documented(story: Story, ask: Ask) -> None:
    """Of the 15 operations on statistics, asked when all of their fields have something in them."""
    parts = {
        "WorkspaceSid": story.workspace._solution["sid"],
        "TaskQueueSid": story.sids["Support"],
        "WorkflowSid": story.sids["Main"],
        "WorkerSid": story.sids["Bob"],
    }
    documented = [operation for operation in operations() if operation.path.endswith("Statistics")]
    assert len(documented) == 15
    body = json.dumps({"queueSids": [story.sids["Support"]]}).encode()
    for operation in documented:
        path = operation.path.format(**parts)
        answer = ask(operation.method, path, body=body if operation.takes_json else None)
        assert answer.status == operation.status, operation
        assert operation.schema is not None
        assert complaints(operation.schema, answer.json) == [], operation
        assert answer.json.get("url", path).endswith(path)
