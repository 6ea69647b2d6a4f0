"""Snapshots as files: what they hold and what not, what their names may be, and what is left when something fails."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from labkit.engine.effects import Event
from labkit.engine.resources import Workspace
from labkit.sandbox.service import Service
from labkit.sandbox.store import (
    DamagedError,
    EventCursor,
    EventTarget,
    MemoryStore,
    Snapshots,
    SqliteStore,
    Store,
    StoreError,
)
from labkit.sandbox.store.snapshots import BEFORE_RESET, BEFORE_RESTORE, MOST_AUTOMATIC
from labkit.vocabulary import EventType

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
VERSION_1 = Path(__file__).with_name("state_1.sql").read_text("utf-8")
EVER = datetime.min.replace(tzinfo=UTC)


@pytest.fixture
def snapshots(tmp_path: Path) -> Snapshots:
    """A folder for them that is not there yet."""
    return Snapshots(tmp_path / "snapshots")


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store of each kind with a Workspace, an event and some facts."""
    made: Store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "state.sqlite")
    with closing(made):
        made.keep_fact("account_sid", "AC1")
        made.keep_fact("auth_token", "made-up-secret")
        write(made, "First")
        yield made


def write(store: Store, name: str, *, account: str = "AC1") -> None:
    """One more Workspace, and that it was created."""
    sid = f"WS{name}"
    workspace = Workspace(
        sid=sid,
        workspace_sid=sid,
        number=1,
        date_created=NOON,
        date_updated=NOON,
        account_sid=account,
        friendly_name=name,
    )
    event = Event(
        sid=f"EV{name}",
        type=EventType.WORKSPACE_CREATED,
        at=NOON,
        workspace_sid=sid,
        account_sid=account,
        resource_type="workspace",
        resource_sid=sid,
        description="",
        data={"at": NOON},
    )
    store.commit(changed=[workspace], removed=[], events=[event])


def held(store: Store) -> tuple[list[str], list[tuple[int, str]]]:
    """The Workspaces, and the events with their numbers."""
    events = store.events_after(0, since=EVER, limit=1000)
    return sorted(record.sid for record in store.load()), [(each.number, each.event.sid) for each in events]


def test_a_store_goes_back_to_a_snapshot(store: Store, snapshots: Snapshots) -> None:
    """Records and events are as they were, the next event has the next number, and the facts are the store's own."""
    then = held(store)
    snapshots.keep("then", store.copier())
    write(store, "Second")
    store.keep_fact("port", "8080")
    with snapshots.opened("then", owner="AC1") as copy:
        store.replace_with(copy)
    assert held(store) == then
    assert (store.fact("port"), store.fact("auth_token")) == ("8080", "made-up-secret")
    write(store, "Third")
    assert held(store)[1][-1] == (2, "EVThird")


def test_what_a_store_became_survives_its_closing(tmp_path: Path, snapshots: Snapshots) -> None:
    """It is written, and not only seen."""
    state = tmp_path / "state.sqlite"
    with closing(SqliteStore(state)) as store:
        write(store, "First")
        snapshots.keep("then", store.copier())
        write(store, "Second")
        with snapshots.opened("then", owner=None) as copy:
            store.replace_with(copy)
    with closing(SqliteStore(state)) as store:
        assert held(store) == (["WSFirst"], [(1, "EVFirst")])


def test_an_empty_store_is_a_beginning(store: Store, snapshots: Snapshots) -> None:
    """No Workspace, no event, the first number again, and the account stays."""
    with snapshots.empty() as nothing:
        store.replace_with(nothing)
    assert held(store) == ([], [])
    assert store.fact("auth_token") == "made-up-secret"
    write(store, "Anew")
    assert held(store)[1] == [(1, "EVAnew")]


def test_a_snapshot_can_be_gone_back_to_again(store: Store, snapshots: Snapshots) -> None:
    """Opening gives a copy: whatever becomes of it, the snapshot stays."""
    snapshots.keep("then", store.copier())
    for _ in range(2):
        with snapshots.opened("then", owner="AC1") as copy:
            copy.commit(changed=[], removed=["WSFirst"], events=[])
    with snapshots.opened("then", owner="AC1") as copy:
        assert held(copy)[0] == ["WSFirst"]


def test_a_snapshot_knows_which_events_are_still_to_be_sent(store: Store, snapshots: Snapshots) -> None:
    """Where, how far that had come, and what had passed; by the numbers that the events have in it."""
    target = EventTarget(workspace_sid="WSFirst", url="http://x/", events_filter="task.created", workspace_name="First")
    store.forget_events(before=NOON + timedelta(hours=1), limit=10)
    for name in ("Second", "Third", "Fourth"):
        write(store, name)
    store.commit(changed=[], removed=[], events=[], targets=[target])
    for name in ("Fifth", "Sixth", "Seventh"):
        write(store, name)
    store.keep_event_cursors([EventCursor(workspace_sid="WSFirst", number=5, passed=(7,))])
    snapshots.keep("then", store.copier())
    store.keep_event_cursors([EventCursor(workspace_sid="WSFirst", number=7, ends=True)])
    with snapshots.opened("then", owner="AC1") as copy:
        store.replace_with(copy)
    sids = dict(held(store)[1])
    [stored] = store.event_targets()
    assert (stored.target, sids[stored.since]) == (target, "EVFifth")
    assert [sids[number] for number in store.passed_events()] == ["EVSeventh"]


def test_a_snapshot_of_another_account_is_taken_over(store: Store, snapshots: Snapshots) -> None:
    """The sandbox began anew since, with another account: who asks now must find the Workspaces."""
    write(store, "Others", account="AC2")
    snapshots.keep("then", store.copier())
    with snapshots.opened("then", owner="AC9") as copy:
        accounts = {record.sid: record.account_sid for record in copy.load() if isinstance(record, Workspace)}
        events = {each.event.sid: each.event.account_sid for each in copy.events_after(0, since=EVER, limit=10)}
    assert accounts == {"WSFirst": "AC9", "WSOthers": "AC2"}
    assert events == {"EVFirst": "AC9", "EVOthers": "AC2"}


def test_no_secret_is_in_a_snapshot(store: Store, snapshots: Snapshots, tmp_path: Path) -> None:
    """Neither where it would be looked for nor anywhere else in the file; only the owner may read it."""
    snapshots.keep("then", store.copier())
    [file] = (tmp_path / "snapshots").iterdir()
    assert b"made-up-secret" not in file.read_bytes()
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["a", "Lesson 3", "v1.2_b-c", "x" * 64, "con"])
def test_names(snapshots: Snapshots, store: Store, name: str) -> None:
    """Each is found by the very name, in the list and by itself, with its size."""
    kept = snapshots.keep(name, store.copier())
    assert snapshots.all() == [kept] == [snapshots.find(name)]
    assert (kept.name, kept.bytes > 0) == (name, True)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../x", "a/b", "a\\b", "/etc/passwd", "x" * 65, " a", "-a", "a\n", "a\x00", "ä", "a:b", "a*"],
)
def test_what_could_be_a_path_is_no_name(snapshots: Snapshots, store: Store, name: str, tmp_path: Path) -> None:
    """Nothing is written, read or looked for."""
    uses: list[Callable[[], object]] = [
        lambda: snapshots.find(name),
        lambda: snapshots.keep(name, store.copier()),
        lambda: snapshots.opened(name, owner=None).__enter__(),
    ]
    for use in uses:
        with pytest.raises(ValueError, match="is no name of a snapshot"):
            use()
    assert snapshots.all() == []


def test_the_list_is_in_order(snapshots: Snapshots, store: Store, tmp_path: Path) -> None:
    """The oldest first, whatever the names."""
    for age, name in enumerate(("c", "a", "b")):
        snapshots.keep(name, store.copier())
        os.utime(tmp_path / "snapshots" / f"snapshot-{name}.sqlite", (1e9 + age, 1e9 + age))
    assert [each.name for each in snapshots.all()] == ["c", "a", "b"]
    assert snapshots.all()[0].made == datetime.fromtimestamp(1e9, UTC)


def test_one_that_cannot_be_written_leaves_the_last_one(snapshots: Snapshots, store: Store, tmp_path: Path) -> None:
    """The disk is full: the error says so, and what was kept under the name is still there, whole."""
    snapshots.keep("then", store.copier())
    before = [path.read_bytes() for path in (tmp_path / "snapshots").iterdir()]

    def full(path: Path) -> None:
        path.write_bytes(b"half")
        raise StoreError("the disk is full")

    with pytest.raises(StoreError, match="the disk is full"):
        snapshots.keep("then", full)
    assert [path.read_bytes() for path in (tmp_path / "snapshots").iterdir()] == before


def test_a_folder_that_cannot_be_made_is_an_error(store: Store, tmp_path: Path) -> None:
    """In a sentence with its name."""
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(StoreError, match=r"The folder .*file.below cannot be written"):
        Snapshots(tmp_path / "file" / "below").keep("then", store.copier())


def test_a_damaged_one_is_said_and_not_touched(snapshots: Snapshots, store: Store, tmp_path: Path) -> None:
    """It may be all that somebody has left."""
    snapshots.keep("then", store.copier())
    [file] = (tmp_path / "snapshots").iterdir()
    file.write_bytes(b"no database at all" * 100)
    with pytest.raises(DamagedError, match="is damaged"), snapshots.opened("then", owner=None):
        pass
    assert [path.read_bytes() for path in (tmp_path / "snapshots").iterdir()] == [b"no database at all" * 100]


def test_what_was_left_half_done_is_removed(snapshots: Snapshots, store: Store, tmp_path: Path) -> None:
    """A sandbox was killed while it copied; the next one tidies up, and keeps what is whole."""
    snapshots.keep("then", store.copier())
    left = tmp_path / "snapshots" / "half-done-x"
    left.mkdir()
    (left / "state.sqlite").write_bytes(b"half")
    assert [each.name for each in Snapshots(tmp_path / "snapshots").all()] == ["then"]
    assert not left.exists()


# --- what resets and restores take away -------------------------------------------------------------------------------

AFTERNOON = datetime(2026, 11, 26, 14, 3, 7, tzinfo=UTC)


@pytest.fixture
def wall(tmp_path: Path) -> Wall:
    """Snapshots with a real time that is set by hand."""
    return Wall(tmp_path / "snapshots")


class Wall:
    """Takes away at a time that the test says, and shows what is there."""

    def __init__(self, folder: Path) -> None:
        self.now = AFTERNOON
        self.folder = folder
        self.snapshots = Snapshots(folder, read=lambda: self.now)

    def take_away(self, store: Store, kind: str = BEFORE_RESET, *, seconds: int = 0, size: int = 0) -> str:
        """Something is taken away so much later; the name under which it is kept, made as large as `size`."""
        self.now += timedelta(seconds=seconds)
        leaving = self.snapshots.leaving(kind)
        self.folder.mkdir(exist_ok=True)
        store.copier()(leaving.path)
        with closing(sqlite3.connect(leaving.path)) as db, db:
            db.execute("CREATE TABLE padding AS SELECT zeroblob(?) AS bytes", (size,))
        self.snapshots.keep_leaving(leaving)
        return leaving.name

    def names(self) -> list[str]:
        """Of all that are there, the oldest first."""
        return [each.name for each in self.snapshots.all()]


def test_what_is_taken_away_is_kept_under_its_time(wall: Wall, store: Store) -> None:
    """In UTC; in one second there may be several, and the kind alone means the newest."""
    names = [wall.take_away(store) for _ in range(3)] + [wall.take_away(store, BEFORE_RESTORE, seconds=3600)]
    assert names == [
        "before reset 2026-11-26 14.03.07",
        "before reset 2026-11-26 14.03.07-2",
        "before reset 2026-11-26 14.03.07-3",
        "before restore 2026-11-26 15.03.07",
    ]
    assert wall.names() == names
    found = [wall.snapshots.find(name) for name in (BEFORE_RESET, BEFORE_RESTORE, names[0])]
    assert [each and each.name for each in found] == [names[2], names[3], names[0]]


def test_the_newest_ten_are_kept(wall: Wall, store: Store) -> None:
    """Of both kinds together; what people named stays, however old it is and whatever they called it."""
    named = ["lesson 3", "Before reset", "before resetting", "before restore 2026"]
    for name in named:
        wall.snapshots.keep(name, store.copier())
        os.utime(wall.folder / f"snapshot-{name}.sqlite", (1e9, 1e9))
    kinds = [BEFORE_RESET, BEFORE_RESTORE] * 6
    taken = [wall.take_away(store, kind, seconds=1) for kind in kinds]
    assert wall.names() == sorted(named) + taken[-MOST_AUTOMATIC:]


def test_so_many_bytes_are_kept_and_the_newest_one_in_any_case(
    wall: Wall, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is older than the first that does not fit is gone as well; what people named does not count."""
    monkeypatch.setattr("labkit.sandbox.store.snapshots.MOST_AUTOMATIC_BYTES", 2_500_000)
    wall.snapshots.keep("named", store.copier())
    os.truncate(wall.folder / "snapshot-named.sqlite", 3_000_000)
    first, second = (wall.take_away(store, seconds=1, size=1_150_000) for _ in range(2))
    assert set(wall.names()) == {"named", first, second}
    third = wall.take_away(store, seconds=1, size=200_000)
    assert set(wall.names()) == {"named", second, third}
    larger = wall.take_away(store, seconds=1, size=3_000_000)
    assert set(wall.names()) == {"named", larger}


def test_one_of_an_earlier_version_gets_its_time(wall: Wall, store: Store) -> None:
    """It had none in its name; it is the newest of its kind until there is a newer one, and then still there."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(VERSION_1)
        wall.folder.mkdir()
        file = wall.folder / "snapshot-before reset.sqlite"
        with closing(sqlite3.connect(file)) as written:
            db.backup(written)
    os.utime(file, (1e9, 1e9))
    snapshots = Snapshots(wall.folder)
    [old] = snapshots.all()
    assert old == snapshots.find(BEFORE_RESET)
    assert (old.name, old.made) == ("before reset 2001-09-09 01.46.40", datetime.fromtimestamp(1e9, UTC))
    with snapshots.opened(old.name, owner=None) as copy:
        assert len(copy.load()) > 0
    newer = wall.take_away(store)
    assert wall.snapshots.find(BEFORE_RESET) != old
    assert wall.names() == [old.name, newer]


EXCHANGER = """
import os, sys
from pathlib import Path
from labkit.sandbox.service import Service
from labkit.sandbox.store import Snapshots, SqliteStore
state, folder, steps = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
service, snapshots, done = Service(SqliteStore(state)), Snapshots(folder, state=state), 0

def count(event, _):
    global done
    if event in ("os.link", "os.rename", "os.remove", "sqlite3.connect"):
        done += 1
        if done > steps:
            os._exit(9)

with snapshots.opened("then", owner="AC1") as copy:
    loaded = service.load(copy)
    sys.addaudithook(count)
    leaving = snapshots.leaving("before restore")
    service.replace_with(loaded, leaving=leaving.path)
    snapshots.keep_leaving(leaving)
print(done)
os._exit(0)
"""
"""Goes back to a snapshot, and is killed before it touches a file once more than so many times."""


@pytest.fixture
def two_states(tmp_path: Path) -> Path:
    """A folder with a state that has grown since its snapshot `then` was made."""
    folder = tmp_path / "two states"
    folder.mkdir()
    with closing(SqliteStore(folder / "state.sqlite")) as store:
        store.keep_fact("account_sid", "AC1")
        store.keep_fact("auth_token", "made-up-secret")
        write(store, "First")
        Service(store)
        Snapshots(folder / "snapshots").keep("then", store.copier())
        write(store, "Second")
    return folder


NEW, OLD = (["WSFirst"], [(1, "EVFirst")]), (["WSFirst", "WSSecond"], [(1, "EVFirst"), (2, "EVSecond")])


def test_a_kill_at_any_step_leaves_one_state_or_the_other(two_states: Path, tmp_path: Path) -> None:
    """Whole, with the facts of both; if it is the new one, the old one is a snapshot after the next start."""
    found = []
    for steps in range(100):
        folder = tmp_path / f"killed after {steps}"
        shutil.copytree(two_states, folder)
        state, snapshots = folder / "state.sqlite", folder / "snapshots"
        command = [sys.executable, "-c", EXCHANGER, str(state), str(snapshots), str(steps)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert ended.returncode in (0, 9), ended.stderr
        found.append(what_is_left(state, snapshots))
        if ended.returncode == 0:
            break
    assert found[0] == "old"
    assert found[-1] == "new"
    assert found == sorted(found, reverse=True)


def what_is_left(state: Path, folder: Path) -> str:
    """Which state there is after the next start; everything about it is right."""
    with closing(SqliteStore(state)) as store:
        snapshots = Snapshots(folder, state=state)
        left = held(store)
        assert store.fact("auth_token") == "made-up-secret"
    names = [each.name for each in snapshots.all()]
    assert all(b"made-up-secret" not in path.read_bytes() for path in folder.iterdir())
    assert all(path.name.startswith("snapshot-") for path in folder.iterdir())
    if left == OLD:
        assert names == ["then"]
        return "old"
    assert left == NEW
    _, before = names
    with snapshots.opened(before, owner=None) as copy:
        assert held(copy) == OLD
    return "new"
