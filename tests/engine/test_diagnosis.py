"""What explain says: every state of a Task, every reason, and the property that it never disagrees with routing."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any
from unittest.mock import patch

import pytest
from engine.random_world import build, happening, play, world_shape
from engine.world import World, quickstart, records_of
from engine.world import written as all_records
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_sizes import sized

from labkit import limits
from labkit.attributes import parse_json
from labkit.engine import callback_pauses, matching, routing
from labkit.engine.commands import HangUp
from labkit.engine.deadlines import Deadlines
from labkit.engine.diagnosis import Findings, explain_task
from labkit.engine.diagnosis.findings import ChangeKind, FilterState, ReasonKind, SuggestedChange, TargetState
from labkit.engine.diagnosis.workers import CONDITIONS, Candidates
from labkit.engine.resources import Reservation
from labkit.engine.restore import load
from labkit.engine.workspace_state import WorkspaceState
from labkit.sandbox.store.codec import KIND_OF, decode_record, encode_record
from labkit.vocabulary import ReservationStatus, short_sid

EXAMPLES = sized(50, ci=100, soak=1000)
ES = {"selected_language": "es"}


def explain(world: World, task: str) -> Findings:
    """The findings about a Task, with the events that were not taken away."""
    sid = world.names[task]
    return explain_task(world.state, sid, world.now, events=[e for e in world.events if e.data.get("task_sid") == sid])


def reasons_of(found: Findings, worker: str) -> dict[str, str]:
    """Why a Worker may not have the Task: text by kind."""
    [finding] = [each for each in found.workers if each.name == worker]
    return {str(reason.kind): reason.text for reason in finding.reasons}


@pytest.fixture
def bilingual() -> World:
    """Twilio's quickstart: Alice speaks both languages and is Offline, Bob speaks English and is Available."""
    world = quickstart()
    world.take_events()
    return world


@pytest.fixture
def one_at_a_time() -> World:
    """Single tasking: Alice has Task `first`, and `T` waits for her on another channel."""
    world = World(multi_task_enabled=False)
    world.add_queue("Q")
    world.add_workflow("F", default_filter={"queue": "Q"})
    world.add_worker("Alice")
    world.create_task("first", channel="voice")
    world.create_task("T", channel="chat")
    return world


# --- examples --------------------------------------------------------------------------------------------------------


def test_the_answer_is_one_sentence(bilingual: World) -> None:
    """The quickstart's own question: a Spanish Task waits because Alice is Offline."""
    bilingual.create_task("T", attributes=ES)
    found = explain(bilingual, "T")

    assert found.headline == (
        "Waiting: Alice is the only Worker of Spanish, and is Offline, an Activity that takes no Tasks."
    )
    assert [s.text for s in found.suggestions][:2] == ["Set Alice to Available.", 'Add "es" to languages of Bob.']
    assert reasons_of(found, "Bob") == {
        "queue expression": 'does not match TaskQueue Spanish: languages is ["en"], without "es"'
    }


def test_filters_are_told_until_the_first_that_matches(bilingual: World) -> None:
    """With the values read; the rest is not looked at."""
    bilingual.create_task("T", attributes={"selected_language": "en"})
    bilingual.create_task("U", attributes=ES)

    first, second = explain(bilingual, "T").filters
    assert (first.state, second.state) == (FilterState.NO_MATCH, FilterState.TAKEN)
    assert first.trace is not None
    assert first.trace.reads == (("selected_language", "en"),)
    assert [f.state for f in explain(bilingual, "U").filters] == [FilterState.TAKEN, FilterState.NOT_LOOKED_AT]


def test_has_on_a_string_is_named(bilingual: World) -> None:
    """The silent mistake: a string where a list is needed."""
    bilingual.set_attributes("Alice", {"languages": "es"})
    bilingual.create_task("T", attributes=ES)

    assert reasons_of(explain(bilingual, "T"), "Alice")["queue expression"].endswith(
        'languages is the string "es", and HAS needs a list'
    )


def test_a_task_whose_callback_fails_waits_for_its_pause(routed: World) -> None:
    """The sentence says how often, and until when; the same for the others, when the Workflow's URL does not answer."""
    routed.set_activity("Alice", "Available")
    routed.create_task("T")
    routed.fail_callback("T")
    assert explain(routed, "T").headline == ("Waiting: its assignment callback failed; it is reserved again in 1 s.")
    routed.at(1).fail_callback("T")
    found = explain(routed.at(1.5), "T")
    assert found.headline == ("Waiting: its assignment callback failed twice in a row; it is reserved again in 2 s.")
    assert [worker.name for worker in found.workers if worker.eligible] == ["Alice"]
    assert "set that URL again" in found.suggestions[0].text
    routed.create_task("second")
    routed.fail_callback("second")
    routed.create_task("third")
    assert explain(routed, "third").headline == (
        "Waiting: the assignment callbacks of Workflow Main fail; it is reserved again in 1 s."
    )
    routed.set_activity("Alice", "Offline")
    assert "Alice is the only Worker of Everybody, and is Offline" in explain(routed, "T").headline


def test_time_limits_add_up_by_age(world: World) -> None:
    """Target by target: what is left, what comes, what a timeout means for the Task's age."""
    for name in ("Q1", "Q2", "Q3"):
        world.add_queue(name, "1==2")
    targets: list[dict[str, Any]] = [
        {"queue": "Q1", "timeout": 10},
        {"queue": "Q2", "timeout": 20, "priority": 7, "skip_if": "workers.available > 5"},
        {"queue": "Q3"},
    ]
    world.add_workflow("F", filters=[{"expression": "1==1", "targets": targets}])
    world.create_task("T")
    world.at(14)

    first, second, third = explain(world, "T").targets
    assert [t.state for t in (first, second, third)] == [
        TargetState.PASSED,
        TargetState.CURRENT,
        TargetState.AHEAD,
    ]
    assert (second.ends_at_age, second.seconds_left, second.priority) == (30, 16, 7)
    assert second.skip is not None
    assert (second.skip.holds, second.skip.counts["available"]) == (False, 0)
    assert (third.ends_at_age, third.seconds_left) == (None, None)


def test_capacity_names_what_takes_it(routed: World) -> None:
    """With how far each of these Tasks is; what is nearest to its end comes first."""
    routed.set_activity("Alice", "Available")
    routed.set_channel("Alice", "default", configured_capacity=3)
    for task in ("first", "second", "third"):
        routed.create_task(task)
    routed.answer("first", "accepted")
    routed.answer("third", "accepted")
    routed.update_task("third", status="wrapping")
    routed.create_task("T")

    first, second, third = (short_sid(routed.names[task]) for task in ("first", "second", "third"))
    assert reasons_of(explain(routed, "T"), "Alice") == {
        "capacity": "is full on channel default: 3 of 3 taken, "
        f"by Tasks {third} (wrapping), {first} (assigned) and {second} (reserved)"
    }
    routed.set_channel("Alice", "default", configured_capacity=1)
    assert reasons_of(explain(routed, "T"), "Alice")["capacity"].startswith(
        "is full on channel default: a capacity of 1, and 3 taken, by Tasks "
    )


def test_single_tasking_is_said(one_at_a_time: World) -> None:
    """One Task on any channel is enough."""
    assert reasons_of(explain(one_at_a_time, "T"), "Alice")["capacity"] == (
        f"is busy with Task {short_sid(one_at_a_time.names['first'])} (reserved): "
        "in single tasking a Worker has one Task at a time"
    )


def test_a_full_worker_is_to_complete_a_task_first(routed: World) -> None:
    """Or one waits for that; more capacity comes after it."""
    routed.set_activity("Alice", "Available")
    routed.create_task("first")
    routed.answer("first", "accepted")
    routed.create_task("T")
    first = short_sid(routed.names["first"])

    assert [s.text for s in explain(routed, "T").suggestions] == [
        f"Complete Task {first} of Alice, or wait until that is done.",
        "Raise the capacity of Alice on channel default to 2.",
    ]
    routed.set_activity("Alice", "Offline")
    assert explain(routed, "T").suggestions[0].text == f"Complete Task {first} of Alice and set Alice to Available."


def test_a_task_that_nobody_has_answered_is_to_be_accepted_first(one_at_a_time: World) -> None:
    """In single tasking there is no other way."""
    assert [s.text for s in explain(one_at_a_time, "T").suggestions] == [
        f"Accept and complete Task {short_sid(one_at_a_time.names['first'])} of Alice, or wait until that is done."
    ]


def test_as_many_tasks_are_to_be_completed_as_are_too_many(routed: World) -> None:
    """A capacity that was lowered under what is taken; the Tasks that are nearest to their end first."""
    routed.set_activity("Alice", "Available")
    routed.set_channel("Alice", "default", configured_capacity=3)
    for task in ("first", "second", "third"):
        routed.create_task(task)
        routed.answer(task, "accepted")
    routed.update_task("third", status="wrapping")
    routed.set_channel("Alice", "default", configured_capacity=2)
    routed.create_task("T")

    assert [change.name for change in explain(routed, "T").suggestions[0].changes] == [
        routed.names["third"],
        routed.names["first"],
    ]


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"available": False}, "channel unavailable", "is not available on channel default"),
        ({"configured_capacity": 0}, "capacity", "has a capacity of 0 on channel default"),
    ],
)
def test_a_closed_channel_is_a_reason(routed: World, change: dict[str, Any], kind: str, words: str) -> None:
    """Not available, or with room for nothing."""
    routed.set_channel("Alice", "default", **change)
    routed.create_task("T")

    assert reasons_of(explain(routed, "T"), "Alice")[kind] == words


def test_a_known_worker_is_named_by_an_attribute(world: World) -> None:
    """Who it is, and that the others are not."""
    world.add_queue("Q")
    target = {"queue": "Q", "known_worker_friendly_name": "task.agent"}
    world.add_workflow("F", filters=[{"expression": "1==1", "targets": [target]}])
    world.add_worker("Alice")
    world.create_task("T", attributes={"agent": "Zoe"})
    world.create_task("U")

    assert reasons_of(explain(world, "T"), "Alice") == {
        "known worker": 'is not the known Worker: task.agent asks for the friendly name "Zoe"'
    }
    assert explain(world, "T").headline == (
        'Waiting: it is for a known Worker alone, and task.agent asks for the friendly name "Zoe", which nobody has.'
    )
    assert reasons_of(explain(world, "U"), "Alice")["known worker"].endswith("task.agent is not set")
    assert [explain(world, task).targets[0].known_worker for task in "TU"] == [
        'task.agent, which is "Zoe"',
        "task.agent, which is not set",
    ]
    assert [s.text for s in explain(world, "U").suggestions] == [
        "Set agent of the Task to the friendly name of a Worker who matches TaskQueue Q.",
        "Give this target a timeout, and add a target after it that asks for no known Worker.",
    ]


def test_the_known_worker_is_in_the_headline(world: World) -> None:
    """What keeps that one from the Task, and nothing about the others."""
    world.add_queue("Q")
    target = {"queue": "Q", "known_worker_sid": "task.agent"}
    world.add_workflow("F", filters=[{"expression": "1==1", "targets": [target]}])
    world.add_worker("Bob")
    world.add_worker("Alice", activity="Offline")
    world.create_task("T", attributes={"agent": world.names["Alice"]})

    assert explain(world, "T").headline == (
        "Waiting: it is for the known Worker Alice alone, who is Offline, an Activity that takes no Tasks."
    )


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (["Alice"], "neither Worker of Q may have it: Alice is in an Activity that takes no Tasks; Bob has no room"),
        (["Alice", "Bob"], "neither Worker of Q is in an Activity that takes Tasks."),
        ([], "neither Worker of Q has room for it."),
    ],
)
def test_what_several_workers_share_is_said_once(world: World, away: list[str], words: str) -> None:
    """By their names where their reasons differ."""
    world.add_queue("Q")
    world.add_workflow("F", default_filter={"queue": "Q"})
    for name in ("Alice", "Bob"):
        world.add_worker(name, capacity={"default": 0})
    for name in away:
        world.set_activity(name, "Offline")
    world.create_task("T")

    assert explain(world, "T").headline.startswith(f"Waiting: {words}")


@pytest.mark.parametrize(
    ("target_workers", "worker", "advice"),
    [
        ("1==1", False, "Add a Worker who matches TaskQueue Q (1==1)."),
        ("level > 3", False, "Add a Worker who matches TaskQueue Q (level > 3)."),
        ("1 == 2", False, "Change TargetWorkers of TaskQueue Q: 1 == 2 is never true."),
        ("1 == 2", True, "Change TargetWorkers of TaskQueue Q: 1 == 2 is never true."),
        ("", True, "Set TargetWorkers of TaskQueue Q to 1==1, so that every Worker matches."),
        ("NOT level < 3", True, "Add a Worker who matches TaskQueue Q, or change its TargetWorkers."),
    ],
)
def test_there_is_advice_where_no_workers_change_would_do(
    world: World, target_workers: str, worker: bool, advice: str
) -> None:
    """What is possible, and no more."""
    world.add_queue("Q", target_workers)
    world.add_workflow("F", default_filter={"queue": "Q"})
    if worker:
        world.add_worker("Alice", attributes={"level": 1})
    world.create_task("T")

    assert [s.text for s in explain(world, "T").suggestions] == [advice]


@pytest.mark.parametrize(
    ("timeout", "advice"),
    [
        ({}, "Give this target a timeout, and add a target after it whose expression asks for less."),
        ({"timeout": 30}, "Add a target after it whose expression asks for less."),
    ],
)
def test_a_target_that_nobody_fits_can_have_a_wider_one_after_it(
    world: World, timeout: dict[str, Any], advice: str
) -> None:
    """Where no attribute of a Worker would do."""
    world.add_queue("Q")
    target = {"queue": "Q", "expression": "worker.sid NOT IN task.refused", **timeout}
    world.add_workflow("F", filters=[{"expression": "1==1", "targets": [target]}])
    world.add_worker("Alice")
    world.create_task("T", attributes={"refused": [world.names["Alice"]]})

    assert [s.text for s in explain(world, "T").suggestions] == [advice]


@pytest.mark.parametrize(
    ("before", "advice"),
    [
        ({"level": "6"}, "Set level of Alice to the number 6."),
        ({"level": 2}, "Set level of Alice to 5."),
        ({}, "Set level of Alice to 5."),
        ({"level": [5]}, "Set level of Alice to the number 5."),
    ],
)
def test_advice_names_the_kind_where_that_is_to_change(world: World, before: dict[str, Any], advice: str) -> None:
    """A number as text becomes that number."""
    world.add_queue("Q", "level >= 5")
    world.add_workflow("F", default_filter={"queue": "Q"})
    world.add_worker("Alice", attributes=before)
    world.create_task("T")

    assert [s.text for s in explain(world, "T").suggestions] == [advice]


def test_what_orders_the_workers_is_said_without_numbers_of_records(world: World) -> None:
    """By what the target ranks, and then who was never reserved."""
    world.add_queue("Q")
    target = {"queue": "Q", "order_by": "worker.level DESC"}
    world.add_workflow("F", filters=[{"expression": "1==1", "targets": [target]}])
    world.add_worker("Alice", attributes={"level": 5})
    world.create_task("first")
    world.answer("first", "accepted")
    world.update_task("first", status="completed")
    world.add_worker("Bob", attributes={"level": 5})
    world.add_worker("Carol")
    with patch.object(routing, "settle", lambda unit: None):
        world.create_task("T")
    found = explain(world, "T")

    assert found.headline == "Bob may have it now, and is the first in line."
    assert [(worker.name, worker.order) for worker in found.workers] == [
        ("Bob", "level is 5, never reserved"),
        ("Alice", "level is 5, reserved before"),
        ("Carol", "level is not set, never reserved"),
    ]


def test_where_no_activity_takes_tasks_one_is_to_be_added(routed: World) -> None:
    """Alice cannot be set to any that is there."""
    routed.delete("Available")
    routed.create_task("T")

    assert [s.text for s in explain(routed, "T").suggestions] == [
        "Add an Activity that is available, and set Alice to it."
    ]


def test_a_long_expression_is_cut_in_the_headline(world: World) -> None:
    """The whole of it stands with the target."""
    world.add_queue("Q", " OR ".join(["level > 3"] * 100))
    world.add_workflow("F", default_filter={"queue": "Q"})
    world.add_worker("Alice")
    world.create_task("T")

    assert len(explain(world, "T").headline) < 120


def test_a_routing_target_leaves_the_others_out(routed: World) -> None:
    """Only the Worker that the Task was sent to counts."""
    routed.add_worker("Bob")
    routed.create_task("T", to="Alice", ignore_capacity=False)
    found = explain(routed, "T")

    assert found.headline.startswith("Waiting: it was sent to Alice alone, who is Offline")
    assert "is not Alice" in reasons_of(found, "Bob")["routing target"]
    assert found.filters == ()


@pytest.mark.parametrize(
    ("target_workers", "words"),
    [("level > 3", "no Worker matches TaskQueue Q (level > 3)"), ("", "TargetWorkers is empty, which matches nobody")],
)
def test_a_queue_without_workers_says_so(world: World, target_workers: str, words: str) -> None:
    """With the expression that nobody matches."""
    world.add_queue("Q", target_workers)
    world.add_workflow("F", default_filter={"queue": "Q"})
    world.add_worker("Alice", attributes={"level": 1})
    world.create_task("T")

    assert words in explain(world, "T").headline


def test_what_is_served_before_it_is_listed(routed: World) -> None:
    """By rank, whatever the channel: the first five, and how many."""
    for number in range(7):
        routed.create_task(f"T{number}", priority=number)
    found = explain(routed, "T0")

    assert found.ahead_count == 6
    assert [a.priority for a in found.ahead] == [6, 5, 4, 3, 2]
    assert explain(routed, "T6").ahead_count == 0


def test_an_old_configuration_is_noted(bilingual: World) -> None:
    """A Task in flight goes on by the configuration that it met, which surprises people."""
    bilingual.create_task("T", attributes=ES)
    bilingual.update_workflow("Incoming", default_filter={"queue": "English"})

    assert any("ReEvaluateTasks" in note for note in explain(bilingual, "T").notes)
    assert [f.state for f in explain(bilingual, "T").filters] == [FilterState.TAKEN, FilterState.NOT_LOOKED_AT]


def test_a_filter_that_no_longer_matches_is_said_to_be_kept(bilingual: World) -> None:
    """Attributes changed to what no filter matches: the Task stays where it was."""
    bilingual.create_task("T", attributes=ES)
    bilingual.update_task("T", attributes={"selected_language": "fr"})

    assert [f.state for f in explain(bilingual, "T").filters] == [FilterState.KEPT, FilterState.NO_MATCH]


def test_why_this_worker(bilingual: World) -> None:
    """A reserved and an assigned Task tell what made the Worker fit, at that moment."""
    bilingual.create_task("T", attributes=ES)
    bilingual.at(5).set_activity("Alice", "Available")
    assert explain(bilingual, "T").headline == "Task reserved for Alice, who has 2 min left to answer."

    bilingual.at(7).answer("T", "accepted")
    bilingual.set_attributes("Alice", {"languages": []})
    found = explain(bilingual, "T")

    assert found.headline == "Task assigned to Alice."
    [choice] = found.choices
    assert (choice.worker, choice.outcome) == ("Alice", "accepted")
    assert choice.because == (
        "was Available",
        'matched TaskQueue Spanish: languages HAS "es" (languages is ["en", "es"])',
    )
    assert [(s.seconds, s.text) for s in found.history][-2:] == [
        (5.0, "Reserved for Alice."),
        (7.0, "Alice accepted: the Task is assigned."),
    ]


@pytest.mark.parametrize(("rejections", "words"), [(1, "once"), (2, "twice"), (3, "3 times")])
def test_it_is_said_how_often_nobody_accepted(routed: World, rejections: int, words: str) -> None:
    """In words that go with the number."""
    routed.set_activity("Alice", "Available")
    routed.create_task("T")
    routed.answer_often("T", "rejected", rejections - 1)
    routed.set_activity("Alice", "Offline", reject_pending=True)

    assert explain(routed, "T").notes == (
        f"It was reserved {words} before, and nobody accepted it; after 1,000 times it is canceled.",
    )


def test_several_who_have_a_reservation_share_the_time(routed: World) -> None:
    """Their number is not said beside their names; and nobody has 0 s."""
    routed.update_queue("Everybody", max_reserved_workers=2)
    routed.set_activity("Alice", "Available")
    routed.add_worker("Bob")
    routed.create_task("T")
    assert explain(routed, "T").headline == "Task reserved for Alice and Bob, who have 2 min left to answer."

    routed.at(119.5)
    assert explain(routed, "T").headline == "Task reserved for Alice and Bob, who have less than 1 s left to answer."


@pytest.mark.parametrize(("to", "name"), [("Alice", "Alice"), ("Everybody", "TaskQueue Everybody")])
def test_a_routing_target_is_called_by_its_name(routed: World, to: str, name: str) -> None:
    """Not by its SID."""
    routed.create_task("T", to=to, ignore_capacity=False if to == "Alice" else None)

    assert explain(routed, "T").notes == (f"RoutingTarget names {name}, so no filter was asked.",)


def test_a_finished_task_tells_its_way_in_time_order(bilingual: World) -> None:
    """Also after TaskRouter has forgotten it, from its events alone."""
    bilingual.create_task("T", attributes=ES)
    bilingual.at(5).set_activity("Alice", "Available")
    bilingual.answer("T", "accepted")
    bilingual.at(9).update_task("T", status="completed", reason="solved")
    assert explain(bilingual, "T").headline == "Task completed by Alice: solved."

    bilingual.at(1000)
    found = explain(bilingual, "T")
    assert found.headline.startswith("This Task is gone")
    assert [s.seconds for s in found.history] == sorted(s.seconds for s in found.history)
    assert "Completed: solved." in [s.text for s in found.history]
    assert found.choices[0].worker == "Alice"


@pytest.mark.parametrize(
    ("reason", "words"),
    [("Solved.", ": Solved."), ("Solved", ": Solved."), ("Solved!", ": Solved!"), (None, ".")],
)
def test_a_reason_ends_its_sentence_once(bilingual: World, reason: str | None, words: str) -> None:
    """Whatever a stranger has written; where no reason was given, none is made up."""
    bilingual.create_task("T", attributes={"selected_language": "en"})
    bilingual.answer("T", "accepted")
    bilingual.update_task("T", status="completed", **({"reason": reason} if reason else {}))

    found = explain(bilingual, "T")
    assert found.headline == f"Task completed by Bob{words}"
    assert found.history[-1].text == f"Completed{words}"
    bilingual.at(1000)
    assert explain(bilingual, "T").headline == f"This Task is gone, after it was completed by Bob{words}"


def test_a_deleted_task_says_so(routed: World) -> None:
    """No Reservation was made, so nothing about choices is unknown; and TaskRouter forgot it at once."""
    routed.create_task("T")
    routed.delete("T")
    found = explain(routed, "T")

    assert found.headline == "This Task is gone, after it was deleted over REST."
    assert found.notes == ("This is told from the Task's events.",)
    assert found.unknown == ()


def test_a_filter_without_a_name_is_called_so(world: World) -> None:
    """Nothing is unknown about it."""
    world.add_queue("Q")
    world.add_workflow("F", filters=[{"expression": "1==1", "targets": [{"queue": "Q"}]}])
    world.create_task("T", attributes={"kind": 1})
    world.update_task("T", attributes={"kind": 2}, priority=3)

    texts = [step.text for step in explain(world, "T").history]
    assert "A target of a filter without a name takes it, with priority 0." in texts
    assert 'Updated: attributes {"kind": 2}, priority 3.' in texts


def test_a_canceled_task_says_what_would_have_kept_it(world: World) -> None:
    """The last target's timeout, and a filter that no attribute matched."""
    world.add_queue("Q", "1==2")
    world.add_workflow("F", filters=[{"expression": "kind == 1", "targets": [{"queue": "Q", "timeout": 5}]}])
    world.create_task("T", attributes={"kind": 1})
    world.create_task("U", attributes={"kind": 1})
    world.at(6)
    assert explain(world, "T").headline == "Task canceled: the time of its filter's last target was up."
    assert [s.text for s in explain(world, "T").suggestions] == [
        "Leave the timeout of the filter's last target out: then the Task waits there."
    ]

    world.add_workflow("G", filters=[{"expression": "kind == 1", "targets": [{"queue": "Q"}]}])
    world.create_task("V", attributes={"kind": 1}, workflow="G")
    changed = [{"expression": f"lang == '{code}'", "targets": [{"queue": "Q"}]} for code in ("es", "en")]
    world.update_workflow("G", filters=changed, re_evaluate=True)
    found = explain(world, "V")
    assert found.headline == "Task canceled: no filter of its Workflow takes it."
    assert [f.state for f in found.filters] == [FilterState.NO_MATCH, FilterState.NO_MATCH]
    assert [s.text for s in found.suggestions] == [
        'Set lang of the Task to "es" or "en".',
        "Add a default_filter to the Workflow: it takes the Tasks that no filter matches.",
    ]


def test_a_task_that_nobody_accepted_says_what_was_over(routed: World) -> None:
    """Its own timeout or the number of its Reservations: TaskRouter gives one reason for both."""
    routed.create_task("T", timeout=60)
    routed.at(61)
    found = explain(routed, "T")
    assert found.headline == "Task canceled: nobody accepted it within its timeout of 1 min."
    assert [s.text for s in found.suggestions] == [
        "Have somebody accept it within 1 min, or create it with a longer Timeout."
    ]

    routed.set_activity("Alice", "Available")
    routed.create_task("U")
    with patch.object(limits, "MAX_ASSIGNMENTS", 3):
        routed.answer_often("U", "rejected", 3)
        found = explain(routed, "U")
    assert found.headline == "Task canceled: it was reserved 3 times, and nobody accepted it."
    assert [s.text for s in found.suggestions] == [
        "Accept one of its Reservations, or set Workers who do not answer to Offline."
    ]


def test_a_task_that_was_skipped_out_or_hung_up_says_so(world: World) -> None:
    """In plain words; a reason that somebody gave stays as it is."""
    world.add_queue("Q", "1==2")
    targets = [{"queue": "Q", "skip_if": "workers.available == 0"}]
    rest = {"expression": "kind == null", "targets": [{"queue": "Q"}]}
    world.add_workflow("F", filters=[{"expression": "kind == 1", "targets": targets}, rest])
    world.create_task("S", workflow="F", attributes={"kind": 1})
    world.create_task("C", workflow="F", channel="voice", attributes={"call_sid": f"CA{'a' * 32}", "to": "+15550199"})
    world.create_task("R", workflow="F")
    world.run(HangUp, sid=world.task("C").legs[0].sid)
    world.update_task("R", status="canceled", reason="the customer left")

    said = {task: explain(world, task).headline for task in "SCR"}
    assert said == {
        "S": "Task canceled: the last target of its filter was skipped.",
        "C": "Task canceled: the caller hung up.",
        "R": "Task canceled: the customer left.",
    }


def test_a_task_that_never_was_is_a_key_error(world: World) -> None:
    """Nothing is made up."""
    with pytest.raises(KeyError):
        explain_task(world.state, f"WT{'0' * 32}", world.now)


def test_many_workers_are_counted_not_listed(routed: World) -> None:
    """Fifty are explained, the nearest first; of the others it is told how many."""
    for number in range(60):
        routed.add_worker(f"W{number}", activity="Unavailable")
    routed.create_task("T")
    found = explain(routed, "T")

    assert (len(found.workers), found.more_workers) == (50, 11)
    assert [(t.kind, t.count) for t in found.tally] == [(ReasonKind.ACTIVITY, 61)]
    assert found.headline == "Waiting: none of the 61 Workers of Everybody is in an Activity that takes Tasks."


def test_advice_that_would_do_for_several_workers_is_given_once(bilingual: World) -> None:
    """By name, as long as they are few; what comes second in it is about the same Worker."""
    for name in ("Carol", "Dave", "Erin"):
        bilingual.add_worker(name, activity="Offline", attributes={"languages": ["es"]})
    bilingual.create_task("T", attributes=ES)
    assert [s.text for s in explain(bilingual, "T").suggestions] == [
        "Set Alice, Carol, Dave or another to Available.",
        'Add "es" to languages of Bob.',
    ]

    for name in ("Alice", "Carol", "Dave", "Erin"):
        bilingual.delete(name)
    for name in ("Frank", "Grace"):
        bilingual.add_worker(name, activity="Offline", attributes={"languages": ["en"]})
    second = explain(bilingual, "T").suggestions[1]
    assert second.text == 'Add "es" to languages of Frank or Grace and set the same Worker to Available.'
    assert {change.sid for change in second.changes} == {bilingual.names["Frank"]}


# --- it never disagrees with routing ---------------------------------------------------------------------------------


@pytest.mark.chance
@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(shape=world_shape, steps=st.lists(happening, max_size=25))
def test_explain_and_routing_agree(shape: Any, steps: list[tuple[str, int, int, int]]) -> None:
    """Whoever explain says is first is whom matching picks, everybody else has a reason, and suggestions hold."""
    world = build(shape)
    play(world, steps)
    with patch.object(routing, "settle", lambda unit: None):  # from here on nobody is matched: there is a choice
        play(world, [("create_task", *numbers) for _, *numbers in steps[:6]])
        play(world, [("set_activity", *numbers) for _, *numbers in steps[:6]])
    before = all_records(world.state)
    for sid in list(world.state.tasks):
        agree(world.state, explain_task(world.state, sid, world.now), sid)
    assert all_records(world.state) == before


def agree(state: WorkspaceState, found: Findings, sid: str) -> None:
    """The findings about one Task against matching's own words."""
    task = state.tasks[sid]
    json.dumps(asdict(found), default=str)
    target = state.target_of(task) if task.is_pending else None
    if target is None:
        assert found.workers == ()
        return
    chosen = [w.sid for w in matching.candidates(state, task, most=len(state.workers) or 1)]
    told = sorted((w for w in found.workers if w.eligible), key=lambda w: w.place or 0)
    assert [w.sid for w in told] == chosen
    assert {w.sid for w in found.workers} == set(state.workers)
    for finding in found.workers:
        assert finding.eligible == matching.may_have(state, state.workers[finding.sid], task, target)
        assert finding.eligible == (not finding.reasons)
    assert bool(callback_pauses.paused_until(state, task)) <= found.headline.startswith("Waiting: ")
    for suggestion in (each for each in found.suggestions if each.changes):
        apart = changed_copy(state, suggestion.changes)
        assert matching.may_have(apart, apart.workers[suggestion.changes[0].sid], apart.tasks[sid], target)


def changed_copy(state: WorkspaceState, changes: tuple[SuggestedChange, ...]) -> WorkspaceState:
    """The Workspace again, from its records, with the changes made by hand and nobody routed."""
    states: dict[str, WorkspaceState] = {}
    records = [decode_record(KIND_OF[type(r)], encode_record(r)) for r in records_of(state)]
    done = {(change.sid, change.name) for change in changes if change.kind is ChangeKind.TASK}
    for record in records:
        if isinstance(record, Reservation) and (record.worker_sid, record.task_sid) in done and record.is_open:
            record.reservation_status = ReservationStatus.COMPLETED
    load(states, records, deadlines=Deadlines(lambda _: False))
    copy = states[state.workspace.sid]
    for change in changes:
        make(copy, change)
    return copy


def make(state: WorkspaceState, change: SuggestedChange) -> None:
    worker = state.workers[change.sid]
    values = parse_json(worker.attributes)
    match change.kind:
        case ChangeKind.TASK:
            pass  # the Reservation was completed before it was loaded
        case ChangeKind.ACTIVITY:
            worker.activity_sid = change.value
        case ChangeKind.ATTRIBUTE:
            values[change.name] = change.value  # the random worlds nest no Worker attribute
            worker.attributes = json.dumps(values)
        case ChangeKind.CAPACITY:
            channel = state.worker_channel(worker, change.name)
            assert channel is not None
            channel.configured_capacity = change.value
        case ChangeKind.CHANNEL:
            channel = state.worker_channel(worker, change.name)
            assert channel is not None
            channel.available = change.value
    state.rebuild_scope(worker, values)
    state.refresh_worker(worker)
    state.refresh_ready(worker)


def test_every_condition_of_routing_has_its_reason(routed: World) -> None:
    """A Worker may have a Task exactly if no condition fails; each is asked by itself."""
    routed.create_task("T")
    task = routed.task("T")
    target = routed.state.target_of(task)
    assert target is not None
    field = Candidates(routed.state, task, target)
    alice = routed.worker("Alice")

    assert all(holds(field, alice) for kind, holds in CONDITIONS.items() if kind is not ReasonKind.ACTIVITY)
    assert not CONDITIONS[ReasonKind.ACTIVITY](field, alice)
    assert not matching.may_have(routed.state, alice, task, target)
