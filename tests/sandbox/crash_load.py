"""Load for a sandbox that is killed again and again: clients that write down what was acknowledged, and the killing.

What a client does next is drawn from a seed. When the sandbox dies under a request, its outcome is unknown and nothing
is written down; what was answered with 2xx is.
"""

from __future__ import annotations

import base64
import json
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from sandbox.callback_target import Answer, Target
from sandbox.worker_tokens import ApiKey, worker_token

CLIENTS = 4
QUEUES = 2
RESERVATION_SECONDS = 2
DAY_SECONDS = 24 * 60 * 60
BRIDGE = "/v1/wschannels"
PATIENCE_SECONDS = 60
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HELD = ("wrapping", "accepted", "pending")
INSTRUCTIONS = (b"{}", b"{}", b'{"instruction": "accept"}', b'{"instruction": "reject"}', b"no JSON")

Json = dict[str, Any]


class Refused(Exception):
    """The sandbox answered, and it was no."""


@dataclass
class Journal:
    """What was acknowledged, by SID. Written by every client; read once they are still."""

    created: set[str] = field(default_factory=set)
    accepted: set[str] = field(default_factory=set)
    """Reservations."""
    completed: set[str] = field(default_factory=set)
    transferred: set[str] = field(default_factory=set)
    """Transfers that were begun."""
    shown: set[tuple[str, str]] = field(default_factory=set)
    """What a list has shown: the SID of a Task or a Reservation, with its status."""
    count: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def __str__(self) -> str:
        created, accepted, completed = len(self.created), len(self.accepted), len(self.completed)
        transferred, shown = len(self.transferred), len(self.shown)
        return (
            f"{created} created, {accepted} accepted, {transferred} handed over, {completed} completed, {shown} shown"
        )

    def note(self, kind: set[str], sid: str) -> None:
        """An acknowledged write."""
        with self.changed:
            kind.add(sid)
            self.count += 1
            self.changed.notify_all()

    def wait_for(self, count: int) -> None:
        """Until so many writes are acknowledged in all."""
        with self.changed:
            done = self.changed.wait_for(lambda: self.count >= count, PATIENCE_SECONDS)
        assert done, f"{self.count} writes were acknowledged, and {count} were waited for"


class KilledSandbox:
    """A sandbox process that can be killed and started again on the same state, with the same credentials.

    Within `with` it runs, until it is killed; afterwards it does not.
    """

    def __init__(self, state: Path) -> None:
        self.state = state
        self.up = threading.Event()
        self.netloc = ""
        self.credentials: dict[str, str] = {}
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it, and wait until it listens."""
        command = [sys.executable, "-m", "labkit", "sandbox", "--json", "--state", str(self.state)]
        with self.state.with_suffix(".log").open("a") as log:
            self._process = subprocess.Popen(
                [*command, "--no-rate-limits"], stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"it did not start: {self.state.with_suffix('.log').read_text('utf-8')[-2000:]}"
        said = json.loads(line)
        pair = f"{said['account_sid']}:{said['auth_token']}".encode()
        netloc, credentials = (
            urlsplit(said["url"]).netloc,
            {"Authorization": "Basic " + base64.b64encode(pair).decode()},
        )
        assert self.credentials in ({}, credentials), "it came back with other credentials"
        self.netloc, self.credentials = netloc, credentials
        self.up.set()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """End it at once, in whatever it does."""
        self.up.clear()
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE_SECONDS)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None


class Client:
    """One kept connection to the sandbox.

    Raises, from `ask`: OSError or HTTPException when the sandbox dies under the request, Refused when it says no.
    """

    def __init__(self, sandbox: KilledSandbox) -> None:
        self._sandbox = sandbox
        self._connection: HTTPConnection | None = None

    def ask(self, method: str, path: str, **fields: object) -> Json:
        """The answer to a request below /v1/Workspaces."""
        body = urlencode(fields) if method == "POST" else None
        return self._send(method, f"/v1/Workspaces{path}", body, FORM if body is not None else {})

    def new_key(self) -> ApiKey:
        """A new API key of the account."""
        made = self._send("POST", "/_sandbox/keys", None, {})
        return ApiKey(made["account_sid"], made["sid"], made["secret"])

    def ask_bridge(self, token: str, path: str, **params: object) -> Json:
        """The payload of the answer to a POST by the bridge, below /Workspaces, as a Worker's page asks."""
        asked = {"url": f"Workspaces{path}", "method": "POST", "params": params, "token": token}
        payload: Json = self._send("POST", BRIDGE, json.dumps(asked), {})["payload"]
        return payload

    def _send(self, method: str, path: str, body: str | None, headers: Mapping[str, str]) -> Json:
        if self._connection is None:
            self._connection = HTTPConnection(self._sandbox.netloc, timeout=PATIENCE_SECONDS)
        try:
            self._connection.request(method, path, body, {**self._sandbox.credentials, **headers})
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, HTTPException):
            self.close()
            raise
        if response.status >= 300:
            raise Refused(f"{method} {path}: {response.status} {content[:300]!r}")
        return json.loads(content) if content else {}

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@dataclass(frozen=True)
class Place:
    """The Workspace where all happens."""

    path: str
    workflow: str
    available: str
    """The Activity."""
    queues: tuple[str, ...]
    workers: tuple[str, ...]
    tokens: Mapping[str, str]
    """Each Worker's, for the bridge."""


def furnish(sandbox: KilledSandbox, callback_url: str, *, event_callback_url: str) -> Place:
    """A Workspace with a Worker for each client, who take 1 to 3 Tasks at once, and reserve two at a time."""
    client = Client(sandbox)
    path = "/" + client.ask("POST", "", FriendlyName="Crash", EventCallbackUrl=event_callback_url)["sid"]
    available = next(a for a in client.ask("GET", f"{path}/Activities")["activities"] if a["available"])
    queues = [
        client.ask("POST", f"{path}/TaskQueues", FriendlyName=f"Queue {n}", MaxReservedWorkers=n + 1)["sid"]
        for n in range(QUEUES)
    ]
    filters = [{"expression": f"queue == {n}", "targets": [{"queue": sid}]} for n, sid in enumerate(queues)]
    workflow = client.ask(
        "POST",
        f"{path}/Workflows",
        FriendlyName="Crash",
        Configuration=json.dumps({"task_routing": {"filters": filters, "default_filter": {"queue": queues[0]}}}),
        AssignmentCallbackUrl=callback_url,
        TaskReservationTimeout=RESERVATION_SECONDS,
    )["sid"]
    workers = []
    for number in range(CLIENTS):
        worker = client.ask("POST", f"{path}/Workers", FriendlyName=f"W{number}", ActivitySid=available["sid"])["sid"]
        channels = client.ask("GET", f"{path}/Workers/{worker}/Channels")["channels"]
        default = next(each["sid"] for each in channels if each["task_channel_unique_name"] == "default")
        client.ask("POST", f"{path}/Workers/{worker}/Channels/{default}", Capacity=1 + number % 3)
        workers.append(worker)
    key = client.new_key()
    tokens = {sid: worker_token(key, path.removeprefix("/"), sid, ttl=DAY_SECONDS) for sid in workers}
    client.close()
    return Place(path, workflow, available["sid"], tuple(queues), tuple(workers), tokens)


class Load:
    """Clients in threads, each with a Worker of its own. Within `with` they ask, whether the sandbox is up or not.

    Attributes:
        journal: what was acknowledged.
        failures: what a client met that must not happen.
    """

    def __init__(self, sandbox: KilledSandbox, place: Place, seed: int) -> None:
        self.journal = Journal()
        self.failures: list[BaseException] = []
        self._sandbox = sandbox
        self._place = place
        self._over = threading.Event()
        acts = [
            partial(self._act, self._worker(number), random.Random(f"{seed}/{number}")) for number in range(CLIENTS)
        ]
        self._threads = [
            threading.Thread(target=self._run, args=(act,), name=f"labkit-{number}")
            for number, act in enumerate((*acts, self._look))
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._sandbox.up.set()  # whoever waits for it shall look again
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive(), "a client does not end"

    def _worker(self, number: int) -> str:
        return f"{self._place.path}/Workers/{self._place.workers[number]}"

    def _run(self, act: Callable[[Client], None]) -> None:
        client = Client(self._sandbox)
        try:
            while not self._over.is_set():
                assert self._sandbox.up.wait(PATIENCE_SECONDS), "the sandbox does not come back"
                try:
                    act(client)
                except Refused:
                    continue  # somebody was quicker: another client, the callback, a timeout
                except (OSError, HTTPException):
                    self._over.wait(0.001)
        except BaseException as failure:  # noqa: BLE001  # the test that runs the load raises it
            self.failures.append(failure)
        finally:
            client.close()

    def _look(self, client: Client) -> None:
        """Read lists, and note what they show."""
        path, shown = self._place.path, self.journal.shown
        for task in client.ask("GET", f"{path}/Tasks?PageSize=1000")["tasks"]:
            shown.add((task["sid"], task["assignment_status"]))
        for number in range(CLIENTS):
            for each in client.ask("GET", f"{self._worker(number)}/Reservations?PageSize=1000")["reservations"]:
                shown.add((each["sid"], each["reservation_status"]))

    def _act(self, worker: str, chance: random.Random, client: Client) -> None:
        path, journal = self._place.path, self.journal
        if chance.random() < 0.4:
            attributes = json.dumps({"queue": chance.randrange(QUEUES)})
            made = client.ask(
                "POST",
                f"{path}/Tasks",
                WorkflowSid=self._place.workflow,
                Attributes=attributes,
                Priority=chance.randrange(3),
            )
            journal.note(journal.created, made["sid"])
            return
        # Whoever let a Reservation time out is Offline since.
        client.ask("POST", worker, ActivitySid=self._place.available)
        for status in HELD:
            found = client.ask("GET", f"{worker}/Reservations?ReservationStatus={status}")["reservations"]
            for reservation in found:
                self._answer(client, worker, reservation, chance)

    def _answer(self, client: Client, worker: str, reservation: Json, chance: random.Random) -> None:
        status, journal, sid = reservation["reservation_status"], self.journal, reservation["sid"]
        if status == "pending" and chance.random() < 0.7:
            verdict = chance.choice(("accepted", "accepted", "rejected"))
            client.ask("POST", f"{worker}/Reservations/{sid}", ReservationStatus=verdict)
            if verdict == "accepted":
                journal.note(journal.accepted, sid)
        elif status == "accepted" and chance.random() < 0.4:
            self._hand_over(client, reservation, chance)
        elif status in ("accepted", "wrapping"):
            if chance.random() < 0.2:
                client.ask("POST", f"{worker}/Reservations/{sid}", ReservationStatus="completed")
                return
            task = f"{self._place.path}/Tasks/{reservation['task_sid']}"
            if status == "accepted" and chance.random() < 0.3:
                client.ask("POST", f"{worker}/Reservations/{sid}", ReservationStatus="wrapping")
            client.ask("POST", task, AssignmentStatus="completed")
            journal.note(journal.completed, reservation["task_sid"])

    def _hand_over(self, client: Client, reservation: Json, chance: random.Random) -> None:
        """By the bridge, to anybody or to a TaskQueue, and sometimes back again."""
        place, me = self._place, reservation["worker_sid"]
        path, token = f"{place.path}/Workers/{me}/Transfers", place.tokens[me]
        begun = client.ask_bridge(
            token,
            path,
            ReservationSid=reservation["sid"],
            TaskSid=reservation["task_sid"],
            To=chance.choice((*place.workers, *place.queues)),
            Mode=chance.choice(("WARM", "COLD")),
        )
        self.journal.note(self.journal.transferred, begun["sid"])
        if chance.random() < 0.2:
            client.ask_bridge(
                token, f"{path}/{begun['sid']}", TaskSid=reservation["task_sid"], TransferStatus="canceled"
            )


@contextmanager
def answering(seed: int) -> Iterator[Target]:
    """A callback URL whose answers are drawn from the seed; now and then one never comes."""
    chance = random.Random(f"{seed}/callbacks")
    target = Target()
    drawn = [Answer(chance.choice(INSTRUCTIONS), hold=chance.random() < 0.02) for _ in range(100_000)]
    target.answers["/assign"] = drawn
    try:
        yield target
    finally:
        target.close()
