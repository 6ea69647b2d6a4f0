"""Whatever happens, a page that is as strict as Twilio's own client never meets a message that it would refuse."""

from __future__ import annotations

import json
from typing import Any

import pytest
from engine.random_world import build, happening, play, world_shape
from engine.world import World
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_sizes import sized

from labkit.engine import commands as c
from labkit.engine.effects import Outcome
from labkit.engine.workspace_state import WorkspaceState
from labkit.sandbox.bridge.event_messages import messages
from labkit.sandbox.bridge.rendering import reservation

EXAMPLES = sized(40, ci=40, soak=600)

RESERVATION = {"sid", "account_sid", "workspace_sid", "worker_sid", "worker_name", "date_created", "date_updated"}
RESERVATION |= {"reservation_status", "reservation_timeout", "worker_previous_activity_sid", "version", "task"}
TASK = {"sid", "assignment_status", "attributes", "addons", "age", "date_created", "date_updated", "priority"}
TASK |= {"virtual_start_time", "timeout", "reason", "queue_sid", "queue_name", "workflow_sid", "workflow_name"}
TASK |= {"task_channel_sid", "task_channel_unique_name", "routing_target", "version"}
TRANSFER = {"sid", "task_sid", "transfer_type", "transfer_mode", "transfer_to", "transfer_status"}
TRANSFER |= {"initiating_reservation_sid", "initiating_worker_sid", "initiating_queue_sid", "initiating_workflow_sid"}
TRANSFER |= {"date_created", "date_updated"}
TRANSFERS = ("task_transfer", "active_outgoing_task_transfer")
OPEN = {"pending", "accepted", "wrapping"}


class StrictPage:
    """A Worker's page, which begins with what there is.

    Attributes:
        reservations: by SID, as they were last told; those that have ended too.
        tasks: the version of each Task that was told last.
        version: the Worker's, which the client counts along.
    """

    def __init__(self, world: World, worker_sid: str) -> None:
        self.world, self.worker_sid = world, worker_sid
        held = world.state.open_reservations.get(worker_sid, {})
        self.reservations = {sid: reservation(world.state, each, now=world.now) for sid, each in held.items()}
        self.tasks: dict[str, int] = {}
        self.load_worker()

    def load_worker(self) -> None:
        """Ask for the Worker anew."""
        self.version = self.world.state.workers[self.worker_sid].version

    def hear(self, type_: str, payload: dict[str, Any]) -> None:
        """A message; an AssertionError says what the client would not bear."""
        kind = type_.split(".", maxsplit=1)[0]
        if kind == "worker":
            self._of_worker(payload)
        elif type_.startswith("task.transfer-"):
            assert payload.keys() >= TRANSFER
            assert payload["initiating_worker_sid"] == self.worker_sid
            assert payload["initiating_reservation_sid"] in self.reservations
        elif kind == "task" or type_ == "reservation.failed":
            self._of_task(payload)
        else:
            self._of_reservation(type_, payload)

    def _of_worker(self, payload: dict[str, Any]) -> None:
        if "worker_sid" in payload:  # of one of its channels
            assert payload["worker_sid"] == self.worker_sid
            self.version += 1
            return
        assert payload["sid"] == self.worker_sid
        assert payload["activity_sid"] in self.world.state.activities
        assert payload["version"] >= self.version
        self.version = payload["version"]

    def _of_task(self, payload: dict[str, Any]) -> None:
        assert payload.keys() >= TASK
        assert payload["version"] >= self.tasks.get(payload["sid"], 0)
        self.tasks[payload["sid"]] = payload["version"]

    def _of_reservation(self, type_: str, payload: dict[str, Any]) -> None:
        assert payload.keys() >= RESERVATION
        assert payload["worker_sid"] == self.worker_sid
        assert all(payload[key].keys() >= TRANSFER for key in TRANSFERS if key in payload)
        self._of_task(payload["task"])
        before = self.reservations.get(payload["sid"])
        assert (before is None) == (type_ == "reservation.created")
        if before is None:
            self.version += 1
        else:
            assert before["reservation_status"] in OPEN
            assert payload["version"] > before["version"]
            assert ("task_transfer" in payload) == ("task_transfer" in before)
        self.reservations[payload["sid"]] = payload

    def check_end(self) -> None:
        """What the page believes to be open is open, and nothing else; and its Worker is at the version it counts."""
        believed = {sid for sid, each in self.reservations.items() if each["reservation_status"] in OPEN}
        held = self.world.state.open_reservations.get(self.worker_sid, {})
        assert believed == set(held)
        worker = self.world.state.workers.get(self.worker_sid)
        assert worker is None or worker.version == self.version


def watch(world: World) -> dict[str, StrictPage]:
    """Give each Worker of the world a page, and each new one when it is made."""
    pages = {sid: StrictPage(world, sid) for sid in world.state.workers}

    def tell(outcome: Outcome, state: WorkspaceState) -> None:
        for message in messages(outcome, state, listening=pages):
            content = json.loads(message.body)
            for sid in message.worker_sids:
                pages[sid].hear(content["event_type"], content["payload"])
        for sid in state.workers.keys() - pages.keys():
            pages[sid] = StrictPage(world, sid)

    def run(kind: type[c.Command], **fields: Any) -> Any:
        outcome = world.engine.handle(kind(workspace_sid=world.sid, **fields), world.now, tell=tell)
        if kind is c.UpdateWorker and "friendly_name" in fields["changes"]:
            pages[fields["sid"]].load_worker()  # of that alone no page hears
        return world._note(outcome).result

    def at(seconds: float) -> World:
        world.seconds = seconds
        world._note(world.engine.tick(world.now, tell=tell))
        return world

    world.run, world.at = run, at  # type: ignore[method-assign]
    return pages


@pytest.mark.chance
@pytest.mark.timeout(600)
@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(shape=world_shape, steps=st.lists(happening, min_size=10, max_size=40))
def test_a_strict_page_bears_all_that_it_hears(shape: Any, steps: list[tuple[str, int, int, int]]) -> None:
    """Every message is whole, comes in order, and is about something that the page knows."""
    world = build(shape)
    pages = watch(world)
    play(world, steps)
    for page in pages.values():
        page.check_end()
