"""What ngrok says, turned into sentences."""

from __future__ import annotations

import pytest

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
