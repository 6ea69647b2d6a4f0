"""A workshop's hub: opened, killed, and opened again beside what runs. That its end leaves nothing, `room` looks."""

from __future__ import annotations

import asyncio
import os
import signal
import urllib.error
import urllib.request

import pytest
from workshop_rooms import Room, Visitor, pid_of

from workshop.daemon import is_running
from workshop.participants import processes_of, services_of
from workshop.room.hub_people import servers_at_hub
from workshop.room.hub_servers import HubServerState
from workshop.room.room_settings import RoomSettings
from workshop.settings import ROOM

pytestmark = [pytest.mark.process, pytest.mark.alone]


def test_one_logs_in_and_has_a_lab_of_their_own(open_room: Room) -> None:
    """The first notebook lies in it."""
    visitor = Visitor(open_room.workshop)
    status, path, page = visitor.log_in("mary", "somerville1780")

    assert status == 200, page[-500:]
    assert path.startswith(("/hub/spawn-pending/mary", "/user/mary/lab")), "where one waits, or where one comes to"
    assert "jupyter-config-data" in visitor.wait_for_server("mary")
    assert (open_room.workshop.home_of("mary") / "notebooks" / "00_start_here.ipynb").exists()


def test_the_room_is_told_who_is_there_and_may_end_nobodys_server(open_room: Room) -> None:
    """By the role that its service has, whose token is in its own environment alone."""
    environments = [process.environ() for process in services_of(open_room.workshop)]
    [environ] = [each for each in environments if each.get("JUPYTERHUB_SERVICE_NAME") == ROOM]
    settings = RoomSettings.resolve(environ)

    assert asyncio.run(servers_at_hub(settings))["mary"].state is HubServerState.RUNNING
    ends = urllib.request.Request(
        f"{settings.hub_api_url}/users/mary/server",
        method="DELETE",
        headers={"Authorization": f"token {settings.hub_token.reveal()}"},
    )
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(ends, timeout=30)


def test_one_that_runs_is_not_started_twice(open_room: Room) -> None:
    """Two hubs in one folder would fight."""
    assert len(open_room.running()) >= 4, "hub, proxy, culler and a server at least: what the end is held to"
    assert "is open already" in open_room.call("start").stderr


def test_a_killed_hub_is_started_beside_its_proxy_and_finds_the_servers(open_room: Room) -> None:
    """Nobody's server is started anew, and the proxy that holds the connections is the same."""
    hub, proxy = (open_room.workshop.hub_folder / f"{name}.pid" for name in ("hub", "proxy"))
    before = {process.pid for process in processes_of(open_room.workshop, "mary")}
    services = services_of(open_room.workshop)
    proxied = pid_of(proxy)
    os.kill(pid_of(hub), signal.SIGKILL)
    done = open_room.call("start")
    assert done.returncode == 0, done.stderr
    _, path, _ = Visitor(open_room.workshop).log_in("mary", "somerville1780")

    assert pid_of(proxy) == proxied
    assert services
    assert [each for each in services if is_running(each)] == [], "the culler and the room of before have ended"
    assert path.startswith("/user/mary/lab"), "nobody waits for a server that runs"
    assert before == {process.pid for process in processes_of(open_room.workshop, "mary")} != set()


def test_a_killed_proxy_is_started_with_its_hub_and_leads_to_the_same_servers(open_room: Room) -> None:
    """Its connections are gone, which pages make anew; what runs behind them is not."""
    before = {process.pid for process in processes_of(open_room.workshop, "mary")}
    os.kill(pid_of(open_room.workshop.hub_folder / "proxy.pid"), signal.SIGKILL)
    done = open_room.call("start")
    assert done.returncode == 0, done.stderr
    _, path, _ = Visitor(open_room.workshop).log_in("mary", "somerville1780")

    assert path.startswith("/user/mary/lab")
    assert before == {process.pid for process in processes_of(open_room.workshop, "mary")} != set()
