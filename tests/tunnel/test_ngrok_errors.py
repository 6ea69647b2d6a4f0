"""What ngrok says, turned into sentences."""

from __future__ import annotations

import re

import pytest
from tracked import ROOT

from labkit.tunnel import ngrok_errors


@pytest.mark.parametrize("code", sorted(ngrok_errors._KNOWN))
def test_each_known_code_is_carried_and_explained(code: str) -> None:
    """A known code is on the error and in its sentence, and ngrok's own words are not."""
    error = ngrok_errors.refused(f"authentication failed: something with hunter2 {code}", secret="hunter2")
    assert error.ngrok_code == code
    assert code in str(error)
    assert "authentication failed" not in str(error)


def test_an_unknown_code_shows_ngroks_words_without_the_token() -> None:
    """For a code that is not in the list ngrok's words are shown, the token masked, and the page that explains it."""
    error = ngrok_errors.refused("no luck with hunter2 today ERR_NGROK_99999", secret="hunter2")
    assert error.ngrok_code == "ERR_NGROK_99999"
    assert "no luck with ••• today" in str(error)
    assert "err_ngrok_99999" in str(error)


def test_long_words_are_cut() -> None:
    """A flood of log lines does not become a flood in the cell."""
    assert len(str(ngrok_errors.refused("word " * 10_000, secret="hunter2"))) < 600


@pytest.mark.parametrize(
    ("code", "what", "remedy"),
    [
        ("ERR_NGROK_103", "suspended this account", "support@ngrok.com"),
        ("ERR_NGROK_107", "refused the authtoken", "NGROK_AUTHTOKEN"),
        ("ERR_NGROK_108", "as many agents online as its plan allows", "dashboard.ngrok.com/agents"),
        ("ERR_NGROK_115", "this computer's IP address", "dashboard.ngrok.com/ip-restrictions"),
        ("ERR_NGROK_121", "too old a version", "ngrok update"),
        ("ERR_NGROK_320", "reserved for another ngrok account", "NGROK_DOMAIN"),
        ("ERR_NGROK_334", "this address online already", "End it there"),
        ("ERR_NGROK_702", "at once than its plan lets through", "Wait a minute"),
        ("ERR_NGROK_727", "in a month", "dashboard.ngrok.com/usage"),
        ("ERR_NGROK_4018", "verified account", "Verify your e-mail address"),
    ],
)
def test_what_people_meet_most_is_named_with_its_remedy(code: str, what: str, remedy: str) -> None:
    """Each sentence says what is so and what to do, and not the same of two different things."""
    said = ngrok_errors.explained(code)
    assert said is not None
    assert what in said
    assert remedy in said


def test_the_page_about_ngrok_has_every_code() -> None:
    """People search for them."""
    page = (ROOT / "docs" / "ngrok.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ERR_NGROK_")]
    told = {number for row in rows for number in re.findall(r"\d+", row.split("|")[1])}
    assert {f"ERR_NGROK_{number}" for number in told} == set(ngrok_errors._KNOWN)


def test_a_code_that_is_not_in_the_list_is_not_explained() -> None:
    """Nobody makes up what ngrok may have meant."""
    assert ngrok_errors.explained("ERR_NGROK_99999") is None
