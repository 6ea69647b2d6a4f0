"""The durable store: one SQLite file, one transaction per commit.

The write-ahead log is on: a commit is one append, and it survives the end of the process at any instant
(https://sqlite.org/wal.html). Only the owner may read the file, since it holds the sandbox's credentials.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from labkit.sandbox.engine.effects import Event
from labkit.sandbox.engine.resources import Record
from labkit.sandbox.store.codec import KIND_OF, decode_event, decode_record, encode_event, encode_record
from labkit.sandbox.store.contract import EventQuery, StoredEvent, StoreError

VERSION = 1
"""Of the tables below. Another version in a file is refused, never guessed at."""

_TABLES = (
    "CREATE TABLE records (sid TEXT PRIMARY KEY, kind TEXT NOT NULL, data TEXT NOT NULL)",
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE events (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        sid TEXT NOT NULL, type TEXT NOT NULL, at TEXT NOT NULL,
        workspace_sid TEXT NOT NULL, account_sid TEXT NOT NULL,
        resource_type TEXT NOT NULL, resource_sid TEXT NOT NULL,
        description TEXT NOT NULL, data TEXT NOT NULL,
        task_sid TEXT, worker_sid TEXT, reservation_sid TEXT, task_queue_sid TEXT, workflow_sid TEXT,
        task_channel_sid TEXT, task_channel_unique_name TEXT)""",
    "CREATE INDEX events_by_time ON events (workspace_sid, at)",
    "CREATE INDEX events_by_task ON events (task_sid)",
    "CREATE UNIQUE INDEX events_by_sid ON events (sid)",
)

_FROM_DATA = (
    "task_sid",
    "worker_sid",
    "reservation_sid",
    "task_queue_sid",
    "workflow_sid",
    "task_channel_sid",
    "task_channel_unique_name",
)
"""What events are found by, taken from their values into columns."""

_COLUMNS = (
    "sid",
    "type",
    "at",
    "workspace_sid",
    "account_sid",
    "resource_type",
    "resource_sid",
    "description",
    "data",
)
_INSERT_EVENT = (
    f"INSERT INTO events ({', '.join((*_COLUMNS, *_FROM_DATA))}) "  # noqa: S608  # our own column names
    f"VALUES ({', '.join('?' * (len(_COLUMNS) + len(_FROM_DATA)))})"
)
_UPSERT_RECORD = (
    "INSERT INTO records (sid, kind, data) VALUES (?, ?, ?) ON CONFLICT (sid) DO UPDATE SET data = excluded.data"
)


class SqliteStore:
    """A store in a file.

    Args:
        path: the file; made with its folder if it is not there.

    Raises:
        StoreError: it cannot be opened, is no sandbox state, or is of another version.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"The state file {path} cannot be used: {error}. {_REMEDY}") from None
        try:
            self._prepare()
        except (StoreError, sqlite3.Error) as error:
            self._db.close()
            raise StoreError(f"The state file {path} cannot be used: {error}. {_REMEDY}") from None

    def _prepare(self) -> None:
        # The version first: going over to the write-ahead log would already change a file that is not ours.
        if self._is_empty():
            self._use_log()
            with self._transaction():
                for table in _TABLES:
                    self._db.execute(table)
                self._db.execute(f"PRAGMA user_version = {VERSION}")
        else:
            self._use_log()

    def _is_empty(self) -> bool:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version == VERSION:
            return False
        if version != 0 or self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise StoreError(f"it has version {version}, and this sandbox reads version {VERSION}")
        return True

    def _use_log(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        # 16 MB of log before it goes into the file, four times the default: most pages are written again before then.
        self._db.execute("PRAGMA wal_autocheckpoint = 4000")

    def load(self) -> list[Record]:
        with self._reading(), closing(self._db.execute("SELECT kind, data FROM records")) as rows:
            return [decode_record(kind, data) for kind, data in rows]

    def commit(self, *, changed: Iterable[Record], removed: Iterable[str], events: Iterable[Event]) -> None:
        with self._writing(), self._transaction():
            self._db.executemany(_UPSERT_RECORD, [(r.sid, KIND_OF[type(r)], encode_record(r)) for r in changed])
            self._db.executemany("DELETE FROM records WHERE sid = ?", [(sid,) for sid in removed])
            self._db.executemany(_INSERT_EVENT, [_event_row(event) for event in events])

    def events(self, query: EventQuery, *, limit: int, before: int | None = None) -> list[StoredEvent]:
        where, values = _conditions(query, before)
        # Events are written in the order of their time, so the index on it gives this order and nothing is sorted.
        return self._select(f"{where} ORDER BY at DESC, number DESC", values, limit)

    def _select(self, where: str, values: tuple[Any, ...], limit: int) -> list[StoredEvent]:
        sql = f"SELECT number, {', '.join(_COLUMNS)} FROM events WHERE {where} LIMIT ?"  # noqa: S608  # our own text
        with self._reading(), closing(self._db.execute(sql, (*values, limit))) as rows:
            return [StoredEvent(row[0], decode_event(dict(zip(_COLUMNS, row[1:], strict=True)))) for row in rows]

    def events_after(self, number: int, *, since: datetime, limit: int) -> list[StoredEvent]:
        return self._select("number > ? AND at >= ? ORDER BY number", (number, since.isoformat()), limit)

    def fact(self, name: str) -> str | None:
        with self._reading():
            row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def keep_fact(self, name: str, value: str) -> None:
        with self._writing():
            self._db.execute("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", (name, value))

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
            # The last three: a row that is no record, because somebody else wrote it.
            raise StoreError(f"The state file {self._path} cannot be read: {error!r}") from None

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(f"The state file {self._path} cannot be written: {error}") from None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise


_REMEDY = "Move it away to begin anew; it is not touched."


def _event_row(event: Event) -> tuple[Any, ...]:
    return (*encode_event(event).values(), *map(event.data.get, _FROM_DATA))


def _conditions(query: EventQuery, before: int | None) -> tuple[str, tuple[Any, ...]]:
    wanted: list[tuple[str, Any]] = [
        ("workspace_sid = ?", query.workspace_sid),
        ("at >= ?", query.start.isoformat() if query.start else None),
        ("at <= ?", query.end.isoformat() if query.end else None),
        ("number < ?", before),
        ("at <= (SELECT at FROM events WHERE number < ? ORDER BY number DESC LIMIT 1)", before),
        ("type = ?", query.type),
        ("sid = ?", query.sid),
        ("task_sid = ?", query.task_sid),
        ("worker_sid = ?", query.worker_sid),
        ("reservation_sid = ?", query.reservation_sid),
        ("task_queue_sid = ?", query.task_queue_sid),
        ("workflow_sid = ?", query.workflow_sid),
        ("? IN (task_channel_sid, task_channel_unique_name)", query.task_channel),
    ]
    given = [(condition, value) for condition, value in wanted if value is not None]
    return " AND ".join(condition for condition, _ in given), tuple(value for _, value in given)
