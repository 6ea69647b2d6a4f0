"""Packages of npm that tests need, had through the npm client; where there is none, the test skips, but not in CI."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import NoReturn

import pytest

PATIENCE_SECONDS = 90


def cannot(reason: str) -> NoReturn:
    """Skip the test for this reason; in CI, where nothing may be left out, fail it."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason}. In CI this test may not skip.", pytrace=False)
    pytest.skip(reason)


def program(name: str) -> str:
    """Where `node` or `npm` is."""
    return shutil.which(name) or cannot(f"{name} is not installed: get Node.js 20 or newer to run this test")


def file_in(package: str, member: str) -> bytes:
    """One file of a published package.

    Args:
        package: with its version, such as `left-pad@1.3.0`.
        member: its path inside the package.
    """
    with tempfile.TemporaryDirectory() as folder:
        _npm("pack", package, "--pack-destination", folder)
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as files:
            found = files.extractfile(f"package/{member}")
            assert found is not None, f"{package} has no file {member}"
            return found.read()


def installed(package: str, *, folder: Path) -> Path:
    """The `node_modules` with this package and what it needs; installed there once, and without running its scripts."""
    home = folder / package.replace("/", "-")
    if not home.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as fresh:
            _npm("install", package, "--prefix", fresh, "--ignore-scripts", "--no-audit", "--no-fund", "--no-save")
            (Path(fresh) / "node_modules").rename(home)
    return home


def _npm(*arguments: str) -> None:
    command = [program("npm"), *arguments, "--loglevel", "error"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        cannot(f"npm {arguments[0]} {arguments[1]} took longer than {PATIENCE_SECONDS} s")
    if done.returncode != 0:
        cannot(f"npm {arguments[0]} {arguments[1]} failed: {done.stderr.strip()[-300:]}")
