"""Whatever a state file has become: the sandbox works, or sets it aside and says so, or refuses in one sentence."""

from __future__ import annotations

import json
import os
import random
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from random_sizes import sized
from sandbox.call_centre import build
from sandbox.local import ACCOUNT, TOKEN, local_sandbox

from labkit.errors import SandboxError
from labkit.sandbox import process, server
from labkit.sandbox.store import SqliteStore

SEED = int(os.environ.get("DAMAGE_SEED") or random.randrange(1_000_000))
ROUNDS = sized(30, ci=30, soak=600)
POSIX = pytest.mark.skipif(os.name != "posix", reason="only POSIX has such files")

Spoil = Callable[[Path], None]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A state file with a Worker, Tasks and a Reservation, and its log, as a sandbox that was killed leaves them."""
    path = tmp_path_factory.mktemp("sound") / "state.sqlite"
    with closing(SqliteStore(path)) as store:
        for name, value in (("account_sid", ACCOUNT), ("auth_token", TOKEN)):
            store.keep_fact(name, value)
        store.keep_watch(lambda _: None)
        with local_sandbox(store) as sandbox:
            centre = build(sandbox.client())
            centre.reserved_task()
            centre.add_task()
        return {ending: path.with_name(path.name + ending).read_bytes() for ending in ("", "-wal", "-shm")}


@pytest.fixture
def state(sound: dict[str, bytes], tmp_path: Path) -> Path:
    """That, to be spoilt."""
    path = tmp_path / "state.sqlite"
    for ending, content in sound.items():
        path.with_name(path.name + ending).write_bytes(content)
    return path


class Served(Exception):
    """It listens."""


def begin(state: Path) -> str:
    """Begin a sandbox on it and end it as soon as it listens: `works`, or the sentence with which it refuses."""

    def stop(_: str) -> None:
        raise Served

    try:
        server.run(server.Options(state=state), announce=stop)
    except Served:
        return "works"
    except SandboxError as refusal:
        sentence = str(refusal)
        assert sentence.endswith(".")
        assert "\n" not in sentence
        return sentence
    raise AssertionError("it ended by itself")


def sql(text: str, *values: object) -> Spoil:
    def spoiling(path: Path) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute(text, values)

    return spoiling


def fact(name: str, value: object) -> Spoil:
    return sql("INSERT OR REPLACE INTO facts VALUES (?, ?)", name, value)


def record(kind: str, **changed: object) -> Spoil:
    """A record of this kind has these values, or lacks those that are `...`."""

    def spoiling(path: Path) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            sid, data = db.execute("SELECT sid, data FROM records WHERE kind = ?", (kind,)).fetchone()
            values = {**json.loads(data), **changed}
            text = json.dumps({name: value for name, value in values.items() if value is not ...})
            db.execute("UPDATE records SET data = ? WHERE sid = ?", (text, sid))

    return spoiling


def instead(make: Callable[[Path], object]) -> Spoil:
    """Something else is in its place."""

    def spoiling(path: Path) -> None:
        for ending in ("", "-wal", "-shm"):
            path.with_name(path.name + ending).unlink()
        make(path)

    return spoiling


REFUSED: dict[str, tuple[Spoil, str]] = {
    "a folder in its place": (instead(Path.mkdir), "cannot be used"),
    "a lock that is a folder": (lambda path: Path(f"{path}.lock").mkdir(), "cannot be used"),
    "a Workspace is missing": (sql("DELETE FROM records WHERE kind = 'workspace'"), "do not fit together"),
    "a Workflow is missing": (sql("DELETE FROM records WHERE kind = 'workflow'"), "do not fit together"),
    "a Worker is missing": (sql("DELETE FROM records WHERE kind = 'worker'"), "do not fit together"),
    "a Task is missing": (sql("DELETE FROM records WHERE kind = 'task'"), "do not fit together"),
    "an Activity is missing": (sql("DELETE FROM records WHERE kind = 'activity'"), "do not fit together"),
    "a TaskChannel is missing": (sql("DELETE FROM records WHERE kind = 'task_channel'"), "do not fit together"),
    "a TaskQueue is missing": (sql("DELETE FROM records WHERE kind = 'task_queue'"), "do not fit together"),
    "an unknown kind of record": (sql("UPDATE records SET kind = 'mood' WHERE kind = 'task'"), "cannot be read"),
    "a record that is a list": (sql("UPDATE records SET data = '[1]' WHERE kind = 'task'"), "cannot be read"),
    "a record that is a number": (sql("UPDATE records SET data = 7 WHERE kind = 'task'"), "cannot be read"),
    "a record without its number": (record("task", number=...), "cannot be read"),
    "a number that is text": (record("task", priority="high"), "cannot be read"),
    "a text that is a number": (record("worker", friendly_name=7), "cannot be read"),
    "a moment without a zone": (record("task", date_created="2026-01-01T00:00:00"), "cannot be read"),
    "attributes that are no JSON": (record("worker", attributes="{"), "do not fit together"),
    "former accounts that are a list": (fact("former_accounts", "[]"), "former accounts .* cannot be read"),
    "former accounts that are no JSON": (fact("former_accounts", "{"), "former accounts .* cannot be read"),
    "credentials that are no JSON": (fact("credentials", "{"), "accounts and API keys .* cannot be read"),
    "credentials of another form": (fact("credentials", '{"keys": [1]}'), "accounts and API keys .* cannot be read"),
    "members that are no JSON": (fact("members", "{"), "members .* cannot be read"),
    "members of another form": (fact("members", '[["SK1", "word"]]'), "members .* cannot be read"),
    "a clock that is nonsense": (fact("clock", '"noon"'), "The clock cannot be set"),
    "a clock without a zone": (
        fact("clock", '{"held": "2026-01-01T00:00:00", "ahead_microseconds": 0}'),
        "The clock cannot be set",
    ),
    "a clock beyond all time": (fact("clock", '{"held": null, "ahead_microseconds": 1e30}'), "The clock cannot be set"),
    "a form below nothing": (sql("PRAGMA user_version = -1"), "older version of the lab"),
    "a newer form": (sql("PRAGMA user_version = 99"), "newer version of the lab"),
    "a form that was forgotten": (sql("PRAGMA user_version = 0"), "another program's"),
    "a table that is missing": (sql("DROP TABLE records"), "cannot be read"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_used_is_refused_in_a_sentence(state: Path, what: str) -> None:
    """With what to do; nothing is set aside, and nothing in it is changed."""
    spoil, sentence = REFUSED[what]
    spoil(state)
    said = begin(state)
    assert re.search(sentence, said), said
    assert not list(state.parent.glob("*-damaged-*"))


WORKS: dict[str, Spoil] = {
    "nothing": lambda _: None,
    "a port that is none": fact("port", "http"),
    "a port that is too large": fact("port", "99999999999"),
    "another generation": fact("generation", "\x00"),
    "a trigger with a strange name": sql('CREATE TRIGGER "; DROP" AFTER INSERT ON facts BEGIN SELECT 1; END'),
    "a view with a strange name": sql('CREATE VIEW "\'" AS SELECT 1 FROM nowhere'),
    "an Event of an unknown type": sql("UPDATE events SET type = 'mood.changed'"),
    "an Event that is no JSON": sql("UPDATE events SET data = '{'"),
    "snapshots that are a file": lambda path: process.snapshots_folder(path).write_text("", "utf-8"),
}


@pytest.mark.parametrize("what", WORKS)
def test_what_does_not_matter_at_the_start_lets_it_start(state: Path, what: str) -> None:
    """Whoever meets it later is told."""
    WORKS[what](state)
    assert begin(state) == "works"


@pytest.mark.parametrize(
    ("spoil", "is_read"),
    [
        (sql("UPDATE events SET type = 'mood.changed'"), False),  # statistics pass over what they do not count
        (sql("UPDATE events SET data = '{'"), True),
        (sql("UPDATE events SET data = '[]'"), True),
        (sql('UPDATE events SET data = \'{"@": ["gone"]}\''), True),
        (sql("UPDATE events SET at = 1000000000000000000"), True),
    ],
    ids=["unknown type", "no JSON", "no object", "a moment that is not there", "beyond all time"],
)
def test_a_damaged_event_is_one_sentence(state: Path, spoil: Spoil, is_read: bool) -> None:
    """To whoever asks for Events or statistics: a 503, and no traceback; the rest works."""
    spoil(state)
    with closing(SqliteStore(state)) as store, local_sandbox(store) as sandbox:
        client = sandbox.client()
        [workspace] = client.taskrouter.v1.workspaces.list()
        base = f"https://taskrouter.twilio.com/v1/Workspaces/{workspace.sid}"
        for path in ("Events?Minutes=43200", *(["Statistics?Minutes=43200"] if is_read else [])):
            answer = client.request("GET", f"{base}/{path}")
            assert (answer.status_code, json.loads(answer.text)["code"]) == (503, 20503), answer.text
            assert "cannot be read" in json.loads(answer.text)["message"]
        assert len(client.taskrouter.v1.workspaces(workspace.sid).tasks.list()) == 2


@POSIX
@pytest.mark.parametrize("make", [os.mkfifo, lambda path: Path(path).symlink_to("/dev/null")], ids=["pipe", "device"])
def test_what_is_no_file_is_refused(state: Path, make: Callable[[Path], object]) -> None:
    """And not waited for."""
    instead(make)(state)
    assert "cannot be used: it is no file" in begin(state)


SETTLED = ("is damaged", "cannot be ", "do not fit together", "version of the lab", "another program's", "in use")


@pytest.mark.chance
def test_random_damage_ends_in_one_of_three_ways(sound: dict[str, bytes], tmp_path: Path) -> None:
    """Bytes are flipped, zeroed or cut off anywhere in the file, its log and what is shared of the log."""
    print(f"DAMAGE_SEED={SEED}")
    chance = random.Random(SEED)
    for number in range(ROUNDS):
        folder = tmp_path / str(number)
        folder.mkdir()
        state = folder / "state.sqlite"
        what = chance.choice(["", "", "", "-wal", "-wal", "-shm"])
        for ending, content in sound.items():
            spoilt = damaged(content, chance) if ending == what else content
            state.with_name(state.name + ending).write_bytes(spoilt)
        outcome = begin(state)
        assert outcome == "works" or any(words in outcome for words in SETTLED), (number, what, outcome)


def damaged(content: bytes, chance: random.Random) -> bytes:
    """The same, but for a few bytes, a stretch of them, or its end."""
    spoilt = bytearray(content)
    place = chance.choice([chance.randrange(len(content)), chance.randrange(min(100, len(content)))])
    how = chance.choice(["flip", "zero", "cut", "noise"])
    if how == "cut":
        return bytes(spoilt[:place])
    length = 1 if how == "flip" else chance.choice([4, 64, 4096])
    for at in range(place, min(place + length, len(spoilt))):
        spoilt[at] = {"flip": spoilt[at] ^ (1 << chance.randrange(8)), "zero": 0}.get(how, chance.randrange(256))
    return bytes(spoilt)


REGISTRATIONS = {
    "no JSON": b"{",
    "no object": b"[]",
    "bytes": bytes(range(256)),
    "much": b"[" * 2_000_000,
    "a process that is none": b'{"url": "http://127.0.0.1:1", "account_sid": "A", "auth_token": "T", "pid": 1e400}',
    "a URL that is none": b'{"url": "http://[", "account_sid": "\\ud800", "auth_token": "T", "pid": 1}',
    "half a letter": b'{"url": "http://127.0.0.1:1", "account_sid": "\\ud800", "auth_token": "T", "pid": 1}',
}


@pytest.mark.parametrize("what", REGISTRATIONS)
def test_an_address_that_is_none_leads_nowhere(own_environment: Path, what: str) -> None:
    """Whoever wrote it; the next sandbox writes its own."""
    process.registration(own_environment).write_bytes(REGISTRATIONS[what])
    assert process.find(own_environment) is None
    process.remove_registration(process.registration(own_environment), pid=1)
