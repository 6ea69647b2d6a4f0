"""A room on an account of Twilio's is asked for: what the hub, the proxy and the instructor get of the account then."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from labkit.errors import CredentialsError
from workshop import hub_process, opening, proxy
from workshop.daemon import Daemon
from workshop.hub_process import Hub
from workshop.room_account import account_variables
from workshop.settings import Workshop

SID, TOKEN = "AC" + "1" * 32, "planted-token-4b1d"
PUBLIC = "LABKIT_ROOM_PUBLIC_URL=https://lab.example.org/services/room/"


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """As an instructor may have them in the shell, for whatever."""
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", SID)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", TOKEN)
    monkeypatch.setenv("TWILIO_CLI_SETTING", "of another program's")


@pytest.fixture
def environments(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, str]]:
    """What each process of a hub's is started with; none is."""
    started: dict[str, dict[str, str]] = {}
    monkeypatch.setattr(Daemon, "find", lambda _: None)
    monkeypatch.setattr(Daemon, "start", lambda daemon, _, *, environ: started.__setitem__(daemon.name, dict(environ)))
    monkeypatch.setattr(Daemon, "wait_until", lambda *_: None)
    monkeypatch.setattr(Hub, "_look_for_ports", lambda _: None)
    monkeypatch.setattr(proxy, "command", lambda *_: [])
    monkeypatch.setattr(hub_process, "services_of", lambda _: [])
    return started


def started(workshop: Workshop, environments: dict[str, dict[str, str]]) -> list[tuple[str, set[str]]]:
    """For each process the names of `TWILIO_…` that it has."""
    Hub(workshop).start()
    return [(name, {each for each in environ if "TWILIO" in each}) for name, environ in environments.items()]


@pytest.mark.process
def test_what_opens_a_workshop_reads_no_module_of_accounts() -> None:
    """Its room is a sandbox as a rule, and nobody waits for what is for accounts."""
    code = "import sys, workshop.opening; print([name for name in sys.modules if name.startswith('labkit.account')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.usefixtures("credentials")
def test_nobody_gets_an_account_that_was_not_asked_for(tmp_path: Path, environments: dict[str, dict[str, str]]) -> None:
    workshop = Workshop(folder=tmp_path, warm=False)

    assert started(workshop, environments) == [("proxy", set()), ("hub", set())]
    assert account_variables(workshop) == {}


@pytest.mark.usefixtures("credentials")
def test_the_hub_gets_what_the_room_signs_in_with_and_the_proxy_nothing(
    tmp_path: Path, environments: dict[str, dict[str, str]]
) -> None:
    workshop = Workshop(folder=tmp_path, warm=False, room_mode="twilio")

    assert started(workshop, environments) == [("proxy", set()), ("hub", {"TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"})]
    assert environments["hub"]["TWILIO_AUTH_TOKEN"] == TOKEN
    assert TOKEN not in (tmp_path / "workshop.json").read_text("utf-8")


def test_credentials_may_stand_in_a_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the lab finds them; the room gets them all the same."""
    (tmp_path / ".env").write_text(
        f"TWILIO_ACCOUNT_SID={SID}\nTWILIO_AUTH_TOKEN={TOKEN}\nTWILIO_REGION=ie1\n{PUBLIC}\n", "utf-8"
    )
    (tmp_path / ".env").chmod(0o600)
    monkeypatch.setattr("dotenv.find_dotenv", lambda *_, **__: str(tmp_path / ".env"))

    assert account_variables(Workshop(folder=tmp_path, room_mode="twilio")) == {
        "TWILIO_ACCOUNT_SID": SID,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_REGION": "ie1",
        "TWILIO_EDGE": "dublin",
        "LABKIT_ROOM_PUBLIC_URL": "https://lab.example.org/services/room",
    }


def test_without_credentials_nothing_starts(tmp_path: Path, environments: dict[str, dict[str, str]]) -> None:
    with pytest.raises(CredentialsError, match="TWILIO_ACCOUNT_SID"):
        Hub(Workshop(folder=tmp_path, room_mode="twilio")).start()
    assert environments == {}


@pytest.mark.usefixtures("credentials")
def test_the_instructor_is_told_on_which_account_the_room_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Masked, and only where it does."""
    monkeypatch.setattr(Hub, "start", lambda _: None)
    monkeypatch.setattr(opening, "check_doors", lambda _: None)

    for mode in ("twilio", "sandbox"):
        said = "\n".join(opening.open_doors(Workshop(folder=tmp_path, room_mode=mode)))
        assert ("The room stands on the account AC…1111 of Twilio's" in said) is (mode == "twilio")
        assert TOKEN not in said
