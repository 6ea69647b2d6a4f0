"""How far long work is: one line that is written over, and only where there is something to wait for."""

from __future__ import annotations

import sys
import time

AFTER_SECONDS = 1.0
"""What is done by then says nothing."""


class ProgressLine:
    """`  7 of 20 days` on standard output, in a notebook as in a terminal.

    Args:
        total: how many there are.
        thing: what they are, in the plural.
        shown: whether anything is written.
    """

    def __init__(self, total: int, thing: str, *, shown: bool = True) -> None:
        self._total, self._thing, self._shown = total, thing, shown
        self._begun = time.monotonic()
        self._width = 0

    def tell(self, done: int) -> None:
        """So many are done."""
        if self._shown and time.monotonic() - self._begun >= AFTER_SECONDS:
            self._write(f"  {done} of {self._total} {self._thing}")

    def clear(self) -> None:
        """All is done, or nothing more will be: the line is empty again."""
        if self._width:
            self._write("")
            sys.stdout.write("\r")

    def _write(self, text: str) -> None:
        sys.stdout.write(f"\r{text.ljust(self._width)}")
        sys.stdout.flush()
        self._width = len(text)
