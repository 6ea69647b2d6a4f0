"""An account, a way to it or a tunnel that is broken in one place: the doctor names that place and no other."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from doctor.conftest import Patient
from sandbox.local import TOKEN, local_sandbox
from twilio_stand_in import StandIn, twilio_stand_in

from labkit.doctor.network import NGROK_HOST

Break = Callable[[Patient, StandIn], None]

pytestmark = [pytest.mark.process, pytest.mark.skipif(os.name != "posix", reason="the programs are shell scripts")]


@pytest.fixture
def stand_in(tmp_path: Path) -> Iterator[StandIn]:
    """Twilio's hosts, with ngrok's; its clock is right."""
    with local_sandbox() as sandbox, twilio_stand_in(sandbox.url, tmp_path) as made:
        made.led[NGROK_HOST] = made.taskrouter.port or 0
        show_time(made, datetime.now(UTC))
        yield made


@pytest.fixture
def patient(patient: Patient, stand_in: StandIn) -> Patient:
    """One who has an account and a tunnel, and with whom nothing is wrong yet."""
    patient.environ |= stand_in.owner_environ
    patient.environ |= {
        "LABKIT_MODE": "twilio",
        "NGROK_AUTHTOKEN": "made-up-ngrok-token",
        "NGROK_PATH": program(patient, "ngrok version 3.22.1"),
    }
    patient.options = []
    return patient


def show_time(stand_in: StandIn, moment: datetime) -> None:
    """Have the account's API say this time to whoever asks for nothing."""
    stand_in.forget_planted()
    stand_in.plant(404, 20404, "not found", path="^/$", headers={"Date": format_datetime(moment, usegmt=True)})


def program(patient: Patient, says: str) -> str:
    """A program that says this, and nothing else."""
    file = patient.folder / "ngrok"
    file.write_text(f"#!/bin/sh\necho '{says}'\n", "utf-8")
    file.chmod(0o755)
    return str(file)


def closed_port() -> int:
    """One that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def a_wrong_token(patient: Patient, _: StandIn) -> None:
    """It was replaced by a new one in the Console."""
    patient.environ["TWILIO_AUTH_TOKEN"] = "f" * 32


def no_token(patient: Patient, _: StandIn) -> None:
    """Only the Account SID was set."""
    del patient.environ["TWILIO_AUTH_TOKEN"]


def a_suspended_account(_: Patient, stand_in: StandIn) -> None:
    """Its balance is used up."""
    stand_in.account["status"] = "suspended"


def the_test_credentials(_: Patient, stand_in: StandIn) -> None:
    """They stand in the Console beside the live ones."""
    stand_in.plant(403, 20008, "Test credentials", path="^/2010-04-01/")


def no_internet(_: Patient, stand_in: StandIn) -> None:
    """The proxy answers, and leads nowhere."""
    stand_in.offline = True


def a_certificate_of_nobodys(patient: Patient, _: StandIn) -> None:
    """A company looks into TLS, and Python does not know its authority."""
    del patient.environ["REQUESTS_CA_BUNDLE"]


def a_clock_that_is_slow(_: Patient, stand_in: StandIn) -> None:
    """A laptop slept for some minutes."""
    show_time(stand_in, datetime.now(UTC) + timedelta(minutes=10))


def a_proxy_that_is_gone(patient: Patient, _: StandIn) -> None:
    """It was that of the office."""
    patient.environ["HTTPS_PROXY"] = patient.environ["https_proxy"] = f"http://ana:made-up@127.0.0.1:{closed_port()}"


def a_proxy_with_two_ports(patient: Patient, _: StandIn) -> None:
    """It was typed by hand."""
    patient.environ["HTTPS_PROXY"] = patient.environ["https_proxy"] = "http://proxy:8080:8080"


def a_proxy_for_this_computer(patient: Patient, stand_in: StandIn) -> None:
    """Nobody has told requests to go to 127.0.0.1 by itself."""
    patient.environ |= {"http_proxy": stand_in.proxy_url, "NO_PROXY": "example.com", "no_proxy": "example.com"}


def a_program_that_is_not_ngrok(patient: Patient, _: StandIn) -> None:
    """NGROK_PATH names another one."""
    program(patient, "hello")


def an_old_ngrok(patient: Patient, _: StandIn) -> None:
    """It was installed years ago."""
    program(patient, "ngrok version 2.3.40")


def no_ngrok(patient: Patient, _: StandIn) -> None:
    """NGROK_PATH names what was deleted."""
    Path(patient.environ["NGROK_PATH"]).unlink()


def ngrok_is_blocked(_: Patient, stand_in: StandIn) -> None:
    """A company lets Twilio through, and not ngrok."""
    del stand_in.led[NGROK_HOST]


def no_ngrok_token(patient: Patient, _: StandIn) -> None:
    """Neither in the environment nor in ngrok's own file."""
    del patient.environ["NGROK_AUTHTOKEN"]


def a_setting_that_is_none(patient: Patient, _: StandIn) -> None:
    """A word for a number."""
    patient.environ["LABKIT_PORT"] = "eighty"


def an_unreadable_env_file(patient: Patient, _: StandIn) -> None:
    """It was saved in an old encoding."""
    (patient.working / ".env").write_bytes("LABKIT_WORKSPACE=Büro\n".encode("latin-1"))


def an_env_file_for_everybody(patient: Patient, _: StandIn) -> None:
    """Whoever has an account on this computer can read the token."""
    file = patient.working / ".env"
    file.write_text(f"TWILIO_AUTH_TOKEN={TOKEN}\n", "utf-8")
    file.chmod(0o644)


BROKEN: list[tuple[Break, str, str]] = [
    (a_wrong_token, "Twilio", "Twilio does not take TWILIO_AUTH_TOKEN for the account AC…1111"),
    (no_token, "Twilio", "needs TWILIO_AUTH_TOKEN"),
    (a_suspended_account, "Twilio", "The account AC…1111 is suspended"),
    (the_test_credentials, "Twilio", "under Account, API keys & tokens. (HTTP 403, code 20008)"),
    (no_internet, "internet", "taskrouter.twilio.com cannot be reached: the proxy in HTTPS_PROXY"),
    (a_certificate_of_nobodys, "internet", "is from nobody whom Python trusts"),
    (a_clock_that_is_slow, "clock", "This computer's clock is 10 min behind Twilio's"),
    (a_proxy_that_is_gone, "proxies", "https_proxy is http://ana:•••@127.0.0.1:"),
    (a_proxy_with_two_ports, "proxies", "whose port is no number from 0 to 65535"),
    (a_proxy_for_this_computer, "proxies", "asks of 127.0.0.1, such as the sandbox"),
    (a_program_that_is_not_ngrok, "ngrok", "/ngrok is not ngrok"),
    (an_old_ngrok, "ngrok", "is ngrok version 2.3.40, and the lab needs 3 or newer"),
    (no_ngrok, "ngrok", "there is no program that may be run"),
    (ngrok_is_blocked, "ngrok", f"{NGROK_HOST}, port 443, cannot be reached"),
    (no_ngrok_token, "ngrok", "No authtoken is set"),
    (a_setting_that_is_none, "settings", "port is 'eighty'"),
    (an_unreadable_env_file, "settings", "/.env is not UTF-8 in line 1"),
    (an_env_file_for_everybody, "settings", "can read the credentials in "),
]


def test_with_an_account_that_is_as_it_should_be_nothing_is_named(patient: Patient, stand_in: StandIn) -> None:
    """Twilio is asked by name, and nothing is changed there; the account is shown by its name."""
    findings = {each["name"]: each for each in patient.document()["findings"]}

    assert {each["verdict"] for each in findings.values()} == {"ok"}, findings
    assert findings["Twilio"]["said"] == 'The credentials are those of the account "Ana\'s" (AC…1111, full).'
    assert findings["ngrok"]["said"].startswith("Program: ngrok version 3.22.1")
    assert stand_in.paths("POST", "DELETE") == []


@pytest.mark.parametrize(("make_broken", "name", "said"), BROKEN, ids=[each.__name__ for each, _, _ in BROKEN])
def test_the_one_thing_that_is_wrong_is_named(
    patient: Patient, stand_in: StandIn, make_broken: Break, name: str, said: str
) -> None:
    """And nothing else; with a remedy, and without a secret."""
    make_broken(patient, stand_in)
    secrets = {value for key, value in patient.environ.items() if key.endswith("TOKEN")}
    document = patient.document()
    wrong = [each for each in document["findings"] if each["verdict"] in ("bad", "warn")]

    assert [each["name"] for each in wrong] == [name], wrong
    assert said in wrong[0]["said"]
    assert wrong[0]["remedy"]
    assert not [secret for secret in (*secrets, "made-up@") if secret in str(document)]


def test_offline_nothing_outside_is_asked(patient: Patient, stand_in: StandIn) -> None:
    """And what could not be looked at says so."""
    patient.options = ["--offline"]
    findings = {each["name"]: each for each in patient.document()["findings"]}

    assert [name for name, each in findings.items() if each["verdict"] == "skipped"] == ["internet", "clock", "Twilio"]
    assert stand_in.asked == []
