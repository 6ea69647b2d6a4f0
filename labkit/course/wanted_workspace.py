"""What a lesson's Workspace has in it at first, as a document: from a Workspace file, or the quickstart's."""

from __future__ import annotations

import json
from pathlib import Path

from labkit.course.lessons import LESSONS
from labkit.taskrouter import quickstart
from labkit.workspace_file import Document
from labkit.workspace_file.file import read_text

FIFO = "fifo"
"""The Workspace file of a lesson whose Workspace begins by Twilio's template of that name, and is the learner's then:
nothing in it is set back."""
_FILES = Path(__file__).parent / "workspaces"


def document_of(lesson: str | None) -> Document:
    """What a lesson's Workspace has in it at first; that of no lesson has what Twilio's quickstart has."""
    name = _file_of(lesson)
    return _quickstart() if name is None else Document.from_text(read_text(_FILES / f"{name}.yaml"))


def begins_by_template(lesson: str | None) -> bool:
    """Whether a new Workspace of this lesson is made by Twilio's template FIFO."""
    return _file_of(lesson) == FIFO


def _file_of(lesson: str | None) -> str | None:
    return None if lesson is None else LESSONS[lesson].workspace


def _quickstart() -> Document:
    """The quickstart's Workspace as a Workspace file would have it."""
    queues = {quickstart.task_queue_name(language): code for language, code in quickstart.LANGUAGES.items()}
    workflow = {
        "friendly_name": quickstart.WORKFLOW_NAME,
        "task_reservation_timeout": quickstart.RESERVATION_TIMEOUT_SECONDS,
        "configuration": quickstart.workflow_configuration({name: name for name in queues}),
    }
    values = {
        "version": 1,
        "activities": [
            {"friendly_name": name, "available": available} for name, available in quickstart.ACTIVITIES.items()
        ],
        "workers": [
            {"friendly_name": name, "activity": "Offline", "attributes": dict(attributes)}
            for name, attributes in quickstart.WORKERS.items()
        ],
        "task_queues": [
            {"friendly_name": name, "target_workers": f'languages HAS "{code}"'} for name, code in queues.items()
        ],
        "workflows": [workflow],
    }
    return Document.from_text(json.dumps(values))  # JSON is YAML as well
