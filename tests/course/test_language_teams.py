"""The hotline in two languages that the lesson on staffing plays with."""

from __future__ import annotations

import tempfile
from pathlib import Path

from labkit.course.language_teams import language_teams
from labkit.workspace_file import Document
from labkit.workspace_file.kinds import PartKind


def test_it_is_a_workspace_file_with_these_workers() -> None:
    """A TaskQueue for each language, and a Workflow between them."""
    document = Document.from_text(language_teams(english=2, both=1).read_text("utf-8"))
    workers = {part.name: part.fields["attributes"]["languages"] for part in document.of(PartKind.WORKER)}
    assert workers == {"English 1": ["en"], "English 2": ["en"], "Both 1": ["en", "es"]}
    queues = {part.name: part.fields["target_workers"] for part in document.of(PartKind.TASK_QUEUE)}
    assert queues == {"English": 'languages HAS "en"', "Spanish": 'languages HAS "es"'}
    assert [part.name for part in document.of(PartKind.WORKFLOW)] == ["Hotline"]


def test_the_same_workers_are_in_the_same_file() -> None:
    """So that a cell which runs again leaves nothing behind."""
    assert language_teams(spanish=1) == language_teams(spanish=1) != language_teams(spanish=2)


def test_two_learners_of_one_computer_do_not_meet() -> None:
    """What another one has written into the folder that all share could not be written again."""
    path = language_teams(spanish=1)
    assert path.parent.parent == Path(tempfile.gettempdir())
    assert [each.name for each in path.parent.iterdir() if not each.name.startswith("hotline-")] == []
