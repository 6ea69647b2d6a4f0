"""A sandbox in this process for tests: the real application on a real loopback socket, with a clock moved by hand."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from labkit.progress_file import ProgressFile
from labkit.sandbox.api.app import build_app
from labkit.sandbox.api.auth import Accounts
from labkit.sandbox.api.runner import Runner
from labkit.sandbox.api.sandbox_paths.route import SandboxProcess
from labkit.sandbox.bridge.access_tokens import AccessTokens
from labkit.sandbox.bridge.app import Bridge
from labkit.sandbox.bridge.capability_tokens import CapabilityTokens
from labkit.sandbox.bridge.older_bridge import OlderBridge
from labkit.sandbox.bridge.older_sessions import OlderSessions
from labkit.sandbox.bridge.sessions import Sessions
from labkit.sandbox.callback_hosts import CallbackHosts
from labkit.sandbox.clock import Clock
from labkit.sandbox.clock_control import ClockControl
from labkit.sandbox.rate_limits import RateLimits
from labkit.sandbox.service import Service
from labkit.sandbox.simulation import Simulation
from labkit.sandbox.store import MemoryStore, Snapshots, Store
from labkit.sandbox.webhooks import Webhooks
from labkit.settings import Secret
from labkit.taskrouter.client import connect

if TYPE_CHECKING:
    from twilio.rest import Client

T = TypeVar("T")

START = datetime(2026, 1, 1, tzinfo=UTC)
PATIENCE_SECONDS = 10
ACCOUNT, TOKEN = f"AC{'1' * 32}", "made-up-token-one"
OTHER_ACCOUNT, OTHER_TOKEN = f"AC{'2' * 32}", "made-up-token-two"
TOKENS = {ACCOUNT: TOKEN, OTHER_ACCOUNT: OTHER_TOKEN}


@dataclass
class LocalSandbox:
    """A running sandbox. Its methods are for the test's thread."""

    service: Service
    webhooks: Webhooks
    sessions: Sessions
    hosts: CallbackHosts
    stop_asked: asyncio.Event
    url: str
    loop: asyncio.AbstractEventLoop
    uses: list[None] = field(default_factory=list)
    """One for each time that somebody asked who proved who they are."""
    calls: list[Mapping[str, Any]] = field(default_factory=list)
    """Every request that `client()` made."""

    def client(self, account_sid: str = ACCOUNT, token: str = TOKEN) -> Client:
        """The official SDK's client, turned to this sandbox."""
        return connect(account_sid=account_sid, auth_token=Secret(token), base_url=self.url, on_call=self.calls.append)

    def ask(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the sandbox's loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE_SECONDS)

    def look(self, read: Callable[[], T]) -> T:
        """Call a function on the sandbox's loop."""

        async def reading() -> T:
            return read()

        return self.ask(reading())

    def advance(self, seconds: float) -> None:
        """Move the clock on, play what falls due, and wait for the callbacks that follow."""

        async def moving() -> None:
            self.service.clock.advance(seconds)
            await self.service.catch_up()
            self.service.wake()

        self.ask(moving())
        self.settle()

    def settle(self) -> None:
        """Wait until no callback is under way."""

        async def settling() -> None:
            while self.webhooks._tasks:
                await asyncio.wait(self.webhooks._tasks)

        self.ask(settling())


@contextmanager
def local_sandbox(
    store: Store | None = None,
    *,
    clock: Clock | None = None,
    hosts: tuple[str, ...] = (),
    limits: RateLimits | None = None,
    kept: Snapshots | None = None,
    most: int | None = None,
) -> Iterator[LocalSandbox]:
    """A sandbox on a free loopback port, in a thread of its own; nothing is left of it afterwards but the store."""
    started, holder = threading.Event(), _Holder()
    made = Service(store or MemoryStore(), clock=clock or Clock(START))
    thread = threading.Thread(
        target=lambda: asyncio.run(_serve(made, hosts, limits, holder, started, kept=kept, most=most)),
        name="labkit-test-sandbox",
        daemon=True,
    )
    thread.start()
    assert started.wait(PATIENCE_SECONDS), "the sandbox did not start"
    assert holder.sandbox is not None, f"the sandbox did not start: {holder.failure!r}"
    try:
        yield holder.sandbox
    finally:
        holder.sandbox.loop.call_soon_threadsafe(holder.over.set)
        thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive(), "the sandbox did not end"


@dataclass
class _Holder:
    """What the sandbox's thread hands over."""

    over: asyncio.Event = field(default_factory=asyncio.Event)
    sandbox: LocalSandbox | None = None
    failure: BaseException | None = None


async def _serve(
    service: Service,
    hosts: tuple[str, ...],
    limits: RateLimits | None,
    holder: _Holder,
    started: threading.Event,
    *,
    kept: Snapshots | None,
    most: int | None,
) -> None:
    try:
        async with _running(service, hosts, limits, kept=kept, most=most) as holder.sandbox:
            started.set()
            await holder.over.wait()
    except BaseException as error:
        holder.failure = error
        raise
    finally:
        started.set()


@asynccontextmanager
async def _running(
    service: Service,
    allowed: tuple[str, ...],
    limits: RateLimits | None,
    *,
    kept: Snapshots | None,
    most: int | None,
) -> AsyncIterator[LocalSandbox]:
    accounts, hosts, stop = (
        Accounts(TOKENS, owner=ACCOUNT, facts=service.store),
        CallbackHosts(allowed),
        asyncio.Event(),
    )
    webhooks = Webhooks(service, token=accounts.token, hosts=hosts)
    service.publisher = webhooks
    clock_control = ClockControl(service, answered=webhooks.answered)
    around = SandboxProcess(hosts=hosts, webhooks=webhooks, clock_control=clock_control, stop=stop)
    simulation = Simulation(service, clock_control, unsent=webhooks.unsent_events)
    uses: list[None] = []
    counted: Any = {"on_use": lambda: uses.append(None), "faults": webhooks.faults, "limits": limits}
    app = build_app(service, accounts=accounts, own=(around, simulation, kept, ProgressFile(None)), **counted)
    tokens = AccessTokens(accounts)
    sessions = Sessions(service, tokens)
    service.observer = sessions
    app.add(sessions.routes())
    app.add(Bridge(service, tokens, callers=sessions, **counted).routes())
    older = CapabilityTokens(accounts)
    app.add(OlderBridge(app, accounts, older, callers=sessions).routes())
    app.add(OlderSessions(sessions, older).routes())
    runner = Runner(app, most=most, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await runner.listen("127.0.0.1", 0)
    timers = asyncio.create_task(service.run())
    try:
        yield LocalSandbox(
            service=service,
            webhooks=webhooks,
            sessions=sessions,
            hosts=hosts,
            stop_asked=stop,
            url=f"http://127.0.0.1:{runner.addresses[0][1]}",
            loop=asyncio.get_running_loop(),
            uses=uses,
        )
    finally:
        await simulation.close()
        timers.cancel()
        with suppress(asyncio.CancelledError):
            await timers
        await sessions.close()
        await runner.cleanup()
        await webhooks.close()
