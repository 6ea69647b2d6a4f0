"""The registry of the sandbox's own paths: one module is enough for one more, and what holds for all of them."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest
from sandbox.call_centre import build
from sandbox.conftest import Ask
from sandbox.local import ACCOUNT, OTHER_ACCOUNT, OTHER_TOKEN, TOKEN, LocalSandbox, local_sandbox
from tracked import ROOT

from labkit.errors import TaskRouterError
from labkit.sandbox.api import sandbox_paths
from labkit.sandbox.api.router import Router
from labkit.sandbox.api.sandbox_paths import pulse, registry
from labkit.sandbox.api.sandbox_paths.route import Route, SandboxProcess
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


def test_what_is_for_everybody_is_the_owners() -> None:
    """Stop, reset, snapshots, and what changes the clock, the faults, the hosts and the accounts; and what says nothing
    of whom it is for."""
    owners = {f"{each.method} {each.path}" for each in registry.declared() if not each.for_every_account}
    assert owners - {f"GET {path}" for path in OPEN} == {
        "POST /_sandbox/stop",
        "POST /_sandbox/reset",
        "GET /_sandbox/snapshots",
        "POST /_sandbox/snapshots",
        "POST /_sandbox/snapshots/{name}/restore",
        "POST /_sandbox/clock",
        "POST /_sandbox/faults",
        "POST /_sandbox/callback-hosts",
        "POST /_sandbox/accounts",
        "GET /_sandbox/simulation",
        "POST /_sandbox/simulation",
    }
    assert not Route("GET", "/_sandbox/new", pulse.pulse, needs=SandboxProcess).for_every_account


@pytest.fixture
def credentials(ask: Ask) -> Mapping[str, tuple[str, str] | None]:
    """Who may ask, by what they are to the sandbox. `OTHER_ACCOUNT` is as one with which it was started before."""
    made = ask("POST", "/_sandbox/accounts").json
    owner, other = (ACCOUNT, TOKEN), (made["account_sid"], made["auth_token"])
    keys = [ask("POST", "/_sandbox/keys", credentials=each).json for each in (owner, other)]
    owners_key, others_key = ((key["sid"], key["secret"]) for key in keys)
    return {
        "owner": owner,
        "owner's key": owners_key,
        "other": other,
        "other's key": others_key,
        "former owner": (OTHER_ACCOUNT, OTHER_TOKEN),
        "wrong token": (ACCOUNT, OTHER_TOKEN),
        "stranger": None,
    }


@pytest.mark.parametrize("route", registry.declared(), ids=lambda route: f"{route.method} {route.path}")
def test_who_may_ask_what(ask: Ask, route: Route[Any], credentials: Mapping[str, tuple[str, str] | None]) -> None:
    """Every path, asked by everybody; the owner last, for he may end it."""
    path = route.path.replace("{", "").replace("}", "")
    answers = {who: ask(route.method, path, {}, credentials=each) for who, each in reversed(credentials.items())}
    codes = {who: answer.json["code"] for who, answer in answers.items() if answer.status in (401, 403)}
    expected = dict.fromkeys(["wrong token", "stranger"], 20003)
    if not route.for_every_account:
        expected |= dict.fromkeys(["other", "other's key", "former owner"], 20403)
    assert codes == ({} if route.for_strangers else expected)
    said = {answer.json["message"] for answer in answers.values() if answer.status == 403}
    assert said <= {"Only the account that this sandbox was started with may do this, because it is for everybody"}


def test_faults_strike_none_of_them(ask: Ask) -> None:
    """They are how a fault is switched off."""
    ask("POST", "/_sandbox/faults", {"Name": "rest_500", "Probability": "1"})
    assert ask("GET", "/v1/Workspaces").status == 500
    looked = {route.path for route in registry.declared() if route.method == "GET" and "{" not in route.path} - OPEN
    assert {path: ask("GET", path).status for path in looked} == dict.fromkeys(looked, 200)
