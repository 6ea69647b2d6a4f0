"""Stills: what every panel leaves in the notebook's file, where it is seen without a kernel."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from labkit.display import Section
from labkit.widgets import still as still_module
from labkit.widgets.still import Still, Stills

# --- when they are drawn ----------------------------------------------------------------------------------------------


class Watched:
    """What is drawn and what is published, with no notebook."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.text, self.drawn = "one", 0
        self.published: list[tuple[str, bool]] = []
        patch.setattr(still_module, "_publish", self._publish)
        self.stills = Stills(self._draw)

    def _draw(self) -> Still:
        self.drawn += 1
        return Still("Panel", datetime.now(UTC), (Section(self.text),))

    def _publish(self, still: Still, *, place: str, update: bool = False) -> None:
        self.published.append((still.sections[0].headline, update))


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    """Stills of something that is one word."""
    watched = Watched(monkeypatch)
    yield watched
    watched.stills.close()


def test_a_panel_that_changes_thirty_times_a_second_draws_few_stills(watched: Watched) -> None:
    """One in its place, one at the first news, and one for all the rest, at the end here."""
    watched.stills.display()
    for number in range(1_000):
        watched.text = str(number)
        watched.stills.mark()
    watched.stills.close()
    assert watched.published[0] == ("one", False)
    assert watched.published[-1] == ("999", True)
    assert watched.drawn <= 3


def test_what_looks_as_before_is_not_published_again(watched: Watched) -> None:
    """Neither is what was never displayed, nor what is closed; it would change the notebook's file."""
    watched.stills.mark()
    watched.stills.close()
    assert watched.drawn == 0
    other = Stills(watched._draw)
    other.display()
    other.close()
    other.mark()
    assert watched.published == [("one", False)]
