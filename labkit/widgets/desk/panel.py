"""DeskPanel: every panel in one view, for the first steps, for work, for the wall, and for looking inside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from labkit.background import JobOutcome, Jobs
from labkit.display import Section
from labkit.errors import SettingsError
from labkit.live.views import TaskView, milliseconds
from labkit.live.workspace import LiveWorkspace
from labkit.vocabulary import TaskStatus
from labkit.widgets.base import Handler, Panel, SparingPanel, script, style, text_of
from labkit.widgets.lab_parts import LabParts
from labkit.widgets.status.lines import StatusLine
from labkit.widgets.status.remedies import Remedy, remedied

_WORST_FIRST = ("red", "amber", "grey", "green")
_NEEDS_A_LOOK = ("red", "amber")
_WORDS = {"red": "Something does not work", "amber": "Needs a look", "grey": "Stopped", "green": "All works"}


VIEWS: dict[str, str] = {"first": "First steps", "work": "Work", "watch": "Watch", "inside": "Look inside"}
"""The views and their titles; which panels are in each, and in which order, the panels say (`desk_place`)."""


class DeskPanel(SparingPanel):
    """The panels of a lab laid out together.

    Args:
        live: which Tasks wait.
        panels: the panels by name, each made when it is asked for.
        places: which place each of them has in which view.
        workspace: the name over it all.
        remedy: does what a line of the status offers; may return a sentence that is shown.
        jobs: where that runs.
        view: the one that is open first.
        lines: how the lab's parts stand, for the light in the head.

    Raises:
        SettingsError: there is no such view.
    """

    title = "The desk"
    _esm = script("desk")
    _css = style("desk")
    follows_status = True
    topics = frozenset({"tasks"})
    looks = frozenset({"open"})

    @classmethod
    def of_lab(cls, lab: LabParts) -> DeskPanel:
        """The panel of a lab."""
        return cls(
            lab.live,
            panels=lab.panels(),
            places=lab.desk_places(),
            workspace=lab.workspace_name(),
            lines=lab.status_lines(),
            remedy=lab.remedy,
            jobs=lab.jobs,
        )

    def __init__(
        self,
        live: LiveWorkspace,
        *,
        panels: Mapping[str, Panel],
        places: Mapping[str, Mapping[str, int]],
        workspace: str,
        view: str = "work",
        lines: Sequence[StatusLine],
        remedy: Remedy,
        jobs: Jobs,
    ) -> None:
        self._panels = panels
        self._places = places
        self._made: dict[str, Panel] = {}  # those of the views that somebody has opened
        self._workspace = workspace
        self._view = _checked(view)
        self._lines = list(lines)
        self._remedy = remedy
        super().__init__(live, jobs=jobs)
        self._make(view)

    @property
    def panels(self) -> Mapping[str, Panel]:
        """The panels by name."""
        return self._panels

    def called_with(self, view: str | None = None) -> None:
        """Open this view, if one is named.

        Raises:
            SettingsError: there is no such view.
        """
        if view is not None:
            self.show_view(view)

    def show_status(self, lines: Sequence[StatusLine]) -> None:
        """Show these lines' worst light from now on. From any thread."""
        with self._lock:
            self._lines = list(lines)
            self.refresh()

    def show_view(self, view: str) -> None:
        """Open this view on every page that shows the desk.

        Raises:
            SettingsError: there is no such view.
        """
        self._make(_checked(view))
        self._view = view
        self.refresh()

    def _make(self, view: str) -> None:
        """Make the panels of this view, and say so to the pages."""
        made = {name: self._panels[name] for name in self._in_view(view)}
        with self._lock:
            for panel in (made[name] for name in made.keys() - self._made.keys()):
                panel.observe(lambda _change: self._stills.mark(), "state")
            self._made |= made
            self.refresh()

    def _content(self) -> dict[str, Any]:
        return {
            "workspace": self._workspace,
            "view": self._view,
            "views": [self._shown(key, title) for key, title in VIEWS.items()],
            "health": _health(self._lines),
            "waiting": _waiting(self._live.tasks),
            "needs": [dict(line) for line in self._lines if line["light"] in _NEEDS_A_LOOK],
        }

    def _handlers(self) -> Mapping[str, Handler]:
        return {"remedy": self._do_remedy, "open": self._open}

    def _open(self, message: Mapping[str, Any]) -> None:
        """Somebody opens a view whose panels may not be made yet."""
        self._make(_checked(text_of(message, "view")))

    def _do_remedy(self, message: Mapping[str, Any]) -> JobOutcome | str | None:
        return remedied(message, lines=self._lines, remedy=self._remedy)

    def pictured(self) -> Iterable[Section]:
        """The panels of the view that is open, one under the other."""
        health = self.state["health"]
        yield Section(f"{self._workspace}: {health['text']}.", foot=health["detail"])
        for panel in (self._made[name] for name in self._in_view(self._view) if name in self._made):
            yield Section(f"— {panel.title} —")
            yield from panel.pictured()

    def _in_view(self, view: str) -> list[str]:
        here = {name: place[view] for name, place in self._places.items() if view in place}
        return sorted(here, key=lambda name: here[name])

    def _ref(self, name: str) -> str:
        """What a page draws the panel by; empty while it is not made."""
        return f"anywidget:{self._made[name].model_id}" if name in self._made else ""

    def _shown(self, view: str, title: str) -> dict[str, Any]:
        panels = [{"name": name, "ref": self._ref(name)} for name in self._in_view(view)]
        return {"key": view, "title": title, "panels": panels}


def _checked(view: str) -> str:
    if view not in VIEWS:
        raise SettingsError(f"The desk has no view {view!r}. Give one of: {', '.join(VIEWS)}.")
    return view


def _health(lines: Sequence[StatusLine]) -> dict[str, str]:
    """The worst light of all, what it means, and which lines have it."""
    lights = {line["light"] for line in lines}
    worst = next((light for light in _WORST_FIRST if light in lights), "grey")
    which = [f"{line['label']}: {line['detail'] or line['value']}" for line in lines if line["light"] == worst]
    return {"light": worst, "text": _WORDS[worst], "detail": "" if worst == "green" else " ".join(which)}


def _waiting(tasks: Sequence[TaskView]) -> dict[str, Any]:
    """How many Tasks wait, as TaskRouter counts them: pending or reserved; and the one that came first.

    docs: /docs/taskrouter/api/taskqueue-statistics, `longest_task_waiting_age`.
    """
    pending = [task for task in tasks if task.status == TaskStatus.PENDING]
    reserved = [task for task in tasks if task.status == TaskStatus.RESERVED]
    dated = ((task.created_at, task.sid) for task in (*pending, *reserved) if task.created_at)
    since, oldest = min(dated, default=(None, ""))
    return {"pending": len(pending), "reserved": len(reserved), "oldest": oldest, "since": milliseconds(since)}


PANEL = DeskPanel
