"""A planted difference of each category is found, named and placed; where nothing is planted there is none."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from sandbox.local import ACCOUNT, LocalSandbox, local_sandbox
from twilio.http.response import Response

from labkit.parity.comparison import Category, ParityDifference, differences
from labkit.parity.player import ScenarioPlayer
from labkit.parity.record import PlayedScenario
from labkit.parity.running import play
from labkit.parity.scenario import scenario
from labkit.parity.sides import Side, side_of_sandbox

Change = Callable[[str, dict[str, Any]], None]


@scenario("A Task that is created, canceled and looked at")
def a_short_life(play: ScenarioPlayer) -> None:
    """Has something of every category in it."""
    play.post("a TaskQueue", "TaskQueues", FriendlyName="Everybody", role="queue")
    configuration = {"task_routing": {"default_filter": {"queue": play["queue"]}}}
    play.post("a Workflow", "Workflows", FriendlyName="Main", Configuration=json.dumps(configuration), role="workflow")
    play.post("a Task", "Tasks", Attributes='{"type": "a"}', role="task")
    play.post("a Task that cannot be", "Tasks", Timeout="never")
    play.pass_time(7)
    play.post("the cancellation", "Tasks/{task}", AssignmentStatus="canceled", Reason="enough")
    play.events("the Events", TaskSid=play["task"], until="task.canceled")
    play.field("the Task canceled", "Tasks/{task}", assignment_status="canceled")


class ChangingHttpClient:
    """Between the SDK and its HTTP client: changes the answers whose `METHOD path` fits a pattern."""

    def __init__(self, inner: Any, pattern: str, change: Change, *, status: int | None = None) -> None:
        self._inner, self._pattern, self._change, self._status = inner, re.compile(pattern), change, status

    def request(self, method: str, url: str, *args: Any, **options: Any) -> Response:
        """The inner one's answer, changed if it fits."""
        response = self._inner.request(method, url, *args, **options)
        if not self._pattern.search(f"{method} {url}"):
            return response
        document = json.loads(response.text)
        self._change(url, document)
        return Response(self._status or response.status_code, json.dumps(document), response.headers)


@pytest.fixture(scope="module")
def two() -> Iterator[tuple[LocalSandbox, LocalSandbox]]:
    with local_sandbox() as a, local_sandbox() as b:
        yield a, b


@pytest.fixture(scope="module")
def untouched(two: tuple[LocalSandbox, LocalSandbox]) -> PlayedScenario:
    return play(a_short_life, side_of(two[0]))


def side_of(sandbox: LocalSandbox) -> Side:
    return side_of_sandbox(sandbox.client(), ACCOUNT, url=sandbox.url)


def planted(
    two: tuple[LocalSandbox, LocalSandbox], untouched: PlayedScenario, pattern: str, change: Change, **more: Any
) -> list[ParityDifference]:
    """What is found where the second sandbox's answers are changed on their way."""
    side = side_of(two[1])
    side.client.http_client = ChangingHttpClient(side.client.http_client, pattern, change, **more)
    return differences(untouched, play(a_short_life, side))


def nothing(_: str, document: Mapping[str, Any]) -> None:
    """Leaves an answer as it is."""


def events_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    return document["events"]  # type: ignore[no-any-return]


def test_two_sandboxes_are_equal(two: tuple[LocalSandbox, LocalSandbox], untouched: PlayedScenario) -> None:
    """SIDs, addresses and moments differ, and none of that is a difference."""
    assert untouched.cut_short == ""
    assert [each.came for each in untouched.steps] == [True] * 7
    assert planted(two, untouched, "nowhere", nothing) == []


def test_nothing_is_left_behind(two: tuple[LocalSandbox, LocalSandbox], untouched: PlayedScenario) -> None:
    """The Workspace of a scenario is deleted at its end."""
    assert two[0].client().taskrouter.v1.workspaces.list() == []
    assert untouched.tasks == 1


def test_another_status_is_an_answer(two: tuple[LocalSandbox, LocalSandbox], untouched: PlayedScenario) -> None:
    """200 here and 202 there."""
    [found] = planted(two, untouched, r"POST .*/Tasks/WT\w+$", nothing, status=202)
    assert (found.category, found.step, found.place) == (Category.ANSWER, "the cancellation", "status")
    assert (found.a, found.b) == (200, 202)


@pytest.mark.parametrize(
    ("change", "place", "a", "b"),
    [
        (lambda _, said: said.pop("reason"), "reason", "enough", "(absent)"),
        (lambda _, said: said.update(new=1), "new", "(absent)", 1),
        (lambda _, said: said.update(priority="0"), "priority", 0, "0"),
        (lambda _, said: said.update(reason="more"), "reason", "enough", "more"),
        (lambda _, said: said.update(attributes='{"type": "b"}'), "attributes.type", "a", "b"),
    ],
    ids=["missing", "extra", "type", "value", "inside of JSON"],
)
def test_a_field_is_missing_extra_of_another_type_or_value(
    two: tuple[LocalSandbox, LocalSandbox], untouched: PlayedScenario, change: Change, place: str, a: Any, b: Any
) -> None:
    """In the answer to one request."""
    [found] = planted(two, untouched, r"POST .*/Tasks/WT\w+$", change)
    assert (found.category, found.step, found.place) == (Category.FIELD, "the cancellation", place)
    assert (found.a, found.b) == (a, b)


def test_an_event_that_is_missing(two: tuple[LocalSandbox, LocalSandbox], untouched: PlayedScenario) -> None:
    """By its type."""

    def drop(_: str, document: dict[str, Any]) -> None:
        document["events"] = [each for each in events_of(document) if each["event_type"] != "workflow.entered"]

    [found] = planted(two, untouched, "GET .*/Events", drop)
    assert (found.category, found.place, found.a, found.b) == (Category.EVENT, "how many workflow.entered", 1, 0)


def test_events_in_another_order(two: tuple[LocalSandbox, LocalSandbox], untouched: PlayedScenario) -> None:
    """Only the part that is not in order is told."""

    def swap(_: str, document: dict[str, Any]) -> None:
        events = events_of(document)
        events[-1], events[-2] = events[-2], events[-1]

    [found] = planted(two, untouched, "GET .*/Events", swap)
    assert (found.category, found.place) == (Category.EVENT, "order")
    assert (found.a, found.b) == (["task.created", "workflow.entered"], ["workflow.entered", "task.created"])


def test_a_field_of_an_event(two: tuple[LocalSandbox, LocalSandbox], untouched: PlayedScenario) -> None:
    """With the event's type in its place."""

    def change(_: str, document: dict[str, Any]) -> None:
        events_of(document)[0]["event_data"]["task_canceled_reason"] = "because"

    [found] = planted(two, untouched, "GET .*/Events", change)
    assert found.category == Category.EVENT_FIELD
    assert found.place == "task.canceled: task_canceled_reason"
    assert (found.a, found.b) == ("enough", "because")


def test_another_code_and_message(two: tuple[LocalSandbox, LocalSandbox], untouched: PlayedScenario) -> None:
    """Of a refusal."""
    found = planted(two, untouched, r"POST .*/Tasks$", lambda _, said: said.update(code=20002) if "code" in said else 0)
    [code] = found
    assert (code.category, code.step, code.place, code.a, code.b) == (
        Category.CODE, "a Task that cannot be", "code", 20001, 20002,
    )  # fmt: skip


def test_something_that_takes_longer(two: tuple[LocalSandbox, LocalSandbox], untouched: PlayedScenario) -> None:
    """Beyond the tolerance, which is stated; within it there is no difference."""

    def late(by: int) -> Change:
        def change(_: str, document: dict[str, Any]) -> None:
            events_of(document)[0]["event_date_ms"] += by * 1000

        return change

    assert planted(two, untouched, "GET .*/Events", late(4)) == []
    [found] = planted(two, untouched, "GET .*/Events", late(30))
    assert (found.category, found.a, found.b) == (Category.TIME, 7.0, 37.0)


def test_a_scenario_that_cannot_go_on(two: tuple[LocalSandbox, LocalSandbox], untouched: PlayedScenario) -> None:
    """What is not there any more is told, with the reason."""
    found = planted(two, untouched, r"POST .*/TaskQueues$", lambda _, said: said.pop("sid"))
    assert [(each.step, each.place) for each in found if each.category == Category.ANSWER] == [
        ("a Workflow", "step"), ("a Task", "step"), ("a Task that cannot be", "step"), ("the cancellation", "step"),
        ("the Events", "step"), ("the Task canceled", "step"), ("the end", "cut short"),
    ]  # fmt: skip
    assert found[-1].b == "there is no queue"


@scenario("Reads a field of an answer")
def a_reader(play: ScenarioPlayer) -> None:
    """Goes on with what an answer says."""
    workers = play.get("the Workers", "Workers").json["workers"]
    play.post("as many", "Activities", FriendlyName=f"{len(workers)}")


def test_an_answer_of_another_form_is_told(two: tuple[LocalSandbox, LocalSandbox]) -> None:
    """It is no traceback: the scenario ends there, and the Workspace goes all the same."""
    a, side = play(a_reader, side_of(two[0])), side_of(two[1])
    pattern = r"GET .*/Workers$"
    side.client.http_client = ChangingHttpClient(side.client.http_client, pattern, change_of_names)
    found = differences(a, play(a_reader, side))
    assert ("the end", "an answer has another form than the sandbox's (KeyError)") in [(e.step, e.b) for e in found]
    assert two[1].client().taskrouter.v1.workspaces.list() == []


def change_of_names(_: str, document: dict[str, Any]) -> None:
    """Another name for the list."""
    document["others"] = document.pop("workers")


def test_a_choice_stands_beside_the_difference(untouched: PlayedScenario) -> None:
    """So that whoever reads it knows which line of docs/fidelity.toml is wrong."""
    from labkit.parity.record import ChoiceClaim

    claim = ChoiceClaim(choice="Tasks | Timeout", step="a Task that cannot be", says={"code": 20001})
    last = replace(untouched.steps[3], code=20002)
    other = replace(untouched, steps=(*untouched.steps[:3], last, *untouched.steps[4:]))
    [found] = differences(replace(untouched, claims=(claim,)), other)
    assert found.choices == ("Tasks | Timeout",)
