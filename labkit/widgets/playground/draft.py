"""What stands in the playground's fields: read from a page's message, and kept so that another page shows it too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from labkit.explain.expression_trial import ExpressionPlace
from labkit.widgets.base import text_of

MOST_EDITED = 200
"""Rows that somebody changes by hand, of each kind; a page that sends more is none of ours."""

RowEdit = Mapping[str, str] | None
"""The fields of a row that were changed by hand, by their names; None: the row was taken away."""
Edits = Mapping[str, RowEdit]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What was typed and chosen.

    Attributes:
        by, number: which page has sent it, and its how manieth it is.
        expression, place: what is tried, and where it stands.
        queue: the SID of the TaskQueue that the expression was taken from; empty for none.
        task: the key of the Task that is followed; empty for the newest.
        workers, tasks: rows that are otherwise than in the Workspace, or not in it, by their keys.
        workflow: the SID of the Workflow that is drawn; empty for the first one.
        configuration: in place of the Workflow's own; None: its own.
    """

    by: str = ""
    number: int = 0
    expression: str = ""
    place: ExpressionPlace = ExpressionPlace.QUEUE
    queue: str = ""
    task: str = ""
    workers: Edits = field(default_factory=dict)
    tasks: Edits = field(default_factory=dict)
    workflow: str = ""
    configuration: str | None = None

    def as_data(self) -> dict[str, Any]:
        """It as JSON values, by the names that a page has for them."""
        return {
            "by": self.by,
            "number": self.number,
            "expression": self.expression,
            "place": str(self.place),
            "queue": self.queue,
            "task": self.task,
            "workers": dict(self.workers),
            "tasks": dict(self.tasks),
            "workflow": self.workflow,
            "configuration": self.configuration,
        }


def read_draft(message: Mapping[str, Any]) -> Draft:
    """The draft in a page's message; what is not of its form is left out."""
    number, place = message.get("number"), text_of(message, "place")
    configuration = message.get("configuration")
    return Draft(
        by=text_of(message, "by"),
        number=number if isinstance(number, int) else 0,
        expression=text_of(message, "expression"),
        place=ExpressionPlace(place) if place in set(ExpressionPlace) else ExpressionPlace.QUEUE,
        queue=text_of(message, "queue"),
        task=text_of(message, "task"),
        workers=_edits(message.get("workers")),
        tasks=_edits(message.get("tasks")),
        workflow=text_of(message, "workflow"),
        configuration=configuration if isinstance(configuration, str) else None,
    )


def _edits(value: object) -> dict[str, RowEdit]:
    if not isinstance(value, Mapping):
        return {}
    return {str(key): _row_edit(each) for key, each in list(value.items())[:MOST_EDITED]}


def _row_edit(value: object) -> RowEdit:
    if not isinstance(value, Mapping):
        return None
    return {str(name): text for name, text in value.items() if isinstance(text, str)}
