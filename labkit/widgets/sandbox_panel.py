"""SandboxPanel: what a panel is that shows something of the sandbox itself, which others may change as well."""

from __future__ import annotations

from typing import Any, ClassVar

from labkit.background import Jobs
from labkit.errors import LabError
from labkit.live.throttle import Throttle
from labkit.live.workspace import CLOCK, LiveWorkspace
from labkit.widgets.base import LivePanel


class SandboxPanel(LivePanel):
    """A live panel that asks the sandbox how something stands: at first, and when something has happened in the
    Workspace. A real account is not asked.

    Subclasses ask in `_read`, keep what they were told under the lock, and draw it with `_draw_reading`; their action
    `look` is `_look`, because a page asks now and then, too.

    Args:
        live: what is known; when it changes, what is shown may have changed, too.
        jobs: where clicks run.
    """

    topics = frozenset({"reservations", "tasks", "workers", "story"})
    look_gap_seconds: ClassVar[float]
    """Between two looks."""

    def __init__(self, live: LiveWorkspace, *, jobs: Jobs) -> None:
        self._trouble = ""
        self._pace = Throttle(lambda _topics: self._look(), gap=self.look_gap_seconds)
        super().__init__(live, jobs=jobs)
        self._endings.append(self._pace.close)
        self._look_soon()

    @property
    def _available(self) -> bool:
        """Whether there is a sandbox."""
        raise NotImplementedError

    def _read(self) -> None:
        """Ask the sandbox how it stands, and draw that. Raises LabError."""
        raise NotImplementedError

    def _on_change(self, topic: str) -> None:
        if topic == CLOCK:
            self.refresh()
        if topic in (CLOCK, *self.topics):
            self._look_soon()

    def _look_soon(self) -> None:
        if self._available:
            self._pace.mark("look")

    def _look(self) -> None:
        try:
            self._read()
        except LabError as error:
            self._draw_reading(trouble=str(error))

    def _draw_reading(self, *, trouble: str = "") -> None:
        """Draw what was read last; what went wrong is over, unless there is `trouble` again."""
        with self._lock:
            self._trouble = trouble
            self.refresh_if_changed()

    def _content(self) -> dict[str, Any]:
        return {"available": self._available, "trouble": self._trouble}
