"""WorkspaceWatch: sees to it that a lab shows the Workspace as it is, whoever has changed what it is.

Another notebook or a terminal may reset the sandbox, restore a snapshot, delete the Workspace or make it again; the
sandbox itself may be killed and come back. A sandbox is asked every second, in one request, which state it has and
which Workspaces; an account is asked for its callback URLs now and then, and a 404 says that the Workspace is gone.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import TypeVar

from labkit.background import Periodic
from labkit.errors import LabError, TaskRouterError
from labkit.lab.callback_routing import CallbackRouting
from labkit.lab.connection import Connection
from labkit.lab.controls import SandboxControls
from labkit.live.workspace import LiveWorkspace

log = logging.getLogger(__name__)

T = TypeVar("T")

LOOK_EVERY_SECONDS = {"sandbox": 1.0, "twilio": 30.0}
STATUS_EVERY_LOOKS = {"sandbox": 3, "twilio": 1}
"""After how many looks the lab asks whom TaskRouter calls; a real account counts requests."""


class WorkspaceWatch:
    """Looks, and follows.

    Args:
        connection: which Workspace it is.
        routing: whom it calls.
        controls: the sandbox, if there is one.
        live: what is shown of it.
        show_status: draws the status anew, if anybody looks at it, which asks whom TaskRouter calls; says whether so.
        tell: says something to whoever works with the lab.
    """

    def __init__(
        self,
        connection: Connection,
        routing: CallbackRouting,
        controls: SandboxControls,
        *,
        live: LiveWorkspace,
        show_status: Callable[[], bool],
        tell: Callable[[str], None],
    ) -> None:
        self._connection, self._routing, self._controls, self._live = connection, routing, controls, live
        self._show_status, self._tell = show_status, tell
        self._lock = threading.RLock()
        self._generation: str | None = None
        self._away = self._gone = False
        self._looks = 0
        self._periodic = Periodic(self.look, name="labkit-watch", every=lambda: LOOK_EVERY_SECONDS[connection.mode])

    def start(self) -> None:
        """Begin to look, in a thread."""
        self._periodic.start()

    def stop(self) -> None:
        """Look no more. May be called twice, and before `start`."""
        self._periodic.stop()

    def look(self) -> None:
        """Look once: follow what has changed, and now and then draw the status. Never raises."""
        self._looks += 1
        try:
            if self._controls.sandbox:
                self._look_at_sandbox()
            if self._looks % STATUS_EVERY_LOOKS[self._connection.mode] == 0:
                self._look_at_callbacks()
        except LabError as error:  # the status says it, where one is shown
            log.debug("TaskRouter did not answer: %s", error)
        except Exception:
            log.exception("the lab could not be looked at")

    def follow(self) -> tuple[str, ...]:
        """Work in the Workspace of this name as it is now, furnished, and show it.

        Returns:
            What was missing and is there again, such as "the Worker Alice".

        Raises:
            LabError: TaskRouter refused, or did not answer.
        """
        with self._lock:
            had = not self._routing.elsewhere
            made = self._connection.furnish()
            self._gone = False
            self._routing.follow(had=had)
            self._live.reset()
        self._show_status()
        return made

    def exchange(self, exchange: Callable[[], T]) -> T:
        """Put another state into the sandbox by `exchange`, and follow; what that gives. Raises what it raises."""
        with self._lock:
            done = exchange()
            self.follow()
            self._generation = self._controls.look().generation
        return done

    def put_back(self) -> str:
        """Have all that belongs into the Workspace there again, and the callbacks come here; a sentence of what it was.

        The quickstart's Workspace in a real account is only looked at: the status says what is missing, and offers to
        put it back.

        Raises:
            LabError: TaskRouter refused, or did not answer.
        """
        with self._lock:
            if not self._controls.sandbox and not self._connection.has_own_workspace:
                self._connection.look_for_missing()
                self._routing.take_or_leave()
                return ""
            before = self._connection.workspace_sid
            made = self._connection.furnish(put_right=True)
            self._routing.take_or_leave()
            if self._connection.workspace_sid != before:
                self._live.reset()
            elif made:
                self._live.reconcile()
        return self._connection.furnished.said

    def _look_at_sandbox(self) -> None:
        with self._lock:
            failing = self._controls.failing_callbacks
            try:
                pulse = self._controls.look()
            except LabError:
                self._away = True
                raise
            self._connection.saw_workspaces(pulse.workspaces.values())
            news = self._tell_of_callbacks(failing, pulse.failing_callbacks)
            if self._connection.hear(pulse.notices) or self._routing.take_when_there_is_room() or news:
                self._show_status()
            name = self._connection.workspace_name.casefold()
            here = next((sid for sid, given in pulse.workspaces.items() if given.casefold() == name), None)
            before, self._generation = self._generation, pulse.generation
            if before not in (None, pulse.generation):
                self._follow_others("Somebody reset the sandbox or restored a snapshot; the panels show what is now.")
            elif here != self._connection.workspace_sid:
                self._follow_workspace(here)
            elif self._away:
                self._live.reconcile()
            if self._away:
                self._routing.catch_up()
            self._away = False

    def _tell_of_callbacks(self, before: Mapping[str, str], now: Mapping[str, str]) -> bool:
        """Say when the callbacks of a Workflow begin to fail, and when they do no longer; whether anything was said."""
        for sid in now.keys() - before.keys():
            self._tell(now[sid])
        if before.keys() - now.keys():
            self._tell("Assignment callbacks do not fail any more.")
        return now.keys() != before.keys()

    def _look_at_callbacks(self) -> None:
        if not self._controls.sandbox:
            self._look_at_account()
            self._show_status()
        elif not self._show_status():
            self._routing.urls()

    def _look_at_account(self) -> None:
        try:
            self._routing.urls()
        except TaskRouterError as error:
            if error.status != 404:
                raise
            found = self._connection.find_workspace()
            if found != self._connection.workspace_sid:
                self._follow_workspace(found)

    def _follow_workspace(self, found: str | None) -> None:
        if found is not None:
            self._follow_others("The Workspace was made again; the panels show the new one.")
        elif not self._gone:
            self._gone = True
            self._live.forget("There is no Workspace of this lab's name any more; the status offers to make it again.")
            self._show_status()

    def _follow_others(self, text: str) -> None:
        try:
            self.follow()
        except LabError:
            self._generation = ""  # so that the next look tries again
            raise
        self._tell(text)
