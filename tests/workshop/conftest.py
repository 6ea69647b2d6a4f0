"""One open workshop for all tests that change nothing of it for the others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from workshop_rooms import Room, room


@pytest.fixture(scope="session")
def open_room() -> Iterator[Room]:
    """As `make workshop` opens it, with all that it has: to start a hub and to end it takes longer than most tests.

    Each module has participants with names of its own. The hub may be killed, if it is started again.
    """
    with room() as made:
        done = made.call("start")
        assert done.returncode == 0, done.stderr
        yield made
