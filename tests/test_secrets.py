"""Secrets are planted, a lab is used and misused, and then they are searched for in all that it shows and leaves."""

from __future__ import annotations

import functools
import json
import logging
import os
import stat
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from sandbox import local
from secret_search import Secrets, everything_logged, shown_by, shown_token, started, written_below
from twilio.base.exceptions import TwilioRestException
from twilio.jwt.access_token import AccessToken

import labkit
import labkit.lab.lab
from labkit.account.facts import AccountFacts
from labkit.callbacks.server import CallbackServer
from labkit.errors import LabError, TaskRouterError
from labkit.lab.lab import Lab
from labkit.sandbox import process
from labkit.settings import Secret, Settings
from labkit.stream import Kind
from labkit.taskrouter import client as client_module
from labkit.taskrouter import http_client
from labkit.taskrouter.client import connect
from labkit.taskrouter.workspace_client import WorkspaceClient
from labkit.tunnel import Loopback

pytestmark = pytest.mark.process

FAKE_NGROK = Path(__file__).parent / "tunnel" / "fake_ngrok.py"
ACCOUNT = f"AC{'0123456789abcdef' * 2}"
OTHER_ACCOUNT = f"AC{'2' * 32}"
ACCOUNT_TOKEN = "planted-account-token-7f3a9c"
NGROK_TOKEN = "planted_ngrok_token_4b8e2d"
API_KEY = f"SK{'0123456789abcdef' * 2}"
KEY_SECRET = "planted-api-key-secret-8e41d7-of-32-bytes"
OTHERS = {
    "JUPYTERHUB_API_TOKEN": "planted-hub-token-9d1c0a",
    "AWS_SECRET_ACCESS_KEY": "planted-cloud-secret-5e7b31",
    "PYTHONANYWHERE_API_TOKEN": "planted-provider-token-c83f",
    "LABKIT_SANDBOX_TOKEN": "planted-sandbox-token-21ab77",
    "NEW_AND_UNKNOWN": "planted-new-secret-60de94",
}
"""What else may stand around a notebook, and is nobody's business here."""

PAGES_PASSWORD = "planted-pages-password-b30c7d"
URL_PASSWORD = "planted-url-password-9d1c5e"
MAY_KEEP_IT = {"file sandbox.json", "file sandbox.sqlite", "file sandbox.sqlite-wal", "file sandbox.sqlite-shm"}
"""Where the sandbox's own token must be: how else would the next lab, or the sandbox after a restart, know it?"""


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The account's token stands in the environment, ngrok's in a .env file, as people have them."""
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", ACCOUNT)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", ACCOUNT_TOKEN)
    monkeypatch.setenv("TWILIO_API_KEY_SID", API_KEY)
    monkeypatch.setenv("TWILIO_API_KEY_SECRET", KEY_SECRET)
    monkeypatch.setenv("LABKIT_PAGES_PASSWORD", PAGES_PASSWORD)
    for name, secret in OTHERS.items():
        monkeypatch.setenv(name, secret)
    dotenv = tmp_path / ".env"
    dotenv.write_text(f"NGROK_AUTHTOKEN={NGROK_TOKEN}\n", encoding="utf-8")
    monkeypatch.setattr("dotenv.find_dotenv", lambda *_, **__: str(dotenv))


def use(lab: Lab, token: str) -> dict[str, str]:
    """Work with a lab as people do, and as attackers do; what went wrong on the way, with all that was said of it."""
    call_with_password(lab)
    lab.answer_with("accept")
    lab.taskrouter.set_activity("Alice", "Available")
    task = lab.create_task({"selected_language": "es"})
    wanted = (Kind.EVENT, "reservation.accepted", task.sid)
    assert lab.stream.wait_for(
        lambda each: each.kind is Kind.EVENT and (each.kind, each.data.event_type, each.data.task_sid) == wanted,
        timeout=60,
    )
    assert lab.client.taskrouter.v1.workspaces(lab.workspace_sid).tasks(task.sid).fetch().sid == task.sid
    send_secrets(lab, token)
    set_password(lab)
    return failures(lab)


def set_password(lab: Lab) -> Callable[..., Any]:
    """Callback URLs that hold a password, which TaskRouter's own answer shows; what changes them."""
    url = lab.callbacks.assignment_url.replace("://", f"://me:{URL_PASSWORD}@")
    update = lab.client.taskrouter.v1.workspaces(lab.workspace_sid).workflows(lab.workflow_sid).update
    changed = update(assignment_callback_url=url, fallback_assignment_callback_url=url)
    assert (changed.assignment_callback_url, lab.callback_urls()[0]) == (url, url)
    with pytest.raises(TwilioRestException, match="is not an http or https URL"):
        update(assignment_callback_url=url.replace("http", "ftp", 1))
    return update  # type: ignore[no-any-return]


def call_with_password(lab: Lab) -> None:
    """A Task whose callbacks go to such a URL; then they come here again."""
    change = set_password(lab)
    lab.taskrouter.set_activity("Bob", "Available")
    task = lab.create_task({"selected_language": "en"})
    lab.taskrouter.set_activity("Bob", "Offline")
    lab.client.taskrouter.v1.workspaces(lab.workspace_sid).tasks(task.sid).delete()
    change(assignment_callback_url=lab.callbacks.assignment_url, fallback_assignment_callback_url="")


def send_secrets(lab: Lab, token: str) -> None:
    """Requests to the callback server that hold credentials where credentials are held."""
    headers = {
        "Authorization": requests.auth._basic_auth_str(lab.account_sid, token),
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"session={token}",
        "Referer": f"http://x/?token={token}",
        "X-Api-Key": token,
    }
    # Not by requests, whose connections log the URLs that they are sent to.
    with closing(HTTPConnection(lab.callbacks.local_url.removeprefix("http://"), timeout=60)) as connection:
        connection.request("POST", f"/assignment_callback?auth_token={token}&x=1", "ReservationSid=WR1", headers)
        assert connection.getresponse().status == 403


def ask_bridge(lab: Lab, *tokens: str) -> None:
    """What a Worker's page would ask with these tokens, be they good or not; and bodies that make no sense."""
    base_url = str(lab._connection.base_url).removeprefix("http://")
    socket = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    for token in tokens:
        bodies = [
            json.dumps({"url": "Workspaces/WS0/Workers", "method": "GET", "token": token}),
            f'{{"token": "{token}"',
        ]
        for method, path, body, headers in (
            *(("POST", "/v1/wschannels", body, {}) for body in bodies),
            ("GET", f"/v1/wschannels?token={token}", "", {**socket, "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}),
            ("GET", f"/v1/wschannels/{token}", "", {}),
        ):
            with closing(HTTPConnection(base_url, timeout=60)) as connection:
                connection.request(method, path, body, headers)
                assert connection.getresponse().status in (101, 400, 401, 403, 404)


def open_agent_page(lab: Lab) -> dict[str, str]:
    """Open a Worker's page as a browser does, twice by its link; the secrets of it."""
    link = lab.agent_page("Alice").link().partition("#")[2]
    ask = functools.partial(
        requests.post, f"{lab.callbacks.local_url}/agent/token", timeout=60, auth=("ana", PAGES_PASSWORD)
    )
    told = ask(json={"link": link}).json()
    assert (ask(json={"link": link}).status_code, ask(json={"right": told["right"]}).status_code) == (403, 200)
    return {"link": link.partition(".")[2], "right": told["right"].partition(".")[2], "page_token": told["token"]}


def failures(lab: Lab) -> dict[str, str]:
    """What calls say that fail: a wrong token, nobody there, a Twilio product that is not here, a broken setting."""
    secret = lab._connection.token
    somewhere = functools.partial(connect, account_sid=lab.account_sid)
    wrong = Secret(secret.reveal()[::-1])
    nobody = WorkspaceClient(somewhere(auth_token=secret, base_url="http://127.0.0.1:1"), lab.workspace_sid)
    stranger = WorkspaceClient(somewhere(auth_token=wrong, base_url=lab._connection.base_url), lab.workspace_sid)
    misused: dict[str, Callable[[], object]] = {
        "nobody there": nobody.workers,
        "a wrong token": stranger.workers,
        "another product": lambda: lab.client.messages.list(limit=1),
        "an unknown Task": lambda: lab.taskrouter.task(f"WT{'0' * 32}"),
        "a setting that is none": lambda: Settings.resolve({}, auth_tokken=secret.reveal()),
        "a token in place of a SID": lambda: Settings.resolve({}, mode="twilio", account_sid=secret.reveal()),
        "a file that is none": lambda: lab.load("/nowhere/workspace.yaml"),
    }
    return {f"failure: {what}": _told(call) for what, call in misused.items()}


def _told(call: Callable[[], object]) -> str:
    """The traceback of what this raises, with the local variables of every frame of the error's causes."""
    with pytest.raises(LabError) as raised:
        call()
    error = raised.value
    causes = (
        traceback.TracebackException.from_exception(error.__cause__, capture_locals=True) if error.__cause__ else None
    )
    whole = "".join(traceback.format_exception(error))
    return f"{whole} {error!r} {vars(error)!r} {''.join(causes.format()) if causes else ''}"


@pytest.mark.skipif(os.name == "nt", reason="the stand-in agent is a script that only POSIX runs")
@pytest.mark.usefixtures("planted")
def test_no_secret_is_shown_said_or_left_by_a_sandbox_behind_a_tunnel(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The sandbox's token, API keys' secrets, a Worker's token, ngrok's, and the account's, only in the environment."""
    monkeypatch.setenv("FAKE_NGROK_FORWARD", "1")
    with everything_logged() as heard:
        lab = labkit.start(tunnel="ngrok", ngrok_path=FAKE_NGROK)
        key = lab.client.request("POST", "https://taskrouter.twilio.com/_sandbox/keys")
        worker_token, of_page = lab.worker_token("Alice"), open_agent_page(lab)
        made = json.loads(key.text)
        refused_token = str(AccessToken(OTHER_ACCOUNT, made["sid"], made["secret"], ttl=-5).to_jwt())
        ask_bridge(lab, worker_token.reveal(), refused_token)
        told = use(lab, lab._connection.token.reveal())
        exported = lab.export(tmp_path / "workspace.yaml").read_text("utf-8")
        surfaces = {**shown_by(lab), **told, **started(), "exported": exported, **shown_token(lab, worker_token)}
        lab.snapshot("kept")
        running = process.find(home)
        assert running is not None
        children = [psutil.Process(running.pid), *psutil.Process().children(recursive=True)]
        surfaces |= {f"environment of {each.name()} {each.pid}": str(each.environ()) for each in children}
        assert len(children) > 2, "there should be a sandbox and an agent"
        files = written_below(home)
        lab.stop()
    printed = capfd.readouterr()
    surfaces |= {"printed": printed.out + printed.err, "logged": "\n".join(heard.lines)}
    secrets = Secrets(
        token=lab._connection.token.reveal(),
        api_secret=made["secret"],
        lab_key=lab._tokens.key().secret.reveal(),
        worker_token=worker_token.reveal(),
        refused_token=refused_token,
        **of_page,
        ngrok=NGROK_TOKEN,
        account=ACCOUNT_TOKEN,
        key_of_account=KEY_SECRET,
        pages=PAGES_PASSWORD,
        **OTHERS,
    )
    password = Secrets(url_password=URL_PASSWORD)

    assert len(heard.lines) > 100, "nothing was logged, so nothing was searched"
    assert secrets.found_in(surfaces) == password.found_in(surfaces) == {}
    assert {name.split("/")[0] for name in password.found_in(files)} <= MAY_KEEP_IT | {"file sandbox-snapshots"}
    assert "•••@127.0.0.1" in surfaces["repr of lab.deliveries.list()"]
    kept = secrets.found_in(files)
    assert set(kept) <= MAY_KEEP_IT
    assert "file sandbox.json" in kept
    assert files["file sandbox.log"].count("a Worker token was refused (401): The token expired") == 1
    assert {what for names in kept.values() for what in names} <= {"token", "api_secret", "lab_key"}
    readable = {name for name in kept if stat.S_IMODE((home / name.removeprefix("file ")).stat().st_mode) != 0o600}
    assert readable == set()


@pytest.fixture
def real(home: Path, planted: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """A lab on a real account, as far as it knows: Twilio is a sandbox in this process, with the planted token."""
    monkeypatch.setattr(local, "TOKENS", {ACCOUNT: ACCOUNT_TOKEN})
    monkeypatch.setattr("labkit.lab.callback_routing.choose", lambda _settings: Loopback())
    monkeypatch.setattr("labkit.lab.setup.look_at_account", lambda _client, sid: AccountFacts(sid=sid))
    with local.local_sandbox() as sandbox:
        # By its name: another test reloads the module, and the class that was imported above is then the old one.
        monkeypatch.setattr("labkit.lab.connection.Connection.base_url", property(lambda _self: sandbox.url))
        yield labkit.start(mode="twilio", yes=True)
        labkit.stop()


def searched(lab: Lab) -> Mapping[str, str]:
    """Everything about a lab on an account but its logs and files."""
    told = use(lab, ACCOUNT_TOKEN)
    return {**shown_by(lab), **told, **started()}


def test_no_secret_of_a_real_account_is_shown_said_or_left(
    real: Lab, home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither the Auth Token, an API key's secret, a Worker's token, nor ngrok's from .env; nor are they in a file."""
    with everything_logged() as heard:
        worker_token, of_page = real.worker_token("Alice"), open_agent_page(real)
        surfaces = {**searched(real), **shown_token(real, worker_token)}
        surfaces["exported"] = real.export(tmp_path / "workspace.yaml").read_text("utf-8")
    printed = capfd.readouterr()
    surfaces |= {"printed": printed.out + printed.err, "logged": "\n".join(heard.lines), **written_below(home)}

    assert any(line.startswith("twilio.http_client") for line in heard.lines)
    secrets = Secrets(
        account=ACCOUNT_TOKEN,
        ngrok=NGROK_TOKEN,
        url_password=URL_PASSWORD,
        api_key=KEY_SECRET,
        pages=PAGES_PASSWORD,
        worker_token=worker_token.reveal(),
        **of_page,
    )
    assert secrets.found_in(surfaces) == {}


# --- would it be found? -----------------------------------------------------------------------------------------------


def _spoil_secret(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Secret, "__repr__", lambda self: self.reveal())


def _spoil_client(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(client_module, "Unshown", str)


def _spoil_failures(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("labkit.taskrouter.errors._forget_frames", lambda error: None)


def _spoil_headers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("labkit.callbacks.exchanges._is_secret", lambda name: False)


def _spoil_urls(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("labkit.callbacks.app.shown_url", lambda url, *_: url)


def _spoil_server(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(CallbackServer, "__repr__", lambda self: f"<{self._app.view_functions}, {ACCOUNT_TOKEN}>")


def _spoil_reports(patch: pytest.MonkeyPatch) -> None:
    def telling(self: Any, call: Mapping[str, Any], began: float, **answer: Any) -> None:
        self._on_call and self._on_call({**call, **answer, "path": f"/v1?auth={ACCOUNT_TOKEN}"})

    patch.setattr(http_client.RecordingHttpClient, "_report", telling)


def _spoil_passwords(patch: pytest.MonkeyPatch) -> None:
    for module in ("taskrouter.http_client", "lab.status"):
        patch.setattr(f"labkit.{module}.hide_passwords", lambda text: text)


@pytest.mark.parametrize(
    ("spoil", "where"),
    [
        (_spoil_passwords, "stream entry "),
        (_spoil_passwords, "panel status"),
        (_spoil_passwords, "panel traffic"),
        (_spoil_secret, "repr of lab._settings"),
        (_spoil_client, "attributes of lab.client"),
        (_spoil_failures, "failure: nobody there"),
        (_spoil_headers, "exchange "),
        (_spoil_urls, "exchange "),
        (_spoil_server, "rich display of lab.callbacks"),
        (_spoil_reports, "stream entry "),
        (_spoil_reports, "panel traffic"),
    ],
)
def test_a_leak_would_be_found(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Any], None], where: str
) -> None:
    """With any one of the guards taken away, the search finds the token in the place that was guarded."""
    spoil(monkeypatch)
    lab: Lab = request.getfixturevalue("real")
    found = Secrets(account=ACCOUNT_TOKEN, ngrok=NGROK_TOKEN, url_password=URL_PASSWORD).found_in(searched(lab))
    assert [surface for surface in found if surface.startswith(where)], found


@pytest.mark.parametrize("spelling", ["{}", "…{}…", "Basic {base64}", "?x={}&y=1"])
def test_the_search_knows_every_spelling(spelling: str) -> None:
    """As it is, and inside of an Authorization header."""
    pair = requests.auth._basic_auth_str(ACCOUNT, ACCOUNT_TOKEN).removeprefix("Basic ")
    text = spelling.format(ACCOUNT_TOKEN, base64=pair)
    assert Secrets(account=ACCOUNT_TOKEN).found_in({"here": text, "there": "nothing"}) == {"here": ["account"]}


def test_a_log_line_with_a_token_would_be_found() -> None:
    """Even one of a logger that tells nobody else, and at DEBUG."""
    with everything_logged() as heard:
        for name in ("twilio.http_client", "waitress", "labkit.lab.lab"):
            logging.getLogger(name).debug("with %s", ACCOUNT_TOKEN)
    found = Secrets(account=ACCOUNT_TOKEN).found_in({line.split()[0]: line for line in heard.lines})
    assert {"twilio.http_client", "labkit.lab.lab"} <= set(found)


def test_what_the_sdk_needs_of_the_token_still_works() -> None:
    """It is a text for the SDK, for signatures and for the environment, and dots for whoever looks at it."""
    token = connect(account_sid=ACCOUNT, auth_token=Secret(ACCOUNT_TOKEN)).password
    assert (token.encode(), token == ACCOUNT_TOKEN, json.dumps(token)) == (
        ACCOUNT_TOKEN.encode(),
        True,
        f'"{ACCOUNT_TOKEN}"',
    )
    assert ACCOUNT_TOKEN not in f"{token} {token!r} {token!s} {(token,)}"


def test_a_refused_call_still_says_why() -> None:
    """What the lab drops is the libraries' frames, not what they said."""
    desk = WorkspaceClient(
        connect(account_sid=ACCOUNT, auth_token=Secret("x"), base_url="http://127.0.0.1:1"), f"WS{'0' * 32}"
    )
    with pytest.raises(TaskRouterError) as refused:
        desk.workers()
    assert isinstance(refused.value.__cause__, requests.ConnectionError)
    assert refused.value.__cause__.__traceback__ is None
