"""TunnelWatch: sees to it that a tunnel's end is seen, and that TaskRouter follows it to another address.

A loopback cannot be lost. ngrok's agent may be killed, lose its service, or come back with another address: none of
that asks anybody, so it is looked at every second. To look costs nothing, and TaskRouter is asked only when the address
has changed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from labkit.background import Periodic
from labkit.errors import LabError
from labkit.lab.callback_routing import CallbackRouting
from labkit.tunnel import Ngrok

log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 1.0
REST_LOOKS = 15
"""How many looks pass after TaskRouter could not be told a new address; a real account counts requests."""
ENDED = (
    "The tunnel is closed: its agent has ended, so TaskRouter cannot reach this notebook. The status opens it again."
)


class TunnelWatch:
    """Looks, follows and tells.

    Args:
        routing: whose tunnel it is, and who tells TaskRouter.
        show_status: draws the status anew, if anybody looks at it.
        tell: says something to whoever works with the lab.
    """

    def __init__(
        self, routing: CallbackRouting, *, show_status: Callable[[], bool], tell: Callable[[str], None]
    ) -> None:
        self._routing, self._show_status, self._tell = routing, show_status, tell
        self._seen: tuple[str | None, str] = (None, "")
        self._rest = 0
        self._looks = Periodic(self.look, name="labkit-tunnel-watch", every=lambda: LOOK_EVERY_SECONDS)

    def start(self) -> None:
        """Begin to look, in a thread, if the tunnel, which is open, is one that can be lost."""
        self._seen = (self._routing.tunnel.url, self._routing.tunnel.trouble)
        if self._routing.tunnel.name == "ngrok":
            self._looks.start()

    def stop(self) -> None:
        """Look no more. May be called twice, and before `start`."""
        self._looks.stop()

    def look(self) -> None:
        """Look once. Never raises."""
        try:
            tunnel = self._routing.tunnel
            tunnel.look()
            followed = self._follow()
            self._routing.check_new_address()
            before, self._seen = self._seen, (tunnel.url, tunnel.trouble)
            if followed or before != self._seen:
                self._tell_of(*before, followed=followed)
                self._show_status()
        except Exception:
            log.exception("the tunnel could not be looked at")

    def _follow(self) -> bool:
        self._rest = max(0, self._rest - 1)
        if self._rest:
            return False
        try:
            return self._routing.follow_tunnel()
        except LabError as error:
            log.debug("TaskRouter could not be told of the tunnel's address: %s", error)
            self._rest = REST_LOOKS
            return False

    def _tell_of(self, url: str | None, trouble: str, *, followed: bool) -> None:
        now, troubled = self._seen
        if followed:
            self._tell(f"The tunnel has another address, {now}. TaskRouter calls that one now, if it called this lab.")
        elif now is None and isinstance(self._routing.tunnel, Ngrok) and self._routing.tunnel.ended:
            self._tell(ENDED)
        elif troubled and not trouble:
            self._tell(troubled)
        elif trouble and now == url and not troubled:
            self._tell(f"The tunnel is there again, at {now}.")
