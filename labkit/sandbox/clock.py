"""The sandbox's clock: real time that can be moved on and held.

The engine never reads it; the service gives it the time with every command. Nothing here sleeps.

Real time is the computer's clock, and underneath it the monotonic one, which nobody sets. When the computer's clock is
set back, time runs on by the monotonic one; when it jumps forward, as after a laptop's sleep (which the monotonic one
does not count on Linux), time follows.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How a clock is set: all that must be kept for it to go on after the process has ended.

    Attributes:
        held: it stands still at this moment; None while it runs.
        ahead: how far it is before the real time while it runs; below zero after a pause.
    """

    held: datetime | None = None
    ahead: timedelta = timedelta(0)

    def as_text(self) -> str:
        """One line of JSON."""
        held = self.held.isoformat() if self.held is not None else None
        return json.dumps({"held": held, "ahead_microseconds": self.ahead // timedelta(microseconds=1)})

    @classmethod
    def from_text(cls, text: str) -> Setting:
        """What `as_text` wrote.

        Raises:
            ValueError, KeyError, TypeError: it is something else.
        """
        values = json.loads(text)
        held = datetime.fromisoformat(values["held"]) if values["held"] is not None else None
        if held is not None and held.tzinfo is None:
            raise ValueError(f"{values['held']!r} has no time zone")
        return cls(held=held, ahead=timedelta(microseconds=values["ahead_microseconds"]))


class RealTime:
    """The computer's time, which never goes back and never stands still.

    Args:
        read: the computer's clock, aware and in UTC; somebody may set it.
        monotonic: seconds since whenever; nobody sets it.
    """

    def __init__(self, *, read: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        self._read, self._monotonic = read, monotonic
        self._began = read() - timedelta(seconds=monotonic())
        """What the computer's clock showed when the monotonic one began; the latest that this ever was."""

    def __call__(self) -> datetime:
        """The time."""
        # In this order: whatever comes in between the two makes it a little early, and never early for good.
        shown = self._read()
        run = timedelta(seconds=self._monotonic())
        self._began = max(self._began, shown - run)
        return self._began + run

    def not_before(self, moment: datetime) -> None:
        """Go on from `moment`, if that is still to come. Where the computer's clock comes to it, both are one again."""
        self._began = max(self._began, moment - timedelta(seconds=self._monotonic()))


class Clock:
    """Time as the sandbox sees it, always in UTC and never going back.

    Args:
        start: stand still at this moment; without it, run with the real time.
        read: the computer's clock; for tests of this one.
        monotonic: the clock underneath, in seconds; likewise.
    """

    def __init__(
        self,
        start: datetime | None = None,
        *,
        read: Callable[[], datetime] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._real = RealTime(read=read or _computers_time, monotonic=monotonic)
        self._setting = Setting(held=start)
        self._step: datetime | None = None
        """The moment at which it stands while it goes in steps."""
        self._jumped = timedelta(0)

    def now(self) -> datetime:
        """The sandbox's time."""
        stands = self._setting.held or self._step
        return stands if stands is not None else self._real() + self._setting.ahead

    @property
    def is_held(self) -> bool:
        """Whether somebody has it stand still."""
        return self._setting.held is not None

    @property
    def setting(self) -> Setting:
        return self._setting

    def setting_for(self, moment: datetime, *, held: bool) -> Setting:
        """The setting with which it would show `moment` just now, standing still or running on."""
        return Setting(held=moment) if held else Setting(ahead=moment - self._real())

    def set(self, setting: Setting) -> None:
        """Go on from this setting: one that was kept, or one from `setting_for`. Whoever sets it keeps it going on."""
        self._setting = setting

    def not_before(self, moment: datetime) -> None:
        """Go on from `moment`, if that is still to come: what has a time already shall not be in the future.

        The computer's clock may have been set back while no sandbox ran.
        """
        held = self._setting.held
        if held is not None:
            self._setting = Setting(held=max(held, moment))
        elif self._step is not None:
            self._step = max(self._step, moment)
        else:
            self._real.not_before(moment - self._setting.ahead)

    def advance(self, seconds: float) -> datetime:
        """Move the time on by `seconds` (0 or more); the new time.

        Raises:
            ValueError: `seconds` is below 0.
        """
        if seconds < 0:
            raise ValueError(f"the clock cannot go back, and {seconds} seconds is back")
        self.move_to(self.now() + timedelta(seconds=seconds))
        return self.now()

    def move_to(self, moment: datetime) -> None:
        """Move the time on to `moment`. If that is over already, nothing moves."""
        ahead = moment - self.now()
        if ahead > timedelta(0):
            self._jumped += ahead
            self._step = None if self._step is None else moment
            self.set(self.setting_for(moment, held=self.is_held))

    @contextmanager
    def in_steps(self) -> Iterator[None]:
        """Meanwhile time goes on by `move_to` alone, so that what is done at a moment is done at that very moment.

        Whoever asks is told that it runs, unless it is held. Afterwards it runs on from where it stands.
        """
        self._step = self.now()
        try:
            yield
        finally:
            moment, self._step = self.now(), None
            self.set(self.setting_for(moment, held=self.is_held))

    def steady(self) -> datetime:
        """A time that is moved on with the sandbox's and is never held: for what counts requests per second."""
        return self._real() + self._jumped

    def pause(self) -> None:
        """Stand still from now on. May be called twice."""
        self.set(self.setting_for(self.now(), held=True))

    def resume(self) -> None:
        """Run on from where it stands. May be called twice."""
        if self.is_held:
            self.set(self.setting_for(self.now(), held=False))

    def seconds_until(self, moment: datetime) -> float | None:
        """Real seconds until the sandbox's time reaches `moment`: at least 0, None while the clock does not run."""
        if self.is_held or self._step is not None:
            return 0.0 if moment <= self.now() else None
        return max(0.0, (moment - self.now()).total_seconds())


def _computers_time() -> datetime:
    return datetime.now(UTC)
