"""What a comparison came to, for people as a table and as a document that can be sent."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from labkit._version import __version__
from labkit.display import Result, Section, Table, counted, shortened
from labkit.parity.comparison import TOLERANCE_SECONDS, ParityDifference, differences
from labkit.parity.record import PlayedScenario

FORMAT_VERSION = 1
"""Of the document; another one where a field changes its meaning or goes."""
_CELL = 44


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledChoice:
    """What either side did where the sandbox had to choose.

    Attributes:
        choice: as docs/fidelity.toml has it.
        scenario, step, place: what shows it.
        chosen: what the sandbox's choice is.
        a, b: what was there.
    """

    choice: str
    scenario: str
    step: str
    place: str
    chosen: Any
    a: Any
    b: Any

    @property
    def is_right(self) -> bool:
        """Whether the second side does as was chosen."""
        return bool(self.b == self.chosen)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ParityReport(Result):
    """Two sides compared.

    Attributes:
        a_label, b_label: who they are.
        a, b: what was played on either, by the scenarios' names.
        not_compared: why a scenario was left out, by its name.
        differences: all of them.
        choices: what was seen of the sandbox's choices.
    """

    a_label: str
    b_label: str
    a: Mapping[str, PlayedScenario]
    b: Mapping[str, PlayedScenario]
    not_compared: Mapping[str, str] = field(default_factory=dict)

    @property
    def differences(self) -> list[ParityDifference]:
        """Of the scenarios that both have played, in their order."""
        return [each for name, one in self.a.items() if name in self.b for each in differences(one, self.b[name])]

    @property
    def choices(self) -> list[SettledChoice]:
        """One for each place that shows a choice."""
        return [each for name in self.a if name in self.b for each in self._choices(name)]

    def _choices(self, name: str) -> Iterator[SettledChoice]:
        for claim in self.a[name].claims:
            a, b = self.a[name].step(claim.step), self.b[name].step(claim.step)
            for place, chosen in claim.says.items():
                yield SettledChoice(
                    choice=claim.choice,
                    scenario=name,
                    step=claim.step,
                    place=place,
                    chosen=chosen,
                    a=a.shown(place) if a else None,
                    b=b.shown(place) if b else None,
                )

    def as_document(self) -> dict[str, Any]:
        """All of it as JSON has it. No secret, SID, address or moment is in it."""
        compared = [name for name in self.a if name in self.b]
        return {
            "format": "labkit parity",
            "version": FORMAT_VERSION,
            "labkit": __version__,
            "a": self.a_label,
            "b": self.b_label,
            "tolerance_seconds": TOLERANCE_SECONDS,
            "compared": compared,
            "not_compared": dict(self.not_compared),
            "differences": [asdict(each) for each in self.differences],
            "choices": [{**asdict(each), "is_right": each.is_right} for each in self.choices],
            "records": {name: {"a": asdict(self.a[name]), "b": asdict(self.b[name])} for name in compared},
        }

    def as_json(self) -> str:
        """The document as text."""
        return json.dumps(self.as_document(), ensure_ascii=False, indent=1)

    def _sections(self) -> Iterator[Section]:
        found = self.differences
        yield Section(self._headline(found), _table(found, self.a_label, self.b_label), foot=self._counts(found))
        yield from self._choices_section()
        if self.not_compared:
            rows = list(self.not_compared.items())
            yield Section(f"Not compared: {counted(len(rows), 'scenario')}", Table(("Scenario", "Why"), rows))

    def _headline(self, found: Sequence[ParityDifference]) -> str:
        number = sum(name in self.b for name in self.a)
        came_to = counted(len(found), "difference") if found else "no difference"
        return f"{counted(number, 'scenario')} played on {self.a_label} and on {self.b_label}: {came_to}."

    def _counts(self, found: Sequence[ParityDifference]) -> str:
        by_category = Counter(each.category.value for each in found)
        return ", ".join(f"{category}: {number:,}" for category, number in sorted(by_category.items()))

    def _choices_section(self) -> Iterator[Section]:
        seen = self.choices
        wrong = [each for each in seen if not each.is_right]
        if not seen:
            return
        number, others = len({each.choice for each in seen}), len({each.choice for each in wrong})
        rows = [(_cell(each.choice), each.step, each.place, _cell(each.chosen), _cell(each.b)) for each in wrong]
        headline = f"Of {counted(number, 'choice')} of ours, {self.b_label} does {others or 'none'} otherwise."
        yield Section(headline, Table(("Choice", "Step", "What", "Ours", self.b_label), rows, names_in_text=True))


def _table(found: Sequence[ParityDifference], a: str, b: str) -> Table | None:
    if not found:
        return None
    rows = [(each.category.value, each.scenario, each.step, each.place, _cell(each.a), _cell(each.b)) for each in found]
    return Table(("What differs", "Scenario", "Step", "Where", a, b), rows, names_in_text=True)


def _cell(value: Any) -> str:
    return shortened(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), most=_CELL)
