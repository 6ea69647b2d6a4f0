"""A workshop's hub: opened, killed, and opened again beside what runs. That its end leaves nothing, `room` looks."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from workshop_rooms import Room, Visitor, pid_of, room

from workshop.participants import processes_of, services_of

pytestmark = [pytest.mark.process, pytest.mark.alone]


@pytest.fixture(scope="module")
def opened() -> Iterator[Room]:
    """One without a contact centre in common: what is tested here is the hub."""
    with room(room=False) as made:
        done = made.call("start")
        assert done.returncode == 0, done.stderr
        yield made


def test_one_logs_in_and_has_a_lab_of_their_own(opened: Room) -> None:
    """The first notebook lies in it."""
    visitor = Visitor(opened.workshop)
    status, path, page = visitor.log_in("ada", "lovelace1815")

    assert status == 200, page[-500:]
    assert path.startswith(("/hub/spawn-pending/ada", "/user/ada/lab")), "where one waits, or where one comes to"
    assert "jupyter-config-data" in visitor.wait_for_server("ada")
    assert (opened.workshop.home_of("ada") / "notebooks" / "00_start_here.ipynb").exists()


def test_one_that_runs_is_not_started_twice(opened: Room) -> None:
    """Two hubs in one folder would fight."""
    assert len(opened.running()) >= 4, "hub, proxy, culler and a server at least: what the end is held to"
    assert "is open already" in opened.call("start").stderr


def test_a_killed_hub_is_started_beside_its_proxy_and_finds_the_servers(opened: Room) -> None:
    """Nobody's server is started anew, and the proxy that holds the connections is the same."""
    hub, proxy = (opened.workshop.hub_folder / f"{name}.pid" for name in ("hub", "proxy"))
    before = {process.pid for process in processes_of(opened.workshop, "ada")}
    proxied = pid_of(proxy)
    os.kill(pid_of(hub), signal.SIGKILL)
    done = opened.call("start")
    visitor = Visitor(opened.workshop)
    _, path, _ = visitor.log_in("ada", "lovelace1815")

    assert done.returncode == 0, done.stderr
    assert pid_of(proxy) == proxied
    assert len(services_of(opened.workshop)) == 1, "the culler of before has ended"
    assert path.startswith("/user/ada/lab"), "nobody waits for a server that runs"
    assert before == {process.pid for process in processes_of(opened.workshop, "ada")} != set()


def test_a_killed_proxy_is_started_with_its_hub_and_leads_to_the_same_servers(opened: Room) -> None:
    """Its connections are gone, which pages make anew; what runs behind them is not."""
    before = {process.pid for process in processes_of(opened.workshop, "ada")}
    os.kill(pid_of(opened.workshop.hub_folder / "proxy.pid"), signal.SIGKILL)
    done = opened.call("start")
    _, path, _ = Visitor(opened.workshop).log_in("ada", "lovelace1815")

    assert done.returncode == 0, done.stderr
    assert path.startswith("/user/ada/lab")
    assert before == {process.pid for process in processes_of(opened.workshop, "ada")} != set()
