"""What is live is what TaskRouter says: after any commands, resets and restores, and whatever becomes of the callbacks.

A real sandbox plays random commands. Its callbacks go through a courier that loses, doubles, delays and disorders them,
often several in one millisecond. Then the gap is filled from the log, and every field that a panel shows is compared
with REST.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from live.one_thread import Later, OneThreadSandbox, OneThreadStream, OneThreadThrottle
from random_sizes import sized
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

import labkit.live.lookups
import labkit.live.workspace
from labkit.background import Jobs
from labkit.callback_events import AssignmentCallback, EventCallback
from labkit.course.furnishing import furnish
from labkit.engine import commands as c
from labkit.engine.effects import CallAssignmentUrl, Effect
from labkit.engine.refusals import Refusal
from labkit.engine.workspace_state import WorkspaceState
from labkit.errors import LabError
from labkit.live.history import History
from labkit.live.workspace import LiveWorkspace
from labkit.sandbox.store import SqliteStore, StoredEvent
from labkit.sandbox.webhooks import event_to_wire, to_wire
from labkit.stream import Kind
from labkit.taskrouter.event_poller import EventPoller
from labkit.taskrouter.workspace_client import WorkspaceClient
from labkit.vocabulary import TaskStatus, TransferMode

SEEDS, STEPS = sized((10, 200), ci=(10, 400), soak=(100, 400))
COMPARED_EVERY = 50
NAME = "Lab"


class Courier:
    """Carries the callbacks, badly.

    Args:
        stream: where those that arrive are published.
        chance: decides what becomes of each.
        loses: whether some are lost.
        mixes: what becomes of the order: any, or as the sandbox sends them, which keeps it for a Task and for a Worker.
    """

    def __init__(
        self, stream: OneThreadStream, chance: random.Random, *, loses: bool, mixes: Callable[..., None] | None = None
    ) -> None:
        self._stream, self._chance, self._loses = stream, chance, loses
        self._mix = mixes or chance.shuffle
        self._under_way: list[tuple[Kind, dict[str, str]]] = []

    def call(self, effect: Effect) -> None:
        """An assignment callback; a person accepts, so its answer does nothing."""
        if isinstance(effect, CallAssignmentUrl):
            self._send(Kind.ASSIGNMENT, to_wire(effect.fields))

    def report(self, stored: StoredEvent, state: WorkspaceState) -> None:
        """An event callback."""
        self._send(Kind.EVENT, event_to_wire(stored.event, state.workspace.friendly_name))

    def leave_for(self, other: SqliteStore) -> None:
        """What was sent is not asked."""

    def drop(self) -> None:
        """The sandbox has another state: what waits there is not sent; what is under way may arrive all the same."""
        self._under_way = [each for each in self._under_way if self._chance.random() < 0.5]

    def _send(self, kind: Kind, form: dict[str, str]) -> None:
        copies = self._chance.choices((0 if self._loses else 1, 1, 2), weights=(1, 4, 1))[0]
        self._under_way += [(kind, form)] * copies

    def deliver(self, share: float = 1.0) -> None:
        """Some of what is under way arrives, in any order."""
        self._mix(self._under_way)
        many = round(len(self._under_way) * share)
        arrived, self._under_way = self._under_way[:many], self._under_way[many:]
        for kind, form in arrived:
            if kind is Kind.EVENT:
                event = EventCallback.from_form(form)
                self._stream.publish_once(kind, event, key=event.sid)
            else:
                self._stream.publish(kind, AssignmentCallback.from_form(form))


def in_lines(chance: random.Random) -> Callable[[list[tuple[Kind, dict[str, str]]]], None]:
    """Any order in which the sandbox sends events: of those about one Task or one Worker none passes another.

    Assignment callbacks pass whom they like.
    """

    def about(kind: Kind, form: dict[str, str]) -> set[str]:
        if kind is not Kind.EVENT:
            return set()
        return {form[name] for name in ("TaskSid", "WorkerSid") if name in form} or {form["ResourceSid"]}

    def mix(under_way: list[tuple[Kind, dict[str, str]]]) -> None:
        left = [(about(*each), each) for each in under_way]
        under_way.clear()
        while left:
            held: set[str] = set()
            first = []
            for place, (sids, _) in enumerate(left):
                if not sids & held:
                    first.append(place)
                held |= sids
            under_way.append(left.pop(chance.choice(first))[1])

    return mix


class Play:
    """A sandbox, what is live of it, and a courier in between."""

    def __init__(self, folder: Path, seed: int, *, loses: bool, keeps_lines: bool = False) -> None:
        self.chance = random.Random(seed)
        self.sandbox = OneThreadSandbox(folder)
        sdk, _line = self.sandbox.client()
        self.sdk: Client = sdk
        self.stream = OneThreadStream()
        mixes = in_lines(self.chance) if keeps_lines else None
        self.courier = Courier(self.stream, self.chance, loses=loses, mixes=mixes)
        self.sandbox.publish_to(self.courier)
        self.quickstart = furnish(self.sdk, workspace_name=NAME)
        self.client = WorkspaceClient(self.sdk, self.quickstart.workspace_sid)
        self.call_here()
        self.later = Later()
        self.live = LiveWorkspace(self.stream, self.client, clock=self.sandbox.service.clock.now)
        self.live.start()
        self.history = History(self.stream, client=self.client, jobs=Jobs(self.later), live=self.live)
        self.poller = EventPoller(
            self.stream, self.client, clock=self.sandbox.service.clock.now, elsewhere=lambda: False,
            every_seconds=1, check_seconds=1,
        )  # fmt: skip
        self.kept: list[str] = []

    @property
    def workspace(self) -> Any:
        return self.sdk.taskrouter.v1.workspaces(self.client.workspace_sid)

    def call_here(self) -> None:
        urls = {"assignment_url": "http://127.0.0.1:9/a", "event_url": "http://127.0.0.1:9/e"}
        self.client.set_callbacks(self.quickstart.workflow_sid, **urls)

    def follow(self) -> None:
        """What a lab does that finds its Workspace another one."""
        self.quickstart = furnish(self.sdk, workspace_name=NAME)
        self.client.use_workspace(self.quickstart.workspace_sid)
        self.call_here()
        self.live.reset()

    def ask(self, path: str, form: dict[str, str] | None = None) -> None:
        answer = self.sdk.request("POST", f"https://taskrouter.twilio.com/_sandbox/{path}", data=form or {})
        assert answer.status_code < 300, answer.text

    # --- what may happen ---------------------------------------------------------------------------------------------

    def step(self) -> None:
        """One thing, at random; what TaskRouter refuses is refused."""
        with suppress(LabError, TwilioRestException):
            self.chance.choices(self.steps, weights=self.weights)[0](self)
        self.sandbox.settle()
        if self.chance.random() < 0.5:
            self.courier.deliver(self.chance.random())
        if self.chance.random() < 0.5:
            self.go_on()

    def create_task(self) -> None:
        attributes = {"selected_language": self.chance.choice(("en", "es")), "n": self.chance.randrange(100)}
        timeout = self.chance.choice((None, 60, 600))
        channel = self.chance.choice((None, "voice", "chat"))
        priority = self.chance.choice((None, 3))
        workflow = self.quickstart.workflow_sid
        self.client.create_task(attributes, workflow=workflow, timeout=timeout, task_channel=channel, priority=priority)

    def change_task(self) -> None:
        task = self.a(self.client.open_tasks()).sid
        change = self.chance.choice(({"attributes": '{"selected_language": "es", "vip": true}'}, {"priority": 7}))
        self.workspace.tasks(task).update(**change)

    def end_task(self) -> None:
        task = self.a(self.client.open_tasks())
        ended = TaskStatus.CANCELED if task.assignment_status in ("pending", "reserved") else TaskStatus.COMPLETED
        self.workspace.tasks(task.sid).update(assignment_status=str(ended), reason=self.chance.choice((None, "why")))

    def delete_task(self) -> None:
        self.workspace.tasks(self.a(self.client.open_tasks()).sid).delete()

    def answer(self) -> None:
        held = self.a(self.client.open_reservations())
        wanted = self.chance.choice(("accepted", "accepted", "rejected", "wrapping", "completed"))
        self.workspace.tasks(held.task_sid).reservations(held.sid).update(reservation_status=wanted)

    def hand_over(self) -> None:
        """REST has no transfers: a Worker's browser asks for them."""
        held = self.a([each for each in self.client.open_reservations() if each.status == "accepted"])
        to = self.a([*self.client.workers(), *self.client.task_queues()]).sid
        mode = self.chance.choice((TransferMode.WARM, TransferMode.COLD))
        self.command(
            c.TransferTask, worker_sid=held.worker_sid, reservation_sid=held.sid, task_sid=held.task_sid, to=to,
            mode=mode, attributes=None, priority=self.chance.choice((None, 5)),
        )  # fmt: skip

    def take_back(self) -> None:
        begun = self.a(self.client.transfers_begun(self.client.open_tasks()))
        self.command(
            c.CancelTransfer, worker_sid=begun.transfer_initiating_worker_sid, sid=begun.task_transfer_sid,
            task_sid=begun.task_sid,
        )  # fmt: skip

    def command(self, kind: type[c.Command], **fields: Any) -> None:
        command = kind(workspace_sid=self.client.workspace_sid, **fields)
        with suppress(Refusal):
            self.sandbox.loop.run_until_complete(self.sandbox.service.execute(command, lambda _: None))

    def move_worker(self) -> None:
        activity = self.chance.choice(("Available", "Available", "Offline"))
        self.client.set_activity(self.a(self.client.workers()).sid, activity)

    def change_worker(self) -> None:
        languages = self.chance.choice((["en"], ["en", "es"], []))
        worker = self.a(self.client.workers())
        name = self.chance.choice((None, f"{worker.name.partition(' ')[0]} {self.chance.randrange(9)}"))
        self.client.update_worker(worker.sid, name=name, attributes={"languages": languages})

    def create_worker(self) -> None:
        activity = "Available"
        self.client.create_worker(
            f"W{self.chance.randrange(1000)}", attributes={"languages": ["es"]}, activity=activity
        )

    def delete_worker(self) -> None:
        self.client.delete_worker(self.a(self.client.workers()).sid)

    def change_capacity(self) -> None:
        channel, capacity = self.chance.choice(("default", "voice", "chat")), self.chance.randrange(3)
        self.client.set_capacity(self.a(self.client.workers()).sid, channel, capacity=capacity)

    def look_at_channels(self) -> None:
        self.live.read_channels(self.a(self.client.workers()).sid)

    def make_workflow(self) -> None:
        configuration = json.dumps({"task_routing": {"filters": []}})
        self.workspace.workflows.create(friendly_name=f"F{self.chance.randrange(1000)}", configuration=configuration)

    def let_time_pass(self) -> None:
        self.sandbox.advance(self.chance.choice((0.001, 1, 5, 61, 1200)))

    def keep(self) -> None:
        self.kept.append(f"kept {len(self.kept)}")
        self.ask("snapshots", {"Name": self.kept[-1]})

    def restore(self) -> None:
        self.sandbox.advance(0.001)  # where time stands still, what was under way cannot be told from what is new
        self.ask(f"snapshots/{self.a(self.kept)}/restore")
        self.follow()

    def reset(self) -> None:
        self.sandbox.advance(0.001)
        self.ask("reset")
        self.follow()

    def remake(self) -> None:
        self.workspace.delete()
        self.live.forget()
        self.follow()

    def a(self, things: list[Any]) -> Any:
        if not things:
            raise LabError("There is none.")
        return self.chance.choice(things)

    steps: tuple[Callable[[Play], None], ...] = (
        create_task, change_task, end_task, delete_task, answer, hand_over, take_back, move_worker, change_worker,
        create_worker, delete_worker, change_capacity, look_at_channels, make_workflow, let_time_pass, keep,
        restore, reset, remake,
    )  # fmt: skip
    weights = (30, 6, 8, 2, 25, 8, 2, 20, 6, 4, 2, 4, 4, 1, 14, 1, 1, 0.5, 0.5)

    # --- what is shown -----------------------------------------------------------------------------------------------

    def go_on(self) -> None:
        """Whoever listens hears, and does what is then to be done."""
        going: list[Any] = [self.stream.hand_on, self.live._throttle.tell, LOOK_UPS.run_one, self.later.run_one]
        while sum(each() for each in going):
            pass

    def compare(self, *, fill: bool) -> None:
        """Every field that a panel shows is TaskRouter's, once all has arrived."""
        self.courier.deliver()
        self.go_on()
        if fill:
            self.sandbox.advance(0.001)
            self.poller.look()
        self.go_on()
        shown, said = self.shown(), self.said()
        differing = {part: _differing(shown[part], said[part]) for part in said if shown[part] != said[part]}
        assert not differing

    def shown(self) -> dict[str, Any]:
        live = self.live
        open_tasks = [task for task in live.tasks if task.status not in ("completed", "canceled")]
        return {
            "tasks": {
                t.sid: (
                    t.status,
                    dict(t.attributes),
                    t.task_queue_name,
                    t.task_channel,
                    t.priority,
                    second(t.created_at),
                )
                for t in open_tasks
            },
            "lanes": {t.sid: self.lane(t.sid) for t in open_tasks},
            "reservations": {
                r.sid: (r.status, r.task_sid, r.worker_sid, second(r.created_at))
                for r in live.reservations
                if not r.is_over
            },
            "workers": {
                w.sid: (
                    w.name,
                    w.activity_name,
                    w.activity_sid,
                    w.available,
                    dict(w.attributes),
                    second(w.activity_since),
                )
                for w in live.workers
            },
            "channels": {
                w.sid: {c.name: (c.capacity, c.available) for c in channels}
                for w in live.workers
                if (channels := live.channels(w.sid)) is not None
            },
            "settings": ([a.sid for a in live.activities], live.workflows, live.task_channels),
        }

    def lane(self, sid: str) -> str:
        return next((lane.state for lane in self.history.tasks() if lane.sid == sid), "no lane")

    def said(self) -> dict[str, Any]:
        tasks = self.client.open_tasks()
        known = {worker.sid for worker in self.live.workers if self.live.channels(worker.sid) is not None}
        return {
            "tasks": {
                t.sid: (
                    t.assignment_status,
                    t.attributes,
                    t.task_queue_name or "",
                    t.task_channel,
                    t.priority,
                    second(t.date_created),
                )
                for t in tasks
            },
            "lanes": {t.sid: t.assignment_status for t in tasks},
            "reservations": {
                r.sid: (r.status, r.task_sid, r.worker_sid, second(r.date_created))
                for r in self.client.open_reservations(tasks)
            },
            "workers": {
                w.sid: (
                    w.name,
                    w.activity_name,
                    w.activity_sid,
                    w.available,
                    w.attributes,
                    second(w.date_status_changed),
                )
                for w in self.client.workers()
            },
            "channels": {
                sid: {c.name: (c.configured_capacity, c.available) for c in self.client.worker_channels(sid)}
                for sid in known
            },
            "settings": (
                [a.sid for a in self.client.activities()],
                tuple(self.client.workflows()),
                tuple(self.client.task_channels()),
            ),
        }

    def close(self) -> None:
        self.history.close()
        self.live.stop()
        self.stream.close()
        self.sandbox.close()


LOOK_UPS = Later()


def _differing(shown: Any, said: Any) -> Any:
    """What is shown and what TaskRouter says, where these are not the same."""
    if not isinstance(said, dict):
        return shown, said
    return {
        key: (shown.get(key), said.get(key)) for key in shown.keys() | said.keys() if shown.get(key) != said.get(key)
    }


def second(at: Any) -> int | None:
    """REST tells whole seconds."""
    return None if at is None else int(at.timestamp())


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread of the lab's: what they would do waits until the test goes on."""
    monkeypatch.setattr(labkit.live.workspace, "Throttle", OneThreadThrottle)
    monkeypatch.setattr(labkit.live.lookups, "ThreadPoolExecutor", lambda *_, **__: LOOK_UPS)
    LOOK_UPS.__init__()  # type: ignore[misc]


@pytest.mark.chance
@pytest.mark.parametrize("seed", range(SEEDS))
def test_any_order_in_which_the_sandbox_sends_events_is_borne(tmp_path: Path, seed: int) -> None:
    """In order for one Task and for one Worker, others as they come; and the story is told by time in any case."""
    play = Play(tmp_path / "snapshots", seed, loses=False, keeps_lines=True)
    try:
        for number in range(1, STEPS // 2 + 1):
            play.step()
            if number % COMPARED_EVERY == 0:
                play.compare(fill=False)
                told = [line.at for line in play.live.story]
                assert told == sorted(told)
    finally:
        play.close()


@pytest.mark.chance
@pytest.mark.parametrize("loses", [True, False], ids=["some lost", "none lost"])
@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_is_live_is_what_taskrouter_says(tmp_path: Path, seed: int, loses: bool) -> None:
    """With the gaps filled from the log; or without, where callbacks were only doubled, delayed and disordered."""
    play = Play(tmp_path / "snapshots", seed, loses=loses)
    try:
        for number in range(1, STEPS // 2 + 1):
            play.step()
            if number % COMPARED_EVERY == 0:
                play.compare(fill=loses)
    finally:
        play.close()
