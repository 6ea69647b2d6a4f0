"""Who may be which Worker in a browser: links that work once, and the right to a new token that a page has after that.

A link's secret is changed for a right that the page keeps in its tab's own storage, so that neither an address in the
browser's history nor a saved notebook lets anybody in. What is kept here of both are digests.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

LINK_SECONDS = 600.0
"""For so long a link waits to be opened."""
RIGHT_SECONDS = 12 * 3600.0
"""For so long after its last use a page may come back for a new token."""

SignIn = Callable[[], Mapping[str, Any]]
"""What a page is told that is let in: JSON values, with a token that is made at this moment."""

_AGAIN = "Run the cell with lab.agent_page once more, and open the new link."


class NotAdmitted(Exception):
    """Whoever asks is not let in; the message says why, for the page to show."""


@dataclass(slots=True)
class _Admission:
    sign_in: SignIn
    public: bool
    link: bytes
    link_until: float
    used: bool = False
    right: bytes = b""
    right_until: float = 0.0

    def is_over(self, now: float) -> bool:
        return now > max(self.link_until, self.right_until)


class Admissions:
    """The links that were made and not opened, and the pages that were let in. Thread-safe.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._admissions: dict[str, _Admission] = {}
        self._lock = threading.Lock()

    @property
    def any_public(self) -> bool:
        """Whether somebody may come in from outside."""
        now = self._clock()
        with self._lock:
            return any(each.public and not each.is_over(now) for each in self._admissions.values())

    def invite(self, sign_in: SignIn, *, public: bool = False) -> str:
        """What goes behind the `#` of a link that lets one page in, once.

        Args:
            sign_in: makes what that page is told, then and at each renewal.
            public: whether the page may come in from outside.
        """
        name, secret, now = secrets.token_hex(8), secrets.token_urlsafe(32), self._clock()
        with self._lock:
            self._admissions = {key: each for key, each in self._admissions.items() if not each.is_over(now)}
            self._admissions[name] = _Admission(sign_in, public, _digest(secret), now + LINK_SECONDS)
        return f"{name}.{secret}"

    def redeem(self, link: str, *, from_outside: bool = False) -> tuple[SignIn, str]:
        """Let a page in by its link, which is used up by it; and the right to a new token, for the page to keep.

        Raises:
            NotAdmitted: no such link, or it was used, or is too old.
        """
        now, right = self._clock(), secrets.token_urlsafe(32)
        with self._lock:
            name, found = self._found(link, kind="link", from_outside=from_outside)
            if found.used:
                raise NotAdmitted(f"This link was opened before, and a link works once. {_AGAIN}")
            if now > found.link_until:
                raise NotAdmitted(f"This link is too old: it waits {LINK_SECONDS / 60:.0f} minutes. {_AGAIN}")
            found.used, found.right, found.right_until = True, _digest(right), now + RIGHT_SECONDS
            return found.sign_in, f"{name}.{right}"

    def renew(self, right: str, *, from_outside: bool = False) -> SignIn:
        """Let a page in that was let in before.

        Raises:
            NotAdmitted: nobody was given this right, or it has not been used for too long.
        """
        now = self._clock()
        with self._lock:
            _, found = self._found(right, kind="right", from_outside=from_outside)
            if now > found.right_until:
                raise NotAdmitted(f"This page was away for too long. {_AGAIN}")
            found.right_until = now + RIGHT_SECONDS
            return found.sign_in

    def _found(self, text: str, *, kind: str, from_outside: bool) -> tuple[str, _Admission]:
        name, _, secret = text.partition(".")
        found = self._admissions.get(name)
        known = getattr(found, kind) if found is not None else b""
        fits = hmac.compare_digest(known, _digest(secret))
        if found is None or not fits or (from_outside and not found.public):
            raise NotAdmitted(f"The lab knows nothing of this link: its kernel was restarted since. {_AGAIN}")
        return name, found


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
