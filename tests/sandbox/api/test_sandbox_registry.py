"""The registry of the sandbox's own paths: one module is enough for one more, and what holds for all of them."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest
from sandbox.call_centre import build
from sandbox.conftest import Ask
from sandbox.local import LocalSandbox, local_sandbox
from tracked import ROOT

from labkit.errors import TaskRouterError
from labkit.sandbox.api import sandbox_paths
from labkit.sandbox.api.router import Router
from labkit.sandbox.api.sandbox_paths import registry
from labkit.sandbox.api.sandbox_paths.route import Route
from labkit.sandbox.store import Snapshots
from labkit.sandbox_client.client import SandboxClient

ONE_MORE = """
from aiohttp import web
from labkit.sandbox.api.render import answer
from labkit.sandbox.api.sandbox_paths.route import Route, SandboxProcess
from labkit.sandbox.service import Service

async def count_workspaces(place, service):
    return answer({"workspaces": len(service.states), "part": place.part("name")})

async def hosts(place, process):
    return answer({"hosts": process.hosts.allowed})

ROUTES = (
    Route("GET", "/_sandbox/one-more/{name}", count_workspaces, needs=Service),
    Route("POST", "/_sandbox/one-more", hosts, needs=SandboxProcess),
)
"""
OPEN = {"/_sandbox/identity"}
"""Nobody need prove who he is to ask these."""


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[LocalSandbox]:
    """A sandbox that has everything a path can need."""
    with local_sandbox(kept=Snapshots(tmp_path / "snapshots")) as running:
        yield running


def test_a_path_is_added_in_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file lies in the package's folder, and nothing else is touched: the lab's line to the sandbox asks it."""
    (tmp_path / "one_more.py").write_text(ONE_MORE, "utf-8")
    monkeypatch.setattr(sandbox_paths, "__path__", [*sandbox_paths.__path__, str(tmp_path)])
    try:
        with local_sandbox() as sandbox:
            build(sandbox.client())
            line = SandboxClient(sandbox.client(), sandbox=True)
            assert line.get("one-more/x", what="count") == {"workspaces": 1, "part": "x"}
            assert line.post("one-more", what="look") == {"hosts": []}
            stranger = SandboxClient(sandbox.client(token="made-up-wrong"), sandbox=True)
            with pytest.raises(TaskRouterError, match="401"):
                stranger.get("one-more/x", what="count")
    finally:
        sys.modules.pop(f"{sandbox_paths.__name__}.one_more", None)


def test_what_a_sandbox_has_not_is_not_asked_for(ask: Ask) -> None:
    """A path whose need nobody meets is not there; without it, the others are."""
    with local_sandbox() as without:
        line = SandboxClient(without.client(), sandbox=True)
        with pytest.raises(TaskRouterError) as refused:
            line.get("snapshots", what="list")
        assert refused.value.status == 404
        assert line.get("clock", what="look")["paused"]
    assert ask("GET", "/_sandbox/snapshots").status == 200


def test_every_module_declares_paths() -> None:
    """But for the two that all of them share."""
    names = {each.name for each in iter_modules(sandbox_paths.__path__)} - {"registry", "route"}
    modules = {name: import_module(f"{sandbox_paths.__name__}.{name}") for name in names}
    assert [name for name, module in modules.items() if not module.ROUTES] == []
    assert {type(route) for route in registry.declared()} == {Route}


def test_no_path_is_declared_twice() -> None:
    """The second would take the place of the first, without a word."""
    declared = [(route.method, route.path) for route in registry.declared()]
    assert sorted(set(declared)) == sorted(declared)


def test_nobody_else_registers_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor names one, but for the module that asks a sandbox whether it is there."""
    registered: list[tuple[str, str]] = []
    add = Router.add

    def recording(self: Router, routes: Any) -> None:
        made = list(routes)
        registered.extend((method, path) for method, path, _ in made)
        add(self, made)

    monkeypatch.setattr(Router, "add", recording)
    with local_sandbox(kept=Snapshots(tmp_path / "snapshots")):
        ours = sorted(each for each in registered if "_sandbox" in each[1])
    assert ours == sorted((route.method, route.path) for route in registry.declared())
    assert _naming_paths() == {"process.py"}


def _naming_paths() -> set[str]:
    """The files of the sandbox outside of the package that have a text which begins like one of its paths."""
    root = ROOT / "labkit" / "sandbox"
    files = {path for path in root.rglob("*.py") if path.parent.name != "sandbox_paths"}
    texts = {
        (path, node.value)
        for path in files
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {path.relative_to(root).as_posix() for path, text in texts if text.startswith("/_sandbox")}


@pytest.mark.parametrize("route", registry.declared(), ids=lambda route: f"{route.method} {route.path}")
def test_a_stranger_may_not(ask: Ask, route: Route[Any]) -> None:
    """Whatever it is; only who proves his identity to others cannot ask for theirs first."""
    answered = ask(route.method, route.path.replace("{", "").replace("}", ""), credentials=None)
    assert (answered.status == 401) == (route.path not in OPEN)


def test_faults_strike_none_of_them(ask: Ask) -> None:
    """They are how a fault is switched off."""
    ask("POST", "/_sandbox/faults", {"Name": "rest_500", "Probability": "1"})
    assert ask("GET", "/v1/Workspaces").status == 500
    looked = {route.path for route in registry.declared() if route.method == "GET" and "{" not in route.path} - OPEN
    assert {path: ask("GET", path).status for path in looked} == dict.fromkeys(looked, 200)
