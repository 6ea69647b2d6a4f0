"""A state file that is taken away while it is used: nothing that was written is lost, and somebody is told."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from labkit.sandbox.store import SqliteStore, StoreError, file_watch

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows removes no file that is open")


class Watched:
    """A store that keeps watch, with a clock that a test moves; what it had to say."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.told: list[str] = []
        self.seconds = 0.0
        self.store = SqliteStore(path)
        self.store.keep_watch(self.told.append, monotonic=lambda: self.seconds)

    def write(self, name: str) -> None:
        """A second or two later."""
        self.seconds += 2
        self.store.keep_fact(name, "kept")

    def after_a_kill(self, folder: Path) -> dict[str, str]:
        """What another finds if this one ends without a word."""
        shutil.copytree(self.path.parent, folder)
        return facts(folder / self.path.name)


def facts(path: Path) -> dict[str, str]:
    with closing(SqliteStore(path)) as store:
        assert store.notices == []
        return store.facts()


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """With something in it."""
    made = Watched(tmp_path / "home" / "state.sqlite")
    made.write("first")
    yield made
    made.store.close()


def remove(*endings: str) -> Callable[[Path], None]:
    def removing(path: Path) -> None:
        for ending in endings:
            path.with_name(path.name + ending).unlink()

    return removing


REMOVALS = {
    "the file": (remove(""), "was removed while the sandbox ran. It is there again, with all that it had"),
    "its log": (remove("-wal"), "was removed while the sandbox ran. Nothing was lost."),
    "all three": (remove("", "-wal", "-shm"), "It is there again, with all that it had: nothing was lost."),
    "the folder": (lambda path: shutil.rmtree(path.parent), "It is there again, with all that it had"),
}


@pytest.mark.parametrize("what", REMOVALS)
def test_what_was_removed_is_written_anew(watched: Watched, tmp_path: Path, what: str) -> None:
    """At the next write: all is there after a kill and after an orderly end, and one sentence says so."""
    removing, said = REMOVALS[what]
    removing(watched.path)
    watched.write("second")
    assert {"first", "second"} <= set(watched.after_a_kill(tmp_path / "killed"))
    [notice] = watched.told
    assert said in notice
    assert str(watched.path) in notice
    watched.write("third")
    watched.store.close()
    assert {"first", "second", "third"} <= set(facts(watched.path))
    assert watched.told == [notice]
    assert [path.name for path in watched.path.parent.iterdir()] == ["state.sqlite"]


def test_what_was_removed_is_there_after_the_end(watched: Watched) -> None:
    """Also when nothing more is written."""
    watched.path.unlink()
    watched.store.close()
    assert "first" in facts(watched.path)


def test_it_is_looked_at_once_a_second(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not at every write."""
    looks: list[object] = []

    def look(watch: file_watch.FileWatch) -> None:
        looks.append(watch)

    monkeypatch.setattr(file_watch.FileWatch, "look", look)
    for _ in range(5):
        watched.store.keep_fact("name", "kept")
    assert len(looks) == 0
    watched.write("name")
    watched.store.keep_fact("name", "kept")
    assert len(looks) == 1


def test_another_file_in_its_place_is_not_touched(watched: Watched) -> None:
    """What there was is saved beside it, once; reading goes on, and whoever writes is told where it is."""
    other = watched.path.with_name("other.sqlite")
    with closing(SqliteStore(other)) as store:
        store.keep_fact("theirs", "kept")
    other.replace(watched.path)
    before = watched.path.read_bytes()
    for _ in range(2):
        with pytest.raises(StoreError, match=r"was replaced by another file .* All that it had is in .*-rescued-"):
            watched.write("second")
    assert watched.store.fact("first") == "kept"
    watched.store.close()
    [aside] = watched.path.parent.glob("state-rescued-*.sqlite")
    assert (facts(watched.path)["theirs"], facts(aside)["first"]) == ("kept", "kept")
    assert watched.path.read_bytes() == before
    assert len(watched.told) == 1


def test_one_that_comes_back_is_written_again(watched: Watched) -> None:
    """Somebody had only mixed up two names."""
    away = watched.path.with_name("away.sqlite")
    watched.path.rename(away)
    watched.path.write_bytes(b"a letter")
    with pytest.raises(StoreError, match="replaced"):
        watched.write("second")
    away.replace(watched.path)
    watched.write("third")
    watched.store.close()
    assert set(facts(watched.path)) == {"first", "third"}


def test_what_cannot_be_written_anew_is_refused(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it can: nothing is answered with 201 that would be lost."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(file_watch, "write_anew", full)
        watched.path.unlink()
        with pytest.raises(StoreError, match=r"cannot be written anew: .*No space left.* lost when the sandbox ends"):
            watched.write("second")
        with pytest.raises(StoreError, match="cannot be written anew"):
            watched.store.keep_fact("within the same second", "kept")
        assert watched.store.fact("first") == "kept"
    watched.write("third")
    watched.store.close()
    assert set(facts(watched.path)) == {"first", "third"}


def test_a_copy_is_of_what_there_was(watched: Watched, tmp_path: Path) -> None:
    """Whatever bears the file's name by now, and however shortly before it was looked at."""
    watched.path.unlink()
    watched.store.copier()(tmp_path / "after the removal.sqlite")
    watched.path.with_name("other.sqlite").write_bytes(b"")
    watched.path.with_name("other.sqlite").replace(watched.path)
    watched.store.copier()(tmp_path / "after the replacement.sqlite")
    for copy in tmp_path.glob("after *.sqlite"):
        assert facts(copy)["first"] == "kept"
    assert len(list(tmp_path.glob("after *.sqlite"))) == 2


def test_an_exchange_looks_before_it_moves_anything(watched: Watched, tmp_path: Path) -> None:
    """A file that was removed just now is written anew, and leaves; one that somebody put there stays."""
    leaving = watched.path.with_name("leaving.sqlite")
    watched.path.unlink()
    watched.store.replace_with(SqliteStore(tmp_path / "new.sqlite"), facts={"second": "kept"}, leaving=leaving)
    assert facts(leaving)["first"] == "kept"
    assert watched.store.facts() == {"first": "kept", "second": "kept"}
    watched.path.with_name("other.sqlite").write_bytes(b"theirs")
    watched.path.with_name("other.sqlite").replace(watched.path)
    leaving.unlink()
    with pytest.raises(StoreError, match="was replaced by another file"):
        watched.store.replace_with(SqliteStore(tmp_path / "newer.sqlite"), leaving=leaving)
    assert watched.path.read_bytes() == b"theirs"
    assert not leaving.exists()
    assert watched.store.fact("second") == "kept"
