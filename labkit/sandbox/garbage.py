"""When Python looks for garbage in cycles, and who has its turn meanwhile: so that no request waits for it.

A full collection looks at every object, which takes half a second when there are a million; nearly all that a sandbox
makes lives on, as a Task does, or goes with the request that made it, so there is little to be found.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SWITCH_SECONDS = 0.0005
"""After which a thread lets others have their turn while a large state is loaded. Python's own is ten times as
long, and a request gives up its turn some twenty times."""


def collect_rarely() -> None:
    """Look after every 20,000 new objects instead of 700, and never among what is there already."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@contextmanager
def not_collecting() -> Iterator[None]:
    """Do not look at all while a million objects are made that will stay, nor among them afterwards."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if gc.get_freeze_count():  # not in a process that is somebody else's, such as a test's
            gc.freeze()
        if was_on:
            gc.enable()


@contextmanager
def taking_turns() -> Iterator[None]:
    """Let threads that work for long and those that answer requests take turns quickly."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, SWITCH_SECONDS))
    try:
        yield
    finally:
        sys.setswitchinterval(before)
