"""What many scenarios begin with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from labkit.parity.player import ScenarioPlayer

REFUSED: Final[Mapping[str, int]] = {"status": 400, "code": 20001}
"""What the sandbox answers where Twilio documents no code."""


def queue(play: ScenarioPlayer, role: str = "queue", *, workers: str = "1==1", **more: Any) -> None:
    """A TaskQueue that plays this role."""
    play.post(f"a TaskQueue, {role}", "TaskQueues", FriendlyName=role, TargetWorkers=workers, role=role, **more)


def worker(
    play: ScenarioPlayer, role: str = "Alice", *, attributes: Mapping[str, Any] | None = None, **more: Any
) -> None:
    """A Worker who plays this role, who is Available unless an Activity is given."""
    more.setdefault("ActivitySid", play["Available"])
    shown = json.dumps(attributes or {})
    play.post(f"a Worker, {role}", "Workers", FriendlyName=role, Attributes=shown, role=role, **more)


def target(queue_sid: str, **more: Any) -> dict[str, Any]:
    """A target of a Workflow's filter; `expression`, `priority`, `timeout`, `skip_if`, `order_by` and so on beside."""
    return {"queue": queue_sid, **more}


def configuration(filters: Sequence[Mapping[str, Any]] = (), *, default: str = "") -> str:
    """A Workflow's: filters, and the default filter's TaskQueue."""
    routing: dict[str, Any] = {"filters": list(filters)}
    if default:
        routing["default_filter"] = {"queue": default}
    return json.dumps({"task_routing": routing})


def filtered(expression: str, *targets: Mapping[str, Any], name: str = "") -> dict[str, Any]:
    """A filter of a Workflow."""
    return {"expression": expression, "targets": list(targets), "filter_friendly_name": name or expression}


def workflow(play: ScenarioPlayer, role: str = "workflow", **more: Any) -> None:
    """A Workflow that plays this role; it leads every Task to the TaskQueue `queue` unless told otherwise."""
    if "Configuration" not in more:
        more["Configuration"] = configuration(default=play["queue"])
    play.post(f"a Workflow, {role}", "Workflows", FriendlyName=role, role=role, **more)


def everybody(play: ScenarioPlayer) -> None:
    """A TaskQueue with everybody in it, and a Workflow that leads every Task there."""
    queue(play)
    workflow(play)


def task(play: ScenarioPlayer, role: str = "task", *, attributes: Mapping[str, Any] | None = None, **more: Any) -> None:
    """A Task that plays this role."""
    play.post(f"a Task, {role}", "Tasks", Attributes=json.dumps(attributes or {}), role=role, **more)


def reserved(play: ScenarioPlayer) -> None:
    """Everybody, Alice who is Available, and a Task `task` with her Reservation `reservation`."""
    everybody(play)
    worker(play)
    task(play)
    play.reservation("reservation")


def accept(play: ScenarioPlayer, role: str = "reservation", *, task: str = "task") -> None:
    """Accept a Reservation over REST."""
    play.post(f"{role} is accepted", f"Tasks/{{{task}}}/Reservations/{{{role}}}", ReservationStatus="accepted")


def assigned_beside_bob(play: ScenarioPlayer) -> None:
    """Alice has a Task; Bob is there and free, and in a TaskQueue of his own, so that it can be handed over."""
    reserved(play)
    accept(play)
    worker(play, "Bob", attributes={"name": "Bob"})
    play.post("Bob's TaskQueue", "TaskQueues", FriendlyName="Bob's", TargetWorkers="name == 'Bob'", role="Bob's queue")
