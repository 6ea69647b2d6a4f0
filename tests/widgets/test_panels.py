"""The panels at their comm: what is sent to the browser, and what a click does."""

from __future__ import annotations

import importlib
import inspect
import json
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from live.workspace import ALICE, AVAILABLE, BOB, NOON, OFFLINE, FakeWorkspaceClient, Line, Named, News, sid

import labkit.widgets
from labkit.background import Jobs
from labkit.errors import TaskRouterError
from labkit.live.workspace import LiveWorkspace
from labkit.stream import EventStream, Kind
from labkit.widgets.base import LOOK_ONLY, Panel
from labkit.widgets.composer.panel import Composer
from labkit.widgets.inbox.panel import Inbox
from labkit.widgets.status.lines import StatusLine
from labkit.widgets.status.panel import StatusPanel
from labkit.widgets.story.panel import StoryPanel
from labkit.widgets.traffic.panel import Traffic

GetLine = Callable[[Any], Line]
WT, WR = sid("WT", 1), sid("WR", 1)
CLICK = {"task": WT, "sid": WR}


@pytest.fixture
def inbox(live: LiveWorkspace, desk: FakeWorkspaceClient, jobs: Jobs, line: GetLine) -> Iterator[Inbox]:
    """An inbox with nothing in it."""
    inbox = Inbox(live, client=desk, jobs=jobs)
    yield inbox
    inbox.close()


@pytest.fixture
def composer(live: LiveWorkspace, desk: FakeWorkspaceClient, jobs: Jobs, line: GetLine) -> Iterator[Composer]:
    """A composer with its choices read."""
    composer = Composer(live, client=desk, jobs=jobs)
    composer.comm.wait_for(lambda state: state["workflows"])
    yield composer
    composer.close()


def status_line(**given: Any) -> StatusLine:
    """A green line."""
    line = StatusLine(key="s", label="Sandbox", value="http://x", light="green", detail="", remedy=None, action=None)
    return {**line, **given}  # type: ignore[typeddict-item]


def test_a_callback_becomes_a_card(inbox: Inbox, news: News, line: GetLine) -> None:
    """The card has what a person needs to decide, and an absolute deadline with the kernel's time beside it."""
    news.reservation("reservation.created", WR)
    state = line(inbox).wait_for(lambda state: state["cards"] and state["cards"][0]["deadline"])
    [card] = state["cards"]
    assert (card["sid"], card["status"], card["worker"], card["queue"]) == (WR, "pending", "Alice", "Spanish")
    assert card["attributes"] == [["selected_language", "es"]]
    assert card["deadline"] - card["created"] == 120_000
    assert state["now"] == (NOON + timedelta(minutes=1)).timestamp() * 1000


@pytest.mark.parametrize(("own", "is_available"), [(None, None), (ALICE, False), (BOB, True)])
def test_an_empty_inbox_knows_whether_one_is_available_oneself(
    inbox: Inbox, desk: FakeWorkspaceClient, own: str | None, is_available: bool | None
) -> None:
    """None where one is no single Worker; in a room the inbox says what to do, and that is not to create a Task."""
    desk.own_worker_sid = own
    inbox.refresh()
    assert inbox.state["own_available"] is is_available


@pytest.mark.parametrize(
    ("call", "status"),
    [
        (("accept", WT, WR), "accepted"),
        (("reject", WT, WR), "rejected"),
        (("wrap_up", WT, WR), "wrapping"),
        (("complete", WT), "completed"),
    ],
)
def test_a_click_goes_by_rest_and_shows(
    inbox: Inbox, news: News, desk: FakeWorkspaceClient, call: tuple[str, ...], status: str
) -> None:
    """The desk is asked once, the answer is ok, and the card moves on without waiting for the event."""
    news.reservation("reservation.created", WR)
    inbox.comm.wait_for(lambda state: state["cards"])
    answer = inbox.comm.click(call[0], **CLICK)
    assert answer["ok"], answer
    assert desk.calls.count(call) == 1
    inbox.comm.wait_for(lambda state: state["cards"] and state["cards"][0]["status"] == status)


def test_a_refusal_is_an_answer(inbox: Inbox, desk: FakeWorkspaceClient, line: GetLine) -> None:
    """What TaskRouter says comes back to the row that was clicked."""
    desk.error = TaskRouterError("The Reservation is not pending any more.", status=410)
    answer = line(inbox).click("accept", **CLICK)
    assert (answer["ok"], answer["text"]) == (False, "The Reservation is not pending any more.")


@pytest.mark.parametrize("message", [None, "accept", [], {}, {"id": 5, "action": "accept"}, {"action": "accept"}])
def test_a_message_without_an_id_is_left_alone(
    inbox: Inbox, desk: FakeWorkspaceClient, line: GetLine, message: Any
) -> None:
    """Only this lab's own script speaks to the panel; anything else does nothing."""
    line(inbox).receive(message)
    assert line(inbox).click("clock")["ok"]
    assert not [call for call in desk.calls if call[0] == "accept"]


@pytest.mark.parametrize("action", ["no such thing", "", "_content", "close", ["accept"]])
def test_an_unknown_action_is_refused(inbox: Inbox, line: GetLine, action: Any) -> None:
    """Names from the browser reach only the actions that the panel lists."""
    answer = line(inbox).click(action)
    assert not answer["ok"]
    assert "no action" in answer["text"]


def test_wrong_types_in_a_message_do_no_harm(inbox: Inbox, line: GetLine) -> None:
    """A field of the wrong type reads as empty."""
    assert line(inbox).click("accept", task={"a": 1}, sid=7)["id"]


def test_a_closed_panel_listens_no_more(
    live: LiveWorkspace, desk: FakeWorkspaceClient, jobs: Jobs, news: News, line: GetLine
) -> None:
    """Running a cell again makes a new panel; the old one must not go on working."""
    inbox = Inbox(live, client=desk, jobs=jobs)
    end = line(inbox)
    inbox.close()
    before = len(end.states)
    other = Inbox(live, client=desk, jobs=jobs)
    news.reservation("reservation.created", WR)
    line(other).wait_for(lambda state: state["cards"])
    assert len(end.states) == before
    other.close()


@pytest.mark.parametrize("trait", ["state", "notebook", "made", "_esm"])
def test_a_page_sets_nothing(inbox: Inbox, line: GetLine, trait: str) -> None:
    """What is drawn is Python's alone, on this page and on every other that shows the panel."""
    before = getattr(inbox, trait)
    wanted = {"state": {"cards": [{"sid": "forged"}]}, "made": 1.5}.get(trait, "forged")

    line(inbox).handle_msg({"content": {"data": {"method": "update", "state": {trait: wanted}}}, "buffers": []})

    assert getattr(inbox, trait) == before


class Switch(Panel):
    """A panel whose author has not thought of those who only look."""

    _esm = "export default {}"

    def _content(self) -> dict[str, Any]:
        return {}

    def _handlers(self) -> dict[str, Any]:
        return {"flip": lambda _message: "flipped", "clocks": lambda _message: "set"}


def test_an_action_acts_unless_it_says_that_it_looks(line: GetLine) -> None:
    """So a new panel is safe on the wall by itself."""
    switch = Switch()
    assert line(switch).click("flip")["text"] == "flipped"

    switch.only_look()

    assert [line(switch).click(action)["text"] for action in ("flip", "clocks", "no such")] == [LOOK_ONLY] * 3
    assert line(switch).click("clock")["ok"]


def test_what_looks_is_an_action_of_the_panel() -> None:
    """A name that is no action any more would let a later one through."""
    for module in Path(labkit.widgets.__file__).parent.glob("*/panel.py"):
        panel = importlib.import_module(f"labkit.widgets.{module.parent.name}.panel").PANEL
        source = inspect.getsource(panel._handlers)
        assert [name for name in panel.looks if f'"{name}"' not in source] == [], panel


class Counter(Panel):
    """A panel that draws a growing list."""

    _esm = "export default {}"

    def __init__(self) -> None:
        self.items: list[int] = []
        super().__init__()

    def add(self, item: int) -> None:
        """Read, change and draw under the panel's lock, as panels do."""
        with self._lock:
            self.items = [*self.items, item]
            self.refresh()

    def _content(self) -> dict[str, Any]:
        return {"items": self.items}


def test_no_update_is_lost_or_overtaken(line: GetLine) -> None:
    """Many threads, switching as often as they can: the browser's last state is Python's, and none goes backwards."""
    panel = Counter()
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [
            threading.Thread(target=lambda start=start: [panel.add(start + i) for i in range(50)])  # type: ignore[misc]
            for start in range(0, 300, 50)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    finally:
        sys.setswitchinterval(interval)
    lengths = [len(state["items"]) for state in line(panel).states]
    assert lengths == sorted(lengths)
    assert lengths[-1] == 300
    panel.close()


def test_a_burst_is_few_states_and_the_last_has_all(inbox: Inbox, news: News, line: GetLine) -> None:
    """Two hundred callbacks do not send two hundred lists of two hundred cards."""
    for number in range(200):
        news.assignment(sid("WR", number), sid("WT", number), WorkflowSid="")
    line(inbox).wait_for(lambda state: len(state["cards"]) == 200)
    assert len(line(inbox).states) < 100


def test_the_kernel_s_hook_for_subshells_is_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """ipykernel 7.4.0 would send clicks to the shell that is busy with a cell."""

    class Newer(Line):
        def _reply_subshell_for(self, data: Any, default: Any) -> Any:
            return "the busy main shell"

    monkeypatch.setattr("comm.create_comm", Newer)
    panel = Counter()
    assert panel.comm._reply_subshell_for({}, "the subshell of the click") == "the subshell of the click"
    panel.close()


def test_the_story_shows_how_far_the_newest_task_has_come(live: LiveWorkspace, news: News, line: GetLine) -> None:
    """Each step lights up with its time; a Worker that was available all along is said to have been."""
    story = StoryPanel(live)
    news.task("task.created", WT, "pending")
    news.reservation("reservation.created", WR)
    state = line(story).wait_for(lambda state: len(state["lines"]) == 2)
    assert [(step["at"] is not None, step["note"]) for step in state["steps"]] == [
        (True, ""), (True, "already was"), (True, ""), (False, ""), (False, "")
    ]  # fmt: skip
    news.reservation("reservation.accepted", WR)
    state = line(story).wait_for(lambda state: len(state["lines"]) == 4)
    assert all(step["at"] for step in state["steps"])
    keys = [told["key"] for told in state["lines"]]
    assert len(set(keys)) == len(keys)
    story.close()


def available_step(state: dict[str, Any]) -> tuple[bool, str]:
    step = state["steps"][1]
    assert step["text"] == "Worker available"
    return step["at"] is not None, step["note"]


def test_the_story_waits_for_a_worker_who_could_take_the_task(live: LiveWorkspace, news: News, line: GetLine) -> None:
    """Bob, who is Available, has no Spanish; Alice has, and then the step is taken, wherever she goes later."""
    story = StoryPanel(live)
    news.task("task.created", WT, "pending")
    news.activity(BOB, OFFLINE)
    news.activity(BOB, AVAILABLE)
    assert available_step(line(story).wait_for(lambda state: len(state["lines"]) == 3)) == (False, "")
    news.activity(ALICE, AVAILABLE)
    assert available_step(line(story).wait_for(lambda state: len(state["lines"]) == 4)) == (True, "")
    news.activity(ALICE, OFFLINE)
    assert available_step(line(story).wait_for(lambda state: len(state["lines"]) == 5)) == (True, "")
    story.close()


def test_the_story_says_who_was_available_before_the_task(live: LiveWorkspace, news: News, line: GetLine) -> None:
    """Not "not yet" while Bob, who could take it, is Available: nobody has to be reserved first."""
    story = StoryPanel(live)
    news.task("task.created", WT, "pending", TaskQueueName="English")
    state = line(story).wait_for(lambda state: len(state["lines"]) == 1 and state["steps"][1]["at"])
    assert available_step(state) == (True, "already was")
    story.close()


def test_the_story_of_a_task_whose_creation_is_not_told_begins_with_the_reservation(
    live: LiveWorkspace, news: News, line: GetLine
) -> None:
    """In a room a Worker hears of a Task when it is reserved for that Worker, and no step before is open."""
    story = StoryPanel(live)
    news.reservation("reservation.created", WR)
    news.reservation("reservation.accepted", WR)
    state = line(story).wait_for(lambda state: len(state["lines"]) == 3)
    assert [(step["at"] is not None, step["note"]) for step in state["steps"]] == [
        (True, "already was"), (True, "already was"), (True, ""), (True, ""), (True, "")
    ]  # fmt: skip
    story.close()


def test_the_story_reads_the_task_queues_again_when_one_is_changed(
    live: LiveWorkspace, desk: FakeWorkspaceClient, news: News, line: GetLine
) -> None:
    """Bob could take a Spanish Task as soon as the TaskQueue is for everybody."""
    story = StoryPanel(live)
    news.task("task.created", WT, "pending")
    assert available_step(line(story).wait_for(lambda state: len(state["lines"]) == 1)) == (False, "")
    desk.target_workers["Spanish"] = "1==1"
    news.event("task-queue.expression.updated", TaskQueueName="Spanish")
    line(story).wait_for(lambda state: available_step(state) == (True, "already was"))
    story.close()


def test_the_composer_offers_what_the_workspace_has(composer: Composer) -> None:
    """Workflows by SID, TaskChannels by unique name; `default` is what is left out."""
    assert [choice["text"] for choice in composer.state["workflows"]] == ["Care", "Sales"]
    assert [choice["value"] for choice in composer.state["channels"]] == ["voice"]


def test_the_composer_offers_the_workflows_of_another_workspace(
    composer: Composer, live: LiveWorkspace, desk: FakeWorkspaceClient, line: GetLine
) -> None:
    """The Workspace was reset, or deleted and made again: the same panel offers what there is, without a click."""
    desk.workflows = lambda: [Named(sid("WW", 9), "Care")]  # type: ignore[method-assign]
    live.reset()
    line(composer).wait_for(lambda state: state["workflows"] == [{"value": sid("WW", 9), "text": "Care"}])
    live.forget("It is gone.")
    line(composer).wait_for(lambda state: (state["workflows"], state["trouble"]) == ([], "It is gone."))


def test_choices_that_cannot_be_read_are_said_and_read_again(
    live: LiveWorkspace, desk: FakeWorkspaceClient, jobs: Jobs, line: GetLine
) -> None:
    """The form says what is missing, and its button tries again."""
    desk.error = TaskRouterError("TaskRouter did not answer.")
    composer = Composer(live, client=desk, jobs=jobs)
    assert not line(composer).click("choices")["ok"]
    line(composer).wait_for(lambda state: "did not answer" in state["trouble"])
    desk.error = None
    assert line(composer).click("choices")["ok"]
    line(composer).wait_for(lambda state: state["trouble"] == "")
    composer.close()


def test_a_task_is_created_and_followed(
    composer: Composer, desk: FakeWorkspaceClient, news: News, line: GetLine
) -> None:
    """What was typed is what the desk gets; the row shows the SID and follows the status."""
    form = {"attributes": '{"vip": true}', "workflow": sid("WW", 2), "priority": "5", "timeout": "", "task_channel": ""}
    answer = line(composer).click("create", **form)
    given = {"workflow": sid("WW", 2), "priority": 5, "timeout": None, "task_channel": None}
    assert ("create_task", {"vip": True}, given) in desk.calls
    line(composer).wait_for(lambda state: [task["sid"] for task in state["tasks"]] == [answer["task"]])
    news.task("task.canceled", answer["task"], "canceled", TaskCanceledReason="hangup")
    state = line(composer).wait_for(lambda state: state["tasks"] and state["tasks"][0]["status"] == "canceled")
    assert state["tasks"][0]["reason"] == "hangup"


@pytest.mark.parametrize(
    ("field", "typed", "ok"),
    [
        ("priority", "2147483647", True),
        ("priority", "2147483648", False),
        ("priority", "-1", False),
        ("priority", "1.5", False),
        ("priority", "٣", False),
        ("priority", "9" * 5000, False),
        ("timeout", "1209600", True),
        ("timeout", "1209601", False),
        ("timeout", "0", False),
        ("attributes", "[]", False),
    ],
)
def test_what_taskrouter_would_refuse_is_refused_first(
    composer: Composer, desk: FakeWorkspaceClient, field: str, typed: str, ok: bool
) -> None:
    """The bounds are the documentation's; nothing is sent when one is passed."""
    answer = composer.comm.click("create", **{"attributes": "{}", field: typed})
    assert answer["ok"] is ok
    assert any(call[0] == "create_task" for call in desk.calls) is ok
    assert ok or len(answer["text"]) < 200


def test_the_form_teaches_the_api(composer: Composer, line: GetLine) -> None:
    """The shown code is Python, and runs to the same call."""
    form = {"attributes": '{"name": "O\'Neil", "vip": null}', "workflow": sid("WW", 1), "priority": "3"}
    answer = line(composer).click("check", **form)

    class Recorder:
        def __getattr__(self, _name: str) -> Recorder:
            return self

        def __call__(self, *_arguments: Any, **given: Any) -> Any:
            return given or self

    names: dict[str, Any] = {"lab": Recorder()}
    exec(answer["code"], names)  # noqa: S102  # the code is ours, made from this test's own form
    assert json.loads(names["task"].pop("attributes")) == {"name": "O'Neil", "vip": None}
    assert names["task"] == {"workflow_sid": sid("WW", 1), "priority": 3}


def test_mistakes_are_shown_while_typing(composer: Composer, line: GetLine) -> None:
    """The answer to a check says where; there is no code for what is not JSON."""
    answer = line(composer).click("check", attributes='{"a": }')
    assert answer["problem"]["line"] == 1
    assert answer["code"] == ""
    assert answer["characters"] == 7


def test_the_language_shortcut(composer: Composer, line: GetLine) -> None:
    """It sets one name, only to a language that is offered, and not in what is no JSON."""
    typed = '{"selected_language": "es", "vip": true}'
    answer = line(composer).click("language", attributes=typed, language="en")
    assert json.loads(answer["attributes"]) == {"selected_language": "en", "vip": True}
    assert not line(composer).click("language", attributes="{", language="en")["ok"]
    assert not line(composer).click("language", attributes="{}", language="fr")["ok"]


def test_the_status_shows_and_its_remedies_work(jobs: Jobs, line: GetLine) -> None:
    """A remedy calls what it names, and nothing that no line offers."""
    asked: list[str] = []

    def on_action(action: str) -> str:
        asked.append(action)
        return "Taken back."

    panel = StatusPanel([status_line()], on_action=on_action, jobs=jobs)
    panel.show_status(
        [status_line(light="amber", detail="another notebook has it", remedy="Take it back", action="claim")]
    )
    assert panel.state["lines"][0]["remedy"] == "Take it back"
    assert line(panel).click("remedy", remedy="claim")["text"] == "Taken back."
    assert not line(panel).click("remedy", remedy="rm -rf")["ok"]
    assert asked == ["claim"]
    panel.close()


def exchange(**given: Any) -> dict[str, Any]:
    """An exchange of the callback server."""
    form = {"ReservationSid": WR, "TaskAttributes": '{"a": 1}'}
    return {
        "method": "POST", "path": "/assignment_callback", "url_seen": "http://x/a", "signed_url": "https://y/a",
        "headers": {"Host": "y"}, "body": "ReservationSid=WR1", "form": form, "status": 200,
        "response_headers": {"Content-Type": "application/json"}, "response_body": '{"instruction":"accept"}',
        "milliseconds": 2.5, "signature": "valid", "error": None, **given,
    }  # fmt: skip


def test_traffic_shows_the_answer_and_gives_the_rest_when_asked(stream: EventStream, line: GetLine) -> None:
    """The line has the instruction; headers, form and bodies come when it is opened."""
    traffic = Traffic(stream)
    stream.publish(Kind.NOTICE, {"level": "info", "text": "not traffic"})
    stream.publish(Kind.EXCHANGE, exchange())
    state = line(traffic).wait_for(lambda state: state["rows"])
    [row] = state["rows"]
    assert (row["answer"], row["about"], row["status"]) == ('{"instruction":"accept"}', WR, 200)
    details = line(traffic).click("details", number=row["number"])["details"]
    assert details["headers"] == [["Host", "y"]]
    assert ["TaskAttributes", '{"a": 1}'] in details["form"]
    assert not line(traffic).click("details", number=999)["ok"]
    traffic.close()


def test_traffic_is_newest_first_and_shows_what_came_before(stream: EventStream, line: GetLine) -> None:
    """A panel that is made late has the past; REST calls are lines, too."""
    stream.publish(Kind.EXCHANGE, exchange(path="/first"))
    stream.publish(Kind.CALL, {"method": "GET", "path": "/v1/x", "form": {}, "status": None, "milliseconds": 1.0})
    traffic = Traffic(stream)
    state = line(traffic).wait_for(lambda state: len(state["rows"]) == 2)
    assert [(row["kind"], row["path"]) for row in state["rows"]] == [("call", "/v1/x"), ("other", "/first")]
    assert line(traffic).click("details", number=2)["details"]["url"] == "https://taskrouter.twilio.com/v1/x"
    traffic.close()


def test_a_huge_body_is_cut(stream: EventStream, line: GetLine) -> None:
    """What a stranger sends cannot fill the page."""
    traffic = Traffic(stream)
    stream.publish(Kind.EXCHANGE, exchange(body="x" * 1_000_000, form={}, path="/" + "y" * 10_000))
    state = line(traffic).wait_for(lambda state: state["rows"])
    assert len(json.dumps(state)) < 2_000
    body = line(traffic).click("details", number=1)["details"]["body"]
    assert len(body) < 21_000
    assert "1,000,000 characters" in body
    traffic.close()
