"""labkit.public_address: which addresses of one's own can be used, and what is said of the others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.errors import SettingsError
from labkit.public_address import port_in, public_address


@pytest.mark.parametrize(
    ("given_", "used"),
    [
        ("https://example.com", "https://example.com"),
        (" https://Example.COM./ ", "https://example.com"),
        ("https://example.com:8443/labs/ana/", "https://example.com:8443/labs/ana"),
        ("https://b\u00fccher.example/caf\u00e9", "https://xn--bcher-kva.example/caf%C3%A9"),
        ("https://example.com/caf%C3%A9", "https://example.com/caf%C3%A9"),
        ("https://1.1.1.1", "https://1.1.1.1"),
        ("https://[2606:4700::1111]:8443/", "https://[2606:4700::1111]:8443"),
        ("https://ana-8000.app.github.dev", "https://ana-8000.app.github.dev"),
    ],
)
def test_what_can_be_used_is_cleaned(given_: str, used: str) -> None:
    """One spelling, since it is what Twilio signs."""
    assert public_address(given_, mode="twilio") == used


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ("", ["is not a URL", "https://"]),
        ("example.com/labs", ["does not begin with https://", "such as https://example.com/labs"]),
        ("ana:made-up@example.com", ["does not begin with https://"]),
        ("https:/ana:made-up@example.com", ["does not begin with https://", "'https:/•••@example.com'"]),
        ("https://ana:ma/de-up@example.com", ["cannot be read", "'https://•••@example.com'"]),
        ("https://ana:8/made-up@example.com", ["'https://•••@example.com'"]),
        ("https://ana:made-up\n/@example.com", ["is not a URL", "•••@example.com"]),
        ("ftp://example.com", ["does not begin with https://", "such as https://example.com"]),
        ("http://example.com", ["http://", "anybody on the way can read", "give https://"]),
        ("https://ana:made-up@example.com", ["a name or a password", "by its signature", "LABKIT_PAGES_PASSWORD"]),
        ("https://example.com/?a=1", ["holds a ? or a #"]),
        ("https://example.com/?", ["holds a ? or a #"]),
        ("https://example.com/#a", ["holds a ? or a #"]),
        ("https://example.com/a//b", ["//, /./ or /../"]),
        ("https://example.com/../b", ["//, /./ or /../"]),
        ("https://example.com/labs/..", ["//, /./ or /../"]),
        ("https://example.com/.", ["//, /./ or /../"]),
        ("https://example.com//labs", ["//, /./ or /../"]),
        ("https://example.com\\@evil.example", ["is not a URL"]),
        ("https://exa mple.com", ["is not a URL"]),
        ("https://example.com:99999", ["cannot be read"]),
        ("https://example.com:0", ["cannot be read"]),
        ("https://-a.example.com", ["cannot be read"]),
        ("https://2130706433", ["cannot be read"]),
        ("https://0x7f.0x1", ["cannot be read"]),
        ("https://127.1", ["cannot be read"]),
        ("https://stra\u00dfe.example", ["cannot be read"]),
        ("https://localhost:8000", ["this computer or of a network inside", "Twilio cannot come"]),
        ("https://127.0.0.1", ["this computer or of a network inside"]),
        ("https://[::1]", ["this computer or of a network inside"]),
        ("https://10.0.0.7", ["this computer or of a network inside"]),
        ("https://100.64.0.1", ["this computer or of a network inside"]),
        ("https://169.254.169.254", ["this computer or of a network inside"]),
        ("https://[::ffff:10.0.0.1]", ["this computer or of a network inside"]),
        ("https://intranet", ["this computer or of a network inside"]),
        ("https://box.local", ["this computer or of a network inside"]),
        ("https://hub.example.org/user/ana/proxy/8000", ["a JupyterHub's proxy", "run any code", "tunnel='ngrok'"]),
        ("https://hub.example.org/user/ana/lab/proxy/absolute/8000", ["a JupyterHub's proxy"]),
        (f"https://example.com/{'x' * 600}", ["is not a URL"]),
    ],
)
def test_what_cannot_be_used_is_said_with_the_remedy(given_: str, words: list[str]) -> None:
    """With the URL, and never with its password."""
    with pytest.raises(SettingsError) as caught:
        public_address(given_, mode="twilio")
    assert [word for word in words if word not in str(caught.value)] == []
    assert "made-up" not in str(caught.value)
    assert "de-up" not in str(caught.value)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("url", ["http://localhost:8000", "http://127.0.0.1:8000/labs", "https://10.0.0.7"])
def test_the_sandbox_may_call_what_is_inside(url: str) -> None:
    """It runs on this computer; a proxy can be tried with it before the account is."""
    assert public_address(url, mode="sandbox") == url
    with pytest.raises(SettingsError):
        public_address("http://example.com", mode="sandbox")


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("https://hub.example.org/user/ana/proxy/8000", 8000),
        ("https://example.com/proxy/absolute/8001", 8001),
        ("https://ana-codespace-8123.app.github.dev", 8123),
        ("https://x1y2-8000.euw.devtunnels.ms", 8000),
        ("https://example.com/labs/8000", None),
        ("https://example-8000.com", None),
    ],
)
def test_the_port_is_read_where_a_url_names_it(url: str, port: int | None) -> None:
    """So that the message can say which one it seems to be."""
    assert port_in(url) == port


@given(st.text(max_size=60) | st.text(max_size=40).map(lambda rest: f"https://{rest}"))
def test_any_text_is_used_or_refused_in_a_sentence(text: str) -> None:
    """And what is used stays as it is when it is cleaned once more."""
    try:
        used = public_address(text, mode="twilio")
    except SettingsError:
        return
    assert public_address(used, mode="twilio") == used
    assert used.isascii()
