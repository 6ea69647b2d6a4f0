"""How far a learner is: which lessons were begun, which steps ticked, and which a check found missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonProgress:
    """How far somebody is in one lesson.

    Attributes:
        begun: when its first cell ran first; None while it has not.
        ticked: by a step's title, when a check first found it done; it stays ticked.
        missed: by a step's title, how often a check has told what to do about it.
    """

    begun: datetime | None = None
    ticked: Mapping[str, datetime] = field(default_factory=dict)
    missed: Mapping[str, int] = field(default_factory=dict)
