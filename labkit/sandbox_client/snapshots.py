"""Snapshots of the sandbox's whole state: kept under a name, gone back to, and begun anew.

The state is every Workspace with all that is in it, and its events. The account, the port and the clock stay the
sandbox's, so that clients go on. Time goes on as well: what fell due since a snapshot was made falls due when it is
restored, in the order of the deadlines, as after a restart.

What a restore or a reset takes away is kept by itself, under a name such as `before reset 2026-11-26 14.03.07`, with
the time in UTC. Of these the newest ten stay, or 500 MiB of them if that is less, and the newest one in any case; what
people named stays until they replace it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from labkit.display import Records, Section, TableRow, date_and_time
from labkit.errors import TaskRouterError
from labkit.sandbox_client.client import SandboxClient

_KIB = 1024


@dataclass(frozen=True, slots=True, repr=False)
class SnapshotRecord(TableRow):
    """One snapshot: its name, when it was made (aware, UTC), and the size of its file in bytes."""

    name: str
    made: datetime
    bytes: int

    def cells(self) -> dict[str, str]:
        """What a table says of it."""
        size = max(1, round(self.bytes / _KIB))
        return {"Snapshot": self.name, "Made (UTC)": date_and_time(self.made), "Size": f"{size:,} KiB"}

    def _sections(self) -> tuple[Section]:
        name, made, size = self.cells().values()
        return (Section(f"{name}  ({made} UTC, {size})"),)


class Snapshots:
    """The snapshots of one sandbox. Keeps no state.

    Every method may raise LabError: this is a real account, which has none; or, of its child TaskRouterError, the
    sandbox refused, or did not answer.
    """

    def __init__(self, asking: SandboxClient) -> None:
        self._asking = asking

    def all(self) -> Records[SnapshotRecord]:
        """Every snapshot, the oldest first."""
        answer = self._asking.get("snapshots", what="list the snapshots")
        return Records(map(_record, answer["snapshots"]), "snapshot")

    def keep(self, name: str, *, replace: bool = False) -> SnapshotRecord:
        """Keep all that there is now.

        Args:
            name: 1 to 64 letters (A to Z), digits, spaces and the signs `- _ .`, with a letter or a digit first. Names
                such as `before reset` are refused: they are those of what a reset or a restore takes away.
            replace: whether one of this name may be replaced; otherwise it is refused, for it would be lost.
        """
        form = {"Name": name, "Replace": "true" if replace else None}
        try:
            return _record(self._asking.post("snapshots", form, what=f"keep a snapshot {name!r}"))
        except TaskRouterError as error:
            if error.status != 409:
                raise
            raise TaskRouterError(
                f"There is a snapshot {name!r} already. Choose another name, or replace it with replace=True "
                "(on the command line: --replace).",
                status=error.status,
                code=error.code,
            ) from None

    def restore(self, name: str) -> SnapshotRecord:
        """Go back to a snapshot. `restore("before restore")` undoes it.

        Args:
            name: of a snapshot; `before reset` and `before restore` are the newest of what resets or restores took
                away.

        Returns:
            The snapshot that the sandbox went back to, under its full name.
        """
        try:
            answer = self._asking.post(f"snapshots/{name}/restore", what=f"go back to the snapshot {name!r}")
        except TaskRouterError as error:
            raise self._explained(error, name) from None
        return _record(answer["restored"])

    def reset(self) -> None:
        """Begin anew with nothing. `restore("before reset")` undoes it."""
        self._asking.post("reset", what="begin anew")

    def _explained(self, error: TaskRouterError, name: str) -> TaskRouterError:
        if error.status != 404:
            return error
        names = ", ".join(repr(each.name) for each in self.all()) or "none yet"
        return TaskRouterError(f"There is no snapshot {name!r}. There are: {names}.", status=404, code=error.code)


def _record(values: Mapping[str, Any]) -> SnapshotRecord:
    made = datetime.fromisoformat(values["date_created"])
    return SnapshotRecord(name=values["name"], made=made, bytes=values["bytes"])
