"""Who may import whom: reads every import in labkit/, wherever it stands, and names each that runs the wrong way."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from tracked import ROOT

# --- the rules -------------------------------------------------------------------------------------------------------

# The layers from the ground up. A module belongs to the room with the longest matching name, and may import what is on
# the floors below; its neighbours on the same floor only where they share a room, or on the floors that are open.
FLOORS: tuple[tuple[str, ...], ...] = (
    (
        "labkit._version",
        "labkit.arguments",
        "labkit.attributes",
        "labkit.authorities",
        "labkit.background",
        "labkit.callback_events",
        "labkit.child_environment",
        "labkit.credentials",
        "labkit.dotenv_file",
        "labkit.display",
        "labkit.error_box",
        "labkit.error_codes",
        "labkit.errors",
        "labkit.ipython_shell",
        "labkit.limits",
        "labkit.member_routes",
        "labkit.progress_file",
        "labkit.twilio_regions",
        "labkit.public_address",
        "labkit.vocabulary",
        "labkit.settings",
        "labkit.stream",
        "labkit.remote_clock",
    ),
    ("labkit.expressions",),
    ("labkit.engine",),
    ("labkit.simulation",),
    ("labkit.taskrouter", "labkit.callbacks", "labkit.tunnel", "labkit.sandbox"),
    ("labkit.sandbox_client", "labkit.room", "labkit.live", "labkit.explain", "labkit.workspace_file"),
    ("labkit.course", "labkit.staffing"),
    ("labkit.account",),
    ("labkit.widgets",),
    ("labkit.lab",),
    ("labkit.parity", "labkit.doctor"),
    (
        "labkit",
        "labkit.__main__",
        "labkit.app",
        "labkit.cli",
    ),
)
OPEN = {FLOORS[0], FLOORS[-1]}

# The sandbox has layers of its own: it is reached over HTTP, and its process is started by name.
SANDBOX_FLOORS: tuple[tuple[str, ...], ...] = (
    (
        "labkit.sandbox",
        "labkit.sandbox.process",
        "labkit.sandbox.refusals",
        "labkit.sandbox.json_text",
        "labkit.sandbox.clock",
        "labkit.sandbox.garbage",
        "labkit.sandbox.log_file",
        "labkit.sandbox.callback_auth",
    ),
    (
        "labkit.sandbox.rate_limits",
        "labkit.sandbox.delivery_log",
        "labkit.sandbox.alert_log",
        "labkit.sandbox.callback_hosts",
    ),
    (
        "labkit.sandbox.callback_resolver",
        "labkit.sandbox.callback_answer",
        "labkit.sandbox.failing_callbacks",
        "labkit.sandbox.faults",
        "labkit.sandbox.store",
    ),
    (
        "labkit.sandbox.callback_errors",
        "labkit.sandbox.service",
        "labkit.sandbox.event_outbox",
        "labkit.sandbox.unsent_events",
    ),
    ("labkit.sandbox.clock_control", "labkit.sandbox.webhooks", "labkit.sandbox.event_callbacks"),
    ("labkit.sandbox.simulation",),
    ("labkit.sandbox.api",),
    ("labkit.sandbox.bridge",),
    ("labkit.sandbox.server",),
)
DOORS = {"labkit.sandbox.process": "labkit.lab", "labkit.sandbox.server": "labkit.cli"}
"""What of the sandbox may be imported from outside of it, and from whose floor upwards."""

# A package from outside and the only rooms that may import it.
ONLY_IN: dict[str, set[str]] = {
    "twilio": {"labkit.taskrouter", "labkit.callbacks", "labkit.sandbox.webhooks"},  # or for signatures
    "pyngrok": {"labkit.tunnel"},
    "flask": {"labkit.callbacks"},
    "waitress": {"labkit.callbacks"},
    "werkzeug": {"labkit.callbacks"},
    "aiohttp": {"labkit.sandbox", "labkit.parity.page_socket"},
    "jwt": {"labkit.sandbox.bridge"},
    "lark": {"labkit.expressions"},
    "sqlite3": {"labkit.sandbox.store"},
    "orjson": {"labkit.sandbox.json_text"},
    "yaml": {"labkit.workspace_file", "labkit.tunnel.ngrok_config"},
    "wcwidth": {"labkit.display"},
    "anywidget": {"labkit.widgets"},
    "ipywidgets": {"labkit.widgets"},
    "plotly": {"labkit.widgets"},
    "jupyterlab": {"labkit.cli.jupyter"},
    "jupyter_server": {"labkit.app", "labkit.cli.jupyter"},
    "ipykernel": {"labkit.app"},
    "tornado": {"labkit.app"},
    "voila": {"labkit.app"},
}

# Rooms that are a function of their arguments: no IO, no clock, no thread, no chance.
PURE = ("labkit.engine", "labkit.expressions", "labkit.simulation")
SEEDED = {"labkit.simulation": "random.Random"}
"""The one exception: a model of callers is given its chance as an argument, and has no other."""
IMPURE = {
    "aiohttp", "asyncio", "concurrent", "http", "logging", "multiprocessing", "os", "pathlib", "queue", "random",
    "secrets", "select", "selectors", "shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "tempfile",
    "threading", "time", "urllib.request", "uuid",
}  # fmt: skip
CLOCK_CALLS = {"now", "utcnow", "today", "uuid1", "uuid4"}
IO_CALLS = {"open", "print", "input"}

# Where something was below labkit/ before it had the name that a stranger would guess.
OLD_PATHS = (
    "bench",
    "callbacks/listener.py",
    "callbacks/patience.py",
    "carrying.py",
    "cli.py",
    "commands",
    "controls",
    "demo.py",
    "engine/calls.py",
    "engine/diagnosis/changes.py",
    "engine/diagnosis/history.py",
    "engine/diagnosis/parts.py",
    "engine/diagnosis/queue.py",
    "engine/diagnosis/way.py",
    "engine/diagnosis/words.py",
    "engine/due.py",
    "engine/explaining",
    "engine/floor.py",
    "engine/instructions.py",
    "engine/loading.py",
    "engine/reports.py",
    "engine/requirements.py",
    "engine/turn.py",
    "engine/voice.py",
    "explaining",
    "expressions/compile.py",
    "expressions/complaints.py",
    "expressions/parse.py",
    "expressions/reasons.py",
    "expressions/values.py",
    "expressions/wishes.py",
    "inquiring.py",
    "keeping.py",
    "lab.py",
    "launch.py",
    "learned_time.py",
    "panels.py",
    "sandbox/alerts.py",
    "sandbox/answers.py",
    "sandbox/api/asked.py",
    "sandbox/api/calls.py",
    "sandbox/api/clock.py",
    "sandbox/api/control.py",
    "sandbox/api/credentials.py",
    "sandbox/api/deliveries.py",
    "sandbox/api/explain.py",
    "sandbox/api/family.py",
    "sandbox/api/faults.py",
    "sandbox/api/identity.py",
    "sandbox/api/limited.py",
    "sandbox/api/place.py",
    "sandbox/api/snapshots.py",
    "sandbox/callback_failures.py",
    "sandbox/deliveries.py",
    "sandbox/engine",
    "sandbox/expressions",
    "sandbox/jsontext.py",
    "sandbox/limits.py",
    "sandbox/timekeeper.py",
    "standing.py",
    "taskrouter/asking.py",
    "taskrouter/desk.py",
    "taskrouter/following.py",
    "taskrouter/names.py",
    "taskrouter/overhearing.py",
    "taskrouter/provision.py",
    "taskrouter/reading.py",
    "taskrouter/wire.py",
    "tunnel/agent.py",
    "tunnel/leftover.py",
    "tunnel/refusals.py",
    "widgets/book.py",
    "widgets/chronicle.py",
    "widgets/composer.py",
    "widgets/desk.py",
    "widgets/desk_protocol.py",
    "widgets/exchange_details.py",
    "widgets/explanation.py",
    "widgets/happenings.py",
    "widgets/history.py",
    "widgets/inbox.py",
    "widgets/jobs.py",
    "widgets/lanes.py",
    "widgets/live.py",
    "widgets/lookups.py",
    "widgets/pace.py",
    "widgets/queue_figures.py",
    "widgets/queues.py",
    "widgets/readings.py",
    "widgets/sentences.py",
    "widgets/sparing.py",
    "widgets/status.py",
    "widgets/story.py",
    "widgets/task_form.py",
    "widgets/templates.py",
    "widgets/time_and_faults.py",
    "widgets/timeline.py",
    "widgets/traffic.py",
    "widgets/views.py",
    "widgets/worker_board.py",
    "widgets/worker_rows.py",
)

# --- reading the imports ---------------------------------------------------------------------------------------------

PACKAGE = ROOT / "labkit"
FLOOR_OF = {room: number for number, floor in enumerate(FLOORS) for room in floor}
SANDBOX_FLOOR_OF = {room: number for number, floor in enumerate(SANDBOX_FLOORS) for room in floor}
SHELLS = {"labkit", "labkit.sandbox"}  # only the package's own __init__.py; what is inside has rooms of its own


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


MODULES = modules_in(PACKAGE)


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


def room_of(module: str, floors: Mapping[str, int]) -> str | None:
    """The room that a module of labkit belongs to: the longest name that it begins with; None where there is none."""
    parts = module.split(".")
    names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((name for name in names if name in floors and (name == module or name != "labkit")), None)


def complaints(source: str, *, module: str, where: str, is_package: bool = False, known: set[str]) -> list[str]:
    """One line per broken rule in `source`, each beginning with file:line."""
    tree = ast.parse(source)
    found = list(imports_of(tree, module=module, is_package=is_package, known={*known, *SEEDED.values()}))
    said = [f"{where}:{i.line}: {reason}" for i in found if (reason := _wrong(i.module, module=module))]
    if module.startswith(PURE):
        said += [f"{where}:{line}: {module} is pure and may not call {name}()" for name, line in _impure_calls(tree)]
    return said


def _wrong(target: str, *, module: str) -> str | None:
    top = target.partition(".")[0]
    if top == "labkit":
        return None if _may_import(module, target) else f"{module} may not import {target}"
    if top in ONLY_IN and not any(module == r or module.startswith(r + ".") for r in ONLY_IN[top]):
        return f"{top} may be imported only in {', '.join(sorted(ONLY_IN[top]))}"
    if module.startswith(PURE) and {top, target} & IMPURE and SEEDED.get(room_of(module, FLOOR_OF) or "") != target:
        return f"{module} is pure and may not import {target}"
    return None


def _may_import(module: str, target: str) -> bool:
    here, there = room_of(module, FLOOR_OF), room_of(target, FLOOR_OF)
    if here is None or there is None:
        return False
    if there == "labkit.sandbox":
        return _may_enter_sandbox(module, target, here)
    if FLOOR_OF[here] == FLOOR_OF[there]:
        return here == there or FLOORS[FLOOR_OF[here]] in OPEN
    return FLOOR_OF[here] > FLOOR_OF[there]


def _may_enter_sandbox(module: str, target: str, here: str) -> bool:
    if here != "labkit.sandbox":
        return target in DOORS and FLOOR_OF[here] >= FLOOR_OF[DOORS[target]]
    inner, other = room_of(module, SANDBOX_FLOOR_OF), room_of(target, SANDBOX_FLOOR_OF)
    return inner is not None and other is not None and SANDBOX_FLOOR_OF[inner] >= SANDBOX_FLOOR_OF[other]


def _impure_calls(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = _called(node)
            if name in (CLOCK_CALLS if isinstance(node.func, ast.Attribute) else IO_CALLS):
                yield name, node.lineno


# --- the tests -------------------------------------------------------------------------------------------------------


@cache
def tree_of(path: Path) -> ast.Module:
    """The module's syntax, read once."""
    return ast.parse(path.read_text(encoding="utf-8"))


def test_no_arrow_runs_the_wrong_way() -> None:
    """Every import is one that its room may make, and every module is in a room."""
    homeless = [name for name in sorted(MODULES) if room_of(name, FLOOR_OF) is None]
    assert not homeless, f"in no room, so give each a place in FLOORS above: {', '.join(homeless)}"
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


def test_no_file_is_in_a_circle() -> None:
    """Whoever reads one file can read those that it imports first, and comes to an end; types count too."""
    arrows = {name: _arrows_of(name) for name in MODULES}
    left = set(arrows)
    while ready := {name for name in left if not arrows[name] & left}:
        left -= ready

    assert not left, f"these import each other, or what does: {', '.join(sorted(left))}"


def _arrows_of(module: str) -> set[str]:
    path = MODULES[module]
    is_package = path.name == "__init__.py"
    found = imports_of(tree_of(path), module=module, is_package=is_package, known=set(MODULES))
    # A package's own __init__ gives out what is in it; who imports the package is not imported by what is inside.
    return {each.module for each in found if each.module in MODULES} - {module}


def test_a_class_name_means_one_thing() -> None:
    """No two classes have one name, but for a thing of the sandbox and its client."""
    homes: dict[str, list[str]] = {}
    for module, path in sorted(MODULES.items()):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef):
                homes.setdefault(node.name, []).append(module)
    twice = {name: places for name, places in homes.items() if len(places) > 1}
    wrong = {name: places for name, places in twice.items() if not _is_thing_and_client(places)}

    assert twice, "the sandbox's Clock and its client have one name"
    assert not wrong


def _is_thing_and_client(places: list[str]) -> bool:
    return len(places) == 2 and [place.split(".")[1] for place in sorted(places)] == ["sandbox", "sandbox_client"]


LONGEST_FUNCTION = 45


def test_functions_are_short() -> None:
    """First to last line, signature and docstring counted."""
    lengths = {
        f"{module}.{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for module, path in MODULES.items()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


def test_no_old_path_is_there_again() -> None:
    """What was renamed stays renamed: two names for one thing are worse than one bad name."""
    there = [path for path in OLD_PATHS if (PACKAGE / path).is_file() or any((PACKAGE / path).rglob("*.py"))]

    assert there == []


@pytest.mark.parametrize(
    ("module", "source", "reason"),
    [
        ("labkit.stream", "import labkit.lab", "labkit.stream may not import labkit.lab"),
        ("labkit.settings", "from labkit.taskrouter import client", "labkit.settings may not import labkit.taskrouter"),
        ("labkit.callbacks.app", "def f():\n    from labkit import tunnel", "may not import labkit.tunnel"),
        ("labkit.callbacks.app", "from ..sandbox import store", "may not import labkit.sandbox.store"),
        (
            "labkit.widgets.inbox.panel",
            "from labkit.sandbox.process import find",
            "may not import labkit.sandbox.process",
        ),
        ("labkit.lab", "from labkit.sandbox.service import Service", "may not import labkit.sandbox.service"),
        ("labkit.engine.states", "from labkit.sandbox.store import Store", "may not import labkit.sandbox.store"),
        ("labkit.engine.states", "import labkit.taskrouter", "may not import labkit.taskrouter"),
        ("labkit.sandbox.api.app", "from labkit import taskrouter", "may not import labkit"),
        ("labkit.sandbox.store.sqlite", "from labkit.sandbox.api import app", "may not import labkit.sandbox.api.app"),
        (
            "labkit.course.checks",
            "import importlib\nimportlib.import_module('labkit.lab')",
            "may not import labkit.lab",
        ),
        ("labkit.widgets.inbox.panel", "import twilio.rest", "twilio may be imported only in"),
        ("labkit.sandbox.api.app", "from flask import Flask", "flask may be imported only in"),
        ("labkit.callbacks.app", "if TYPE_CHECKING:\n    import aiohttp", "aiohttp may be imported only in"),
        ("labkit.engine.x", "import random", "is pure and may not import random"),
        ("labkit.engine.x", "from random import Random", "is pure and may not import random.Random"),
        ("labkit.simulation.x", "from random import random", "is pure and may not import random"),
        ("labkit.simulation.x", "from labkit.sandbox.service import Service", "may not import labkit.sandbox.service"),
        ("labkit.engine.x", "datetime.now(UTC)", "is pure and may not call now()"),
        ("labkit.expressions.x", "open('f')", "is pure and may not call open()"),
    ],
)
def test_a_broken_rule_is_named_with_its_line(module: str, source: str, reason: str) -> None:
    """The check would see the import wherever it hides, and says where it stands."""
    known = {*MODULES, "labkit.tunnel", "labkit.sandbox.store", "labkit.settings"}
    [said] = complaints(source, module=module, where="made_up.py", known=known)

    assert said.startswith(f"made_up.py:{len(source.splitlines())}: ")
    assert reason in said


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("labkit.stream", "from labkit.vocabulary import Sid"),
        ("labkit.engine.states", "from .resources import Task\nfrom labkit.expressions import compile_order"),
        ("labkit.sandbox.webhooks", "from twilio.request_validator import RequestValidator"),
        ("labkit.engine.x", "from datetime import datetime\ndatetime.fromisoformat('2026-01-01')"),
        ("labkit.simulation.x", "from random import Random\nfrom labkit.engine import Engine"),
        ("labkit.sandbox.service", "from labkit.simulation import contact_centre"),
        ("labkit.lab", "from labkit.sandbox import process"),
        ("labkit.widgets.inbox.panel", "from labkit.engine.states import ReservationStep"),
    ],
)
def test_an_arrow_that_runs_the_right_way_is_let_through(module: str, source: str) -> None:
    """The rules forbid no more than they say."""
    assert complaints(source, module=module, where="made_up.py", known={*MODULES, "labkit.sandbox.process"}) == []
