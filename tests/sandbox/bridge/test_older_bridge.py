"""What version 1 of the JavaScript SDK asks over HTTP, with a capability token of the official Python SDK."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sandbox.call_centre import CallCentre
from sandbox.local import ACCOUNT, TOKEN
from twilio.jwt.taskrouter.capabilities import WorkerCapabilityToken, WorkspaceCapabilityToken

pytestmark = pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")  # the tests' token is short

REST = "https://taskrouter.twilio.com"
Asking = Callable[..., Any]
ALL = {
    "allow_update_self": True,
    "allow_update_reservations": True,
    "allow_fetch_subresources": True,
    "allow_update_activities": True,
}


@pytest.fixture
def page(ask: Any, centre: CallCentre) -> Asking:
    """Asks as Alice's page does: `page("GET", "/Activities")`; what the token grants is given with it."""

    def asking(method: str, path: str, params: dict[str, Any] | None = None, **granted: Any) -> Any:
        token = WorkerCapabilityToken(ACCOUNT, TOKEN, centre.sid, centre.alice_sid, **(granted or ALL)).to_jwt()
        url = f"{REST}/v1/Workspaces/{centre.sid}{path}"
        body = {"url": url, "method": method, "params": params or {}, "token": token}
        return post(ask, f"/v1/wschannels/{ACCOUNT}/{centre.alice_sid}", body)

    return asking


def post(ask: Any, path: str, body: Any) -> Any:
    return ask("POST", path, body=json.dumps(body).encode(), credentials=None)


def payload(answered: Any) -> Any:
    assert answered.status == 200, answered.body
    assert answered.headers["Access-Control-Allow-Origin"] == "*"
    assert set(answered.json) == {"event_type", "payload"}
    return answered.json["payload"]


def test_what_is_asked_is_answered_as_rest_does(page: Asking, ask: Any, centre: CallCentre) -> None:
    """One record, and a list under its own name: dates as text, with REST's own URLs."""
    worker = payload(page("GET", f"/Workers/{centre.alice_sid}"))
    path = f"/v1/Workspaces/{centre.sid}/Workers/{centre.alice_sid}"
    assert worker == {**ask("GET", path).json, "url": f"{REST}{path}", "links": worker["links"]}
    assert all(link.startswith(f"{REST}/v1/Workspaces/{centre.sid}") for link in worker["links"].values())
    activities = payload(page("GET", "/Activities", {"FriendlyName": "Available"}))
    assert [each["friendly_name"] for each in activities["activities"]] == ["Available"]
    assert activities["meta"]["key"] == "activities"


def test_a_worker_changes_their_activity_and_answers_a_reservation(page: Asking, centre: CallCentre) -> None:
    """As the quickstart's last part does: the Activity, then the Reservation, then the Task is completed."""
    payload(page("POST", f"/Workers/{centre.alice_sid}", {"ActivitySid": centre.activities["Available"]}))
    task = centre.add_task()
    [reservation] = payload(page("GET", f"/Workers/{centre.alice_sid}/Reservations"))["reservations"]
    path = f"/Tasks/{task.sid}/Reservations/{reservation['sid']}"
    answered = payload(page("POST", path, {"ReservationStatus": "accepted"}))
    assert answered["reservation_status"] == "accepted"
    done = payload(page("POST", f"/Tasks/{task.sid}", {"AssignmentStatus": "completed", "Reason": "done"}))
    assert (done["assignment_status"], done["reason"]) == ("completed", "done")


def test_every_success_is_a_200(ask: Any, centre: CallCentre) -> None:
    """REST has 201 for what is made, and 204 without a body for what is deleted."""
    granted = {"allow_update_subresources": True, "allow_delete_subresources": True}
    token = WorkspaceCapabilityToken(ACCOUNT, TOKEN, centre.sid, **granted).to_jwt()
    here, workers = f"/v1/wschannels/{ACCOUNT}/{centre.sid}", f"{REST}/v1/Workspaces/{centre.sid}/Workers"
    body = {"url": workers, "method": "POST", "params": {"FriendlyName": "Bob", "Attributes": {"a": 1}}, "token": token}
    bob = payload(post(ask, here, body))
    assert json.loads(bob["attributes"]) == {"a": 1}
    gone = {"url": f"{workers}/{bob['sid']}", "method": "DELETE", "params": {}, "token": token}
    assert payload(post(ask, here, gone)) == {}
    assert post(ask, here, gone).status == 404


@pytest.mark.parametrize(
    ("method", "path", "params", "granted", "status"),
    [
        ("POST", "/Workers/{alice}", {"Attributes": "{}"}, {"allow_update_activities": True}, 403),
        ("GET", "/Workers", {}, ALL, 403),
        ("GET", "/Workers/{alice}", {}, {"allow_fetch_self": False}, 403),
        ("GET", "/Activities", {}, {"allow_web_sockets": False}, 403),
        ("DELETE", "/Workers/{alice}", {}, ALL, 403),
        ("PUT", "/Workers/{alice}", {}, ALL, 405),
        ("GET", "/Tasks/WT1/../../Workers", {}, ALL, 404),
        ("GET", "/Tasks/%2e%2e", {}, ALL, 400),
        ("GET", "/Tasks/WT00000000000000000000000000000000", {}, ALL, 404),
        ("POST", "/Workers/{alice}", {"ActivitySid": "WA1"}, ALL, 400),
    ],
)
def test_what_may_not_be_asked(
    page: Asking, centre: CallCentre, method: str, path: str, params: Any, granted: Any, status: int
) -> None:
    """By the token's policies, and as REST refuses; always with an error that a page can read."""
    refused = page(method, path.replace("{alice}", centre.alice_sid), params, **granted)
    assert (refused.status, refused.json["status"]) == (status, status)
    assert refused.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", ["/_sandbox/health", "/v1/Workspaces", "/v1/Workspaces/WS1/Workers", "/v1/wschannels"])
def test_nothing_but_the_workspace_is_reached(ask: Any, centre: CallCentre, path: str) -> None:
    """However much the token allows."""
    token = WorkspaceCapabilityToken(ACCOUNT, TOKEN, centre.sid)
    token._make_policy(f"{REST}/**", "GET", True)
    body = {"url": f"{REST}{path}", "method": "GET", "params": {}, "token": token.to_jwt()}
    assert post(ask, f"/v1/wschannels/{ACCOUNT}/{centre.sid}", body).status == 403


def test_a_token_is_for_its_own_channel(page: Asking, ask: Any, centre: CallCentre) -> None:
    """Another Worker's path, another account's, and no token at all."""
    bob = centre.add_worker("Bob")
    token = WorkerCapabilityToken(ACCOUNT, TOKEN, centre.sid, centre.alice_sid).to_jwt()
    body = {"url": f"{REST}/v1/Workspaces/{centre.sid}/Activities", "method": "GET", "params": {}, "token": token}
    for account_sid, channel in ((ACCOUNT, bob.sid), (f"AC{'9' * 32}", centre.alice_sid)):
        assert post(ask, f"/v1/wschannels/{account_sid}/{channel}", body).status == 403
    here = f"/v1/wschannels/{ACCOUNT}/{centre.alice_sid}"
    assert [post(ask, here, {**body, "token": text}).status for text in ("", "made up")] == [401, 401]
    assert post(ask, here, ["nonsense"]).status == 400
    assert post(ask, here, {**body, "url": "Workspaces"}).status == 400
    assert ask("OPTIONS", here, credentials=None).status == 204
