"""A Workflow's configuration: what it becomes, and how each broken one is refused, with the JSON path."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from engine.world import World, written
from hypothesis import given
from hypothesis import strategies as st

from labkit import limits
from labkit.engine import commands as c
from labkit.engine.refusals import InvalidParameter
from labkit.engine.resources import DEFAULT_FILTER
from labkit.engine.workflow import direct_plan, parse_configuration

Q = "WQ" + "1" * 32
Q2 = "WQ" + "2" * 32


def routing(*filters: Any, **more: Any) -> str:
    return json.dumps({"task_routing": {"filters": list(filters), **more}})


def with_target(*targets: Any, expression: Any = "1==1") -> str:
    return routing({"expression": expression, "targets": list(targets)})


def test_whole_document_is_read() -> None:
    """Every key of the reference finds its place."""
    target = {
        "queue": Q,
        "priority": 5,
        "timeout": 30,
        "expression": "worker.x == task.y",
        "order_by": "worker.level DESC",
        "skip_if": "workers.available == 0",
        "known_worker_sid": "task.agent.sid",
    }
    text = routing(
        {"filter_friendly_name": "First", "expression": "a == 1", "targets": [target, {"priority": 7}]},
        default_filter={"queue": Q2},
    )
    plan = parse_configuration(text)
    first, second = plan.filters[0].targets
    assert (first.queue_sid, first.priority, first.timeout_seconds) == (Q, 5, 30)
    assert first.expression is not None
    assert first.expression.text == "worker.x == task.y"
    assert first.order is not None
    assert first.skip_if is not None
    assert first.known_worker is not None
    assert (first.known_worker.field, first.known_worker.reference) == ("sid", ("agent", "sid"))
    assert (second.queue_sid, second.priority, second.timeout_seconds, second.expression) == (Q, 7, None, None)
    assert plan.filters[0].name == "First"
    assert plan.queue_sids == {Q, Q2}


def test_first_match_reads_filters_top_down() -> None:
    """The first filter that matches is taken; the default one stands apart."""
    plan = parse_configuration(
        routing(
            {"expression": "a > 2", "targets": [{"queue": Q}]},
            {"expression": "a > 1", "targets": [{"queue": Q2}]},
            default_filter={"queue": Q},
        )
    )
    assert [plan.first_match({"a": a}) for a in (3, 2, 1)] == [0, 1, None]
    assert plan.first_match({"a": 3}, after=0) == 1
    default = plan.filter_at(DEFAULT_FILTER)
    assert default is not None
    assert default.matches({})


@pytest.mark.parametrize("value", [30, "30", " 30 "])
def test_numbers_may_be_text(value: object) -> None:
    """Recorded clients write numbers as text; they are numbers all the same."""
    target = parse_configuration(with_target({"queue": Q, "timeout": value, "priority": value})).filters[0].targets[0]
    assert (target.timeout_seconds, target.priority) == (30, 30)


@pytest.mark.parametrize("value", [None, ""])
def test_empty_numbers_are_left_out(value: object) -> None:
    """A null or an empty text is no number."""
    target = parse_configuration(with_target({"queue": Q, "timeout": value, "priority": value})).filters[0].targets[0]
    assert (target.timeout_seconds, target.priority) == (None, None)


@pytest.mark.parametrize("value", [0, "0"])
def test_a_timeout_of_zero_is_none(value: object) -> None:
    """As a Workflow has it that has been deployed; a priority of zero is a priority."""
    target = parse_configuration(with_target({"queue": Q, "timeout": value, "priority": value})).filters[0].targets[0]
    assert (target.timeout_seconds, target.priority) == (None, 0)


def test_old_keys_are_understood() -> None:
    """`friendly_name` of a filter and `task_queue_sid` of the default one are still sent."""
    text = routing(
        {"friendly_name": "Old", "expression": "1==1", "targets": [{"queue": Q}]},
        default_filter={"task_queue_sid": Q2},
    )
    plan = parse_configuration(text)
    assert plan.filters[0].name == "Old"
    assert plan.default is not None
    assert plan.default.targets[0].queue_sid == Q2


def test_unknown_names_in_expressions_are_allowed() -> None:
    """Expressions are checked for syntax only, and blank ones in a target are none."""
    target = {"queue": Q, "expression": "  ", "skip_if": "", "order_by": ""}
    plan = parse_configuration(with_target(target, expression="never_heard_of == 1"))
    found = plan.filters[0].targets[0]
    assert (found.expression, found.skip_if, found.order) == (None, None, None)


TARGETS = "$.task_routing.filters[0].targets"


@pytest.mark.parametrize(
    ("text", "path", "says"),
    [
        ("{", "", "not valid JSON at line 1, column 2"),
        ("[]", "$", "a JSON object is needed"),
        ("{}", "$.task_routing", "required"),
        ('{"filters": []}', "$.task_routing", "required"),
        ('{"task_routing": 5}', "$.task_routing", "a JSON object is needed"),
        ('{"task_routing": {"filters": {}}}', "$.task_routing.filters", "a list is needed"),
        (routing(7), "$.task_routing.filters[0]", "a JSON object is needed"),
        (routing({"targets": [{"queue": Q}]}), "$.task_routing.filters[0].expression", "required"),
        (routing({"expression": 1, "targets": []}), "$.task_routing.filters[0].expression", "a string is needed"),
        (routing({"expression": "1==1"}), TARGETS, "required"),
        (with_target(), TARGETS, "at least one target"),
        (routing({"expression": "1==1", "targets": "Q"}), TARGETS, "a list is needed"),
        (with_target({"queue": Q}, expression="a == "), "$.task_routing.filters[0].expression", "does not parse"),
        (with_target({}), f"{TARGETS}[0].queue", "TaskQueue SID"),
        (with_target({"queue": 7}), f"{TARGETS}[0].queue", "a string is needed"),
        (with_target({"queue": Q}, {"timeout": -1}), f"{TARGETS}[1].timeout", "from 0"),
        (with_target({"queue": Q, "timeout": -5}), f"{TARGETS}[0].timeout", "whole number"),
        (with_target({"queue": Q, "timeout": 1.5}), f"{TARGETS}[0].timeout", "1.5"),
        (with_target({"queue": Q, "timeout": True}), f"{TARGETS}[0].timeout", "True"),
        (with_target({"queue": Q, "timeout": "soon"}), f"{TARGETS}[0].timeout", "soon"),
        (with_target({"queue": Q, "priority": -1}), f"{TARGETS}[0].priority", "from 0"),
        (with_target({"queue": Q, "priority": 2_147_483_648}), f"{TARGETS}[0].priority", "2147483647"),
        (with_target({"queue": Q, "priority": "9" * 400}), f"{TARGETS}[0].priority", "whole number"),
        (with_target({"queue": Q, "expression": "worker.x = = 1"}), f"{TARGETS}[0].expression", "does not parse"),
        (with_target({"queue": Q, "skip_if": "workers >"}), f"{TARGETS}[0].skip_if", "does not parse"),
        (with_target({"queue": Q, "order_by": "worker.x UP"}), f"{TARGETS}[0].order_by", "parse"),
        (
            with_target({"queue": Q, "known_worker_sid": "task.a", "known_worker_friendly_name": "task.b"}),
            f"{TARGETS}[0].known_worker_friendly_name",
            "not both",
        ),
        (with_target({"queue": Q, "known_worker_sid": "agent"}), f"{TARGETS}[0].known_worker_sid", "task.agent_sid"),
        (with_target({"queue": Q, "known_worker_sid": "task."}), f"{TARGETS}[0].known_worker_sid", "task.agent_sid"),
        (routing(default_filter={}), "$.task_routing.default_filter.queue", "TaskQueue SID"),
        (routing(default_filter=[]), "$.task_routing.default_filter", "a JSON object is needed"),
    ],
)
def test_broken_configuration_is_refused_with_its_path(text: str, path: str, says: str) -> None:
    """Each broken document is refused as a bad `Configuration`; the message names the place and the problem."""
    with pytest.raises(InvalidParameter) as refused:
        parse_configuration(text)
    assert (refused.value.status, refused.value.code) == (400, 20001)
    message = str(refused.value)
    assert "Configuration" in message
    assert f"{path}: " in message or not path
    assert says in message


def test_size_is_limited() -> None:
    """A document over 1,038,576 bytes is refused; one of that size is read."""
    text = with_target({"queue": Q})
    assert parse_configuration(text + " " * (limits.MAX_CONFIGURATION_BYTES - len(text))).queue_sids == {Q}
    with pytest.raises(InvalidParameter, match="larger than 1038576 bytes"):
        parse_configuration(text + " " * (limits.MAX_CONFIGURATION_BYTES - len(text) + 1))


@pytest.mark.parametrize("kind", [c.CreateWorkflow, c.UpdateWorkflow])
def test_unknown_queue_is_refused(world: World, kind: type[c.Command]) -> None:
    """A queue that is not in the Workspace is refused by name, for a new Workflow and for a changed one."""
    world.add_queue("Q")
    world.add_workflow("Main", default_filter={"queue": "Q"})
    before = written(world.state)
    broken = with_target({"queue": Q})
    fields: dict[str, Any] = {"friendly_name": "New", "configuration": broken}
    if kind is c.UpdateWorkflow:
        fields = {"sid": world.names["Main"], "changes": {"configuration": broken}}
    with pytest.raises(InvalidParameter, match=Q):
        world.run(kind, **fields)
    assert written(world.state) == before


def test_plan_of_a_direct_task_has_one_place() -> None:
    """A Task sent to a queue has one target, without a time limit, whatever its attributes."""
    plan = direct_plan(Q)
    assert plan.queue_sids == {Q}
    assert plan.first_match({}) is None
    default = plan.filter_at(DEFAULT_FILTER)
    assert default is not None
    assert default.targets[0].timeout_seconds is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["queue", "expression", "targets", "timeout", "priority"]), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(json_values, json_values)
def test_any_document_is_read_or_refused(filters: object, default: object) -> None:
    """Whatever JSON comes, it becomes a Plan or is refused; nothing else is raised."""
    text = json.dumps({"task_routing": {"filters": filters, "default_filter": default}})
    with suppress(InvalidParameter):
        plan = parse_configuration(text)
        assert plan.first_match({}) is None or plan.filters
