"""The time of day and the day of the week, as a filter's expression reads them.

Docs: /docs/taskrouter/time-of-day-routing. The page has them in targets too, where they are NULL here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def with_time_of_day(task_scope: Mapping[str, Any], moment: datetime) -> dict[str, Any]:
    """A Task's attributes with what an expression knows as `taskrouter.`; an attribute of that name is hidden.

    Args:
        task_scope: the attributes.
        moment: in UTC. Hour, minute and both together (HHMM) are numbers, for the page compares them with numbers.
    """
    names = {
        "currentTime": moment.hour * 100 + moment.minute,
        "currentHour": moment.hour,
        "currentMin": moment.minute,
        "dayOfWeek": _DAYS[moment.weekday()],
    }
    return {**task_scope, "taskrouter": names}
