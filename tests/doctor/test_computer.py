"""labkit.doctor.computer and folders: memory by the figures of control groups, and file systems of the network."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from labkit.doctor import folders
from labkit.doctor.computer import judged_memory, left_in_container
from labkit.doctor.surroundings import Surroundings

MIB = 2**20


def group(folder: Path, **files: object) -> None:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name.replace("_", ".", 1)).write_text(f"{content}\n", "utf-8")


def test_a_limit_of_version_2_holds_for_the_groups_below(tmp_path: Path) -> None:
    """The tightest one counts, and a cache of files is no use of memory."""
    (tmp_path / "cgroup").write_text("0::/hub/ana\n", "utf-8")
    group(tmp_path / "tree" / "hub", memory_max=512 * MIB, memory_current=400 * MIB, memory_stat=f"inactive_file {MIB}")
    group(tmp_path / "tree" / "hub" / "ana", memory_max="max", memory_current=100 * MIB)

    assert left_in_container(tmp_path / "cgroup", tmp_path / "tree") == 113 * MIB


def test_a_limit_of_version_1_is_found_where_the_group_itself_cannot_be_seen(tmp_path: Path) -> None:
    """Inside a container its own group is the root of the tree."""
    (tmp_path / "cgroup").write_text("5:cpu:/docker/1\n4:memory:/docker/1\n", "utf-8")
    root = tmp_path / "tree" / "memory"
    root.mkdir(parents=True)
    (root / "memory.limit_in_bytes").write_text(f"{1000 * MIB}\n", "utf-8")
    (root / "memory.usage_in_bytes").write_text(f"{600 * MIB}\n", "utf-8")
    assert left_in_container(tmp_path / "cgroup", tmp_path / "tree") == 400 * MIB

    (root / "memory.limit_in_bytes").write_text("9223372036854771712\n", "utf-8")
    assert left_in_container(tmp_path / "cgroup", tmp_path / "tree") is None


def test_without_control_groups_there_is_no_limit(tmp_path: Path) -> None:
    """As on macOS."""
    assert left_in_container(tmp_path / "none", tmp_path) is None


@pytest.mark.parametrize(
    ("free", "left", "verdict", "said"),
    [
        (8000 * MIB, None, "ok", "8,000 MiB are free"),
        (8000 * MIB, 100 * MIB, "bad", "100 MiB are left below this container's limit"),
        (400 * MIB, 8000 * MIB, "warn", "400 MiB are free"),
        (None, None, "skipped", "does not tell"),
    ],
)
def test_the_less_of_what_is_free_and_what_is_allowed_decides(
    free: int | None, left: int | None, verdict: str, said: str
) -> None:
    """And which of them it was is said."""
    found = judged_memory(free=free, left=left)

    assert found.verdict == verdict
    assert said in found.said


def test_a_state_folder_on_the_network_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its locks may fail; the innermost mount counts."""
    real = os.path.realpath(tmp_path)
    (tmp_path / "mounts").write_text(f"disk / ext4 rw 0 0\nserver:/home {real} nfs4 rw 0 0\n", "utf-8")
    monkeypatch.setattr(folders, "_MOUNTS", tmp_path / "mounts")
    found = folders.state_folder(Surroundings(environ={}, home=tmp_path / "state"))

    assert found.verdict == "warn"
    assert "(nfs4)" in found.said


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_of_somebody_else_is_named_with_its_owner(tmp_path: Path) -> None:
    """And nothing is left there."""
    tmp_path.chmod(0o500)
    found = folders.state_folder(Surroundings(environ={}, home=tmp_path / "state"))
    tmp_path.chmod(0o700)

    assert found.verdict == "bad"
    assert f"{tmp_path} is not writable for you and belongs to " in found.said


def test_looking_at_the_state_folder_leaves_nothing(tmp_path: Path) -> None:
    """Neither the folder nor a lock."""
    found = folders.state_folder(Surroundings(environ={}, home=tmp_path / "lab" / "state"))

    assert found.said.endswith("state (will be made).")
    assert list(tmp_path.iterdir()) == []
