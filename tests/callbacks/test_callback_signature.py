"""X-Twilio-Signature, against the documented vector and the SDK's own validator."""

from __future__ import annotations

import hashlib

import pytest
from twilio.request_validator import RequestValidator

from labkit.callbacks.signature import Params, SignatureCheck
from labkit.settings import Secret

# From the docs: /docs/usage/webhooks/webhooks-security
DOCUMENTED_URL = "https://example.com/myapp.php?foo=1&bar=2"
DOCUMENTED_SIGNATURE = "L/OH5YylLD5NRKLltdqwSvS0BnU="
DOCUMENTED_FIELDS = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675310"),
    ("Digits", "1234"),
    ("From", "+14158675310"),
    ("To", "+18005551212"),
]
CHECK = SignatureCheck(Secret("12345"))


def test_the_documented_signature_is_valid() -> None:
    """The vector that Twilio's documentation gives is accepted."""
    assert CHECK.verdict(DOCUMENTED_SIGNATURE, url=DOCUMENTED_URL, params=Params(DOCUMENTED_FIELDS)) == "valid"


@pytest.mark.parametrize(
    "url",
    [
        DOCUMENTED_URL.replace("https", "http"),
        DOCUMENTED_URL.replace("example.com", "example.org"),
        DOCUMENTED_URL.removesuffix("&bar=2"),
        DOCUMENTED_URL.replace("myapp", "otherapp"),
    ],
)
def test_each_part_of_the_url_counts(url: str) -> None:
    """Another scheme, host, path or query makes the signature wrong."""
    assert CHECK.verdict(DOCUMENTED_SIGNATURE, url=url, params=Params(DOCUMENTED_FIELDS)) == "wrong"


def test_each_field_counts() -> None:
    """A changed value, a missing field and an added one each make the signature wrong."""
    changed = [("CallSid", "CA0"), *DOCUMENTED_FIELDS[1:]]
    for fields in (changed, DOCUMENTED_FIELDS[1:], [*DOCUMENTED_FIELDS, ("More", "1")]):
        assert CHECK.verdict(DOCUMENTED_SIGNATURE, url=DOCUMENTED_URL, params=Params(fields)) == "wrong"


@pytest.mark.parametrize("signature", [None, ""])
def test_no_signature_is_missing(signature: str | None) -> None:
    """Missing is told apart from wrong: it is the one that a curious browser earns."""
    assert CHECK.verdict(signature, url=DOCUMENTED_URL, params=Params([])) == "missing"


def test_a_repeated_field_counts_with_all_its_values() -> None:
    """The SDK signs every value of a field once, sorted; so does the check read them."""
    fields = Params([("a", "2"), ("a", "1"), ("b", "3")])
    signature = RequestValidator("12345").compute_signature("https://x.example/", fields)
    assert CHECK.verdict(signature, url="https://x.example/", params=fields) == "valid"
    assert CHECK.verdict(signature, url="https://x.example/", params=Params([("a", "2"), ("b", "3")])) == "wrong"


def test_a_body_that_is_no_form_is_signed_by_its_hash() -> None:
    """A JSON body is bound to the signature by bodySHA256 in the URL."""
    body = '{"a": 1}'
    url = f"https://x.example/?bodySHA256={hashlib.sha256(body.encode()).hexdigest()}"
    signature = RequestValidator("12345").compute_signature(url, {})
    assert CHECK.verdict(signature, url=url, params=body) == "valid"
    assert CHECK.verdict(signature, url=url, params=body + " ") == "wrong"


@pytest.mark.parametrize("url", ["https://[", "https://x.example:port/", "https://x.example/\ud800"])
def test_a_url_that_cannot_be_read_is_only_wrong(url: str) -> None:
    """Nothing that stands in a URL makes the check fail."""
    assert CHECK.verdict("x", url=url, params=Params([])) == "wrong"


def test_text_that_cannot_be_encoded_was_not_signed() -> None:
    """And does not make the check fail."""
    assert not CHECK.is_over("https://x.example/\ud800", "x")
