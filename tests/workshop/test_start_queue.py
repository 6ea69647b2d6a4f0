"""Who starts now and who waits: as they came, so many at once, and whoever gives up is out of the way."""

from __future__ import annotations

import asyncio

from workshop.start_queue import StartQueue


async def _settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_so_many_start_at_once_and_the_others_as_they_came() -> None:
    """Each sees how many are before it."""

    async def play() -> None:
        queue, started, go_on = StartQueue(2), [], asyncio.Event()

        async def start(name: str) -> None:
            async with queue.turn(name):
                started.append(name)
                await go_on.wait()

        tasks = [asyncio.create_task(start(name)) for name in "abcd"]
        await _settled()
        assert started == ["a", "b"]
        assert [queue.place_of(name) for name in "abcd"] == [0, 0, 1, 2]
        go_on.set()
        await asyncio.gather(*tasks)
        assert started == ["a", "b", "c", "d"]

    asyncio.run(play())


def test_who_gives_up_leaves_the_queue() -> None:
    """A start that was cancelled holds nobody up, neither in the queue nor in its turn."""

    async def play() -> None:
        queue = StartQueue(1)

        async def start(name: str) -> None:
            async with queue.turn(name):
                await asyncio.Event().wait()

        first, second, third = (asyncio.create_task(start(name)) for name in "abc")
        await _settled()
        second.cancel()
        await _settled()
        assert queue.place_of("c") == 1
        first.cancel()
        await _settled()
        assert queue.place_of("c") == 0
        third.cancel()
        await asyncio.gather(first, second, third, return_exceptions=True)
        async with asyncio.timeout(1), queue.turn("d"):
            pass

    asyncio.run(play())
