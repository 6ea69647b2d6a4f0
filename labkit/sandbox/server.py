"""The sandbox as a process: one service, its API on a loopback port, until it is asked to end or nobody uses it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import secrets
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web
from filelock import FileLock, Timeout

from labkit.errors import SandboxError
from labkit.sandbox.api.app import build_app
from labkit.sandbox.api.auth import Accounts
from labkit.sandbox.api.control import Control
from labkit.sandbox.api.runner import Runner
from labkit.sandbox.callback_hosts import CallbackHosts
from labkit.sandbox.clock import Clock
from labkit.sandbox.process import remove_registration, write_registration
from labkit.sandbox.service import Service, random_sid
from labkit.sandbox.store import SqliteStore, StoreError
from labkit.sandbox.webhooks import Webhooks
from labkit.vocabulary import Sid

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
IDLE_CHECK_SECONDS = 30.0
LOCK_SECONDS = 3.0
"""How long a sandbox that is ending may take to let go of its state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a sandbox process runs.

    Attributes:
        state: the file that keeps everything.
        port: on 127.0.0.1; 0 takes a free one.
        account_sid, auth_token: the credentials; by default those in the state, or new random ones.
        register: a file to write the address to, for `labkit.start()` to find; None writes none.
        idle_seconds: end after so long without a request; None never.
        callback_hosts: hosts that may be called besides this computer.
    """

    state: Path
    port: int = 0
    account_sid: str | None = None
    auth_token: str | None = field(default=None, repr=False)
    register: Path | None = None
    idle_seconds: float | None = None
    callback_hosts: tuple[str, ...] = ()


def run(options: Options, *, announce: Callable[[str], None]) -> None:
    """Serve until the end; `announce` gets one line of JSON with url, account_sid and auth_token once it listens.

    Raises:
        SandboxError: the state or the port cannot be used.
    """
    try:
        with _alone(options.state), closing(SqliteStore(options.state)) as store:
            asyncio.run(_serve(options, store, announce))
    except StoreError as error:
        raise SandboxError(str(error)) from None
    finally:
        # Last of all: when it is gone, the state is free, and `labkit.start()` may begin anew at once.
        if options.register is not None:
            remove_registration(options.register, pid=os.getpid())


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    """Keep other sandboxes off the state file meanwhile; one that is just ending is waited for."""
    lock = FileLock(f"{state}.lock", timeout=LOCK_SECONDS)
    try:
        state.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise SandboxError(
            f"The state file {state} is in use by another sandbox. End that one, or choose another --state."
        ) from None
    except OSError as error:
        raise SandboxError(f"The state file {state} cannot be used: {error}. Choose another --state.") from None
    try:
        yield
    finally:
        lock.release()


async def _serve(options: Options, store: SqliteStore, announce: Callable[[str], None]) -> None:
    account_sid, token = credentials(store, options.account_sid, options.auth_token)
    stop = asyncio.Event()
    async with running(store, {account_sid: token}, options, stop) as url:
        address = {"url": url, "account_sid": account_sid, "auth_token": token}
        if options.register is not None:
            write_registration(options.register, {**address, "pid": os.getpid()})
        _stop_on_signals(stop)
        announce(json.dumps(address))
        await stop.wait()


@asynccontextmanager
async def running(
    store: SqliteStore, tokens: dict[str, str], options: Options, stop: asyncio.Event
) -> AsyncIterator[str]:
    """A service with its API; gives the URL, and ends everything in reverse order."""
    service = Service(store, clock=Clock())
    accounts, hosts = Accounts(tokens, facts=store), CallbackHosts(options.callback_hosts)
    webhooks = Webhooks(service, token=accounts.token, hosts=hosts)
    service.publisher = webhooks
    use = _Use()
    control = Control(hosts, webhooks.deliveries, stop=stop)
    runner = Runner(
        build_app(service, accounts=accounts, control=control, on_use=use.now), access_log=None, shutdown_timeout=1
    )
    async with contextlib.AsyncExitStack() as ending:
        ending.push_async_callback(webhooks.close)
        await runner.setup()
        ending.push_async_callback(runner.cleanup)
        url = await _listen_where_it_was(runner, store, options.port)
        for work in (service.run(), _stop_when_idle(use, stop, options.idle_seconds)):
            task = asyncio.create_task(work)
            task.add_done_callback(lambda task: _end_if_failed(task, stop))
            ending.push_async_callback(_cancel, task)
        yield url


async def _listen_where_it_was(runner: web.AppRunner, store: SqliteStore, port: int) -> str:
    """On the port asked for; without one on the last one if it is free, so that whoever knows the address finds it."""
    last = int(store.fact("port") or 0)
    if port == 0 and last:
        with contextlib.suppress(SandboxError):
            return await _listen(runner, last)
    url = await _listen(runner, port)
    store.keep_fact("port", str(urlsplit(url).port))
    return url


async def _listen(runner: web.AppRunner, port: int) -> str:
    try:
        await web.TCPSite(runner, HOST, port, backlog=512).start()
    except OSError as error:
        raise SandboxError(f"Port {port} on {HOST} cannot be used: {error.strerror}. Choose another, or 0.") from None
    return f"http://{HOST}:{runner.addresses[0][1]}"


def credentials(store: SqliteStore, account_sid: str | None, auth_token: str | None) -> tuple[str, str]:
    """The account: as given, else as kept in the state, else new and random. Whichever it is, it is kept."""
    sid = account_sid or store.fact("account_sid") or random_sid(Sid.ACCOUNT)
    token = auth_token or store.fact("auth_token") or secrets.token_hex(16)
    store.keep_fact("account_sid", sid)
    store.keep_fact("auth_token", token)
    return sid, token


class _Use:
    """When the sandbox was last used."""

    def __init__(self) -> None:
        self.last = time.monotonic()

    def now(self) -> None:
        self.last = time.monotonic()


async def _stop_when_idle(use: _Use, stop: asyncio.Event, idle_seconds: float | None) -> None:
    while idle_seconds is not None:
        await asyncio.sleep(min(IDLE_CHECK_SECONDS, idle_seconds))
        if time.monotonic() - use.last >= idle_seconds:
            log.info("nobody used the sandbox for %g s; it ends, and its state is kept", idle_seconds)
            stop.set()
            return


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGINT"):
        with contextlib.suppress(NotImplementedError):  # Windows ends the process itself
            loop.add_signal_handler(getattr(signal, name), stop.set)


def _end_if_failed(task: asyncio.Task[None], stop: asyncio.Event) -> None:
    """A sandbox whose timers have died must not go on as if time stood still."""
    if not task.cancelled() and task.exception() is not None:
        log.critical("the sandbox ends by a mistake of its own", exc_info=task.exception())
        stop.set()


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, Exception):
        await task
