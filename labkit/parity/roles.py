"""Roles in place of SIDs, and seconds in place of times: so that two plays of one scenario can be compared.

Nothing that names an account, an address or a moment is left in what comes out, so it can be sent to anybody.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

_SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}(?![0-9a-f])")
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_API = re.compile(r"https?://(?:taskrouter(?:\.[a-z0-9.-]+)?\.twilio\.com|127\.0\.0\.1:\d+)(?=/v1|/v2)")
_ADDRESS = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b")
_AGO = re.compile(r"\b\d+ s ago")
_EPOCH = re.compile(r"([12]\d{9})(\d{3})?")
"""Seconds or milliseconds since 1970."""
_KINDS = {
    "AC": "account", "CA": "call", "CF": "conference", "EV": "Event", "TC": "TaskChannel", "TT": "transfer",
    "WA": "Activity", "WC": "WorkerChannel", "WK": "Worker", "WQ": "TaskQueue", "WR": "Reservation",
    "WS": "Workspace", "WT": "Task", "WW": "Workflow",
}  # fmt: skip
_NEAR = timedelta(days=60)
TIME = re.compile(r"([+-]\d+(?:\.\d+)?) s")
"""How a moment looks afterwards: seconds since the scenario began."""


class RoleNames:
    """Which SID plays which role in a scenario, and when it began.

    Args:
        account_sid: of the account that it is played in.
        began: the moment; times are shown by the seconds since it.
    """

    def __init__(self, account_sid: str, began: datetime) -> None:
        self._roles = {account_sid: "{account}"}
        self._sids: dict[str, str] = {}
        self._counts: Counter[str] = Counter()
        self._hidden: dict[str, str] = {}
        self.began = began

    def learn(self, sid: str, role: str) -> None:
        """From now on this SID is shown by this role."""
        self._roles[sid], self._sids[role] = f"{{{role}}}", sid

    def hide(self, texts: Mapping[str, str]) -> None:
        """From now on each of these texts, such as a callback server's address, is shown by what stands for it."""
        self._hidden.update(texts)

    def knows(self, sid: str) -> bool:
        """Whether somebody has given this SID a role."""
        return sid in self._sids.values()

    def __contains__(self, role: object) -> bool:
        return role in self._sids

    def __getitem__(self, role: str) -> str:
        """The SID that plays this role."""
        return self._sids[role]

    def shown(self, value: Any, name: str = "") -> Any:
        """A value of an answer as it may be shown and compared; JSON in a text is read, so that its order is none.

        Args:
            value: of any kind that JSON has.
            name: the field's; a `…timestamp_ms` and the like is a time.
        """
        if isinstance(value, Mapping):
            return {self.text(key): self.shown(each, key) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.shown(each, name) for each in value]
        if ("time" in name.lower() or "date" in name.lower()) and (found := _EPOCH.fullmatch(str(value))):
            return self._since(datetime.fromtimestamp(int(found[1]), UTC))
        return self._shown_text(value) if isinstance(value, str) else value

    def _shown_text(self, text: str) -> Any:
        if text[:1] in ("{", "[") and (read := read_json(text)) is not None:
            return self.shown(read)
        return self.text(text)

    def text(self, text: str) -> str:
        """A text without SIDs, times and addresses."""
        for each, instead in self._hidden.items():
            text = text.replace(each, instead)
        text = _SID.sub(lambda found: self._role(found[0]), _API.sub("{api}", text))
        text = _ISO.sub(lambda found: self._moment(found[0]), text)
        return _AGO.sub("{seconds} s ago", _ADDRESS.sub("{address}", text))

    def _role(self, sid: str) -> str:
        if sid not in self._roles:
            kind = _KINDS.get(sid[:2], sid[:2])
            self._counts[kind] += 1
            self._roles[sid] = f"{{{kind} {self._counts[kind]}}}"
        return self._roles[sid]

    def _moment(self, text: str) -> str:
        """A moment of the scenario's own time, or one that the scenario itself has named, which stays as it is."""
        moment = datetime.fromisoformat(text)
        return self._since(moment) if abs(moment - self.began) < _NEAR else text

    def _since(self, moment: datetime) -> str:
        return f"{round((moment - self.began).total_seconds()):+d} s"


def read_json(text: str) -> Any:
    """What a text says as JSON; None if it is none."""
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None
