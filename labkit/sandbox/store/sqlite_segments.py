"""Segments in SQLite: their tables, and the search through them.

Segments cover numbers one after the other, and nearly always times too; where a clock was set back they overlap, and
their events are merged.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice
from typing import Any, NamedTuple

from labkit.sandbox.store.codec import EVENT_COLUMNS
from labkit.sandbox.store.segments import Segment, in_all

TABLES = (
    """CREATE TABLE segments (
        first INTEGER PRIMARY KEY, last INTEGER NOT NULL, oldest INTEGER NOT NULL, newest INTEGER NOT NULL)""",
    # A word may have half a surrogate pair, so it is kept as bytes. Rows come in their order, and are only appended.
    """CREATE TABLE segment_words (
        first INTEGER NOT NULL, word BLOB NOT NULL, events BLOB NOT NULL, PRIMARY KEY (first, word)) WITHOUT ROWID""",
    # By resource: statistics want all that there is of one.
    """CREATE TABLE segment_series (
        sid TEXT NOT NULL, first INTEGER NOT NULL, series BLOB NOT NULL, PRIMARY KEY (sid, first)) WITHOUT ROWID""",
)
Row = tuple[Any, ...]
"""An event's number, and the values of EVENT_COLUMNS."""

_AT = 1 + EVENT_COLUMNS.index("at")
_AT_ONCE = 100
"""Rows of a segment that are read together."""
# By number alone: the other indexes would be a longer way to a handful of rows.
_SELECT = f"SELECT number, {', '.join(EVENT_COLUMNS)} FROM events NOT INDEXED WHERE "  # noqa: S608  # our own names


class Conditions(NamedTuple):
    """Which rows fit, as a condition in SQL with its values; `oldest` and `newest` are the ends of their times."""

    where: str
    values: Sequence[Any]
    oldest: int | None
    newest: int | None


class _Stretch(NamedTuple):
    """A segment; or what came after the last one, which is none yet."""

    first: int
    oldest: int
    newest: int
    is_segment: bool = True


def keep(db: sqlite3.Connection, segment: Segment) -> None:
    """Write it, within a transaction that is open."""
    ends = (segment.first, segment.last, segment.oldest, segment.newest)
    db.execute("INSERT INTO segments (first, last, oldest, newest) VALUES (?, ?, ?, ?)", ends)
    first = segment.first
    words = sorted((_as_key(word), packed) for word, packed in segment.events.items())
    db.executemany("INSERT INTO segment_words VALUES (?, ?, ?)", ((first, *each) for each in words))
    series = sorted(segment.series.items())
    db.executemany("INSERT INTO segment_series VALUES (?, ?, ?)", ((sid, first, packed) for sid, packed in series))


def last(db: sqlite3.Connection) -> int:
    """The number of the last event that is in a segment; 0 if none is."""
    return int(db.execute("SELECT coalesce(max(last), 0) FROM segments").fetchone()[0])


def series(db: sqlite3.Connection, sid: str) -> list[bytes]:
    """What statistics want of a resource, the oldest first."""
    found = db.execute("SELECT series FROM segment_series WHERE sid = ? ORDER BY first", (sid,))
    return [packed for (packed,) in found]


def forget(db: sqlite3.Connection) -> None:
    """Forget the segments of which every event is forgotten, within a transaction that is open."""
    oldest = db.execute("SELECT min(number) FROM events").fetchone()[0]
    gone = db.execute("SELECT first FROM segments WHERE ?1 IS NULL OR last < ?1", (oldest,)).fetchall()
    for first in gone:
        # The words name the resources, so that not all of them are looked through.
        db.execute(
            "DELETE FROM segment_series WHERE first = ?1 AND sid IN "
            "(SELECT CAST(word AS TEXT) FROM segment_words WHERE first = ?1)",
            first,
        )
        db.execute("DELETE FROM segment_words WHERE first = ?", first)
        db.execute("DELETE FROM segments WHERE first = ?", first)


def search(db: sqlite3.Connection, words: Sequence[str], *, fitting: Conditions) -> Iterator[Row]:
    """The rows that fit and have all of these words, the newest first; of what is in no segment yet, all that fit."""
    for group in _apart(_stretches(db, fitting)):
        found = [
            _in_segment(db, each.first, words, fitting=fitting)
            if each.is_segment
            else db.execute(
                f"{_SELECT}{fitting.where} AND number >= ? ORDER BY at DESC, number DESC",
                (*fitting.values, each.first),
            )
            for each in group
        ]
        yield from heapq.merge(*found, key=_place, reverse=True)


def _place(row: Row) -> tuple[int, int]:
    """In the order of the log."""
    return row[_AT], row[0]


def _stretches(db: sqlite3.Connection, fitting: Conditions) -> list[_Stretch]:
    """What there is to look through, the last first."""
    after = last(db)
    oldest, newest = db.execute("SELECT min(at), max(at) FROM events WHERE number > ?", (after,)).fetchone()
    recent = [] if oldest is None else [_Stretch(after + 1, oldest, newest, is_segment=False)]
    segments = db.execute("SELECT first, oldest, newest FROM segments ORDER BY first DESC").fetchall()
    return [
        each
        for each in (*recent, *(_Stretch(*row) for row in segments))
        if (fitting.oldest is None or each.newest >= fitting.oldest)
        and (fitting.newest is None or each.oldest <= fitting.newest)
    ]


def _apart(stretches: Sequence[_Stretch]) -> Iterator[list[_Stretch]]:
    """In groups: nothing of one is older than anything of those after it."""
    newest_to_come = [*accumulate((each.newest for each in reversed(stretches)), max)]
    group: list[_Stretch] = []
    for each, newest in zip(stretches, reversed(newest_to_come), strict=True):
        if group and newest <= min(one.oldest for one in group):
            yield group
            group = []
        group.append(each)
    if group:
        yield group


def _in_segment(db: sqlite3.Connection, first: int, words: Sequence[str], *, fitting: Conditions) -> Iterator[Row]:
    marks = ", ".join("?" * len(words))
    found = db.execute(
        f"SELECT events FROM segment_words WHERE first = ? AND word IN ({marks})",  # noqa: S608  # question marks
        (first, *map(_as_key, words)),
    ).fetchall()
    if len(found) < len(words):
        return
    numbers = (first + offset for offset in in_all([events for (events,) in found]))
    while some := list(islice(numbers, _AT_ONCE)):
        which = f" AND number IN ({', '.join(map(str, some))})"
        yield from sorted(db.execute(f"{_SELECT}{fitting.where}{which}", fitting.values), key=_place, reverse=True)


def _as_key(word: str) -> bytes:
    return word.encode("utf-8", "surrogatepass")
