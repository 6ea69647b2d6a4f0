"""`POST worker-token`: what the own Worker's page signs in with in a browser; only the room has its key."""

from __future__ import annotations

from labkit.taskrouter.access_token import TokenRequest, access_token
from workshop.room.handler import RoomHandler
from workshop.room.routes import OpenTo, RoomRoute

SECONDS = 3600
"""How long a token lives; a page gets a new one by itself."""


async def worker_token(handler: RoomHandler) -> None:
    """A token of the own Worker, role `worker` (docs: /docs/taskrouter/js-sdk-v2)."""
    room = handler.room
    member = await room.membership.member(handler.person)
    workspace_sid = (await room.membership.workspace()).sid
    request = TokenRequest(
        workspace_sid=workspace_sid,
        worker_sid=member.worker_sid,
        identity=member.name,
        role="worker",
        lifetime_seconds=SECONDS,
    )
    region = "" if room.upstream.kind == "sandbox" else str(room.upstream.client.region or "")
    key = await room.upstream.signer(workspace_sid=workspace_sid, worker_sid=member.worker_sid)
    token = access_token(request, account_sid=room.upstream.account_sid, key=key, region=region)
    handler.answer({"token": token.reveal()})


ROUTES = (RoomRoute(method="POST", path="worker-token", handler=worker_token, who=OpenTo.PARTICIPANTS),)
