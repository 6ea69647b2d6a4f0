"""How long others wait while the sandbox does something long, in the largest Workspace that TaskRouter allows.

Beside each piece of work somebody asks for something small, again and again; the figure is the longest that one of
these took. It is the worst of the pieces, and the ratio is to the worst while nothing else is done.
"""

from __future__ import annotations

import json
import secrets
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from bench.children import on_core, serving
from bench.measurement import Measurement, Say
from bench.throughput import FORM, basic
from labkit import limits
from labkit.engine import Engine
from labkit.engine import commands as c
from labkit.engine.effects import Outcome
from labkit.errors import LabError
from labkit.sandbox.clock import Clock
from labkit.sandbox.store import EventHistory, SqliteStore
from labkit.vocabulary import Sid

WORKERS = limits.MAX_WORKERS
TASKS = limits.MAX_TASKS_IN_FLIGHT - 2
TARGETS = 5_000
SKILLS = 300
"""In the list of each Worker."""
TERMS = 750
"""Of the long expression, which has nearly 20,000 characters."""
IDLE_SECONDS = 2.0
PAUSE_SECONDS = 0.002
"""Between two small requests."""
PATIENCE_SECONDS = 120
COMMANDS_AT_ONCE = 500
ACCOUNT = f"{Sid.ACCOUNT}{1:032x}"

Json = dict[str, Any]


def slowest_request_ms(say: Say) -> Measurement:
    """Milliseconds that the slowest small request waited beside a change of the Workflow that all Tasks follow, a
    TaskQueue with a long expression, a Task that goes through thousands of targets, a snapshot and a restore."""
    with _large_sandbox(say) as sandbox, on_core(1):
        worst = {name: _slowest(sandbox, work) for name, work in _PIECES.items()}
    for name, milliseconds in worst.items():
        say(f"  {name}: {milliseconds:.1f} ms")
    idle = worst.pop(_IDLE)
    return Measurement(max(worst.values()), "ms", "an idle one", max(worst.values()) / idle)


def first_statistics_s(say: Say) -> Measurement:
    """Seconds for a Workspace's statistics right after a start; its ratio is to those that are asked for next."""
    with _large_sandbox(say) as sandbox, on_core(1):
        first, second = (_seconds(lambda: sandbox.ask("GET", "/Statistics?Minutes=60")) for _ in range(2))
    return Measurement(first, "s", "the next ones", first / second)


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


@contextmanager
def _large_sandbox(say: Say) -> Iterator[_Sandbox]:
    """One that was just started, with all Workers and Tasks that a Workspace may have."""
    with tempfile.TemporaryDirectory(prefix="labkit-bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        say(f"  making {WORKERS:,} Workers and {TASKS:,} Tasks")
        place = fill(home / "state.sqlite")
        options = ("--json", "--no-rate-limits", "--state", "state.sqlite")
        with serving("labkit", "sandbox", *options, home=home) as facts, closing(_Sandbox(facts, place)) as sandbox:
            yield sandbox


class _Sandbox:
    """A kept connection to the sandbox, and the names of what is in it."""

    def __init__(self, facts: Json, place: dict[str, str]) -> None:
        self.place = place
        self._netloc = urlsplit(facts["url"]).netloc
        self._credentials = basic(facts["account_sid"], facts["auth_token"])
        self._connection = HTTPConnection(self._netloc, timeout=PATIENCE_SECONDS)

    def another(self) -> _Sandbox:
        """The same with a connection of its own."""
        other = _Sandbox.__new__(_Sandbox)
        other.__dict__.update(self.__dict__, _connection=HTTPConnection(self._netloc, timeout=PATIENCE_SECONDS))
        return other

    def close(self) -> None:
        self._connection.close()

    def ask(self, method: str, path: str, **fields: object) -> Json:
        """The answer to a request below the Workspace.

        Raises:
            LabError: it was refused.
        """
        return self.ask_at(method, f"/v1/Workspaces/{self.place['workspace']}{path}", **fields)

    def ask_at(self, method: str, path: str, **fields: object) -> Json:
        """The answer to a request at any path.

        Raises:
            LabError: it was refused.
        """
        body = urlencode(fields) if method == "POST" else None
        headers = {**self._credentials, **(FORM if body is not None else {})}
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        content = response.read()
        if response.status >= 300:
            raise LabError(f"{method} {path} was answered {response.status}: {content[:200]!r}")
        return dict(json.loads(content)) if content else {}


def _slowest(sandbox: _Sandbox, work: Callable[[_Sandbox], None]) -> float:
    """The longest that a small request took while the work was done, in milliseconds."""
    over, waited = threading.Event(), [0.0]
    asker = threading.Thread(target=_ask_again_and_again, args=(sandbox.another(), over, waited))
    asker.start()
    try:
        work(sandbox)
    finally:
        over.set()
        asker.join(PATIENCE_SECONDS)
    return waited[0] * 1000


def _ask_again_and_again(sandbox: _Sandbox, over: threading.Event, waited: list[float]) -> None:
    """Read and write something small in turns, until it is over; the longest time goes into `waited`."""
    with closing(sandbox):
        for turn in count():
            begun = time.perf_counter()
            if turn % 2:
                sandbox.ask("GET", f"/Workflows/{sandbox.place['workflow']}")
            else:
                sandbox.ask("POST", f"/Activities/{sandbox.place['activity']}", FriendlyName=f"Lunch {turn}")
            waited[0] = max(waited[0], time.perf_counter() - begun)
            if over.wait(PAUSE_SECONDS):
                return


# --- pieces of work ---------------------------------------------------------------------------------------------------


def _rest(_: _Sandbox) -> None:
    time.sleep(IDLE_SECONDS)


def _change_workflow(sandbox: _Sandbox) -> None:
    routing = {"task_routing": {"default_filter": {"queue": sandbox.place["other"]}}}
    path = f"/Workflows/{sandbox.place['workflow']}"
    sandbox.ask("POST", path, Configuration=json.dumps(routing), ReEvaluateTasks="true")
    _wait_until(lambda: not _tasks_in(sandbox, sandbox.place["queue"]), "all Tasks had moved")


def _judge_workers(sandbox: _Sandbox) -> None:
    expression = " OR ".join(f'skills HAS "none {number}"' for number in range(TERMS - 1))
    queue = sandbox.ask(
        "POST", "/TaskQueues", FriendlyName="long", TargetWorkers=f'{expression} OR skills HAS "skill of the last"'
    )
    path = f"/TaskQueues/{queue['sid']}/RealTimeStatistics"
    _wait_until(lambda: sandbox.ask("GET", path)["total_eligible_workers"] > 0, "the last Worker was asked")


def _pass_targets(sandbox: _Sandbox) -> None:
    task = sandbox.ask("POST", "/Tasks", WorkflowSid=sandbox.place["long_workflow"])
    path = f"/Tasks/{task['sid']}"
    _wait_until(
        lambda: sandbox.ask("GET", path)["task_queue_sid"] == sandbox.place["other"], "the Task was in its last target"
    )


def _snapshot(sandbox: _Sandbox) -> None:
    sandbox.ask_at("POST", "/_sandbox/snapshots", Name="bench")


def _restore(sandbox: _Sandbox) -> None:
    sandbox.ask_at("POST", "/_sandbox/snapshots/bench/restore")


_IDLE = "nothing"
_PIECES: dict[str, Callable[[_Sandbox], None]] = {
    _IDLE: _rest,
    "all is kept as a snapshot": _snapshot,
    "all is restored": _restore,
    "a Workflow changed for all Tasks": _change_workflow,
    "a long expression for all Workers": _judge_workers,
    "a Task through all targets": _pass_targets,
}


def _tasks_in(sandbox: _Sandbox, queue_sid: str) -> list[Json]:
    return list(sandbox.ask("GET", f"/Tasks?TaskQueueSid={queue_sid}&PageSize=1")["tasks"])


def _wait_until(is_done: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not is_done():
        if time.monotonic() > until:
            raise LabError(f"It took longer than {PATIENCE_SECONDS} s until {what}.")
        time.sleep(0.05)


# --- the largest Workspace --------------------------------------------------------------------------------------------


def fill(path: Path) -> dict[str, str]:
    """Write a state file with all Workers and Tasks that a Workspace may have; the SIDs of what is asked about."""
    with closing(SqliteStore(path)) as store:
        store.keep_fact("account_sid", ACCOUNT)
        store.keep_fact("auth_token", secrets.token_hex(16))
        with _writing(store) as play:
            return _call_centre(play)


def _call_centre(play: Callable[[c.Command], Any]) -> dict[str, str]:
    workspace = play(c.CreateWorkspace(account_sid=ACCOUNT, friendly_name="bench")).sid
    queue, other = (
        play(c.CreateTaskQueue(workspace_sid=workspace, friendly_name=name, target_workers="team == 1")).sid
        for name in ("queue", "other")
    )
    plain = {"task_routing": {"default_filter": {"queue": queue}}}
    passed = {"queue": queue, "skip_if": "1 == 1"}
    long = {"task_routing": {"filters": [{"expression": "1 == 1", "targets": [*[passed] * TARGETS, {"queue": other}]}]}}
    workflow, long_workflow = (
        play(c.CreateWorkflow(workspace_sid=workspace, friendly_name="bench", configuration=json.dumps(routing))).sid
        for routing in (plain, long)
    )
    activity = play(c.CreateActivity(workspace_sid=workspace, friendly_name="Lunch", available=False)).sid
    for number in range(WORKERS):
        last = "skill of the last" if number == WORKERS - 1 else "skill"
        skills = [f"s{number % 7}{each}" for each in range(SKILLS - 1)]
        attributes = json.dumps({"skills": [*skills, last]})
        play(c.CreateWorker(workspace_sid=workspace, friendly_name=f"worker {number}", attributes=attributes))
    for number in range(TASKS):
        play(c.CreateTask(workspace_sid=workspace, attributes=json.dumps({"id": number}), workflow_sid=workflow))
    return {
        "workspace": workspace,
        "queue": queue,
        "other": other,
        "workflow": workflow,
        "long_workflow": long_workflow,
        "activity": activity,
    }


@contextmanager
def _writing(store: SqliteStore) -> Iterator[Callable[[c.Command], Any]]:
    """What plays a command; all of it is written at the end."""
    numbers = count(1)
    engine = Engine(sids=lambda prefix: f"{prefix}{next(numbers):032x}")
    now, pending, past = Clock().now(), [Outcome()], EventHistory(store)

    def write() -> None:
        outcome, pending[0] = pending[0], Outcome()
        store.commit(changed=outcome.changed.values(), removed=outcome.removed, events=outcome.events)
        past.note(outcome, now)

    def play(command: c.Command) -> Any:
        outcome = engine.handle(command, now)
        pending[0].extend(outcome)
        if len(pending[0].events) >= COMMANDS_AT_ONCE:
            write()
        return outcome.result

    yield play
    write()
