"""RoomInstructor: what the instructor's wall does, as lines of Python."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from labkit.arguments import named_arguments
from labkit.display import Frame, Records, Result, Section, TableRow, duration
from labkit.errors import ArgumentError
from labkit.room.client import RoomClient

REPORT_SECONDS = 60.0
"""For a report or for everybody's notebooks."""


@dataclass(frozen=True, slots=True, repr=False)
class RoomAnswer(Result):
    """What the room has done, as a sentence."""

    said: str

    def _sections(self) -> tuple[Section]:
        return (Section(self.said),)


@dataclass(frozen=True, slots=True, repr=False)
class WallPage(Result):
    """The wall, inside of the notebook or in a tab of its own.

    Attributes:
        address: of the page, as this browser reaches it.
    """

    address: str

    def _sections(self) -> tuple[Section]:
        links = {"Open the wall in a tab of its own": lambda: self.address}
        return (Section("The instructor's wall", Frame("The wall", lambda: self.address, links)),)


@dataclass(frozen=True, slots=True, repr=False)
class ParticipantRecord(TableRow):
    """Where a participant is; see the wall."""

    name: str
    lesson: str
    step: str
    done: str
    stuck: str
    server: str

    def cells(self) -> Mapping[str, str]:
        """A row of the table of all."""
        return {
            "Participant": self.name,
            "Lesson": self.lesson,
            "Step": self.step,
            "Done": self.done,
            "Stuck": self.stuck,
            "Server": self.server,
        }


class RoomParticipants(Records[ParticipantRecord]):
    """Who is where; below it stands what the hub does not say.

    Args:
        participants: first who is stuck, then the others by name, at the end who shares nothing and is away.
        trouble: why it is not known whose server runs now; "" where it is.
    """

    def __init__(self, participants: Iterable[ParticipantRecord], *, trouble: str) -> None:
        super().__init__(participants, "participant")
        self._trouble = trouble

    def _sections(self) -> tuple[Section]:
        [section] = super()._sections()
        return (replace(section, foot=self._trouble),)


@dataclass(frozen=True, slots=True, repr=False)
class DayReport(Result):
    """The day of a room.

    Attributes:
        values: all of it, as the room's JSON has it.
        html: a page to keep.
        csv: a row for each participant.
    """

    values: Mapping[str, Any]
    html: str
    csv: str

    def _sections(self) -> tuple[Section]:
        people, centre = self.values["participants"], self.values["contact_centre"]
        slowest = centre["p95_seconds"]
        waits = f", and 95 of 100 waited at most {duration(slowest)}" if slowest is not None else ""
        said = (
            f"{len(people)} share their progress. {centre['accepted']} of {centre['tasks']} Tasks were accepted{waits}."
        )
        return (
            Section(said, foot="Its .html, .csv and .values are for keeping: Path('day.html').write_text(day.html)."),
        )


@named_arguments
class RoomInstructor:
    """The room, for whoever leads it. Every method may raise RoomError: it refused, or did not answer.

    Args:
        room: the line to it; as anybody else's than the instructor's everything is refused.
    """

    def __init__(self, room: RoomClient) -> None:
        self._room = room

    def wall(self) -> WallPage:
        """The wall as a page in the notebook."""
        base = os.environ.get("JUPYTERHUB_BASE_URL", "/").rstrip("/")
        return WallPage(f"{base}/services/room/wall")

    def participants(self) -> RoomParticipants:
        """Who is where, and whose server runs: first who is stuck, at the end who shares nothing and is away."""
        state = self._room.get("wall/state")
        trouble = str(state["hub"]["trouble"])
        records = [
            ParticipantRecord(
                name=str(each["name"]),
                lesson=str(each["lesson"]),
                step=str(each["step"]),
                done=f"{each['done']} of {each['steps']}" if each["steps"] else "",
                stuck=str(each["stuck"]),
                server=_server(each, now=state["at"]),
            )
            for each in state["people"]
        ]
        return RoomParticipants(records, trouble=f"{trouble}; servers are shown as it said last." if trouble else "")

    def callers(
        self,
        kind: Literal["single", "burst", "steady", "day"] = "single",
        *,
        number: int | None = None,
        per_minute: int | None = None,
        minutes: int | None = None,
        race: bool = False,
    ) -> RoomAnswer:
        """Let callers in; returns at once, while they come.

        Args:
            kind: `single`; `burst` of `number` at once; `steady`, so many `per_minute` for so many `minutes`; or a
                `day` of some `number`, with its busy hours, in so many `minutes`.
            number, per_minute, minutes: whole numbers. A run has at most 500 callers, with a Twilio account 50.
            race: several Workers are asked for each, and the first wins.
        """
        asked = {"kind": kind, "number": number, "per_minute": per_minute, "minutes": minutes, "race": race}
        given = {name: value for name, value in asked.items() if value is not None}
        return RoomAnswer(f"{self._room.post('wall/callers', given)['said']}: coming in.")

    def stop_callers(self) -> RoomAnswer:
        """Let no more in; who is in stays in."""
        state = self._room.delete("wall/callers")
        return RoomAnswer(f"No more callers come in; {state['let_in']} of {state['total']} have.")

    def message(self, text: str) -> RoomAnswer:
        """Say something to everybody whose lab is in the room.

        Args:
            text: 1 to 1,000 characters.
        """
        self._room.post("messages", {"text": text})
        return RoomAnswer("Sent.")

    def set_scene_back(self) -> RoomAnswer:
        """End every Task, stop the callers, and have every participant who is there Available."""
        return RoomAnswer(str(self._room.post("wall/scene", seconds=REPORT_SECONDS)["said"]))

    def set_back(self, name: str | None = None, *, everyone: bool = False) -> RoomAnswer:
        """Give a participant, or everyone, new copies of the notebooks; the old ones are kept beside them.

        Args:
            name: the participant's.
            everyone: all of them, in place of a name.

        Raises:
            ArgumentError: neither was given, or both.
        """
        if (name is not None) == everyone:
            raise ArgumentError("Give a name or everyone=True: set_back('ana'), or set_back(everyone=True) for all.")
        asked = {"everyone": True} if everyone else {"name": name}
        return RoomAnswer(str(self._room.post("wall/set-back", asked, seconds=REPORT_SECONDS)["said"]))

    def report(self) -> DayReport:
        """The day so far, with the names of those who share how far they are."""
        html, csv = (
            self._room.get_text("wall/report", {"form": form}, seconds=REPORT_SECONDS) for form in ("html", "csv")
        )
        return DayReport(self._room.get("wall/report", seconds=REPORT_SECONDS), html, csv)


def _server(row: Mapping[str, Any], *, now: int) -> str:
    """How somebody's server stands, with for how long; both moments are milliseconds since 1970."""
    since = row["server_since"]
    return str(row["server"]) if since is None else f"{row['server']}, {duration((now - since) // 60_000 * 60)}"
