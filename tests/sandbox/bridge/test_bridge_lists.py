"""Lists of the bridge: in order of creation, page by page, ordered and filtered as the Worker SDK asks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox.bridge_client import BridgeClient
from sandbox.call_centre import CallCentre, build
from sandbox.local import LocalSandbox, local_sandbox
from sandbox.worker_tokens import ApiKey, worker_token

from labkit.errors import Refusal
from labkit.sandbox.bridge import lists
from labkit.sandbox.rate_limits import RateLimits

NAMES = ["Zoe", "Bob", "Yara", "Carl", "Xena"]


@pytest.fixture
def workers(sandbox: LocalSandbox, centre: CallCentre) -> list[str]:
    """SIDs of Alice and five more, in the order of their making, which is not that of their names."""
    sids = [centre.alice_sid]
    for name in NAMES:
        sandbox.advance(1)
        sids.append(centre.add_worker(name).sid)
    return sids


def pages(client: BridgeClient, path: str, **params: Any) -> Iterator[dict[str, Any]]:
    """Every page, as the client turns them."""
    more: dict[str, Any] = {}
    while True:
        page = client.get(path, **params, **more).payload
        yield page
        after, token = page["after_sid"], page["meta"]["next_token"]
        if not after and not token:
            return
        more = {"AfterSid": after} if after else {"NextToken": token}


def sids(found: Iterator[dict[str, Any]]) -> list[list[str]]:
    return [[each["sid"] for each in page["contents"]] for page in found]


def test_without_an_order_it_is_that_of_creation(workers: list[str], alice: BridgeClient) -> None:
    """In pages that join without a gap; the last one names no next."""
    found = list(pages(alice, f"{alice.all}/Workers", PageSize=4))
    assert sids(iter(found)) == [workers[:4], workers[4:]]
    assert [page["after_sid"] for page in found] == [workers[3], None]
    assert found[0]["meta"] == {"list_key": "contents", "next_token": None}
    assert sids(pages(alice, f"{alice.all}/Workers", PageSize=6)) == [workers]
    assert sids(pages(alice, f"{alice.all}/Workers", PageSize="1000")) == [workers]
    assert sids(pages(alice, f"{alice.all}/Workers")) == [workers]


def test_the_last_one_of_a_page_may_be_gone_from_the_filter(
    centre: CallCentre, workers: list[str], alice: BridgeClient
) -> None:
    """A Worker changes Activity while the client turns the page."""
    given = {"ActivityName": "Offline", "PageSize": 3}
    first = alice.get(f"{alice.all}/Workers", **given).payload
    centre.switch(first["after_sid"], "Available")
    second = alice.get(f"{alice.all}/Workers", **given, AfterSid=first["after_sid"]).payload
    assert sids(iter([first, second])) == [workers[:3], workers[3:]]


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("Workers", {"AfterSid": f"WK{'0' * 32}"}),
        ("Workers", {"AfterSid": "Alice"}),
        ("Activities", {"AfterSid": f"WA{'0' * 32}"}),
        ("Workers", {"PageSize": 0}),
        ("Workers", {"PageSize": 1001}),
        ("Workers", {"PageSize": "many"}),
        ("Workers", {"Ordering": "FriendlyName:asc"}),
        ("Workers", {"Ordering": "DateStatusChanged:up"}),
        ("Workers", {"Ordering": "DateUpdated:asc"}),
        ("TaskQueues", {"Ordering": "DateStatusChanged:asc"}),
        ("Workers", {"Ordering": "DateStatusChanged:asc", "NextToken": "nonsense"}),
        ("Workers", {"Ordering": "DateStatusChanged:asc", "NextToken": "é"}),
        ("Workers", {"ActivitySid": "WAx"}),
        ("Workers", {"ActivitySid": "Offline"}),
        ("Workers", {"TargetWorkersExpression": "sid IN"}),
    ],
)
def test_what_a_list_does_not_take_is_a_400(alice: BridgeClient, path: str, params: dict[str, Any]) -> None:
    """With the parameter's name in the text."""
    status, said = alice.get(f"{alice.all}/{path}", **params).refusal
    assert status == 400
    assert "PageToken" in said or "Page size" in said or any(name in said for name in params)


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_workers_are_ordered_by_their_last_change(
    sandbox: LocalSandbox, centre: CallCentre, workers: list[str], alice: BridgeClient, direction: str
) -> None:
    """With tokens, and in both directions."""
    changed = [workers[4], workers[0], workers[2]]
    for sid in changed:
        sandbox.advance(5)
        centre.switch(sid, "Available")
    wanted = [workers[1], workers[3], workers[5], *changed]
    wanted = wanted if direction == "asc" else wanted[::-1]
    found = list(pages(alice, f"{alice.all}/Workers", Ordering=f"DateStatusChanged:{direction}", PageSize=2))

    assert sids(iter(found)) == [wanted[:2], wanted[2:4], wanted[4:]]
    assert [page["after_sid"] for page in found] == [None] * 3
    assert [bool(page["meta"]["next_token"]) for page in found] == [True, True, False]


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_queues_are_ordered_by_their_last_change(
    sandbox: LocalSandbox, centre: CallCentre, alice: BridgeClient, direction: str
) -> None:
    """Two of one moment come one after the other all the same."""
    twins = [centre.workspace.task_queues.create(friendly_name=name).sid for name in ("B", "A")]
    sandbox.advance(5)
    centre.workspace.task_queues(centre.queue_sid).update(friendly_name="Newest")
    wanted = [*twins, centre.queue_sid]
    found = pages(alice, f"{alice.all}/TaskQueues", Ordering=f"DateUpdated:{direction}", PageSize=1)
    assert sids(found) == [[sid] for sid in (wanted if direction == "asc" else wanted[::-1])]


def test_workers_are_found(centre: CallCentre, workers: list[str], alice: BridgeClient) -> None:
    """By each of the filters; nothing that fits is an empty list."""
    centre.switch(workers[2], "Available")

    def found(**params: Any) -> list[str]:
        return sids(iter([alice.get(f"{alice.all}/Workers", **params).payload]))[0]

    assert found(FriendlyName="Bob") == [workers[2]]
    assert found(FriendlyName="bob") == []
    assert found(ActivityName="Available") == [workers[2]]
    assert found(ActivitySid=centre.activities["Available"]) == [workers[2]]
    assert found(ActivitySid=f"WA{'0' * 32}") == []
    assert found(TargetWorkersExpression=f"sid IN ['{workers[5]}', '{workers[1]}']") == [workers[1], workers[5]]
    assert found(TargetWorkersExpression="languages HAS 'es'", ActivityName="Offline") == [workers[0]]


def test_queues_are_found(centre: CallCentre, alice: BridgeClient) -> None:
    """By their name, and by a Worker whom they take."""
    spanish = centre.workspace.task_queues.create(friendly_name="Spanish", target_workers='languages HAS "es"').sid
    bob = centre.add_worker("Bob").sid

    def found(**params: Any) -> list[str]:
        return sids(iter([alice.get(f"{alice.all}/TaskQueues", **params).payload]))[0]

    assert found(FriendlyName="Spanish") == [spanish]
    assert found(FriendlyName="nobody") == []
    assert found(WorkerSid=alice.worker_sid) == [centre.queue_sid, spanish]
    assert found(WorkerSid=bob) == [centre.queue_sid]


def test_expressions_have_the_rate_limit_of_rest() -> None:
    """Counted together with the requests of REST's same path."""
    with local_sandbox(limits=RateLimits()) as sandbox:
        client = sandbox.client()
        centre = build(client)
        key = json.loads(client.request("POST", "https://taskrouter.twilio.com/_sandbox/keys").text)
        token = worker_token(ApiKey(key["account_sid"], key["sid"], key["secret"]), centre.sid, centre.alice_sid)
        alice = BridgeClient(sandbox.url, centre.sid, token, centre.alice_sid)
        centre.workspace.workers.list(target_workers_expression="1==1")
        asked = [alice.get(f"{alice.all}/Workers", TargetWorkersExpression="1==1").status for _ in range(3)]
        assert asked == [200, 200, 429]
        assert alice.get(f"{alice.all}/Workers").status == 200


@given(st.text(max_size=120))
def test_no_text_is_taken_for_a_token_that_breaks_anything(token: str) -> None:
    """It is a place, or it is refused."""
    try:
        place = lists._place_in(token)
    except Refusal:
        return
    assert isinstance(place[0], float)


def test_a_place_survives_its_token() -> None:
    """To the microsecond."""
    place = (1767225600.123457, 17)
    assert lists._place_in(lists._token(place)) == place
