"""What durability costs: writes on disk beside writes in memory, the way back to 10,000 Tasks, and an empty sandbox."""

from __future__ import annotations

import json
import subprocess
import time
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from bench import throughput
from bench.children import on_core, serving
from bench.load import requests_per_second
from bench.measurement import Measurement, Say
from labkit.errors import LabError

LIVE_TASKS = 10_000
PATIENCE_SECONDS = 10
KIB_IN_MIB = 1024


def durable_vs_memory(say: Say) -> Measurement:
    """How much longer 8 clients wait for their writes because each is on disk before its answer.

    The value is Tasks created a second, each on disk. The ratio is of the time that one takes: with 2 it takes twice
    as long as on the memory store.
    """
    with throughput.servers() as start:
        durable, memory = throughput.Sandbox(start), throughput.Sandbox(start, "--in-memory")
        found = throughput.in_turns(durable.creation, memory.creation, say=say, ratio_to="the memory store")
    return Measurement(found.value, found.unit, found.ratio_to, 1 / (found.ratio or 1))


def durable_power_vs_process(say: Say) -> Measurement:
    """What it costs that a write survives a power cut too (`--durable power`), with 8 clients.

    The value is Tasks created a second then. The ratio is of the time that one takes to what it takes by default.
    """
    with throughput.servers() as start, throughput.servers() as other:
        power, process = throughput.Sandbox(start, "--durable", "power"), throughput.Sandbox(other)
        found = throughput.in_turns(power.creation, process.creation, say=say, ratio_to="--durable process")
    return Measurement(found.value, found.unit, found.ratio_to, 1 / (found.ratio or 1))


def reopen_10000_s(say: Say) -> Measurement:
    """Seconds from the start of a sandbox with 10,000 live Tasks until it listens; its ratio is to an empty one."""
    with throughput.servers() as start:
        home = start.home
        _fill(home, say)
        empty, full = [], []
        for number in range(throughput.ROUNDS):
            say(f"  round {number + 1} of {throughput.ROUNDS}")
            empty.append(_seconds_to_listen(home, "--in-memory"))
            full.append(_seconds_to_listen(home, "--state", str(home / throughput.STATE)))
    return Measurement(median(full), "s", "an empty one", median(full) / median(empty))


def sandbox_rss_mib(say: Say) -> Measurement:
    """MiB of memory that the process of an empty sandbox has, once it has answered its first requests."""
    found = []
    for number in range(throughput.ROUNDS):
        say(f"  round {number + 1} of {throughput.ROUNDS}")
        with throughput.servers() as start:
            found.append(_resident_mib(start("labkit", "sandbox", "--json", "--state", str(start.home / "s.sqlite"))))
    return Measurement(median(found), "MiB")


def _fill(home: Path, say: Say) -> None:
    """A state in which the Tasks wait."""
    with throughput.servers(home) as start:
        request = throughput.Sandbox(start).creation()
        made = 0.0
        with on_core(1):
            while made < LIVE_TASKS:
                made += requests_per_second(request, seconds=throughput.SECONDS) * throughput.SECONDS
                say(f"  {made:,.0f} of {LIVE_TASKS:,} Tasks")


def _seconds_to_listen(home: Path, *options: str) -> float:
    begun = time.perf_counter()
    with serving("labkit", "sandbox", "--json", *options, home=home):
        return time.perf_counter() - begun


def _resident_mib(facts: dict[str, str]) -> float:
    """Of a sandbox by what it said of itself; it says more when it is asked, and that warms it up."""
    connection = HTTPConnection(urlsplit(facts["url"]).netloc, timeout=PATIENCE_SECONDS)
    try:
        for path in ("/v1/Workspaces", "/_sandbox/health"):
            connection.request("GET", path, headers=throughput.basic(facts["account_sid"], facts["auth_token"]))
            answer = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return resident_mib(int(answer["pid"]))


def resident_mib(pid: int) -> float:
    """The resident memory of a process, as `ps` says it.

    Raises:
        LabError: this system has no `ps`, or there is no such process.
    """
    try:
        done = subprocess.run(  # noqa: S603  # a number is all that comes from elsewhere
            ["ps", "-o", "rss=", "-p", str(pid)],  # noqa: S607  # wherever this system has it
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        return int(done.stdout) / KIB_IN_MIB
    except (OSError, ValueError) as error:
        raise LabError(f"The memory of process {pid} cannot be read with `ps`: {error}.") from None
