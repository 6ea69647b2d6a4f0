"""A file with the names of those who may come, one a line."""

from __future__ import annotations

import re
from pathlib import Path

from workshop.participant_home import NAME_PATTERN
from workshop.settings import WorkshopError


def checked_name(name: str) -> str:
    """This name, if it can be one.

    Raises:
        WorkshopError: it cannot.
    """
    if not re.fullmatch(NAME_PATTERN, name):
        raise WorkshopError(
            f"{name!r} can be nobody's name: 31 small letters, digits and hyphens at most, a letter first."
        )
    return name


def read_names(file: Path) -> tuple[str, ...]:
    """The names, each once; empty lines and what stands behind a `#` do not count.

    Raises:
        WorkshopError: the file cannot be read, has no name in it, or has one that cannot be one.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise WorkshopError(f"The list of names {file} cannot be read: {error}.") from None
    names = [line.partition("#")[0].strip() for line in lines]
    found = tuple(dict.fromkeys(checked_name(name) for name in names if name))
    if not found:
        raise WorkshopError(f"There is no name in {file}.")
    return found
