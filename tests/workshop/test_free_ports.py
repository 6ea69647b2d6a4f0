"""Where a rehearsal's workshop, and one of the tests, can be."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator

import pytest

from workshop.free_ports import free_ports
from workshop.settings import WorkshopError


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The first number that chance gives; somebody listens at the last port that a workshop there would have."""
    first = free_ports()
    others = iter([first, first + 4])
    monkeypatch.setattr(random, "randrange", lambda *_: next(others, first))
    with socket.create_server(("127.0.0.1", first + 3)):
        yield first


def test_free_ports_are_four_in_a_row() -> None:
    """Below those that programs are given by themselves."""
    assert 20_000 <= free_ports() <= 32_000


def test_where_one_of_the_four_is_taken_it_looks_on(chosen: int) -> None:
    """As many in a row as a workshop has."""
    assert free_ports() == chosen + 4


def test_a_machine_without_free_ports_is_a_sentence(chosen: int) -> None:
    """It does not look for ever."""
    free_ports()

    with pytest.raises(WorkshopError, match="No 4 free ports in a row"):
        free_ports()
