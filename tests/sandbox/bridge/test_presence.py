"""Who has closed the last page is Offline a moment later, where the page or the Workspace wants it so."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sandbox.bridge.by_hand import HandTimers, grant
from sandbox.test_service import Running, play

from labkit.engine import commands as c
from labkit.sandbox.bridge.presence import FLEX_WORKSPACE, GRACE_SECONDS, RETRY_SECONDS, RETURN_SECONDS, Presence
from labkit.sandbox.bridge.session import Joining
from labkit.sandbox.store import StoreError


class Desk:
    """Alice, Available, and the pages that she has."""

    def __init__(self, run: Running, worker_sid: str) -> None:
        self.run, self.worker_sid = run, worker_sid
        self.timers = HandTimers()
        self.is_here = False
        self.presence = Presence(run.service, timers=self.timers, is_here=lambda _: self.is_here)

    @classmethod
    async def open(cls, run: Running) -> Desk:
        await run.furnish()
        return cls(run, (await run.add_worker()).sid)

    def joining(self, goes_offline: bool | None) -> Joining:
        granted = grant(expires_at=0, worker_sid=self.worker_sid, workspace_sid=self.run.workspace_sid)
        return Joining(grant=granted, token="t", goes_offline=goes_offline)

    def leave(self, goes_offline: bool | None = True, *, comes_back: bool = False) -> None:
        """The last page is closed."""
        self.presence.note_last_end(self.joining(goes_offline), comes_back=comes_back)

    async def after(self, seconds: float) -> str:
        """The Activity, so much later."""
        self.timers.advance(seconds)
        while self.presence._changing:
            await asyncio.wait(self.presence._changing)
        state = self.run.service.states[self.run.workspace_sid]
        return state.activities[state.workers[self.worker_sid].activity_sid].friendly_name


@pytest.mark.parametrize(
    ("workspace", "goes_offline", "activity"),
    [
        ("Tests", True, "Offline"),
        ("Tests", None, "Available"),
        (FLEX_WORKSPACE, None, "Offline"),
        (FLEX_WORKSPACE, False, "Available"),
    ],
)
def test_the_page_says_it_or_the_workspace_does(workspace: str, goes_offline: bool | None, activity: str) -> None:
    """The client's default is that of Flex."""

    async def scenario(run: Running) -> None:
        desk = await Desk.open(run)
        changes = {"friendly_name": workspace}
        await run.do(c.UpdateWorkspace(workspace_sid=run.workspace_sid, sid=run.workspace_sid, changes=changes))
        desk.leave(goes_offline)
        assert await desk.after(GRACE_SECONDS - 0.01) == "Available"
        assert await desk.after(0.01) == activity

    play(scenario)


def test_who_comes_back_at_once_stays_where_she_was() -> None:
    """A short break of the network. The next end counts anew."""

    async def scenario(run: Running) -> None:
        desk = await Desk.open(run)
        desk.leave()
        await desk.after(GRACE_SECONDS - 0.01)
        desk.presence.note_session(desk.worker_sid)
        assert await desk.after(10) == "Available"
        desk.leave()
        assert await desk.after(GRACE_SECONDS) == "Offline"

    play(scenario)


def test_who_is_here_is_not_offline() -> None:
    async def scenario(run: Running) -> None:
        desk = await Desk.open(run)
        desk.leave()
        desk.is_here = True
        assert await desk.after(GRACE_SECONDS) == "Available"

    play(scenario)


def test_a_client_whose_session_the_sandbox_has_ended_has_time_to_come_back() -> None:
    """Its first wait is up to a second."""

    async def scenario(run: Running) -> None:
        desk = await Desk.open(run)
        desk.leave(comes_back=True)
        assert await desk.after(RETURN_SECONDS - 0.01) == "Available"
        assert await desk.after(0.01) == "Offline"

    play(scenario)


def test_without_an_activity_of_that_name_it_is_the_timeout_activity() -> None:
    async def scenario(run: Running) -> None:
        desk = await Desk.open(run)
        state = run.service.states[run.workspace_sid]
        offline = next(a for a in state.activities.values() if a.friendly_name == "Offline")
        await run.do(
            c.UpdateActivity(workspace_sid=run.workspace_sid, sid=offline.sid, changes={"friendly_name": "Gone"})
        )
        desk.leave()
        assert await desk.after(GRACE_SECONDS) == "Gone"

    play(scenario)


def test_pending_reservations_are_left_alone() -> None:
    """They time out."""

    async def scenario(run: Running) -> None:
        desk = await Desk.open(run)
        task = await run.do(run.task())
        desk.leave()
        assert await desk.after(GRACE_SECONDS) == "Offline"
        assert [r.reservation_status for r in task.reservations] == ["pending"]

    play(scenario)


def test_who_is_offline_already_stays_so_without_a_word() -> None:
    """The same Activity set again would be an event."""

    async def scenario(run: Running) -> None:
        desk = await Desk.open(run)
        desk.leave()
        await desk.after(GRACE_SECONDS)
        events = run.events()
        desk.leave()
        assert (await desk.after(GRACE_SECONDS), run.events()) == ("Offline", events)

    play(scenario)


def test_what_could_not_be_written_is_tried_again() -> None:
    async def scenario(run: Running) -> None:
        desk = await Desk.open(run)
        run.store.fails_with = StoreError("the disk is full")
        desk.leave()
        assert await desk.after(GRACE_SECONDS) == "Available"
        run.store.fails_with = None
        assert await desk.after(RETRY_SECONDS) == "Offline"

    play(scenario)


@pytest.mark.parametrize("gone", ["the Worker", "the Workspace"])
def test_who_was_deleted_meanwhile_is_no_matter(gone: str) -> None:
    async def scenario(run: Running) -> None:
        desk = await Desk.open(run)
        here: dict[str, Any] = {"workspace_sid": run.workspace_sid}
        desk.leave()
        if gone == "the Worker":
            await run.do(c.DeleteWorker(**here, sid=desk.worker_sid))
        else:
            await run.do(c.DeleteWorkspace(**here, sid=run.workspace_sid))
        desk.timers.advance(GRACE_SECONDS)
        await desk.presence.close()

    play(scenario)


def test_the_end_of_the_sandbox_makes_nobody_offline() -> None:
    async def scenario(run: Running) -> None:
        desk = await Desk.open(run)
        desk.leave()
        await desk.presence.close()
        assert await desk.after(GRACE_SECONDS) == "Available"

    play(scenario)
