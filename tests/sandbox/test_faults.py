"""Faults: the table, the draws, and what a spoilt answer becomes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from labkit.sandbox.callback_answer import read_answer
from labkit.sandbox.delivery_log import Delivery
from labkit.sandbox.faults import FAULTS, FaultName, Faults, Switched, corrupted

ALWAYS = Switched(probability=1.0)


def delivery() -> Delivery:
    """One that was answered as it should be."""
    return Delivery(
        at=datetime(2026, 1, 1, tzinfo=UTC),
        kind="assignment",
        account_sid="AC1",
        subject_sid="WR1",
        url="http://127.0.0.1/",
        fields={},
        status=200,
        content_type="application/json",
        body=b'{"instruction": "accept"}',
    )


def test_every_fault_is_in_the_table_with_a_sentence() -> None:
    """A name without a line would be switched on and do nothing."""
    assert set(FAULTS) == set(FaultName)
    assert all(fault.does.endswith(".") and fault.strikes for fault in FAULTS.values())


@pytest.mark.parametrize("name", FaultName)
def test_a_fault_strikes_what_it_says_and_nothing_else(name: FaultName) -> None:
    """A fault of assignment callbacks leaves events alone, and one of callbacks leaves REST alone."""
    faults = Faults()
    faults.switch_on(name, ALWAYS)
    struck = {kind for kind in ("assignment", "event", "rest") if faults.draw(kind)}
    assert struck == FAULTS[name].strikes
    assert faults.rest == ("rest" in struck)


def test_a_probability_is_compared_with_the_draw() -> None:
    """Below it strikes, at it and above it does not: a draw is never 1, so 1 is always."""
    drawn: Iterator[float] = iter([0.0, 0.29, 0.3, 0.999])
    faults = Faults(draw=lambda: next(drawn))
    faults.switch_on(FaultName.CALLBACK_500, Switched(probability=0.3))
    assert [bool(faults.draw("event")) for _ in range(4)] == [True, True, False, False]


def test_each_fault_has_a_draw_of_its_own() -> None:
    """Two that are likely by halves strike together in a quarter of the cases, not in half."""
    drawn = iter([0.1, 0.9])
    faults = Faults(draw=lambda: next(drawn))
    faults.switch_on(FaultName.CALLBACK_SLOW, Switched(probability=0.5, seconds=2.5))
    faults.switch_on(FaultName.CALLBACK_500, Switched(probability=0.5))
    assert faults.draw("event") == {FaultName.CALLBACK_SLOW: 2.5}


def test_nothing_is_drawn_while_no_fault_is_on() -> None:
    """A sandbox without faults pays nothing for them."""

    def draw() -> float:
        raise AssertionError("nothing should be drawn")

    faults = Faults(draw=draw)
    faults.switch_on(FaultName.REST_429, ALWAYS)
    assert faults.draw("event") == {}
    faults.switch_off()
    assert faults.draw("rest") == {}
    assert not faults.rest


def test_one_can_be_switched_off_and_the_others_stay() -> None:
    """In any order, and one that is off may be switched off."""
    faults = Faults()
    for name in (FaultName.REST_429, FaultName.CALLBACK_500):
        faults.switch_on(name, ALWAYS)
    faults.switch_off(FaultName.REST_429)
    faults.switch_off(FaultName.REST_LATE)
    assert (list(faults.on), faults.rest) == ([FaultName.CALLBACK_500], False)


@pytest.mark.parametrize(
    ("name", "status", "error"),
    [
        (FaultName.CALLBACK_500, 500, None),
        (FaultName.CALLBACK_NOT_JSON, 200, 40001),
        (FaultName.CALLBACK_NO_INSTRUCTION, 200, 40005),
    ],
)
def test_a_spoilt_answer_earns_twilios_code(name: FaultName, status: int, error: int | None) -> None:
    """What takes the answer's place is read like any other answer."""
    answered = corrupted(delivery(), {name: 0.0})
    assert answered.status == status
    if error is not None:
        assert (
            read_answer(answered.body, status=status, content_type=answered.content_type, activities=()).error == error
        )


def test_an_answer_that_nothing_spoils_stays_as_it_is() -> None:
    """A late one is late, and no more."""
    assert corrupted(delivery(), {FaultName.CALLBACK_SLOW: 1.0}) == delivery()
