"""All sessions together: who hears what and when, who closes whom, and what ends a session."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sandbox.bridge.by_hand import HandSocket, HandTimers, grant
from sandbox.test_service import Running, play

from labkit.engine import commands as c
from labkit.sandbox.api.auth import Accounts
from labkit.sandbox.bridge.access_tokens import AccessTokens, Grant
from labkit.sandbox.bridge.outbox import ANSWER_LEAD_SECONDS, LOADED_LEAD_SECONDS, OTHERS_LEAD_SECONDS
from labkit.sandbox.bridge.presence import GRACE_SECONDS, RETURN_SECONDS
from labkit.sandbox.bridge.session import EXPIRY_GRACE_SECONDS, LOADING, Joining
from labkit.sandbox.bridge.sessions import DISPLACED, EXPIRED, NO_WORKER, REPLACED, Sessions
from labkit.sandbox.refusals import Unavailable
from labkit.sandbox.store import SqliteStore, StoreError

LONG = 3600.0


class Page:
    """A page of a Worker: its socket, and the session."""

    def __init__(self, desk: Desk, worker_sid: str, **joining: Any) -> None:
        self.desk = desk
        self.socket = HandSocket()
        self.joining = Joining(
            grant=desk.grant(worker_sid, joining.pop("seconds", LONG)), token=joining.pop("token", "t"), **joining
        )
        self.session = desk.sessions.join(self.socket, self.joining)
        assert self.socket.take() == ["init"]

    @property
    def grant(self) -> Grant:
        return self.joining.grant

    def load(self) -> Page:
        """Ask for all lists, and wait until that is done."""
        for name in LOADING:
            self.desk.sessions.listed(self.grant, name)
        self.desk.timers.advance(LOADED_LEAD_SECONDS)
        return self

    def take(self) -> list[str]:
        """The events since this was last asked."""
        return [type_ for type_ in self.socket.take() if type_]


class Desk:
    """A Workspace with Alice and Bob, both Available, whose pages connect by hand."""

    def __init__(self, run: Running, alice: str, bob: str) -> None:
        self.run, self.alice, self.bob = run, alice, bob
        self.timers = HandTimers()
        self.sessions = Sessions(
            run.service, AccessTokens(Accounts({})), timers=self.timers, unix_time=self.timers.unix_time, most=100
        )
        run.service.observer = self.sessions

    @classmethod
    async def open(cls, run: Running) -> Desk:
        await run.furnish()
        alice = (await run.add_worker()).sid
        offline = next(a.sid for a in run.service.states[run.workspace_sid].activities.values() if not a.available)
        here = {"workspace_sid": run.workspace_sid, "activity_sid": offline}
        return cls(run, alice, (await run.do(c.CreateWorker(friendly_name="Bob", **here))).sid)

    def grant(self, worker_sid: str, seconds: float = LONG) -> Grant:
        return grant(
            expires_at=self.timers.unix_time() + seconds, worker_sid=worker_sid, workspace_sid=self.run.workspace_sid
        )

    def page(self, worker_sid: str | None = None, **joining: Any) -> Page:
        return Page(self, worker_sid or self.alice, **joining)

    async def set_attributes(self, attributes: str = "{}", worker_sid: str | None = None) -> None:
        await self.run.do(
            c.UpdateWorker(
                workspace_sid=self.run.workspace_sid, sid=worker_sid or self.alice, changes={"attributes": attributes}
            )
        )

    async def fail_after_a_change(self) -> None:
        await self.set_attributes('{"n": 1}')
        raise Unavailable("the disk is full")

    async def activity(self, worker_sid: str | None = None) -> str:
        """The Worker's, once what is under way is done."""
        while self.sessions._presence._changing:
            await asyncio.wait(self.sessions._presence._changing)
        state = self.run.service.states[self.run.workspace_sid]
        return state.activities[state.workers[worker_sid or self.alice].activity_sid].friendly_name


UPDATED = ["worker.attributes.update"]

# --- what they hear ---------------------------------------------------------------------------------------------------


def test_every_page_of_a_worker_hears_and_no_other() -> None:
    async def scenario(run: Running) -> None:
        desk = await Desk.open(run)
        pages = [desk.page().load(), desk.page().load(), desk.page(desk.bob).load()]
        await run.do(run.task())
        assert [page.take() for page in pages] == [["reservation.created"], ["reservation.created"], []]

    play(scenario)


def test_nobody_hears_of_what_is_not_written() -> None:
    """It is told after the commit; and what could not be written has not happened."""

    async def scenario(run: Running) -> None:
        desk = await Desk.open(run)
        page = desk.page().load()
        asked = asyncio.create_task(desk.set_attributes('{"n": 1}'))
        await asyncio.sleep(0)
        assert page.take() == []
        await asked
        assert page.take() == UPDATED
        run.store.fails_with = StoreError("the disk is full")
        with pytest.raises(Unavailable):
            await desk.set_attributes('{"n": 2}')
        run.store.fails_with = None
        await desk.set_attributes('{"n": 3}')
        assert page.take() == UPDATED

    play(scenario)


def test_who_connects_hears_of_what_comes_after() -> None:
    """What was played before its `init`, and is written after it, is in what it loads."""

    async def scenario(run: Running) -> None:
        desk = await Desk.open(run)
        desk.page().load()
        asked = asyncio.create_task(desk.set_attributes('{"n": 1}'))
        await asyncio.sleep(0)
        late = desk.page()
        await asked
        late.load()
        assert late.take() == []

    play(scenario)


def test_what_a_call_causes_comes_after_its_answer_to_the_callers_pages_alone() -> None:
    """Bob's waits for no answer, but for a moment: one program may have both pages, as in the tests of Twilio's own
    Worker SDK, twilio-taskrouter, where Bob's offer finds the transfer that Alice has begun."""

    async def scenario(run: Running) -> None:
        desk = await Desk.open(run)
        alice, second, bob = desk.page().load(), desk.page().load(), desk.page(desk.bob).load()
        with desk.sessions.calling(alice.grant):
            await desk.set_attributes('{"n": 1}')
            await desk.set_attributes('{"n": 1}', desk.bob)
            assert bob.take() == []
            desk.timers.advance(OTHERS_LEAD_SECONDS)
            assert bob.take() == UPDATED
            desk.timers.advance(0.5)
            assert (alice.take(), second.take()) == ([], [])
        desk.timers.advance(ANSWER_LEAD_SECONDS - 0.01)
        assert (alice.take(), second.take()) == ([], [])
        desk.timers.advance(0.01)
        assert (alice.take(), second.take()) == (UPDATED, UPDATED)

    play(scenario)


def test_what_others_cause_meanwhile_waits_for_no_call() -> None:
    """A page that calls without cease hears of everything else at once."""

    async def scenario(run: Running) -> None:
        desk = await Desk.open(run)
        page = desk.page().load()

        async def calls() -> None:
            with desk.sessions.calling(page.grant):
                await asyncio.sleep(0)
                await asyncio.sleep(0)

        calling = asyncio.create_task(calls())
        await asyncio.sleep(0)
        await desk.set_attributes('{"n": 1}')
        assert page.take() == UPDATED
        await calling
        with desk.sessions.calling(page.grant):
            pass
        await desk.set_attributes('{"n": 2}')
        assert page.take() == UPDATED

    play(scenario)


def test_a_call_that_fails_holds_nothing_up() -> None:
    async def scenario(run: Running) -> None:
        desk = await Desk.open(run)
        page = desk.page().load()
        with pytest.raises(Unavailable), desk.sessions.calling(page.grant):
            await desk.fail_after_a_change()
        desk.timers.advance(ANSWER_LEAD_SECONDS)
        assert page.take() == UPDATED

    play(scenario)


def test_a_list_is_loaded_by_the_newest_page_that_has_not_loaded_it() -> None:
    """By token it cannot be told whose request it is."""

    async def scenario(run: Running) -> None:
        desk = await Desk.open(run)
        older, newer = desk.page(), desk.page()
        await desk.set_attributes('{"n": 1}')
        newer.load()
        assert (older.take(), newer.take()) == ([], UPDATED)
        older.load()
        assert (older.take(), newer.take()) == (UPDATED, [])
        for name in LOADING:  # by a client that asks twice, or that has no page
            desk.sessions.listed(older.grant, name)
            desk.sessions.listed(desk.grant(desk.bob), name)

    play(scenario)


# --- who closes whom --------------------------------------------------------------------------------------------------


def test_a_page_may_close_the_others_of_its_worker() -> None:
    async def scenario(run: Running) -> None:
        desk = await Desk.open(run)
        first, second, bob = desk.page(token="1"), desk.page(token="2"), desk.page(desk.bob, token="3")
        last = desk.page(token="4", closes_others=True)
        closed = [page.socket.closed for page in (first, second, bob, last)]
        assert closed == [(1000, DISPLACED), (1000, DISPLACED), None, None]
        assert len(desk.sessions) == 2

    play(scenario)


def test_two_pages_do_not_throw_each_other_out_for_ever() -> None:
    """Each comes back by itself; whoever was closed may connect, and closes nobody any more."""

    async def scenario(run: Running) -> None:
        desk = await Desk.open(run)
        first = desk.page(token="1", closes_others=True)
        second = desk.page(token="2", closes_others=True)
        again = desk.page(token="1", closes_others=True)
        assert [page.socket.closed for page in (first, second, again)] == [(1000, DISPLACED), None, None]

    play(scenario)


# --- what ends a session ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gone", ["the Worker", "the Workspace"])
def test_a_worker_that_is_deleted_has_no_session_any_more(gone: str) -> None:
    """Once that is written."""

    async def scenario(run: Running) -> None:
        desk = await Desk.open(run)
        alice, bob = desk.page(), desk.page(desk.bob)
        here = {"workspace_sid": run.workspace_sid}
        command = c.DeleteWorkspace(**here, sid=run.workspace_sid)
        if gone == "the Worker":
            command = c.DeleteWorker(**here, sid=desk.alice)  # type: ignore[assignment]
        run.store.fails_with = StoreError("the disk is full")
        with pytest.raises(Unavailable):
            await run.do(command)
        run.store.fails_with = None
        await desk.set_attributes('{"n": 1}')
        assert alice.socket.closed is None
        await run.do(command)
        assert alice.socket.closed == (1008, NO_WORKER)
        assert bob.socket.closed == (None if gone == "the Worker" else (1008, NO_WORKER))

    play(scenario)


def test_another_state_closes_the_sessions_and_they_come_back(tmp_path: Path) -> None:
    """Those whose Worker is in it as well; nobody is Offline for it who does."""

    async def scenario(run: Running) -> None:
        desk = await Desk.open(run)
        run.service.copier()(tmp_path / "before.sqlite")
        newcomer = (await run.do(c.CreateWorker(workspace_sid=run.workspace_sid, friendly_name="Carol"))).sid
        alice, carol = desk.page(goes_offline=True).load(), desk.page(newcomer, goes_offline=True)
        asked = asyncio.create_task(desk.set_attributes('{"n": 1}'))
        await asyncio.sleep(0)
        with closing(SqliteStore(tmp_path / "before.sqlite")) as before:
            run.service.replace_with(run.service.load(before))
        await asked
        assert (alice.socket.closed, carol.socket.closed) == ((1001, REPLACED), (1008, NO_WORKER))
        desk.timers.advance(RETURN_SECONDS - 0.1)
        desk.page(goes_offline=True)
        desk.timers.advance(RETURN_SECONDS)
        assert await desk.activity() == "Available"

    play(scenario)


def test_a_token_that_has_run_out_ends_its_session() -> None:
    """Ten seconds later, and whoever was not renewed is Offline a moment after."""

    async def scenario(run: Running) -> None:
        desk = await Desk.open(run)
        page = desk.page(seconds=20, goes_offline=True)
        desk.timers.advance(20 + EXPIRY_GRACE_SECONDS - 0.1)
        assert page.socket.closed is None
        desk.timers.advance(0.1)
        assert (page.socket.closed, len(desk.sessions)) == ((1000, EXPIRED), 0)
        desk.timers.advance(GRACE_SECONDS)
        assert await desk.activity() == "Offline"

    play(scenario)


def test_who_has_a_newer_token_comes_back_with_it() -> None:
    """A client that was given one says nothing on its socket; its next call has it. It is not Offline in between."""

    async def scenario(run: Running) -> None:
        desk = await Desk.open(run)
        page = desk.page(seconds=20, goes_offline=True)
        with desk.sessions.calling(desk.grant(desk.alice, LONG)):
            pass
        desk.timers.advance(20 + EXPIRY_GRACE_SECONDS)
        assert page.socket.closed == (1000, EXPIRED)
        desk.timers.advance(RETURN_SECONDS - 0.1)
        assert await desk.activity() == "Available"
        desk.timers.advance(0.1)
        assert await desk.activity() == "Offline"

    play(scenario)


def test_a_worker_with_one_page_left_is_not_offline() -> None:
    async def scenario(run: Running) -> None:
        desk = await Desk.open(run)
        first, second = desk.page(goes_offline=True), desk.page(goes_offline=True)
        desk.sessions._leave(first.session)
        desk.timers.advance(LONG / 2)
        assert await desk.activity() == "Available"
        desk.sessions._leave(second.session)
        desk.sessions._leave(second.session)
        desk.timers.advance(GRACE_SECONDS)
        assert await desk.activity() == "Offline"

    play(scenario)


def test_the_end_of_the_sandbox_closes_every_session() -> None:
    async def scenario(run: Running) -> None:
        desk = await Desk.open(run)
        page = desk.page(goes_offline=True)
        await desk.sessions.close()
        assert page.socket.closed == (1001, "the sandbox ends")
        assert (len(desk.sessions), desk.timers.count(), await desk.activity()) == (0, 0, "Available")

    play(scenario)


def test_who_connects_or_goes_uses_the_sandbox() -> None:
    """It ends by itself when nobody has used it for long, counted from the end of the last session."""

    async def scenario(run: Running) -> None:
        desk = await Desk.open(run)
        used: list[int] = []
        desk.sessions._on_use = lambda: used.append(len(desk.sessions))
        page = desk.page()
        desk.sessions._leave(page.session)
        assert used == [1, 0]

    play(scenario)


def test_without_a_session_what_happens_is_not_looked_at() -> None:
    """It costs nothing."""

    async def scenario(run: Running) -> None:
        desk = await Desk.open(run)
        desk.sessions.note(None, None)  # type: ignore[arg-type]
        desk.page()
        with pytest.raises(AttributeError):
            desk.sessions.note(None, None)  # type: ignore[arg-type]

    play(scenario)
