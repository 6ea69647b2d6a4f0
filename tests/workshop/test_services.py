"""The hub's services: what they are started with, what they may do, and who of the participants is culled."""

from __future__ import annotations

from pathlib import Path

import pytest

from workshop import services
from workshop.settings import FOLDER_VARIABLE, ROOM_MODES, Workshop


def test_without_a_room_there_is_only_the_culler(tmp_path: Path) -> None:
    """And nobody has a scope for a service that is not there, which the hub would refuse."""
    workshop = Workshop(folder=tmp_path, room=False)

    assert [each["name"] for each in services.services(workshop)] == ["culler"]
    assert "service=room" not in str(services.roles(workshop))


def test_a_page_and_a_kernel_may_enter_the_room(tmp_path: Path) -> None:
    """A page comes as the user, a kernel with the server's token, and neither may do anything to others."""
    roles = {role["name"]: role["scopes"] for role in services.roles(Workshop(folder=tmp_path))}

    assert roles["user"] == ["self", "access:services!service=room"]
    assert "access:services!service=room" in roles["server"]
    assert all("!" in scope for scope in roles["server"])


def test_the_room_sees_who_is_there_and_does_nothing_to_them(tmp_path: Path) -> None:
    """The two scopes that the list of the hub's users with their servers wants."""
    [role] = [role for role in services.roles(Workshop(folder=tmp_path)) if role["name"] == "room"]

    assert (role["scopes"], role["services"]) == (["list:users", "read:servers"], ["room"])


def test_the_culler_ends_servers_and_nothing_else(tmp_path: Path) -> None:
    """It deletes no user, and enters no server."""
    [role] = [role for role in services.roles(Workshop(folder=tmp_path)) if role["name"] == "culler"]

    assert role["scopes"] == ["list:users", "read:users:activity", "read:servers", "delete:servers"]


@pytest.mark.parametrize(("idle", "looks", "pings"), [(7200, 300, 30), (600, 50, 30), (60, 5, 5), (5, 1, 1)])
def test_it_is_looked_often_enough_for_the_time_that_counts(tmp_path: Path, idle: int, looks: int, pings: int) -> None:
    """An open page answers a ping, the proxy hears it, and the hub asks the proxy, all before the time is up."""
    workshop = Workshop(folder=tmp_path, idle_seconds=idle)

    assert (services.look_seconds(workshop), services.ping_seconds(workshop)) == (looks, pings)


@pytest.mark.parametrize("mode", ROOM_MODES)
def test_no_credential_is_in_a_services_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    """The hub's database has it; and whatever else the shell says, the workshop's word for the room counts."""
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "HTTPS_PROXY", "CLOUD_KEY"):
        monkeypatch.setenv(name, "planted")
    monkeypatch.setenv("LABKIT_ROOM_MODE", "of the shell")
    culler, room = services.services(Workshop(folder=tmp_path, room_mode=mode))

    assert room["environment"]["LABKIT_ROOM_MODE"] == mode
    assert "planted" not in room["environment"].values()
    assert culler["environment"] == {FOLDER_VARIABLE: str(tmp_path)}
