"""The lab as a whole: a real sandbox process, the callback server, the SDK; started, used and stopped."""

from __future__ import annotations

import importlib
import json
import os
import threading
from pathlib import Path
from typing import Any

import psutil
import pytest

import labkit
import labkit.lab.runtime
import labkit.settings
from labkit.callbacks import Exchange
from labkit.errors import LabError, SettingsError, TunnelError
from labkit.lab.lab import Lab
from labkit.lab.status import TAKE_CALLBACKS
from labkit.sandbox import process
from labkit.stream import Entry, Kind
from labkit.taskrouter.records import TaskRecord

FAKE_NGROK = Path(__file__).parents[1] / "tunnel" / "fake_ngrok.py"
PATIENCE_SECONDS = 10
ES = {"selected_language": "es"}


def wait_for(lab: Lab, kind: Kind, task: TaskRecord, **fields: str) -> Entry:
    wanted = {"task_sid": task.sid, **fields}
    entry = lab.stream.wait_for(
        lambda e: e.kind == kind and all(getattr(e.data, name) == value for name, value in wanted.items()),
        timeout=PATIENCE_SECONDS,
    )
    assert entry is not None, f"no {kind} with {wanted}"
    return entry


def last_assignment(lab: Lab) -> Exchange:
    return [each for each in lab.callbacks.exchanges if each.path == "/assignment_callback"][-1]


def lights(lab: Lab) -> dict[str, str]:
    return {line["key"]: line["light"] for line in lab._status_lines()}


def test_a_person_accepts_the_first_task_and_an_instruction_the_second(home: Path) -> None:
    """Pending while Alice is Offline, reserved when she is Available; {} leaves it to REST, accept decides at once."""
    lab = labkit.start()
    task = lab.create_task(ES)
    assert lab.taskrouter.task(task.sid).assignment_status == "pending"
    lab.taskrouter.set_activity("Alice", "Available")
    callback = wait_for(lab, Kind.ASSIGNMENT, task)
    lab.taskrouter.accept(task.sid, callback.data.reservation_sid)
    assert lab.taskrouter.task(task.sid).assignment_status == "assigned"
    lab.taskrouter.complete(task.sid)
    lab.answer_with("accept")
    second = lab.create_task(ES)
    wait_for(lab, Kind.EVENT, second, event_type="reservation.accepted")
    assert lab.taskrouter.task(second.sid).assignment_status == "assigned"
    assert json.loads(last_assignment(lab).response_body) == {"instruction": "accept"}


def test_the_tasks_can_be_cleared(home: Path) -> None:
    """One that waits is canceled, one that Alice has is completed, and there is none left."""
    with labkit.start(home=home) as lab:
        lab.answer_with("accept")
        lab.taskrouter.set_activity("Alice", "Available")
        taken, waiting = lab.create_task(ES), lab.create_task(ES)
        wait_for(lab, Kind.EVENT, taken, event_type="reservation.accepted")
        assert repr(lab.clear_tasks()) == "Tasks: 1 that waited was canceled, 1 that a Worker had was completed."
        assert [lab.taskrouter.task(each.sid).assignment_status for each in (waiting, taken)] == [
            "canceled",
            "completed",
        ]
        assert repr(lab.clear_tasks()) == "There was no open Task."


def test_everything_is_green(home: Path) -> None:
    """A lab that has just started has no line that is not green, and its Workflow calls it."""
    lab = labkit.start()
    assert set(lights(lab).values()) == {"green"}
    assert lab.callback_urls() == (lab.callbacks.assignment_url, lab.callbacks.event_url)


def test_starting_again_gives_the_same_lab(home: Path) -> None:
    """A cell that is run twice changes nothing: same lab, same port, same Workspace."""
    first = labkit.start()
    url = first.callbacks.local_url
    assert labkit.start() is first
    assert first.callbacks.local_url == url


def test_other_settings_replace_the_lab(home: Path) -> None:
    """With another Workspace asked for, the first lab is stopped and a new one made."""
    first = labkit.start()
    second = labkit.start(workspace="Another")
    assert first.stopped
    assert second.workspace_name == "Another"
    assert second.workspace_sid != first.workspace_sid


def test_the_lab_survives_a_reload_of_its_module(home: Path) -> None:
    """What runs is remembered outside of the module: %autoreload does not lose a server."""
    first = labkit.start()
    importlib.reload(labkit.lab.runtime)
    try:
        again = labkit.lab.runtime.start()
        assert again.callbacks.local_url == first.callbacks.local_url
    finally:
        labkit.lab.runtime.stop()


def test_a_new_kernel_finds_the_same_workspace(home: Path) -> None:
    """After a stop, as after a kernel restart, the next lab goes on in the same Workspace with its Tasks."""
    first = labkit.start()
    task = first.create_task(ES)
    first.stop()
    second = labkit.start()
    assert second is not first
    assert second.workspace_sid == first.workspace_sid
    assert second.taskrouter.task(task.sid).assignment_status == "pending"


def test_stop_leaves_nothing_of_the_kernels(home: Path) -> None:
    """No thread and no socket is left; the Workflow calls nobody; only the sandbox goes on."""
    before = set(threading.enumerate())
    lab = labkit.start()
    pid = lab._connection.address.pid if lab._connection.address else 0
    lab.stop()
    lab.stop()
    assert {t.name for t in set(threading.enumerate()) - before if t.name.startswith("labkit")} == set()
    assert psutil.Process(pid).is_running()
    address = process.find(home)
    assert address is not None
    with Lab(lab._settings) as other:
        assert other.workspace_sid == lab.workspace_sid


def test_a_stopped_lab_calls_nobody_and_says_so(home: Path) -> None:
    """Reservations made after the stop wait for a person instead of failing one after the other."""
    lab = labkit.start()
    lab.taskrouter.set_activity("Alice", "Available")
    lab.stop()
    other = Lab(lab._settings)
    try:
        other._connection.quiet_workspace.set_callbacks(other.workflow_sid, assignment_url="", event_url="")
        task = other.create_task(ES)
        assert [r.status for r in other.taskrouter.open_reservations() if r.task_sid == task.sid] == ["pending"]
    finally:
        other.stop()
    assert lights(lab) == {"lab": "grey"}
    with pytest.raises(LabError, match="stopped"):
        lab.inbox()


def test_the_last_to_start_has_the_callbacks_and_they_can_be_taken_back(home: Path) -> None:
    """Two labs at one Workflow: the first one's status is amber and its remedy brings the callbacks back."""
    first = labkit.start()
    with Lab(first._settings) as second:
        assert lights(second)["workflow"] == "green"
        assert lights(first)["workflow"] == "amber"
        assert first._remedy(TAKE_CALLBACKS)
        assert lights(first)["workflow"] == "green"
        assert lights(second)["workflow"] == "amber"
    assert first.callback_urls()[0] == first.callbacks.assignment_url


def test_two_labs_that_start_at_once_share_one_workspace(home: Path) -> None:
    """However many notebooks run their first cell together, there is one Workspace of the name."""
    labs: list[Lab] = []
    settings = labkit.settings.Settings.resolve()
    threads = [threading.Thread(target=lambda: labs.append(Lab(settings))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    try:
        assert len({lab.workspace_sid for lab in labs}) == 1
        assert len(labs) == len(threads)
        named = labs[0].client.taskrouter.v1.workspaces.list(friendly_name=labs[0].workspace_name)
        assert len(named) == 1
    finally:
        for lab in labs:
            lab.stop()


def test_a_dead_sandbox_is_noticed_and_started_again(home: Path) -> None:
    """Killed at once, the sandbox comes back with its Tasks on the next start, at the same address."""
    lab = labkit.start()
    task = lab.create_task(ES)
    assert lab._connection.address is not None
    killed = psutil.Process(lab._connection.address.pid)
    killed.kill()
    killed.wait(PATIENCE_SECONDS)
    assert lights(lab)["taskrouter"] == "red"
    again = labkit.start()
    assert lights(again)["taskrouter"] == "green"
    assert again.taskrouter.task(task.sid).assignment_status == "pending"


def test_a_failed_start_leaves_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the tunnel cannot be opened, the callback server and everything before it are stopped again."""
    monkeypatch.setenv("FAKE_NGROK_MODE", "refused")
    before = set(threading.enumerate())
    with pytest.raises(TunnelError):
        labkit.start(tunnel="ngrok", ngrok_authtoken="made-up-ngrok-token", ngrok_path=FAKE_NGROK)
    assert {t.name for t in set(threading.enumerate()) - before if t.name.startswith("labkit")} == set()


@pytest.mark.skipif(os.name == "nt", reason="the stand-in agent is a script that only POSIX runs")
def test_callbacks_come_through_a_tunnel(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With tunnel="ngrok" the sandbox calls the public address, and the signature is checked against that one."""
    monkeypatch.setenv("FAKE_NGROK_FORWARD", "1")
    lab = labkit.start(tunnel="ngrok", ngrok_authtoken="made-up-ngrok-token", ngrok_path=FAKE_NGROK)
    assert lab.callbacks.public_url != lab.callbacks.local_url
    lab.answer_with("accept")
    lab.taskrouter.set_activity("Alice", "Available")
    task = lab.create_task(ES)
    wait_for(lab, Kind.EVENT, task, event_type="reservation.accepted")
    exchange = last_assignment(lab)
    assert exchange.signature == "valid"
    assert exchange.signed_url.startswith(lab.callbacks.public_url)


def test_what_the_lab_asks_for_itself_is_not_among_the_calls(home: Path) -> None:
    """The traffic shows the learner's REST calls; starting and watching make none."""
    lab = labkit.start()
    assert lab.stream.entries(kind=Kind.CALL) == []
    lab.create_task(ES)
    calls: list[Any] = [entry.data for entry in lab.stream.entries(kind=Kind.CALL)]
    assert [(call["method"], call["status"]) for call in calls] == [("POST", 201)]


def test_a_token_is_nowhere_to_be_seen(home: Path) -> None:
    """Neither the lab's own text nor its parts' nor anything in the stream or the log holds the auth token."""
    lab = labkit.start()
    lab.answer_with("accept")
    lab.taskrouter.set_activity("Alice", "Available")
    task = lab.create_task(ES)
    wait_for(lab, Kind.EVENT, task, event_type="reservation.accepted")
    token = lab._connection.token.reveal()
    parts = (lab, lab.callbacks, lab.tunnel, lab._settings, lab._connection.address, lab._status_lines())
    seen = [repr(part) for part in parts]
    seen += [repr(entry) for entry in lab.stream.entries()]
    seen += [(home / "sandbox.log").read_text("utf-8")]
    seen += [" ".join(psutil.Process(lab._connection.address.pid).cmdline()) if lab._connection.address else ""]
    assert not [text for text in seen if token in text]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"mode": "cloud"}, "mode is 'cloud'"),
        ({"colour": "red"}, "no argument 'colour'"),
        ({"mode": "twilio"}, "TWILIO_ACCOUNT_SID"),
        ({"port": 99999}, "port is 99999"),
    ],
)
def test_what_cannot_be_asked_for_is_said_in_a_sentence(home: Path, arguments: dict[str, Any], sentence: str) -> None:
    """A wrong argument names itself and what could stand there."""
    with pytest.raises(SettingsError, match=sentence):
        labkit.start(**arguments)


def test_the_lessons_own_check_knows_what_was_done(home: Path) -> None:
    """The check reads TaskRouter's log: with nothing done everything is missing, and a created Task is seen."""
    lab = labkit.start()
    before = lab.check("00_start_here")
    lab.create_task(ES)
    after = lab.check("00_start_here")
    assert not before.complete
    assert sum(step.done for step in after.steps) > sum(step.done for step in before.steps)


def test_the_check_finds_what_was_done_before_a_restart(home: Path) -> None:
    """A new kernel has seen nothing; TaskRouter's log and the sandbox's deliveries have, and to them it goes."""
    first = labkit.start()
    own = first.callbacks.serve("mine", dict)
    workflow = first.client.taskrouter.v1.workspaces(first.workspace_sid).workflows(first.workflow_sid)
    workflow.update(assignment_callback_url=own)
    first.taskrouter.set_activity("Alice", "Available")
    wait_for(first, Kind.ASSIGNMENT, first.create_task(ES))
    labkit.stop()
    steps = {step.title: step.done for step in labkit.start().check("02").steps}
    assert steps["The Workflow called a view of your own"]
    assert steps["Your view answered {}: nothing is decided yet"]
    assert not steps["Your view answered with an instruction"]


def test_a_lab_that_looks_on_leaves_the_callbacks_and_hears_of_everything(home: Path) -> None:
    """A wallboard must not take the callbacks from the notebook beside it, and still be live."""
    with labkit.start() as lab:
        urls = lab.callback_urls()
        looking_on = Lab(labkit.settings.Settings.resolve(callbacks="leave"))
        try:
            assert looking_on.callback_urls() == urls
            task = lab.create_task(ES)
            wait_for(looking_on, Kind.EVENT, task, event_type="task.created")
            assert lights(looking_on)["workflow"] == "green"
        finally:
            looking_on.stop()
        assert lab.callback_urls() == urls


def test_a_lab_whose_callbacks_were_taken_is_still_live(home: Path) -> None:
    """A second notebook took them: this one says so, and its panels go on by TaskRouter's log."""
    with labkit.start() as lab:
        other = Lab(labkit.settings.Settings.resolve())
        try:
            lab.callback_urls()  # what the lab does every few seconds
            task = other.create_task(ES)
            wait_for(lab, Kind.EVENT, task, event_type="task.created")
        finally:
            other.stop()


def test_a_sandbox_has_nothing_to_take_down(home: Path) -> None:
    """The lab goes on, and the sentence names what does something like it there."""
    lab = labkit.start()
    with pytest.raises(LabError, match=r"A sandbox is the lab's own.*lab\.clear\(\).*lab\.reset\(\)"):
        lab.teardown()
    assert not lab.stopped
