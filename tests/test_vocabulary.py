"""labkit.vocabulary: the words are spelt as on the wire."""

from __future__ import annotations

import re
from enum import StrEnum

import pytest
from tracked import project_files

from labkit import vocabulary
from labkit.vocabulary import (
    EventType,
    Instruction,
    ReservationStatus,
    Sid,
    TaskStatus,
    is_sid,
    short_sid,
    wire_name,
)

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


@pytest.mark.parametrize(
    ("name", "wire"),
    [("sid", "Sid"), ("task_queue_sid", "TaskQueueSid"), ("timestamp_ms", "TimestampMs"), ("task_age", "TaskAge")],
)
def test_wire_names(name: str, wire: str) -> None:
    """Words in capitals, joined."""
    assert wire_name(name) == wire


def test_a_sid_is_two_letters_and_32_hex_digits() -> None:
    """Of the resource that is asked for, of either case, and nothing more."""
    task = "WT" + "0123456789abcdef" * 2

    assert is_sid(task)
    assert is_sid(task, Sid.TASK)
    assert is_sid("WT" + "ABCDEF01" * 4, Sid.TASK)
    assert not is_sid(task, Sid.WORKER)


@pytest.mark.parametrize(
    "text",
    ["", "WT", "WT" + "0" * 31, "WT" + "0" * 33, "WT" + "g" * 32, "wt" + "0" * 32, f"WT{'0' * 32}\n", None, 5, ["WT"]],
)
def test_what_is_no_sid(text: object) -> None:
    """Too short, too long, other letters, or no text at all."""
    assert not is_sid(text)
    assert not is_sid(text, Sid.TASK)


def test_a_short_sid_keeps_its_kind_and_its_end() -> None:
    """What tells two of a list apart for the eye; what is no SID and short stays whole."""
    assert short_sid("WT" + "0" * 28 + "1a2b") == "WT…1a2b"
    assert short_sid("WT1a2b") == "WT1a2b"
    assert short_sid("") == ""


@pytest.mark.parametrize("spelling", [r"capitalize\(\) for", r"\[:2\]\}…\{", r"\[0-9a-fA-F\]\{+32"])
def test_names_and_sids_are_written_in_one_place(spelling: str) -> None:
    """Whoever needs a wire name, or the form of a SID, asks `vocabulary`; a mask of a secret is something else."""
    found = [path for path in project_files(".py") if re.search(spelling, path.read_text("utf-8"))]

    assert {path.name for path in found if "tests" not in path.parts} - {"settings.py"} == {"vocabulary.py"}


def test_event_types_of_unknown_spelling_are_refused() -> None:
    """A word that TaskRouter does not have is a ValueError, not a new word."""
    with pytest.raises(ValueError, match=r"task\.exploded"):
        vocabulary.EventType("task.exploded")
