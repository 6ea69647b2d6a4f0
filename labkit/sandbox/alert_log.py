"""The alerts: what Twilio's debugger would show of an account's mistakes. Bounded, newest last.

Docs: /docs/api/errors, /docs/usage/troubleshooting/debugging-your-application.
"""

from __future__ import annotations

from collections import deque

from labkit.engine.effects import Alert

KEPT = 1000


class AlertLog:
    """The last alerts of all accounts, in the order in which they were raised."""

    def __init__(self) -> None:
        self._kept: deque[Alert] = deque(maxlen=KEPT)

    def keep(self, alert: Alert) -> None:
        self._kept.append(alert)

    def of(self, account_sid: str) -> list[Alert]:
        """What is kept for this account, oldest first."""
        return [alert for alert in self._kept if alert.account_sid == account_sid]
