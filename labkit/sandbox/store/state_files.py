"""Files that change places: each step is one that a kill leaves done or undone."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

_UNFINISHED = ".unfinished"


def give_another_name(path: Path, other: Path) -> None:
    """Let a file have one name more, so that it stays when another takes its place.

    Raises:
        OSError: it has not.
    """
    try:
        os.link(path, other)
    except OSError:  # a file system without such links, or another one
        _copy(path, other)


def move(path: Path, other: Path) -> None:
    """Put a file into the place of another one; at any instant one of them is there.

    Raises:
        OSError: it is not.
    """
    try:
        path.replace(other)
    except OSError:  # another file system: one that is as large has to be written
        _copy(path, other)
        path.unlink(missing_ok=True)


def to_disk(path: Path) -> None:
    """Wait until what is in a file is on disk, for a power cut.

    Raises:
        OSError: it cannot be.
    """
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _copy(path: Path, other: Path) -> None:
    half = other.with_name(other.name + _UNFINISHED)
    half.unlink(missing_ok=True)
    os.close(os.open(half, os.O_CREAT | os.O_WRONLY, 0o600))
    try:
        shutil.copyfile(path, half)
        to_disk(half)
        half.replace(other)
    finally:
        half.unlink(missing_ok=True)
