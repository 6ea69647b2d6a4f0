"""The expression language: which Workers a TaskQueue has, by what its expression means."""

from __future__ import annotations

from typing import Any

from labkit.parity.player import ScenarioPlayer
from labkit.parity.scenario import scenario
from labkit.parity.scenarios.common import REFUSED, configuration, filtered, queue, target, worker, workflow

_EXPRESSIONS = "Expressions | "
_ONE_WORKER: dict[str, Any] = {"level": 5, "text": "6", "name": "a", "nothing": None, "list": ["a"]}

_MATCHES: tuple[tuple[str, str, bool], ...] = (
    ("Null and different types", "nothing > 1", False),
    ("Null and different types", "nothing == null", True),
    ("Null and different types", "missing == null", True),
    ("Null and different types", "nothing != 1", True),
    ("NOT IN, where the left side is missing", "missing NOT IN ['a']", True),
    ("NOT IN, where the left side is missing", "missing NOT IN ['a', null]", False),
    ("A text compared with a number", "text > 5", False),
    ("A text compared with a number", "level == '5'", False),
    ("Precedence", "1==2 AND 1==1 OR 1==1", True),
    ("Precedence", "NOT 1==2 AND 1==2", False),
    ("NOT before an expression", "NOT level > 7", True),
    ("Upper and lower case", "Name == 'a'", False),
    ("Upper and lower case", "name == 'A'", False),
    ("Upper and lower case", "name == 'a' and 1==1", True),
    ("`worker.` in a queue's expression", "worker.level > 3", True),
    ("`worker.` in a queue's expression", "level > 3", True),
)
"""A choice, an expression, and whether the one Worker is in a TaskQueue that has it."""

_NAMES = (("a.1b == 1", 201), ("a.1 == 1", 201), ("1a == 1", 400))


@scenario("Whether a Worker is in a TaskQueue, by its expression")
def expressions(play: ScenarioPlayer) -> None:
    """One TaskQueue is given each expression in turn, and the Workspace's one Worker looked for in it."""
    worker(play, attributes=_ONE_WORKER)
    queue(play)
    for choice, expression, is_in in _MATCHES:
        play.post(f"the TaskQueue: {expression}", "TaskQueues/{queue}", TargetWorkers=expression)
        play.get(f"who is in: {expression}", "TaskQueues/{queue}/RealTimeStatistics").settles(
            f"{_EXPRESSIONS}{choice}", total_eligible_workers=int(is_in)
        )
    for expression, status in _NAMES:
        play.post(f"a name: {expression}", "TaskQueues", FriendlyName=expression, TargetWorkers=expression).settles(
            f"{_EXPRESSIONS}A part of a name that begins with a digit", status=status
        )


@scenario("A filter that asks for the time of day, as a number and as a text")
def time_of_day(play: ScenarioPlayer) -> None:
    """For the hour that it is; an account is to be asked well before the hour is over."""
    queue(play)
    queue(play, "as text")
    hour = play.began.hour
    filters = [
        filtered(f"taskrouter.currentHour == '{hour:02d}'", target(play["as text"]), name="as a text"),
        filtered(f"taskrouter.currentHour == {hour}", target(play["queue"]), name="as a number"),
    ]
    workflow(play, Configuration=configuration(filters))
    play.post("a Task", "Tasks", Attributes="{}").settles(
        f"{_EXPRESSIONS}Time of day: taskrouter.currentTime, currentHour, currentMin, dayOfWeek",
        status=201,
        task_queue_friendly_name="queue",
    )


@scenario("Expressions that are none")
def broken_expressions(play: ScenarioPlayer) -> None:
    """The code and the message of each."""
    for expression in ("level >", "level = = 1", "(level > 1", "HAS 'a'", "level > 1 AND"):
        answered = play.post(f"broken: {expression}", "TaskQueues", FriendlyName="broken", TargetWorkers=expression)
        answered.settles("REST: requests and answers | Error bodies: code, message, more_info, status", **REFUSED)
