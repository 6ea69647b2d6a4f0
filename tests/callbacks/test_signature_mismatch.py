"""A wrong signature is explained: what Twilio must have signed, what was expected, and what differs."""

from __future__ import annotations

import hashlib
import time
from typing import Any

import pytest
from twilio.request_validator import RequestValidator

from labkit.callbacks.signature import Params, SignatureCheck
from labkit.callbacks.signature_mismatch import SEARCHES_PER_SECOND, MismatchSearch, UnfitRequest
from labkit.callbacks.url_variants import MOST, UrlHints, url_variants
from labkit.settings import Secret

ASSIGNMENT = "/assignment_callback"
FIELDS = {
    "ReservationSid": "WR" + "1" * 32,
    "TaskSid": "WT" + "1" * 32,
    "TaskAttributes": '{"a": "b c"}',
    "Caller": "+49",
}
HOST = "lab.example.ngrok-free.app"
PUBLIC = f"https://{HOST}"


def _explained(caller: Any, signed: str, *, route: str = ASSIGNMENT, fields: Any = None, **options: Any) -> str:
    """What the log says of a request to `route` whose signature was made for the URL `signed`."""
    signature = RequestValidator("made-up-auth-token").compute_signature(signed, FIELDS if fields is None else fields)
    headers = {"X-Twilio-Signature": signature, **options.pop("headers", {})}
    options.setdefault("data", FIELDS)
    options["environ_overrides"] = {"REQUEST_URI": route}  # as a server gives it: spelt as it was sent
    answer = caller.client.post(route, headers=headers, **options)
    assert (answer.status_code, answer.json) == (403, {"error": "X-Twilio-Signature is wrong."})
    return str(caller.server.exchanges.last.error)


@pytest.mark.parametrize(
    ("signed", "route", "differs"),
    [
        (f"http://{HOST}{ASSIGNMENT}", ASSIGNMENT, "the scheme (http, not https)"),
        (f"https://other.example{ASSIGNMENT}", ASSIGNMENT, "the host"),
        (f"{PUBLIC}:8443{ASSIGNMENT}", ASSIGNMENT, "the port (8443, not none)"),
        (f"{PUBLIC}{ASSIGNMENT}/", ASSIGNMENT, "a slash at the end of the path"),
        (f"{PUBLIC}/{ASSIGNMENT}", ASSIGNMENT, "a doubled slash in the path"),
        (f"{PUBLIC}/labs/ana{ASSIGNMENT}", ASSIGNMENT, "the path"),
        (f"{PUBLIC}/event_callback", ASSIGNMENT, "the path"),
        (f"{PUBLIC}{ASSIGNMENT}?a=1", f"{ASSIGNMENT}?a=1&utm=2", "the parameter utm, which was added on the way"),
        (f"{PUBLIC}{ASSIGNMENT}", f"{ASSIGNMENT}?utm=2", "the parameter utm, which was added on the way"),
        (f"{PUBLIC}{ASSIGNMENT}?b=2&a=1", f"{ASSIGNMENT}?a=1&b=2", "the order of the query's parameters"),
        (f"{PUBLIC}{ASSIGNMENT}?a=x%20y", f"{ASSIGNMENT}?a=x+y", "how the query is written (%… or +)"),
        (f"{PUBLIC}{ASSIGNMENT}/own-view", f"{ASSIGNMENT}/own%2dview", "how signs in the path are written (%…)"),
        (f"http://{HOST}:8080{ASSIGNMENT}", ASSIGNMENT, "the scheme (http, not https); the port (8080, not none)"),
        (f"http://{HOST}{ASSIGNMENT}/", ASSIGNMENT, "the scheme (http, not https); a slash at the end of the path"),
    ],
)
def test_what_differs_is_named(caller: Any, signed: str, route: str, differs: str) -> None:
    """Each difference alone, and two at once: the log has the URL that was signed, the one expected, and the part."""
    caller.server.serve("own-view", dict)
    headers = {"X-Forwarded-Host": "other.example", "X-Forwarded-Prefix": "/labs/ana"}
    text = _explained(caller, signed, route=route, headers=headers, base_url="http://127.0.0.1:8123")
    assert text.startswith(f"The URL that was signed differs from the lab's by {differs}. Twilio signed {signed}, ")
    assert f"the lab expects {PUBLIC}{route}, and it was reached as http://127.0.0.1:8123{route}. " in text
    assert "lab.take_callbacks()" in text


def test_a_parameter_that_was_lost_is_named_where_taskrouter_has_it(caller: Any) -> None:
    """Nobody can guess a lost parameter, but TaskRouter has been seen to have that URL."""
    signed = f"{PUBLIC}{ASSIGNMENT}?team=red"
    assert "nor any URL like these" in _explained(caller, signed)
    caller.server.told_urls.note_urls(signed, "")
    assert "the parameter team, which was lost on the way" in _explained(caller, signed)
    assert "the value of the parameter team" in _explained(caller, signed, route=f"{ASSIGNMENT}?team=blue")


def test_the_address_before_a_reconnect_is_recognised(caller: Any) -> None:
    """The tunnel has another address since, and TaskRouter was not told yet."""
    caller.server.set_public_url("https://new.example")
    text = _explained(caller, f"{PUBLIC}{ASSIGNMENT}")
    assert f"by the host. Twilio signed {PUBLIC}{ASSIGNMENT}, the lab expects https://new.example{ASSIGNMENT}" in text


@pytest.mark.parametrize(
    ("signed_fields", "sent", "words"),
    [
        ({}, {"tracking": "1"}, "the field tracking was added"),
        ({"TaskQueueName": ""}, {}, "the field TaskQueueName, which was empty, was lost"),
        ({"Caller": "+4930"}, {"Caller": " 4930"}, "a + in it was read as a blank"),
        ({"Note": "a\r\nb"}, {"Note": "a\nb"}, "its line ends were changed"),
        ({"Note": "Zoë"}, {"Note": "ZoÃ«"}, "it was read as Latin-1 and not as UTF-8"),
        ({"Note": "a b"}, {"Note": "a%20b"}, "it was encoded twice"),
        ({"Note": "a & b"}, {"Note": "a &amp; b"}, "its signs were escaped as for HTML"),
    ],
)
def test_a_form_that_was_changed_on_the_way_is_told(
    caller: Any, signed_fields: dict[str, str], sent: dict[str, str], words: str
) -> None:
    """The URL is right, and what a proxy did to the fields is named."""
    text = _explained(caller, PUBLIC + ASSIGNMENT, fields={**FIELDS, **signed_fields}, data={**FIELDS, **sent})
    assert (
        text == f"X-Twilio-Signature fits the URL {PUBLIC}{ASSIGNMENT}, but the form was changed on the way: {words}."
    )


def test_a_form_under_another_type_is_told(caller: Any) -> None:
    """A proxy that calls it plain text hides the fields from the check."""
    body = "ReservationSid=WR1&Caller=%2B49"
    fields = {"ReservationSid": "WR1", "Caller": "+49"}
    text = _explained(caller, PUBLIC + ASSIGNMENT, fields=fields, data=body, content_type="text/plain")
    assert "its Content-Type was changed: it was signed as a form" in text


def test_a_body_that_does_not_have_its_hash_is_told(caller: Any) -> None:
    """bodySHA256 is right in the URL, so the URL was signed, and the body is another one."""
    sha = hashlib.sha256(b'{"a": 1}').hexdigest()
    route = f"{ASSIGNMENT}?bodySHA256={sha}"
    text = _explained(caller, PUBLIC + route, route=route, fields={}, data='{"a":1}', content_type="application/json")
    assert "but the body was changed on the way: its SHA-256 is " in text


def test_a_hash_that_was_lost_with_the_query_is_told(caller: Any) -> None:
    """The hash can be made again of the body."""
    sha = hashlib.sha256(b'{"a": 1}').hexdigest()
    signed = f"{PUBLIC}{ASSIGNMENT}?bodySHA256={sha}"
    text = _explained(caller, signed, fields={}, data='{"a": 1}', content_type="application/json")
    assert "the parameter bodySHA256, which was lost on the way" in text


def test_another_token_fits_nothing(caller: Any) -> None:
    """The log says so, with both URLs and the two causes that are left."""
    signature = RequestValidator("another-token").compute_signature(PUBLIC + ASSIGNMENT, FIELDS)
    caller.post(ASSIGNMENT, FIELDS, headers={"X-Twilio-Signature": signature}, base_url="http://127.0.0.1:8123")
    text = caller.server.exchanges.last.error
    assert f"fits neither {PUBLIC}{ASSIGNMENT}, which the lab expects, nor http://127.0.0.1:8123{ASSIGNMENT}" in text
    assert "another Auth Token, or the body was changed" in text


def test_passwords_and_tokens_in_urls_are_hidden(caller: Any) -> None:
    """What stands in the log may be shown to others."""
    signed = f"https://ana:made-up-password@{HOST}{ASSIGNMENT}?token=made-up-token"
    caller.server.told_urls.note_urls(signed)
    text = _explained(caller, signed)
    assert "made-up" not in text
    assert "by the host; the parameter token, which was lost on the way" in text


def test_a_url_with_a_password_is_signed_without_it(caller: Any) -> None:
    """TaskRouter has it with one, and sends that in a header."""
    caller.server.told_urls.note_urls(f"https://ana:made-up@other.example{ASSIGNMENT}?team=red")
    text = _explained(caller, f"https://other.example{ASSIGNMENT}?team=red")
    assert "by the host; the parameter team, which was lost on the way" in text


def _unfit(**given: Any) -> UnfitRequest:
    values = {"signature": "nonsense", "told": PUBLIC, "seen": PUBLIC, "params": Params([]), "forwarded": {}}
    return UnfitRequest(**{**values, **given})


def test_a_flood_of_wrong_ones_is_not_looked_into() -> None:
    """Five a second are; the rest is refused as well, and costs no search."""
    now = [0.0]
    search = MismatchSearch(SignatureCheck(Secret("made-up")), clock=lambda: now[0])
    texts = [search.explain(_unfit()) for _ in range(SEARCHES_PER_SECOND + 1)]
    assert ["So many" in text for text in texts] == [False] * SEARCHES_PER_SECOND + [True]
    now[0] = 1.0
    assert "So many" not in search.explain(_unfit())


def test_a_form_that_no_callback_could_be_is_not_tried() -> None:
    """A megabyte is not signed four hundred times."""
    search = MismatchSearch(SignatureCheck(Secret("made-up")))
    assert "too large for a callback" in search.explain(_unfit(params=Params([("a", "x" * 20_000)])))


@pytest.mark.parametrize("told", ["https://[", "https://x.example/\ud800", "https://x.example:port/"])
def test_a_url_that_cannot_be_read_is_only_not_explained(told: str) -> None:
    """Nothing that stands in a URL makes the search fail."""
    search = MismatchSearch(SignatureCheck(Secret("made-up")))
    assert "another Auth Token" in search.explain(_unfit(told=told))


def test_the_number_of_urls_is_bounded_and_none_comes_twice() -> None:
    """Whatever a request says of itself."""
    query = "&".join(f"p{number}={number}" for number in range(8))
    hints = UrlHints(
        netlocs=[f"h{number}.example" for number in range(9)], prefixes=["/a", "/b", "/c"], body_hash="0" * 64
    )
    urls = list(url_variants(f"{PUBLIC}/a/b?{query}", seen="http://127.0.0.1:1/", hints=hints))
    assert len(urls) == len(set(urls)) == MOST


def test_what_is_signed_of_a_form_is_what_the_sdk_signs() -> None:
    """Behind the URL stand the fields, sorted, each value once."""
    params = Params([("b", "2"), ("a", "2"), ("a", "1"), ("a", "1"), ("Ä", "é")])
    validator = RequestValidator("made-up")
    assert validator.compute_signature(PUBLIC + params.signed_text(), {}) == validator.compute_signature(PUBLIC, params)


@pytest.mark.alone
def test_a_search_takes_milliseconds() -> None:
    """The dearest one: every URL and every form, of as much as is tried at most."""
    fields = [(f"field{number}", "x" * 200) for number in range(60)]
    query = "&".join(f"p{number}={number}" for number in range(8))
    told = f"{PUBLIC}{ASSIGNMENT}?{query}"
    unfit = _unfit(told=told, seen=told.replace(HOST, "127.0.0.1:1"), params=Params(fields))
    began = time.perf_counter()
    MismatchSearch(SignatureCheck(Secret("made-up"))).explain(unfit)
    assert time.perf_counter() - began < 0.5
