"""A full room at the same contact centre: every Task is accepted exactly once, whoever races for it."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, ClientTimeout, TCPConnector
from room_processes import RoomProcesses, room_processes

SECONDS = 100
FULL = [pytest.mark.soak, pytest.mark.alone]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[RoomProcesses]:
    with room_processes(tmp_path) as running:
        yield running


@dataclass
class Kernel:
    """A participant's kernel: it hears by its stream, accepts what it is asked, completes it, and is free again.

    Attributes:
        accepted: Tasks that TaskRouter has said are this Worker's.
        lost: how often somebody else was quicker.
        cards: seconds from a Reservation's own time to the line that told of it.
    """

    session: ClientSession
    url: str
    token: str
    joined: dict[str, Any] = field(default_factory=dict)
    accepted: list[str] = field(default_factory=list)
    lost: int = 0
    cards: list[float] = field(default_factory=list)
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"token {self.token}"}

    async def live(self) -> None:
        """Until this is cancelled."""
        async with self.session.get(f"{self.url}/stream", headers=self.headers) as answer:
            assert answer.status == 200, await answer.text()
            async for text in answer.content:
                if text.strip():
                    await self._hear(json.loads(text))

    async def _hear(self, line: dict[str, Any]) -> None:
        if "hello" in line:
            self.joined = line["hello"]
            self.ready.set()
        event = line.get("event", {})
        if event.get("EventType") == "reservation.created":
            self.cards.append(time.time() - int(event["TimestampMs"]) / 1000)
            await self._take(event["ReservationSid"], event["TaskSid"])

    async def _take(self, reservation_sid: str, task_sid: str) -> None:
        here = f"v1/Workspaces/{self.joined['workspace_sid']}"
        mine = f"{here}/Workers/{self.joined['worker_sid']}/Reservations/{reservation_sid}"
        if await self.post(mine, ReservationStatus="accepted") == 200:
            self.accepted.append(task_sid)
            assert await self.post(f"{here}/Tasks/{task_sid}", AssignmentStatus="completed") == 200
        else:
            self.lost += 1

    async def post(self, path: str, **form: str) -> int:
        """The status of the answer."""
        async with self.session.post(f"{self.url}/{path}", headers=self.headers, data=form) as answer:
            await answer.read()
            return answer.status


@pytest.mark.process
@pytest.mark.parametrize(
    ("people", "tasks", "rest_seconds"),
    [(10, 60, 0.5), pytest.param(30, 200, 4.0, marks=FULL), pytest.param(300, 1000, 4.0, marks=FULL)],
)
def test_every_task_is_accepted_exactly_once(
    processes: RoomProcesses, people: int, tasks: int, rest_seconds: float, capsys: pytest.CaptureFixture[str]
) -> None:
    """A burst of Tasks, each of which five Workers race for; what a kernel was told is what TaskRouter says.

    Ten race as thirty do. What a full room costs is what `make soak` prints.
    """
    figures = asyncio.run(played(processes, people=people, tasks=tasks, rest_seconds=rest_seconds))

    with capsys.disabled():
        print(f"\n  {people} Workers, {tasks} Tasks: {figures}")


async def played(processes: RoomProcesses, *, people: int, tasks: int, rest_seconds: float) -> str:
    """The burst, judged; its figures in words."""
    connector, timeout = TCPConnector(limit=0), ClientTimeout(total=None, sock_connect=30)
    async with ClientSession(connector=connector, timeout=timeout) as session:
        kernels = [Kernel(session, processes.url, processes.hub.token(f"p{number}")) for number in range(people)]
        living = [asyncio.create_task(kernel.live()) for kernel in kernels]
        began = time.perf_counter()
        async with asyncio.timeout(SECONDS):
            await asyncio.gather(*(kernel.ready.wait() for kernel in kernels))
            joined_in = time.perf_counter() - began
            idle, before = await resting(processes, rest_seconds), processes.cpu_seconds()
            sids = await burst(session, processes, tasks)
            took = await all_accepted(kernels, living, tasks)
        used = [now - then for now, then in zip(processes.cpu_seconds(), before, strict=True)]
        after = await resting(processes, rest_seconds)
        for each in living:
            each.cancel()
        await asyncio.gather(*living, return_exceptions=True)
    accepted = Counter(sid for kernel in kernels for sid in kernel.accepted)
    assert accepted == Counter(sids), "a Task was accepted twice, or by nobody"
    cards = sorted(second for kernel in kernels for second in kernel.cards)
    p95 = cards[int(len(cards) * 0.95)]
    return (
        f"all accepted in {took:.1f} s, {sum(kernel.lost for kernel in kernels)} came too late; from Task to card "
        f"median {statistics.median(cards) * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms; joined in {joined_in:.1f} s; "
        f"the burst took {used[0]:.1f} s of a core for the service and {used[1]:.1f} for its sandbox; before it both "
        f"used {idle:.3f} cores, after it {after:.3f}, of {os.cpu_count()}"
    )


async def resting(processes: RoomProcesses, seconds: float) -> float:
    """The cores that service and sandbox use while nobody does anything."""
    before = sum(processes.cpu_seconds())
    await asyncio.sleep(seconds)  # what time costs is the figure
    return (sum(processes.cpu_seconds()) - before) / seconds


async def burst(session: ClientSession, processes: RoomProcesses, tasks: int) -> list[str]:
    """So many Tasks at once; their SIDs."""
    headers = {"Authorization": f"token {processes.hub.token('teacher', admin=True)}"}
    async with session.post(f"{processes.url}/join", headers=headers) as answer:
        joined = await answer.json()
    gate = asyncio.Semaphore(20)

    async def one(number: int) -> str:
        form = {"WorkflowSid": joined["workflow_sid"], "Attributes": json.dumps({"race": True, "number": number})}
        url = f"{processes.url}/v1/Workspaces/{joined['workspace_sid']}/Tasks"
        async with gate, session.post(url, headers=headers, data=form) as made:
            assert made.status == 201, await made.text()
            return str((await made.json())["sid"])

    return await asyncio.gather(*map(one, range(tasks)))


async def all_accepted(kernels: list[Kernel], living: list[asyncio.Task[None]], tasks: int) -> float:
    """Wait until as many Tasks are accepted; the seconds that took. What a kernel fails at is raised here."""
    began = time.perf_counter()
    while sum(len(kernel.accepted) for kernel in kernels) < tasks:
        for each in living:
            if each.done():
                each.result()
        await asyncio.sleep(0.05)
    return time.perf_counter() - began
