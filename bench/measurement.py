"""What every figure comes to, and how far it is in getting there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Say = Callable[[str], object]
"""Takes a line that tells the person how far the work is."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """A figure's value.

    Attributes:
        value: the median of what was measured, in `unit`.
        unit: such as ``s`` or ``requests/s``.
        ratio_to: what the value was divided by for `ratio`, in words, or None.
        ratio: the median of the ratios measured pair by pair, or None.
    """

    value: float
    unit: str
    ratio_to: str | None = None
    ratio: float | None = None
