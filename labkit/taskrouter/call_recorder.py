"""Which REST calls a piece of work makes: told to whoever listens on the same thread.

A click on a panel ends in a method of the `WorkspaceClient`; the panel shows what that sent, so that clicking teaches
the API.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

Call = Mapping[str, Any]

_listening: ContextVar[tuple[list[Call], ...]] = ContextVar("labkit-call-recorder", default=())


@contextmanager
def overheard() -> Iterator[list[Call]]:
    """The calls that are made inside, in order, whether they succeed or not; see `connect` for what stands in each.

    Only those of this thread (or task): what others ask at the same moment is not mixed in.
    """
    calls: list[Call] = []
    token = _listening.set((*_listening.get(), calls))
    try:
        yield calls
    finally:
        _listening.reset(token)


def notify(call: Call) -> None:
    """This call was made."""
    for calls in _listening.get():
        calls.append(call)
