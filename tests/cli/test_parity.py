"""`python -m labkit parity`: two sandboxes, and an account under Twilio's own name."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sandbox.local import ACCOUNT, TOKEN, LocalSandbox, local_sandbox
from twilio_stand_in import StandIn, twilio_stand_in

from labkit.cli import parity
from labkit.cli.parser import _parser as parser
from labkit.cli.parser import main
from labkit.parity.callback_receiver import free_port
from labkit.parity.scenarios import SCENARIOS
from labkit.parity.sides import A_GREAT_DEAL
from labkit.settings import Settings

SHORT = ["parity", "--scenario", "one-too-many"]


@pytest.fixture
def account() -> Iterator[LocalSandbox]:
    """What stands for the account."""
    with local_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def twilio(account: LocalSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """It, under Twilio's host name, with credentials in the environment."""
    with twilio_stand_in(account.url, tmp_path) as stand_in:
        stand_in.lead_owner_here(monkeypatch)
        yield stand_in


def test_the_scenarios_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """With what they look at; none is played."""
    assert main(["parity", "--list"]) == 0
    said = capsys.readouterr().out
    assert "one-too-many" in said
    assert "A text, a number or a document" in said


def test_a_scenario_that_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    """The one that was meant is named."""
    assert main(["parity", "--scenario", "one-to-many"]) == 2
    said = capsys.readouterr().err
    assert said == "labkit: There is no scenario 'one-to-many'. Did you mean 'one-too-many'? --list lists them.\n"


SID, ADDRESS, MOMENT = r"[A-Z]{2}[0-9a-f]{32}", r"127\.0\.0\.1", r"20[23]\d-\d\d-\d\dT"


@pytest.mark.process
def test_two_sandboxes_are_equal_in_every_scenario(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And in what is recorded of them nothing names an account, an address or a moment."""
    monkeypatch.chdir(tmp_path)
    assert main(["parity", "--json", "report.json"]) == 0, capsys.readouterr().out
    text = Path("report.json").read_text(encoding="utf-8")
    document = json.loads(text)
    assert set(document["compared"]) | set(document["not_compared"]) == set(SCENARIOS)
    assert {SCENARIOS[name].needs >= {A_GREAT_DEAL} for name in document["not_compared"]} == {True}
    assert [choice for choice in document["choices"] if not choice["is_right"]] == []
    assert re.findall(f"{SID}|{ADDRESS}|{MOMENT}", text) == []


@pytest.mark.process
def test_two_sandboxes_are_compared_without_credentials(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are equal; the report is a document without SIDs, addresses and moments."""
    file = tmp_path / "report.json"
    assert main([*SHORT, "--json", str(file)]) == 0
    out, progress = capsys.readouterr()
    assert out.startswith("1 scenario played on the sandbox and on a second sandbox: no difference.")
    assert progress.splitlines()[0] == "the sandbox: 1 of 1, one-too-many"
    text = file.read_text(encoding="utf-8")
    document = json.loads(text)
    assert (document["format"], document["version"], document["compared"]) == ("labkit parity", 1, ["one-too-many"])
    assert document["differences"] == []
    assert re.findall(f"{SID}|{ADDRESS}|{MOMENT}", text) == []


@pytest.mark.process
def test_nothing_in_the_account_is_touched_without_a_yes(twilio: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    """It says what it would do, and that nothing was done."""
    assert main(SHORT) == 2
    said = capsys.readouterr().err
    assert f"In the account AC…{ACCOUNT[-4:]} this makes 1 Workspace (" in said
    assert "Nothing was made or changed in the account. Say yes, or give --yes." in said
    assert twilio.paths("POST", "DELETE") == []


@pytest.mark.process
def test_an_account_is_compared_and_left_as_it_was(
    twilio: StandIn, account: LocalSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    """Over TLS, with the yes; a Workspace that was there before is not touched, and none is left."""
    own = account.client().taskrouter.v1.workspaces.create(friendly_name="TaskRouter Lab")
    assert main([*SHORT, "--yes"]) == 0
    assert "played on the sandbox and on the account: no difference." in capsys.readouterr().out
    assert {each.host for each in twilio.asked} == {"taskrouter.twilio.com"}
    [left] = account.client().taskrouter.v1.workspaces.list()
    assert (left.sid, left.date_updated) == (own.sid, own.date_updated)


@pytest.mark.process
def test_a_difference_is_told_and_is_the_exit_status(twilio: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    """Another code than ours, beside the choice that it is about."""
    twilio.plant(400, 20002, "Too long", path=r"/Tasks$", method="POST")
    assert main([*SHORT, "--yes"]) == 1
    said = capsys.readouterr().out
    assert re.search(r"code +one-too-many +attributes of one character too many +code +20001 +20002", said)
    assert "Of 7 choices of ours, the account does 2 otherwise." in said


@pytest.mark.process
def test_what_was_left_by_one_that_was_killed_goes_with_the_next(twilio: StandIn, account: LocalSandbox) -> None:
    """A Workspace of a comparison is known by its name."""
    account.client().taskrouter.v1.workspaces.create(friendly_name="TaskRouter Lab parity one-too-many")
    assert main([*SHORT, "--yes"]) == 0
    assert account.client().taskrouter.v1.workspaces.list() == []
    del twilio


@pytest.mark.process
def test_an_account_that_refuses_cannot_be_compared(twilio: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    """A sentence and the third exit status; no token in it."""
    twilio.plant(401, 20003, "Authenticate")
    assert main([*SHORT, "--yes"]) == 2
    said = capsys.readouterr().err
    assert "Check the Account SID and Auth Token" in said
    assert TOKEN not in said


@pytest.mark.process
def test_it_works_as_a_program(tmp_path: Path) -> None:
    """Where nobody can be asked, and with no credentials in sight."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("TWILIO")}
    done = subprocess.run(
        [sys.executable, "-m", "labkit", *SHORT, "--json", "-"],
        cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["a"] == "the sandbox"


QUICK = (
    "versions", "names", "deletions", "task-refusals", "rejections", "who-is-asked",
    "expressions", "skipped-out", "warm-transfer", "page-requests", "signatures", "older-page",
)  # fmt: skip


def every_record(account: LocalSandbox) -> list[str]:
    """Everything that the account has, as REST answers it."""
    client = account.client()
    names = [f"/{each.sid}" for each in client.taskrouter.v1.workspaces.list()]
    kinds = ("", "/Activities", "/TaskChannels", "/TaskQueues", "/Workflows", "/Workers", "/Tasks", "/Events")
    paths = ["", *(f"{name}{kind}" for name in names for kind in kinds)]
    return [client.request("GET", f"https://taskrouter.twilio.com/v1/Workspaces{path}").text for path in paths]


@pytest.mark.process
def test_an_account_with_an_api_key_alone(
    twilio: StandIn,
    account: LocalSandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Over TLS: equal, but for what it cannot do; the account is left byte for byte, and no secret is told."""
    made = account.client().request("POST", "https://taskrouter.twilio.com/_sandbox/keys")
    key = json.loads(made.text)
    monkeypatch.delenv("TWILIO_AUTH_TOKEN")
    monkeypatch.setenv("TWILIO_API_KEY_SID", key["sid"])
    monkeypatch.setenv("TWILIO_API_KEY_SECRET", key["secret"])
    twilio.led["event-bridge.twilio.com"] = urlsplit(account.url).port or 0
    account.client().taskrouter.v1.workspaces.create(friendly_name="Somebody's", template="FIFO")
    before, file = every_record(account), tmp_path / "report.json"
    chosen = [argument for name in QUICK for argument in ("--scenario", name)]
    status = main(["parity", *chosen, "--yes", "--json", str(file)])
    out, err = capsys.readouterr()
    assert (status, every_record(account)) == (0, before), out
    document = json.loads(file.read_text(encoding="utf-8"))
    assert document["differences"] == []
    assert set(document["compared"]) == {*QUICK} - {"signatures", "older-page"}
    assert document["not_compared"]["older-page"] == "needs the account's auth token (TWILIO_AUTH_TOKEN)"
    number = len(document["compared"])
    assert f"the account: {number} of {number}, " in err
    said = out + err + file.read_text(encoding="utf-8")
    for told in (key["secret"], key["sid"], TOKEN, ACCOUNT, "eyJ"):
        assert told not in said
    deleted = [path for path in twilio.paths("DELETE") if path.count("/") == 3]
    assert len(deleted) == len(document["compared"])


@pytest.mark.process
def test_the_workspace_goes_though_the_scenario_cannot_go_on(twilio: StandIn, account: LocalSandbox) -> None:
    """Here TaskRouter has no TaskQueue for anybody."""
    twilio.plant(500, 20500, "Internal", path="/TaskQueues$", method="POST")
    assert main([*SHORT, "--yes"]) == 1
    assert account.client().taskrouter.v1.workspaces.list() == []


@pytest.mark.process
@pytest.mark.parametrize("way", [["--public-url", "https://lab.example.com"], ["--ngrok"]], ids=lambda way: way[0])
def test_a_port_that_is_taken(twilio: StandIn, capsys: pytest.CaptureFixture[str], way: list[str]) -> None:
    """A sentence, before anything is made in the account."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert main(["parity", "--scenario", "odd-answers", "--yes", *way, "--port", str(port)]) == 2
    assert f"labkit: Callbacks cannot come in at port {port} of this computer: " in capsys.readouterr().err
    assert twilio.asked == []


LAB = {"LABKIT_PUBLIC_URL": "https://lab.example.com", "LABKIT_PORT": "8000"}


@pytest.mark.parametrize(
    ("environ", "options", "public_url"),
    [
        (LAB, [], None),
        (LAB, ["--ngrok"], None),
        (LAB, ["--public-url", "https://other.example.com"], "https://other.example.com"),
        ({"LABKIT_TUNNEL": "loopback"}, ["--ngrok"], None),
    ],
    ids=["nothing asked", "ngrok", "another address", "loopback"],
)
def test_the_lab_s_own_tunnel_is_not_used(
    environ: dict[str, str], options: list[str], public_url: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is, an account can be compared; the port counts, for a public address leads to one."""
    for name, value in {**environ, "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN}.items():
        monkeypatch.setenv(name, value)
    settings = parity._account(parser().parse_args(["parity", *options]))
    assert settings is not None
    assert settings.public_url == public_url
    assert settings.port == int(environ.get("LABKIT_PORT", 0))


def test_a_public_address_is_what_callback_urls_begin_with() -> None:
    """And the port that it leads to is the one that is listened at."""
    port = free_port()
    given = parser().parse_args(["parity", "--public-url", "https://lab.example.com", "--port", str(port)])
    settings = Settings.resolve({}, mode="sandbox", public_url=given.public_url, port=port)
    with parity._reached(settings, given) as receive:
        assert receive is not None
        receiver = receive()
        receiver.close()
    assert receiver.url("asked").startswith("https://lab.example.com/")
    assert receiver.port == port
