"""What a request for statistics asks: of which window, which TaskChannel, which Workers, which TaskQueues.

Ours, where the documents say nothing: StartDate and EndDate win over Minutes, an EndDate to come is now, and a window
counts both of its ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from labkit import limits
from labkit.engine.json_parameters import read_json
from labkit.engine.refusals import InvalidParameter
from labkit.engine.statistics import ANY_CHANNEL, KEPT, Ledger, Span, Tally
from labkit.engine.workspace_state import WorkspaceState
from labkit.sandbox.api.params import Moment, Param, Text, WholeNumber, read
from labkit.sandbox.api.render import moment
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.resource import read_query
from labkit.sandbox.api.warnings import warn
from labkit.sandbox.refusals import StatisticsTooOld
from labkit.vocabulary import Sid, is_sid


@dataclass(frozen=True, slots=True, kw_only=True)
class SidOf(Param):
    """A SID of one kind, of something that is there or not."""

    kind: Sid

    def value(self, text: str) -> str | None:
        if text and not is_sid(text, self.kind):
            raise self.refuse(f"{text[:64]!r} is not the SID of a {self.name.removesuffix('Sid')}")
        return text or None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(Param):
    """Seconds with commas between them, such as `5,30`."""

    def value(self, text: str) -> list[int] | None:
        if not text.strip():
            return None
        seconds = WholeNumber(name=self.name, field=self.field)
        found = [seconds.value(part) for part in text.split(",")]
        if None in found:
            raise self.refuse(f"{text[:40]!r} has a comma without a number; give seconds such as 5,30")
        return [number for number in found if number is not None]


CHANNEL = (Text(name="TaskChannel", field="task_channel", empty=None),)
WINDOW = (
    WholeNumber(name="Minutes", field="minutes", least=1),
    Moment(name="StartDate", field="start"),
    Moment(name="EndDate", field="end"),
)
SPLIT = (Thresholds(name="SplitByWaitTime", field="thresholds"),)
WORKERS = (
    Text(name="FriendlyName", field="friendly_name", empty=None),
    SidOf(name="TaskQueueSid", field="task_queue_sid", kind=Sid.TASK_QUEUE),
    Text(name="TaskQueueName", field="task_queue_name", empty=None),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsQuery:
    """A request for statistics, with what the answer is read from."""

    place: RequestContext
    ledger: Ledger
    tally: Tally
    span: Span
    channel: str
    values: Mapping[str, Any]


Scopes = Callable[[RequestContext, Mapping[str, Any]], Iterable[str]]
"""The SIDs of those resources that the values of a request choose, where there may be thousands."""


def no_scopes(_: RequestContext, __: Mapping[str, Any]) -> Iterable[str]:
    """Where a request is about a few resources."""
    return ()


async def ask(place: RequestContext, params: Sequence[Param], *, scopes: Scopes = no_scopes) -> StatisticsQuery:
    """The request at a place, with these parameters.

    Args:
        place: where it stands.
        params: what it takes.
        scopes: the resources that will be asked for, if they are many.

    Raises:
        NotFound: there is no such Workspace.
        InvalidParameter, StatisticsTooOld: a value cannot be.
    """
    state, form = place.state, dict[str, list[str]]()
    for name, value in read_query(place.request):
        form.setdefault(name, []).append(value)
    values = read(params, form)
    return StatisticsQuery(
        place=place,
        span=_span_at(place, values),
        channel=_channel_sid(state, values.get("task_channel")),
        values=values,
        ledger=await place.service.history.ledger(state.workspace.sid, scopes(place, values)),
        tally=await place.service.history.tally(state),
    )


def _span_at(place: RequestContext, values: Mapping[str, Any]) -> Span:
    try:
        return span_of(place.now, values)
    except StatisticsTooOld as refusal:
        warn(place, refusal.code, str(refusal))
        raise


def span_of(now: datetime, values: Mapping[str, Any]) -> Span:
    """The window: from `start`, or `minutes` before its end, to `end`, at most to now.

    Raises:
        StatisticsTooOld: it begins too long ago.
        InvalidParameter: it begins after its end.
    """
    start, end = values.get("start"), min(values.get("end") or now, now)
    back = timedelta(minutes=values.get("minutes") or limits.DEFAULT_MINUTES)
    oldest = (now - KEPT).replace(microsecond=0)
    if start is None:
        if back > KEPT or end < oldest + back:
            raise StatisticsTooOld(f"{back // timedelta(minutes=1)} minutes before {moment(end)}")
        # Dates come in whole seconds, so the first second of the window counts as a whole.
        return Span((end - back).replace(microsecond=0), end)
    if start < oldest:
        raise StatisticsTooOld(str(moment(start)))
    if values.get("end") and start > values["end"]:
        raise InvalidParameter("StartDate", f"{moment(start)} is after EndDate, {moment(values['end'])}")
    return Span(min(start, end), end)


def _channel_sid(state: WorkspaceState, sid_or_name: str | None) -> str:
    """The TaskChannel's SID, or what stands for any."""
    if sid_or_name is None:
        return ANY_CHANNEL
    channel = state.task_channel(sid_or_name)
    if channel is None:
        raise InvalidParameter("TaskChannel", f"there is no TaskChannel {sid_or_name[:64]!r} in this Workspace")
    return channel.sid


def read_queue_sids(body: bytes) -> list[str]:
    """The SIDs in the JSON body of a bulk request. Twilio's pages spell the key both ways.

    Raises:
        InvalidParameter: it is not such a body, or not of as many TaskQueue SIDs as are taken.
    """
    document = read_json("post body", body.decode("utf-8", "replace"))
    given = document.get("queueSids", document.get("QueueSids")) if isinstance(document, dict) else None
    if not isinstance(given, list) or not 1 <= len(given) <= limits.MAX_BULK_TASK_QUEUES:
        raise InvalidParameter("queueSids", f"a list of 1 to {limits.MAX_BULK_TASK_QUEUES} TaskQueue SIDs is needed")
    for sid in given:
        if not is_sid(sid, Sid.TASK_QUEUE):
            raise InvalidParameter("queueSids", f"{str(sid)[:64]!r} is not the SID of a TaskQueue")
    return given
