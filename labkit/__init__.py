"""TaskRouter Lab: learn, show and try Twilio TaskRouter from a notebook.

    import labkit
    lab = labkit.start()

The names below are the public ones; each is imported when it is first used, so `import labkit` is quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labkit.errors import LabError as LabError
    from labkit.lab.lab import Lab as Lab
    from labkit.lab.runtime import plan as plan
    from labkit.lab.runtime import share_progress as share_progress
    from labkit.lab.runtime import start as start
    from labkit.lab.runtime import stop as stop
    from labkit.simulation.erlang import erlang_a as erlang_a
    from labkit.simulation.erlang import erlang_c as erlang_c
    from labkit.staffing.simulate import simulate as simulate

__version__ = "0.1.0"
__all__ = [
    "Lab",
    "LabError",
    "__version__",
    "erlang_a",
    "erlang_c",
    "plan",
    "share_progress",
    "simulate",
    "start",
    "stop",
]

_HOMES = {
    "Lab": "labkit.lab.lab",
    "plan": "labkit.lab.runtime",
    "share_progress": "labkit.lab.runtime",
    "start": "labkit.lab.runtime",
    "stop": "labkit.lab.runtime",
    "LabError": "labkit.errors",
    "simulate": "labkit.staffing.simulate",
    "erlang_a": "labkit.simulation.erlang",
    "erlang_c": "labkit.simulation.erlang",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"labkit has no {name!r}; it has: {', '.join(sorted(_HOMES))}.")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
