"""Who reaches a sandbox, and whose it is: hosts, tokens and accounts of the program `python -m labkit sandbox`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from sandbox.call_centre import build
from sandbox.callback_target import Target
from sandbox.local import ACCOUNT, OTHER_ACCOUNT, local_sandbox
from twilio.base.exceptions import TwilioException
from twilio.request_validator import RequestValidator

from labkit.cli.parser import main
from labkit.engine import commands as c
from labkit.sandbox import server
from labkit.sandbox.store import MemoryStore, SqliteStore, Store
from labkit.settings import Secret
from labkit.taskrouter.client import connect

pytestmark = pytest.mark.process

TOKEN, OTHER_TOKEN = "made-up-token-of-one", "made-up-token-of-two"


@contextmanager
def sandbox(*arguments: str, **environment: str) -> Iterator[dict[str, str]]:
    """The program with these arguments and variables; what it says of itself."""
    command = [sys.executable, "-m", "labkit", "sandbox", "--json", *arguments]
    running = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, **environment}
    )
    with running:
        try:
            assert running.stdout is not None
            said: dict[str, str] = json.loads(running.stdout.readline())
            yield said
        finally:
            running.kill()


def workspaces(said: dict[str, str], account: str, token: str) -> Any:
    return connect(account_sid=account, auth_token=Secret(token), base_url=said["url"]).taskrouter.v1.workspaces


def test_beyond_this_computer_the_command_says_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence, status 1, and nothing has begun."""
    assert main(["sandbox", "--host", "192.168.1.5"]) == 1
    said = capsys.readouterr()
    assert "Other computers can reach a sandbox on 192.168.1.5, so it wants an auth token of your own" in said.err
    assert said.out == ""


def test_a_token_from_the_environment_opens_it_to_others(tmp_path: Path) -> None:
    """It is in no list of processes. (`127.1` is this computer, and not written plainly enough to be believed.)"""
    options = ["--host", "127.1", "--state", str(tmp_path / "s.sqlite")]
    with sandbox(*options, LABKIT_SANDBOX_TOKEN=TOKEN) as said:
        assert said["url"].startswith("http://127.1:")
        assert said["auth_token"] == TOKEN
        assert workspaces(said, said["account_sid"], TOKEN).list() == []
        with pytest.raises(TwilioException, match="HTTP 401"):
            workspaces(said, said["account_sid"], "made-up").list()


def test_others_are_given_a_key_that_is_one_worker(tmp_path: Path) -> None:
    """As docs/where-it-runs.md has it: with plain requests, and never the account's own token."""
    options = ["--host", "127.1", "--state", str(tmp_path / "s.sqlite")]
    with sandbox(*options, LABKIT_SANDBOX_TOKEN=TOKEN) as said:
        centre = build(connect(account_sid=said["account_sid"], auth_token=Secret(TOKEN), base_url=said["url"]))
        whose = {"WorkspaceSid": centre.sid, "WorkerSid": centre.alice_sid}
        url = f"{said['url']}/_sandbox/members"
        key = requests.post(url, whose, auth=(said["account_sid"], TOKEN), timeout=10).json()
        member = workspaces(said, key["sid"], key["secret"])(centre.sid)
        assert member.workers(centre.alice_sid).fetch().friendly_name == "Alice"
        for path in ("reset", "stop", "clock", "snapshots", "members", "keys"):
            refused = requests.post(
                f"{said['url']}/_sandbox/{path}", whose, auth=(key["sid"], key["secret"]), timeout=10
            )
            assert refused.status_code == 403, path
        assert requests.delete(f"{url}/{key['sid']}", auth=(said["account_sid"], TOKEN), timeout=10).status_code == 204
        with pytest.raises(TwilioException, match="HTTP 401"):
            member.workers.list()


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("::1", "http://[::1]:80"),
        ("", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("lab.example", "http://lab.example:80"),
        (".".join("0000"), "http://127.0.0.1:80"),
    ],
)
def test_the_url_is_one_that_this_computer_reaches(host: str, url: str) -> None:
    """Also when it listens on every address."""
    assert server.url_of(host, 80) == url


@pytest.mark.parametrize(("option", "expected"), [([], "3"), (["--no-rate-limits"], None)])
def test_rate_limits_hold_unless_they_are_turned_off(tmp_path: Path, option: list[str], expected: str | None) -> None:
    """An answer where one holds says which it is."""
    with sandbox("--state", str(tmp_path / "s.sqlite"), *option) as said:
        sid = workspaces(said, said["account_sid"], said["auth_token"]).create(friendly_name="A").sid
        url = f"{said['url']}/v1/Workspaces/{sid}/Workers?TargetWorkersExpression=1%3D%3D1"
        answer = requests.get(url, auth=(said["account_sid"], said["auth_token"]), timeout=10)
        assert answer.status_code == 200
        assert answer.headers.get("X-Rate-Limit-Limit") == expected


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of open files")
def test_it_asks_for_more_open_files_than_some_systems_give() -> None:
    """As many as there are connections when many callback URLs hang."""
    program = """
import resource
from labkit.sandbox.server import OPEN_FILES, allow_open_files
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
allow_open_files()
wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
print(wanted, *resource.getrlimit(resource.RLIMIT_NOFILE), hard)
"""
    wanted, soft, hard, hard_before = map(int, subprocess.check_output([sys.executable, "-c", program]).split())
    assert (soft, hard) == (wanted, hard_before)


def hold_clock(said: dict[str, str], account: str, token: str) -> int:
    """What is everybody's; the status of the answer."""
    form = {"Action": "pause"}
    return requests.post(f"{said['url']}/_sandbox/clock", form, auth=(account, token), timeout=10).status_code


def test_an_account_before_this_one_goes_on(tmp_path: Path, target: Target) -> None:
    """A state that was begun with another account: that one still asks, and its callbacks are signed with its token;
    but it is the owner no more."""
    state = ["--state", str(tmp_path / "s.sqlite")]
    url = target.url("/events")
    with sandbox(*state, "--account-sid", ACCOUNT, "--auth-token", TOKEN) as said:
        sid = workspaces(said, ACCOUNT, TOKEN).create(friendly_name="Old", event_callback_url=url).sid
        target.wait_for("/events")
    before = len(target.of("/events"))
    with sandbox(*state, "--account-sid", OTHER_ACCOUNT, "--auth-token", OTHER_TOKEN) as said:
        assert workspaces(said, OTHER_ACCOUNT, OTHER_TOKEN).list() == []
        workspaces(said, ACCOUNT, TOKEN)(sid).update(friendly_name="Still there")
        held = [hold_clock(said, *each) for each in ((ACCOUNT, TOKEN), (OTHER_ACCOUNT, OTHER_TOKEN))]
        assert held == [403, 200]
        received = target.wait_for("/events", before + 1)[-1]
        signature = received.headers["X-Twilio-Signature"]
        assert RequestValidator(TOKEN).validate(url, received.form, signature)
        assert not RequestValidator(OTHER_TOKEN).validate(url, received.form, signature)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each kind."""
    made: Store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "state.sqlite")
    with closing(made):
        yield made


def test_each_account_keeps_its_token(store: Store) -> None:
    """Whoever comes back without one gets the one from before; a new account gets a new one."""
    assert server.credentials(store, ACCOUNT, TOKEN) == (ACCOUNT, TOKEN)
    _, made_up = server.credentials(store, OTHER_ACCOUNT, None)
    assert made_up != TOKEN
    assert server.former_accounts(store) == {ACCOUNT: TOKEN}
    assert server.credentials(store, ACCOUNT, None) == (ACCOUNT, TOKEN)
    assert server.former_accounts(store) == {OTHER_ACCOUNT: made_up}
    assert server.credentials(store, None, None) == (ACCOUNT, TOKEN)


def test_an_account_whose_token_nobody_knows_is_not_called_back(target: Target) -> None:
    """The delivery says what to do; nothing is sent unsigned, and nothing breaks."""
    with local_sandbox() as running:
        lost = c.CreateWorkspace(
            account_sid="AC" + "9" * 32, friendly_name="Lost", event_callback_url=target.url("/events")
        )
        running.ask(running.service.execute(lost, view=lambda workspace: workspace))
        running.settle()
        log = running.look(lambda: running.webhooks.deliveries.of(lost.account_sid))
        assert {delivery.error for delivery in log} == {11205}
        assert "start it with --account-sid and --auth-token" in (log[0].remark or "")
        assert target.received == []
