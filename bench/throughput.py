"""How many requests a second the lab's two servers answer, beside a bare server of the same kind.

Each server has a process and a core of its own, the client the other core. The two are measured in turns, for a
machine is faster in one minute than in another; the ratio is the median of the turns' ratios.
"""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode, urlsplit

from twilio.request_validator import RequestValidator  # type: ignore[import-untyped, unused-ignore]  # no annotations

from bench.children import on_core, serving
from bench.load import Request, requests_per_second
from bench.measurement import Measurement, Say
from labkit.errors import LabError

ROUNDS = 5
SECONDS = 1.0
WARM_UP_SECONDS = 0.3
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TASK = {"Attributes": '{"selected_language": "es"}'}
PAST_EVENTS = 100_000
FEW_TASKS, MANY_TASKS = 100, 10_000
PAGE = 50
STATE = "state.sqlite"
EVENTS_OF_TASK = 5
"""Of one that nobody takes: created, entered Workflow, matched target, entered TaskQueue, canceled after a second."""


def callback_vs_bare_flask(say: Say) -> Measurement:
    """Signed assignment callbacks a second, each checked, recorded and answered; to a bare JSON route."""
    with servers() as start:
        callbacks, flask = start("bench.servers", "callbacks"), start("bench.servers", "flask")
        fields = {
            "AccountSid": "AC" + "0" * 32,
            "ReservationSid": "WR" + "0" * 32,
            "TaskSid": "WT" + "0" * 32,
            "TaskAttributes": TASK["Attributes"],
            "WorkerName": "Alice",
            "WorkerAttributes": '{"languages": ["en", "es"]}',
        }
        signature = RequestValidator(callbacks["auth_token"]).compute_signature(callbacks["url"], fields)
        body = urlencode(fields).encode()
        ours = Request.make("POST", callbacks["url"], body=body, headers={**FORM, "X-Twilio-Signature": signature})
        bare = Request.make("POST", flask["url"], body=body, headers=FORM)
        return in_turns(ours, bare, say=say, ratio_to="bare Flask on waitress")


def get_task_vs_bare_aiohttp(say: Say) -> Measurement:
    """Fetches of a Task a second; to a bare aiohttp route."""
    with servers() as start:
        sandbox, bare = Sandbox(start), start("bench.servers", "aiohttp")
        ours = Request.make("GET", sandbox.url(f"Tasks/{sandbox.task}"), headers=sandbox.credentials)
        return in_turns(ours, Request.make("GET", bare["url"]), say=say, ratio_to="bare aiohttp")


def create_task_vs_bare_aiohttp(say: Say) -> Measurement:
    """Tasks created a second, each on disk before the answer; to a bare aiohttp route that reads the same form."""
    with servers() as start:
        sandbox, aiohttp = Sandbox(start), start("bench.servers", "aiohttp")
        body = urlencode({**TASK, "WorkflowSid": sandbox.workflow}).encode()
        bare = Request.make("POST", aiohttp["url"], body=body, headers={**FORM, **sandbox.credentials})
        return in_turns(sandbox.creation, bare, say=say, ratio_to="bare aiohttp")


def statistics_ms(say: Say) -> Measurement:
    """Milliseconds of the server for a Workspace's statistics after 100,000 events; to the same before them."""
    with servers() as start:
        sandbox = Sandbox(start)
        ours = Request.make("GET", sandbox.url("Statistics?Minutes=60"), headers=sandbox.credentials)
        with on_core(1):
            before = _milliseconds(ours, say=say)
            sandbox.fill(PAST_EVENTS // EVENTS_OF_TASK, say=say)
            after = _milliseconds(ours, say=say)
        return Measurement(after, "ms", "without a past", after / before)


def list_10000_vs_100(say: Say) -> Measurement:
    """Milliseconds of the server for a page of 50 Tasks out of 10,000; to the same out of 100."""
    with servers() as start:
        sandbox = Sandbox(start)
        ours = Request.make("GET", sandbox.url(f"Tasks?PageSize={PAGE}"), headers=sandbox.credentials)
        with on_core(1):
            sandbox.add_waiting(FEW_TASKS - 1)  # beside the one that is there
            few = _milliseconds(ours, say=say)
            sandbox.add_waiting(MANY_TASKS - FEW_TASKS)
            many = _milliseconds(ours, say=say)
        return Measurement(many, "ms", f"out of {FEW_TASKS:,}", many / few)


def _milliseconds(request: Request, *, say: Say) -> float:
    requests_per_second(request, seconds=WARM_UP_SECONDS)
    found = []
    for number in range(ROUNDS):
        say(f"  round {number + 1} of {ROUNDS}")
        found.append(1000 / requests_per_second(request, seconds=SECONDS))
    return median(found)


Asked = Request | Callable[[], Request]
"""A request, or what makes a new one for each round."""


def in_turns(ours: Asked, bare: Asked, *, say: Say, ratio_to: str) -> Measurement:
    """Answers a second to `ours`, with the ratio to those to `bare`, which is asked in the same minute."""
    values, ratios = [], []
    with on_core(1):
        for asked in (ours, bare):
            requests_per_second(_request(asked), seconds=WARM_UP_SECONDS)
        for number in range(ROUNDS):
            say(f"  round {number + 1} of {ROUNDS}")
            order = (ours, bare) if number % 2 == 0 else (bare, ours)
            found = {id(asked): requests_per_second(_request(asked), seconds=SECONDS) for asked in order}
            values.append(found[id(ours)])
            ratios.append(found[id(ours)] / found[id(bare)])
    return Measurement(median(values), "requests/s", ratio_to, median(ratios))


def _request(asked: Asked) -> Request:
    return asked if isinstance(asked, Request) else asked()


def basic(account_sid: str, auth_token: str) -> dict[str, str]:
    """The header that proves who asks."""
    pair = f"{account_sid}:{auth_token}".encode()
    return {"Authorization": "Basic " + base64.b64encode(pair).decode()}


class Servers:
    """Starts servers; all are ended together."""

    def __init__(self, stack: ExitStack, home: Path) -> None:
        self._stack = stack
        self.home = home

    def __call__(self, *arguments: str) -> dict[str, Any]:
        return self._stack.enter_context(serving(*arguments, home=self.home))


@contextmanager
def servers(home: Path | None = None) -> Iterator[Servers]:
    """What starts servers in this folder, or in a temporary one; afterwards none of them runs."""
    with ExitStack() as stack:
        temporary = None if home else stack.enter_context(tempfile.TemporaryDirectory(prefix="labkit-bench-"))
        yield Servers(stack, home or Path(temporary or ""))


class Sandbox:
    """A sandbox with one TaskQueue that has no Worker, one Workflow, and one Task that waits.

    Args:
        start: starts it.
        options: more arguments for it.
        program: the module that runs it, with its first arguments.

    Attributes:
        address: `http://host:port`.
    """

    def __init__(self, start: Servers, *options: str, program: Sequence[str] = ("labkit", "sandbox")) -> None:
        file = str(start.home / STATE)
        facts = start(*program, "--port", "0", "--state", file, "--json", *options)
        self.credentials = basic(facts["account_sid"], facts["auth_token"])
        self.account_sid = str(facts["account_sid"])
        self.address = facts["url"].rstrip("/")
        self._root = f"{self.address}/v1/Workspaces"
        self._furnish()

    def _furnish(self) -> None:
        """Go on in a new Workspace."""
        self._workspace = ""
        self.workspace_sid = self._create("", FriendlyName="bench")
        self._workspace = f"/{self.workspace_sid}"
        queue = self._create("TaskQueues", FriendlyName="bench")
        configuration = {"task_routing": {"default_filter": {"queue": queue}}}
        self.workflow = self._create("Workflows", FriendlyName="bench", Configuration=json.dumps(configuration))
        self.task = self._create("Tasks", **TASK, WorkflowSid=self.workflow)

    def url(self, path: str) -> str:
        """The URL of `path` in the Workspace."""
        return f"{self._root}{self._workspace}" + (f"/{path}" if path else "")

    def creation(self) -> Request:
        """The request for a Task in a Workspace of its own: one takes 25,000, and all rounds together may make more."""
        self._furnish()
        body = urlencode({**TASK, "WorkflowSid": self.workflow}).encode()
        return Request.make("POST", self.url("Tasks"), body=body, headers={**FORM, **self.credentials}, status=201)

    def fill(self, tasks: int, *, say: Say) -> None:
        """Let about so many Tasks come, each of which is canceled after a second."""
        body = urlencode({**TASK, "WorkflowSid": self.workflow, "Timeout": "1"}).encode()
        request = Request.make("POST", self.url("Tasks"), body=body, headers={**FORM, **self.credentials}, status=201)
        made = 0.0
        while made < tasks:
            made += requests_per_second(request, seconds=SECONDS) * SECONDS
            say(f"  {made:,.0f} of {tasks:,} Tasks")

    def add_waiting(self, tasks: int) -> None:
        """Let exactly so many Tasks come, which wait."""
        for _ in range(tasks):
            self._create("Tasks", **TASK, WorkflowSid=self.workflow)

    def add_worker(self, name: str) -> str:
        """One more Worker of the Workspace, Offline; its SID."""
        return self._create("Workers", FriendlyName=name)

    def add_member(self, name: str, *, capacity: int) -> dict[str, str]:
        """One more Worker, Available, with room for so many Tasks; the header that proves that one asks as it."""
        sid = self.add_worker(name)
        activities = self._get(self.url("Activities"))["activities"]
        [available, *_] = [each["sid"] for each in activities if each["available"]]
        self._post(self.url(f"Workers/{sid}/Channels/default"), {"Capacity": str(capacity)}, status=200)
        self._post(self.url(f"Workers/{sid}"), {"ActivitySid": available}, status=200)
        whose = {"WorkspaceSid": self.workspace_sid, "WorkerSid": sid}
        key = self._post(f"{self.address}/_sandbox/members", whose)
        return basic(key["sid"], key["secret"])

    def key(self) -> tuple[str, str]:
        """An API key: its SID and its secret."""
        made = self._post(f"{self.address}/_sandbox/keys", {})
        return str(made["sid"]), str(made["secret"])

    def _create(self, path: str, **fields: str) -> str:
        return str(self._post(self.url(path), fields)["sid"])

    def _post(self, url: str, fields: Mapping[str, str], *, status: int = 201) -> dict[str, Any]:
        return self._asked("POST", url, urlencode(fields), status=status)

    def _get(self, url: str) -> dict[str, Any]:
        return self._asked("GET", url, None, status=200)

    def _asked(self, method: str, url: str, body: str | None, *, status: int) -> dict[str, Any]:
        parts = urlsplit(url)
        connection = HTTPConnection(parts.netloc, timeout=10)
        try:
            connection.request(method, parts.path, body, {**FORM, **self.credentials})
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status != status:
            told = content[:200].decode("utf-8", "replace")
            raise LabError(f"The sandbox answered {answer.status} to {method} {parts.path}: {told}")
        made: dict[str, Any] = json.loads(content)
        return made
