"""Lists of the bridge: in order of creation, page by page, ordered and filtered as the Worker SDK asks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labkit.errors import Refusal
from labkit.sandbox.bridge import lists


@given(st.text(max_size=120))
def test_no_text_is_taken_for_a_token_that_breaks_anything(token: str) -> None:
    """It is a place, or it is refused."""
    try:
        place = lists._place_in(token)
    except Refusal:
        return
    assert isinstance(place[0], float)


def test_a_place_survives_its_token() -> None:
    """To the microsecond."""
    place = (1767225600.123457, 17)
    assert lists._place_in(lists._token(place)) == place
