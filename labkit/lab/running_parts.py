"""RunningParts: what a lab has once its Workspace is set up: who is called, how it stands, and who keeps watch."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Mapping

from labkit.background import Jobs
from labkit.lab.callback_routing import CallbackRouting
from labkit.lab.connection import Connection
from labkit.lab.controls import SandboxControls
from labkit.lab.status import status_lines
from labkit.lab.tunnel_watch import TunnelWatch
from labkit.lab.worker_tokens import WorkerTokens
from labkit.lab.workspace_watch import WorkspaceWatch
from labkit.live.history import History
from labkit.live.workspace import LiveWorkspace
from labkit.settings import Settings
from labkit.stream import EventStream
from labkit.widgets.status.lines import StatusLine


class RunningParts:
    """Everything that needs the Workspace. Nothing runs before `start`.

    Args:
        connection: the line to TaskRouter, whose Workspace is furnished.
        controls: the sandbox, if there is one.
        settings: what was asked for.
        stream: where everything that happens is published.
        jobs: where clicks run.
        show_status: draws the status anew, if anybody looks at it; whether so.
        tell: says something to whoever works with the lab.

    Attributes:
        routing: the callback server, the tunnel to it, and who is called.
        tokens: what a Worker signs in with.
        live: how Workers, Tasks and Reservations stand now.
        watch: sees to it that this is the Workspace as it is.
        tunnel_watch: sees to it that a tunnel's end is seen, and another address followed.
        history: what happened to Tasks and Workers; made when it is first asked for.
    """

    def __init__(
        self,
        connection: Connection,
        controls: SandboxControls,
        *,
        settings: Settings,
        stream: EventStream,
        jobs: Jobs,
        show_status: Callable[[], bool],
        tell: Callable[[str], None],
    ) -> None:
        self._ending = contextlib.ExitStack()
        self._connection, self._controls, self._show_status = connection, controls, show_status
        self.routing = self._new_routing(stream, settings)
        self.tokens = self._new_tokens(settings)
        self.live = LiveWorkspace(stream, connection.quiet_workspace, clock=controls.time)
        self.history = functools.cache(
            lambda: History(stream, client=connection.quiet_workspace, jobs=jobs, live=self.live)
        )
        self.watch = self._new_watch(tell)
        self.tunnel_watch = TunnelWatch(self.routing, show_status=show_status, tell=tell)

    def _new_routing(self, stream: EventStream, settings: Settings) -> CallbackRouting:
        return CallbackRouting(self._connection, stream=stream, settings=settings, clock=self._controls.time)

    def _new_tokens(self, settings: Settings) -> WorkerTokens:
        return WorkerTokens(self._connection, self._controls, settings=settings)

    def _new_watch(self, tell: Callable[[str], None]) -> WorkspaceWatch:
        return WorkspaceWatch(
            self._connection, self.routing, self._controls, live=self.live, show_status=self._show_status, tell=tell
        )

    def status_lines(self, *, stopped: bool) -> list[StatusLine]:
        """How the parts stand, as the lines of the status panel; asks TaskRouter once."""
        return status_lines(self._connection, self.routing, self._controls, stopped=stopped)

    @property
    def remedies(self) -> Mapping[str, Callable[[], object]]:
        """What a line of the status offers besides what every lab's does, by its action."""
        return {}

    def start(self, *, stop_jobs: Callable[[], None]) -> None:
        """Listen, have TaskRouter call this notebook, and begin to look.

        Args:
            stop_jobs: waits for the clicks that run; called at the end, before the callbacks are given up, so that
                none of these takes them again.

        Raises:
            LabError: there is no port, or no tunnel; or TaskRouter refused, or did not answer. Nothing is left running.
        """
        with contextlib.ExitStack() as undo:
            undo.callback(self.routing.close)
            self.routing.open()
            undo.callback(self.live.stop)
            self.watch.look()
            self.live.start()
            self.routing.start_polling()
            self.watch.start()
            self.tunnel_watch.start()
            undo.pop_all()
        # The last is done first.
        for end in (self.routing.close, stop_jobs, self.live.stop, self.watch.stop, self.tunnel_watch.stop):
            self._ending.callback(end)

    def close(self) -> None:
        """Stop it all. May be called twice, and before `start`."""
        self._ending.close()
