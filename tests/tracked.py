"""The project's own files: those that git tracks or would add, and nothing that was built or installed."""

from __future__ import annotations

import ast
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def copy_project(to: Path) -> None:
    """The project's files as they are, without git's own, as a fresh clone has them."""
    for path in project_files():
        copy = to / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)


def project_files(suffix: str = "") -> list[Path]:
    """Paths below the root, sorted, that end in `suffix`. Skips the test where git cannot tell."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("git lists the project's files, and this is not a git checkout")
    command = [git, "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = (ROOT / name for name in listing.split("\0") if name.endswith(suffix) and name)
    return sorted(path for path in files if path.is_file())


@cache
def syntax_trees() -> Mapping[Path, ast.Module]:
    """Each module of the package, by its path below it.

    Not for the top of a module: to parse them all takes seconds, and every process of a run reads every test.
    """
    package = ROOT / "labkit"
    return {path.relative_to(package): ast.parse(path.read_text("utf-8")) for path in sorted(package.rglob("*.py"))}
