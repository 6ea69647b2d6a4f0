"""State files of other versions, other programs and other states of health: what becomes of each."""

from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from labkit.engine import Engine
from labkit.engine.resources import Activity, Task, Workspace
from labkit.sandbox.store import (
    DamagedError,
    EventHistory,
    EventQuery,
    EventTarget,
    SqliteStore,
    StoredTarget,
    StoreError,
    history,
    is_ours,
    set_aside,
    sqlite,
    versions,
)
from labkit.vocabulary import EventType, TaskStatus

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
TYPE = {"type": "task.created"}
VERSION_1, VERSION_2, VERSION_3, VERSION_4 = (
    Path(__file__).with_name(f"state_{version}.sql").read_text("utf-8") for version in (1, 2, 3, 4)
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a state file goes."""
    return tmp_path / "state.sqlite"


def of_version_1(path: Path, script: str = VERSION_1) -> None:
    """A file as version 1 of the tables was written by the lab of that time; or another one, as its script says."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.executescript(script)


def activity(name: str) -> Activity:
    return Activity(
        sid=f"WA{name}", workspace_sid="WS1", number=1, date_created=NOON, date_updated=NOON, friendly_name=name
    )


# --- older ------------------------------------------------------------------------------------------------------------


def test_a_file_of_version_1_goes_on(path: Path) -> None:
    """Its Tasks are where they were, its events have their numbers and values, its credentials are kept."""
    of_version_1(path)
    with closing(SqliteStore(path)) as store:
        records, events = store.load(), store.events_after(0, since=datetime.min.replace(tzinfo=UTC), limit=1000)
        token = store.fact("auth_token")
    [state] = Engine(sids=str, records=records).states.values()
    tasks = sorted(state.tasks.values(), key=lambda task: task.number)
    assert [task.assignment_status for task in tasks] == [TaskStatus.COMPLETED, TaskStatus.RESERVED, TaskStatus.PENDING]
    assert tasks[0].scope == {"name": "Zoë"}
    assert [stored.number for stored in events] == list(range(1, 31))
    [accepted] = [each.event for each in events if each.event.type is EventType.RESERVATION_ACCEPTED]
    assert accepted.data["task_sid"] == tasks[0].sid
    assert accepted.data["task_date_created"] == tasks[0].date_created
    assert token == "made-up-token-one"


def test_the_events_of_version_2_are_over(path: Path) -> None:
    """They were sent or dropped: nobody gets them once more, and the next one is sent where its Workspace says."""
    of_version_1(path, VERSION_2)
    with closing(SqliteStore(path)) as store:
        [workspace] = (record for record in store.load() if isinstance(record, Workspace))
        last = store.events_after(0, since=datetime.min.replace(tzinfo=UTC), limit=1000)[-1].number
        assert last == store.last_event_number() > 20
        assert store.event_targets() == [StoredTarget(last, EventTarget.of(workspace))]
        assert (workspace.event_callback_url, workspace.events_filter) == (
            "http://127.0.0.1:9/events",
            "task.created,reservation.created",
        )
        assert store.passed_events() == set()


def test_the_log_of_version_3_gets_its_segments(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read once, from the first event on; what is found through them is what was found without them."""
    monkeypatch.setattr(history, "SEGMENT", 10)
    of_version_1(path, VERSION_3)
    with closing(SqliteStore(path)) as store:
        [workspace_sid] = (record.sid for record in store.load() if isinstance(record, Workspace))
        [task_sid, *_] = (record.sid for record in store.load() if isinstance(record, Task))
        queries = [EventQuery(workspace_sid=workspace_sid, **given) for given in ({"task_sid": task_sid}, {}, TYPE)]
        before = [store.events(query, limit=100) for query in queries]
        past = EventHistory(store)
        while past.read_on():
            pass
        assert store.last_in_segments() == 30
        assert [store.events(query, limit=100) for query in queries] == before
        assert all(before)
    with closing(SqliteStore(path)) as store:
        ledger = asyncio.run(EventHistory(store).ledger(workspace_sid))
        assert len(ledger.series(workspace_sid, "tasks_created").at) == 3


def test_nobody_hands_a_task_of_version_4_over(path: Path) -> None:
    """Its Tasks and Reservations go on without a transfer, and its segments are those that there were."""
    of_version_1(path, VERSION_4)
    with closing(SqliteStore(path)) as store:
        records, segmented = store.load(), store.last_in_segments()
    [state] = Engine(sids=str, records=records).states.values()
    assert [task.assignment_status for task in state.tasks.values() if not task.is_final] == ["reserved", "pending"]
    assert not state.transfers
    assert not any(each.transfer_sid for each in (*state.tasks.values(), *state.reservations.values()))
    assert segmented == 30


def test_it_is_brought_up_to_date_once(path: Path) -> None:
    """The next one who opens it finds the newest version, and writes on under the next number."""
    of_version_1(path)
    for name in ("one", "two"):
        with closing(SqliteStore(path)) as store:
            store.commit(changed=[activity(name)], removed=[], events=[])
    with closing(SqliteStore(path)) as store, closing(sqlite3.connect(path)) as db:
        assert {"WAone", "WAtwo"} <= {record.sid for record in store.load()}
        assert db.execute("PRAGMA user_version").fetchone()[0] == sqlite.VERSION


def test_what_its_log_holds_is_brought_along(path: Path, tmp_path: Path) -> None:
    """The older sandbox was killed: its last writes are in the write-ahead log beside the file, and nowhere else."""
    of_version_1(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("INSERT INTO facts VALUES ('last words', 'kept')")
        killed = tmp_path / "killed.sqlite"
        for ending in ("", "-wal"):
            killed.with_name(killed.name + ending).write_bytes(path.with_name(path.name + ending).read_bytes())
    with closing(SqliteStore(killed)) as store:
        assert store.fact("last words") == "kept"
        assert store.load()


def test_a_change_that_fails_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a change would be neither version; the sentence names the file, and the older lab can still read it."""
    of_version_1(path)

    def half(db: sqlite3.Connection) -> None:
        db.execute("DROP TABLE facts")
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setitem(sqlite.CHANGES, 1, half)
    with pytest.raises(StoreError, match=r"state\.sqlite cannot be used: database or disk is full"):
        SqliteStore(path)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == 1
        assert db.execute("SELECT value FROM facts WHERE name = 'auth_token'").fetchone()


def test_one_too_old_is_refused_with_the_way_to_keep_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no change leads on from its version."""
    of_version_1(path)
    monkeypatch.delitem(sqlite.CHANGES, 1)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"older version of the lab \(form 1.*Go on with the version .* not touched"):
        SqliteStore(path)
    assert path.read_bytes() == before


# --- newer, or not ours -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        (sqlite.VERSION + 1, rf"newer version of the lab \(form {sqlite.VERSION + 1}, .*Update the lab .*not touched"),
        (0, r"another program's\. Choose another file; this one was not touched"),
    ],
    ids=["a newer version", "somebody else's tables"],
)
def test_another_is_refused_and_not_touched(path: Path, version: int, sentence: str) -> None:
    """One sentence says what to do, and the file stays as it is, byte for byte."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE theirs (value TEXT)")
        db.execute(f"PRAGMA user_version = {version}")
    before = path.read_bytes()
    with pytest.raises(StoreError, match=sentence) as refused:
        SqliteStore(path)
    assert not isinstance(refused.value, DamagedError)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("number", "sentence"), [(errno.EACCES, "Permission denied"), (errno.ENOSPC, "No space left on device")]
)
def test_a_file_that_cannot_be_opened_is_refused(
    path: Path, number: int, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a sentence, with the file's name and the system's words; it may be read only, or the disk full."""
    of_version_1(path)

    def refuse(*_: object, **__: object) -> int:
        raise OSError(number, sentence)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(StoreError, match=rf"state\.sqlite cannot be used: .*{sentence}.*not touched"):
        SqliteStore(path)


def test_a_file_that_may_not_be_written_is_refused(path: Path) -> None:
    """SQLite opens it and cannot bring it up to date; it stays as it was."""
    of_version_1(path)
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)) as db:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            versions.bring_up_to_date(db, version=2, create=lambda _: None, changes=sqlite.CHANGES)
        assert db.execute("PRAGMA user_version").fetchone()[0] == 1


# --- damaged ----------------------------------------------------------------------------------------------------------


def filled(path: Path) -> bytes:
    """A state file of many pages; what is in it."""
    with closing(SqliteStore(path)) as store:
        store.commit(changed=[activity(f"{number:0100d}") for number in range(500)], removed=[], events=[])
    return path.read_bytes()


@pytest.mark.parametrize("damage", ["no database", "header", "truncated", "a page in the middle"])
def test_damage_is_noticed_when_it_is_opened(path: Path, damage: str) -> None:
    """Not only by the request that first meets it; and nothing is written."""
    sound = filled(path)
    broken = {
        "no database": b"no database at all" * 100,
        "header": b"SQLite format 3\x00" + b"\xff" * 4096,
        "truncated": sound[: len(sound) // 2],
        "a page in the middle": sound[:20480] + b"\x7f" * 8192 + sound[28672:],
    }[damage]
    path.write_bytes(broken)
    with pytest.raises(DamagedError, match=r"state\.sqlite is damaged: "):
        SqliteStore(path)
    assert path.read_bytes() == broken


def test_a_very_large_file_is_not_read_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would take longer than a start may; what is read of it is met all the same."""
    sound = filled(path)
    monkeypatch.setattr(versions, "MOST_CHECKED", 4096)
    path.write_bytes(sound[:32768] + b"\x7f" * (len(sound) - 32768))
    with closing(SqliteStore(path)) as store, pytest.raises(DamagedError):
        store.load()


@pytest.mark.parametrize(
    ("data", "kind", "damaged"),
    [("{broken", "activity", True), ("{}", "activity", False), ("{}", "from the future", False)],
)
def test_a_row_that_is_no_record(path: Path, data: str, kind: str, damaged: bool) -> None:
    """Text that is no JSON is damage; a record of an unknown form may be a newer lab's, and is only refused."""
    with closing(SqliteStore(path)) as store:
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("INSERT INTO records (sid, kind, data) VALUES ('WA1', ?, ?)", (kind, data))
        with pytest.raises(StoreError, match="cannot be read") as refused:
            store.load()
    assert isinstance(refused.value, DamagedError) is damaged


def test_a_damaged_file_is_set_aside_whole(path: Path) -> None:
    """With its log, under a name that has the time in it; two in one second do not meet."""
    made = []
    for content in (b"first", b"second"):
        path.write_bytes(content)
        path.with_name("state.sqlite-wal").write_bytes(content + b" log")
        made.append(set_aside(path, now=NOON))
    assert [each.name for each in made] == [
        "state-damaged-20260101T120000Z.sqlite",
        "state-damaged-20260101T120000Z-2.sqlite",
    ]
    assert [each.read_bytes() for each in made] == [b"first", b"second"]
    assert [each.with_name(each.name + "-wal").read_bytes() for each in made] == [b"first log", b"second log"]
    assert not path.exists()


@pytest.mark.parametrize(
    ("name", "content", "ours"),
    [("state.sqlite", b"", True), ("letter.txt", b"Dear Alice", False), ("any", b"SQLite format 3\x00", True)],
)
def test_a_letter_is_not_taken_for_a_damaged_state(tmp_path: Path, name: str, content: bytes, ours: bool) -> None:
    """Whoever names the wrong file finds it where it was."""
    path = tmp_path / name
    path.write_bytes(content)
    assert is_ours(path) is ours
