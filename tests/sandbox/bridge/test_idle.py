"""A sandbox that nobody uses ends by itself; an open page is a use."""

from __future__ import annotations

import asyncio

import pytest

from labkit.sandbox import server


def test_an_open_page_keeps_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long ago the last request was; when the last page is closed, it may end."""
    pages, looks = ["Alice's"], 0

    async def look_again(_: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            pages.clear()

    monkeypatch.setattr(asyncio, "sleep", look_again)
    stop = asyncio.Event()
    asyncio.run(server._stop_when_idle(server._Use(), pages, stop, 0.0))
    assert (stop.is_set(), looks) == (True, 3)
