"""Statistics of Workspaces, Workflows, TaskQueues and Workers: now, over a span of time, and both in one answer.

Docs: /docs/taskrouter/api/taskqueue-statistics, and the statistics of /docs/taskrouter/api/workspace, …/workflow and
…/worker. To add statistics of something is to add a `Subject`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from labkit.engine import statistics
from labkit.engine.resources import TaskQueue, Worker
from labkit.sandbox.api.errors import Handler
from labkit.sandbox.api.paging import page_of
from labkit.sandbox.api.params import Param
from labkit.sandbox.api.render import answer, moment
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.resource import read_body, read_query
from labkit.sandbox.api.statistics_query import (
    CHANNEL,
    SPLIT,
    WINDOW,
    WORKERS,
    Scopes,
    StatisticsQuery,
    ask,
    no_scopes,
    read_queue_sids,
)

Figures = dict[str, Any]
Read = Callable[[StatisticsQuery, str], Figures]
"""Reads figures for what has this SID."""

_ROOT = "/Workspaces/{workspace_sid}"
_OF_QUEUE = ("tasks_entered", "tasks_canceled", "tasks_completed", "tasks_deleted", "tasks_moved")
_OF_WORKFLOW = (*_OF_QUEUE, "tasks_timed_out_in_workflow")
_OF_WORKSPACE = ("tasks_created", *_OF_WORKFLOW[1:])


# --- Tasks ------------------------------------------------------------------------------------------------------------


def _tasks(*names: str) -> Read:
    def cumulative(asked: StatisticsQuery, sid: str) -> Figures:
        thresholds = asked.values.get("thresholds")
        return statistics.tasks(
            asked.ledger, asked.span, sid, names=names, channel=asked.channel, thresholds=thresholds
        )

    return cumulative


def _queue_cumulative(asked: StatisticsQuery, sid: str) -> Figures:
    waited = statistics.wait_in_queue(asked.ledger, asked.span, sid, channel=asked.channel)
    return {**_tasks(*_OF_QUEUE)(asked, sid), "wait_duration_in_queue_until_accepted": waited}


def _workflow_realtime(asked: StatisticsQuery, sid: str) -> Figures:
    return statistics.tasks_now(asked.tally.of(sid, channel=asked.channel), asked.place.now)


def _bulk_realtime(asked: StatisticsQuery, sid: str) -> Figures:
    return {**_workflow_realtime(asked, sid), **statistics.eligible_workers(asked.place.state, sid)}


def _queue_realtime(asked: StatisticsQuery, sid: str) -> Figures:
    count = asked.tally.of(sid, channel=asked.channel)
    return {**_bulk_realtime(asked, sid), **statistics.tasks_in_queue(count, asked.place.now)}


def _workspace_realtime(asked: StatisticsQuery, sid: str) -> Figures:
    state = asked.place.state
    return {**_workflow_realtime(asked, sid), **statistics.workers_now(state, state.workers.values())}


# --- Workers ----------------------------------------------------------------------------------------------------------


def _workers_realtime(asked: StatisticsQuery, _: str) -> Figures:
    chosen, state = _chosen(asked.place, asked.values), asked.place.state
    return statistics.workers_now(state, state.workers.values() if chosen is None else chosen)


def _workers_cumulative(asked: StatisticsQuery, workspace_sid: str) -> Figures:
    chosen = _chosen(asked.place, asked.values)
    if chosen is None:  # those who have left had their part
        return _time_of(asked, [workspace_sid], list(asked.place.state.workers.values()))
    return _time_of(asked, [worker.sid for worker in chosen], chosen)


def _worker_cumulative(asked: StatisticsQuery, sid: str) -> Figures:
    return _time_of(asked, [sid], [asked.place.state.workers[sid]])


def _time_of(asked: StatisticsQuery, scopes: Sequence[str], workers: Sequence[Worker]) -> Figures:
    activities = asked.place.state.activities
    stays = statistics.time_in_activities(asked.ledger, asked.span, scopes, workers=workers, activities=activities)
    counts = statistics.reservations(asked.ledger, asked.span, scopes, channel=asked.channel)
    return {**counts, "activity_durations": stays}


def _chosen(place: RequestContext, values: Mapping[str, Any]) -> list[Worker] | None:
    """The Workers that the filters leave over; None without filters."""
    name, queue_sid, queue_name = (values.get(param.field) for param in WORKERS)
    if name is queue_sid is queue_name is None:
        return None
    state = place.state
    workers = [worker for worker in state.workers.values() if name in (None, worker.friendly_name)]
    if queue_sid is queue_name is None:
        return workers
    queues = (queue for queue in state.task_queues.values() if queue_name in (None, queue.friendly_name))
    members = [state.members.get(queue.sid, set()) for queue in queues if queue_sid in (None, queue.sid)]
    return [worker for worker in workers if any(worker.sid in sids for sids in members)]


def _chosen_sids(place: RequestContext, values: Mapping[str, Any]) -> list[str]:
    return [worker.sid for worker in _chosen(place, values) or ()]


# --- the operations ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What there are statistics of.

    Attributes:
        path: of the resource, after `/v1`; its statistics stand below it.
        sid: of the resource at a place; raises NotFound.
        own: under which that SID stands in the answer; "" for those that have none of their own.
        params: of `Statistics` and `CumulativeStatistics`, besides the window.
        filters: of `Statistics` alone.
        scopes: the resources that `filters` choose.
        realtime: figures of this moment; without them `Statistics` is all there is.
        cumulative: figures of the window.
    """

    path: str
    sid: Callable[[RequestContext], str]
    own: str = ""
    params: Sequence[Param] = ()
    filters: Sequence[Param] = ()
    scopes: Scopes = no_scopes
    realtime: Read | None = None
    cumulative: Read

    def routes(self, place_of: Callable[[web.Request], RequestContext]) -> list[tuple[str, str, Handler]]:
        """(method, path, handler) of every operation on it."""
        over_time = (*WINDOW, *self.params)
        found = [self._route(place_of, "Statistics", (*over_time, *self.filters), self.both)]
        if self.realtime is not None:
            found.append(self._route(place_of, "RealTimeStatistics", (), self.realtime))
            found.append(self._route(place_of, "CumulativeStatistics", over_time, self.timed))
        return found

    def timed(self, asked: StatisticsQuery, sid: str) -> Figures:
        """What happened, with the window."""
        span = asked.span
        return {**self.cumulative(asked, sid), "start_time": moment(span.start), "end_time": moment(span.end)}

    def both(self, asked: StatisticsQuery, sid: str) -> Figures:
        """What is now and what was, side by side."""
        now = {} if self.realtime is None else {"realtime": self.realtime(asked, sid)}
        return {**now, "cumulative": self.timed(asked, sid)}

    def ids(self, place: RequestContext, sid: str) -> Figures:
        own = {self.own: sid} if self.own else {}
        return {"account_sid": place.account_sid, "workspace_sid": place.workspace.sid, **own}

    def _route(
        self, place_of: Callable[[web.Request], RequestContext], form: str, params: Sequence[Param], figures: Read
    ) -> tuple[str, str, Handler]:
        async def fetch(request: web.Request) -> web.Response:
            place = place_of(request)
            sid = self.sid(place)
            asked = await ask(place, (*CHANNEL, *params), scopes=self.scopes)
            url = f"{place.root}{request.path.removeprefix('/v1')}"
            return answer({**figures(asked, sid), **self.ids(place, sid), "url": url})

        return "GET", f"{self.path}/{form}", fetch


QUEUE = Subject(
    path=f"{_ROOT}/TaskQueues/{{task_queue_sid}}",
    sid=lambda place: place.found(place.state.task_queues.get(place.part("task_queue_sid"))).sid,
    own="task_queue_sid",
    params=SPLIT,
    realtime=_queue_realtime,
    cumulative=_queue_cumulative,
)


def _every_queue(place: RequestContext, _: Mapping[str, Any]) -> list[str]:
    return list(place.state.task_queues)


class QueueSubject:
    """The statistics of several TaskQueues in one answer."""

    path = f"{_ROOT}/TaskQueues"

    def routes(self, place_of: Callable[[web.Request], RequestContext]) -> list[tuple[str, str, Handler]]:
        """(method, path, handler) of both operations."""

        async def list_page(request: web.Request) -> web.Response:
            return answer(await self.page(place_of(request)))

        async def bulk(request: web.Request) -> web.Response:
            return answer(await self.bulk(place_of(request)))

        return [("GET", f"{self.path}/Statistics", list_page), ("POST", f"{self.path}/RealTimeStatistics", bulk)]

    async def page(self, place: RequestContext) -> Figures:
        """Every TaskQueue's, in pages; `FriendlyName` picks those of that name."""
        asked = await ask(place, (*CHANNEL, *WINDOW, *SPLIT, WORKERS[0]), scopes=_every_queue)
        name = asked.values.get("friendly_name")

        def render(queue: TaskQueue) -> Figures:
            return {**QUEUE.both(asked, queue.sid), **QUEUE.ids(place, queue.sid)}

        return page_of(
            place.state.task_queues.values(),
            keep=lambda queue: name in (None, queue.friendly_name),
            key="task_queues_statistics",
            url=f"{place.workspace_url}/TaskQueues/Statistics",
            query=read_query(place.request),
            sid_of=lambda queue: queue.sid,
            render=render,
        )

    async def bulk(self, place: RequestContext) -> Figures:
        """What is now in some TaskQueues; one that is not there has zeros."""
        asked = await ask(place, CHANNEL)
        sids = read_queue_sids(await read_body(place.request))
        return {
            "account_sid": place.account_sid,
            "workspace_sid": place.workspace.sid,
            "task_queue_data": [{"task_queue_sid": sid, **_bulk_realtime(asked, sid)} for sid in sids],
            "task_queue_response_count": len(sids),
            "url": f"{place.workspace_url}/TaskQueues/RealTimeStatistics",
        }


RESOURCES = (
    Subject(
        path=_ROOT,
        sid=lambda place: place.workspace.sid,
        params=SPLIT,
        realtime=_workspace_realtime,
        cumulative=_tasks(*_OF_WORKSPACE),
    ),
    QueueSubject(),
    QUEUE,
    Subject(
        path=f"{_ROOT}/Workflows/{{workflow_sid}}",
        sid=lambda place: place.found(place.state.workflows.get(place.part("workflow_sid"))).sid,
        own="workflow_sid",
        params=SPLIT,
        realtime=_workflow_realtime,
        cumulative=_tasks(*_OF_WORKFLOW),
    ),
    Subject(
        path=f"{_ROOT}/Workers",
        sid=lambda place: place.workspace.sid,
        filters=WORKERS,
        scopes=_chosen_sids,
        realtime=_workers_realtime,
        cumulative=_workers_cumulative,
    ),
    Subject(
        path=f"{_ROOT}/Workers/{{worker_sid}}",
        sid=lambda place: place.worker().sid,
        own="worker_sid",
        cumulative=_worker_cumulative,
    ),
)
