"""Tells the room how far a learner is: in the background, the newest only, and never what they have not agreed to."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from labkit.background import Work
from labkit.errors import LabError
from labkit.room.sharing_choice import SharingChoice

log = logging.getLogger(__name__)

Document = Mapping[str, Any]


class ProgressReporter:
    """Sends a learner's progress, or has it deleted. May be used from any thread.

    What fails is not sent again by itself: the next report holds everything.

    Args:
        home: the lab's, where the choice is remembered.
        post: gives the room a report in the place of the last one; may raise LabError.
        delete: has the room forget it; may raise LabError.
        submit: runs something in the background.
    """

    def __init__(
        self,
        home: Path,
        *,
        post: Callable[[Document], object],
        delete: Callable[[], object],
        submit: Callable[[Work], object],
    ) -> None:
        self._home, self._post, self._delete, self._submit = home, post, delete, submit
        self._lock = threading.Lock()
        self._waiting: Callable[[], Document] | None = None
        self._sending = False
        self._chosen: SharingChoice | None = None

    @property
    def choice(self) -> SharingChoice:
        """What holds now. A no that could not be written holds in this kernel."""
        return self._chosen or SharingChoice.in_home(self._home)

    def report(self, make: Callable[[], Document]) -> None:
        """Send what `make` makes, if that is shared. Returns at once; what waited to be sent is not sent any more.

        Args:
            make: called in the background; may raise LabError, and then nothing is sent.
        """
        with self._lock:
            self._waiting = make
            if self._sending:
                return
            self._sending = True
        self._submit(self._send_waiting)

    def choose(self, *, shares: bool) -> bool:
        """Share from now on, or share nothing more and have deleted what was sent.

        Returns:
            Whether the room has nothing left that it should not have. If not, that is made good by the next report.

        Raises:
            LabError: the choice holds, but cannot be kept.
        """
        self._chosen = SharingChoice(shares=shares, to_delete=not shares)
        deleted = shares or self._deleted()
        self._remember(SharingChoice(shares=shares, to_delete=not deleted))
        return deleted

    def _remember(self, choice: SharingChoice) -> None:
        self._chosen = choice
        choice.remember(self._home)
        self._chosen = None  # another kernel may choose otherwise

    def _send_waiting(self) -> None:
        while True:
            with self._lock:
                make, self._waiting = self._waiting, None
                if make is None:
                    self._sending = False
                    return
            try:
                self._send(make)
            except Exception as error:  # noqa: BLE001 - a lesson goes on without its instructor
                log.info("the progress was not sent: %s", error)

    def _send(self, make: Callable[[], Document]) -> None:
        shared = self.choice.shares
        try:
            if shared:
                self._post(make())
        finally:
            now = self.choice  # a no may have been said meanwhile, here or in another kernel
            if not now.shares and (shared or now.to_delete):
                deleted = self._deleted()
                if not self.choice.shares:  # that takes seconds, in which a yes may have been said
                    self._remember(SharingChoice(shares=False, to_delete=not deleted))

    def _deleted(self) -> bool:
        try:
            self._delete()
        except LabError as error:
            log.info("the progress was not deleted: %s", error)
            return False
        return True
