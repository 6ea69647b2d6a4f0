"""Looks for secrets in everything that a lab shows, says, writes or starts."""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
from IPython.core.formatters import DisplayFormatter

from labkit.lab.lab import Lab

PANELS = (
    "status", "composer", "inbox", "workers", "story", "traffic", "timeline", "queues", "explanation",
    "time_and_faults", "simulation", "desk",
)  # fmt: skip
FILLED = ("inbox", "workers", "story", "traffic", "explanation")
"""Those that show the newest Task, in their own time."""
WAIT_SECONDS = 60


class Secrets:
    """The planted secrets, each by what it is, in every spelling in which it could be told."""

    def __init__(self, **secrets: str) -> None:
        assert all(len(secret) >= 16 for secret in secrets.values()), "too short to be told from anything else"
        self._spellings = {what: _spellings(secret) for what, secret in secrets.items()}

    def found_in(self, surfaces: Mapping[str, str]) -> dict[str, list[str]]:
        """Which of them are where."""
        found = {}
        for surface, text in surfaces.items():
            here = [what for what, spellings in self._spellings.items() if any(s in text for s in spellings)]
            if here:
                found[surface] = here
        return found


def _spellings(secret: str) -> set[str]:
    """As it is, in a URL, as a Python or JSON text, and inside of something in base64 (an Authorization header); and
    backwards, which is the wrong token that somebody tries."""
    inner = {base64.b64encode(b"x" * shift + secret.encode()).decode()[4:-4] for shift in range(3)}
    return {secret, quote(secret, safe=""), repr(secret)[1:-1], json.dumps(secret)[1:-1], secret[::-1], *inner}


def shown_by(lab: Lab) -> dict[str, str]:
    """What a notebook would show, and so keep, of a lab that has had a Task, and of all that can be reached from it."""
    surfaces = {}
    for name, each in _public(lab):
        surfaces[f"repr of {name}"] = f"{each!r} {each!s}"
        surfaces[f"rich display of {name}"] = json.dumps(displayed(each), default=str)
        with contextlib.suppress(TypeError):
            surfaces[f"attributes of {name}"] = repr(vars(each))
    surfaces |= _panels(lab)
    for entry in lab.stream.entries():
        surfaces[f"stream entry {entry.number}"] = f"{entry!r} {json.dumps(entry.data, default=repr)}"
    for exchange in lab.callbacks.exchanges:
        surfaces[f"exchange {exchange.number}"] = f"{exchange!r} {exchange.as_dict()}"
    return surfaces


def _panels(lab: Lab) -> dict[str, str]:
    """The state of every panel, once those that show the newest Task do so, and the picture that it leaves."""
    task = lab.explain().findings.task.sid
    shown = {name: getattr(lab, name)() for name in PANELS}
    states = {f"panel {name}": _state(panel, task if name in FILLED else "") for name, panel in shown.items()}
    stills = {f"still of {name}": json.dumps(displayed(panel.still())) for name, panel in shown.items()}
    return states | stills


def _state(panel: Any, wanted: str) -> str:
    """A panel's state as a notebook would keep it, as soon as `wanted` is in it."""
    changed = threading.Event()

    def tell(_change: object) -> None:
        changed.set()

    panel.observe(tell, names="state")
    deadline = time.monotonic() + WAIT_SECONDS
    while wanted not in (state := json.dumps(panel.get_state(), default=repr)):
        assert changed.wait(deadline - time.monotonic()), f"{wanted} is not in {state[:500]}"
        changed.clear()
    panel.unobserve(tell, names="state")
    return state


def _public(lab: Lab) -> Iterator[tuple[str, Any]]:
    """The lab and its parts, and theirs: all that has no underscore and takes no arguments."""
    yield "lab", lab
    seen: set[int] = set()
    for name, part in _parts(lab):
        yield f"lab.{name}", part
        if _is_ours(part) and id(part) not in seen:
            seen.add(id(part))
            yield from ((f"lab.{name}.{inner}", each) for inner, each in _parts(part))
    yield "lab._settings", lab._settings
    yield "lab._connection.address", lab._connection.address
    if lab.mode == "sandbox":
        yield "lab.deliveries.list()", lab.deliveries.list()
    yield "lab.lint()", lab.lint()
    yield "lab.explain()", lab.explain()
    yield "lab.check()", lab.check("00_start_here")


def _parts(whole: Any) -> Iterator[tuple[str, Any]]:
    for name in dir(whole):
        if not name.startswith("_"):
            with contextlib.suppress(Exception):  # a property that does not hold here
                yield name, getattr(whole, name)


def _is_ours(part: Any) -> bool:
    return type(part).__module__.startswith(("labkit", "twilio")) and not callable(part)


def displayed(thing: Any) -> Any:
    """What IPython would put into the notebook."""
    data, _ = DisplayFormatter().format(thing)
    return data


def shown_token(lab: Lab, token: Any) -> dict[str, str]:
    """What a notebook would show of a Worker token, and what the lab keeps to make one."""
    return {"worker token": f"{token!r} {token} {json.dumps(displayed(token))}", "token maker": repr(vars(lab._tokens))}


def written_below(folder: Path) -> dict[str, str]:
    """Every file, as text."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {f"file {path.relative_to(folder)}": path.read_bytes().decode("latin-1") for path in files}


def started() -> dict[str, str]:
    """The command lines of all child processes, as `ps` has them."""
    return {
        f"command line of {child.pid}": " ".join(child.cmdline()) for child in psutil.Process().children(recursive=True)
    }


class Heard(logging.Handler):
    """Keeps all that is logged, by whomever, from DEBUG on."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line, with the traceback if there is one."""
        self.lines.append(f"{record.name} {logging.Formatter().format(record)} {record.args!r}")


@contextlib.contextmanager
def everything_logged() -> Iterator[Heard]:
    """Listen to every logger, those that do not pass on to the root included."""
    heard = Heard()
    root = logging.getLogger()
    before = root.level
    apart = [logging.getLogger(name) for name in logging.root.manager.loggerDict]
    loggers = [root, *(logger for logger in apart if not logger.propagate)]
    root.setLevel(logging.DEBUG)
    for logger in loggers:
        logger.addHandler(heard)
    try:
        yield heard
    finally:
        for logger in loggers:
            logger.removeHandler(heard)
        root.setLevel(before)
