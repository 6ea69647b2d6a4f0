"""Where callbacks may go. The cases, attacks among them, stand in callback_hosts.json."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.sandbox.callback_hosts import CallbackHosts, is_loopback

CASES = json.loads((Path(__file__).parent / "callback_hosts.json").read_text(encoding="utf-8"))
REFUSED = [(kind, url) for kind, urls in CASES["refused"].items() for url in urls]
NAMED = ("lab.example.ngrok-free.app", "192.0.2.7")


@pytest.mark.parametrize("url", CASES["called"])
def test_this_computer_and_the_named_hosts_are_called(url: str) -> None:
    """Loopback written plainly, and exactly the names that were allowed, on any port."""
    assert CallbackHosts(NAMED).objection(url) is None


@pytest.mark.parametrize(("kind", "url"), REFUSED, ids=[f"{kind}: {url}" for kind, url in REFUSED])
def test_everything_else_is_refused_with_a_reason(kind: str, url: str) -> None:
    """However the host is written; what looks like this computer in one reading only is refused too."""
    assert CallbackHosts(NAMED).objection(url)


def test_the_reason_says_what_to_do() -> None:
    """A host can be allowed; other schemes cannot. What stands before the @ is not repeated."""
    hosts = CallbackHosts()
    assert "allow evil.example with --allow-callback-host" in (hosts.objection("http://evil.example:80/") or "")
    assert "with escapes such as %40" in (hosts.objection("http://me:sec@ret@localhost/") or "")
    assert "ret" not in (hosts.objection("http://me:sec@ret@localhost/") or "")
    assert "only http:// and https://" in (hosts.objection("ftp://localhost/") or "")


def test_hosts_are_allowed_one_by_one() -> None:
    """Without regard to letter case and blanks around, listed in order."""
    hosts = CallbackHosts(["Zoo.example"])
    assert hosts.objection("https://lab.example/")
    hosts.allow(" Lab.Example ")
    assert hosts.allowed == ["lab.example", "zoo.example"]
    assert hosts.objection("https://lab.example/") is None


@pytest.mark.parametrize("host", ["", "localhost.", "127.0.0.1.", "127.1", "::ffff:8.8.8.8", "128.0.0.1", "LOCALHOST"])
def test_loopback_is_meant_literally(host: str) -> None:
    """Only `localhost` and plain addresses that are loopback; the letter case is the caller's business."""
    assert not is_loopback(host)


@given(st.text(max_size=40) | st.text(max_size=30).map(lambda rest: f"http://{rest}"))
def test_no_text_is_too_strange_to_judge(url: str) -> None:
    """A reason or None, never an error."""
    assert CallbackHosts().objection(url) != ""
