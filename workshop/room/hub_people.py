"""Whom the hub knows as participants, and whose server runs: asked for while somebody looks, and not often.

It is what the hub's own page shows its admins, and no more: names, and whether a server runs and since when. While the
hub does not answer all stays as it was, and `trouble` says so.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar

from workshop.room.hub_servers import HubServer, servers_of
from workshop.room.refusals import NotReachable
from workshop.room.room_settings import RoomSettings

log = logging.getLogger(__name__)

KEPT_SECONDS = 10.0
"""How old what is shown may be, before the hub is asked again; for 300 users that is 0.03 s of its processor."""
ANSWER_SECONDS = 5.0
"""How long the hub may take for all of it."""
_PAGE = 200
"""Users in one answer; the hub gives no more."""
_MOST_PAGES = 50
_TO_LIST = {"Accept": "application/jupyterhub-pagination+json"}
_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, RecursionError)


class HubPeople:
    """What the hub last said. Belongs to the service's loop.

    Args:
        ask: gives every participant's server by name, and raises NotReachable where it cannot.
        changed: told when something is other than before.
        now: seconds of a clock that only goes forward.

    Attributes:
        servers: the participants' by name, of all whom the hub knows.
        as_of: when the hub said so; None before it first did.
        trouble: why it is no newer, in a sentence; "" where nothing is wrong.
    """

    def __init__(
        self,
        ask: Callable[[], Awaitable[Mapping[str, HubServer]]],
        *,
        changed: Callable[[], object],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask, self._changed, self._now = ask, changed, now
        self._asked_at = float("-inf")
        self._asking: asyncio.Task[None] | None = None
        self.servers: Mapping[str, HubServer] = {}
        self.as_of: datetime | None = None
        self.trouble = ""

    async def look(self) -> None:
        """Ask the hub if what it said is old; waits for it, also where somebody else has asked. Never raises."""
        self.look_soon()
        if self._asking is not None:
            await asyncio.wait([self._asking])  # who goes away takes nobody's answer with them

    def look_soon(self) -> None:
        """Ask it if what it said is old, and wait for nothing."""
        if self._asking is None and self._now() - self._asked_at >= KEPT_SECONDS:
            self._asking = asyncio.create_task(self._take_in())

    async def close(self) -> None:
        """Ask no more. May be called twice."""
        self._asked_at = float("inf")
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def _take_in(self) -> None:
        before = self.servers, self.trouble
        try:
            self.servers, self.as_of, self.trouble = await self._ask(), datetime.now(UTC), ""
        except NotReachable as error:
            self.trouble = str(error)
        finally:
            self._asked_at, self._asking = max(self._asked_at, self._now()), None
        if self.trouble and self.trouble != before[1]:
            log.warning("the wall cannot be told whose server runs: %s", self.trouble)
        if before != (self.servers, self.trouble):
            self._changed()


async def servers_at_hub(settings: RoomSettings) -> dict[str, HubServer]:
    """The participants' servers by name, as the hub's API has them now.

    Args:
        settings: with the hub's address, and the service's own token.

    Raises:
        NotReachable: it did not answer in time, refused, or said what cannot be read; says which.
    """
    try:
        async with asyncio.timeout(ANSWER_SECONDS), _session(settings) as session:
            return servers_of([user async for user in _users(session, f"{settings.hub_api_url}/users")])
    except (ClientError, OSError, TimeoutError):
        raise NotReachable("The hub does not answer") from None
    except _UNREADABLE:
        raise NotReachable("The hub's list of its users cannot be read") from None


async def _users(session: ClientSession, url: str) -> AsyncIterator[dict[str, Any]]:
    """All of them, page after page; where the next one is stands in each."""
    offset = 0
    for _ in range(_MOST_PAGES):
        page = await _page(session, url, offset=offset)
        for user in page["items"]:
            yield user
        following = page["_pagination"]["next"]
        if following is None:
            return
        offset = int(following["offset"])


async def _page(session: ClientSession, url: str, *, offset: int) -> dict[str, Any]:
    asked = {"offset": str(offset), "limit": str(_PAGE), "include_stopped_servers": "1"}
    async with session.get(url, params=asked, headers=_TO_LIST, allow_redirects=False) as answer:
        if answer.status == 403:
            raise NotReachable("The hub lets the room's service list no users; it wants list:users and read:servers")
        if answer.status != 200:
            raise NotReachable(f"The hub does not answer (HTTP {answer.status})")
        page: dict[str, Any] = json.loads(await answer.read())
        return page


def _session(settings: RoomSettings) -> ClientSession:
    """One for each look: a connection that waits ten seconds would mostly be closed by then."""
    return ClientSession(
        headers={"Authorization": f"token {settings.hub_token.reveal()}"},
        timeout=ClientTimeout(total=ANSWER_SECONDS),
        cookie_jar=DummyCookieJar(),
        trust_env=False,
    )
