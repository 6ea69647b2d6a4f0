"""What the lab requires of packages, and what is installed: by the metadata alone, nothing of them is imported."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from labkit.doctor.surroundings import ROOT

DISTRIBUTION = "taskrouter-lab"
_MODULES = {"python-dotenv": "dotenv", "pyyaml": "yaml"}
"""Of those distributions whose module has another name."""
_ALSO = ("IPython", "jwt", "requests", "tornado", "traitlets", "werkzeug", "zmq")
"""Modules that come with the others and are needed as much."""
_PIN = re.compile(r"\s*([A-Za-z0-9._-]+)\s*==\s*([0-9][^\s;]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A package that is not as somebody needs it.

    Attributes:
        name: the package.
        found: its version; None where it is not there.
        wanted: which versions would do, as pip writes them.
        by: whose requirement it is.
        is_serious: whether something will not work; else it is only not what the lab was tried with.
    """

    name: str
    found: str | None
    wanted: str
    by: str
    is_serious: bool

    def __str__(self) -> str:
        state = f"is {self.found}" if self.found else "is not installed"
        return f"{self.name} {state} ({self.by} needs {self.wanted})"


def required() -> list[str]:
    """The lab's own requirements, as pip writes them: of the clone, which may be newer than what was installed."""
    try:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        if project["name"] == DISTRIBUTION:
            return [str(line) for line in project["dependencies"]]
    except (OSError, ValueError, KeyError, TypeError):  # installed without its clone
        pass
    try:
        return [line for line in metadata.requires(DISTRIBUTION) or [] if "extra ==" not in line]
    except metadata.PackageNotFoundError:
        return []


def installed_version(name: str) -> str | None:
    """The version of a package by its metadata; None if it is not there, or its metadata is damaged."""
    try:
        found: Any = metadata.distribution(name).metadata["Version"]
    except Exception:  # noqa: BLE001 - whatever lies in that folder, the package is not there as it should be
        return None
    return str(found) if found else None


def module_names() -> list[str]:
    """The modules that the lab imports from packages."""
    names = [found[1] for line in required() if (found := _PIN.match(line))]
    return [*(_MODULES.get(name, name.replace("-", "_")) for name in names), *_ALSO]


def mismatches() -> list[Mismatch]:
    """What of the lab's requirements, and of theirs, is not as it is needed."""
    own = [each for line in required() if (each := _own_mismatch(line))]
    wrong = {_canonical(each.name) for each in own}
    return own + [each for each in _others() if _canonical(each.name) not in wrong]


def _own_mismatch(line: str) -> Mismatch | None:
    pin = _PIN.match(line)
    if pin is None:
        return None
    name, wanted = pin.groups()
    found = installed_version(name)
    if found == wanted:
        return None
    serious = found is None or _numbers(found) < _numbers(wanted) or _numbers(found)[:1] != _numbers(wanted)[:1]
    return Mismatch(name=name, found=found, wanted=f"=={wanted}", by="the lab", is_serious=serious)


def _others() -> Iterator[Mismatch]:
    """What the packages themselves need, all the way down; nothing where `packaging` cannot be imported."""
    try:
        from packaging.requirements import Requirement
    except ImportError:
        return
    seen: set[str] = set()
    left = [Requirement(line) for line in required()]
    while left:
        asked = left.pop()
        key = f"{_canonical(asked.name)}[{','.join(sorted(asked.extras))}]"
        if key in seen:
            continue
        seen.add(key)
        for inner in _needed_by(asked):
            found = installed_version(inner.name)
            if found is None or not inner.specifier.contains(found, prereleases=True):
                wanted = str(inner.specifier) or "any version"
                yield Mismatch(name=inner.name, found=found, wanted=wanted, by=asked.name, is_serious=True)
            else:
                left.append(inner)


def _needed_by(asked: Any) -> Iterator[Any]:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        lines = metadata.requires(asked.name) or []
    except Exception:  # noqa: BLE001 - it is not there, which is said elsewhere
        return
    for line in lines:
        try:
            inner = Requirement(line)
        except InvalidRequirement:
            continue
        if inner.marker is None or any(inner.marker.evaluate({"extra": extra}) for extra in ("", *asked.extras)):
            yield inner


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.partition("+")[0])[:3])


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
