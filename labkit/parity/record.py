"""What was written down of a scenario as it was played on one side: plain values that can be compared and sent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

ABSENT = "(absent)"
"""What `StepRecord.shown` says of a place where nothing stands."""
_EVENT_PLACE = re.compile(r"events\[([a-z.-]+)\](?:\.(.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent:
    """One Event of TaskRouter's log.

    Attributes:
        type: such as `task.created`.
        after: seconds since the first Event of the list.
        fields: the Event's own fields but its SID, URL and date.
        data: its event data.
    """

    type: str
    after: float
    fields: Mapping[str, Any]
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """One step, and what came of it.

    Attributes:
        name: what was done, in words; no two steps of a scenario have the same.
        status: of HTTP; None where no request was answered.
        code, message: Twilio's, of a refusal.
        answer: the fields of the answer.
        headers: those that the step asks for.
        events: of the log, the oldest first; None where the step does not list them.
        callbacks: what came in at the callback URLs; None where the step does not look there.
        seconds: how long it took until what was waited for was so; None where nothing was waited for.
        came: whether it came at all.
    """

    name: str
    status: int | None = None
    code: int | None = None
    message: str = ""
    answer: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    events: Sequence[LoggedEvent] | None = None
    callbacks: Sequence[Mapping[str, Any]] | None = None
    seconds: float | None = None
    came: bool = True

    def shown(self, place: str) -> Any:
        """What stands at a place of the record; `ABSENT` where nothing does.

        Args:
            place: `status`, `code`, `message`, `came`; `types` for the types of the Events, `count` for how many
                elements the answer's list has; `answer.…`, `headers.…`, `callbacks.…` with names and numbers between
                dots; `events[task.created].…` for a field of the first Event of this type, of itself or of its data.
        """
        if place == "types":
            return [event.type for event in self.events or ()]
        if place == "count":
            return len(self._listed())
        found = _EVENT_PLACE.fullmatch(place)
        if found is None:
            return _within(asdict(self), place)
        event = next((each for each in self.events or () if each.type == found[1]), None)
        if event is None:
            return ABSENT
        return _within({**event.fields, **event.data}, found[2]) if found[2] else event.type

    def _listed(self) -> Sequence[Any]:
        lists = [each for each in self.answer.values() if isinstance(each, list)] if self.answer else []
        return lists[0] if lists else ()


def _within(value: Any, place: str) -> Any:
    for name in place.split("."):
        if isinstance(value, Mapping) and name in value:
            value = value[name]
        elif isinstance(value, Sequence) and not isinstance(value, str) and _is_index(name, len(value)):
            value = value[int(name)]
        else:
            return ABSENT
    return value


def _is_index(name: str, length: int) -> bool:
    return name.isdecimal() and int(name) < length


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceClaim:
    """Which step of a scenario shows what the sandbox chose, where Twilio does not say.

    Attributes:
        choice: as docs/fidelity.toml has it: the section, ` | `, and what it is about.
        step: the step's name.
        says: what the choice is, by places of the step's record.
    """

    choice: str
    step: str
    says: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedScenario:
    """A scenario as it was played on one side.

    Attributes:
        name: the scenario's.
        steps: in their order.
        claims: the choices that it would settle.
        tasks: how many Tasks were made.
        waited: the seconds that were let pass.
        cut_short: why it did not go to its end; empty if it did.
    """

    name: str
    steps: Sequence[StepRecord]
    claims: Sequence[ChoiceClaim] = ()
    tasks: int = 0
    waited: float = 0.0
    cut_short: str = ""

    def step(self, name: str) -> StepRecord | None:
        """The step of this name, if it was played."""
        return next((each for each in self.steps if each.name == name), None)
