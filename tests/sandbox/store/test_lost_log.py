"""A state file whose log is gone: whoever opens it is told, and nobody else is."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from labkit.sandbox.store import SqliteStore, lost_log


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """A state file and its log, as a sandbox that was killed leaves them."""
    path = tmp_path / "running" / "state.sqlite"
    with closing(SqliteStore(path)) as store:
        store.keep_watch(lambda _: None)
        store.keep_fact("last words", "kept")
        shutil.copytree(path.parent, tmp_path / "killed")
    return tmp_path / "killed" / path.name


def log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def notices(path: Path) -> list[str]:
    with closing(SqliteStore(path)) as store:
        return store.notices


@pytest.mark.parametrize("damage", ["removed", "emptied", "its header"])
def test_a_log_that_is_gone_is_missed(killed: Path, damage: str) -> None:
    """One sentence says since when something may be missing; what is left is used."""
    log = log_of(killed)
    if damage == "removed":
        log.unlink()
        log.with_name(f"{killed.name}-shm").unlink()
    else:
        log.write_bytes(b"" if damage == "emptied" else b"\x7f" * 32 + log.read_bytes()[32:])
    with closing(SqliteStore(killed)) as store:
        [notice] = store.notices
        assert "did not end in order the last time" in notice
        assert "missing or damaged: what was written after 20" in notice
        assert store.fact("last words") is None
        store.keep_watch(lambda _: None)
    assert notices(killed) == []


def test_a_kill_alone_is_no_alarm(killed: Path, tmp_path: Path) -> None:
    """Neither where it happened, nor elsewhere with both files, nor where somebody has looked into it with SQLite."""
    elsewhere = tmp_path / "elsewhere.sqlite"
    for ending in ("", "-wal"):
        shutil.copy(killed.with_name(killed.name + ending), elsewhere.with_name(elsewhere.name + ending))
    looked_into = shutil.copytree(killed.parent, tmp_path / "looked into") / killed.name
    with closing(sqlite3.connect(looked_into)) as db:
        assert db.execute("SELECT value FROM facts WHERE name = 'last words'").fetchone() == ("kept",)
    assert not log_of(looked_into).exists()
    for path in (killed, elsewhere, looked_into):
        with closing(SqliteStore(path)) as store:
            assert (store.notices, store.fact("last words")) == ([], "kept")
        assert notices(path) == []


def test_an_orderly_end_leaves_no_mark(tmp_path: Path) -> None:
    """Nor does a copy, which has no log of its own."""
    path, copy = tmp_path / "state.sqlite", tmp_path / "copy.sqlite"
    with closing(SqliteStore(path)) as store:
        store.keep_watch(lambda _: None)
        store.copier()(copy)
    assert notices(path) == notices(copy) == []


def test_a_kill_between_the_mark_and_its_end_is_no_alarm(tmp_path: Path) -> None:
    """The log is there and has nothing after the mark; nor is the next start an alarm."""
    path = tmp_path / "running" / "state.sqlite"
    with closing(SqliteStore(path)) as store:
        store._db.execute("INSERT INTO facts VALUES (?, ?)", (lost_log.FACT, "now"))
        store._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        killed = shutil.copytree(path.parent, tmp_path / "killed") / path.name
    assert notices(killed) == notices(killed) == []


def test_the_mark_is_renewed_when_the_log_went_into_the_file(tmp_path: Path) -> None:
    """SQLite does so now and then by itself; what is written after that is missed like the rest."""
    path, seconds = tmp_path / "running" / "state.sqlite", [0.0]
    with closing(SqliteStore(path)) as store:
        store.keep_watch(lambda _: None, monotonic=lambda: seconds[0])
        store.keep_fact("before", "kept")
        store._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        for name in ("between", "after"):
            seconds[0] += 2
            store.keep_fact(name, "kept")
        (tmp_path / "alone").mkdir()
        alone = tmp_path / "alone" / path.name
        shutil.copy(path, alone)
    with closing(SqliteStore(alone)) as store:
        assert len(store.notices) == 1
        assert (store.fact("before"), store.fact("after")) == ("kept", None)


def test_a_full_disk_does_without_the_mark(tmp_path: Path) -> None:
    """A sandbox that cannot write is still one to be read."""
    with closing(SqliteStore(tmp_path / "state.sqlite")) as store:
        store._db.execute("PRAGMA query_only = ON")
        store.keep_watch(lambda _: None)
        assert store.fact("anything") is None
