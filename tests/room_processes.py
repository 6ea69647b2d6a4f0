"""The room's service as a process of its own, as a hub starts it, with a stand-in for that hub."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import requests
from hub_stand_in import HubStandIn, hub_stand_in
from tracked import ROOT

SECONDS = 30


@dataclass
class RoomProcesses:
    """A service that runs, and its sandbox.

    Attributes:
        url: of its prefix, without a slash at the end.
        hub: knows who holds which token.
        process: the service.
    """

    url: str
    hub: HubStandIn
    process: subprocess.Popen[bytes]

    def cpu_seconds(self) -> tuple[float, float]:
        """What the service and its sandbox have used of a core so far."""
        service = psutil.Process(self.process.pid)
        times = [each.cpu_times() for each in (service, *service.children(recursive=True))]
        own, sandbox, *_ = [each.user + each.system for each in times]
        return own, sandbox


@contextmanager
def room_processes(folder: Path, **environment: str) -> Iterator[RoomProcesses]:
    """A room until the end of the block; nothing of it is left then."""
    with hub_stand_in() as hub, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        told = {
            "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{port}",
            "JUPYTERHUB_SERVICE_PREFIX": "/services/room/",
            "JUPYTERHUB_API_URL": hub.api_url,
            "JUPYTERHUB_API_TOKEN": "token-of-the-service",
            "JUPYTERHUB_CLIENT_ID": "service-room",
            "LABKIT_ROOM_FOLDER": str(folder / "room"),
        }
        log = folder / "room.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "workshop.room"],
                cwd=ROOT,
                env={**os.environ, **told, **environment},
                stdout=output,
                stderr=output,
            )
        try:
            url = f"http://127.0.0.1:{port}/services/room"
            _wait_for(url, process, log)
            yield RoomProcesses(url, hub, process)
        finally:
            process.terminate()
            assert process.wait(SECONDS) == 0, log.read_text()
            assert "Traceback" not in log.read_text(), log.read_text()


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with requests.Session() as session:
                session.trust_env = False
                if session.post(f"{url}/join", timeout=5).status_code == 401:
                    return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise AssertionError(f"the room did not start: {log.read_text()}")
