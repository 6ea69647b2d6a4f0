"""RoomConnection: a lab's line to the contact centre that a workshop shares, in which it is one Worker."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from labkit.course.furnishing import FurnishedWorkspace
from labkit.errors import LabError
from labkit.lab.connection import Connection
from labkit.room.client import RoomClient, hub_token
from labkit.room.joining import JoinedRoom, join
from labkit.settings import Settings
from labkit.stream import EventStream
from labkit.vocabulary import EVENT_BRIDGE_PATH

if TYPE_CHECKING:
    from labkit.account.memory import AccountMemory
    from labkit.account.teardown import TeardownReport
    from labkit.callbacks import EventBridge
    from labkit.course.furnishing import Furnishing
    from labkit.taskrouter.workspace_client import WorkspaceClient

NOT_YOURS = "In a room the Workspace is everybody's, and only the instructor changes it."


class RoomConnection(Connection):
    """To the room that the settings name. Whoever makes one has joined.

    The SDK's clients go by way of the room, which knows who asks by the hub's token and lets pass what that Worker may
    do; nobody here holds a key of the account behind it, and whether that is a sandbox or Twilio's makes no difference.

    Args:
        settings: what was asked for.
        stream: where the learner's REST calls are published.

    Raises:
        RoomError: there is no hub's token; or the room refused, or did not answer.

    Attributes:
        room: the line to the room itself.
        joined: which room it is, and who I am there.
    """

    def __init__(self, settings: Settings, *, stream: EventStream) -> None:
        self._settings, self._stream = settings, stream
        self.missing, self.lessons, self.facts, self.notices = (), [], None, []
        self.address = self.token = None
        token = hub_token()
        self.room = RoomClient(settings.room_url or "", token)
        self._join()
        signs_in = {"account_sid": self.joined.account_sid, "auth_token": token}
        self._open_clients(signs_in, waits=self.joined.kind == "twilio")

    def _join(self) -> None:
        self.joined: JoinedRoom = join(self.room)
        self._furnished = FurnishedWorkspace(
            workspace_sid=self.joined.workspace_sid,
            workspace_name=self.joined.workspace_name,
            workflow_sid=self.joined.workflow_sid,
            workflow_name=self.joined.workflow_name,
        )

    @functools.cached_property
    def memory(self) -> AccountMemory | None:
        """None: nothing in a room is this lab's own, so there is nothing to give back."""
        return None

    def _client_of_workspace(self, client: Any) -> WorkspaceClient:
        from labkit.room.member_client import MemberWorkspaceClient

        if self.joined.instructor:
            return super()._client_of_workspace(client)
        return MemberWorkspaceClient(client, self.workspace_sid, own_worker_sid=lambda: self.joined.worker_sid)

    @property
    def has_sandbox(self) -> bool:
        """Whether the room stands on a sandbox."""
        return self.joined.kind == "sandbox"

    @property
    def base_url(self) -> str | None:
        """The room's address, below which TaskRouter's REST API is."""
        return self.room.url

    @property
    def event_bridge(self) -> EventBridge:
        """What my own page speaks to: the room, which leads on to its sandbox; or Twilio."""
        from labkit.callbacks import EventBridge

        if not self.has_sandbox:
            return EventBridge.at_twilio("")
        path = f"/bridge{EVENT_BRIDGE_PATH}"
        return EventBridge(f"{self.room.url}{path}", path_at_hub=f"{urlsplit(self.room.url).path}{path}")

    @property
    def account_sid(self) -> str:
        """The room's account."""
        return self.joined.account_sid

    @property
    def workspace_name(self) -> str:
        """The friendly name of the Workspace that all share."""
        return self.joined.workspace_name

    @property
    def has_own_workspace(self) -> bool:
        """No: it is everybody's."""
        return False

    def furnish(self, *, put_right: bool = False) -> tuple[str, ...]:  # noqa: ARG002 - the room puts right
        """Nothing: who has joined works in the room's Workspace already."""
        return ()

    def join_again(self) -> None:
        """Work in the room's Workspace as it is now.

        Raises:
            RoomError: the room refused, or did not answer.
        """
        self._join()
        for workspace in (self.workspace, self.quiet_workspace):
            workspace.use_workspace(self.workspace_sid)

    def prepare(self, *, put_right: bool) -> Furnishing:  # noqa: ARG002
        """Refused: the room's service makes its Workspace."""
        raise LabError(NOT_YOURS)

    def look_for_lessons(self) -> None:
        """Nothing: a room has no lessons."""

    def look_for_missing(self) -> None:
        """Nothing: what belongs into the Workspace is the room's own affair."""

    def teardown(self, *, dry_run: bool) -> TeardownReport:  # noqa: ARG002
        """Refused: nothing there is this lab's."""
        raise LabError("A room is not this lab's own, so there is nothing to take down; lab.stop() leaves it.")

    def restart_sandbox(self) -> None:
        """Refused: the room's service does that itself."""
        raise LabError("The room starts its sandbox again by itself; wait a moment.")

    def is_to(self, settings: Settings) -> bool:
        """Whether this is what these settings ask for."""
        return settings == self._settings
