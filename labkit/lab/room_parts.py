"""RoomParts: what a lab in a room has in place of callbacks and of looking: the room tells it what happens."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TypeVar

from labkit.errors import LabError
from labkit.lab.callback_routing import CallbackRouting
from labkit.lab.room_connection import RoomConnection
from labkit.lab.room_status import LISTEN_AGAIN, room_status_lines
from labkit.lab.room_tokens import RoomTokens
from labkit.lab.running_parts import RunningParts
from labkit.lab.status import stopped_line
from labkit.lab.workspace_watch import WorkspaceWatch
from labkit.remote_clock import RemoteClock
from labkit.room.pushed_events import PushedEvents
from labkit.settings import Settings
from labkit.stream import EventStream
from labkit.widgets.status.lines import StatusLine

log = logging.getLogger(__name__)

T = TypeVar("T")

OPEN_SECONDS = 5.0
"""How long the start waits for the line, so that nothing happens between what is read and what is told."""
CALLBACKS_ARE_THE_ROOMS = (
    "In a room TaskRouter calls the room, which tells every lab what happens; nobody's notebook takes its callbacks. "
    "In a lab of your own, labkit.start(), they are yours."
)


class RoomRouting(CallbackRouting):
    """The callback server of a lab in a room, which serves the agent page alone: TaskRouter calls the room.

    Args:
        connection, stream, settings, clock: as for `CallbackRouting`.
        changed: told when the line to the room was opened or lost, and when somebody has said something to all.
        began_anew: told when the room's Workspace is another one.
        catch_up: finds out what happened while the line was lost.

    Attributes:
        pushed: the line over which the room tells what happens.
    """

    def __init__(
        self,
        connection: RoomConnection,
        *,
        stream: EventStream,
        settings: Settings,
        clock: RemoteClock,
        changed: Callable[[], object],
        began_anew: Callable[[], object],
        catch_up: Callable[[], object],
    ) -> None:
        super().__init__(connection, stream=stream, settings=settings, clock=clock)
        self.elsewhere = True
        self.pushed = PushedEvents(stream, connection.room, catch_up=catch_up, changed=changed, began_anew=began_anew)

    def open(self) -> None:
        """Listen for the agent page, and to the room; a room that does not tell yet is no reason not to begin.

        Raises:
            LabError: there is no port.
        """
        self.server.start()
        self.pushed.start()
        self.pushed.wait_for_answer(OPEN_SECONDS)

    def start_polling(self) -> None:
        """Nothing: the room tells."""

    def urls(self) -> tuple[str, str]:
        """Nobody's in particular, and nobody is asked."""
        return "", ""

    def require_auth_token(self) -> None:
        """Refuse what needs callbacks to come here. Raises LabError."""
        raise LabError(CALLBACKS_ARE_THE_ROOMS)

    def ask_again(self) -> None:
        """Refused, as `take`."""
        raise LabError(CALLBACKS_ARE_THE_ROOMS)

    def take_or_leave(self) -> None:
        """Leave them: they are the room's."""

    def give_up(self) -> None:
        """Nothing: they never came here."""

    def close(self) -> None:
        """Listen no more. May be called twice."""
        self.pushed.stop()
        super().close()


class RoomWatch(WorkspaceWatch):
    """Follows what the room tells; it asks nobody by itself.

    Args:
        connection, routing, controls, live, show_status, tell: as for `WorkspaceWatch`.
    """

    _connection: RoomConnection

    def start(self) -> None:
        """Nothing: the room tells."""

    def look(self) -> None:
        """Learn the time of the room's sandbox. Never raises."""
        try:
            if self._controls.sandbox:
                self._controls.look()
        except LabError as error:  # the status says it
            log.debug("the room did not answer: %s", error)

    def follow(self) -> tuple[str, ...]:
        """Join again, and show the room's Workspace as it is now.

        Raises:
            LabError: the room refused, or did not answer.
        """
        with self._lock:
            self._connection.join_again()
            self.look()
            self._live.reset()
        self._show_status()
        return ()

    def exchange(self, exchange: Callable[[], T]) -> T:
        """Put another state into the room's sandbox, which the instructor may, and follow. Raises what it raises."""
        done = exchange()
        self.follow()
        return done

    def put_back(self) -> str:
        """Join again, and see how things stand: what a second `labkit.start()` does. Raises as `follow`."""
        self.follow()
        return ""

    def began_anew(self) -> None:
        """The room says that its Workspace is another one. Raises as `follow`."""
        self.follow()
        self._tell("The instructor has set the room back; the panels show what is now.")


class RoomParts(RunningParts):
    """The parts of a lab in a room. Arguments as for `RunningParts`."""

    _connection: RoomConnection
    routing: RoomRouting
    watch: RoomWatch

    def _new_routing(self, stream: EventStream, settings: Settings) -> RoomRouting:
        return RoomRouting(
            self._connection,
            stream=stream,
            settings=settings,
            clock=self._controls.time,
            changed=self._show_status,
            began_anew=self._began_anew,
            catch_up=self._catch_up,
        )

    def _began_anew(self) -> None:
        self.watch.began_anew()

    def _catch_up(self) -> None:
        """The log has one's own Events; of other Workers the list says how they are now."""
        self.routing.catch_up()
        self.live.reconcile()

    def status_lines(self, *, stopped: bool) -> list[StatusLine]:
        """How the parts stand, as the lines of the status panel; asks nobody."""
        return [stopped_line()] if stopped else room_status_lines(self._connection, self.routing.pushed)

    @property
    def remedies(self) -> Mapping[str, Callable[[], object]]:
        """Where the room does not tell what happens: to ask it at once."""
        return {LISTEN_AGAIN: self.routing.pushed.ask_again}

    def _new_tokens(self, settings: Settings) -> RoomTokens:
        return RoomTokens(self._connection, self._controls, settings=settings)

    def _new_watch(self, tell: Callable[[str], None]) -> RoomWatch:
        return RoomWatch(
            self._connection, self.routing, self._controls, live=self.live, show_status=self._show_status, tell=tell
        )
