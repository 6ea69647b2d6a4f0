"""Everything that the room is, for those who answer its requests."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from labkit.remote_clock import RemoteClock
from workshop.room.callers import RoomCallers
from workshop.room.events import RoomEvents
from workshop.room.events_in import EventLog
from workshop.room.hub_people import HubPeople, servers_at_hub
from workshop.room.hub_servers import HubServerState
from workshop.room.joining import Membership, RoomMember
from workshop.room.looks import Looks
from workshop.room.messages import RoomMessages
from workshop.room.people import Asker
from workshop.room.progress import ProgressBook
from workshop.room.room_memory import room_journal
from workshop.room.room_policy import RoomPolicy
from workshop.room.room_settings import RoomSettings
from workshop.room.streams import Streams
from workshop.room.upstream import Upstream
from workshop.room.wall import InstructorWall


@dataclass(kw_only=True)
class RoomState:
    """The parts of a room that runs.

    Attributes:
        settings: how the service runs.
        upstream: the account, and the way to it.
        membership: who has joined, and the Workspace.
        policy: what participants may ask.
        progress: how far each of them is in the course, who shares it.
        events: what has happened.
        event_log: what TaskRouter has kept of that.
        streams: who hears of it.
        messages: what the instructor has said.
        looks: copies of what all ask for at once.
        wall: the instructor's.
        hub: whom the hub knows, and whose server runs.
        time: TaskRouter's, as it was last learned.
    """

    settings: RoomSettings
    upstream: Upstream
    membership: Membership
    policy: RoomPolicy
    progress: ProgressBook
    events: RoomEvents
    event_log: EventLog
    streams: Streams
    messages: RoomMessages
    looks: Looks
    wall: InstructorWall
    hub: HubPeople
    time: RemoteClock

    @classmethod
    def on(cls, upstream: Upstream, settings: RoomSettings) -> RoomState:
        """A room that stands on this account; nothing is asked yet."""
        events = RoomEvents()
        membership = Membership(
            upstream,
            events_url=settings.events_url,
            journal=partial(room_journal, settings.folder, upstream),
        )
        wall = InstructorWall(RoomCallers(upstream, membership))
        events.subscribe(wall.hear)
        time = RemoteClock()
        time.listen(wall.changed)
        return cls(
            settings=settings,
            upstream=upstream,
            membership=membership,
            policy=RoomPolicy(upstream),
            progress=ProgressBook(settings.folder),
            events=events,
            event_log=EventLog(upstream, events),
            streams=Streams(),
            messages=RoomMessages(),
            looks=Looks(),
            wall=wall,
            hub=HubPeople(partial(servers_at_hub, settings), changed=wall.changed),
            time=time,
        )

    @property
    def known_names(self) -> frozenset[str]:
        """Of all participants: who has joined, and whom the hub knows."""
        return self.membership.participants | self.hub.servers.keys()

    @property
    def took_part(self) -> frozenset[str]:
        """The names of those who have joined, or have had a server."""
        servers = self.hub.servers.items()
        had_one = {name for name, server in servers if server.state is not HubServerState.NEVER_STARTED}
        return self.membership.participants | had_one

    async def begin_again(self) -> None:
        """The Workspace is another one, or its Workers are: all is made anew, and whoever listens joins again.

        Raises:
            TaskRouterError: it cannot be made.
        """
        self.membership.forget()
        self.events.forget()
        self.event_log.forget()
        self.wall.tasks.forget()
        self.upstream.forget_workers()
        await self.membership.workspace()
        self.streams.broadcast({"workspace": "reset"})

    async def described(self, person: Asker, member: RoomMember) -> dict[str, Any]:
        """What somebody who has joined is told of the room."""
        workspace = await self.membership.workspace()
        return {
            "kind": self.upstream.kind,
            "account_sid": self.upstream.account_sid,
            "workspace_sid": workspace.sid,
            "workspace_name": workspace.name,
            "workflow_sid": workspace.workflow_sid,
            "workflow_name": workspace.workflow_name,
            "worker_sid": member.worker_sid,
            "worker_name": member.name,
            "instructor": person.instructor,
        }
