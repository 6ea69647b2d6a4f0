"""The pulse over HTTP: which state this is, its time and its faults, in one answer that reads nothing from the disk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sandbox.call_centre import CallCentre
from sandbox.callback_target import Answer, Target
from sandbox.conftest import Ask
from sandbox.local import LocalSandbox, local_sandbox

from labkit.sandbox.store import MemoryStore, Snapshots, SqliteStore

PULSE = "/_sandbox/pulse"


@contextmanager
def started(folder: Path) -> Iterator[LocalSandbox]:
    """A sandbox on the state in this folder, with a place for snapshots."""
    with (
        closing(SqliteStore(folder / "state.sqlite")) as store,
        local_sandbox(store, kept=Snapshots(folder / "snapshots")) as running,
    ):
        yield running


def generation(sandbox: LocalSandbox, after: str = "") -> Any:
    """The generation; first of all something is asked of the sandbox."""
    client = sandbox.client()
    if after:
        answer = client.request("POST", f"https://taskrouter.twilio.com/_sandbox/{after}", data={"Name": "then"})
        assert answer.status_code in (200, 201), answer.text
    return json.loads(client.request("GET", f"https://taskrouter.twilio.com{PULSE}").text)["generation"]


def test_the_pulse_has_the_clock_and_the_faults_that_are_on(ask: Ask, centre: CallCentre) -> None:
    """Each as its own path says it; and the Workspaces of the account."""
    centre.reserved_task()
    quiet = ask("GET", PULSE).json
    assert quiet["workspaces"] == {(workspace := centre.workspace.fetch()).sid: workspace.friendly_name}
    assert quiet["clock"] == ask("GET", "/_sandbox/clock").json
    assert quiet["faults"] == []
    ask("POST", "/_sandbox/faults", {"Name": "rest_late", "Probability": "0.5", "Seconds": "1"})
    listed = ask("GET", "/_sandbox/faults").json["faults"]
    assert ask("GET", PULSE).json["faults"] == [each for each in listed if each["name"] == "rest_late"]


def test_the_pulse_says_whose_callbacks_fail(
    ask: Ask, sandbox: LocalSandbox, centre: CallCentre, target: Target
) -> None:
    """With the reason and when they are tried again, until one is answered or the Task is over."""
    assert ask("GET", PULSE).json["failing_callbacks"] == {}
    target.answers["/assign"] = [Answer(status=500), Answer(status=500), Answer(), Answer(status=500)]
    centre.set_callback(target.url("/assign").replace("://", "://me:hunter2@"))
    task, _ = centre.reserved_task()
    target.wait_for("/assign")
    sandbox.settle()
    assert ask("GET", PULSE).json["failing_callbacks"] == {
        centre.workflow_sid: "Assignment callbacks of Workflow Main fail: the callback URL answered 500. Reservations "
        "are canceled, and the URL is asked again at 00:00:01 UTC."
    }
    sandbox.advance(1)
    assert "again at 00:00:03 UTC" in ask("GET", PULSE).json["failing_callbacks"][centre.workflow_sid]
    sandbox.advance(2)
    assert ask("GET", PULSE).json["failing_callbacks"] == {}
    centre.workspace.tasks(task.sid).reservations(centre.reservations(task.sid)[-1].sid).update(
        reservation_status="rejected"
    )
    target.wait_for("/assign", 4)
    sandbox.settle()
    assert list(ask("GET", PULSE).json["failing_callbacks"]) == [centre.workflow_sid]
    centre.workspace.tasks(task.sid).update(assignment_status="canceled")
    assert ask("GET", PULSE).json["failing_callbacks"] == {}


def test_a_restore_and_a_reset_are_seen_and_a_restart_is_not(tmp_path: Path) -> None:
    """Nor is what commands do, or a snapshot, a change of the generation."""
    with started(tmp_path) as sandbox:
        first = generation(sandbox)
        sandbox.client().taskrouter.v1.workspaces.create(friendly_name="Any")
        assert generation(sandbox, after="snapshots") == first
        restored = generation(sandbox, after="snapshots/then/restore")
        reset = generation(sandbox, after="reset")
    with started(tmp_path) as sandbox:
        assert generation(sandbox) == reset
    assert len({first, restored, reset}) == 3


def test_the_pulse_asks_the_store_nothing(ask: Ask, centre: CallCentre, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every open notebook asks every second."""
    centre.reserved_task()

    def read(*_: Any, **__: Any) -> None:
        raise AssertionError

    for name in ("load", "events", "events_after", "fact", "keep_fact", "commit"):
        monkeypatch.setattr(MemoryStore, name, read)
    assert ask("GET", PULSE).status == 200


def test_a_stranger_may_not(ask: Ask) -> None:
    """As everywhere else."""
    assert ask("GET", PULSE, credentials=None).status == 401
