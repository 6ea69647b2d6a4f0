"""What the room is told of a learner's progress: the newest, in the background, and nothing after a no."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from labkit.background import Jobs
from labkit.errors import LabError
from labkit.room.progress_report import ProgressReporter
from labkit.room.sharing_choice import FILE, SharingChoice


class RoomKept:
    """A room that keeps one person's report, or does not answer."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] | None = None
        self.posts = self.deletions = 0
        self.answers = True
        self.before_post: Callable[[], object] = lambda: None
        self.before_delete: Callable[[], object] = lambda: None

    def post(self, document: Any) -> None:
        """Keep it."""
        self.before_post()
        self._answer()
        self.posts += 1
        self.kept = dict(document)

    def delete(self) -> None:
        """Forget it."""
        self.before_delete()
        self.deletions += 1
        self._answer()
        self.kept = None

    def _answer(self) -> None:
        if not self.answers:
            raise LabError("The room does not answer.")


@pytest.fixture
def room() -> RoomKept:
    """A room in which nothing was said."""
    return RoomKept()


def reporter(room: RoomKept, home: Path) -> ProgressReporter:
    """One kernel's, which does in the background what it is told, at once."""
    return ProgressReporter(home, post=room.post, delete=room.delete, submit=lambda work: work())


def test_a_report_takes_the_place_of_the_last(room: RoomKept, tmp_path: Path) -> None:
    """So one that was lost needs not be sent again."""
    ours = reporter(room, tmp_path)

    ours.report(lambda: {"lesson": "00"})
    ours.report(lambda: {"lesson": "01"})

    assert room.kept == {"lesson": "01"}


def test_no_deletes_what_was_sent_and_sends_nothing_more(room: RoomKept, tmp_path: Path) -> None:
    """In every kernel of this home, from now on."""
    ours, other = reporter(room, tmp_path), reporter(room, tmp_path)
    ours.report(lambda: {"lesson": "00"})

    assert ours.choose(shares=False) is True
    ours.report(lambda: {"lesson": "00"})
    other.report(lambda: {"lesson": "00"})

    assert (room.kept, room.posts) == (None, 1)


def test_yes_shares_again(room: RoomKept, tmp_path: Path) -> None:
    """The choice is nobody's but the learner's, each time."""
    ours = reporter(room, tmp_path)
    ours.choose(shares=False)
    ours.choose(shares=True)

    reporter(room, tmp_path).report(lambda: {"lesson": "00"})

    assert room.kept == {"lesson": "00"}


def test_what_could_not_be_deleted_is_deleted_by_the_next_kernel(room: RoomKept, tmp_path: Path) -> None:
    """The room may be away for a moment, and a no is a no."""
    ours = reporter(room, tmp_path)
    ours.report(lambda: {"lesson": "00"})
    room.answers = False

    assert ours.choose(shares=False) is False
    room.answers = True
    reporter(room, tmp_path).report(lambda: {"lesson": "00"})

    assert room.kept is None
    assert SharingChoice.in_home(tmp_path) == SharingChoice(shares=False, to_delete=False)


@pytest.mark.parametrize("answers", [True, False])
def test_a_report_that_was_on_its_way_when_no_was_said_is_deleted(
    room: RoomKept, tmp_path: Path, *, answers: bool
) -> None:
    """Another kernel may say it just then; a report that failed may have been kept all the same."""
    ours, other = reporter(room, tmp_path), reporter(room, tmp_path)

    def meanwhile() -> None:
        other.choose(shares=False)
        room.answers = answers

    room.before_post = meanwhile
    ours.report(lambda: {"lesson": "00"})

    assert room.kept is None
    assert room.deletions == 2
    assert SharingChoice.in_home(tmp_path).to_delete is not answers


def test_a_yes_that_is_said_during_a_deletion_holds(room: RoomKept, tmp_path: Path) -> None:
    """A room may take seconds to forget somebody."""
    ours, other = reporter(room, tmp_path), reporter(room, tmp_path)
    room.answers = False
    ours.choose(shares=False)
    room.answers = True

    room.before_delete = lambda: other.choose(shares=True)
    ours.report(lambda: {"lesson": "00"})

    assert SharingChoice.in_home(tmp_path) == SharingChoice(shares=True, to_delete=False)


def test_a_room_that_does_not_answer_is_in_nobodys_way(room: RoomKept, tmp_path: Path) -> None:
    """Nor is a progress that cannot be read."""
    room.answers = False
    ours = reporter(room, tmp_path)

    def unreadable() -> dict[str, Any]:
        raise LabError("The sandbox does not answer.")

    ours.report(lambda: {"lesson": "00"})
    room.answers = True
    ours.report(unreadable)
    ours.report(lambda: {"lesson": "01"})

    assert room.kept == {"lesson": "01"}


def test_a_no_that_cannot_be_kept_holds_in_this_kernel(room: RoomKept, tmp_path: Path) -> None:
    """A disk may be full."""
    home = tmp_path / "home"
    ours = reporter(room, home)
    home.write_text("in the way", encoding="utf-8")

    with pytest.raises(LabError, match="until this kernel ends"):
        ours.choose(shares=False)
    ours.report(lambda: {"lesson": "00"})

    assert (room.kept, ours.choice.shares) == (None, False)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """A lab's."""
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="labkit-job") as made:
        yield made


def test_it_holds_up_no_cell_and_sends_only_the_newest_of_many(
    room: RoomKept, tmp_path: Path, pool: ThreadPoolExecutor
) -> None:
    """A room that takes its time has one request of this kernel, and one more waits."""
    arrived, answer = threading.Event(), threading.Event()
    room.before_post = lambda: (arrived.set(), answer.wait(10))
    jobs = Jobs(pool)
    ours = ProgressReporter(tmp_path, post=room.post, delete=room.delete, submit=jobs.submit)

    ours.report(lambda: {"number": 0})
    assert arrived.wait(10)
    for number in range(1, 100):
        ours.report(lambda number=number: {"number": number})  # type: ignore[misc]
    answer.set()
    pool.shutdown(wait=True)

    assert (room.kept, room.posts) == ({"number": 99}, 2)
    assert not (tmp_path / FILE).exists()
