"""Python itself: its version, which labkit it finds, and what lies in the way of other modules."""

from __future__ import annotations

import contextlib
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from labkit._version import __version__
from labkit.doctor.finding import Finding, bad, ok, warn
from labkit.doctor.requirements import DISTRIBUTION, installed_version, module_names
from labkit.doctor.surroundings import ROOT, Surroundings, python_command

OLDEST, NEWEST_TRIED = (3, 11), (3, 14)
LEARNERS_FOLDERS = ("work", "notebooks")
"""In the clone: where notebooks run, so what lies there comes before every other module."""


def python_version(_: Surroundings) -> Finding:
    """Whether the lab runs on this Python."""
    this = f"{'.'.join(map(str, sys.version_info[:3]))} ({sys.executable})"
    oldest, newest = (".".join(map(str, version)) for version in (OLDEST, NEWEST_TRIED))
    if sys.version_info[:2] < OLDEST:
        return bad(f"{this}; the lab needs {oldest} or newer.", f"Install Python {newest}, then run `make setup`.")
    if sys.version_info[:2] > NEWEST_TRIED:
        return warn(f"{this}; the lab was tried with {oldest} to {newest}.", f"If something fails, try {newest}.")
    return ok(f"{this}.")


def installation(_: Surroundings) -> Finding:
    """Which labkit is used, and whether there is another one."""
    used = Path(__file__).resolve().parents[1]
    others = [copy for copy in _copies() if copy != used]
    if others:
        return bad(
            f"Two copies of labkit are on Python's path: {used}, which is used here, and {others[0]}. A notebook may "
            "get the other one.",
            f"Keep one: delete the other, or `{python_command(f'-m pip uninstall {DISTRIBUTION}')}`, then "
            f"`{python_command('-m pip install -e .')}` in the folder of the one that you want.",
        )
    return _registered(used)


def _registered(used: Path) -> Finding:
    install = f"Run `{python_command('-m pip install -e .')}` in {ROOT}."
    found = installed_version(DISTRIBUTION)
    if found is None:
        return warn(
            f"labkit {__version__} is used from {used} and is not installed, so notebooks elsewhere do not find it.",
            install,
        )
    if found != __version__:
        return warn(f"labkit is of version {__version__}, and was installed as {found}: the code is newer.", install)
    return ok(f"{__version__} in {used}.")


def _copies() -> Iterator[Path]:
    for entry in dict.fromkeys(Path(each or ".").resolve() for each in sys.path):
        if (entry / "labkit" / "__init__.py").is_file():
            yield (entry / "labkit").resolve()


def shadowing(_: Surroundings) -> Finding:
    """Whether a file of somebody's own takes the place of a module, such as a `twilio.py` beside the notebook."""
    names = {*sys.stdlib_module_names, *module_names()}
    found = [file for folder in _where_notebooks_run() for file in _shadows(folder, names)]
    if not found:
        return ok("No file in the working folder takes the place of a module.")
    first = found[0]
    name = first.parent.name if first.name == "__init__.py" else first.stem
    more = f" So do {len(found) - 1} others." if len(found) > 1 else ""
    return bad(
        f"{first} takes the place of the module {name}: in a notebook there, `import {name}` finds that file.{more}",
        "Give it another name, and restart the kernel.",
    )


def _where_notebooks_run() -> list[Path]:
    libraries = {Path(path).resolve() for path in sysconfig.get_paths().values()}
    folders = [ROOT / name for name in LEARNERS_FOLDERS]
    with contextlib.suppress(FileNotFoundError):  # it was deleted, which the check of the settings says
        folders.insert(0, Path.cwd())
    return [folder for folder in dict.fromkeys(each.resolve() for each in folders) if folder not in libraries]


def _shadows(folder: Path, names: set[str]) -> Iterator[Path]:
    if not folder.is_dir():
        return
    for each in sorted(folder.iterdir()):
        if each.suffix == ".py" and each.stem in names:
            yield each
        elif each.name in names and (each / "__init__.py").is_file():
            yield each / "__init__.py"
