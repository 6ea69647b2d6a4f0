"""`python -m bench`: figures of the lab, each with its ratio to something comparable.

A figure of one machine says little; its ratio to a bare server measured in the same minute says more. Nothing is
judged here: the table is for people, `bench.json` for whoever compares two versions.
"""

from __future__ import annotations

from bench.figures import FIGURES, main
from bench.measurement import Measurement

__all__ = ["FIGURES", "Measurement", "main"]
