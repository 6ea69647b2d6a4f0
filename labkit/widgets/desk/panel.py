"""DeskPanel: every panel in one view, for work, for the wall, and for looking inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labkit.errors import SettingsError
from labkit.widgets.base import Panel, script, style
from labkit.widgets.status.panel import StatusLine

_WORST_FIRST = ("red", "amber", "grey", "green")
_WORDS = {"red": "Something does not work", "amber": "Needs a look", "grey": "Stopped", "green": "All works"}


@dataclass(frozen=True, slots=True)
class Arrangement:
    """One of the desk's views: its title and the panels in it, by name, in the order in which they are read."""

    title: str
    panels: tuple[str, ...]


ARRANGEMENTS: dict[str, Arrangement] = {
    "work": Arrangement("Work", ("composer", "inbox", "workers", "story")),
    "watch": Arrangement("Watch", ("queues", "workers", "timeline")),
    "inside": Arrangement("Look inside", ("traffic", "explanation", "time_and_faults", "status")),
}
"""What each view shows; a panel may be in two of them."""

PANELS: tuple[str, ...] = tuple(dict.fromkeys(name for each in ARRANGEMENTS.values() for name in each.panels))
"""Every panel of the desk, by the name of the lab's method that gives it."""


class DeskPanel(Panel):
    """The panels of a lab laid out together.

    Args:
        panels: the panels by name, as in `ARRANGEMENTS`; one that is missing is left out.
        workspace: the name over it all.
        view: the one that is open first.
        lines: how the lab's parts stand, for the light in the head.

    Raises:
        SettingsError: there is no such view.
    """

    _esm = script("desk")
    _css = style("desk")

    def __init__(
        self, panels: Mapping[str, Panel], *, workspace: str, view: str = "work", lines: Sequence[StatusLine]
    ) -> None:
        self._panels = dict(panels)
        self._workspace = workspace
        self._view = _checked(view)
        self._lines = list(lines)
        super().__init__()

    def show(self, lines: Sequence[StatusLine]) -> None:
        """Show these lines' worst light from now on. From any thread."""
        with self._lock:
            self._lines = list(lines)
            self.refresh()

    def show_view(self, view: str) -> None:
        """Open this view on every page that shows the desk.

        Raises:
            SettingsError: there is no such view.
        """
        with self._lock:
            self._view = _checked(view)
            self.refresh()

    def _content(self) -> dict[str, Any]:
        return {
            "workspace": self._workspace,
            "view": self._view,
            "views": [self._shown(key, each) for key, each in ARRANGEMENTS.items()],
            "health": _health(self._lines),
        }

    def _shown(self, key: str, arrangement: Arrangement) -> dict[str, Any]:
        names = [name for name in arrangement.panels if name in self._panels]
        panels = [{"name": name, "ref": f"anywidget:{self._panels[name].model_id}"} for name in names]
        return {"key": key, "title": arrangement.title, "panels": panels}


def _checked(view: str) -> str:
    if view not in ARRANGEMENTS:
        raise SettingsError(f"The desk has no view {view!r}. Give one of: {', '.join(ARRANGEMENTS)}.")
    return view


def _health(lines: Sequence[StatusLine]) -> dict[str, str]:
    """The worst light of all, what it means, and which lines have it."""
    lights = {line["light"] for line in lines}
    worst = next((light for light in _WORST_FIRST if light in lights), "grey")
    which = [f"{line['label']}: {line['detail'] or line['value']}" for line in lines if line["light"] == worst]
    return {"light": worst, "text": _WORDS[worst], "detail": "" if worst == "green" else " ".join(which)}
