"""Lesson 12's check, of made-up records: what counts is what was done in an account."""

from __future__ import annotations

from typing import Any

import pytest
from course.made_up import START, checked, events, of_reservation, reserved

from labkit.callbacks import Exchange
from labkit.course import LessonRecord
from labkit.course.lessons.your_own_account import LESSON
from labkit.course.record import AccountTraces

YES = LESSON.steps[1].title


def called(signature: Any = "valid", **more: Any) -> Exchange:
    """An assignment callback that came to this notebook."""
    told = {"at": START, "method": "POST", "path": "/assignment_callback", "status": 200, **more}
    return Exchange(signature=signature, url_seen="", signed_url="", **told)


def record(*, account: AccountTraces | None, **more: Any) -> LessonRecord:
    return LessonRecord(heard=START, account=account, **more)


ALLOWED = AccountTraces(allowed=True, left=True)


@pytest.mark.parametrize("step", [2, 3, 4, 6])
def test_in_the_sandbox_nothing_of_it_was_done(step: int) -> None:
    """However much was: a callback of the sandbox's is none of Twilio's."""
    told = events(reserved(), of_reservation("reservation.accepted"))
    found = checked("12", step, record(account=None, events=told, exchanges=(called(),)))
    assert not found.done
    assert found.difference.startswith("This lab is in the sandbox")


def test_who_is_signed_in_and_has_not_said_yes_is_told_so() -> None:
    """At each step that waits for it."""
    looked = record(account=AccountTraces())
    assert [checked("12", step, looked).done for step in range(1, 7)] == [True, False, False, False, False, False]
    assert "waits for your yes" in checked("12", 3, looked).difference
    assert "waits for your yes" in checked("12", 4, looked).difference


@pytest.mark.parametrize("signature", ["wrong", "missing", None])
def test_a_callback_counts_with_a_right_signature(signature: str | None) -> None:
    """Anybody may send one without."""
    assert checked("12", 3, record(account=ALLOWED, exchanges=(called(),))).done
    stranger = record(account=ALLOWED, exchanges=(called(signature),), events=events(reserved()))
    assert not checked("12", 3, stranger).done
    assert "no callback with a right signature" in checked("12", 3, stranger).difference


def test_an_event_callback_is_no_assignment_callback() -> None:
    """It asks nothing."""
    assert not checked("12", 3, record(account=ALLOWED, exchanges=(called(path="/event_callback"),))).done


def test_an_account_in_which_nothing_was_ever_made_was_not_tidied() -> None:
    """The yes must have been seen before; then what is remembered must be gone, and the yes with it."""
    assert not checked("12", 6, record(account=AccountTraces())).done
    before = frozenset({YES})
    assert not checked("12", 6, record(account=AccountTraces(allowed=True, left=True, ticked=before))).done
    assert "lab.teardown()" in checked("12", 6, record(account=AccountTraces(left=True, ticked=before))).difference
    assert checked("12", 6, record(account=AccountTraces(ticked=before))).done
