"""What a step of a scenario was answered, and which of the sandbox's choices it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labkit.errors import LabError
from labkit.parity.record import ChoiceClaim, StepRecord


class CutShortError(LabError):
    """A scenario cannot go on: what it needs next did not come about."""


@dataclass(frozen=True, slots=True)
class StepAnswer:
    """What a step was answered, as it came.

    Attributes:
        json: the body; None where it is none.
        record: what is kept of it.
    """

    json: Any
    record: StepRecord
    claims: list[ChoiceClaim]

    def settles(self, choice: str, **says: Any) -> StepAnswer:
        """This step shows what the sandbox chose.

        Args:
            choice: as docs/fidelity.toml has it: the section, ` | `, and what it is about.
            says: what the choice is: `status`, `code`, `message`, `types`, `count`, `came`, `seconds`; any other name
                is a field of the answer.
        """
        own = ("status", "code", "message", "types", "count", "came", "seconds")
        return self.shows(choice, {name if name in own else f"answer.{name}": value for name, value in says.items()})

    def shows(self, choice: str, says: Mapping[str, Any]) -> StepAnswer:
        """The same by places, as `StepRecord.shown` takes them."""
        self.claims.append(ChoiceClaim(choice=choice, step=self.record.name, says=dict(says)))
        return self
