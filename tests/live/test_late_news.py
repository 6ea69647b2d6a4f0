"""News that is late, disordered or lost: each of these once made a panel show what TaskRouter did not say."""

from __future__ import annotations

from datetime import timedelta

from live.workspace import NOON, FakeWorkspaceClient, News, Task, sid

from labkit.live.workspace import LiveWorkspace
from labkit.stream import EventStream

WT, WR = sid("WT", 1), sid("WR", 1)


def test_a_reading_says_when_a_task_was_created(
    live: LiveWorkspace, news: News, desk: FakeWorkspaceClient, stream: EventStream
) -> None:
    """Its age is in whole seconds, so what is reckoned from it may be in the next second."""
    news.at = NOON + timedelta(seconds=12)
    news.task("task.updated", WT, "pending", TaskAge="1")  # it was created 10.9 s after noon
    desk.known_tasks[WT] = Task(WT, {}, date_created=NOON + timedelta(seconds=10))
    stream.close()
    live.reconcile()
    assert [task.created_at for task in live.tasks] == [NOON + timedelta(seconds=10)]


def test_an_event_says_when_its_task_was_created(live: LiveWorkspace, news: News, stream: EventStream) -> None:
    """After an assignment callback, which tells the age only."""
    news.at = NOON + timedelta(seconds=12)
    news.assignment(WR, WT, TaskAge="1", Timestamp=str(int(news.at.timestamp())))
    news.task("task.updated", WT, "reserved", TaskDateCreated=str(int(NOON.timestamp()) + 10))
    stream.close()
    told = live.task(WT)  # be it that REST, which does not know it, has been asked by now
    assert told is not None
    assert told.created_at == NOON + timedelta(seconds=10)
