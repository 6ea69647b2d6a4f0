"""A lab that is killed, at whichever point, leaves nothing in an account that a next start or a teardown would miss."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from account.whole_account import whole_account
from sandbox.local import LocalSandbox
from twilio_stand_in import StandIn

import labkit
from labkit.account.memory import AccountMemory
from labkit.cli import parser

pytestmark = [
    pytest.mark.usefixtures("yes"),
    pytest.mark.process,
    pytest.mark.skipif(os.name == "nt", reason="kill -9 is POSIX's"),
]

NAME = "TaskRouter Lab"
SECONDS = 60
# Twilio's account is on this computer, so no tunnel is needed to be called by it.
RUNS_A_LAB = """
import sys
import labkit
import labkit.lab.callback_routing
from labkit.tunnel.loopback import Loopback

labkit.lab.callback_routing.choose = lambda settings: Loopback()
lab = labkit.start(mode="twilio")
print("running", flush=True)
sys.stdin.read()
"""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(twilio: StandIn, tmp_path: Path) -> Iterator[Start]:
    """Starts a process that runs a lab in the account, or what else Python is given; what is left of them is killed."""
    started: list[subprocess.Popen[str]] = []

    def starting(*command: str) -> subprocess.Popen[str]:
        command = (sys.executable, *(command or ("-c", RUNS_A_LAB)))
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(subprocess.Popen(command, cwd=tmp_path, text=True, **pipes))
        return started[-1]

    yield starting
    for process in started:
        process.kill()
        process.communicate(timeout=SECONDS)


def is_running(process: subprocess.Popen[str]) -> bool:
    """Once it is; what it said of its start stands before."""
    return process.stdout is not None and "running\n" in iter(process.stdout.readline, "")


@pytest.fixture
def killed(start: Start, twilio: StandIn) -> Callable[[int, str], None]:
    """Runs a lab and kills it at a POST, from 1: `before` TaskRouter has it, which it then never has, or `after` it was
    done there and before the answer has come. For the number 0 the lab is killed while it runs."""

    def killing(number: int, when: str) -> None:
        if number:
            kill_at(number, when, method="POST", twilio=twilio, start=start)
            return
        lab = start()
        assert is_running(lab)
        lab.send_signal(signal.SIGKILL)
        lab.wait(SECONDS)

    return killing


def kill_at(number: int, when: str, *, method: str, twilio: StandIn, start: Start) -> None:
    """Start a process and kill it at its request of this number and method."""
    lock, holder, requests = threading.Lock(), list[subprocess.Popen[str]](), list[str]()

    def look(of: str, path: str) -> None:
        with lock:
            requests.extend([path] if of == method else [])
            if of == method and len(requests) == number:
                holder[0].send_signal(signal.SIGKILL)
                holder[0].wait(SECONDS)
                raise ConnectionAbortedError("whoever asked is gone")

    name = "before_passing_on" if when == "before" else "before_answering"
    setattr(twilio, name, look)
    holder.append(start())
    assert holder[0].wait(SECONDS) == -signal.SIGKILL
    setattr(twilio, name, lambda _method, _path: None)


@pytest.fixture
def theirs(sandbox: LocalSandbox) -> Any:
    """A Workspace by the lab's name that was there before, with a Worker, a Workflow and callback URLs."""
    workspaces = sandbox.client().taskrouter.v1.workspaces
    made = workspaces.create(
        friendly_name=NAME, multi_task_enabled=True, template="FIFO", event_callback_url="https://theirs.example/events"
    )
    inside = workspaces(made.sid)
    inside.workers.create(friendly_name="Alice", attributes='{"skill":"chess"}')
    inside.workflows.create(
        friendly_name="Incoming Customer Care Requests",
        configuration=f'{{"task_routing":{{"default_filter":{{"queue":"{inside.task_queues.list()[0].sid}"}}}}}}',
        assignment_callback_url="https://theirs.example/assign",
    )
    return inside


def torn_down() -> None:
    assert parser.main(["teardown", "--yes"]) == 0


def started_and_stopped() -> None:
    """The next start, its stop, and then a teardown."""
    labkit.start(mode="twilio")
    labkit.stop()
    torn_down()


# In an empty account: 1 the Workspace, 2 to 6 what is in it, 7 and 8 the callback URLs.
@pytest.mark.parametrize(
    ("number", "when"), [(1, "before"), (1, "after"), (4, "before"), (6, "after"), (7, "after"), (0, "")]
)
def test_an_empty_account_is_empty_again(
    killed: Callable[[int, str], None], sandbox: LocalSandbox, memory: AccountMemory, number: int, when: str
) -> None:
    killed(number, when)
    if number > 1 or when != "before":
        assert whole_account(sandbox.client()) != "{}"
    torn_down()
    assert whole_account(sandbox.client()) == "{}"
    assert memory.workspaces() == ()


# In one with a Workspace of that name: 1 Bob, 2 and 3 the TaskQueues, 4 and 5 the callback URLs.
@pytest.mark.parametrize(
    ("number", "when"), [(1, "before"), (1, "after"), (2, "after"), (3, "after"), (4, "after"), (5, "after"), (0, "")]
)
@pytest.mark.parametrize("then", [torn_down, started_and_stopped])
def test_a_workspace_that_was_there_is_as_it_was(
    killed: Callable[[int, str], None],
    theirs: Any,
    sandbox: LocalSandbox,
    memory: AccountMemory,
    number: int,
    when: str,
    then: Callable[[], None],
) -> None:
    """With a Worker and callback URLs of its own, which are called again."""
    workflow = next(each.sid for each in theirs.workflows.list() if each.friendly_name.startswith("Incoming"))
    changed = (theirs.fetch().sid, workflow)
    before = whole_account(sandbox.client(), but=changed)
    killed(number, when)
    then()
    assert whole_account(sandbox.client(), but=changed) == before
    assert memory.workspaces() == ()


# 1 and 2 the TaskQueues, 3 Bob, 4 the lesson's Workspace.
@pytest.mark.parametrize(("number", "when"), [(1, "before"), (2, "after"), (4, "before"), (4, "after")])
def test_a_teardown_that_is_killed_is_finished_by_the_next(
    theirs: Any, start: Start, twilio: StandIn, sandbox: LocalSandbox, memory: AccountMemory, number: int, when: str
) -> None:
    changed = (theirs.fetch().sid, *(each.sid for each in theirs.workflows.list()))
    before = whole_account(sandbox.client(), but=changed)
    for lesson in (None, "07"):
        labkit.start(mode="twilio", lesson=lesson)
    labkit.stop()
    teardown = partial(start, "-m", "labkit", "teardown", "--yes")
    kill_at(number, when, method="DELETE", twilio=twilio, start=teardown)
    torn_down()
    assert whole_account(sandbox.client(), but=changed) == before
    assert memory.workspaces() == ()


def test_two_labs_that_start_at_once_make_one_workspace(
    start: Start, sandbox: LocalSandbox, memory: AccountMemory
) -> None:
    """One waits for the other; killed both, nothing of either is left after a teardown."""
    both = [start(), start()]
    assert all(map(is_running, both))
    assert [each.friendly_name for each in sandbox.client().taskrouter.v1.workspaces.list()] == [NAME]
    for process in both:
        process.send_signal(signal.SIGKILL)
        process.wait(SECONDS)
    torn_down()
    assert whole_account(sandbox.client()) == "{}"
    assert memory.workspaces() == ()
