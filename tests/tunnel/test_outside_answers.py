"""What is said of whatever answers at a public URL in the lab's place: one sentence for each, with what to do."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.tunnel.outside_answers import OutsideAnswer, explained

URL = "https://lab.example.com"
CODESPACE = "https://ana-8123.app.github.dev"
HTML = {"content-type": "text/html; charset=utf-8"}


def _answer(status: int, headers: dict[str, str] | None = None, body: str = "") -> OutsideAnswer:
    return OutsideAnswer(status=status, headers=headers or {}, body=body)


def _lab(**said: object) -> OutsideAnswer:
    return _answer(200, {"content-type": "application/json"}, json.dumps({"app": "labkit", **said}))


@pytest.mark.parametrize(
    ("url", "answer", "words"),
    [
        (URL, _lab(pid=7, notebook="02.ipynb"), ["Another lab, the one in notebook 02.ipynb", "Stop that one"]),
        (URL, _lab(pid=7, notebook=None), ["Another lab, the one of process 7"]),
        (URL, _lab(pid=1, notebook=None), ["a proxy that keeps answers"]),
        (URL, _answer(302, {"location": "/hub/login?next=%2F"}), ["a Jupyter server asks", "any code", "ngrok"]),
        (URL, _answer(302, {"location": "/user/ana/login?next=x"}), ["a Jupyter server asks for its login"]),
        (URL, _answer(302, {"location": "https://ana.cloudflareaccess.com/login"}), ["Cloudflare Access"]),
        (URL, _answer(301, {"location": "https://lab.example.com/labs/"}), ["the same host (/labs/)", "not follow"]),
        (URL, _answer(302, {"location": "https://login.example.org/sso"}), ["sends on to login.example.org"]),
        (CODESPACE, _answer(302, {"location": "https://github.com/login"}), ["The port is private", "8123:public"]),
        (CODESPACE, _answer(302, {"location": "/signin?cid=1"}), ["The port is private"]),
        (CODESPACE, _answer(401), ["The port is private", "Ports view"]),
        (CODESPACE, _answer(404), ["Codespaces knows no port 8123", "make it public"]),
        (URL, _answer(403, {"cf-access-aud": "x"}), ["Cloudflare Access asks for a login", "bypasses it"]),
        (URL, _answer(401), ["wants a login", "/assignment_callback", "checks by their signature"]),
        (URL, _answer(530, {}, "error code: 1033"), ["no cloudflared is connected"]),
        (URL, _answer(502), ["finds nothing behind it", "http://127.0.0.1"]),
        (URL, _answer(404), ["Another program answers", "a rule for this path"]),
        (URL, _answer(200, HTML, "<html>You are about to visit…"), ["a page for people", "switched off"]),
        (URL, _answer(200, {}, "pong"), ["Something else than this lab answers", "status 200"]),
    ],
)  # fmt: skip
def test_each_answer_has_its_sentence(url: str, answer: OutsideAnswer, words: list[str]) -> None:
    """With the address, and with the remedy."""
    text = explained(answer, url=url, own_pid=1)
    assert [word for word in words if word not in text] == []
    assert url in text
    assert text.endswith(".")


@given(
    status=st.integers(100, 599),
    location=st.text(max_size=80),
    body=st.text(max_size=80) | st.just('{"app": "labkit", "notebook": ["<b>"], "pid": {"a": 1}}'),
)
def test_nothing_that_answers_can_break_it_or_flood_it(status: int, location: str, body: str) -> None:
    """Whatever it says of itself."""
    text = explained(_answer(status, {"location": location}, body), url=URL, own_pid=1)
    assert len(text) < 600
    assert "<b>" not in text


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (429, "ERR_NGROK_702", "Wait a minute"),
        (429, "ERR_NGROK_727", "in a month"),
        (404, "ERR_NGROK_3200", "No agent of ngrok's is connected"),
        (502, "ERR_NGROK_8012", "this lab's port"),
        (200, "ERR_NGROK_99999", "https://ngrok.com/docs/errors/err_ngrok_99999"),
    ],
)
def test_ngroks_own_reason_is_told(status: int, code: str, said: str) -> None:
    """Its service says in a header why it answers in the lab's place: that is more than the status says."""
    answer = OutsideAnswer(status=status, headers={"ngrok-error-code": code}, body="<html>")
    told = explained(answer, url="https://name.ngrok-free.app", own_pid=1)
    assert said in told
    assert code in told


def test_a_reason_that_is_none_of_ngroks_is_not_shown() -> None:
    """A header is a stranger's text."""
    answer = OutsideAnswer(status=404, headers={"ngrok-error-code": "ERR_NGROK_<b>"}, body="")
    assert "ERR_NGROK" not in explained(answer, url="https://name.ngrok-free.app", own_pid=1)
