"""Lists in pages, as the SDK walks through them and as the URLs say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox.call_centre import CallCentre
from sandbox.local import LocalSandbox

from labkit.sandbox.api.paging import page_of

Ask = Callable[..., Any]

KEYS = {
    "Workspaces": "workspaces",
    "Workspaces/{WS}/Activities": "activities",
    "Workspaces/{WS}/Events": "events",
    "Workspaces/{WS}/Tasks": "tasks",
    "Workspaces/{WS}/Tasks/{WT}/Reservations": "reservations",
    "Workspaces/{WS}/TaskChannels": "channels",
    "Workspaces/{WS}/TaskQueues": "task_queues",
    "Workspaces/{WS}/Workers": "workers",
    "Workspaces/{WS}/Workers/{WK}/Channels": "channels",
    "Workspaces/{WS}/Workers/{WK}/Reservations": "reservations",
    "Workspaces/{WS}/Workflows": "workflows",
}


@pytest.fixture
def path(centre: CallCentre) -> str:
    """The list of Activities, of which there are seven."""
    for number in range(4):
        centre.workspace.activities.create(friendly_name=f"Break {number}")
    return f"/v1/Workspaces/{centre.sid}/Activities"


def names(document: dict[str, Any]) -> list[str]:
    return [activity["friendly_name"] for activity in document["activities"]]


def rest(url: str | None) -> str:
    """A page's URL without its host."""
    assert url is not None
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


ALL = ["Offline", "Unavailable", "Available", "Break 0", "Break 1", "Break 2", "Break 3"]


@pytest.mark.parametrize("list_path", KEYS)
def test_every_list_has_its_key_and_all_of_meta(ask: Ask, centre: CallCentre, list_path: str) -> None:
    """Nulls included: SDKs look for each of them."""
    task, _ = centre.reserved_task()
    full = list_path.format(WS=centre.sid, WT=task.sid, WK=centre.alice_sid)
    document = ask("GET", f"/v1/{full}").json
    key = KEYS[list_path]
    assert set(document) == {key, "meta"}
    assert document[key]
    meta = document["meta"]
    assert set(meta) == {"page", "page_size", "first_page_url", "previous_page_url", "url", "next_page_url", "key"}
    assert (meta["page"], meta["page_size"], meta["key"], meta["previous_page_url"]) == (0, 50, key, None)
    assert meta["first_page_url"].endswith(f"/v1/{full}?PageSize=50&Page=0")


def test_pages_follow_each_other_and_lead_back(ask: Ask, sandbox: LocalSandbox, path: str) -> None:
    """By absolute URLs with the filters repeated, forward to the end and back to the beginning."""
    pages = [ask("GET", f"{path}?PageSize=3").json]
    while pages[-1]["meta"]["next_page_url"]:
        pages.append(ask("GET", rest(pages[-1]["meta"]["next_page_url"])).json)
    assert [names(page) for page in pages] == [ALL[:3], ALL[3:6], ALL[6:]]
    assert [page["meta"]["page"] for page in pages] == [0, 1, 2]
    assert pages[1]["meta"]["url"].startswith(f"{sandbox.url}{path}?PageSize=3&Page=1&PageToken=PAWA")
    back = ask("GET", rest(pages[2]["meta"]["previous_page_url"])).json
    assert names(back) == ALL[3:6]
    assert names(ask("GET", rest(back["meta"]["previous_page_url"])).json) == ALL[:3]
    assert names(ask("GET", rest(back["meta"]["next_page_url"])).json) == ALL[6:]


def test_the_filters_are_repeated_in_the_urls(ask: Ask, centre: CallCentre) -> None:
    """Encoded again, before PageSize and Page."""
    for _ in range(3):
        centre.add_task(attributes='{"a": "x&y=é"}')
    query = "EvaluateTaskAttributes=a%20%3D%3D%20%22x%26y%3D%C3%A9%22&PageSize=2"
    first = ask("GET", f"/v1/Workspaces/{centre.sid}/Tasks?{query}").json
    following = parse_qsl(urlsplit(first["meta"]["next_page_url"]).query)
    assert following[:3] == [("EvaluateTaskAttributes", 'a == "x&y=é"'), ("PageSize", "2"), ("Page", "1")]
    assert len(ask("GET", rest(first["meta"]["next_page_url"])).json["tasks"]) == 1


def test_the_sdk_walks_through_all_pages(sandbox: LocalSandbox, centre: CallCentre, path: str) -> None:
    """`list` in small pages, and `limit` that asks for no more than it wants."""
    activities = centre.workspace.activities
    assert [a.friendly_name for a in activities.list(page_size=2)] == ALL
    sandbox.calls.clear()
    assert [a.friendly_name for a in activities.list(limit=3)] == ALL[:3]
    assert [call["path"] for call in sandbox.calls] == [f"{path}?PageSize=3"]
    assert [a.friendly_name for a in activities.stream(limit=5, page_size=2)] == ALL[:5]


def test_the_sdk_goes_to_pages_by_url_and_back(centre: CallCentre, path: str) -> None:
    """`page`, `get_page`, `next_page` and `previous_page`."""
    activities = centre.workspace.activities
    first = activities.page(page_size=4)
    second = first.next_page()
    assert [a.friendly_name for a in second] == ALL[4:]
    assert second.next_page() is None
    assert [a.friendly_name for a in second.previous_page()] == ALL[:4]
    assert [a.friendly_name for a in activities.get_page(first.next_page_url)] == ALL[4:]


@pytest.mark.parametrize(
    ("query", "code", "words"),
    [
        ("PageSize=1001", 20007, "Page size 1001 is too large; the maximum is 1000"),
        ("PageSize=99999999999", 20007, "is too large"),
        ("PageSize=0", 20001, "Invalid PageSize"),
        ("PageSize=-1", 20001, "Invalid PageSize"),
        ("PageSize=ten", 20001, "Invalid PageSize"),
        ("PageSize=1e3", 20001, "Invalid PageSize"),
        ("Page=-1", 20001, "Invalid Page"),
        ("PageToken=nonsense", 21481, "Invalid PageToken"),
        ("PageToken=", 21481, "Invalid PageToken"),
        ("PageToken=PAWA00000000000000000000000000000000", 21481, "Invalid PageToken"),
    ],
)
def test_a_page_that_cannot_be_is_refused(ask: Ask, path: str, query: str, code: int, words: str) -> None:
    """Each with Twilio's code."""
    answer = ask("GET", f"{path}?{query}")
    assert (answer.status, answer.json["code"]) == (400, code)
    assert words in answer.json["message"]


@pytest.mark.parametrize(
    ("query", "wanted"), [("PageSize=1000", ALL), ("PageSize=", ALL), ("PageSize=2&Page=1", ALL[2:4]), ("Page=9", [])]
)
def test_pages_that_can_be(ask: Ask, path: str, query: str, wanted: list[str]) -> None:
    """The largest, the default for an empty text, by number, and beyond the end."""
    assert names(ask("GET", f"{path}?{query}").json) == wanted


def test_a_token_of_another_list_is_refused(ask: Ask, centre: CallCentre, path: str) -> None:
    """Also when it names something that exists elsewhere."""
    assert ask("GET", f"{path}?PageToken=PA{centre.alice_sid}").json["code"] == 21481


def test_a_list_goes_on_when_its_edge_has_left_the_filter(centre: CallCentre) -> None:
    """The last pending Task of a page is canceled before the next page is asked for: nothing is lost or doubled."""
    sids = [centre.add_task().sid for _ in range(6)]
    tasks = centre.workspace.tasks
    first = tasks.page(assignment_status="pending", page_size=2)
    assert [t.sid for t in first] == sids[:2]
    for sid in sids[:2]:
        tasks(sid).update(assignment_status="canceled")
    second = first.next_page()
    assert [t.sid for t in second] == sids[2:4]
    assert [t.sid for t in second.next_page()] == sids[4:]


def test_a_token_goes_with_an_order(centre: CallCentre) -> None:
    """A sorted list is walked through in its order."""
    sids = [centre.add_task(priority=priority).sid for priority in (1, 3, 2, 5, 4)]
    found = centre.workspace.tasks.list(ordering="Priority:desc", page_size=2)
    assert [t.sid for t in found] == [sids[i] for i in (3, 4, 1, 2, 0)]


@given(count=st.integers(0, 30), size=st.integers(1, 12), kept=st.sets(st.integers(0, 29)))
def test_walking_by_token_meets_everything_once(count: int, size: int, kept: set[int]) -> None:
    """Forward and back again, whatever the sizes and the filter."""
    wanted = [n for n in range(count) if n in kept]

    def page(url: str) -> dict[str, Any]:
        return page_of(
            range(count),
            keep=lambda n: n in kept,
            key="numbers",
            url="http://127.0.0.1/",
            query=parse_qsl(urlsplit(url).query),
            sid_of=str,
            render=lambda n: {"n": n},
        )

    pages = [page(f"http://127.0.0.1/?PageSize={size}")]
    while pages[-1]["meta"]["next_page_url"]:
        pages.append(page(pages[-1]["meta"]["next_page_url"]))
    assert [entry["n"] for each in pages for entry in each["numbers"]] == wanted
    back = [pages[-1]]
    while back[-1]["meta"]["previous_page_url"]:
        back.append(page(back[-1]["meta"]["previous_page_url"]))
    assert [each["numbers"] for each in reversed(back)] == [each["numbers"] for each in pages]
