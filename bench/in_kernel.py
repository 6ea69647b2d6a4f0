"""The kernel's part of measuring panels: sends callbacks to the lab, moves a bare trait, and notes when.

Run by a notebook that `bench.panels` writes; what it notes is in seconds since the epoch, as the browser's is.
"""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, ClassVar, NamedTuple
from urllib.parse import urlencode, urlsplit

import anywidget
import traitlets
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped, unused-ignore]  # no annotations

from labkit.errors import LabError
from labkit.lab.lab import Lab
from labkit.sandbox import process
from labkit.vocabulary import ReservationStatus

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
GAP_SECONDS = 0.2
"""Between two that are measured: longer than any of them takes, so that each is alone."""

LEAVE_SECONDS = 8.0
"""So long a card that has ended stays in sight, with a second to spare."""


class Floor(anywidget.AnyWidget):
    """The least that a panel could be: one text, drawn when it changes."""

    _esm: ClassVar[str] = """export default { render({ model, el }) {
      const node = document.createElement("p");
      node.className = "floor";
      model.on("change:text", () => { node.textContent = model.get("text"); });
      el.append(node);
    } }"""
    text = traitlets.Unicode().tag(sync=True)


def play(lab: Lab, floor: Floor, *, singles: int, burst: int, out: str) -> threading.Thread:
    """Change the floor and post a callback `singles` times in turn, then post `burst` callbacks at once.

    Returns:
        The thread that does it; at the end it writes `{mark: time}` to the file `out`.
    """
    thread = threading.Thread(target=_play, args=(lab, floor, singles, burst, Path(out)), daemon=True)
    thread.start()
    return thread


def _play(lab: Lab, floor: Floor, singles: int, burst: int, out: Path) -> None:
    sender = _Sender(lab)
    sent: dict[str, float] = {}
    pause = threading.Event()
    for number in range(singles):
        sender.send(sender.prepare_task(number))
        request = sender.prepare(number)
        pause.wait(GAP_SECONDS)
        sent[f"floor-{number}-"] = time.time()
        floor.text = f"floor-{number}-"
        pause.wait(GAP_SECONDS)
        sent[f"card-{number}-"] = time.time()
        sender.send(request)
        pause.wait(GAP_SECONDS)  # it has been seen; left there, it would fill the inbox's first page
        lab.live.note_status(reservation_sid(number), ReservationStatus.CANCELED)
    for number in range(singles, singles + burst):
        sender.send(sender.prepare_task(number))
    together = [sender.prepare(number) for number in range(singles, singles + burst)]
    pause.wait(LEAVE_SECONDS)
    sent["burst"] = time.time()
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(sender.send, together))
    unfinished = out.with_suffix(".part")
    unfinished.write_text(json.dumps(sent), encoding="utf-8")
    unfinished.replace(out)


class _Callback(NamedTuple):
    """A request of TaskRouter's, ready to be sent."""

    path: str
    body: str
    headers: dict[str, str]


def reservation_sid(number: int) -> str:
    """The SID of the Reservation of one callback."""
    return f"WR{number:032x}"


class _Sender:
    """Posts assignment callbacks as TaskRouter signs them, each of a Reservation of its own."""

    def __init__(self, lab: Lab) -> None:
        address = process.find(lab._connection.home)  # noqa: SLF001  # the token that signs is the sandbox's, and not shown elsewhere
        assert address is not None  # noqa: S101  # the lab has just started it
        self._validator = RequestValidator(address.auth_token)
        self._lab = lab
        self._own = threading.local()
        worker = lab.taskrouter.workers()[0]
        self._about: dict[str, Any] = {
            "AccountSid": lab.account_sid,
            "WorkspaceSid": lab.workspace_sid,
            "WorkflowSid": lab.workflow_sid,
            "WorkflowName": lab.workflow_name,
            "TaskQueueName": "Support",
            "WorkerSid": worker.sid,
            "WorkerName": worker.name,
            "WorkerAttributes": "{}",
            "TaskAge": "0",
            "TaskPriority": "0",
        }

    def prepare(self, number: int) -> _Callback:
        """A signed assignment callback: what TaskRouter has ready before it sends."""
        return self._signed(
            self._lab.callbacks.assignment_url, {**self._task(number), "ReservationSid": reservation_sid(number)}
        )

    def prepare_task(self, number: int) -> _Callback:
        """The event callback that always comes before: the Task was created."""
        about = {
            "EventType": "task.created",
            "Sid": f"EV{number:032x}",
            "TimestampMs": str(int(time.time() * 1000)),
            "TaskAssignmentStatus": "pending",
        }
        return self._signed(self._lab.callbacks.event_url, {**self._task(number), **about})

    def _task(self, number: int) -> dict[str, Any]:
        return {
            **self._about,
            "TaskSid": f"WT{number:032x}",
            "TaskAttributes": json.dumps({"mark": f"card-{number}-"}),
            "Timestamp": str(int(time.time())),
        }

    def _signed(self, url: str, fields: dict[str, Any]) -> _Callback:
        signature = self._validator.compute_signature(url, fields)
        return _Callback(urlsplit(url).path, urlencode(fields), {**FORM, "X-Twilio-Signature": signature})

    def send(self, callback: _Callback) -> None:
        """Send it over this thread's own connection, with next to no work of the kernel's for what is TaskRouter's."""
        if not hasattr(self._own, "connection"):
            parts = urlsplit(self._lab.callbacks.local_url)
            self._own.connection = HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        self._own.connection.request("POST", callback.path, callback.body, callback.headers)
        answer = self._own.connection.getresponse()
        answer.read()
        if answer.status >= 300:
            raise LabError(f"The callback server answered {answer.status}.")
