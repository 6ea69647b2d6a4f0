"""The exchange log: numbered, bounded, safe to share, and discreet."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from labkit.callbacks import Exchange, ExchangeLog
from labkit.callbacks.exchanges import MASK, Arrivals, cut, shown_form, shown_headers, shown_url

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def _exchange(**fields: Any) -> Exchange:
    defaults = {"at": AT, "method": "POST", "path": "/x", "url_seen": "", "signed_url": "", "status": 200}
    return Exchange(**{**defaults, **fields})


def test_it_keeps_the_newest_and_numbers_all() -> None:
    """Beyond its capacity the oldest are forgotten; numbers go on without a gap."""
    log = ExchangeLog(capacity=3)
    assert log.last is None
    for n in range(5):
        assert log.add(_exchange(path=f"/{n}")).number == n + 1
    assert [(e.number, e.path) for e in log] == [(3, "/2"), (4, "/3"), (5, "/4")]
    assert [e.number for e in log.snapshot(since=4)] == [5]
    assert (len(log), log.last) == (3, log.snapshot()[-1])


def test_many_threads_get_numbers_of_their_own() -> None:
    """Added to by many threads at once, no number is given twice or left out."""
    log = ExchangeLog(capacity=1_000)
    with ThreadPoolExecutor(16) as pool:
        numbers = list(pool.map(lambda n: log.add(_exchange(signature="valid")).number, range(1_000)))
    assert sorted(numbers) == list(range(1, 1_001))
    assert [e.number for e in log] == sorted(numbers)


def test_arrivals_are_counted_for_signed_routes_only() -> None:
    """Answered and refused callbacks are counted beyond what is kept; other requests are not."""
    log = ExchangeLog(capacity=1)
    for signature, status in (("valid", 200), ("valid", 400), ("wrong", 403), ("missing", 403), (None, 404)):
        log.add(_exchange(signature=signature, status=status))
    assert log.arrivals("/x") == Arrivals(answered=1, refused=3, last=AT)
    assert log.arrivals("/never") == Arrivals()


def test_an_exchange_can_be_written_as_json() -> None:
    """What goes to the stream is made of JSON values, the time in ISO 8601."""
    written = json.loads(json.dumps(_exchange(headers={"A": "b"}, form={"c": "d"}).as_dict()))
    assert written["at"] == "2026-11-22T08:00:00+00:00"
    assert (written["headers"], written["form"]) == ({"A": "b"}, {"c": "d"})


@pytest.mark.parametrize(
    "name", ["Authorization", "Proxy-Authorization", "cookie", "Set-Cookie", "X-Api-Key", "X-Token"]
)
def test_headers_that_let_somebody_in_are_masked(name: str) -> None:
    """By their names, in any letters."""
    assert shown_headers([(name, "hunter2")]) == {name: MASK}


def test_the_signature_and_other_headers_are_shown() -> None:
    """The signature is there to be studied, and Twilio's request number is no secret."""
    headers = {"X-Twilio-Signature": "abc=", "I-Twilio-Idempotency-Token": "1", "User-Agent": "TwilioProxy/1.1"}
    assert shown_headers(headers.items()) == headers


def test_strangers_headers_are_bounded() -> None:
    """Neither many headers nor long ones make the log grow."""
    shown = shown_headers((f"H{n}", "x" * 100_000) for n in range(1_000))
    assert sum(map(len, shown.values())) < 200_000


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://x/a?token=s&b=1", f"http://x/a?token={MASK}&b=1"),
        ("http://x/a?b=1&access_token=s", f"http://x/a?b=1&access_token={MASK}"),
        ("http://x/a?b=token", "http://x/a?b=token"),
    ],
)
def test_a_query_that_lets_somebody_in_is_masked(url: str, shown: str) -> None:
    """A token in a URL, such as Jupyter's, is not kept."""
    assert shown_url(url) == shown


def test_a_cut_says_so() -> None:
    """What was cut says how long it was; what was not is as it came."""
    assert cut("abc", 3) == "abc"
    assert cut("abcd", 3) == "abc… (cut: 4 characters in all)"
    assert shown_form({"a": "xxxx", "b": "y", "c": "z"}, 6) == {"a": "xxxx", "b": "y"}
