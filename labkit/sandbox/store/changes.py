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
