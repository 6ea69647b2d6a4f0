"""CallbackRouting: where TaskRouter's callbacks go: to this notebook, to another one, or to nobody.

TaskRouter has one assignment callback URL for a Workflow and one event callback URL for a Workspace, and they belong
to the notebook that took them last. While the events go elsewhere, TaskRouter's own log tells what happens.
"""

from __future__ import annotations

import contextlib
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from labkit.callback_events import leads_to
from labkit.callbacks import CallbackServer
from labkit.credentials import UNCHECKED_CALLBACKS
from labkit.errors import LabError, TaskRouterError, TunnelError
from labkit.lab.connection import Connection
from labkit.lab.where_it_runs import note_on_place
from labkit.remote_clock import RemoteClock
from labkit.settings import Secret, Settings
from labkit.stream import EventStream
from labkit.taskrouter.event_poller import EventPoller
from labkit.tunnel import Ngrok, PublicUrl, choose

if TYPE_CHECKING:
    from labkit.account.found_callbacks import CallbackPlace, FoundCallbacks
    from labkit.tunnel import Tunnel

POLL_EVERY_SECONDS = {"sandbox": 1.0, "twilio": 15.0, "room": 15.0}
"""How often the log is read while TaskRouter calls somebody else; a real account counts requests."""
CHECK_EVERY_SECONDS = {"sandbox": 3.0, "twilio": 30.0, "room": 30.0}
"""How often it is compared with what the callbacks told, while they come here."""


class CallbackRouting:
    """The callback server, the tunnel to it, and who is called.

    Args:
        connection: whose Workspace and Workflow call.
        stream: where callbacks are published.
        settings: which port and tunnel, and whether the callbacks are left with whoever has them.
        clock: TaskRouter's time.

    Attributes:
        can_check: whether there is the Auth Token that callbacks are signed with; otherwise none are taken.
        server: what answers.
        tunnel: how TaskRouter reaches it.
        elsewhere: whether the events went to somebody else when that was last looked at.
        waits_for_room: whether they could not be taken yet, because the sandbox cannot write.
        looks_on: whether the callbacks are left with whoever has them; with nobody there they are taken.
    """

    def __init__(self, connection: Connection, *, stream: EventStream, settings: Settings, clock: RemoteClock) -> None:
        self._connection = connection
        self._found = _found_callbacks(connection)
        self.can_check = connection.token is not None
        self.looks_on = settings.callbacks == "leave" or not self.can_check
        self.elsewhere = self.waits_for_room = False
        self.server = CallbackServer(
            stream,
            # Without the account's token no signature can be checked, so none shall be good.
            auth_token=connection.token or Secret(secrets.token_hex(16)),
            port=settings.port,
            pages_password=settings.pages_password,
            event_bridge=lambda: connection.event_bridge,
            clock=clock,
        )
        self.tunnel: Tunnel = choose(settings)
        self._surroundings = note_on_place(settings)
        self._poller = EventPoller(
            stream,
            connection.quiet_workspace,
            clock=clock,
            elsewhere=lambda: self.elsewhere,
            every_seconds=POLL_EVERY_SECONDS[connection.mode],
            check_seconds=CHECK_EVERY_SECONDS[connection.mode],
        )

    def open(self) -> None:
        """Listen, have the tunnel lead here, and have TaskRouter call its address. Does what is not done already.

        Raises:
            LabError: there is no port, or no tunnel; or TaskRouter refused, or did not answer.
        """
        self.server.start()
        if not self.can_check:
            self.elsewhere = True
            return
        self.server.set_public_url(self._open_tunnel(urlsplit(self.server.local_url).port or 0))
        if isinstance(self.tunnel, PublicUrl):
            self.check_from_outside()
        if self.tunnel.name != "loopback":
            self._connection.allow_callback_host(urlsplit(self.server.public_url).hostname or "")
        self.take_or_leave()

    def _open_tunnel(self, port: int) -> str:
        try:
            return self.tunnel.open(port)
        except TunnelError as error:
            if not self._surroundings:
                raise
            raise TunnelError(f"{error} {self._surroundings}", ngrok_code=error.ngrok_code) from error

    def check_from_outside(self) -> str:
        """Ask the public address whether it leads here; what came of it, in a sentence. A loopback has none."""
        outside = self.tunnel.check(self.server.probes) if isinstance(self.tunnel, PublicUrl | Ngrok) else None
        return outside.text if outside else ""

    def check_new_address(self) -> None:
        """Ask ngrok's address whether it leads here, once for each address that it gives."""
        if isinstance(self.tunnel, Ngrok) and not self.tunnel.is_checked:
            self.check_from_outside()

    @property
    def said_of_address(self) -> str:
        """What the last such check came to, and what the place where the notebook runs lets through; mostly empty."""
        outside = self.tunnel.outside if isinstance(self.tunnel, PublicUrl) else None
        return "\n".join(filter(None, (outside.text if outside else "", self._surroundings)))

    def start_polling(self) -> None:
        """Read TaskRouter's log from now on, whenever the Events go elsewhere or were lost."""
        self._poller.start()

    def catch_up(self) -> None:
        """Hear from TaskRouter's log of what was not told here.

        Raises:
            TaskRouterError: TaskRouter refused, or did not answer.
        """
        self._poller.look()

    def close(self) -> None:
        """Give the callbacks up, close the tunnel and the server. May be called twice."""
        with contextlib.ExitStack() as ending:
            ending.callback(self.server.stop)
            ending.callback(self.tunnel.close)
            ending.callback(self.give_up)
            ending.callback(self._poller.stop)

    @property
    def own_urls(self) -> tuple[str, str]:
        """The assignment and the event callback URL of this notebook."""
        return self.server.assignment_url, self.server.event_url

    def urls(self) -> tuple[str, str]:
        """The assignment and the event callback URL that TaskRouter has now.

        Raises:
            TaskRouterError: TaskRouter refused, or did not answer.
        """
        now = self._connection.quiet_workspace.callbacks(self._connection.workflow_sid)
        self.elsewhere = now.event_callback_url != self.server.event_url
        self.server.told_urls.note_urls(now.assignment_callback_url, now.event_callback_url)
        return now.assignment_callback_url, now.event_callback_url

    def take(self) -> None:
        """Have TaskRouter call this notebook, not the one that started last.

        Raises:
            LabError: there is no Auth Token.
            TaskRouterError: TaskRouter refused, or did not answer.
        """
        self.require_auth_token()
        now, own = self.urls(), self.own_urls
        if not all(leads_to(url, ours) for url, ours in zip(now, own, strict=True)):
            self._set_own(now)

    def require_auth_token(self) -> None:
        """Refuse what needs callbacks to come here, where none can be checked. Raises LabError."""
        if not self.can_check:
            raise LabError(UNCHECKED_CALLBACKS)

    def ask_again(self) -> None:
        """Set the URLs once more, whereupon a sandbox asks a URL at once that has failed. Raises as `take`."""
        self._set_own(self.urls())

    def _set_own(self, now: tuple[str, str]) -> None:
        self._connection.check_allowed()
        own = self.own_urls
        if self._found is not None:
            self._found.note(self._place, now, own=own)
        self._set(*own)
        self.elsewhere = False

    def take_or_leave(self) -> None:
        """Take the callbacks, unless this lab looks on and somebody has them. Raises as `take`.

        A sandbox that cannot write, because the disk is full, can still be looked at: then they are taken later.
        """
        self.waits_for_room = False
        if not self.can_check or (self.looks_on and any(self.urls())):
            return
        try:
            self.take()
        except TaskRouterError as error:
            if error.status != 503 or self._connection.mode != "sandbox":
                raise
            self.waits_for_room = True

    def take_when_there_is_room(self) -> bool:
        """Take the callbacks that could not be taken before; whether that was done now. Raises as `take`."""
        if self.waits_for_room:
            self.take_or_leave()
            return not self.waits_for_room
        return False

    def follow(self, *, had: bool) -> None:
        """The Workspace is another one now: have the callbacks where they were.

        Args:
            had: whether they came here before; otherwise they are taken only if nobody has them. Raises as `take`.
        """
        may_take = self.can_check and self._connection.is_allowed
        if may_take and (had or not any(self.urls())):
            self.take()

    def follow_tunnel(self) -> bool:
        """The tunnel may have another address than before: have TaskRouter call that one, if it called this notebook.

        Returns:
            Whether it had another one. Raises as `take`; nothing has changed then, and the next call tries again.
        """
        before, url = self.server.public_url, self.tunnel.url
        if url is None or url == before:
            return False
        now = self.urls()
        had = all(leads_to(each, own) for each, own in zip(now, self.own_urls, strict=True))
        self.server.set_public_url(url)  # first, since what is signed for it may come in at once
        try:
            self._connection.allow_callback_host(urlsplit(url).hostname or "")
            if had:
                self.ask_again()
        except LabError:
            self.server.set_public_url(before)
            raise
        return True

    def give_up(self) -> None:
        """Nobody listens here any more: Reservations shall wait for a person, not fail one after the other.

        In an account whoever was called before this lab is called again, in a sandbox nobody. Where TaskRouter cannot
        be asked, an account's next start or teardown does it.
        """
        with contextlib.suppress(LabError):
            if self._found is not None:
                self._found.give_back(self._place, self.urls(), own=self.own_urls, set_urls=self._set)
                return
            now = self.urls()
            left = [("" if leads_to(url, own) else url) for url, own in zip(now, self.own_urls, strict=True)]
            if left != [*now]:
                self._set(*left)

    @property
    def _place(self) -> CallbackPlace:
        from labkit.account.found_callbacks import CallbackPlace

        connection = self._connection
        return CallbackPlace(connection.workspace_name, connection.workspace_sid, connection.workflow_sid)

    def _set(self, assignment_url: str | None, event_url: str | None) -> None:
        self._connection.quiet_workspace.set_callbacks(
            self._connection.workflow_sid, assignment_url=assignment_url, event_url=event_url
        )


def _found_callbacks(connection: Connection) -> FoundCallbacks | None:
    """Those of an account, which are given back; a sandbox's are the lab's own."""
    if connection.memory is None:
        return None
    from labkit.account.found_callbacks import FoundCallbacks

    return FoundCallbacks(connection.memory)
