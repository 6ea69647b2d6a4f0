"""The sandbox as a process: one service, its API on a loopback port, until it is asked to end or nobody uses it."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import logging
import os
import secrets
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence, Sized
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from labkit.errors import SandboxError
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
from labkit.sandbox.callback_hosts import CallbackHosts, is_loopback, why_never
from labkit.sandbox.clock_control import ClockControl, clock_of
from labkit.sandbox.garbage import collect_rarely, not_collecting
from labkit.sandbox.log_file import RotatingLog, SafeFormatter
from labkit.sandbox.process import (
    Address,
    answers,
    own_name,
    progress_file,
    remove_registration,
    snapshots_folder,
    write_registration,
)
from labkit.sandbox.rate_limits import RateLimits
from labkit.sandbox.service import Service, random_sid
from labkit.sandbox.simulation import Simulation
from labkit.sandbox.store import (
    MALFORMED,
    DamagedError,
    Durable,
    MemoryStore,
    Snapshots,
    SqliteStore,
    Store,
    StoreError,
    facts_in_use,
    is_ours,
    set_aside,
)
from labkit.sandbox.webhooks import Webhooks
from labkit.vocabulary import Sid

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
IDLE_CHECK_SECONDS = 30.0
REGISTER_SECONDS = 2.0
"""After which a sandbox looks whether its address is still where others look for it; within `LOCK_SECONDS`, so that one
who finds no address, and then the state in use, finds the address meanwhile."""
LOCK_SECONDS = 3.0
"""How long a sandbox that is ending may take to let go of its state."""
OPEN_FILES = 8192
"""What a sandbox asks of the system: one for each connection, so that URLs which hang do not use up all there are."""
FORMER = "former_accounts"
PROCESS = "process"
"""The fact that says who has the state: the number of the process that listened last."""
LEAST_TOKEN = 16
"""Characters of the auth token of a sandbox that other computers can reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a sandbox process runs.

    Attributes:
        state: the file that keeps everything. Snapshots go into a folder beside it, named after it.
        durable: what an answered write survives: the end of the process, or a power cut too.
        in_memory: keep nothing on disk; `state` is not touched, and the end is the end.
        host: the address to listen on. One that other computers can reach needs an `auth_token` given by hand.
        port: 0 takes a free one.
        account_sid, auth_token: the credentials; by default those in the state, or new random ones.
        register: a file to write the address to, for `labkit.start()` to find; None writes none.
        idle_seconds: end after so long without a request; None never.
        callback_hosts: hosts that may be called besides this computer.
        rate_limits: whether TaskRouter's rate limits hold (`rate_limits.py`).
    """

    state: Path
    durable: str = Durable.PROCESS
    in_memory: bool = False
    host: str = HOST
    port: int = 0
    account_sid: str | None = None
    auth_token: str | None = field(default=None, repr=False)
    register: Path | None = None
    idle_seconds: float | None = None
    callback_hosts: tuple[str, ...] = ()
    rate_limits: bool = True


def start_log(path: Path | None) -> None:
    """Have what is logged written to standard error, or into this file, which is rotated.

    Raises:
        SandboxError: the file cannot be used.
    """
    try:
        handler = logging.StreamHandler() if path is None else RotatingLog(path)
    except OSError as error:
        raise SandboxError(f"The log {path} cannot be written: {error.strerror}. Choose another --log.") from None
    handler.setFormatter(SafeFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def run(options: Options, *, announce: Callable[[str], None]) -> None:
    """Serve until the end; `announce` gets one line of JSON with url, account_sid and auth_token once it listens.

    Where the state is another sandbox's that cannot say where it is, the line has its address, with its `pid`, and that
    is all: on a full disk it has no file to write it to.

    Raises:
        SandboxError: the state, the host or the port cannot be used.
    """
    _check_host(options)
    _check_callback_hosts(options)
    options = replace(options, state=own_name(options.state))
    allow_open_files()
    try:
        if options.in_memory:
            asyncio.run(_serve(options, MemoryStore(), announce))
        else:
            with _alone(options.state) as lock:
                _serve_state(options, announce, lock, ())
    except StateInUseError:
        other = _other_address(options.state) if options.register is not None else None
        if other is None:
            raise
        announce(json.dumps(asdict(other)))
    except StoreError as error:
        raise SandboxError(str(error)) from None
    finally:
        # Last of all: when it is gone, the state is free, and `labkit.start()` may begin anew at once.
        if options.register is not None:
            remove_registration(options.register, pid=os.getpid())


def notices_of(state: Path) -> list[str]:
    """What a sandbox that began with this state would have to say, in sentences; everything in it is read.

    An older state is brought up to date, as at every start; so look at a copy of what is not to be touched.

    Raises:
        SandboxError: it is damaged, or cannot be used.
    """
    state = own_name(state)
    try:
        with _alone(state), closing(SqliteStore(state)) as store:
            Service(store)
            return list(store.notices)
    except StoreError as error:
        raise SandboxError(str(error)) from None


def _serve_state(options: Options, announce: Callable[[str], None], lock: StateLock, notices: Sequence[str]) -> None:
    """Serve from the state file; a damaged one is set aside, and a new one begun."""
    try:
        with closing(SqliteStore(options.state, durable=Durable(options.durable))) as store:
            said = [*notices, *store.notices]
            for notice in store.notices:
                log.warning("%s", notice)
            watch = functools.partial(_keep_watch, store, lock, said)
            asyncio.run(_serve(options, store, announce, said, watch=watch))
    except DamagedError as error:
        if notices or not is_ours(options.state):
            raise
        notice = f"{error} It was set aside as {_aside(options.state)}, and the sandbox began anew with an empty one."
        log.warning("%s", notice)
        _serve_state(options, announce, lock, [notice])


def _keep_watch(store: SqliteStore, lock: StateLock, said: list[str], registration: Registration) -> None:
    """See to it that the state file stays where it is; what becomes of it is said in `said`.

    Its whole folder may have been removed, and with it what keeps others off it and what `labkit.start()` looks for.
    """

    def tell(notice: str) -> None:
        log.warning("%s", notice)
        said.append(notice)
        lock.renew()
        registration.write_again()

    store.keep_watch(tell)


def _aside(state: Path) -> Path:
    try:
        return set_aside(state)
    except OSError as error:
        raise SandboxError(f"The state file {state} is damaged, and it cannot be set aside: {error}.") from None


def _check_host(options: Options) -> None:
    """Whoever reaches the sandbox from outside must prove more than a token which was made up and kept in a file."""
    token = options.auth_token or ""
    if is_loopback(options.host) or len(token) >= LEAST_TOKEN:
        return
    given = f"The one given has {len(token)}. " if token else ""
    raise SandboxError(
        f"Other computers can reach a sandbox on {options.host}, so it wants an auth token of your own, of "
        f"{LEAST_TOKEN} characters or more. {given}Give it in the variable LABKIT_SANDBOX_TOKEN or with --auth-token, "
        f"or leave out --host."
    )


def _check_callback_hosts(options: Options) -> None:
    for never in filter(None, (why_never(host.strip().lower()) for host in options.callback_hosts)):
        raise SandboxError(f"{never}. Leave it out of --allow-callback-host.")


def allow_open_files() -> None:
    """Ask for `OPEN_FILES` where the system gives fewer at first; macOS gives 256."""
    if sys.platform == "win32":  # it has no such limit
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):  # the system may have a lower limit still
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class StateInUseError(SandboxError):
    """Another sandbox has the state."""


class StateLock:
    """Keeps other sandboxes off a state file; one that is just ending is waited for.

    Raises:
        SandboxError: another one has it, or it cannot be used; whichever it is, the sentence says.
    """

    def __init__(self, state: Path) -> None:
        self._path = f"{state}.lock"
        self._lock = FileLock(self._path, timeout=LOCK_SECONDS)
        try:
            state.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout:
            raise StateInUseError(
                f"The state file {state} is in use by another sandbox{_holder(state)}. End that one, or choose another "
                "--state."
            ) from None
        except OSError as error:
            raise SandboxError(f"The state file {state} cannot be used: {error}. Choose another --state.") from None

    def renew(self) -> None:
        """Have it again, where the lock's own file was removed."""
        fresh = FileLock(self._path, timeout=0)
        with contextlib.suppress(Timeout, OSError):  # it is still there, or somebody was quicker
            fresh.acquire()
            self._lock.release()
            self._lock = fresh

    def release(self) -> None:
        """Let others have it."""
        self._lock.release()


@contextmanager
def _alone(state: Path) -> Iterator[StateLock]:
    """Keep other sandboxes off the state file meanwhile."""
    lock = StateLock(state)
    try:
        # First of all: a kill in the middle of a restore leaves the state with one name more.
        Snapshots(snapshots_folder(state), state=state)
        _check_names(state)
        yield lock
    finally:
        lock.release()


def _check_names(state: Path) -> None:
    """SQLite's log belongs to one name of the file: by another, what is in it is not seen, and then overwritten."""
    if state.is_file() and state.stat().st_nlink > 1:
        raise SandboxError(
            f"The state file {state} has another name too (a hard link), and a sandbox that began by that one would "
            f"spoil it. Make a copy of it under a third name, and give that with --state; nothing was touched."
        )


def _holder(state: Path) -> str:
    """Which process has it, in brackets; nothing where it has not said so yet."""
    facts = facts_in_use(state)
    return f" (process {facts[PROCESS]}, which listens on port {facts.get('port')})" if PROCESS in facts else ""


def _other_address(state: Path) -> Address | None:
    """Where the one is that has the state, by what it keeps there; None where nobody answers to that."""
    facts = facts_in_use(state)
    try:
        address = Address(
            url=url_of(HOST, int(facts["port"])),
            account_sid=facts["account_sid"],
            auth_token=facts["auth_token"],
            pid=int(facts[PROCESS]),
        )
    except (KeyError, ValueError):
        return None
    return address if answers(address) else None


async def _serve(
    options: Options,
    store: Store,
    announce: Callable[[str], None],
    notices: Sequence[str] = (),
    *,
    watch: Callable[[Registration], None] = lambda _: None,
) -> None:
    account_sid, token = credentials(store, options.account_sid, options.auth_token)
    collect_rarely()
    stop = asyncio.Event()
    accounts = Accounts({**former_accounts(store), account_sid: token}, owner=account_sid, facts=store)
    async with running(store, accounts, options, stop, notices=notices) as url:
        address = {"url": url, "account_sid": account_sid, "auth_token": token}
        registration = Registration(options.register, {**address, "pid": os.getpid()})
        registering = asyncio.create_task(registration.stay())
        watch(registration)
        _stop_on_signals(stop)
        announce(json.dumps(address))
        await stop.wait()
        await _cancel(registering)


class Registration:
    """The address in its file, where `labkit.start()` looks for it.

    Args:
        path: the file; None where nobody looks.
        values: what it holds.
    """

    def __init__(self, path: Path | None, values: Mapping[str, str | int]) -> None:
        self._path, self._values = path, values
        self._is_written = False
        self._write()

    def write_again(self) -> None:
        """Write it, if it is not there: it may have been removed, or the disk was full."""
        if self._path is not None and not (self._is_written and self._path.exists()):
            self._write()

    async def stay(self) -> None:
        """Write it again whenever it is not there, until cancelled."""
        while self._path is not None:
            await asyncio.sleep(REGISTER_SECONDS)
            self.write_again()

    def _write(self) -> None:
        try:
            if self._path is not None:
                write_registration(self._path, self._values)
            self._is_written = True
        except OSError as error:  # a sandbox with a full disk is still one to be read
            log.warning("the address cannot be written to %s: %s", self._path, error)


@asynccontextmanager
async def running(
    store: Store, accounts: Accounts, options: Options, stop: asyncio.Event, *, notices: Sequence[str] = ()
) -> AsyncIterator[str]:
    """A service with its API; gives the URL, and ends everything in reverse order."""
    with not_collecting():
        service = Service(store, clock=clock_of(store))
    hosts = CallbackHosts(options.callback_hosts)
    webhooks = Webhooks(service, token=accounts.token, hosts=hosts)
    service.publisher = webhooks
    use = _Use()
    clock_control = ClockControl(service, answered=webhooks.answered)
    around = SandboxProcess(hosts=hosts, webhooks=webhooks, clock_control=clock_control, stop=stop, notices=notices)
    kept = () if options.in_memory else (Snapshots(snapshots_folder(options.state), state=options.state),)
    limits, faults = RateLimits() if options.rate_limits else None, webhooks.faults
    simulation = Simulation(service, clock_control, unsent=webhooks.unsent_events)
    progress = ProgressFile(None if options.in_memory else progress_file(options.state))
    own, tokens = (around, simulation, *kept, progress), AccessTokens(accounts)
    router = build_app(service, accounts=accounts, own=own, on_use=use.now, limits=limits, faults=faults)
    sessions = Sessions(service, tokens, on_use=use.now)
    service.observer = sessions
    router.add(sessions.routes())
    bridge = Bridge(service, tokens, callers=sessions, on_use=use.now, limits=limits, faults=faults)
    router.add(bridge.routes())
    older = CapabilityTokens(accounts)
    router.add(OlderBridge(router, accounts, older, callers=sessions).routes())
    router.add(OlderSessions(sessions, older).routes())
    runner = Runner(router, access_log=None, shutdown_timeout=1)
    async with contextlib.AsyncExitStack() as ending:
        ending.push_async_callback(webhooks.close)
        await runner.setup()
        ending.push_async_callback(runner.cleanup)
        ending.push_async_callback(sessions.close)
        ending.push_async_callback(simulation.close)
        url = await _listen_where_it_was(runner, store, options)
        for work in (service.run(), _stop_when_idle(use, sessions, stop, options.idle_seconds)):
            task = asyncio.create_task(work)
            task.add_done_callback(lambda task: _end_if_failed(task, stop))
            ending.push_async_callback(_cancel, task)
        with contextlib.suppress(StoreError):
            _keep(store, PROCESS, str(os.getpid()))
        yield url


async def _listen_where_it_was(runner: Runner, store: Store, options: Options) -> str:
    """On the port asked for; without one on the last one if it is free, so that whoever knows the address finds it."""
    last = store.fact("port") or ""
    if options.port == 0 and last.isdecimal() and 0 < int(last[:6]) < 65536:
        with contextlib.suppress(SandboxError):
            return await _listen(runner, options.host, int(last))
    url = await _listen(runner, options.host, options.port)
    with contextlib.suppress(StoreError):  # a sandbox with a full disk is still one to be read
        _keep(store, "port", str(urlsplit(url).port))
    return url


async def _listen(runner: Runner, host: str, port: int) -> str:
    try:
        await runner.listen(host, port)
    except OSError as error:
        raise SandboxError(f"Port {port} on {host} cannot be used: {error.strerror}. Choose another, or 0.") from None
    return url_of(host, runner.addresses[0][1])


def url_of(host: str, port: int) -> str:
    """The URL for whoever is on this computer; a wildcard is no address to ask at."""
    name = {"": HOST, "0.0.0.0": HOST, "::": "::1"}.get(host, host)  # noqa: S104  # nothing is bound here
    return f"http://{f'[{name}]' if ':' in name else name}:{port}"


def credentials(store: Store, account_sid: str | None, auth_token: str | None) -> tuple[str, str]:
    """The account: as given, else as kept in the state, else new and random. Whichever it is, it is kept.

    The one before it stays an account: what belongs to it is still there, and its callbacks go on to be signed.
    """
    last, last_token = store.fact("account_sid"), store.fact("auth_token")
    known = former_accounts(store) | ({last: last_token} if last and last_token else {})
    sid = account_sid or last or random_sid(Sid.ACCOUNT)
    token = auth_token or known.get(sid) or secrets.token_hex(16)
    _keep(store, FORMER, json.dumps({name: secret for name, secret in known.items() if name != sid}))
    _keep(store, "account_sid", sid)
    _keep(store, "auth_token", token)
    return sid, token


def _keep(store: Store, name: str, value: str) -> None:
    """Write what is new only: a sandbox must be able to start, and to be read, when the disk is full."""
    if store.fact(name) != value:
        store.keep_fact(name, value)


def former_accounts(store: Store) -> dict[str, str]:
    """The accounts with which the sandbox was started before on this state: their auth tokens by SID.

    Raises:
        StoreError: what is kept there is something else.
    """
    try:
        return {str(sid): str(token) for sid, token in json.loads(store.fact(FORMER) or "{}").items()}
    except MALFORMED as error:
        raise StoreError(
            f"The former accounts that the state file keeps cannot be read: {type(error).__name__}. Move it away to "
            "begin anew; it is not touched."
        ) from None


class _Use:
    """When the sandbox was last used."""

    def __init__(self) -> None:
        self.last = time.monotonic()

    def now(self) -> None:
        self.last = time.monotonic()


async def _stop_when_idle(use: _Use, sessions: Sized, stop: asyncio.Event, idle_seconds: float | None) -> None:
    while idle_seconds is not None:
        await asyncio.sleep(min(IDLE_CHECK_SECONDS, idle_seconds))
        if not sessions and time.monotonic() - use.last >= idle_seconds:
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
