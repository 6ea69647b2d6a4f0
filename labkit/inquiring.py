"""What a lab can be asked: why a Task is where it is, what in the Workspace is not meant, what of a lesson is done."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime
from typing import TYPE_CHECKING, Any

from labkit.stream import EventStream

if TYPE_CHECKING:
    from labkit.callbacks import CallbackServer
    from labkit.course import Report
    from labkit.explain import Asker, Explanation, LintReport


class Inquiring(ABC):
    """The part of a lab that answers questions about what TaskRouter did."""

    callbacks: CallbackServer
    stream: EventStream
    started_at: datetime
    _quiet: Any
    _own_desk: Any

    @property
    @abstractmethod
    def mode(self) -> str:
        """`sandbox` or `twilio`."""

    @property
    @abstractmethod
    def workspace_sid(self) -> str:
        """The Workspace."""

    @property
    @abstractmethod
    def workflow_sid(self) -> str:
        """The Workflow of the quickstart."""

    def explain(self, task: object = None) -> Explanation:
        """Why a Task is where it is: why this Worker, why not the others, why still waiting, what would have to change.

        Args:
            task: its SID, or what `create_task` returned; by default the newest Task of the Workspace.

        Returns:
            A tree that a notebook shows and `print` writes as text; its `headline` is the answer in one sentence.

        Raises:
            TaskRouterError: there is no such Task, or TaskRouter refused, or did not answer.
        """
        return self._asker().explain(task)

    def lint(self) -> LintReport:
        """What in the Workspace is legal and probably not meant, such as HAS on a string; each with its fix.

        Raises:
            TaskRouterError: TaskRouter refused, or did not answer.
        """
        return self._asker().lint()

    def _asker(self) -> Asker:
        from labkit.explain import Asker

        return Asker(self._quiet, self.workspace_sid, sandbox=self.mode == "sandbox")

    def check(self, lesson: str | None = None) -> Report:
        """What of a lesson is done, by TaskRouter's own log, and what is missing.

        Args:
            lesson: a notebook's name, such as `"00_start_here"`; by default the one that this kernel belongs to.

        Raises:
            SettingsError: there is no such lesson.
            TaskRouterError: TaskRouter refused, or did not answer.
        """
        from labkit.course import check, observe

        record = observe(
            desk=self._own_desk,
            workflow_sid=self.workflow_sid,
            callbacks=self.callbacks,
            stream=self.stream,
            since=self.started_at,
        )
        return check(lesson, record)
