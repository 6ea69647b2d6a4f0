"""The scenarios, by theme. Each is a function that is played; `SCENARIOS` has them by their names."""

from __future__ import annotations

from labkit.parity.scenario import Scenario
from labkit.parity.scenarios import (
    callbacks,
    expressions,
    great_numbers,
    limits,
    requests,
    reservations,
    resources,
    statistics,
    tasks,
    telephones,
    transfers,
    worker_pages,
    worker_sockets,
    workflows,
)

_MODULES = (
    requests,
    resources,
    tasks,
    reservations,
    callbacks,
    telephones,
    workflows,
    expressions,
    transfers,
    worker_pages,
    worker_sockets,
    statistics,
    limits,
    great_numbers,
)

SCENARIOS: dict[str, Scenario] = {
    each.name: each for module in _MODULES for each in vars(module).values() if isinstance(each, Scenario)
}
"""All of them, in the order in which they stand."""
