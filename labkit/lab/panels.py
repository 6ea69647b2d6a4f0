"""The panels that a lab can show: one of each kind, made when it is first asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from labkit.errors import LabError

if TYPE_CHECKING:
    from labkit.background import Jobs
    from labkit.explain import Explanation
    from labkit.lab.connection import Connection
    from labkit.live.history import History
    from labkit.live.workspace import LiveWorkspace
    from labkit.sandbox_client.clock import Clock
    from labkit.sandbox_client.deliveries import Deliveries
    from labkit.sandbox_client.faults import Faults
    from labkit.stream import EventStream
    from labkit.taskrouter.workspace_client import WorkspaceClient
    from labkit.widgets import (
        Composer,
        DeskPanel,
        ExplanationPanel,
        Inbox,
        Queues,
        StatusLine,
        StatusPanel,
        StoryPanel,
        TimeAndFaults,
        Timeline,
        Traffic,
        WorkerBoard,
    )

P = TypeVar("P")

STATISTICS_EVERY_SECONDS = {"sandbox": 5.0, "twilio": 30.0}
"""How soon the queues' statistics may be read again, while somebody looks; a real account counts requests."""


class PanelSet(ABC):
    """What a lab shows. The lab itself says what the panels draw and what their clicks do."""

    live: LiveWorkspace
    stream: EventStream
    _connection: Connection
    _jobs: Jobs

    @property
    @abstractmethod
    def taskrouter(self) -> WorkspaceClient:
        """What clicks do."""

    @property
    @abstractmethod
    def stopped(self) -> bool:
        """Whether the lab was stopped: then there is nothing to show."""

    @property
    @abstractmethod
    def mode(self) -> str:
        """`sandbox` or `twilio`."""

    @property
    @abstractmethod
    def deliveries(self) -> Deliveries:
        """The callbacks that a sandbox has sent."""

    @property
    @abstractmethod
    def taskrouter_url(self) -> str:
        """Where TaskRouter is."""

    @property
    @abstractmethod
    def workspace_sid(self) -> str:
        """The Workspace that is shown."""

    @property
    @abstractmethod
    def workspace_name(self) -> str:
        """The Workspace's friendly name."""

    @abstractmethod
    def explain(self, task: object = None) -> Explanation:
        """Why a Task is where it is."""

    @property
    @abstractmethod
    def clock(self) -> Clock:
        """The sandbox's clock."""

    @property
    @abstractmethod
    def faults(self) -> Faults:
        """The sandbox's faults."""

    @abstractmethod
    def _status_lines(self) -> list[StatusLine]:
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

        return self._panel("status", lambda: StatusPanel(self._status_lines(), on_action=self._remedy, jobs=self._jobs))

    def composer(self) -> Composer:
        """A form that creates Tasks."""
        from labkit.widgets import Composer
        from labkit.widgets.composer.task_form import WorkspaceAddress

        return self._panel(
            "composer",
            lambda: Composer(
                self.live,
                client=self.taskrouter,
                jobs=self._jobs,
                place=lambda: WorkspaceAddress(self.taskrouter_url, self.workspace_sid),
            ),
        )

    def inbox(self) -> Inbox:
        """Reservations as they come, to accept or reject."""
        from labkit.widgets import Inbox

        return self._panel("inbox", lambda: Inbox(self.live, client=self.taskrouter, jobs=self._jobs))

    def workers(self) -> WorkerBoard:
        """The Workers, each with a switch for the Activity."""
        from labkit.widgets import WorkerBoard

        return self._panel("workers", lambda: WorkerBoard(self.live, client=self.taskrouter, jobs=self._jobs))

    def story(self) -> StoryPanel:
        """What happens, as sentences."""
        from labkit.widgets import StoryPanel

        return self._panel("story", lambda: StoryPanel(self.live))

    def traffic(self) -> Traffic:
        """Every callback with its answer, and every REST call."""
        from labkit.widgets import Traffic

        deliveries = self.deliveries if self.mode == "sandbox" else None
        return self._panel(
            "traffic",
            lambda: Traffic(self.stream, jobs=self._jobs, base_url=self.taskrouter_url, deliveries=deliveries),
        )

    def timeline(self) -> Timeline:
        """A lane for each Task, or for each Worker: its states over time, with callbacks and timeouts."""
        from labkit.widgets import Timeline

        return self._panel("timeline", lambda: Timeline(self.live, history=self._history))

    def queues(self) -> Queues:
        """What waits in each TaskQueue, who could take it, and how soon it was taken, with plots."""
        from labkit.widgets import Queues

        gap = STATISTICS_EVERY_SECONDS[self.mode]
        return self._panel(
            "queues",
            lambda: Queues(
                self.live,
                history=self._history,
                client=self._connection.quiet_workspace,
                jobs=self._jobs,
                gap_seconds=gap,
            ),
        )

    @cached_property
    def _history(self) -> History:
        from labkit.live.history import History

        return History(self.stream, client=self._connection.quiet_workspace, jobs=self._jobs, live=self.live)

    def _reset_history(self) -> None:
        """The Workspace is another one now; what was drawn of the old one is not its past."""
        if "_history" in self.__dict__:
            self._history.reset()

    def time_and_faults(self) -> TimeAndFaults:
        """The sandbox's time, to be moved and held, and what shall go wrong on purpose."""
        from labkit.widgets import TimeAndFaults

        return self._panel(
            "time_and_faults",
            lambda: TimeAndFaults(self.live, clock=self.clock, faults=self.faults, jobs=self._jobs),
        )

    def explanation(self, task: object = None) -> ExplanationPanel:
        """Why a Task is where it is, as a tree that folds; the same that every "Why?" opens.

        Args:
            task: its SID, or what `create_task` returned; by default the newest Task.
        """
        from labkit.widgets import ExplanationPanel

        panel = self._panel(
            "explanation", lambda: ExplanationPanel(self.live, explainer=self._explained, jobs=self._jobs)
        )
        panel.show(None if task is None else str(getattr(task, "sid", task)))
        return panel

    def desk(self, view: str | None = None) -> DeskPanel:
        """Every panel in one view: to work with, for the wall, and to look inside.

        Args:
            view: which is open first: `"work"` (the default), `"watch"` or `"inside"`.

        Raises:
            SettingsError: there is no such view.
        """
        from labkit.widgets import DeskPanel
        from labkit.widgets.desk.panel import PANELS

        shown = {name: getattr(self, name)() for name in PANELS}
        panel = self._panel(
            "desk",
            lambda: DeskPanel(shown, workspace=self.workspace_name, view=view or "work", lines=self._status_lines()),
        )
        if view is not None:
            panel.show_view(view)
        return panel

    def _explained(self, task: str | None) -> Mapping[str, Any]:
        return self.explain(task).as_data()

    def _panel(self, name: str, make: Callable[[], P]) -> P:
        """One panel of each kind: shown twice, it is the same one in two places.

        Raises:
            LabError: the lab is stopped.
        """
        if self.stopped:
            raise LabError("This lab is stopped. Run labkit.start() again.")
        if name not in self._panels:
            made = self._panels[name] = make()
            if hasattr(made, "explain_with"):
                made.explain_with(self._explained, jobs=self._jobs)
        panel: P = self._panels[name]
        return panel

    def _show_status(self) -> bool:
        """Draw the status anew, if anybody looks at it; whether there was anything to draw."""
        shown = [self._panels[name] for name in ("status", "desk") if name in self._panels]
        if shown:
            lines = self._status_lines()
            for panel in shown:
                panel.show(lines)
        return bool(shown)
