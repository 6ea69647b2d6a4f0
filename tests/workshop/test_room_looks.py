"""One copy for looks that a whole room takes at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from room_service import RunningRoom, running_room

from workshop.room.looks import KEPT_SECONDS, Looks, is_everybodys
from workshop.room.upstream import UpstreamAnswer, UpstreamRequest

STATISTICS = UpstreamRequest(method="GET", path="/v1/Workspaces/WS1/TaskQueues/Statistics")


@pytest.fixture
def room(tmp_path: Path) -> Iterator[RunningRoom]:
    with running_room(tmp_path) as running:
        yield running


@pytest.mark.parametrize(
    ("method", "path", "is_so"),
    [
        ("GET", "/v1/Workspaces/WS1/TaskQueues/Statistics", True),
        ("GET", "/v1/Workspaces/WS1/TaskQueues/WQ1/RealTimeStatistics", True),
        ("GET", "/v1/Workspaces/WS1/TaskQueues/WQ1/Statistics", True),
        ("POST", "/v1/Workspaces/WS1/TaskQueues/Statistics", False),
        ("GET", "/v1/Workspaces/WS1/Workers/WK1/Statistics", False),
        ("GET", "/v1/Workspaces/WS1/Tasks", False),
    ],
)
def test_what_is_everybodys(method: str, path: str, is_so: bool) -> None:
    """A Worker's own figures are one person's."""
    assert is_everybodys(UpstreamRequest(method=method, path=path)) is is_so


def test_a_copy_is_given_for_a_moment() -> None:
    """And where the first has not been answered, the second waits with it; what failed is asked for again."""
    now, asked = 0.0, []
    answers = {
        0: UpstreamAnswer(200, {}, b"first"),
        1: UpstreamAnswer(503, {}, b""),
        2: UpstreamAnswer(200, {}, b"new"),
    }

    async def ask() -> UpstreamAnswer:
        asked.append(now)
        await asyncio.sleep(0)
        return answers[len(asked) - 1]

    async def scenario() -> None:
        nonlocal now
        looks = Looks(lambda: now)
        both = await asyncio.gather(looks.once(STATISTICS, ask), looks.once(STATISTICS, ask))
        assert [each.body for each in both] == [b"first", b"first"]
        now += KEPT_SECONDS + 0.1
        assert (await looks.once(STATISTICS, ask)).status == 503
        assert (await looks.once(STATISTICS, ask)).body == b"new"

    asyncio.run(scenario())
    assert len(asked) == 3


def test_a_room_that_looks_at_once_is_one_look(room: RunningRoom) -> None:
    """The sandbox is asked once or twice, and not thirty times."""
    tokens = [room.token(f"p{number}") for number in range(30)]
    with ThreadPoolExecutor(10) as pool:
        joined = list(pool.map(room.join, tokens))
        path = f"v1/Workspaces/{joined[0]['workspace_sid']}/TaskQueues/Statistics"
        list(pool.map(lambda token: room.ask("GET", f"v1/Workspaces/{joined[0]['workspace_sid']}", token), tokens))
        before = room.sandbox.look(lambda: len(room.sandbox.uses))
        answers = list(pool.map(lambda token: room.ask("GET", path, token), tokens))
        after = room.sandbox.look(lambda: len(room.sandbox.uses))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) <= 3
    assert after - before < 15
