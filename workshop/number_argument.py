"""A number on the command line that can be reckoned with."""

from __future__ import annotations

import argparse
import math


def above_zero(text: str) -> float:
    """The number that a text is.

    Raises:
        ArgumentTypeError: it is none, or not above 0, or without end.
    """
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return number
