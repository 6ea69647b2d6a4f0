"""Our values for Zero to JupyterHub's chart, held to our own table of its keys: the chart itself is in no registry."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from tracked import ROOT

FOLDER = ROOT / "workshop" / "kubernetes"

TYPES: dict[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "string": (str,),
    "list": (list,),
    "kubernetes": (dict, list),
}


@dataclass(frozen=True, slots=True)
class ChartKey:
    """A key of the chart.

    Attributes:
        type: one of `TYPES`.
        values: those that are allowed; none stand for any.
    """

    type: str
    values: tuple[str, ...] = ()

    def trouble_with(self, value: object) -> str:
        """What is wrong with a value; empty where nothing is."""
        wrong = not isinstance(value, TYPES[self.type]) or (isinstance(value, bool) and self.type != "boolean")
        if self.type == "list" and isinstance(value, list):
            wrong = not all(isinstance(each, str) for each in value)
        if wrong:
            return f"is {value!r}, and not of the type {self.type}"
        if self.values and value not in self.values:
            return f"is {value!r}, and not one of {', '.join(self.values)}"
        return ""


def chart_keys() -> dict[str, ChartKey]:
    """Our table."""
    table = tomllib.loads((FOLDER / "chart_keys.toml").read_text("utf-8"))["keys"]
    return {path: ChartKey(row["type"], tuple(row.get("values", ()))) for path, row in table.items()}


def values_of(name: str) -> dict[str, Any]:
    """One of our files of values."""
    return dict(yaml.safe_load((FOLDER / name).read_text("utf-8")))


def troubles(values: Mapping[str, Any], keys: Mapping[str, ChartKey]) -> list[str]:
    """What of the values the table does not have, or has otherwise: a sentence for each, with the path in it."""
    found = []
    for path, value in leaves(values, keys):
        key = _line_for(path, keys)
        if key is None:
            [near] = difflib.get_close_matches(path, keys, n=1, cutoff=0)
            found.append(f"{path} is in no line of the table; {near} is near.")
        elif trouble := key.trouble_with(value):
            found.append(f"{path} {trouble}.")
    return found


def leaves(values: Mapping[str, Any], keys: Mapping[str, ChartKey], above: str = "") -> Iterator[tuple[str, Any]]:
    """Each value with its path, down to what is no mapping or has a line of its own."""
    for name, value in values.items():
        path = f"{above}{name}"
        if isinstance(value, Mapping) and value and _line_for(path, keys) is None:
            yield from leaves(value, keys, f"{path}.")
        else:
            yield path, value


def pattern_of(path: str, keys: Mapping[str, ChartKey]) -> str:
    """The line's own path, in which `*` may stand for a name; empty where the table has none."""
    names = path.split(".")
    for line in keys:
        parts = line.split(".")
        if len(parts) == len(names) and all(part in {"*", name} for part, name in zip(parts, names, strict=True)):
            return line
    return ""


def _line_for(path: str, keys: Mapping[str, ChartKey]) -> ChartKey | None:
    return keys.get(pattern_of(path, keys))
