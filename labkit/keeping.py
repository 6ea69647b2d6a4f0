"""What a lab can go back to: snapshots of its sandbox, and a beginning with nothing but the quickstart's Workspace."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING, Any

from labkit.stream import EventStream, Kind

if TYPE_CHECKING:
    from labkit.sandbox_client.snapshots import SnapshotRecord, Snapshots


class Keeping(ABC):
    """The part of a lab that keeps the sandbox's state and brings it back.

    Every method may raise LabError: this lab talks to a real account, or the sandbox refused, or did not answer.
    """

    stream: EventStream
    _quiet: Any

    @property
    @abstractmethod
    def mode(self) -> str:
        """`sandbox` or `twilio`."""

    @abstractmethod
    def _follow(self) -> None:
        """The Workspaces are others now: find ours, or make it, and let everything here be about that one."""

    @cached_property
    def _snapshots(self) -> Snapshots:
        from labkit.sandbox_client.client import Asking
        from labkit.sandbox_client.snapshots import Snapshots

        return Snapshots(Asking(self._quiet, sandbox=self.mode == "sandbox"))

    def snapshot(self, name: str, *, replace: bool = False) -> SnapshotRecord:
        """Keep the sandbox's whole state, to come back to it with `restore`.

        Args:
            name: 1 to 64 letters (A to Z), digits, spaces and the signs `- _ .`, with a letter or a digit first.
            replace: whether one of this name may be replaced; without it that is refused.
        """
        return self._snapshots.keep(name, replace=replace)

    def snapshots(self) -> list[SnapshotRecord]:
        """Every snapshot with its date and size, the oldest first."""
        return self._snapshots.all()

    def restore(self, name: str) -> SnapshotRecord:
        """Go back to a snapshot, for all who use this sandbox. The way back is `restore("before restore")`.

        What fell due since the snapshot was made falls due now: time went on, as it does over a restart.
        """
        record = self._snapshots.restore(name)
        self._follow()
        self._tell(f"The sandbox went back to the snapshot {name!r}. The way back: lab.restore('before restore').")
        return record

    def reset(self) -> None:
        """Forget everything in the sandbox, for all who use it, and furnish the quickstart's Workspace anew.

        The way back is `restore("before reset")`. Snapshots stay.
        """
        self._snapshots.reset()
        self._follow()
        self._tell("The sandbox began anew. The way back: lab.restore('before reset').")

    def _tell(self, text: str) -> None:
        self.stream.publish(Kind.NOTICE, {"level": "info", "text": text})
