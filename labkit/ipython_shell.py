"""The IPython that this process runs in, if it runs in one: that of a notebook's kernel, or a terminal's."""

from __future__ import annotations

import sys
from typing import Any


def shell() -> Any:
    """Its shell; None where there is none. IPython is not imported for that."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


def kernel() -> Any:
    """The notebook's kernel; None in a terminal, and where there is no IPython."""
    return getattr(shell(), "kernel", None)


def in_notebook() -> bool:
    """Whether there is a notebook to show panels in."""
    return kernel() is not None
