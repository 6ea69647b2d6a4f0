"""The durable store: what survives, what is refused, and that nothing is touched that is not ours."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sandbox.store.records import stored

from labkit.engine.resources import Activity
from labkit.sandbox.store import Durable, EventQuery, SqliteStore, StoreError

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a state file goes, in a folder that is not there yet."""
    return tmp_path / "home" / "state.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    """An open store."""
    with closing(SqliteStore(path)) as made:
        yield made


def lunch(name: str = "Lunch") -> Activity:
    return Activity(sid="WA1", workspace_sid="WS1", number=1, date_created=NOON, date_updated=NOON, friendly_name=name)


def write(store: SqliteStore, name: str = "Lunch") -> None:
    store.commit(changed=[lunch(name)], removed=[], events=[])


def test_state_survives_closing_and_opening(path: Path) -> None:
    """Records and facts are there again in another store on the same file."""
    with closing(SqliteStore(path)) as first:
        write(first)
        first.keep_fact("port", "8080")
    with closing(SqliteStore(path)) as second:
        assert [stored(r) for r in second.load()] == [stored(lunch())]
        assert second.fact("port") == "8080"


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX's")
def test_only_the_owner_may_read_it(store: SqliteStore, path: Path) -> None:
    """The file holds credentials; its write-ahead log too."""
    write(store)
    files = list(path.parent.iterdir())
    assert path in files
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


@pytest.mark.parametrize(("durable", "synchronous", "fullfsync"), [(Durable.PROCESS, 1, 0), (Durable.POWER, 2, 1)])
def test_what_a_commit_survives_can_be_chosen(path: Path, durable: Durable, synchronous: int, fullfsync: int) -> None:
    """The end of the process, or a power cut too: then each commit waits for the disk; also in a file written anew."""
    seconds = [0.0]
    with closing(SqliteStore(path, durable=durable)) as store:
        store.keep_watch(lambda _: None, monotonic=lambda: seconds[0])
        for _ in range(2):
            assert store._db.execute("PRAGMA synchronous").fetchone() == (synchronous,)
            assert store._db.execute("PRAGMA fullfsync").fetchone() == (fullfsync,)
            if os.name == "posix":
                path.unlink()
                seconds[0] += 2
                write(store)


def test_a_folder_in_its_place_is_refused(path: Path) -> None:
    """Whatever the system says against the path becomes one sentence."""
    path.mkdir(parents=True)
    with pytest.raises(StoreError, match=r"state\.sqlite cannot be used"):
        SqliteStore(path)


def test_a_row_that_is_no_record_is_a_store_error(store: SqliteStore, path: Path) -> None:
    """Somebody wrote into the file; loading says so instead of failing somewhere inside."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("INSERT INTO records VALUES ('WA1', 'activity', '{broken')")
    with pytest.raises(StoreError, match="cannot be read"):
        store.load()


def test_a_store_that_cannot_be_written_says_so_and_keeps_what_it_has(store: SqliteStore) -> None:
    """Read-only, for whatever reason: commits and facts are refused, reading goes on."""
    write(store)
    store._db.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreError, match=r"cannot be written: attempt to write a readonly database"):
        write(store, "Dinner")
    with pytest.raises(StoreError, match="cannot be written"):
        store.keep_fact("port", "1")
    assert [r.friendly_name for r in store.load()] == ["Lunch"]


def test_a_full_disk_refuses_the_commit_and_the_store_goes_on(store: SqliteStore) -> None:
    """Nothing of the failed commit is there; when there is room again, writing works again."""
    write(store)
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match="full"):
        write(store, "x" * 1_000_000)
    assert [r.friendly_name for r in store.load()] == ["Lunch"]
    store._db.execute(f"PRAGMA max_page_count = {pages + 1000}")
    write(store, "Dinner")
    assert [r.friendly_name for r in store.load()] == ["Dinner"]


def test_a_closed_store_reads_nothing(path: Path) -> None:
    """A mistake in the order of ending things is a StoreError with the file's name."""
    store = SqliteStore(path)
    store.close()
    for use in (store.load, lambda: store.events(EventQuery(workspace_sid="WS1"), limit=1), lambda: store.fact("a")):
        with pytest.raises(StoreError, match=r"state\.sqlite cannot be read"):
            use()


WRITER = """
import sys
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from labkit.engine.resources import Activity
from labkit.sandbox.store import SqliteStore
store, now = SqliteStore(Path(sys.argv[1])), datetime.now(UTC)
for number in count(1):
    record = Activity(sid=f"WA{number}", workspace_sid="WS1", number=number, date_created=now, date_updated=now,
                      friendly_name="A")
    store.commit(changed=[record], removed=[], events=[])
    print(number, flush=True)
"""


def test_what_was_acknowledged_survives_a_kill(path: Path) -> None:
    """A writer is killed outright in the middle of its work: every commit that it said was done is there."""
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        said = [int(writer.stdout.readline()) for _ in range(20)]
        writer.kill()
        said += [int(line) for line in writer.stdout]
    with closing(SqliteStore(path)) as store:
        assert {f"WA{number}" for number in said} <= {record.sid for record in store.load()}
