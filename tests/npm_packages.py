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

BIOME = "@biomejs/biome@2.6.8"
TYPESCRIPT = "typescript@7.0.2"
NODE_TYPES = "@types/node@20.19.43"
"""What the JavaScript is checked with; see `javascript_checks`."""

PATIENCE_SECONDS = 90


def cannot(reason: str) -> NoReturn:
    """Skip the test for this reason; in CI, where nothing may be left out, fail it."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason}. In CI this test may not skip.", pytrace=False)
    pytest.skip(reason)


def program(name: str) -> str:
    """Where `node` or `npm` is."""
    return shutil.which(name) or cannot(f"{name} is not installed: get Node.js 20 or newer to run this test")


def node(*, oldest: tuple[int, int]) -> str:
    """Where `node` is, of this version or a newer one."""
    found = program("node")
    told = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=20, check=True).stdout.strip()
    version = tuple(int(part) for part in told.lstrip("v").split(".")[:2])
    return found if version >= oldest else cannot(f"Node.js is {told}, and this needs {oldest[0]}.{oldest[1]} or newer")


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
    home = folder / package.replace("/", "-") / "node_modules"  # Node.js looks for a package's own in such a folder
    if not home.is_dir():
        home.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as fresh:
            _npm("install", package, "--prefix", fresh, "--ignore-scripts", "--no-audit", "--no-fund", "--no-save")
            try:
                (Path(fresh) / "node_modules").rename(home)
            except OSError:
                if not home.is_dir():  # else another test, beside this one, was quicker
                    raise
    return home


def environment(*modules: Path, **variables: str) -> dict[str, str]:
    """For a program that speaks to a sandbox of this computer, which no proxy would find.

    Args:
        modules: the `node_modules` in which Node.js looks.
        variables: what the program reads besides.
    """
    own = {name: value for name, value in os.environ.items() if not name.upper().endswith("_PROXY")}
    return {**own, "NODE_PATH": os.pathsep.join(map(str, modules)), **variables}


def _npm(*arguments: str) -> None:
    command = [program("npm"), *arguments, "--loglevel", "error"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        cannot(f"npm {arguments[0]} {arguments[1]} took longer than {PATIENCE_SECONDS} s")
    if done.returncode != 0:
        cannot(f"npm {arguments[0]} {arguments[1]} failed: {done.stderr.strip()[-300:]}")
