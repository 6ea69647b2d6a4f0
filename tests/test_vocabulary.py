"""labkit.vocabulary: the words are spelt as on the wire."""

from __future__ import annotations

import re
from enum import StrEnum

import pytest

from labkit import vocabulary
from labkit.vocabulary import CALLBACK_ERRORS, EventType, Instruction, ReservationStatus, Sid, TaskStatus

LOWER_CASE_WORDS: list[type[StrEnum]] = [TaskStatus, ReservationStatus, Instruction, EventType]


@pytest.mark.parametrize("words", LOWER_CASE_WORDS, ids=lambda c: c.__name__)
def test_wire_words_are_lower_case(words: type[StrEnum]) -> None:
    """Statuses, instructions and event types hold lower-case letters, dots and hyphens only."""
    assert [w for w in words if not re.fullmatch(r"[a-z]+(?:[.-][a-z]+)*", w)] == []


@pytest.mark.parametrize("words", LOWER_CASE_WORDS, ids=lambda c: c.__name__)
def test_a_words_python_name_is_its_wire_name(words: type[StrEnum]) -> None:
    """`EventType.TASK_SYSTEM_DELETED` is `task.system-deleted`: nobody has to look a name up."""
    assert [w for w in words if w.name.lower() != re.sub(r"[.-]", "_", w)] == []


def test_the_status_is_wrapping_and_the_event_wrapup() -> None:
    """TaskRouter spells the two apart, and writes canceled with one l."""
    assert TaskStatus("wrapping") is TaskStatus.WRAPPING
    assert EventType("task.wrapup") is EventType.TASK_WRAPUP
    assert TaskStatus("canceled") is TaskStatus.CANCELED
    assert not [w for words in LOWER_CASE_WORDS for w in words if "cancelled" in w]


def test_every_end_of_a_reservation_has_its_event() -> None:
    """Each status that a Reservation can move to is reported by an event of the Reservation."""
    reported = {e.removeprefix("reservation.") for e in EventType if e.startswith("reservation.")}
    silent = {s for s in ReservationStatus if s not in reported}

    assert silent == {ReservationStatus.PENDING, ReservationStatus.WRAPPING}  # reported as created and wrapup


def test_sid_prefixes_are_two_capitals_and_distinct() -> None:
    """A SID's first two letters say what it names."""
    assert all(re.fullmatch("[A-Z]{2}", prefix) for prefix in Sid)
    assert len({str(prefix) for prefix in Sid}) == len(Sid)


def test_every_callback_error_is_a_clause_for_a_person() -> None:
    """Each Twilio code has words that can follow "because" in a sentence."""
    for code, words in CALLBACK_ERRORS.items():
        assert 10_000 <= code <= 99_999
        assert words
        assert not words.endswith(".")


def test_event_types_of_unknown_spelling_are_refused() -> None:
    """A word that TaskRouter does not have is a ValueError, not a new word."""
    with pytest.raises(ValueError, match=r"task\.exploded"):
        vocabulary.EventType("task.exploded")
