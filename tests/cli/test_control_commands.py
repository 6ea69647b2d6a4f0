"""`python -m labkit clock`, `faults` and `deliveries`, against a sandbox in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from processes import unread
from sandbox.call_centre import CallCentre, build
from sandbox.callback_target import Answer, Target
from sandbox.local import ACCOUNT, TOKEN, LocalSandbox, local_sandbox

from labkit.cli import parser
from labkit.cli.command_line import NOBODY_READS
from labkit.sandbox import process
from labkit.sandbox.store import Snapshots

Run = Callable[..., str]


@pytest.fixture
def sandbox(own_environment: Path) -> Iterator[LocalSandbox]:
    """A sandbox that is found as one in a process of its own would be."""
    with local_sandbox(kept=Snapshots(own_environment / "snapshots")) as running:
        values = {"url": running.url, "account_sid": ACCOUNT, "auth_token": TOKEN, "pid": 0}
        process.write_registration(process.registration(own_environment), values)
        yield running


@pytest.fixture
def centre(sandbox: LocalSandbox) -> CallCentre:
    """A call centre in it."""
    return build(sandbox.client())


@pytest.fixture
def run(sandbox: LocalSandbox, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command that must work; what it printed."""

    def running(*arguments: str) -> str:
        assert parser.main(arguments) == 0
        return capsys.readouterr().out

    return running


def test_the_clock_is_shown_and_moved(run: Run, centre: CallCentre) -> None:
    """Alone it says what is due; the actions do what `lab.clock` does."""
    task, reservation = centre.reserved_task()
    assert f"Reservation {reservation.sid} times out." in run("clock")
    assert "30 s later. Nothing fell due." in run("clock", "advance", "30")
    assert "30 s later. 1 deadline fell due; 2 events came of it." in run("clock", "next")
    assert centre.reservation_status(task.sid) == ["timeout"]
    assert "time runs" in run("clock", "resume")
    assert "time stands still" in run("clock", "pause")


def test_faults_are_listed_and_switched(run: Run) -> None:
    """With the probability in the table."""
    assert run("faults").startswith("No fault is on.")
    assert "on, 30%" in run("faults", "on", "callback_500", "--probability", "0.3")
    assert "on, 100%, 2 s" in run("faults", "on", "rest_late", "--seconds", "2")
    assert run("faults", "off", "rest_late").startswith("1 fault on.")
    assert run("faults", "off").startswith("No fault is on.")


def test_deliveries_are_listed_and_sent_once_more(
    run: Run, sandbox: LocalSandbox, centre: CallCentre, target: Target
) -> None:
    """By kind, failed ones only, or one again."""
    target.answers["/assign"] = [Answer(b"{"), Answer()]
    centre.set_callback(target.url("/assign"))
    _, reservation = centre.reserved_task()
    target.wait_for("/assign")
    sandbox.settle()
    assert run("deliveries").startswith("1 callback, 1 of them with an error")
    assert "40001" in run("deliveries", "--failed")
    assert run("deliveries", "--kind", "event").startswith("0 callbacks")
    assert run("deliveries", "--redeliver", "1").startswith(
        f"Delivery 2, once more after 1: the assignment callback of {reservation.sid} answered 200"
    )


@pytest.fixture
def target() -> Iterator[Target]:
    """A callback URL."""
    made = Target()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("clock", "advance", "-5"), "a number of seconds from 0 to 2,592,000 (30 days), and this is -5.0"),
        (("faults", "on", "gremlins"), "'gremlins' is not one of callback_refused"),
        (("faults", "on", "rest_429", "--probability", "2"), "a probability above 0 and up to 1, and this is 2.0"),
        (("deliveries", "--redeliver", "9"), "Delivery 9 is not in the log; it is empty"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_ends_with_1(
    sandbox: LocalSandbox, arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a sentence on stderr."""
    assert parser.main(arguments) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("command", ["clock", "faults", "deliveries"])
def test_without_a_sandbox_there_is_nothing_to_control(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And none is started for it."""
    assert parser.main([command]) == 1
    assert capsys.readouterr().err == "labkit: No sandbox runs. labkit.start() in a notebook starts one.\n"


@pytest.mark.process
@pytest.mark.usefixtures("centre")
@pytest.mark.parametrize(
    "arguments",
    ["clock --help", "clock", "faults", "deliveries", "snapshots", "snapshot one", "reset", "sandbox --in-memory"],
)
def test_it_ends_quietly_where_nobody_reads_on(arguments: str) -> None:
    """As in `python -m labkit deliveries | head`: no traceback, and the status of a program that SIGPIPE has ended."""
    assert unread("-m", "labkit", *arguments.split()) == (NOBODY_READS, [])
