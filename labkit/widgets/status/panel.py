"""StatusPanel: what runs, what does not, why, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from labkit.background import JobOutcome, Jobs
from labkit.display import Section, Table
from labkit.widgets.base import EarlyPanel, Handler, script, style
from labkit.widgets.lab_parts import PanelParts
from labkit.widgets.status.lines import LIGHTS, StatusLine
from labkit.widgets.status.remedies import Remedy, remedied


class StatusPanel(EarlyPanel):
    """The lab at a glance.

    Args:
        lines: what to show, top to bottom.
        on_action: called with a line's `action` when its remedy is clicked; may return a sentence that is shown.
        jobs: where `on_action` runs.
    """

    title = "TaskRouter Lab"
    _esm = script("status")
    _css = style("status")
    desk_place: ClassVar[Mapping[str, int]] = {"inside": 2}
    follows_status = True

    @classmethod
    def of_lab(cls, lab: PanelParts) -> StatusPanel:
        """The panel of a lab."""
        return cls(lab.status_lines(), on_action=lab.remedy, jobs=lab.jobs)

    def __init__(self, lines: Sequence[StatusLine], *, on_action: Remedy, jobs: Jobs) -> None:
        self._lines = list(lines)
        self._on_action = on_action
        super().__init__(jobs=jobs)

    def show_status(self, lines: Sequence[StatusLine]) -> None:
        """Show these lines from now on. From any thread."""
        with self._lock:
            self._lines = list(lines)
            self.refresh()

    def _content(self) -> dict[str, Any]:
        return {"lines": [dict(line) for line in self._lines]}

    def pictured(self) -> Iterable[Section]:
        """Its lines, each with what its light means."""
        rows = [(line["label"], line["value"], LIGHTS[line["light"]], line["detail"]) for line in self.state["lines"]]
        return [Section("What runs:", Table(("Part", "", "Is", "Why"), rows))]

    def _handlers(self) -> Mapping[str, Handler]:
        return {"remedy": self._remedy}

    def _remedy(self, message: Mapping[str, Any]) -> JobOutcome | str | None:
        return remedied(message, lines=self._lines, remedy=self._on_action)


PANEL = StatusPanel
