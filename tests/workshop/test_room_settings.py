"""What the room's service is told by its environment, by a hub or by a Deployment of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tracked import ROOT

from labkit.errors import CredentialsError, SettingsError
from workshop.room.room_settings import RoomSettings
from workshop.settings import Workshop, WorkshopError

BY_THE_HUB = {
    "JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:8003",
    "JUPYTERHUB_SERVICE_PREFIX": "/services/room/",
    "JUPYTERHUB_API_URL": "http://127.0.0.1:8001/hub/api",
    "JUPYTERHUB_API_TOKEN": "a-token",
    "JUPYTERHUB_CLIENT_ID": "service-room",
}
CREDENTIALS = {"TWILIO_ACCOUNT_SID": "AC" + "1" * 32, "TWILIO_AUTH_TOKEN": "b" * 32}


def test_what_a_hub_tells(tmp_path: Path) -> None:
    """The workshop's folder has the room's in it; without an account there is a sandbox."""
    workshop = Workshop(folder=tmp_path)
    workshop.write()

    settings = RoomSettings.resolve({**BY_THE_HUB, "LABKIT_WORKSHOP": str(tmp_path)})

    assert settings.folder == workshop.room_folder
    assert (settings.host, settings.port, settings.prefix) == ("127.0.0.1", 8003, "/services/room/")
    assert settings.account is None
    assert "a-token" not in repr(settings)


def test_a_deployment_of_its_own(tmp_path: Path) -> None:
    """It listens elsewhere than the hub is told, and has a folder and no workshop."""
    settings = RoomSettings.resolve(
        {**BY_THE_HUB, "LABKIT_ROOM_LISTEN": "http://0.0.0.0:9000", "LABKIT_ROOM_FOLDER": str(tmp_path)}
    )

    assert (settings.port, settings.folder) == (9000, tmp_path)
    assert settings.own_url == "http://127.0.0.1:9000/services/room"


def test_an_account(tmp_path: Path) -> None:
    """What the lab's own settings take of an account, the service takes; a wrong one is a sentence."""
    env = {**BY_THE_HUB, "LABKIT_ROOM_FOLDER": str(tmp_path), "LABKIT_ROOM_MODE": "twilio", **CREDENTIALS}

    settings = RoomSettings.resolve(env)

    assert settings.account is not None
    assert settings.account.account_sid == CREDENTIALS["TWILIO_ACCOUNT_SID"]
    assert settings.place == "the account AC…1111"
    with pytest.raises(SettingsError):
        RoomSettings.resolve({**env, "TWILIO_REGION": "evil.example/"})


@pytest.mark.parametrize("mode", ["", "sandbox"])
def test_credentials_alone_choose_no_account(tmp_path: Path, mode: str) -> None:
    """Somebody may have them for something else, and an account costs money: it is chosen in words."""
    env = {**BY_THE_HUB, "LABKIT_ROOM_FOLDER": str(tmp_path), "LABKIT_ROOM_MODE": mode, **CREDENTIALS}

    assert RoomSettings.resolve(env).account is None


def test_what_a_room_cannot_stand_on_is_said(tmp_path: Path) -> None:
    """It is neither a sandbox nor an account by mistake."""
    env = {**BY_THE_HUB, "LABKIT_ROOM_FOLDER": str(tmp_path), **CREDENTIALS}

    with pytest.raises(WorkshopError, match="LABKIT_ROOM_MODE is 'Twilio'; give sandbox, or twilio"):
        RoomSettings.resolve({**env, "LABKIT_ROOM_MODE": "Twilio"})
    with pytest.raises(CredentialsError, match="TWILIO_ACCOUNT_SID"):
        RoomSettings.resolve({**BY_THE_HUB, "LABKIT_ROOM_FOLDER": str(tmp_path), "LABKIT_ROOM_MODE": "twilio"})


@pytest.mark.parametrize("name", [name for name in BY_THE_HUB if name != "JUPYTERHUB_CLIENT_ID"])
def test_what_is_missing_is_named(tmp_path: Path, name: str) -> None:
    """Somebody started it by hand."""
    env = {**BY_THE_HUB, "LABKIT_ROOM_FOLDER": str(tmp_path), name: ""}

    with pytest.raises(WorkshopError, match=name):
        RoomSettings.resolve(env)


@pytest.mark.parametrize(
    "listen", ["0.0.0.0:9000", "9000", "http://0.0.0.0:abc", "http://0.0.0.0:99999", "http://[::1"]
)
def test_what_is_no_address_to_listen_on_is_said(tmp_path: Path, listen: str) -> None:
    """It is neither a traceback nor port 80 of this machine alone."""
    env = {**BY_THE_HUB, "LABKIT_ROOM_FOLDER": str(tmp_path), "LABKIT_ROOM_LISTEN": listen}

    with pytest.raises(WorkshopError, match="LABKIT_ROOM_LISTEN is an address such as"):
        RoomSettings.resolve(env)


def test_its_log_is_of_the_room_and_not_of_each_request() -> None:
    """It goes into the hub's, where two hundred callers would be two thousand lines."""
    look = "; ".join(
        (
            "import logging; from workshop.room.__main__ import main; main()",
            "names = ('workshop.room.service', 'twilio.http_client', 'alembic')",
            "print([name for name in names if logging.getLogger(name).isEnabledFor(logging.INFO)])",
        )
    )

    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, env={}, check=True, cwd=ROOT)

    assert done.stdout.strip() == "['workshop.room.service']"
    assert done.stderr.startswith("The room's service is started by the hub")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://lab.example.org/services/room", "begins with http://"),
        ("https://127.0.0.1/services/room", "network inside, where Twilio cannot come"),
        ("lab.example.org/services/room", "such as https://lab.example.org/services/room"),
        ("https:///services/room", "a host or a port that cannot be read"),
        ("https://me:planted@lab.example.org/services/room", "holds a name or a password. Leave them out"),
        ("https://lab.example.org/services/room?planted=1", "holds a ? or a #"),
        ("https://lab.example.org", "give https://lab.example.org/services/room"),
        ("https://lab.example.org:8443/hub/xservices/room/", "give https://lab.example.org:8443/services/room"),
    ],
)
def test_an_address_that_twilio_cannot_use_is_said(tmp_path: Path, url: str, said: str) -> None:
    """Events would never come, and nobody would know why; a password in it is not shown."""
    env = {**BY_THE_HUB, "LABKIT_ROOM_FOLDER": str(tmp_path), "LABKIT_ROOM_MODE": "twilio", **CREDENTIALS}

    with pytest.raises(WorkshopError) as refused:
        RoomSettings.resolve({**env, "LABKIT_ROOM_PUBLIC_URL": url})

    assert said in str(refused.value)
    assert str(refused.value).startswith("LABKIT_ROOM_PUBLIC_URL ")
    assert "planted@" not in str(refused.value)
    assert RoomSettings.resolve({**env, "LABKIT_ROOM_MODE": "", "LABKIT_ROOM_PUBLIC_URL": url}).public_url == ""


@pytest.mark.parametrize("prefix", ["/services/room/", "/lab/services/room/"])
def test_an_address_that_leads_to_the_service_is_taken(tmp_path: Path, prefix: str) -> None:
    """Whatever its slash and its capitals, and also below a hub that has a path."""
    env = {**BY_THE_HUB, "LABKIT_ROOM_FOLDER": str(tmp_path), "LABKIT_ROOM_MODE": "twilio", **CREDENTIALS}
    env["JUPYTERHUB_SERVICE_PREFIX"] = prefix

    settings = RoomSettings.resolve({**env, "LABKIT_ROOM_PUBLIC_URL": f"https://Lab.example.org{prefix}"})

    assert settings.events_url == f"https://lab.example.org{prefix}events"
