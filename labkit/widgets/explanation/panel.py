"""ExplanationPanel: why a Task is where it is, as a tree that folds.

The tree comes as values from whoever explains (`labkit.explain`); the browser makes text of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar

from labkit.background import JobOutcome, Jobs, run
from labkit.display import Line, Lines, Section, shortened
from labkit.live.views import TaskView, readable
from labkit.live.workspace import WORKSPACE, LiveWorkspace
from labkit.vocabulary import short_sid
from labkit.widgets.base import Handler, LivePanel, script, style, text_of
from labkit.widgets.lab_parts import ExplainTask, LabParts

_OFFERED = 30
_PICTURED = 12
"""Lines under one line of its still."""


class ExplanationPanel(LivePanel):
    """One Task explained, and a choice of others.

    Args:
        live: the Tasks to choose from.
        explainer: asked for each explanation.
        jobs: where that runs.
    """

    title = "Why is this Task where it is?"
    _esm = script("explanation")
    _css = style("explanation")
    desk_place: ClassVar[Mapping[str, int]] = {"inside": 4}
    looks = frozenset({"show"})
    topics = frozenset({"tasks"})

    @classmethod
    def of_lab(cls, lab: LabParts) -> ExplanationPanel:
        """The panel of a lab."""
        return cls(lab.live, explainer=lab.explain, jobs=lab.jobs)

    def __init__(self, live: LiveWorkspace, *, explainer: ExplainTask, jobs: Jobs) -> None:
        self._ask = explainer
        self._background = jobs
        self._explanation: Mapping[str, Any] | None = None
        self._trouble = ""
        self._asked = 0
        self._then: TaskView | None = None  # how the Task stood when it was explained
        self._waits = False
        super().__init__(live, jobs=jobs)
        self._explain_if_none()

    def called_with(self, task: object = None) -> None:
        """Explain this Task (its SID, or what `create_task` returned); by default the newest."""
        self.show(None if task is None else str(getattr(task, "sid", task)))

    def show(self, task: str | None = None) -> None:
        """Explain this Task (its SID), or the newest. Returns at once; the tree comes when it is there."""
        self._background.submit(lambda: self._explain_anew(task))

    def _on_change(self, topic: str) -> None:
        if topic == WORKSPACE:
            with self._lock:
                self._asked += 1  # an answer that is on its way is about a Workspace that is void
                self._explanation, self._trouble, self._then = None, "", None
        super()._on_change(topic)
        self._explain_if_none()

    def _explain_if_none(self) -> None:
        """Where nothing is explained yet, and there is a Task by now: the newest."""
        with self._lock:
            idle = self._explanation is None and not self._trouble and not self._waits
            wanted = idle and bool(self._live.tasks)
            self._waits = self._waits or wanted
        if wanted:
            self.show()

    def _content(self) -> dict[str, Any]:
        tasks = islice(reversed(self._live.tasks), _OFFERED)
        explained = self._explanation
        return {
            "tasks": [{"value": task.sid, "text": _said(task)} for task in tasks],
            "explanation": explained,
            "changed": explained is not None and self._live.task(explained["task"]) != self._then,
            "trouble": self._trouble,
        }

    def pictured(self) -> Iterable[Section]:
        """The tree, folded as the panel has it at first."""
        explained = self._explanation
        if explained is None:
            return [Section(self._trouble or "No Task was explained.")]
        return [Section(explained["headline"], Lines(_lines(explained["lines"])[:_PICTURED]))]

    def _handlers(self) -> Mapping[str, Handler]:
        return {"show": lambda message: self._explain_anew(text_of(message, "task") or None)}

    def _explain_anew(self, task: str | None) -> JobOutcome:
        with self._lock:
            self._asked += 1
            mine = self._asked
        before = {each.sid: each for each in self._live.tasks}
        found = run(lambda: JobOutcome(ok=True, data=self._ask(task)))
        with self._lock:
            self._waits = False
            if mine == self._asked:  # else somebody has asked for another one since
                self._explanation = found.data if found.ok else None
                self._then = before.get(found.data["task"]) if found.ok else None
                self._trouble = found.text if task or before else ""
                self.refresh()
        return JobOutcome(ok=found.ok, text=found.text)


def _lines(data: Sequence[Mapping[str, Any]]) -> list[Line]:
    """Lines of an explanation; of each, as many of those under it as a still has room for."""
    return [
        Line(
            shortened(each["text"], most=200),
            tuple(_lines(each["children"][:_PICTURED])),
            mark=each["mark"],
            is_open=each["open"],
        )
        for each in data
    ]


def _said(task: TaskView) -> str:
    about = ", ".join(value for _, value in readable(task.attributes, most=3, longest=24))
    return " · ".join(filter(None, (short_sid(task.sid), f"Task {task.status}", about)))


PANEL = ExplanationPanel
