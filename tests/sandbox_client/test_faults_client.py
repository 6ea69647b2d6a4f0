"""`lab.faults` and `lab.deliveries` on a sandbox."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sandbox.call_centre import CallCentre
from sandbox.callback_target import Answer, Target
from sandbox.local import ACCOUNT, START, LocalSandbox

from labkit.errors import LabError, TaskRouterError
from labkit.sandbox.delivery_log import GivenUp
from labkit.sandbox_client.client import SandboxClient
from labkit.sandbox_client.deliveries import Deliveries
from labkit.sandbox_client.faults import Faults


@pytest.fixture
def faults(line: SandboxClient) -> Faults:
    """The sandbox's faults, all of them off."""
    return Faults(line)


@pytest.fixture
def deliveries(line: SandboxClient) -> Deliveries:
    """The sandbox's delivery log."""
    return Deliveries(line)


def called(sandbox: LocalSandbox, centre: CallCentre, target: Target) -> Any:
    """One assignment callback has been answered; its Reservation."""
    centre.set_callback(target.url("/assign"))
    _, reservation = centre.reserved_task()
    target.wait_for("/assign")
    sandbox.settle()
    centre.set_callback("")
    return reservation


# --- faults -----------------------------------------------------------------------------------------------------------


def test_faults_are_switched_on_and_off(faults: Faults) -> None:
    """With a probability, with seconds where they count; one by one, or all at once."""
    assert faults.list().on == ()
    (on,) = faults.on("callback_500", probability=0.3).on
    assert (on.name, on.probability, on.seconds, on.on) == ("callback_500", 0.3, None, True)
    assert [fault.name for fault in faults.on("rest_late", seconds=2).on] == ["callback_500", "rest_late"]
    assert [fault.name for fault in faults.off("callback_500").on] == ["rest_late"]
    assert faults.off().on == ()


def test_the_list_reads_as_a_table(faults: Faults) -> None:
    """How many are on, then a line for each fault, on or off."""
    faults.on("callback_slow", probability=0.25, seconds=2.5)
    headline, *lines = repr(faults).splitlines()
    assert headline == "1 fault on."
    assert any(line.split()[:4] == ["callback_slow", "on,", "25%,", "2.5"] for line in lines)
    assert "<td>callback_slow</td><td>on, 25%, 2.5 s</td>" in faults.list()._repr_html_()
    assert str(faults.off()).startswith("No fault is on.")


@pytest.mark.parametrize("probability", [0, -0.1, 1.1, float("nan"), "often", None, True])
def test_a_probability_is_above_0_and_up_to_1(faults: Faults, probability: Any) -> None:
    """The sentence has the value, and how to switch off."""
    with pytest.raises(LabError, match=r"above 0 and up to 1, and this is .*lab\.faults\.off\('rest_429'\)"):
        faults.on("rest_429", probability=probability)
    assert faults.list().on == ()


def test_an_unknown_fault_is_answered_with_the_list(faults: Faults) -> None:
    """The sandbox knows which there are."""
    with pytest.raises(TaskRouterError, match=r"switch on .gremlins.*not one of callback_refused, callback_slow"):
        faults.on("gremlins")


def test_seconds_for_what_does_not_wait_are_refused(faults: Faults) -> None:
    """And the sentence names those that wait."""
    with pytest.raises(TaskRouterError, match="rest_429 has none; those that have are callback_slow, rest_late"):
        faults.on("rest_429", seconds=3)


# --- deliveries -------------------------------------------------------------------------------------------------------


def test_a_delivery_shows_both_sides(
    deliveries: Deliveries, sandbox: LocalSandbox, centre: CallCentre, target: Target
) -> None:
    """What was sent where, what was answered, and how long that took."""
    reservation = called(sandbox, centre, target)
    (sent,) = deliveries
    assert (sent.number, sent.kind, sent.about, sent.url) == (1, "assignment", reservation.sid, target.url("/assign"))
    assert (sent.status, sent.response, sent.error, sent.trouble) == (200, "{}", None, "")
    assert sent.fields["ReservationSid"] == reservation.sid
    assert sent.milliseconds > 0
    assert str(sent).startswith(f"Delivery 1: the assignment callback of {reservation.sid} answered 200 in ")


def test_a_failed_one_says_why(
    deliveries: Deliveries, faults: Faults, sandbox: LocalSandbox, centre: CallCentre, target: Target
) -> None:
    """Twilio's code, what it means, and the fault that was behind it."""
    faults.on("callback_not_json")
    called(sandbox, centre, target)
    (failed,) = deliveries.list(failed=True)
    assert (failed.error, failed.faults) == (40001, ("callback_not_json",))
    assert failed.meaning == "the answer is not valid JSON, so nothing was done"
    assert failed.trouble.startswith(f"40001: {failed.meaning}")
    assert failed.trouble.endswith("; by the fault callback_not_json")
    assert failed.trouble in str(deliveries.list())


def test_the_log_is_picked_from(
    deliveries: Deliveries, sandbox: LocalSandbox, centre: CallCentre, target: Target
) -> None:
    """By kind, or those with an error only; the newest stands on top of the table and at the end of the list."""
    centre.workspace.update(event_callback_url=target.url("/events"), events_filter="reservation.created")
    called(sandbox, centre, target)
    assert [each.kind for each in deliveries.list(kind="assignment")] == ["assignment"]
    assert [each.kind for each in deliveries.list(kind="event")] == ["event"]
    assert len(deliveries) == 2
    assert len(deliveries.list(failed=True)) == 0
    headline, newest, _ = str(deliveries.list()).splitlines()
    assert headline == "2 callbacks, none of them with an error; the newest first."
    assert newest.split()[0] == str(deliveries.list()[-1].number)
    with pytest.raises(LabError, match=r"'assignment' or 'event', and this is 'assignments'"):
        deliveries.list(kind="assignments")


def test_those_of_one_task_are_there_when_their_answer_was_followed(
    deliveries: Deliveries, centre: CallCentre, target: Target
) -> None:
    """Asked for at once, they are waited for, one after the other; the Task goes by its SID, or is what was made."""
    target.answers["/assign"] = [Answer(b'{"instruction": "reject"}', hold=True), Answer(b'{"instruction": "accept"}')]
    centre.set_callback(target.url("/assign"))
    task, _ = centre.reserved_task()
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(deliveries.about, task)
        with pytest.raises(TimeoutError):
            asked.result(timeout=0.2)
        target.release()
        sent = asked.result(timeout=2)
    assert [each.response for each in sent] == ['{"instruction": "reject"}', '{"instruction": "accept"}']
    assert centre.reservation_status(task.sid) == ["rejected", "accepted"]
    assert [each.number for each in deliveries.about(task.sid)] == [each.number for each in sent]
    assert len(deliveries.about("WT0")) == 0


def test_one_is_sent_once_more(
    deliveries: Deliveries, sandbox: LocalSandbox, centre: CallCentre, target: Target
) -> None:
    """It comes back as it stands in the log, and names the one that it repeats."""
    target.answers["/assign"] = [Answer(), Answer(b'{"instruction": "accept"}')]
    reservation = called(sandbox, centre, target)
    again = deliveries.redeliver(1)
    assert (again.number, again.redelivery_of, again.status) == (2, 1, 200)
    assert str(again).startswith(f"Delivery 2, once more after 1: the assignment callback of {reservation.sid} ")
    assert centre.reservation_status(again.fields["TaskSid"]) == ["accepted"]


def test_callbacks_that_were_given_up_are_a_line_of_their_own(deliveries: Deliveries, sandbox: LocalSandbox) -> None:
    """With how many they were and why; there is nothing to send once more."""
    lost = GivenUp(account_sid=ACCOUNT, workspace_sid="WS1", workspace_name="Tests", url="http://x/", reason="too old")
    sandbox.look(lambda: sandbox.webhooks.deliveries.count_given_up(lost, 1200, at=START))
    [line] = deliveries
    said = "1,200 event callbacks of the Workspace 'Tests' to http://x/ were given up: too old."
    assert (line.headline, line.remark) == ("Delivery 1: event callbacks of WS1 that were not sent.", said)
    assert said in str(deliveries.list())
    with pytest.raises(TaskRouterError, match="Delivery 1 counts event callbacks that were given up, so there is noth"):
        deliveries.redeliver(1)


def test_what_is_not_there_is_not_sent(deliveries: Deliveries) -> None:
    """A number that is none is not even asked about."""
    with pytest.raises(TaskRouterError, match="Delivery 7 is not in the log; it is empty"):
        deliveries.redeliver(7)
    with pytest.raises(LabError, match="such as 12; this is '7'"):
        deliveries.redeliver("7")  # type: ignore[arg-type]


def test_what_is_answered_is_no_html(
    deliveries: Deliveries, sandbox: LocalSandbox, centre: CallCentre, target: Target
) -> None:
    """A callback URL may answer anything."""
    target.answers["/assign"] = Answer(b"<img src=x onerror=alert(1)>", headers={"Content-Type": "text/html"})
    called(sandbox, centre, target)
    shown = deliveries.list()[0]._repr_html_() + deliveries.list()._repr_html_()
    assert "<img" not in shown
    assert "&lt;img" in shown


def test_a_real_account_has_neither(no_sandbox: SandboxClient) -> None:
    """Nothing is sent, and each says so."""
    faults, deliveries = Faults(no_sandbox), Deliveries(no_sandbox)
    assert not faults.available
    for ask in (
        faults.list,
        faults.off,
        lambda: faults.on("rest_429"),
        deliveries.list,
        lambda: deliveries.about("WT0"),
        lambda: deliveries.redeliver(1),
    ):
        with pytest.raises(LabError, match="takes a sandbox, and this lab talks to a real account"):
            ask()
    assert "real account" in repr(faults)
    assert "real account" in repr(deliveries)
