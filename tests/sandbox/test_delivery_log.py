"""The delivery log."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from labkit.sandbox import delivery_log
from labkit.sandbox.delivery_log import Delivery, DeliveryLog, GivenUp

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def delivery(**given: Any) -> Delivery:
    fields: dict[str, Any] = {
        "at": datetime(2026, 1, 1, 12, tzinfo=UTC),
        "kind": "assignment",
        "account_sid": "AC1",
        "subject_sid": "WR1",
        "url": "http://127.0.0.1/",
        "fields": {"TaskSid": "WT1"},
    }
    return Delivery(**{**fields, **given})


def test_deliveries_are_numbered_as_they_are_kept() -> None:
    """From 1, without gaps, oldest first."""
    log = DeliveryLog()
    for subject in ("WR1", "WR2", "WR3"):
        log.keep(delivery(subject_sid=subject))
    assert [(d.number, d.subject_sid) for d in log.of("AC1")] == [(1, "WR1"), (2, "WR2"), (3, "WR3")]


def test_an_account_sees_its_own_only() -> None:
    """Another account's deliveries are not there for it."""
    log = DeliveryLog()
    log.keep(delivery())
    log.keep(delivery(account_sid="AC2"))
    assert [d.number for d in log.of("AC2")] == [2]
    assert log.of("AC3") == []


def test_old_deliveries_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit the oldest are forgotten; numbers are not used again."""
    monkeypatch.setattr(delivery_log, "KEPT", 3)
    log = DeliveryLog()
    for _ in range(5):
        log.keep(delivery())
    assert [d.number for d in log.of("AC1")] == [3, 4, 5]


def test_a_delivery_can_be_written_as_json() -> None:
    """The moment as text, the body as text even where it is not UTF-8."""
    document = json.loads(json.dumps(delivery(body=b"caf\xe9", status=200).as_dict()))
    assert document["at"] == "2026-01-01T12:00:00+00:00"
    assert document["body"] == "caf\N{REPLACEMENT CHARACTER}"
    assert document["fields"] == {"TaskSid": "WT1"}


def given_up(reason: str = "they were too old", *, account_sid: str = "AC1", url: str = "http://x/") -> GivenUp:
    return GivenUp(account_sid=account_sid, workspace_sid="WS1", workspace_name="Tests", url=url, reason=reason)


def test_callbacks_that_were_given_up_share_a_line() -> None:
    """Nine thousand of them leave the others where they are; another reason, or another account, is another line."""
    log = DeliveryLog()
    log.keep(delivery())
    for _ in range(9000):
        log.count_given_up(given_up(), 1, at=NOON)
    log.count_given_up(given_up("too many waited"), 1, at=NOON)
    log.count_given_up(given_up(account_sid="AC2"), 2, at=NOON)
    said = [
        "9,000 event callbacks of the Workspace 'Tests' to http://x/ were given up: they were too old.",
        "1 event callback of the Workspace 'Tests' to http://x/ was given up: too many waited.",
    ]
    assert [(d.number, d.remark) for d in log.of("AC1")] == [(1, None), (2, said[0]), (3, said[1])]
    assert log.given_up("AC1") == said
    assert [line.split()[0] for line in log.given_up("AC2")] == ["2"]


def test_a_line_that_was_pushed_out_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the end of the log, with all that were counted."""
    monkeypatch.setattr(delivery_log, "KEPT", 2)
    log = DeliveryLog()
    log.count_given_up(given_up(), 3, at=NOON)
    for _ in range(2):
        log.keep(delivery())
    log.count_given_up(given_up(), 4, at=NOON)
    assert [(d.number, (d.remark or "")[:1]) for d in log.of("AC1")] == [(3, ""), (4, "7")]


def test_only_so_many_kinds_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of those of which nothing was heard longest, the count is forgotten."""
    monkeypatch.setattr(delivery_log, "MOST_GIVEN_UP", 2)
    log = DeliveryLog()
    for name in ("a", "b", "a", "c"):
        log.count_given_up(given_up(url=name), 1, at=NOON)
    assert [line.split(" were")[0].split(" was")[0].split()[-1] for line in log.given_up("AC1")] == ["a", "c"]


def test_a_password_in_a_url_is_dots_for_the_eye() -> None:
    """In the address, in what is said of it and in what came back; the delivery itself knows it, to be sent again."""
    url = "http://me:secret@x/"
    kept = DeliveryLog().keep(delivery(url=url, remark=f"no answer from {url}", body=url.encode()))
    shown = kept.as_dict()
    assert {shown["url"], shown["body"], shown["remark"].removeprefix("no answer from ")} == {"http://me:•••@x/"}
    assert kept.again(NOON).url == url
    log = DeliveryLog()
    log.count_given_up(given_up(url=url), 1, at=NOON)
    assert "secret" not in f"{log.given_up('AC1')} {log.of('AC1')[0].as_dict()}"
