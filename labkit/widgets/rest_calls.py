"""The REST calls that a click made, for the card that was clicked: so that clicking teaches the API."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from labkit.background import JobOutcome, Work, run
from labkit.taskrouter.call_recorder import Call, overheard

KEPT = 1_000
_LONGEST = 300


class RestCalls:
    """The latest call for each card, by the card's SID; the oldest are forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def run(self, work: Work, *, about: str) -> JobOutcome:
        """Do `work` and keep its last call for the card `about`. Never raises, as `jobs.run`."""
        with overheard() as calls:
            outcome = run(work)
        if calls:
            self._keep(about, calls[-1])
        return outcome

    def latest(self, sid: str) -> Mapping[str, Any] | None:
        """`method`, `path`, `form` (pairs), `status` (None: no answer) and `milliseconds` of the latest call."""
        with self._lock:
            return self._latest.get(sid)

    def _keep(self, about: str, call: Call) -> None:
        with self._lock:
            self._latest[about] = _shown(call)
            self._latest.move_to_end(about)
            if len(self._latest) > KEPT:
                self._latest.popitem(last=False)


def _shown(call: Call) -> dict[str, Any]:
    return {
        "method": str(call["method"]),
        "path": str(call["path"])[:_LONGEST],
        "form": [[str(name), str(value)[:_LONGEST]] for name, value in call["form"].items() if value is not None],
        "status": call["status"],
        "milliseconds": call["milliseconds"],
    }
