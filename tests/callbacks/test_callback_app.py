"""The Flask app: which requests are answered how, what is recorded, and what reaches the stream."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from flask import request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labkit.callback_events import AssignmentCallback, EventCallback
from labkit.callbacks.exchanges import BODY_LIMIT, STRANGER_LIMIT
from labkit.errors import CallbackServerError
from labkit.stream import Kind

ASSIGNMENT, EVENT = "/assignment_callback", "/event_callback"
MALFORMED = json.loads(Path(__file__).with_name("malformed.json").read_text(encoding="utf-8"))
FIELDS = {"ReservationSid": "WR1", "TaskSid": "WT1", "TaskAttributes": '{"selected_language": "es"}'}


def _kinds(caller: Any) -> list[Kind]:
    return [entry.kind for entry in caller.stream.entries()]


def test_an_assignment_callback_is_answered_and_published(caller: Any) -> None:
    """The answer is `{}` as application/json; the stream has the callback, then the exchange."""
    answer = caller.post(ASSIGNMENT, FIELDS)
    assert (answer.status_code, answer.content_type, answer.data) == (200, "application/json", b"{}")
    assignment, exchange = caller.stream.entries()
    assert (assignment.kind, assignment.data) == (Kind.ASSIGNMENT, AssignmentCallback.from_form(FIELDS))
    assert (exchange.kind, exchange.data) == (Kind.EXCHANGE, caller.server.exchanges.last.as_dict())


def test_the_policy_decides_the_answer(caller: Any) -> None:
    """What `answer_with` was given is what TaskRouter gets."""
    caller.server.policy.answer_with({"instruction": "reject", "activity_sid": "WA1"})
    assert caller.post(ASSIGNMENT, FIELDS).json == {"instruction": "reject", "activity_sid": "WA1"}


def test_a_raw_answer_is_sent_as_it_is(caller: Any) -> None:
    """A deliberate wrong answer goes out with its own status and Content-Type."""
    caller.server.policy.answer_raw("{oops", status=503, content_type="text/plain")
    answer = caller.post(ASSIGNMENT, FIELDS)
    assert (answer.status_code, answer.content_type, answer.data) == (503, "text/plain", b"{oops")


def test_a_failing_function_is_answered_for_and_shown(caller: Any) -> None:
    """When the learner's function fails, `{}` is answered and the log says what failed."""
    caller.server.policy.answer_with(lambda fields: 1 / 0)
    assert caller.post(ASSIGNMENT, FIELDS).json == {}
    assert "ZeroDivisionError" in caller.server.exchanges.last.error


def test_a_view_of_ones_own_answers_at_its_own_url(caller: Any) -> None:
    """It reads Flask's request, its answer is recorded, the stream has the callback, and a new view takes its place."""
    url = caller.server.serve("mine", lambda: {"instruction": request.form["ReservationSid"]})
    assert url == f"{caller.server.assignment_url}/mine"
    assert caller.post(f"{ASSIGNMENT}/mine", FIELDS).json == {"instruction": "WR1"}
    assert _kinds(caller) == [Kind.ASSIGNMENT, Kind.EXCHANGE]
    assert caller.server.exchanges.last.response_body == '{"instruction":"WR1"}\n'
    caller.server.serve("mine", lambda: ("no", 503))
    assert caller.post(f"{ASSIGNMENT}/mine", FIELDS).status_code == 503


def test_a_view_of_ones_own_is_called_only_for_taskrouter(caller: Any) -> None:
    """A stranger is turned away before it, and where there is no view there is nothing."""
    caller.server.serve("mine", lambda: 1 / 0)
    assert caller.client.post(f"{ASSIGNMENT}/mine", data=FIELDS).status_code == 403
    assert caller.post(f"{ASSIGNMENT}/yours", FIELDS).status_code == 404
    assert _kinds(caller) == [Kind.EXCHANGE] * 2


@pytest.mark.parametrize(("view", "says"), [(lambda: 1 / 0, "ZeroDivisionError"), (exit, "SystemExit")])
def test_a_view_of_ones_own_that_fails_is_shown(caller: Any, view: Any, says: str) -> None:
    """It answers 500, as it would anywhere, and the log says what failed."""
    caller.server.serve("mine", view)
    assert caller.post(f"{ASSIGNMENT}/mine", FIELDS).status_code == 500
    assert says in caller.server.exchanges.last.error


@pytest.mark.parametrize(("name", "view"), [("a/b", dict), ("", dict), ("mine", {})])
def test_only_a_view_with_a_name_is_served(caller: Any, name: str, view: Any) -> None:
    """What could not be reached, or not be called, is refused at once."""
    with pytest.raises(CallbackServerError):
        caller.server.serve(name, view)


def test_an_event_callback_is_answered_204(caller: Any) -> None:
    """The answer is 204 with Content-Type application/json; the stream has the Event."""
    fields = {"EventType": "task.created", "TaskSid": "WT1"}
    answer = caller.post(EVENT, fields)
    assert (answer.status_code, answer.content_type, answer.data) == (204, "application/json", b"")
    assert caller.stream.entries(kind=Kind.EVENT)[0].data == EventCallback.from_form(fields)


@pytest.mark.parametrize("case", MALFORMED, ids=lambda case: case["name"])
def test_a_malformed_body_is_refused_clearly(caller: Any, tools: dict[str, Any], case: dict[str, Any]) -> None:
    """A rightly signed body that is no callback gets its 4xx in JSON, is in the log, and reaches nobody."""
    body = case["body"] + case.get("repeat", "") * case.get("times", 0)
    content_type = case.get("type", "application/x-www-form-urlencoded")
    is_form = content_type == "application/x-www-form-urlencoded" and case["name"] != "too many fields"
    signed = dict(parse_qsl(body, keep_blank_values=True)) if is_form else {}
    headers = {**tools["sign"](tools["public"] + ASSIGNMENT, signed), "Content-Type": content_type}
    answer = caller.client.post(ASSIGNMENT, data=body.encode(), headers=headers)
    assert answer.status_code == case["status"]
    assert case["says"] in answer.json["error"]
    assert caller.server.exchanges.last.status == case["status"]
    assert caller.server.exchanges.last.error == answer.json["error"]
    assert _kinds(caller) == [Kind.EXCHANGE]


def test_an_event_needs_its_type(caller: Any) -> None:
    """What lacks EventType is no event."""
    answer = caller.post(EVENT, FIELDS)
    assert (answer.status_code, "EventType" in answer.json["error"]) == (400, True)


@pytest.mark.parametrize("route", [ASSIGNMENT, EVENT])
@pytest.mark.parametrize(("headers", "verdict"), [({}, "missing"), ({"X-Twilio-Signature": "nonsense"}, "wrong")])
def test_without_a_right_signature_nothing_passes(
    caller: Any, route: str, headers: dict[str, str], verdict: str
) -> None:
    """A missing or wrong signature is 403, is shown in the log, and publishes no callback."""
    answer = caller.post(route, {**FIELDS, "EventType": "task.created"}, headers=headers)
    assert answer.status_code == 403
    assert caller.server.exchanges.last.signature == verdict
    assert _kinds(caller) == [Kind.EXCHANGE]


def test_a_signature_for_the_url_seen_here_is_explained(caller: Any, tools: dict[str, Any]) -> None:
    """Signed for http instead of https, a callback is refused; the log names both URLs, the answer neither."""
    seen = tools["public"].replace("https", "http")
    headers = tools["sign"](seen + ASSIGNMENT, FIELDS)
    answer = caller.post(ASSIGNMENT, FIELDS, headers=headers, base_url=seen)
    exchange = caller.server.exchanges.last
    assert (exchange.url_seen, exchange.signed_url) == (seen + ASSIGNMENT, tools["public"] + ASSIGNMENT)
    assert f"Twilio signed {exchange.url_seen}, the lab expects {exchange.signed_url}" in exchange.error
    assert "example" not in answer.text


def test_the_query_is_part_of_what_is_signed(caller: Any, tools: dict[str, Any]) -> None:
    """The query counts as it was sent, and nothing more than that."""
    route = f"{ASSIGNMENT}?lab=1&name=%C3%A9+x"
    assert caller.post(route, FIELDS).status_code == 200
    headers = tools["sign"](tools["public"] + ASSIGNMENT, FIELDS)
    assert caller.post(route, FIELDS, headers=headers).status_code == 403


def test_size_is_checked_before_the_signature(caller: Any) -> None:
    """An unsigned body over 1 MiB is 413: it is not even read."""
    answer = caller.client.post(ASSIGNMENT, data=b"a=" + b"x" * 1024 * 1024)
    assert answer.status_code == 413
    assert caller.server.exchanges.last.body.startswith("(not read")


@pytest.mark.parametrize("path", ["/nothing", "/static/x", "/assignment_callback/", "/x//assignment_callback", "/%00"])
def test_other_paths_name_the_routes(caller: Any, path: str) -> None:
    """Anything else is a JSON 404 that says what is served."""
    answer = caller.client.get(path)
    assert answer.status_code == 404
    assert f"POST {ASSIGNMENT}" in answer.json["routes"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", ASSIGNMENT, "POST"), ("PUT", EVENT, "POST"), ("OPTIONS", ASSIGNMENT, "POST"), ("POST", "/", "GET, HEAD")],
)
def test_a_wrong_method_says_which_are_right(caller: Any, method: str, path: str, allowed: str) -> None:
    """A wrong method is a JSON 405 with the Allow header."""
    answer = caller.client.open(path, method=method)
    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
    assert method in answer.json["error"]


def test_health_says_who_is_here(caller: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another lab can learn which process and notebook has the port, but no path of this computer."""
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/somebody/notebooks/00_start_here.ipynb")
    answer = caller.client.get("/healthz").json
    assert (answer["app"], answer["notebook"]) == ("labkit", "00_start_here.ipynb")
    assert isinstance(answer["pid"], int)


def test_a_mistake_of_ours_is_recorded(caller: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should the lab itself fail, the answer is a JSON 500 without details, and the log has them."""
    monkeypatch.setattr(caller.server.policy, "reply_for", lambda fields: {}["inside"])
    answer = caller.post(ASSIGNMENT, FIELDS)
    assert (answer.status_code, "inside" in answer.text) == (500, False)
    assert "KeyError" in caller.server.exchanges.last.error


def test_a_slow_answer_is_pointed_out(caller: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that came after TaskRouter's 5 seconds says so in the log."""
    ticks = iter([0.0, 6.5])
    monkeypatch.setattr("labkit.callbacks.app.time.perf_counter", lambda: next(ticks))
    assert caller.post(ASSIGNMENT, FIELDS).status_code == 200
    assert caller.server.exchanges.last.milliseconds == 6500
    assert "stopped waiting after 5 s" in caller.server.exchanges.last.error


def test_what_is_kept_of_a_stranger_is_small(caller: Any) -> None:
    """Of an unsigned body less is kept than of a signed one, in text and fields alike, and marked as cut."""
    fields = {**FIELDS, "TaskAttributes": json.dumps("x" * 500_000)}
    for headers, limit in (({}, STRANGER_LIMIT), (None, BODY_LIMIT)):
        caller.post(ASSIGNMENT, fields, **({} if headers is None else {"headers": headers}))
        exchange = caller.server.exchanges.last
        assert limit < len(exchange.body) < limit + 100
        assert "characters in all)" in exchange.body
        assert sum(map(len, exchange.form.values())) < limit + 200


def test_credentials_are_masked(caller: Any) -> None:
    """Neither a header nor a query that could let somebody in is shown; the signature is, it is there to be studied."""
    headers = {"Authorization": "Bearer hunter2", "Cookie": "session=hunter2", "Referer": "http://x/?token=hunter2"}
    caller.post(f"{ASSIGNMENT}?token=hunter2", FIELDS, headers={**headers, "X-Twilio-Signature": "shown"})
    shown = json.dumps(caller.server.exchanges.last.as_dict())
    assert "hunter2" not in shown
    assert "shown" in shown


def test_the_auth_token_is_nowhere_to_be_seen(caller: Any, tools: dict[str, Any]) -> None:
    """Neither what is published nor what is printed holds the Auth Token."""
    caller.post(ASSIGNMENT, FIELDS)
    caller.post(ASSIGNMENT, FIELDS, headers={"X-Twilio-Signature": "wrong"})
    seen = f"{caller.stream.entries()} {caller.server!r} {vars(caller.server)}"
    assert tools["token"].reveal() not in seen


def test_the_page_says_whether_callbacks_have_arrived(caller: Any) -> None:
    """Before the first callback it says so, afterwards how many; it loads nothing and runs nothing."""
    assert "no callback yet" in caller.client.get("/").text
    caller.post(ASSIGNMENT, FIELDS)
    page = caller.client.get("/")
    assert "callbacks arrive" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert not any(mark in page.text for mark in ("<script", "src=", "@import", "href="))
    assert caller.client.head("/").status_code == 200


def test_the_page_escapes_what_it_shows(caller: Any) -> None:
    """The Host header comes from anywhere, so it is text."""
    page = caller.client.get("/", headers={"Host": "<b>x</b>"})
    assert "<b>" not in page.text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=200),
    content_type=st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"]), max_size=40)
    | st.just("application/x-www-form-urlencoded"),
    signature=st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"]), max_size=40),
    query=st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="#"), max_size=40),
    host=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20),
)
def test_no_input_is_a_500(caller: Any, **given_: Any) -> None:
    """Whatever is sent, it is refused with a 4xx in JSON and recorded."""
    headers = {"X-Twilio-Signature": given_["signature"], "Content-Type": given_["content_type"]}
    environ = {
        "QUERY_STRING": given_["query"],
        "REQUEST_URI": f"{ASSIGNMENT}?{given_['query']}",
        "HTTP_HOST": given_["host"],
    }
    before = len(caller.stream.entries())
    answer = caller.client.post(ASSIGNMENT, data=given_["body"], headers=headers, environ_overrides=environ)
    assert 400 <= answer.status_code < 500
    assert answer.json["error"]
    assert len(caller.stream.entries()) == before + 1


def test_what_the_world_reaches_is_this_and_no_more(caller: Any) -> None:
    """A tunnel leads to these routes; nothing of Jupyter is among them, and nothing is served from a folder."""
    rules = {
        (rule.rule, *sorted(rule.methods - {"HEAD", "OPTIONS"})) for rule in caller.server._app.url_map.iter_rules()
    }
    assert rules == {
        ("/", "GET"), ("/healthz", "GET"), ("/assignment_callback", "POST"), ("/assignment_callback/<name>", "POST"),
        ("/event_callback", "POST"), ("/agent", "GET"), ("/agent/token", "POST"), ("/agent/time", "GET"),
        ("/agent/<path:name>", "GET"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", ASSIGNMENT, 413), ("POST", f"{ASSIGNMENT}/own", 413), ("POST", EVENT, 413),
        ("POST", "/agent/token", 413), ("POST", "/nothing", 404), ("GET", "/", 200), ("GET", "/healthz", 200),
        ("GET", "/agent", 200), ("GET", "/agent/page.js", 200),
    ],
)  # fmt: skip
def test_no_route_reads_a_body_over_the_bound(caller: Any, method: str, path: str, status: int) -> None:
    """It is refused, or nobody looks at it; and the log keeps none of it."""
    caller.server.serve("own", dict)
    answer = caller.client.open(path, method=method, data=b"a=" + b"x" * 1024 * 1024)
    assert answer.status_code == status
    assert all(len(each.body) < 100 for each in caller.server.exchanges)
