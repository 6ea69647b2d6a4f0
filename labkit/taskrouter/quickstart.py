"""The Workspace of Twilio's quickstart (docs: /docs/taskrouter/quickstart/python).

A bilingual call centre: Alice speaks English and Spanish, Bob speaks English, each language has a TaskQueue, and one
Workflow sends a Task where its `selected_language` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WORKFLOW_NAME = "Incoming Customer Care Requests"
RESERVATION_TIMEOUT_SECONDS = 1200
ACTIVITIES: Mapping[str, bool] = {"Offline": False, "Unavailable": False, "Available": True}
WORKERS: Mapping[str, Mapping[str, Any]] = {
    "Alice": {"languages": ["en", "es"]},
    "Bob": {"languages": ["en"]},
}
LANGUAGES: Mapping[str, str] = {"Spanish": "es", "English": "en"}


def task_queue_name(language: str) -> str:
    """The name of a language's TaskQueue; `language` is a key of `LANGUAGES`."""
    return f"Customer Care Requests - {language}"


def workflow_configuration(task_queues: Mapping[str, str]) -> dict[str, Any]:
    """The Workflow's configuration: a filter for each language, and no default.

    Docs: /docs/taskrouter/workflow-configuration

    Args:
        task_queues: from name to SID.
    """
    filters = [
        {
            "filter_friendly_name": language,
            "expression": f'selected_language == "{code}"',
            "targets": [{"queue": task_queues[task_queue_name(language)]}],
        }
        for language, code in LANGUAGES.items()
    ]
    return {"task_routing": {"filters": filters}}
