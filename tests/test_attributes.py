"""labkit.attributes: the one parser of attributes, in the forms that its callers need."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tracked import ROOT

from labkit.attributes import NotJson, compact_json, json_to_send, parse_json, parse_object, place_of
from labkit.callback_events import EventCallback
from labkit.callbacks.forms import FORM, CallbackRefused, callback_fields
from labkit.callbacks.signature import Params
from labkit.engine.json_parameters import parse_attributes
from labkit.engine.refusals import InvalidParameter
from labkit.errors import AttributesError, WorkspaceFileError
from labkit.widgets.json_check import check_attributes
from labkit.workspace_file.attributes import from_json

DEEP = "[" * 100_000
NO_JSON = ["{", "{'a': 1}", '{"a": NaN}', '{"a": -Infinity}', '{"a": 1e400}', '{"a": ' + "9" * 5000 + "}", DEEP]
NO_OBJECT = ["[1]", '"text"', "true", "17", "null"]


@pytest.mark.parametrize(
    ("text", "reason", "place"),
    [
        ("", "Expecting value", (1, 1, 0)),
        ('{"a": 1,\n "b"}', "Expecting ':' delimiter", (2, 5, 13)),
        ('{"a": NaN}', "NaN is not a JSON number", (None, None, None)),
        ('{"a": 1e400}', "1e400 is too large a number", (None, None, None)),
        (DEEP, "it is nested too deeply", (None, None, None)),
    ],
)
def test_what_is_no_json_says_why_and_where(text: str, reason: str, place: tuple[int | None, ...]) -> None:
    """Line and column count from 1, the position from 0; what is not at one place has none."""
    with pytest.raises(NotJson) as refused:
        parse_json(text)
    assert refused.value.reason == reason
    assert (refused.value.line, refused.value.column, refused.value.position) == place
    assert str(refused.value) == reason + (f" at line {place[0]}, column {place[1]}" if place[0] else "")


def test_of_a_name_that_stands_twice_the_last_one_counts() -> None:
    """As TaskRouter's own answers and Python's parser have it."""
    assert parse_json('{"a": 1, "a": 2}') == {"a": 2}


@pytest.mark.parametrize("text", [None, "", *NO_JSON, *NO_OBJECT])
def test_what_is_no_object_is_none(text: str | None) -> None:
    """Whoever only looks on has nothing to refuse."""
    assert parse_object(text) is None


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()))
def test_what_is_written_can_be_read_again(values: dict[str, Any]) -> None:
    """Both writers, and the short one has a UTF-8 form."""
    finite = {name: value for name, value in values.items() if value not in (float("inf"), float("-inf"))}
    assert parse_object(compact_json(finite)) == parse_object(json_to_send(finite)) == finite
    compact_json(finite).encode("utf-8")


def callback(text: str) -> None:
    params = Params([("EventType", "x"), ("TaskAttributes", text)])
    callback_fields(params, body=b"", content_type=FORM, needed="EventType")


STRICT: dict[type[Exception], Callable[[str], object]] = {
    InvalidParameter: parse_attributes,
    AttributesError: json_to_send,
    CallbackRefused: callback,
    WorkspaceFileError: lambda text: from_json(text, whose="the attributes of Worker 'Alice'"),
}


@pytest.mark.parametrize("text", NO_JSON, ids=lambda text: text[:20])
def test_everybody_agrees_on_what_is_no_json(text: str) -> None:
    """Each in an error of its own, and whoever has no error has nothing."""
    for error, read in STRICT.items():
        with pytest.raises(error):
            read(text)
    assert check_attributes(text).value is None
    assert EventCallback.from_form({"EventType": "x", "TaskAttributes": text}).task_attributes is None


def test_there_is_one_parser_of_attributes() -> None:
    """Other modules that read JSON read no attributes: answers of servers, files, processes and the store."""
    others = {
        "account/memory", "account/remembered",
        "app/warm_kernel", "callbacks/policy", "callbacks/waitress_server", "cli/agent_sdk", "cli/sandbox",
        "course/copies", "course/notebooks", "course/record",
        "doctor/jupyter", "doctor/packages", "doctor/requirements", "engine/statistics/series", "explain/explainer",
        "lab/browser_address", "progress_file", "room/client", "sandbox/api/auth",
        "sandbox/api/member_keys", "sandbox/clock", "sandbox/json_text", "sandbox/process", "sandbox/server",
        "sandbox_client/client", "taskrouter/errors", "taskrouter/http_client",
        "tunnel/ngrok_agent", "tunnel/ngrok_cleanup", "tunnel/outside_answers", "parity/roles", "room/sharing_choice",
        "workspace_file/references",
    }  # fmt: skip
    paths = sorted((ROOT / "labkit").rglob("*.py"))
    readers = {path.relative_to(ROOT / "labkit").with_suffix("").as_posix() for path in paths if _reads_json(path)}

    assert readers == {"attributes", *others}


def _reads_json(path: Any) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return bool(names & {"loads", "JSONDecoder"})


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text("ab"), inner)
    )
)
def test_every_value_of_a_document_is_found_by_its_path(value: object) -> None:
    """Whatever its texts are; JSON is read again at the place that is found."""
    text = json.dumps({"a": [0, value]}, indent=2)
    position = place_of(text, "$.a[1]")
    assert json.JSONDecoder().raw_decode(text, position)[0] == value
