"""Callers that the instructor lets in: one, at a steady rate, many at once, or a day in some minutes.

They are Tasks, made over REST like any other, so it works with an account as well, and there each has its price. What
goes on lives in this process alone: it ends with the service, and nothing begins by itself.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from labkit.display import counted
from labkit.errors import LabError
from labkit.simulation.arrivals import PATTERNS, CallArrivals
from labkit.simulation.contact_centre import MIXED_CALLERS
from workshop.room.joining import Membership
from workshop.room.refusals import NotUsable
from workshop.room.upstream import Upstream, UpstreamRequest

log = logging.getLogger(__name__)

MOST: Mapping[str, int] = {"sandbox": 500, "twilio": 50}
"""Callers of one run, by what the room stands on."""
MOST_MINUTES = 240
COST = (
    "The room stands on a Twilio account, where each Task has its price: at most 50 callers at a time are let in. "
    "twilio.com/taskrouter/pricing says what one costs."
)
_AT_ONCE = 5
"""Requests; TaskRouter answers too many of them with 429."""
_AT_ONCE_SECONDS = 10.0
"""For a burst to be in before the next run begins."""
_GIVE_UP_AFTER = 3
"""Callers in a row that TaskRouter did not take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerPlan:
    """A run of callers, before it begins.

    Attributes:
        said: what it is, in words.
        moments: when each comes, in seconds from the beginning, the first first.
        race: whether several Workers are asked at once for each, and the first wins.
    """

    said: str
    moments: Sequence[float]
    race: bool = False


def caller_plan(asked: Mapping[str, Any], *, most: int, chance: Random) -> CallerPlan:
    """What an instructor asks for.

    Args:
        asked: `kind` is `single`, `burst` (with `number`), `steady` (with `per_minute` and `minutes`) or `day` (with
            `number` and `minutes`); `race` may be true.
        most: callers that may come.
        chance: draws the arrivals of a day.

    Raises:
        NotUsable: it is none of these, or too much; the message says what is possible.
    """
    kind, race = asked.get("kind"), asked.get("race", False)
    if kind not in ("single", "burst", "steady", "day") or not isinstance(race, bool):
        raise NotUsable("kind is single, burst, steady or day, and race is true or false")
    if kind == "single":
        return CallerPlan(said="One caller", moments=(0.0,), race=race)
    if kind == "burst":
        number = _whole("number", asked, most)
        return CallerPlan(said=f"{counted(number, 'caller')} at once", moments=(0.0,) * number, race=race)
    minutes = _whole("minutes", asked, MOST_MINUTES)
    if kind == "steady":
        rate = _whole("per_minute", asked, most)
        if rate * minutes > most:
            raise NotUsable(f"That is {rate * minutes} callers, and at most {most} are let in at a time")
        moments = tuple(index * 60 / rate for index in range(rate * minutes))
        return CallerPlan(said=f"{counted(rate, 'caller')} a minute for {minutes} min", moments=moments, race=race)
    number = _whole("number", asked, most)
    moments = tuple(_day(number, minutes, chance))[:most]
    return CallerPlan(said=f"A day of some {counted(number, 'caller')} in {minutes} min", moments=moments, race=race)


class RoomCallers:
    """Lets them in, one run at a time. Belongs to the room's loop.

    Args:
        upstream: the account.
        membership: the Workspace.
        chance: draws what callers want.
    """

    def __init__(self, upstream: Upstream, membership: Membership, *, chance: Random | None = None) -> None:
        self._upstream, self._membership = upstream, membership
        self._chance = chance or Random()  # noqa: S311 - callers are no secret
        self._run: asyncio.Task[None] | None = None
        self._at_once = False
        self._said, self._total, self._let_in, self._trouble = "", 0, 0, ""

    @property
    def most(self) -> int:
        """Callers of one run."""
        return MOST[self._upstream.kind]

    def state(self) -> dict[str, Any]:
        """What goes on, for the wall."""
        return {
            "running": self._is_running,
            "said": self._said,
            "total": self._total,
            "let_in": self._let_in,
            "trouble": self._trouble,
            "most": self.most,
            "cost": COST if self._upstream.kind == "twilio" else "",
        }

    def start(self, asked: Mapping[str, Any]) -> None:
        """Begin a run.

        Raises:
            NotUsable: it is no run, or one goes on.
        """
        plan = caller_plan(asked, most=self.most, chance=self._chance)
        if self._is_running:
            raise NotUsable(f"Callers are coming in: {self._said}. Stop them first")
        self._said, self._total, self._let_in, self._trouble = plan.said, len(plan.moments), 0, ""
        self._at_once = plan.moments[-1] <= 0 if plan.moments else True
        self._run = asyncio.create_task(self._let_all_in(plan))

    async def finish_what_comes_at_once(self) -> None:
        """Wait for a run that is one caller or a burst; another one goes on while this returns at once."""
        if self._run is not None and self._at_once:
            await asyncio.wait([self._run], timeout=_AT_ONCE_SECONDS)

    async def stop(self) -> None:
        """End the run; who is in stays in. May be called twice."""
        if self._run is not None:
            self._run.cancel()
            await asyncio.gather(self._run, return_exceptions=True)
            self._run = None

    @property
    def _is_running(self) -> bool:
        return self._run is not None and not self._run.done()

    async def _let_all_in(self, plan: CallerPlan) -> None:
        try:
            workspace = await asyncio.shield(self._membership.workspace())  # one that is being made is made
            path = f"/v1/Workspaces/{workspace.sid}/Tasks"
            forms = [self._form(workspace.workflow_sid, race=plan.race) for _ in plan.moments]
            requests = [UpstreamRequest(method="POST", path=path, form=form) for form in forms]
            await self._send(requests, plan.moments)
        except LabError as error:
            self._trouble = str(error)
        except Exception as error:
            log.exception("a run of callers ended")
            self._trouble = f"Something unforeseen happened: {type(error).__name__}"

    async def _send(self, requests: Sequence[UpstreamRequest], moments: Sequence[float]) -> None:
        """Each at its moment, several at once where several come at once."""
        loop, failed = asyncio.get_running_loop(), 0
        begin, at = loop.time(), 0
        while at < len(requests) and failed < _GIVE_UP_AFTER:
            await asyncio.sleep(max(0.0, begin + moments[at] - loop.time()))
            due = [index for index in range(at, len(requests)) if begin + moments[index] <= loop.time()][:_AT_ONCE]
            due = due or [at]
            answers = await asyncio.gather(*(self._let_in_one(requests[index]) for index in due))
            failed = 0 if any(answers) else failed + len(due)
            at += len(due)

    async def _let_in_one(self, request: UpstreamRequest) -> bool:
        answer = await self._upstream.ask(request, self._upstream.own)
        if answer.status < 300:
            self._let_in += 1
            return True
        self._trouble = f"TaskRouter did not take a caller (HTTP {answer.status}): {_message(answer.body)}"
        return False

    def _form(self, workflow_sid: str, *, race: bool) -> tuple[tuple[str, str], ...]:
        kind = self._chance.choices(MIXED_CALLERS, [each.share for each in MIXED_CALLERS])[0]
        attributes = {**kind.attributes, **({"race": True} if race else {})}
        return (("WorkflowSid", workflow_sid), ("Attributes", json.dumps(attributes)))


def _day(number: int, minutes: int, chance: Random) -> Iterable[float]:
    hours = minutes / 60
    arrivals = CallArrivals(calls_per_hour=number / hours, hours=hours, pattern=PATTERNS["day"])
    at = arrivals.next_after(0.0, chance)
    while at is not None:
        yield at
        at = arrivals.next_after(at, chance)


def _whole(name: str, asked: Mapping[str, Any], most: int) -> int:
    value = asked.get(name)
    if type(value) is not int or not 1 <= value <= most:
        raise NotUsable(f"{name} is a whole number from 1 to {most}")
    return value


def _message(body: bytes) -> str:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return "no reason was given"
    return str(document.get("message", ""))[:300] if isinstance(document, dict) else "no reason was given"
