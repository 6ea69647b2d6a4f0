"""Who may import whom: reads every import in labkit/, wherever it stands, and names each that runs the wrong way."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tracked import ROOT

# --- the rules -------------------------------------------------------------------------------------------------------

GROUND = {"errors", "vocabulary"}
BASE = GROUND | {"settings", "stream"}
MIDDLE = BASE | {"taskrouter", "callbacks", "tunnel"}
TOP = MIDDLE | {"widgets", "course", "explaining", "workspace_file", "controls", "learned_time", "sandbox.process"}
ENGINE = GROUND | {"sandbox.refusals", "sandbox.expressions"}
SERVICE = ENGINE | {"sandbox.engine", "sandbox.store", "sandbox.clock"}

# A room (its longest matching name) and the rooms of labkit that it may import; always also itself.
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "vocabulary": set(),
    "settings": GROUND,
    "stream": GROUND,
    "learned_time": set(),
    "taskrouter": BASE,
    "callbacks": BASE,
    "tunnel": BASE,
    "controls": GROUND | {"taskrouter", "learned_time"},  # what only a sandbox can do, over HTTP
    "widgets": MIDDLE | {"controls", "learned_time"},
    "course": MIDDLE,
    # With bench the only room outside of the sandbox that may use its engine: a real account is explained by the very
    # same rules.
    "explaining": MIDDLE | {"sandbox.engine", "sandbox.expressions", "sandbox.process"},
    # Checks expressions and configurations by the sandbox's own grammar before it sends them.
    "workspace_file": BASE | {"taskrouter", "sandbox.engine", "sandbox.expressions"},
    # Top rooms: they wire the others together.
    "": {"errors", "lab"},  # labkit/__init__.py
    "panels": MIDDLE | {"widgets", "controls", "explaining"},
    "keeping": GROUND | {"stream", "controls"},
    "carrying": {"workspace_file"},
    "inquiring": BASE | {"callbacks", "course", "explaining"},
    "lab": TOP | {"standing", "panels", "keeping", "carrying", "inquiring"},
    "standing": TOP | {"lab"},  # the lab's own status, apart for its size
    "launch": GROUND,
    "demo": TOP | {"lab", ""},
    # How fast the engine routes is measured without the server, the store and the clock around it.
    "bench": TOP | {"lab", "sandbox.engine", "sandbox.expressions"},
    "commands": GROUND | {"settings", "taskrouter", "controls", "explaining", "workspace_file", "sandbox.process"},
    "cli": TOP | {"lab", "launch", "demo", "bench", "commands", "", "sandbox.server"},
    "__main__": {"cli"},
    # The sandbox is a house of its own, with its own floors.
    "sandbox": set(),
    "sandbox.refusals": GROUND,
    "sandbox.expressions": GROUND,
    "sandbox.engine": ENGINE,
    "sandbox.jsontext": set(),
    "sandbox.store": ENGINE | {"sandbox.engine", "sandbox.jsontext"},
    "sandbox.clock": GROUND,
    "sandbox.alerts": {"sandbox.engine"},
    "sandbox.service": SERVICE | {"sandbox.alerts"},
    "sandbox.answers": GROUND | {"sandbox.engine"},
    "sandbox.deliveries": GROUND,
    "sandbox.callback_hosts": GROUND,
    "sandbox.callback_resolver": {"sandbox.callback_hosts"},
    "sandbox.callback_failures": GROUND | {"sandbox.callback_resolver"},
    "sandbox.limits": set(),
    "sandbox.timekeeper": SERVICE | {"sandbox.service"},
    "sandbox.faults": GROUND | {"sandbox.deliveries", "sandbox.refusals"},
    "sandbox.webhooks": SERVICE
    | {"sandbox.service", "sandbox.answers", "sandbox.deliveries", "sandbox.callback_hosts"}
    | {"sandbox.callback_resolver", "sandbox.callback_failures", "sandbox.faults"},
    "sandbox.api": SERVICE
    | {"sandbox.service", "sandbox.answers", "sandbox.deliveries", "sandbox.callback_hosts", "sandbox.limits"}
    | {"sandbox.webhooks", "sandbox.faults", "sandbox.timekeeper", "sandbox.jsontext"}
    | {"", "sandbox.process"},  # for the version and the name that it says it has
    "sandbox.process": GROUND,
    "sandbox.server": SERVICE
    | {"sandbox.service", "sandbox.callback_hosts", "sandbox.webhooks", "sandbox.api", "sandbox.process"}
    | {"sandbox.limits", "sandbox.timekeeper"},
}

# A package from outside and the only rooms that may import it.
ONLY_IN: dict[str, set[str]] = {
    "twilio": {"taskrouter", "callbacks", "sandbox.webhooks", "bench"},  # all but the first for signatures
    "pyngrok": {"tunnel"},
    "flask": {"callbacks", "bench"},  # bench measures against a bare Flask and a bare aiohttp
    "waitress": {"callbacks", "bench"},
    "werkzeug": {"callbacks"},
    "aiohttp": {"sandbox", "bench"},
    "lark": {"sandbox.expressions"},
    "sqlite3": {"sandbox.store"},
    "orjson": {"sandbox.jsontext"},
    "yaml": {"workspace_file"},
    "anywidget": {"widgets", "bench"},  # the bench measures against the least panel there can be
    "ipywidgets": {"widgets"},
    "plotly": {"widgets"},
    "jupyterlab": {"launch"},
    "jupyter_server": {"launch"},
}

# Rooms that are a function of their arguments: no IO, no clock, no thread, no chance.
PURE = ("sandbox.engine", "sandbox.expressions")
IMPURE = {
    "aiohttp", "asyncio", "concurrent", "http", "logging", "multiprocessing", "os", "pathlib", "queue", "random",
    "secrets", "select", "selectors", "shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "tempfile",
    "threading", "time", "urllib.request", "uuid",
}  # fmt: skip
CLOCK_CALLS = {"now", "utcnow", "today", "uuid1", "uuid4"}
IO_CALLS = {"open", "print", "input"}

# --- reading the imports ---------------------------------------------------------------------------------------------

PACKAGE = ROOT / "labkit"
SHELLS = {"", "sandbox"}  # only the package's own __init__.py; what is inside has rooms of its own
ROOMS = sorted(MAY_IMPORT, key=len, reverse=True)


@dataclass(frozen=True)
class Import:
    """One module that is imported in one line."""

    module: str
    line: int


def modules_in(package: Path) -> dict[str, Path]:
    """Every module of the package by its dotted name; a package by its own name."""
    found = {}
    for path in package.rglob("*.py"):
        parts = [package.name, *path.relative_to(package).with_suffix("").parts]
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports_of(tree: ast.AST, *, module: str, is_package: bool, known: set[str]) -> Iterator[Import]:
    """The imports of a module: at the top, in functions, under TYPE_CHECKING, relative, and by import_module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(node, module=module, is_package=is_package)
            for alias in node.names:
                inner = f"{origin}.{alias.name}"
                yield Import(inner if inner in known else origin, node.lineno)
        elif isinstance(node, ast.Call) and _called(node) in {"import_module", "__import__"}:
            names = [a.value for a in node.args[:1] if isinstance(a, ast.Constant)]
            yield from (Import(str(name), node.lineno) for name in names)


def _origin(node: ast.ImportFrom, *, module: str, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    parts = parts[: len(parts) - node.level + (1 if is_package else 0)]
    return ".".join([*parts, node.module] if node.module else parts)


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def room_of(module: str) -> str:
    """The room that `labkit.<...>` belongs to; what is in none is a room of its own name."""
    inner = module.partition(".")[2]
    return next((r for r in ROOMS if inner == r or (r not in SHELLS and inner.startswith(r + "."))), inner)


def complaints(source: str, *, module: str, where: str, is_package: bool = False, known: set[str]) -> list[str]:
    """One line per broken rule in `source`, each beginning with file:line."""
    tree = ast.parse(source)
    room = room_of(module)
    found = list(imports_of(tree, module=module, is_package=is_package, known=known))
    said = [f"{where}:{i.line}: {reason}" for i in found if (reason := _wrong(i.module, room=room))]
    if room.startswith(PURE):
        said += [f"{where}:{line}: {room} is pure and may not call {name}()" for name, line in _impure_calls(tree)]
    return said


def _wrong(module: str, *, room: str) -> str | None:
    top = module.partition(".")[0]
    if top == "labkit":
        target = room_of(module)
        allowed = target in {room, *MAY_IMPORT[room]}
        return None if allowed else f"{room or 'labkit'} may not import {target or 'labkit'}"
    if top in ONLY_IN and not any(room == r or room.startswith(r + ".") for r in ONLY_IN[top]):
        return f"{top} may be imported only in {', '.join(sorted(ONLY_IN[top]))}"
    if room.startswith(PURE) and {top, module} & IMPURE:
        return f"{room} is pure and may not import {module}"
    return None


def _impure_calls(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = _called(node)
            if name in (CLOCK_CALLS if isinstance(node.func, ast.Attribute) else IO_CALLS):
                yield name, node.lineno


# --- the tests -------------------------------------------------------------------------------------------------------

MODULES = modules_in(PACKAGE)


def test_no_arrow_runs_the_wrong_way() -> None:
    """Every import is one that its room may make, and every module is in a room."""
    homeless = [name for name in sorted(MODULES) if room_of(name) not in MAY_IMPORT]
    assert not homeless, f"in no room, so give each a line in MAY_IMPORT above: {', '.join(homeless)}"
    said = [line for module, path in sorted(MODULES.items()) for line in _complaints_of(module, path)]

    assert not said, "\n" + "\n".join(said)


def _complaints_of(module: str, path: Path) -> list[str]:
    return complaints(
        path.read_text(encoding="utf-8"),
        module=module,
        where=str(path.relative_to(ROOT)),
        is_package=path.name == "__init__.py",
        known=set(MODULES),
    )


@pytest.mark.parametrize(
    ("module", "source", "reason"),
    [
        ("labkit.stream", "import labkit.lab", "stream may not import lab"),
        ("labkit.settings", "from labkit.stream import Kind", "settings may not import stream"),
        ("labkit.callbacks.app", "def f():\n    from labkit import tunnel", "callbacks may not import tunnel"),
        ("labkit.callbacks.app", "from ..sandbox import engine", "callbacks may not import sandbox.engine"),
        ("labkit.widgets.inbox", "from labkit.sandbox.process import find", "widgets may not import sandbox.process"),
        ("labkit.lab", "from labkit.sandbox.engine import Engine", "lab may not import sandbox.engine"),
        ("labkit.sandbox.engine.states", "from ..store import Store", "sandbox.engine may not import sandbox.store"),
        ("labkit.sandbox.engine.states", "import labkit.stream", "sandbox.engine may not import stream"),
        ("labkit.sandbox.api.app", "from labkit import settings", "sandbox.api may not import settings"),
        (
            "labkit.course.checks",
            "import importlib\nimportlib.import_module('labkit.lab')",
            "course may not import lab",
        ),
        ("labkit.widgets.inbox", "import twilio.rest", "twilio may be imported only in"),
        ("labkit.sandbox.api.app", "from flask import Flask", "flask may be imported only in"),
        ("labkit.callbacks.app", "if TYPE_CHECKING:\n    import aiohttp", "aiohttp may be imported only in"),
        ("labkit.sandbox.engine.x", "import random", "sandbox.engine is pure and may not import random"),
        ("labkit.sandbox.engine.x", "datetime.now(UTC)", "sandbox.engine is pure and may not call now()"),
        ("labkit.sandbox.expressions.x", "open('f')", "sandbox.expressions is pure and may not call open()"),
    ],
)
def test_a_broken_rule_is_named_with_its_line(module: str, source: str, reason: str) -> None:
    """The check would see the import wherever it hides, and says where it stands."""
    known = {*MODULES, "labkit.tunnel", "labkit.sandbox.engine", "labkit.settings"}
    [said] = complaints(source, module=module, where="made_up.py", known=known)

    assert said.startswith(f"made_up.py:{len(source.splitlines())}: ")
    assert reason in said


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("labkit.stream", "from labkit.vocabulary import Sid"),
        ("labkit.sandbox.engine.states", "from .resources import Task\nfrom ..expressions import compile"),
        ("labkit.sandbox.webhooks", "from twilio.request_validator import RequestValidator"),
        ("labkit.sandbox.engine.x", "from datetime import datetime\ndatetime.fromisoformat('2026-01-01')"),
        ("labkit.lab", "from labkit.sandbox import process"),
    ],
)
def test_an_arrow_that_runs_the_right_way_is_let_through(module: str, source: str) -> None:
    """The rules forbid no more than they say."""
    assert complaints(source, module=module, where="made_up.py", known={*MODULES, "labkit.sandbox.process"}) == []
