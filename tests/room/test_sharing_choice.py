"""Whether progress is shared: what was chosen outlasts a kernel, and what cannot be read counts as no."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from labkit.errors import LabError
from labkit.room.sharing_choice import FILE, SharingChoice


def test_who_has_chosen_nothing_shares(tmp_path: Path) -> None:
    """The first cell says so before anything is sent."""
    assert SharingChoice.in_home(tmp_path / "none") == SharingChoice(shares=True, to_delete=False)


@pytest.mark.parametrize("shares", [True, False])
@pytest.mark.parametrize("to_delete", [True, False])
def test_a_choice_outlasts_a_kernel(tmp_path: Path, *, shares: bool, to_delete: bool) -> None:
    """It is kept in the lab's home, which is made if need be."""
    chosen = SharingChoice(shares=shares, to_delete=to_delete)

    chosen.remember(tmp_path / "home")

    assert SharingChoice.in_home(tmp_path / "home") == chosen
    assert [path.name for path in (tmp_path / "home").iterdir()] == [FILE]


def test_several_may_choose_at_once(tmp_path: Path) -> None:
    """Two kernels, or a cell and what goes on in the background: each choice is whole, and none fails."""

    def choose(shares: bool) -> None:
        SharingChoice(shares=shares).remember(tmp_path)

    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(choose, [True, False] * 200))

    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"shares": "yes", "to_delete": 1}', "[" * 100_000, "\xff"])
def test_what_cannot_be_read_counts_as_no(tmp_path: Path, text: str) -> None:
    """Somebody may have said no; nobody is harmed by a row that stays empty."""
    (tmp_path / FILE).write_text(text, encoding="latin-1")

    assert SharingChoice.in_home(tmp_path).shares is False


def test_a_home_that_cannot_be_written_is_said_with_what_holds_now(tmp_path: Path) -> None:
    """A disk may be full."""
    (tmp_path / "home").write_text("in the way", encoding="utf-8")

    with pytest.raises(LabError, match=r"cannot be kept in .*home .*until this kernel ends"):
        SharingChoice(shares=False).remember(tmp_path / "home")
