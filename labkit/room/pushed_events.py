"""PushedEvents: hears of what happens in the room over one request that the room keeps open.

Nothing has to reach this computer, and nothing polls. What is lost on the way is not lost: each new request says which
Event was the last, and the room sends first what came after it; where that is too long ago, TaskRouter's log is read.
"""

from __future__ import annotations

import logging
import random
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from labkit.callback_events import EventCallback
from labkit.errors import LabError, RoomError
from labkit.room.client import RoomClient, RoomStream
from labkit.stream import EventStream, Kind

log = logging.getLogger(__name__)

WAITS_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Before each further attempt while the room does not answer; the last again and again."""
REFUSED_SECONDS = 300.0
"""Before the next attempt where the room has said no: who may not listen asks seldom."""
MESSAGES = 50
"""Of the instructor's, the latest that are kept."""
MOST_MESSAGE = 2_000
"""Characters of one that are shown."""

_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.FOUND)


@dataclass(frozen=True, slots=True)
class RoomMessage:
    """What somebody has said to all in the room; a text from outside.

    Attributes:
        sender: who, by their name at the hub.
        text: what.
        at: when, aware and in UTC; None where the room does not say.
    """

    sender: str
    text: str
    at: datetime | None


class PushedEvents:
    """Publishes the room's Events as `Kind.EVENT`, in the room's order and each once, and keeps its messages.

    Args:
        stream: where they are published.
        room: whom to listen to.
        catch_up: reads TaskRouter's log, where the room cannot say what came after the last Event; may raise LabError.
        began_anew: told when the room's Workspace is another one, or is as it was at another time.
        changed: told when the line was opened or lost, and when somebody has said something.
        wait: waits so many seconds, or until this one is stopped; whether it was.
    """

    def __init__(
        self,
        stream: EventStream,
        room: RoomClient,
        *,
        catch_up: Callable[[], object],
        began_anew: Callable[[], object],
        changed: Callable[[], object],
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        self._stream, self._room = stream, room
        self._since = ""  # SID of the Event up to which all is known
        self._catch_up, self._began_anew, self._changed = catch_up, began_anew, changed
        self._stopping, self._lock = threading.Event(), threading.Lock()
        self._again, self._answered = threading.Event(), threading.Event()
        self._wait = wait or self._wait_for_again
        self._lines: RoomStream | None = None
        self._messages: deque[RoomMessage] = deque(maxlen=MESSAGES)
        self._trouble = "The lab has not begun to listen to the room."
        self._failures = 0
        self._refused = False
        self._thread = threading.Thread(target=self._run, name="labkit-room", daemon=True)

    @property
    def is_open(self) -> bool:
        """Whether the room tells what happens at this moment."""
        return not self._trouble

    @property
    def is_refused(self) -> bool:
        """Whether the room has said no; then it is asked again only every five minutes, or by `ask_again`."""
        return self._refused

    @property
    def trouble(self) -> str:
        """Why it does not, in a sentence; empty where it does."""
        return self._trouble

    @property
    def messages(self) -> list[RoomMessage]:
        """What was said to all, the newest last."""
        return list(self._messages)

    def start(self) -> None:
        """Begin to listen, in a thread."""
        self._thread.start()

    def wait_for_answer(self, seconds: float) -> None:
        """Wait until the room has let this one listen for the first time, or has not; at most so long."""
        self._answered.wait(seconds)

    def stop(self) -> None:
        """Listen no more. May be called twice, and before `start`; waits for the thread's end, ten seconds at most."""
        self._stopping.set()
        self._again.set()
        with self._lock:
            if self._lines is not None:
                self._lines.close()
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(10)

    def ask_again(self) -> None:
        """Try at once, and not after the next wait."""
        self._failures = 0
        self._again.set()

    def _wait_for_again(self, seconds: float) -> bool:
        self._again.wait(seconds)
        self._again.clear()
        return self._stopping.is_set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen()
            except RoomError as error:
                self._lost(str(error), refused=error.status in _REFUSED)
            except Exception:
                log.exception("the room could not be listened to")
                self._lost("What the room said could not be understood.", refused=False)
            if self._wait(self._pause()):
                return

    def _pause(self) -> float:
        """Not all of a room at once: after a restart of the hub thirty come back."""
        if self._refused:
            return REFUSED_SECONDS
        usual = WAITS_SECONDS[min(self._failures, len(WAITS_SECONDS) - 1)]
        self._failures += 1
        return usual * random.uniform(0.5, 1.0)  # noqa: S311 - no secret

    def _lost(self, why: str, *, refused: bool) -> None:
        self._answered.set()
        if (why, refused) != (self._trouble, self._refused):
            self._trouble, self._refused = why, refused
            self._tell(self._changed)

    def _listen(self) -> None:
        lines = self._room.stream("stream", {"since": self._since} if self._since else None)
        with self._lock:
            self._lines = lines
            if self._stopping.is_set():
                lines.close()
        try:
            for line in lines:
                if line is not None:
                    self._hear(line)
        finally:
            with self._lock:
                self._lines = None
            lines.release()
        if not self._stopping.is_set():
            raise RoomError("The way to the room was lost; the lab opens it again by itself.")

    def _hear(self, line: Mapping[str, Any]) -> None:
        if isinstance(hello := line.get("hello"), dict):
            self._hear_hello(hello)
        elif isinstance(form := line.get("event"), dict):
            self._hear_event(form)
        elif isinstance(said := line.get("message"), dict):
            self._hear_message(said)
        elif "workspace" in line:
            self._since = ""
            self._tell(self._began_anew)

    def _hear_hello(self, hello: Mapping[str, Any]) -> None:
        """The line is open. What the room cannot say any more is in the log."""
        self._failures = 0
        missed = hello.get("missed") is True
        if missed or not self._since:
            self._since = str(hello.get("since") or "")
        if missed:
            self._tell(self._catch_up)
        self._answered.set()
        if self._trouble:
            self._trouble, self._refused = "", False
            self._tell(self._changed)

    def _hear_event(self, form: Mapping[str, Any]) -> None:
        event = EventCallback.from_form({str(name): str(value) for name, value in form.items() if value is not None})
        self._stream.publish_once(Kind.EVENT, event, key=event.sid)
        self._since = event.sid or self._since

    def _hear_message(self, said: Mapping[str, Any]) -> None:
        sender, text = (str(said.get(name) or "")[:MOST_MESSAGE] for name in ("from", "text"))
        message = RoomMessage(sender, text, _moment(said.get("at")))
        if text and message not in self._messages:  # the room says the latest again to whoever comes back
            self._messages.append(message)
            self._stream.publish(Kind.MESSAGE, {"sender": sender or "somebody", "text": text})
            self._tell(self._changed)

    def _tell(self, what: Callable[[], object]) -> None:
        try:
            what()
        except LabError as error:
            log.info("the room's news could not be followed: %s", error)
        except Exception:
            log.exception("the room's news could not be followed")


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
