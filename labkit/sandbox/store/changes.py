"""What brings the tables of an older version to the next, one function each. They know the old forms; nobody else does.

Each runs within one transaction, so that a file is of one version or of the next.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from labkit.sandbox.json_text import from_text
from labkit.sandbox.store.codec import encode_data, encode_moment


def from_1_to_2(db: sqlite3.Connection) -> None:
    """Events: the time as a number, moments among the values in another form, and seven columns less.

    A write costs about half of what it did; what was found by those columns is found in the values.
    """
    db.execute("ALTER TABLE events RENAME TO events_1")
    for index in ("events_by_time", "events_by_task", "events_by_sid"):
        db.execute(f"DROP INDEX {index}")
    db.execute(
        """CREATE TABLE events (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            sid TEXT NOT NULL, type TEXT NOT NULL, at INTEGER NOT NULL,
            workspace_sid TEXT NOT NULL, account_sid TEXT NOT NULL,
            resource_type TEXT NOT NULL, resource_sid TEXT NOT NULL,
            description TEXT NOT NULL, data TEXT NOT NULL)"""
    )
    db.executemany(f"INSERT INTO events VALUES ({', '.join('?' * 10)})", _events_of_1(db))  # noqa: S608  # our own text
    db.execute("DROP TABLE events_1")
    db.execute("CREATE INDEX events_by_time ON events (workspace_sid, at)")
    db.execute("CREATE UNIQUE INDEX events_by_sid ON events (sid)")


def _events_of_1(db: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
    for row in db.execute(
        "SELECT number, sid, type, at, workspace_sid, account_sid, resource_type, resource_sid, description, data "
        "FROM events_1"
    ):
        data = {name: _value_of_1(value) for name, value in from_text(row[9]).items()}
        yield (*row[:3], encode_moment(datetime.fromisoformat(row[3])), *row[4:9], encode_data(data))


def _value_of_1(value: Any) -> Any:
    """Version 1 wrote a moment as `{"@": …}`."""
    return datetime.fromisoformat(value["@"]) if isinstance(value, dict) else value


def from_2_to_3(db: sqlite3.Connection) -> None:
    """Where events are to be sent, and which are over: all that there are, for none was kept to be sent later."""
    db.execute(
        """CREATE TABLE event_targets (
            workspace_sid TEXT NOT NULL, since INTEGER NOT NULL,
            url TEXT NOT NULL, events_filter TEXT, workspace_name TEXT NOT NULL,
            PRIMARY KEY (workspace_sid, since)) WITHOUT ROWID"""
    )
    db.execute(
        """CREATE TABLE events_passed (
            workspace_sid TEXT NOT NULL, number INTEGER NOT NULL,
            PRIMARY KEY (workspace_sid, number)) WITHOUT ROWID"""
    )
    last = db.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'events'").fetchone()[0]
    for (text,) in db.execute("SELECT data FROM records WHERE kind = 'workspace'").fetchall():
        workspace = from_text(text)
        if url := workspace.get("event_callback_url"):
            values = (workspace["sid"], last, url, workspace.get("events_filter"), workspace["friendly_name"])
            db.execute("INSERT INTO event_targets VALUES (?, ?, ?, ?, ?)", values)


def from_3_to_4(db: sqlite3.Connection) -> None:
    """Segments of the log, which are then written as the events are read."""
    db.execute(
        """CREATE TABLE segments (
            first INTEGER PRIMARY KEY, last INTEGER NOT NULL, oldest INTEGER NOT NULL, newest INTEGER NOT NULL)"""
    )
    db.execute(
        """CREATE TABLE segment_words (
            first INTEGER NOT NULL, word BLOB NOT NULL, events BLOB NOT NULL,
            PRIMARY KEY (first, word)) WITHOUT ROWID"""
    )
    db.execute(
        """CREATE TABLE segment_series (
            sid TEXT NOT NULL, first INTEGER NOT NULL, series BLOB NOT NULL,
            PRIMARY KEY (sid, first)) WITHOUT ROWID"""
    )


def from_4_to_5(_: sqlite3.Connection) -> None:
    """Transfers, which nobody had begun. A lab that knows of none would take a Task in transfer for one that waits."""
