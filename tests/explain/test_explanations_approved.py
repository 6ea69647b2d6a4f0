"""The words of every explanation, as they were read and found good."""

from __future__ import annotations

from explain import approved
from explain.worlds import EVERY


def test_there_is_something_to_be_said_of_every_workspace() -> None:
    """A headline of one line; and the Workspaces are many."""
    assert len(EVERY) >= 150
    for title, make in EVERY.items():
        assert approved.findings(make()).headline.strip().endswith("."), title


def test_explanations_are_as_they_were_approved() -> None:
    """A change of words changes the file, where a reader sees it; the docstring of `approved.py` says how."""
    assert approved.text().splitlines() == approved.FILE.read_text(encoding="utf-8").splitlines()
