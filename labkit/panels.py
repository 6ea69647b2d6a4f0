"""The panels that a lab can show: one of each kind, made when it is first asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from labkit.errors import LabError

if TYPE_CHECKING:
    from labkit.stream import EventStream
    from labkit.taskrouter.desk import Desk
    from labkit.widgets import Composer, Inbox, Jobs, LiveState, StatusLine, StatusPanel, Story, Traffic, WorkerBoard

P = TypeVar("P")


class Panels(ABC):
    """What a lab shows. The lab itself says what the panels draw and what their clicks do."""

    live: LiveState
    taskrouter: Desk
    stream: EventStream
    _jobs: Jobs

    @property
    @abstractmethod
    def stopped(self) -> bool:
        """Whether the lab was stopped: then there is nothing to show."""

    @abstractmethod
    def _standing(self) -> list[StatusLine]:
        """How the lab's parts stand."""

    @abstractmethod
    def _remedy(self, action: str) -> str:
        """Do what a line of the status offers; a sentence about it, or nothing."""

    @cached_property
    def _panels(self) -> dict[str, Any]:
        return {}

    def status(self) -> StatusPanel:
        """What runs, what does not, and what to do about it."""
        from labkit.widgets import StatusPanel

        return self._panel("status", lambda: StatusPanel(self._standing(), on_action=self._remedy, jobs=self._jobs))

    def composer(self) -> Composer:
        """A form that creates Tasks."""
        from labkit.widgets import Composer

        return self._panel("composer", lambda: Composer(self.live, desk=self.taskrouter, jobs=self._jobs))

    def inbox(self) -> Inbox:
        """Reservations as they come, to accept or reject."""
        from labkit.widgets import Inbox

        return self._panel("inbox", lambda: Inbox(self.live, desk=self.taskrouter, jobs=self._jobs))

    def workers(self) -> WorkerBoard:
        """The Workers, each with a switch for the Activity."""
        from labkit.widgets import WorkerBoard

        return self._panel("workers", lambda: WorkerBoard(self.live, desk=self.taskrouter, jobs=self._jobs))

    def story(self) -> Story:
        """What happens, as sentences."""
        from labkit.widgets import Story

        return self._panel("story", lambda: Story(self.live))

    def traffic(self) -> Traffic:
        """Every callback with its answer, and every REST call."""
        from labkit.widgets import Traffic

        return self._panel("traffic", lambda: Traffic(self.stream))

    def _panel(self, name: str, make: Callable[[], P]) -> P:
        """One panel of each kind: shown twice, it is the same one in two places.

        Raises:
            LabError: the lab is stopped.
        """
        if self.stopped:
            raise LabError("This lab is stopped. Run labkit.start() again.")
        if name not in self._panels:
            self._panels[name] = make()
        panel: P = self._panels[name]
        return panel

    def _show_standing(self) -> None:
        """Draw the status anew, if anybody looks at it."""
        panel: StatusPanel | None = self._panels.get("status")
        if panel is not None:
            panel.show(self._standing())
