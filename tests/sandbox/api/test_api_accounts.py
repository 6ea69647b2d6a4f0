"""Several accounts side by side, and API keys: each sees its own, and it is all there after a restart."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sandbox.call_centre import CallCentre, build
from sandbox.callback_target import Target
from sandbox.local import ACCOUNT, OTHER_ACCOUNT, OTHER_TOKEN, TOKEN, LocalSandbox, local_sandbox
from sandbox.refused import refused
from twilio.rest import Client

from labkit.sandbox.api.auth import Accounts, Caller
from labkit.sandbox.store import MemoryStore, SqliteStore, StoreError

Ask = Callable[..., Any]
Credentials = tuple[str, str]
CREDENTIALS = ((ACCOUNT, TOKEN), (OTHER_ACCOUNT, OTHER_TOKEN))
COLLECTIONS = ("Tasks", "Workers", "TaskQueues", "Workflows", "Activities", "TaskChannels", "Events", "Statistics")


def new_account(ask: Ask) -> Credentials:
    made = ask("POST", "/_sandbox/accounts")
    assert made.status == 201
    return made.json["account_sid"], made.json["auth_token"]


def new_key(ask: Ask, credentials: Credentials = (ACCOUNT, TOKEN)) -> Credentials:
    made = ask("POST", "/_sandbox/keys", credentials=credentials)
    assert (made.status, made.json["account_sid"]) == (201, credentials[0])
    return made.json["sid"], made.json["secret"]


def test_one_more_account_can_be_had(sandbox: LocalSandbox, ask: Ask) -> None:
    """With a SID and a token of its own, which nobody can ask for again."""
    sid, token = new_account(ask)
    assert sid.startswith("AC")
    assert len(sid) == 34
    assert len(token) == 32
    made = sandbox.client(sid, token).taskrouter.v1.workspaces.create(friendly_name="Theirs")
    assert made.account_sid == sid
    assert new_account(ask) not in ((sid, token), (ACCOUNT, TOKEN))
    assert ask("GET", "/_sandbox/accounts").status == 405


def test_strangers_get_no_account_and_no_key(ask: Ask) -> None:
    """Whoever has no credentials cannot make some."""
    for path in ("/_sandbox/accounts", "/_sandbox/keys"):
        assert ask("POST", path, credentials=None).status == 401
        assert ask("POST", path, credentials=(ACCOUNT, "wrong")).status == 401


def test_accounts_are_blind_to_each_other(sandbox: LocalSandbox, ask: Ask, centre: CallCentre) -> None:
    """Workspaces, and all that is in them, by SID and in lists: 404 or empty, never somebody else's."""
    credentials = new_account(ask)
    task, reservation = centre.reserved_task()
    other = sandbox.client(*credentials).taskrouter.v1
    own = build(sandbox.client(*credentials))
    assert [w.sid for w in other.workspaces.list()] == [own.sid]
    assert [w.sid for w in centre.client.taskrouter.v1.workspaces.list()] == [centre.sid]
    theirs = other.workspaces(centre.sid)
    for name in COLLECTIONS:
        assert ask("GET", f"/v1/Workspaces/{centre.sid}/{name}").status == 200
        assert ask("GET", f"/v1/Workspaces/{centre.sid}/{name}", credentials=credentials).status == 404
    for attempt in (
        theirs.fetch,
        theirs.delete,
        theirs.statistics().fetch,
        theirs.tasks(task.sid).fetch,
        lambda: theirs.tasks(task.sid).reservations(reservation.sid).update(reservation_status="accepted"),
        lambda: other.workspaces(own.sid).tasks(task.sid).fetch(),
        lambda: other.workspaces(own.sid).workers(centre.alice_sid).update(friendly_name="Mine now"),
    ):
        with refused(404, 20404, "was not found"):
            attempt()
    assert centre.reservation_status(task.sid) == ["pending"]


def test_nothing_of_one_account_is_explained_to_another(ask: Ask, centre: CallCentre) -> None:
    """The sandbox's own paths are as blind as TaskRouter's."""
    task, reservation = centre.reserved_task()
    for path in (f"/_sandbox/explain/{task.sid}", f"/_sandbox/lint/{centre.sid}"):
        assert ask("GET", path).status == 200
        assert ask("GET", path, credentials=(OTHER_ACCOUNT, OTHER_TOKEN)).status == 404
    centre.workspace.tasks(task.sid).update(attributes=json.dumps({"call_sid": f"CA{'0' * 32}"}))
    shown = [ask("GET", "/_sandbox/calls", credentials=who).json["calls"] for who in CREDENTIALS]
    assert [len(calls) for calls in shown] == [1, 0]
    centre.workspace.tasks(task.sid).reservations(reservation.sid).update(instruction="dequeue")
    shown = [ask("GET", "/_sandbox/alerts", credentials=who).json["alerts"] for who in CREDENTIALS]
    assert [len(alerts) for alerts in shown] == [1, 0]


def test_each_account_has_its_own_callbacks(sandbox: LocalSandbox, ask: Ask, target: Target) -> None:
    """Signed with its own token, and in its own delivery log only."""
    credentials = new_account(ask)
    centres = [build(sandbox.client()), build(sandbox.client(*credentials))]
    for centre in centres:
        centre.set_callback(target.url("/assign"))
        centre.reserved_task()
    sandbox.settle()
    for centre, who in zip(centres, [(ACCOUNT, TOKEN), credentials], strict=True):
        deliveries = ask("GET", "/_sandbox/deliveries", credentials=who).json["deliveries"]
        assert [d["fields"]["AccountSid"] for d in deliveries] == [who[0]]
        assert deliveries[0]["fields"]["WorkspaceSid"] == centre.sid
    signatures = {received.headers["X-Twilio-Signature"] for received in target.of("/assign")}
    assert len(signatures) == 2


# --- API keys ---------------------------------------------------------------------------------------------------------


def test_an_api_key_acts_for_its_account(sandbox: LocalSandbox, ask: Ask, centre: CallCentre) -> None:
    """The SDK takes the key with its secret, and the Account SID beside them."""
    sid, secret = new_key(ask)
    assert sid.startswith("SK")
    client: Client = sandbox.client(sid, secret)
    workspace = client.taskrouter.v1.workspaces(centre.sid).fetch()
    assert (workspace.account_sid, workspace.friendly_name) == (ACCOUNT, "Tests")
    made = client.taskrouter.v1.workspaces.create(friendly_name="By key")
    assert made.account_sid == ACCOUNT


def test_an_api_key_opens_no_other_account(sandbox: LocalSandbox, ask: Ask, centre: CallCentre) -> None:
    """Nor does its secret belong to any other name."""
    sid, secret = new_key(ask, (OTHER_ACCOUNT, OTHER_TOKEN))
    with refused(404, 20404, "was not found"):
        sandbox.client(sid, secret).taskrouter.v1.workspaces(centre.sid).fetch()
    for credentials in ((sid, TOKEN), (ACCOUNT, secret), (OTHER_ACCOUNT, secret), (sid, ""), (sid, OTHER_TOKEN)):
        assert ask("GET", "/v1/Workspaces", credentials=credentials).status == 401


# --- afterwards -------------------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    made = SqliteStore(tmp_path / "state.sqlite")
    yield made
    made.close()


def test_accounts_and_keys_outlive_the_process(tmp_path: Path, store: SqliteStore) -> None:
    """They are kept in the state, beside the records."""
    accounts = Accounts({ACCOUNT: TOKEN}, facts=store)
    sid, token = accounts.create()
    key, secret = accounts.create_key(sid)
    again = Accounts({ACCOUNT: TOKEN}, facts=store)
    assert again.token(sid) == token
    for user, word in ((sid, token), (key, secret)):
        assert again.identify(basic(user, word)) == Caller(sid)
    assert again.identify(basic(ACCOUNT, TOKEN)) == Caller(ACCOUNT)


def test_what_cannot_be_kept_is_not_made(sandbox: LocalSandbox, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk: 503, and no account that the next start would not know."""

    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(MemoryStore, "keep_fact", full)
    for path in ("/_sandbox/accounts", "/_sandbox/keys"):
        answer = ask("POST", path)
        assert (answer.status, answer.json["code"]) == (503, 20503)


def test_a_token_given_at_the_start_wins() -> None:
    """Over one that was made earlier for the same account."""
    store = MemoryStore()
    sid, token = Accounts({}, facts=store).create()
    again = Accounts({sid: "another"}, facts=store)
    assert again.identify(basic(sid, "another")) == Caller(sid)
    assert again.token(sid) != token


def test_two_accounts_on_one_state(tmp_path: Path) -> None:
    """A Workspace of a made account is its own again after a restart."""
    with local_sandbox(SqliteStore(tmp_path / "two.sqlite")) as sandbox:
        sid, token = sandbox.look(lambda: Accounts({}, facts=sandbox.service.store).create())
    with local_sandbox(SqliteStore(tmp_path / "two.sqlite")) as sandbox:
        made = sandbox.client(sid, token).taskrouter.v1.workspaces.create(friendly_name="Kept")
    with local_sandbox(SqliteStore(tmp_path / "two.sqlite")) as sandbox:
        found = sandbox.client(sid, token).taskrouter.v1.workspaces.list()
        assert [w.sid for w in found] == [made.sid]
        assert sandbox.client().taskrouter.v1.workspaces.list() == []


def basic(user: str, word: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{word}'.encode()).decode()}"
