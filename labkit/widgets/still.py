"""Still: a picture of a panel that stays in the notebook's file, and needs neither a kernel nor a script to be seen.

In one output a front end prefers the widget to the HTML beside it, and says "model not found" when the kernel is gone.
So the still is an output of its own under the panel, kept up to date while the kernel lives; while the panel is there
it is hidden, and where the panel is not, it hides what is left of that (`labkit.display` has the two rules).
"""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from labkit.display import Result, Section, duration, shortened, time_of_day
from labkit.live.throttle import Throttle
from labkit.vocabulary import is_sid, short_sid

GAP_SECONDS = 10.0
"""Between two updates of a still: each makes the notebook's file one that has changed."""
_IN_STEP = timedelta(seconds=2)
PLACES = 8
"""In which one panel is kept up to date: a cell that is run again leaves an old one that nobody sees."""
GO_ON = "This is a picture, as it was last. For the panel itself, run the first cell of the notebook, then this one."


@dataclass(frozen=True, slots=True, repr=False)
class Still(Result):
    """What a panel showed last.

    Attributes:
        title: the panel's.
        at: when, on TaskRouter's clock, in UTC.
        sections: what it showed.
        ahead: how far that clock was ahead of the computer's.
        panel_id: names the panel on a page, whose script draws it above the still where a front end could not.
    """

    title: str
    at: datetime
    sections: Sequence[Section]
    ahead: timedelta = timedelta(0)
    panel_id: str = ""

    def _sections(self) -> Iterable[Section]:
        when = f"{self.at.day} {self.at:%b %Y, %H:%M:%S} UTC on TaskRouter's clock"
        if abs(self.ahead) > _IN_STEP:
            which = "ahead of" if self.ahead > _IN_STEP else "behind"
            when += f", {duration(abs(self.ahead).total_seconds())} {which} the computer's"
        head = Section(f"{self.title} · {when}", foot=GO_ON)
        name = f" labkit-panel-{self.panel_id}" if self.panel_id else ""
        return [replace(head, look=f"still{name}"), *(replace(each, look="still") for each in self.sections)]


class Stills:
    """The stills of one panel, one in each place where it is displayed. From any thread.

    Args:
        draw: what the panel shows now.
    """

    def __init__(self, draw: Callable[[], Still]) -> None:
        self._draw = draw
        self._drawn: Sequence[Section] | None = None
        self._places: deque[str] = deque(maxlen=PLACES)
        self._pace = Throttle(lambda _topics: self._update(), gap=GAP_SECONDS)

    def display(self) -> None:
        """Leave one in the cell that runs."""
        still, place = self._draw(), uuid.uuid4().hex
        _publish(still, place=place)
        self._drawn = still.sections
        self._places.append(place)

    def mark(self) -> None:
        """The panel shows something else now."""
        if self._places:
            self._pace.mark("still")

    def close(self) -> None:
        """Leave them as the panel is now, for good. May be called twice."""
        self._pace.close()
        self._update()

    def _update(self) -> None:
        if not self._places:
            return
        still = self._draw()
        if still.sections == self._drawn:
            return
        self._drawn = still.sections
        for place in tuple(self._places):  # a cell may show the panel meanwhile
            _publish(still, place=place, update=True)


def time_of_day_utc(milliseconds: float | None) -> str:
    """`14:02:05` in UTC, of a time as the panels' states have it; empty where there is none."""
    return "" if milliseconds is None else time_of_day(datetime.fromtimestamp(milliseconds / 1000, tz=UTC))


def short_path(path: str) -> str:
    """A URL's path without its query, with its SIDs short."""
    return "/".join(short_sid(part) if is_sid(part) else part for part in path.partition("?")[0].split("/"))


def in_one_text(pairs: Iterable[Sequence[str]]) -> str:
    """Attributes as the panels' states have them, as one text that is not long."""
    return shortened(", ".join(": ".join(pair) for pair in pairs), most=160)


def _publish(still: Still, *, place: str, update: bool = False) -> None:
    from IPython.display import display

    display(still, display_id=place, update=update)  # type: ignore[no-untyped-call]
