"""The contact centre that lives: callers and Workers who play themselves in a sandbox, on its clock.

`Simulation` is the one of a sandbox, `Run` one day of it, and `RunFigures` what comes of that.
"""

from __future__ import annotations

from labkit.sandbox.simulation.figures import RunFigures
from labkit.sandbox.simulation.run import Person, Run
from labkit.sandbox.simulation.simulation import RunPlan, Simulation
from labkit.sandbox.simulation.staff import names_of

__all__ = ["Person", "Run", "RunFigures", "RunPlan", "Simulation", "names_of"]
