"""The traffic at its comm: which rows travel, what stands in one in full, and what is delivered again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from live.workspace import Line, sid

from labkit.background import Jobs
from labkit.errors import TaskRouterError
from labkit.live.views import milliseconds
from labkit.remote_clock import RemoteClock
from labkit.stream import EventStream, Kind
from labkit.widgets.traffic.panel import CHUNK, KEPT, NEWEST, Traffic

GetLine = Callable[[Any], Line]
WR, WT, EV = sid("WR", 1), sid("WT", 1), sid("EV", 1)
SIGNED = {"X-Twilio-Signature": "a+b=", "Host": "x.example", "Content-Type": "application/x-www-form-urlencoded"}


def event(**given: Any) -> dict[str, Any]:
    """An event callback that was answered."""
    return {
        "method": "POST", "path": "/event_callback", "url_seen": "http://127.0.0.1:1/event_callback",
        "signed_url": "https://x.example/event_callback", "headers": SIGNED, "body": "Sid=EV1",
        "form": {"EventType": "task.created", "Sid": EV, "TaskSid": WT}, "status": 204, "response_headers": {},
        "response_body": "", "milliseconds": 2.0, "signature": "valid", "error": None, **given,
    }  # fmt: skip


@dataclass(frozen=True)
class Sent:
    """A delivery of the sandbox's log."""

    number: int
    kind: str = "event"
    fields: Mapping[str, str] = field(default_factory=lambda: {"Sid": EV})
    error: int | None = None
    meaning: str = ""
    remark: str = ""
    headline: str = "Delivery 3 was answered."


@dataclass
class Log:
    """A delivery log that remembers what was sent again; set `trouble` to make it fail."""

    sent: list[Sent]
    again: list[int] = field(default_factory=list)
    trouble: TaskRouterError | None = None

    def list(self, *, kind: str | None = None) -> list[Sent]:
        if self.trouble:
            raise self.trouble
        return [each for each in self.sent if kind in (None, each.kind)]

    def redeliver(self, number: int) -> Sent:
        self.again.append(number)
        [found] = [each for each in self.sent if each.number == number]
        return replace(found, headline="Delivery 9 was answered.")


@pytest.fixture
def log() -> Log:
    """Three deliveries, of which two are of the same event."""
    return Log([Sent(1), Sent(2, fields={"Sid": "another"}), Sent(3, error=11200, meaning="no 2xx", remark="slow")])


@pytest.fixture
def traffic(stream: EventStream, jobs: Jobs, log: Log, line: GetLine) -> Iterator[Traffic]:
    """A panel of a sandbox's."""
    panel = Traffic(stream, jobs=jobs, base_url="http://127.0.0.1:2", deliveries=log)
    yield panel
    panel.close()


def details(panel: Traffic, line: GetLine, number: int = 1) -> dict[str, Any]:
    line(panel).wait_for(lambda state: any(row["number"] == number for row in state["rows"]))
    answer = line(panel).click("details", number=number)
    assert answer["ok"], answer
    found: dict[str, Any] = answer["details"]
    return found


def test_callbacks_that_go_elsewhere_are_missed_aloud(stream: EventStream, line: GetLine) -> None:
    """An empty list is no news of a call centre that is busy, if another notebook is called."""
    traffic = Traffic(stream)
    workflow = {"key": "workflow", "label": "", "value": "", "light": "amber", "remedy": None, "action": None}
    traffic.show_status([{**workflow, "detail": "Callbacks go to 127.0.0.1:9."}])  # type: ignore[typeddict-item]
    assert traffic.state["elsewhere"] == "Callbacks go to 127.0.0.1:9."
    traffic.show_status([{**workflow, "detail": ""}])  # type: ignore[typeddict-item]
    assert traffic.state["elsewhere"] == ""
    traffic.close()


def test_times_are_those_of_taskrouter_s_clock(stream: EventStream, line: GetLine) -> None:
    """What came before the clock was moved keeps its time, and a callback is no earlier than what it tells of."""
    clock = RemoteClock()
    traffic = Traffic(stream, clock=clock)
    stream.publish(Kind.EXCHANGE, event())
    later = datetime.now(UTC) + timedelta(minutes=22)
    form = {"TimestampMs": str(milliseconds(later))}
    stream.publish(Kind.EXCHANGE, {**event(), "form": {**event()["form"], **form}, "signature": "valid"})
    clock.learn(datetime.now(UTC) + timedelta(minutes=22), paused=False)
    stream.publish(Kind.CALL, {"method": "GET", "path": "/v1", "status": 200})
    state = line(traffic).wait_for(lambda state: state["heard"] == 3 and state["ahead"] > 0)
    call, moved, before = [row["at"] for row in state["rows"]]
    entries = [milliseconds(entry.at) or 0 for entry in stream.entries()]
    assert (before, moved) == (entries[0], milliseconds(later))
    assert call == pytest.approx(entries[2] + 22 * 60_000, abs=1_000)
    assert state["ahead"] == pytest.approx(22 * 60_000, abs=1_000)
    traffic.close()


def test_the_newest_travel_in_the_state_and_earlier_ones_when_asked_for(
    traffic: Traffic, stream: EventStream, line: GetLine
) -> None:
    """Rows have places without gaps; an answer has at most a chunk of them."""
    many = NEWEST + CHUNK + 7
    for _ in range(many):
        stream.publish(Kind.EXCHANGE, event())
    state = line(traffic).wait_for(lambda state: state["heard"] == many)
    assert [row["place"] for row in state["rows"]] == list(range(many - 1, many - 1 - NEWEST, -1))
    earlier = line(traffic).click("rows", before=many - NEWEST)["rows"]
    assert [row["place"] for row in earlier] == list(range(CHUNK + 6, 6, -1))
    assert [row["place"] for row in line(traffic).click("rows", before=7)["rows"]] == list(range(6, -1, -1))
    assert line(traffic).click("rows", before=0)["rows"] == []
    assert not line(traffic).click("rows", before="7")["ok"]


def test_what_is_too_long_ago_is_forgotten(traffic: Traffic, stream: EventStream, line: GetLine) -> None:
    """The first place that is kept is told, so that the page forgets as well."""
    for _ in range(KEPT + 3):
        stream.publish(Kind.CALL, {"method": "GET", "path": "/v1/x", "form": {}, "status": 200, "milliseconds": 1.0})
    state = line(traffic).wait_for(lambda state: state["heard"] == KEPT + 3)
    assert state["first"] == 3
    assert not line(traffic).click("details", number=1)["ok"]


@pytest.mark.parametrize(
    ("given", "kind"),
    [({}, "event"), ({"path": "/assignment_callback"}, "assignment"), ({"path": "/favicon.ico"}, "other")],
)
def test_callbacks_are_told_apart(
    traffic: Traffic, stream: EventStream, line: GetLine, given: dict[str, Any], kind: str
) -> None:
    """By their route; the public URL is open to all."""
    stream.publish(Kind.EXCHANGE, event(**given))
    state = line(traffic).wait_for(lambda state: state["rows"])
    assert state["rows"][0]["kind"] == kind


def test_a_call_in_full(traffic: Traffic, stream: EventStream, line: GetLine) -> None:
    """Both ways, with Twilio's code in words, and a line for curl without the token."""
    call = {
        "method": "POST", "path": f"/v1/Workspaces/WS1/Tasks/{WT}", "form": {"Reason": "it's done", "Left": None},
        "headers": {"User-Agent": "x"}, "status": 404, "milliseconds": 3.0, "error": "was not found", "code": 20404,
        "response_headers": {"Content-Type": "application/json"}, "response_body": '{"code": 20404}',
    }  # fmt: skip
    stream.publish(Kind.CALL, call)
    found = details(traffic, line)
    assert found["url"] == f"http://127.0.0.1:2/v1/Workspaces/WS1/Tasks/{WT}"
    assert found["meaning"].startswith("there is nothing at this path")
    assert found["task"] == WT
    assert found["response_body"] == '{"code": 20404}'
    assert found["curl"].splitlines()[1:] == [
        '  -u "$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN" \\',
        "  --data-urlencode 'Reason=it'\"'\"'s done'",
    ]


def test_a_callback_in_full(traffic: Traffic, stream: EventStream, line: GetLine) -> None:
    """With what the sandbox knows of its latest delivery, and a line for curl that would pass the signature check."""
    stream.publish(Kind.EXCHANGE, event())
    found = details(traffic, line)
    assert (found["code"], found["remark"]) == (11200, "Delivery 3 was answered. slow")
    assert "https://x.example/event_callback" in found["curl"]
    assert "-H 'X-Twilio-Signature: a+b='" in found["curl"]
    assert f"--data-urlencode TaskSid={WT}" in found["curl"]
    assert found["task"] == WT


def test_without_the_sandbox_s_word_the_code_is_worked_out(
    traffic: Traffic, stream: EventStream, line: GetLine, log: Log
) -> None:
    """A sandbox that is away, as a real account, tells nothing; what we answered tells most of it."""
    log.trouble = TaskRouterError("It does not answer.")
    stream.publish(Kind.EXCHANGE, event(status=500))
    stream.publish(Kind.EXCHANGE, event(path="/assignment_callback", status=200, milliseconds=5_001.0))
    stream.publish(Kind.EXCHANGE, event(status=404, path="/favicon.ico"))
    assert [details(traffic, line, number)["code"] for number in (1, 2, 3)] == [11200, 11200, None]


def test_what_was_cut_has_no_line_for_curl(traffic: Traffic, stream: EventStream, line: GetLine) -> None:
    """It would not be the same callback."""
    stream.publish(Kind.EXCHANGE, event(body="x… (cut: 70,000 characters in all)"))
    assert details(traffic, line)["curl"] == ""


def test_the_latest_delivery_is_sent_again(traffic: Traffic, stream: EventStream, line: GetLine, log: Log) -> None:
    """Found by the event's SID; the answer says what came of it, and what cannot be sent again."""
    stream.publish(Kind.EXCHANGE, event())
    stream.publish(Kind.EXCHANGE, event(form={"Sid": "not kept"}))
    stream.publish(Kind.CALL, {"method": "GET", "path": "/", "form": {}, "status": 200, "milliseconds": 1.0})
    line(traffic).wait_for(lambda state: state["heard"] == 3)
    answer = line(traffic).click("redeliver", number=1)
    assert log.again == [3]
    assert answer["text"].startswith("Delivery 9 was answered.")
    for number in (2, 3, 99):
        assert not line(traffic).click("redeliver", number=number)["ok"]
    assert log.again == [3]


def test_a_real_account_delivers_nothing_again(stream: EventStream, jobs: Jobs, line: GetLine) -> None:
    """There is no button, and a message does nothing."""
    traffic = Traffic(stream, jobs=jobs)
    stream.publish(Kind.EXCHANGE, event())
    state = line(traffic).wait_for(lambda state: state["rows"])
    assert state["redelivers"] is False
    assert not line(traffic).click("redeliver", number=1)["ok"]
    traffic.close()


def test_no_secret_is_in_what_travels(traffic: Traffic, stream: EventStream, line: GetLine) -> None:
    """A call's report has no credentials; the line for curl names the variables."""
    stream.publish(Kind.CALL, {"method": "GET", "path": "/v1/x", "form": {}, "status": 200, "milliseconds": 1.0})
    assert "authorization" not in json.dumps(details(traffic, line)).lower()
