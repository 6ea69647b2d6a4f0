"""A participant's folder: what is laid into it, and that nothing planted there leads out of it."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from workshop import participant_home
from workshop.participant_home import FOR_THE_INSTRUCTOR, ORIGINALS, ParticipantHome
from workshop.settings import Workshop, WorkshopError


@pytest.fixture
def home(tmp_path: Path) -> ParticipantHome:
    """Ana's, which is not there yet."""
    return ParticipantHome(Workshop(folder=tmp_path / "room"), "ana")


def kept(folder: Path) -> dict[str, bytes]:
    """All files of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def expected_names() -> set[str]:
    """What a participant works with."""
    names = {path.name for path in ORIGINALS.iterdir() if path.suffix == ".ipynb"}
    return names - {FOR_THE_INSTRUCTOR}


@pytest.mark.parametrize("name", ["", "..", "../ana", "a/b", "ana\n", "Ana", "1st", "a" * 32, ".before", "a\0b", "ä"])
def test_a_name_that_is_no_name_has_no_folder(name: str, tmp_path: Path) -> None:
    """Before anything is looked at."""
    with pytest.raises(WorkshopError, match="no participant's name"):
        ParticipantHome(Workshop(folder=tmp_path), name)


def test_there_are_own_copies(home: ParticipantHome) -> None:
    """Of every notebook, for this person alone."""
    home.prepare()

    assert {path.name for path in (home.path / "notebooks").iterdir()} == expected_names()
    assert "00_start_here.ipynb" in expected_names()
    for folder in (home.workshop.people, home.path, home.path / "notebooks"):
        assert folder.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in home.workshop.people.iterdir()] == ["ana"]  # no draft is left


def test_the_instructors_notebook_is_the_instructors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else can do anything with it."""
    originals = tmp_path / "originals"
    originals.mkdir()
    for name in ("00_start_here.ipynb", FOR_THE_INSTRUCTOR, "notes.txt"):
        (originals / name).write_text("{}", encoding="utf-8")
    monkeypatch.setattr(participant_home, "ORIGINALS", originals)
    workshop = Workshop(folder=tmp_path / "room", admin="grace")

    for name, expected in (("ana", {"00_start_here.ipynb"}), ("grace", {"00_start_here.ipynb", FOR_THE_INSTRUCTOR})):
        home = ParticipantHome(workshop, name)
        home.prepare()
        assert {path.name for path in (home.path / "notebooks").iterdir()} == expected


def test_what_is_there_stays_as_it_is(home: ParticipantHome) -> None:
    """A second start changes no work, and brings nothing back that was taken away."""
    home.prepare()
    (home.path / "notebooks" / "00_start_here.ipynb").write_text("mine", encoding="utf-8")
    (home.path / "notebooks" / "desk.ipynb").unlink()
    before = kept(home.path)

    home.prepare()

    assert kept(home.path) == before


def test_who_deletes_everything_has_the_notebooks_again(home: ParticipantHome) -> None:
    """With the next start."""
    home.prepare()
    shutil.rmtree(home.path / "notebooks")
    home.prepare()

    assert set(kept(home.path / "notebooks")) == expected_names()


def test_a_folder_that_was_closed_is_opened_again(home: ParticipantHome) -> None:
    """A participant may have tried `chmod`."""
    home.prepare()
    home.path.chmod(0)
    home.prepare()

    assert home.path.stat().st_mode & 0o777 == 0o700


def test_set_back_is_a_rename_and_a_copy(home: ParticipantHome) -> None:
    """What was there is beside it, each time, and the rest of the home is as it was."""
    home.prepare()
    (home.path / ".labkit").mkdir()
    (home.path / ".labkit" / "sandbox.sqlite").write_text("state", encoding="utf-8")
    (home.path / "notebooks" / "00_start_here.ipynb").write_text("mine", encoding="utf-8")

    first, second = home.set_back(), home.set_back()

    assert first is not None
    assert second is not None
    assert first != second
    assert (first / "00_start_here.ipynb").read_text(encoding="utf-8") == "mine"
    assert first.parent == home.path
    assert (home.path / "notebooks" / "00_start_here.ipynb").read_bytes() == (
        ORIGINALS / "00_start_here.ipynb"
    ).read_bytes()
    assert (home.path / ".labkit" / "sandbox.sqlite").read_text(encoding="utf-8") == "state"


def test_set_back_where_nothing_was(home: ParticipantHome) -> None:
    """Nothing is beside it then."""
    assert home.set_back() is None
    assert set(kept(home.path / "notebooks")) == expected_names()


def test_a_fresh_start_sets_the_whole_home_aside(home: ParticipantHome) -> None:
    """Where no participant sees it, and the instructor finds it."""
    home.prepare()
    (home.path / "mine").write_text("work", encoding="utf-8")

    aside = home.set_back(fresh=True)
    again = home.set_back(fresh=True)

    assert aside is not None
    assert aside.parent == home.workshop.people / ".before"
    assert (aside / "mine").read_text(encoding="utf-8") == "work"
    assert again not in (None, aside)
    assert [path.name for path in home.path.iterdir()] == ["notebooks"]


@pytest.mark.parametrize("where", ["a folder", "nowhere", "a file"])
def test_a_link_in_place_of_the_notebooks_leads_nobody_out(where: str, home: ParticipantHome, tmp_path: Path) -> None:
    """A participant puts one there, and the instructor's process comes by."""
    outside = tmp_path / "the instructor's"
    outside.mkdir()
    (outside / "00_start_here.ipynb").write_text("the instructor's own", encoding="utf-8")
    before = kept(outside)
    home.prepare()
    shutil.rmtree(home.path / "notebooks")
    target = {"a folder": outside, "nowhere": tmp_path / "gone", "a file": outside / "00_start_here.ipynb"}[where]
    (home.path / "notebooks").symlink_to(target)

    home.prepare()
    old = home.set_back()

    assert kept(outside) == before
    assert not (tmp_path / "gone").exists()
    assert old is not None
    assert old.is_symlink()
    assert not (home.path / "notebooks").is_symlink()
    assert set(kept(home.path / "notebooks")) == expected_names()


def test_a_link_in_place_of_the_home_is_refused(home: ParticipantHome, tmp_path: Path) -> None:
    """No participant can put one there; somebody else may have."""
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o755)
    home.workshop.people.mkdir(parents=True)
    home.path.symlink_to(outside)

    with pytest.raises(WorkshopError, match="no folder"):
        home.prepare()

    assert list(outside.iterdir()) == []
    assert outside.stat().st_mode & 0o777 == 0o755


def test_one_who_puts_links_there_meanwhile_leads_nobody_out(home: ParticipantHome, tmp_path: Path) -> None:
    """A race that is won by luck would be won some time."""
    outside = tmp_path / "outside"
    outside.mkdir()
    home.prepare()
    done = threading.Event()

    def plant() -> None:
        while not done.is_set():
            for name in ("notebooks", ".before"):
                try:
                    (home.path / name).symlink_to(outside)
                except OSError:
                    continue

    planting = threading.Thread(target=plant)
    planting.start()
    try:
        for _ in range(50):
            try:
                home.set_back()
            except WorkshopError:  # the link was there first
                continue
    finally:
        done.set()
        planting.join()

    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("act", ["prepare", "set_back"])
def test_a_full_disk_is_a_sentence_before_anything_is_begun(
    act: str, home: ParticipantHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For the page on which the participant waits."""
    home.prepare()
    before = sorted(home.path.iterdir())
    nearly_full = SimpleNamespace(free=5 << 20)
    monkeypatch.setattr(participant_home.shutil, "disk_usage", lambda _: nearly_full)

    with pytest.raises(WorkshopError, match=r"The disk has 5 MiB left, and 64 are needed"):
        getattr(home, act)()

    assert sorted(home.path.iterdir()) == before


def test_a_disk_that_fills_while_notebooks_are_copied_leaves_no_half(
    home: ParticipantHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them or none, and a sentence."""

    def full(source: Path, destination: Path) -> None:
        if source.name.startswith("05"):
            raise OSError(28, "No space left on device")
        destination.write_bytes(source.read_bytes())

    monkeypatch.setattr(participant_home.shutil, "copyfile", full)

    with pytest.raises(WorkshopError, match="No space left on device"):
        home.prepare()

    assert list(home.path.iterdir()) == []
    assert list(home.workshop.people.iterdir()) == [home.path]


def test_the_environment_leads_home_and_nowhere_else(home: ParticipantHome) -> None:
    """And what Jupyter writes while it runs is kept where a full home stops nothing."""
    given = home.environment()

    assert given["LABKIT_HOME"] == str(home.path / ".labkit")
    assert given["JUPYTER_RUNTIME_DIR"] == "/run/lab"
    assert given["LABKIT_ROOM_URL"] == f"http://127.0.0.1:{home.workshop.room_port}/services/room"
    assert all("TOKEN" not in name for name in given)


def test_without_walls_and_room_there_is_less(tmp_path: Path) -> None:
    """No folder that only walls have, and no address that nobody answers."""
    given = ParticipantHome(Workshop(folder=tmp_path, walls=False, room=False), "ana").environment()

    assert given["JUPYTER_RUNTIME_DIR"] == str(tmp_path / "people" / "ana" / ".runtime")
    assert "LABKIT_ROOM_URL" not in given
