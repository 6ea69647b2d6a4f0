"""A lab of another account than the sandbox was started with: it works, and only looks at what is everybody's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sandbox.local import ACCOUNT, OTHER_ACCOUNT, OTHER_TOKEN, TOKEN, LocalSandbox, local_sandbox

import labkit
from labkit.cli import parser
from labkit.errors import LabError
from labkit.lab.lab import Lab
from labkit.lab.status import BE_USUAL
from labkit.sandbox import process
from labkit.sandbox.store import Snapshots
from labkit.sandbox_client.client import SandboxClient
from labkit.sandbox_client.clock import Clock
from labkit.sandbox_client.faults import Faults

ES = {"selected_language": "es"}


@pytest.fixture
def sandbox(home: Path) -> Iterator[LocalSandbox]:
    """A sandbox whose address stands in the home with an account that is not the owner's."""
    with local_sandbox(kept=Snapshots(home / "snapshots")) as running:
        values = {"url": running.url, "account_sid": OTHER_ACCOUNT, "auth_token": OTHER_TOKEN, "pid": 0}
        process.write_registration(process.registration(home), values)
        process.state_file(home).touch()
        yield running
        labkit.stop()


@pytest.fixture
def lab(sandbox: LocalSandbox) -> Lab:
    """A lab that finds it there."""
    return labkit.start()


def test_it_works_and_looks_on(sandbox: LocalSandbox, lab: Lab) -> None:
    """Tasks, explanations, deliveries, and the clock and the faults that the owner has set."""
    owner = SandboxClient(sandbox.client(ACCOUNT, TOKEN), sandbox=True)
    Clock(owner).pause()
    Faults(owner).on("callback_slow", probability=0.5, seconds=0)
    task = lab.create_task(ES)
    assert lab.explain(task).findings.task.sid == task.sid
    lab._workspace.look()
    [line] = [line for line in lab._status_lines() if line["key"] == "taskrouter"]
    assert line["detail"] == "Time stands still, so nothing times out. Faults are on: callback_slow."
    assert lab.clock.look().paused
    assert [fault.name for fault in lab.faults.list().on] == ["callback_slow"]
    assert len(lab.deliveries.list()) > 0
    assert sandbox.client(ACCOUNT, TOKEN).taskrouter.v1.workspaces.list() == []


@pytest.mark.parametrize(
    ("what", "act"),
    [
        ("move the clock on by 5 s", lambda lab: lab.clock.advance(seconds=5)),
        ("run to the next deadline", lambda lab: lab.clock.run_to_next()),
        ("hold the clock", lambda lab: lab.clock.pause()),
        ("let the clock run on", lambda lab: lab.clock.resume()),
        ("let the clock run on", lambda lab: lab._remedy(BE_USUAL)),
        ("switch on 'rest_500'", lambda lab: lab.faults.on("rest_500")),
        ("switch off all faults", lambda lab: lab.faults.off()),
        ("keep a snapshot 'a'", lambda lab: lab.snapshot("a")),
        ("list the snapshots", lambda lab: lab.snapshots()),
        ("go back to the snapshot 'a'", lambda lab: lab.restore("a")),
        ("begin anew", lambda lab: lab.reset()),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_is_everybodys_is_refused_in_a_sentence(lab: Lab, what: str, act: Callable[[Lab], object]) -> None:
    """And the lab goes on."""
    with pytest.raises(LabError) as refused:
        act(lab)
    assert str(refused.value) == (
        f"Only the account that the sandbox was started with may {what}, and this is another one."
    )
    assert lab.create_task(ES).sid


def test_it_neither_ends_the_sandbox_nor_has_it_call_others(sandbox: LocalSandbox, lab: Lab) -> None:
    """With the reason, too."""
    reason = "Only the account that this sandbox was started with may do this"
    with pytest.raises(LabError, match=f"answered 403 to POST /_sandbox/callback-hosts: {reason}"):
        lab._connection.allow_callback_host("lab.example")
    with pytest.raises(LabError, match=f"answered 403 to POST /_sandbox/stop: {reason}"):
        lab.stop(sandbox=True)
    assert (sandbox.hosts.allowed, sandbox.stop_asked.is_set()) == ([], False)


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("command", ["clock pause", "faults off", "snapshot a", "snapshots", "reset --yes"])
def test_a_terminal_says_so_in_one_line(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With status 1."""
    assert parser.main(command.split()) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("labkit: Only the account that the sandbox was started with may ")
