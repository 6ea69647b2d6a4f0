"""A number that chance has a part in: what it is, and between which bounds it may be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from labkit.simulation.probability import student_t_quantile

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Measure:
    """The mean of what each day came to. Days are independent, so they are the batches of batch means.

    Attributes:
        by_day: what each day came to; days on which nobody called are not among them.
        most: what the measure can be at most; it is at least 0.
    """

    by_day: Sequence[float]
    most: float = math.inf

    @property
    def value(self) -> float:
        """The mean."""
        return fmean(self.by_day)

    @property
    def low(self) -> float:
        """The lower bound of the 95 % interval."""
        return self.interval(CONFIDENCE)[0]

    @property
    def high(self) -> float:
        """The upper bound of the 95 % interval."""
        return self.interval(CONFIDENCE)[1]

    def interval(self, confidence: float) -> tuple[float, float]:
        """The bounds between which the long run's value lies with this confidence, by Student's t.

        Args:
            confidence: between 0 and 1, such as 0.995.
        """
        days = len(self.by_day)
        if days < 2:  # one day says nothing of how different another one would be
            return 0.0, self.most
        t = student_t_quantile((1 + confidence) / 2, degrees=days - 1)
        half = t * stdev(self.by_day) / math.sqrt(days)
        return max(0.0, self.value - half), min(self.most, self.value + half)

    def __repr__(self) -> str:
        return f"{self.value:.4g} ({self.low:.4g} to {self.high:.4g})"
