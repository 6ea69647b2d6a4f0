"""The learner's own copies of the notebooks, so that working in one changes no file of the project's."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from labkit.errors import LabError

_RECORD = ".copied.json"
"""For each copy, the digest of the notebook that it was made of."""


def renew_copies(originals: Path, *, into: Path) -> list[Path]:
    """Copy each notebook, and renew the copies in which nobody has changed a cell's text; outputs do not count.

    Where one was changed, a newer notebook is laid beside it, as `00_start_here-newer.ipynb`. Nothing that somebody
    wrote is overwritten, and a newer one that was taken away is not laid there again.

    Args:
        originals: the folder with the notebooks.
        into: the folder for the copies; it is made where there is none.

    Returns:
        The newer notebooks that lie beside changed ones.

    Raises:
        LabError: the folder cannot be written.
    """
    try:
        into.mkdir(exist_ok=True)
        copied = _read_record(into / _RECORD)
        newer = [_renew(original, into=into, copied=copied) for original in sorted(originals.glob("*.ipynb"))]
        _write(into / _RECORD, json.dumps(copied, indent=1).encode())
    except OSError as error:
        raise LabError(f"Your copies of the notebooks cannot be written into {into} ({error}).") from error
    return [path for path in newer if path]


def _renew(original: Path, *, into: Path, copied: dict[str, str]) -> Path | None:
    """Lay it at the first of its places that is free or unchanged; returns that place if it is not the first."""
    digest = _digest(original) or ""
    for number, path in enumerate(_places(into / original.name)):
        found, last = _digest(path), copied.get(path.name)
        if number and found is None and last == digest:
            return None  # it lay here, and somebody has taken it away
        if found in (None, last, digest):
            if found != digest:
                _write(path, original.read_bytes())
            copied[path.name] = digest
            return path if number else None
        if last == digest:
            return None  # changed, and there is no newer one
    return None


def _places(own: Path) -> Iterator[Path]:
    yield own
    yield own.with_stem(f"{own.stem}-newer")
    for number in count(2):
        yield own.with_stem(f"{own.stem}-newer-{number}")


def _digest(path: Path) -> str | None:
    """Of what a person writes in a notebook; "" for what is no notebook any more, and None where there is no file."""
    try:
        cells = json.loads(path.read_bytes())["cells"]
        text = [[cell["cell_type"], "".join(cell["source"])] for cell in cells]
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        return ""
    return hashlib.sha256(json.dumps(text).encode()).hexdigest()


def _read_record(path: Path) -> dict[str, str]:
    """Where it is lost, a copy that differs counts as changed."""
    try:
        found = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(path: Path, content: bytes) -> None:
    """All of it or nothing."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)
