"""The durable store: one SQLite file, one transaction per commit.

The write-ahead log is on: a commit is one append, and it survives the end of the process at any instant
(https://sqlite.org/wal.html). A power cut or a crash of the system may take the last moments, and never damages the
file; with `Durable.POWER` nothing is taken, because each commit waits for the disk
(https://sqlite.org/pragma.html#pragma_synchronous).
Only the owner may read the file, since it holds the sandbox's credentials.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from json import JSONDecodeError
from pathlib import Path
from typing import Any

from labkit.engine.effects import Event
from labkit.engine.resources import Record, Workspace
from labkit.sandbox.json_text import to_text
from labkit.sandbox.store import changes, file_watch, lost_log, sqlite_segments, state_files, versions
from labkit.sandbox.store.codec import (
    EVENT_COLUMNS,
    KIND_OF,
    decode_event,
    decode_moment,
    decode_record,
    encode_event,
    encode_moment,
    encode_record,
)
from labkit.sandbox.store.file_watch import FileWatch, Loss, log_of
from labkit.sandbox.store.segments import Segment, words_of_query
from labkit.sandbox.store.stored_events import (
    MALFORMED,
    EventCursor,
    EventQuery,
    EventTarget,
    StoredEvent,
    StoredTarget,
    StoreError,
)
from labkit.sandbox.store.versions import DamagedError

log = logging.getLogger(__name__)

VERSION = 5
"""Of the tables below; `CHANGES` has the way from every older one."""

CHANGES: dict[int, versions.Change] = {
    1: changes.from_1_to_2,
    2: changes.from_2_to_3,
    3: changes.from_3_to_4,
    4: changes.from_4_to_5,
}
"""What brings a file from each older version to the next."""

_TABLES = (
    "CREATE TABLE records (sid TEXT PRIMARY KEY, kind TEXT NOT NULL, data TEXT NOT NULL)",
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE events (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        sid TEXT NOT NULL, type TEXT NOT NULL, at INTEGER NOT NULL,
        workspace_sid TEXT NOT NULL, account_sid TEXT NOT NULL,
        resource_type TEXT NOT NULL, resource_sid TEXT NOT NULL,
        description TEXT NOT NULL, data TEXT NOT NULL)""",
    "CREATE INDEX events_by_time ON events (workspace_sid, at)",
    "CREATE UNIQUE INDEX events_by_sid ON events (sid)",
    """CREATE TABLE event_targets (
        workspace_sid TEXT NOT NULL, since INTEGER NOT NULL,
        url TEXT NOT NULL, events_filter TEXT, workspace_name TEXT NOT NULL,
        PRIMARY KEY (workspace_sid, since)) WITHOUT ROWID""",
    """CREATE TABLE events_passed (
        workspace_sid TEXT NOT NULL, number INTEGER NOT NULL,
        PRIMARY KEY (workspace_sid, number)) WITHOUT ROWID""",
    *sqlite_segments.TABLES,
)

_INSERT_EVENT = (
    f"INSERT INTO events ({', '.join(EVENT_COLUMNS)}) "  # noqa: S608  # our own column names
    f"VALUES ({', '.join('?' * len(EVENT_COLUMNS))})"
)
_SELECT_EVENTS = f"SELECT number, {', '.join(EVENT_COLUMNS)} FROM events WHERE "  # noqa: S608
_FORGET_EVENTS = """DELETE FROM events WHERE number IN (
    SELECT number FROM (SELECT number, at FROM events ORDER BY number LIMIT ?) WHERE at < ?)"""
_LAST_NUMBER = "(SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'events')"
_AIM = f"INSERT OR REPLACE INTO event_targets VALUES (?, {_LAST_NUMBER}, ?, ?, ?)"  # noqa: S608  # our own text
_KEEP_TARGET = "INSERT INTO event_targets VALUES (?, ?, ?, ?, ?)"
_KEEP_PASSED = "INSERT OR IGNORE INTO events_passed VALUES (?, ?)"
_MOVE_CURSOR = (
    """DELETE FROM event_targets WHERE workspace_sid = :sid AND since < (
        SELECT max(since) FROM event_targets WHERE workspace_sid = :sid AND since <= :number)""",
    "UPDATE event_targets SET since = :number WHERE workspace_sid = :sid AND since < :number",
    "DELETE FROM events_passed WHERE workspace_sid = :sid AND number <= :number",
)
_END_CURSOR = (
    "DELETE FROM event_targets WHERE workspace_sid = :sid",
    "DELETE FROM events_passed WHERE workspace_sid = :sid",
)

_NEWEST = """WITH RECURSIVE workspaces (here) AS (
    SELECT min(workspace_sid) FROM events
    UNION ALL
    SELECT (SELECT min(workspace_sid) FROM events WHERE workspace_sid > here) FROM workspaces WHERE here NOTNULL)
    SELECT max((SELECT max(at) FROM events WHERE workspace_sid = here AND at < ?)) FROM workspaces"""
"""From one Workspace to the next by the index on the time, so that only a few rows are looked at."""
_LATEST = encode_moment(datetime(3000, 1, 1, tzinfo=UTC))
"""What is said to be later was damaged."""
_KEEP_FACT = "INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)"
_UPSERT_RECORD = (
    "INSERT INTO records (sid, kind, data) VALUES (?, ?, ?) ON CONFLICT (sid) DO UPDATE SET data = excluded.data"
)


class Durable(StrEnum):
    """What a commit survives."""

    PROCESS = "process"
    """the end of the process, however it comes"""
    POWER = "power"
    """a power cut too, where the disk keeps its word"""


class SqliteStore:
    """A store in a file.

    Args:
        path: the file; made with its folder if it is not there.
        durable: what a commit survives.

    Raises:
        DamagedError: it cannot be read.
        StoreError: it cannot be opened, is somebody else's, or is of a version that cannot be brought up to date.

    Attributes:
        trouble: why the last write failed, in a sentence with what to do; None if it did not.
        notices: what became of the file while nobody had it open, in sentences; mostly none.
    """

    def __init__(self, path: Path, *, durable: Durable = Durable.PROCESS) -> None:
        self._path = path
        self._durable = durable
        self._last: int | None = None
        """The number of the last event, once somebody has asked: with every commit it would be asked again."""
        self.trouble: str | None = None
        self._watch: FileWatch | None = None
        self._tell: Callable[[str], None] = lambda _: None
        self._lost: str | None = None
        """Why nothing can be written now: the file is not there any more."""
        self._is_saved = False
        """Whether what it had is beside the one that took its place."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists() and not path.is_file():
                raise OSError("it is no file")
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._db = self._connect()
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"The state file {path} cannot be used: {error}. {_REMEDY}") from None
        try:
            frames = self._frames()
            versions.bring_up_to_date(self._db, version=VERSION, create=_create_tables, changes=CHANGES)
            versions.check_pages(self._db)
            self._use_log()
            self.notices = lost_log.notices(self._db, log_of(path), frames=frames)
        except (StoreError, sqlite3.Error, *MALFORMED) as error:
            # The last: what an older version wrote cannot be brought to the next.
            self._db.close()
            raise _unusable(path, error) from None

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)

    def _frames(self) -> int:
        try:
            return lost_log.frames(self._db)
        except sqlite3.OperationalError:
            # On a full disk there is no room for what several processes share of the log; and nobody else is here.
            self._db.close()
            self._db = self._connect()
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            return lost_log.frames(self._db)

    def _use_log(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        with_power = self._durable is Durable.POWER
        self._db.execute(f"PRAGMA synchronous = {'FULL' if with_power else 'NORMAL'}")
        # macOS says that it is on disk when it is in the disk's own memory; elsewhere this changes nothing.
        self._db.execute(f"PRAGMA fullfsync = {int(with_power)}")
        # 16 MB of log before it goes into the file, four times the default: most pages are written again before then.
        self._db.execute("PRAGMA wal_autocheckpoint = 4000")

    def keep_watch(self, tell: Callable[[str], None], *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """See to it from now on that the file stays where it is, and that its log is missed where it is gone.

        Args:
            tell: gets a sentence when the file was removed, and when another one is in its place.
            monotonic: seconds since whenever: it is looked at before a write, at most once a second.
        """
        self._tell = tell
        self._watch = FileWatch(self._path, monotonic=monotonic)
        self._begin_log(self._watch)

    def _look(self, watch: FileWatch) -> None:
        """Whether the file is still there; if not, put right what can be, so that nothing is written into nowhere."""
        loss = watch.look()
        if loss is None:
            self._lost, self._is_saved = None, False
            if watch.is_checkpointed:
                self._begin_log(watch)
            return
        try:
            self._put_right(watch, loss)
        except (OSError, sqlite3.Error) as error:
            self._lost = f"The state file {self._path} ({loss}) cannot be written anew: {error}. {_IN_MEMORY}"

    def _look_now(self) -> None:
        """Whether it is the file itself that is about to be read or moved by its name."""
        if self._watch is not None:
            self._look(self._watch)

    def _put_right(self, watch: FileWatch, loss: Loss) -> None:
        if loss is Loss.REPLACED:
            self._give_up(watch)
            return
        self._lost = None
        if loss is Loss.REMOVED:
            self._write_anew(watch)
        else:
            self._reopen(watch)

    def _begin_log(self, watch: FileWatch) -> None:
        with suppress(sqlite3.Error):  # on a full disk a log that is lost later is not missed
            lost_log.begin(self._db)
            watch.note()

    def _give_up(self, watch: FileWatch) -> None:
        if self._lost is not None and self._is_saved:
            return
        aside = file_watch.save_beside(self._db, self._path)
        self._is_saved = True
        watch.forget_log()
        self._lost = (
            f"The state file {self._path} was replaced by another file while the sandbox ran. All that it had is in "
            f"{aside}, and nothing more is written: end the sandbox, and start it with the one or with the other."
        )
        self._tell(self._lost)

    def _write_anew(self, watch: FileWatch) -> None:
        file_watch.write_anew(self._db, self._path)
        self._connect_again(watch)
        self._tell(
            f"The state file {self._path} was removed while the sandbox ran. It is there again, with all that it had: "
            "nothing was lost. To begin anew, reset the sandbox."
        )

    def _reopen(self, watch: FileWatch) -> None:
        """The log has no name any more; what is in it goes into the file, and a new one is begun."""
        if self._db.execute("PRAGMA wal_checkpoint(FULL)").fetchone()[0]:
            raise OSError("somebody reads it")
        self._connect_again(watch)
        self._tell(f"The log {log_of(self._path)} was removed while the sandbox ran. Nothing was lost.")

    def _connect_again(self, watch: FileWatch) -> None:
        self._db.close()
        self._db = self._connect()
        self._use_log()
        self._begin_log(watch)

    def load(self) -> list[Record]:
        with self._reading(), closing(self._db.execute("SELECT kind, data FROM records")) as rows:
            return [decode_record(kind, data) for kind, data in rows]

    def copier(self) -> Callable[[Path], None]:
        with self._in_words():
            self._look_now()
            source = self._pinned() if self._lost is None else self._db  # which alone has what its file had

        def copy(path: Path) -> None:
            with self._in_words(), closing(sqlite3.connect(path, isolation_level=None)) as made:
                # Half a copy is thrown away, so there is nothing to be careful about.
                made.execute("PRAGMA journal_mode = OFF")
                made.execute("PRAGMA synchronous = OFF")
                source.backup(made)
            if source is not self._db:
                source.close()

        return copy

    def _pinned(self) -> sqlite3.Connection:
        """A reader of its own, which goes on to see what was written by now."""
        reader = sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, check_same_thread=False
        )
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM facts").fetchone()
        return reader

    def replace_with(
        self, other: SqliteStore, *, facts: Mapping[str, str] | None = None, leaving: Path | None = None
    ) -> None:
        with self._in_words():
            self._look_now()
        self._last = None
        arriving = other.with_facts({**self.facts(), **(facts or {})})
        self._write_out()
        self._db.close()
        try:
            for ending in file_watch.COMPANIONS:  # there if somebody looks at the file, and nothing to the other one
                self._path.with_name(self._path.name + ending).unlink(missing_ok=True)
            if leaving is not None:
                state_files.give_another_name(self._path, leaving)
            state_files.move(arriving, self._path)
        except OSError as error:
            if leaving is not None:
                leaving.unlink(missing_ok=True)
            raise StoreError(f"The state file {self._path} cannot be exchanged: {error}.") from None
        finally:
            with self._reading():
                self._db = self._connect()
                self._use_log()
            if self._watch is not None:
                self._begin_log(self._watch)

    def with_facts(self, facts: Mapping[str, str]) -> Path:
        """Hold these facts and no others, and close; the file, of which all is on disk.

        Raises:
            StoreError: it cannot be written.
        """
        with self._writing(), versions.transaction(self._db):
            self._db.execute("DELETE FROM facts")
            self._db.executemany(_KEEP_FACT, facts.items())
        self._write_out()
        self._db.close()
        return self._path

    def settle(self) -> None:
        with self._in_words():  # the watch is the other thread's
            with closing(self._connect()) as db:
                db.execute("PRAGMA wal_checkpoint(PASSIVE)")
            state_files.to_disk(self._path)

    def _write_out(self) -> None:
        """Bring all of the write-ahead log into the file, so that the file is all there is.

        Raises:
            StoreError: another program reads the file.
        """
        with self._writing():
            is_busy, *_ = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if is_busy:
            raise StoreError(f"The state file {self._path} cannot be exchanged: another program reads it.")

    def hand_over(self, old: str, new: str) -> None:
        """Let all that belonged to the account `old` belong to `new`.

        Raises:
            StoreError: it cannot be read or written.
        """
        workspaces = [record for record in self.load() if isinstance(record, Workspace) and record.account_sid == old]
        for workspace in workspaces:
            workspace.account_sid = new
        self.commit(changed=workspaces, removed=[], events=[])
        with self._writing():
            self._db.execute("UPDATE events SET account_sid = ? WHERE account_sid = ?", (new, old))

    def commit(
        self,
        *,
        changed: Iterable[Record],
        removed: Iterable[str],
        events: Iterable[Event],
        targets: Iterable[EventTarget] = (),
    ) -> None:
        rows = [encode_event(event) for event in events]
        last, self._last = self._last, None  # as long as it is not known how this ends
        with self._writing(), versions.transaction(self._db):
            for target in targets:
                self._aim(target)
            self._db.executemany(_UPSERT_RECORD, [(r.sid, KIND_OF[type(r)], encode_record(r)) for r in changed])
            self._db.executemany("DELETE FROM records WHERE sid = ?", [(sid,) for sid in removed])
            self._db.executemany(_INSERT_EVENT, rows)
        self._last = None if last is None else last + len(rows)

    def _aim(self, target: EventTarget) -> None:
        """What comes next is sent there. A target that is not new needs no row, nor does one that never had a URL."""
        values = (target.url, target.events_filter, target.workspace_name)
        newest = self._db.execute(
            "SELECT url, events_filter, workspace_name FROM event_targets WHERE workspace_sid = ? "
            "ORDER BY since DESC LIMIT 1",
            (target.workspace_sid,),
        ).fetchone()
        if newest != values and (newest or target.url):
            self._db.execute(_AIM, (target.workspace_sid, *values))

    def events(self, query: EventQuery, *, limit: int, before: int | None = None) -> list[StoredEvent]:
        with self._reading():
            found = (self._stored(row) for row in self._search(query, before))
            return list(islice((stored for stored in found if query.fits(stored.event)), limit))

    def _search(self, query: EventQuery, before: int | None) -> Iterator[sqlite_segments.Row]:
        """The rows of events, in order, among which are all that fit."""
        fitting, words = self._fitting(query, before), words_of_query(query)
        if query.sid is not None or len(words) == 1 or not sqlite_segments.last(self._db):
            # The index on the time ends in the number, as every index does: it gives this order, and nothing is sorted.
            return self._db.execute(f"{_SELECT_EVENTS}{fitting.where} ORDER BY at DESC, number DESC", fitting.values)
        return sqlite_segments.search(self._db, words, fitting=fitting)

    def _fitting(self, query: EventQuery, before: int | None) -> sqlite_segments.Conditions:
        place: tuple[int, int] | None = None
        if before is not None:
            place = self._db.execute("SELECT at, number FROM events WHERE number = ?", (before,)).fetchone()
        return _conditions(query, place)

    def events_after(self, number: int, *, since: datetime | None = None, limit: int) -> list[StoredEvent]:
        wanted, values = ("", ()) if since is None else ("AND at >= ?", (encode_moment(since),))
        with self._reading():
            rows = self._db.execute(
                f"{_SELECT_EVENTS} number > ? {wanted} ORDER BY number LIMIT ?", (number, *values, limit)
            )
            return [self._stored(row) for row in rows]

    def _stored(self, row: tuple[Any, ...]) -> StoredEvent:
        try:
            return StoredEvent(row[0], decode_event(row[1:]))
        except MALFORMED as error:
            raise StoreError(
                f"The Event {row[0]} in the state file {self._path} cannot be read: {error!r}. It was damaged, or "
                "another version of the lab wrote it; nothing was changed."
            ) from None

    def last_event_number(self) -> int:
        if self._last is None:
            with self._reading():
                self._last = int(self._db.execute(f"SELECT {_LAST_NUMBER}").fetchone()[0])
        return self._last

    def event_number(self, sid: str) -> int | None:
        with self._reading():
            row = self._db.execute("SELECT number FROM events WHERE sid = ?", (sid,)).fetchone()
        return None if row is None else int(row[0])

    def event_targets(self) -> list[StoredTarget]:
        columns = "since, workspace_sid, url, events_filter, workspace_name"
        with (
            self._reading(),
            closing(
                self._db.execute(f"SELECT {columns} FROM event_targets ORDER BY since, workspace_sid")  # noqa: S608
            ) as rows,
        ):
            return [
                StoredTarget(since, EventTarget(workspace_sid=sid, url=url, events_filter=types, workspace_name=name))
                for since, sid, url, types, name in rows
            ]

    def passed_events(self) -> set[int]:
        return {number for _, number in self.passed_by_workspace()}

    def passed_by_workspace(self) -> list[tuple[str, int]]:
        """The same, each with the SID of its Workspace."""
        with self._reading():
            return self._db.execute("SELECT workspace_sid, number FROM events_passed").fetchall()

    def keep_event_cursors(self, cursors: Iterable[EventCursor]) -> None:
        with self._writing(), versions.transaction(self._db):
            for cursor in cursors:
                values = {"sid": cursor.workspace_sid, "number": cursor.number}
                for statement in _END_CURSOR if cursor.ends else _MOVE_CURSOR:
                    self._db.execute(statement, values)
                if not cursor.ends:
                    self._keep_passed((cursor.workspace_sid, number) for number in cursor.passed)

    def keep_event_targets(self, targets: Iterable[StoredTarget], *, passed: Iterable[tuple[str, int]]) -> None:
        """Keep what another store had of them, in a store that has none."""
        rows = [
            (t.target.workspace_sid, t.since, t.target.url, t.target.events_filter, t.target.workspace_name)
            for t in targets
        ]
        with self._writing(), versions.transaction(self._db):
            self._db.executemany(_KEEP_TARGET, rows)
            self._keep_passed(passed)

    def _keep_passed(self, passed: Iterable[tuple[str, int]]) -> None:
        self._db.executemany(_KEEP_PASSED, passed)

    def newest(self) -> datetime | None:
        with self._reading():
            (at,) = self._db.execute(_NEWEST, (_LATEST,)).fetchone()
            return None if at is None else decode_moment(at)

    def forget_events(self, *, before: datetime, limit: int) -> int:
        with self._writing(), versions.transaction(self._db):
            forgotten = self._db.execute(_FORGET_EVENTS, (limit, encode_moment(before))).rowcount
            sqlite_segments.forget(self._db)
            return forgotten

    def keep_segment(self, segment: Segment) -> None:
        with self._writing(), versions.transaction(self._db):
            sqlite_segments.keep(self._db, segment)

    def last_in_segments(self) -> int:
        with self._reading():
            return sqlite_segments.last(self._db)

    def series(self, sid: str) -> list[bytes]:
        with self._reading():
            return sqlite_segments.series(self._db, sid)

    def fact(self, name: str) -> str | None:
        with self._reading():
            row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def keep_fact(self, name: str, value: str) -> None:
        with self._writing():
            self._db.execute(_KEEP_FACT, (name, value))

    def facts(self) -> dict[str, str]:
        """Every fact by its name."""
        with self._reading(), closing(self._db.execute("SELECT name, value FROM facts")) as rows:
            return dict(rows)

    def forget_facts(self, *, but: str) -> None:
        """Forget every fact but one, without a trace in the file: credentials do not travel with a copy."""
        with self._writing():
            self._db.execute("PRAGMA secure_delete = ON")
            self._db.execute("DELETE FROM facts WHERE name != ?", (but,))

    def close(self) -> None:
        if self._watch is not None:
            try:
                with self._writing():
                    self._look(self._watch)
            except StoreError as error:
                log.warning("%s", error)
            self._watch = None
        self._db.close()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, *MALFORMED) as error:
            # What is JSON and no record may be of a version of the lab that this one does not know.
            damaged = versions.is_damage(error) or isinstance(error, JSONDecodeError)
            kind = DamagedError if damaged else StoreError
            raise kind(f"The state file {self._path} cannot be read: {error!r}. {_REMEDY}") from None

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._in_words():
            if self._watch is not None and self._watch.is_time():
                self._look(self._watch)
            if self._lost is not None:
                raise StoreError(self._lost)
            yield

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """What the file or the system says against it becomes a sentence."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            text = f"The state file {self._path} cannot be written: {error}"
            self.trouble = f"{text}. {_READ_ONLY}"
            raise StoreError(text) from None
        self.trouble = None


def _connected(path: Path, how: str) -> sqlite3.Connection:
    """To look at only, and without a wait: whoever has the file to itself does not give it back soon."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=0.2)


def facts_in_use(path: Path) -> dict[str, str]:
    """The facts in a file that another process has open; nothing where they cannot be read.

    On a full disk that one shares nothing about its log, and what is seen is the file without the log.
    """
    for how in ("mode=ro", "mode=ro&immutable=1"):
        with suppress(sqlite3.Error), closing(_connected(path, how)) as db:
            return {str(name): str(value) for name, value in db.execute("SELECT name, value FROM facts")}
    return {}


_READ_ONLY = "Reading works, and nothing is lost; make room on the disk, and the sandbox goes on by itself."
_IN_MEMORY = "It can still be read, and is lost when the sandbox ends; make room, or make a snapshot."
_REMEDY = "Move it away to begin anew; it is not touched."


def _unusable(path: Path, error: Exception) -> StoreError:
    if isinstance(error, (DamagedError, *MALFORMED)) or versions.is_damage(error):
        return DamagedError(f"The state file {path} is damaged: {error}.")
    if isinstance(error, StoreError):
        return StoreError(f"The state file {path} cannot be used: {error}.")
    return StoreError(f"The state file {path} cannot be used: {error}. {_REMEDY}")


def _create_tables(db: sqlite3.Connection) -> None:
    for table in _TABLES:
        db.execute(table)


def _conditions(query: EventQuery, before: tuple[int, int] | None) -> sqlite_segments.Conditions:
    """Which rows to look at: all that fit the query, and perhaps some that do not."""
    start, end = (encode_moment(moment) if moment else None for moment in (query.start, query.end))
    wanted: list[tuple[str, tuple[Any, ...]]] = [
        ("workspace_sid = ?", (query.workspace_sid,)),
        ("at >= ?", (start,)),
        ("at <= ?", (end,)),
        ("(at, number) < (?, ?)", before or (None,)),
        ("type = ?", (query.type,)),
        ("sid = ?", (query.sid,)),
        # What came after the last segment is found by this: SQLite passes over rows without it faster than we could.
        *(("instr(data, ?)", (to_text(value),)) for value in query.values if value.isascii()),
    ]
    given = [(condition, values) for condition, values in wanted if values[0] is not None]
    latest = min((at for at in (end, before and before[0]) if at is not None), default=None)
    return sqlite_segments.Conditions(
        " AND ".join(condition for condition, _ in given), [value for _, each in given for value in each], start, latest
    )
