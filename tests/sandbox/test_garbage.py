"""When garbage is looked for, and how threads take turns."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

import pytest

from labkit.sandbox.garbage import SWITCH_SECONDS, collect_rarely, not_collecting, taking_turns


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """What the process had before."""
    thresholds, interval = gc.get_threshold(), sys.getswitchinterval()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)
    gc.enable()
    assert sys.getswitchinterval() == interval


def test_what_is_made_meanwhile_is_never_looked_through_in_a_sandboxs_process() -> None:
    """It looked rarely before, and does again."""
    collect_rarely()
    frozen = gc.get_freeze_count()
    with not_collecting():
        assert not gc.isenabled()
        made = [[number] for number in range(1_000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= frozen + len(made)


def test_in_another_process_it_is_only_held_off() -> None:
    """Garbage that is there then would never be found."""
    with not_collecting():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_who_does_not_collect_goes_on_so() -> None:
    """Whoever switched it off before."""
    gc.disable()
    with not_collecting():
        pass
    assert not gc.isenabled()


def test_turns_are_short_meanwhile() -> None:
    """And afterwards as they were."""
    before = sys.getswitchinterval()
    with taking_turns():
        assert sys.getswitchinterval() == pytest.approx(SWITCH_SECONDS)
    assert sys.getswitchinterval() == before
