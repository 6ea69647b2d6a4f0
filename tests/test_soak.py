"""A lab in steady use for minutes: what the kernel's process and the sandbox take of memory stays what it is.

`make soak` runs it and prints the figures; SOAK_MINUTES says how long.
"""

from __future__ import annotations

import gc
import os
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median

import psutil
import pytest
from processes import end_sandbox

import labkit
from labkit.lab.lab import Lab
from labkit.sandbox import process
from labkit.stream import Entry, EventStream, Kind
from labkit.vocabulary import EventType

MINUTES = float(os.environ.get("SOAK_MINUTES", "10"))
TASKS_PER_SECOND = 8
LEFT_TO_TASKROUTER = 10
"""One Task of so many is left for TaskRouter to remove, 5 minutes after its end; the others are deleted."""
WARM_UP = 0.4
"""Of the whole time: until every bounded record is full and the allocators have what they need."""
MOST_GROWTH = 1.0
"""MiB a minute, after the warm-up. About a quarter of it is the record that 30 days of statistics are read from."""
LEAST_PER_SECOND = 1.0
"""Tasks; a computer that does fewer is too busy with something else to be watched."""
MIB = 1024 * 1024


@pytest.fixture
def small_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel's records hold a tenth: full within the warm-up, so that what grows afterwards grows for ever."""
    monkeypatch.setattr("labkit.lab.lab.EventStream", partial(EventStream, capacity=1_000))
    for name in ("live.history.LANES", "live.history.EVENTS", "live.state.TASKS", "widgets.traffic.panel.KEPT"):
        monkeypatch.setattr(f"labkit.{name}", 500)
    for name in ("live.lookups.REMEMBERED", "live.workspace._SEEN_EVENTS"):
        monkeypatch.setattr(f"labkit.{name}", 1_000)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_memory_is_flat_after_warm_up(own_environment: Path, small_records: None) -> None:
    """Tasks come at a steady rate, are accepted by callback, completed by REST, and seen by every panel."""
    try:
        with labkit.start() as lab:
            show_everything(lab)
            assert lab._connection.address is not None
            pids = {"kernel": os.getpid(), "sandbox": lab._connection.address.pid}
            with working(lab) as done:
                samples = sampled(pids, done)
    finally:
        end_sandbox(own_environment)
        process._reap()
    growth = {name: grown(values) for name, values in samples.items()}
    print(f"growth after the warm-up, MiB a minute: {growth}; Tasks: {len(done):,}")
    assert len(done) > MINUTES * 60 * LEAST_PER_SECOND, "the load was not steady"
    assert max(growth.values()) < MOST_GROWTH, growth


def show_everything(lab: Lab) -> None:
    """Every panel, as if the notebook showed them."""
    lab.desk()
    lab.answer_with("accept")
    lab.taskrouter.set_capacity("Alice", lab.taskrouter.worker_channels("Alice")[0].sid, capacity=50)
    lab.taskrouter.set_activity("Alice", "Available")


@contextmanager
def working(lab: Lab) -> Iterator[list[str]]:
    """Tasks come and are worked on, in threads; gives the SIDs of those that are done."""
    over, accepted, done = threading.Event(), queue.SimpleQueue[str | None](), list[str]()

    def hear(entry: Entry) -> None:
        if entry.kind is Kind.EVENT and entry.data.event_type == EventType.RESERVATION_ACCEPTED:
            accepted.put(entry.data.task_sid)

    def create() -> None:
        while not over.wait(1 / TASKS_PER_SECOND):
            lab.create_task({"selected_language": "es"})

    def complete() -> None:
        while (sid := accepted.get()) is not None:
            lab.taskrouter.complete(sid)
            if len(done) % LEFT_TO_TASKROUTER:
                lab.client.taskrouter.v1.workspaces(lab.workspace_sid).tasks(sid).delete()
            done.append(sid)

    subscription = lab.stream.subscribe(hear)
    threads = [threading.Thread(target=work, name=f"labkit-soak-{work.__name__}") for work in (create, complete)]
    for thread in threads:
        thread.start()
    try:
        yield done
    finally:
        over.set()
        threads[0].join()
        lab.stream.cancel(subscription)
        accepted.put(None)
        threads[1].join()


def sampled(pids: dict[str, int], done: list[str]) -> dict[str, list[float]]:
    """The resident memory of the processes in MiB, every few seconds; each is printed."""
    samples: dict[str, list[float]] = {name: [] for name in pids}
    begun, pause = time.monotonic(), threading.Event()
    while (passed := time.monotonic() - begun) < MINUTES * 60:
        pause.wait(min(5.0, MINUTES * 2))
        gc.collect()
        for name, pid in pids.items():
            samples[name].append(psutil.Process(pid).memory_info().rss / MIB)
        figures = "  ".join(f"{name} {values[-1]:7.1f} MiB" for name, values in samples.items())
        print(f"{passed:6.0f} s  {figures}  {len(done):6,} Tasks", flush=True)
    return samples


def grown(values: list[float]) -> float:
    """MiB a minute, from the first third after the warm-up to the last one."""
    settled = values[int(len(values) * WARM_UP) :]
    third = max(1, len(settled) // 3)
    minutes = MINUTES * (1 - WARM_UP) * 2 / 3
    return round((median(settled[-third:]) - median(settled[:third])) / minutes, 2)
