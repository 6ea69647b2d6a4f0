"""How long something takes: a length drawn around its mean."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType

Draw = Callable[[float, Random], float]
"""Takes the mean in seconds, more than 0."""

_LOGNORMAL_SIGMA = 0.8
"""Of measured talk times: many short ones and a long tail."""


def _exponential(mean: float, chance: Random) -> float:
    return chance.expovariate(1.0) * mean


def _constant(mean: float, _chance: Random) -> float:
    return mean


def _lognormal(mean: float, chance: Random) -> float:
    return mean * math.exp(chance.gauss(0.0, _LOGNORMAL_SIGMA) - _LOGNORMAL_SIGMA**2 / 2)


DISTRIBUTIONS: Mapping[str, Draw] = MappingProxyType(
    {"exponential": _exponential, "constant": _constant, "lognormal": _lognormal}
)
"""By their names. Erlang's formulas hold for the exponential one."""
