"""Writes docs/fidelity.md: what the sandbox does of what TaskRouter does, with the test that shows it.

The judgement is in docs/fidelity.toml; operations, event types and instructions are read from the code, so that none
can be forgotten. `python docs/make_fidelity.py` writes the page; tests/test_fidelity.py fails while it is stale.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from labkit import limits
from labkit.parity.scenarios import SCENARIOS
from labkit.sandbox.api.app import RESOURCES
from labkit.vocabulary import EventType, Instruction, wire_name

HERE = Path(__file__).resolve().parent
DATA = HERE / "fidelity.toml"
PAGE = HERE / "fidelity.md"
CASES = "engine/test_workflows.py::test_scenario_plays_as_written"
"""The test that plays tests/conformance/workflows.json."""
DEGREES = ("modelled", "partly", "not")
TWILIO = "https://www.twilio.com"

_TRIALS = """\
One trial in a real account for each; compare with the choice above.
The scenario that is named plays it: [the command `parity`](parity.md) has them all."""

TOP = """\
# What the sandbox does of what TaskRouter does

Made by `docs/make_fidelity.py` from `docs/fidelity.toml` and the code: change those, not this page.

Each line is one thing that TaskRouter does.

- **modelled**: the sandbox does the same, as far as it is documented or has been observed.
- **partly**: some of it; the line says what is missing.
- **not**: it does not; the line says why. What is asked for and missing is refused or passed over, never pretended.

"Our choice" says what the sandbox does where Twilio does not document a behaviour, or where its pages disagree.
Before you rely on such a detail in production, try it in a real account:
[what would settle our choices](#what-would-settle-our-choices) says how, one by one.
The command [`parity`](parity.md) does that for you: it plays a scenario for each choice on the sandbox and on your
account, and says which of them are wrong.

The last column names the test that shows it, below `tests/`; "case" is one of `tests/conformance/workflows.json`.
Besides, every operation is held to Twilio's OpenAPI document, with its parameters, its answer's fields and its errors:
[test_every_operation](../tests/sandbox/api/test_every_operation.py).
"""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a table.

    Attributes:
        settle: what to do in a real account to know whether the choice is right; every choice has one.
        scenario: which scenario of `python -m labkit parity` does so; every choice has one.
        source: where Twilio says so, as a path below its site, or in words where it is not its documentation.
        test: `file::test` below tests/; empty where there is nothing to show.
        case: of tests/conformance/workflows.json, in place of a test.
    """

    what: str
    how: str
    note: str = ""
    choice: str = ""
    settle: str = ""
    scenario: str = ""
    source: str = ""
    test: str = ""
    case: str = ""

    def __post_init__(self) -> None:
        if self.how not in DEGREES:
            raise ValueError(f"{self.what}: how is {self.how!r}, and is one of {', '.join(DEGREES)}")
        if self.how != "modelled" and not self.note and not self.choice:
            raise ValueError(f"{self.what}: it is {self.how} modelled, so say how far, or why not")
        if bool(self.choice) != bool(self.settle):
            raise ValueError(f"{self.what}: a choice, and only a choice, says what would settle it in a real account")
        if bool(self.choice) != bool(self.scenario):
            raise ValueError(f"{self.what}: a choice, and only a choice, names a scenario of labkit.parity")
        if (self.how == "not") == bool(self.test or self.case):
            raise ValueError(f"{self.what}: what is modelled has a test or a case, and what is not has none")

    @property
    def shown_by(self) -> str:
        """The test, as `file::test`."""
        return CASES if self.case else self.test

    def __str__(self) -> str:
        parts = (self.note, f"Our choice: {self.choice}" if self.choice else "", self._source())
        said = " ".join(part for part in parts if part)
        return f"| {_cell(self.what)} | {self.how} | {_cell(said)} | {self._evidence()} |"

    def _source(self) -> str:
        if not self.source.startswith("/"):
            return f"Source: {self.source}" if self.source else ""
        return f"Source: [{self.source.rsplit('/', 1)[-1]}]({TWILIO}{self.source})"

    def _evidence(self) -> str:
        if not self.shown_by:
            return ""
        file, _, name = self.shown_by.partition("::")
        shown = f"case “{_cell(self.case)}”" if self.case else f"`{name}`"
        return f"{shown} in [{Path(file).stem}](../tests/{file})"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


@dataclass(frozen=True)
class Section:
    """A table with its heading."""

    title: str
    lines: Sequence[Line]

    def __str__(self) -> str:
        head = f"## {self.title}\n\n| What | How | How far, why, and our choices | Shown by |\n|---|---|---|---|\n"
        return head + "\n".join(map(str, self.lines)) + "\n"


def sections(data: Mapping[str, Any]) -> list[Section]:
    """Every table of the page.

    Raises:
        ValueError: the data say something of what there is not, or say too little.
    """
    rules = [Section(each["title"], [Line(**rule) for rule in each["rules"]]) for each in data["section"]]
    return [
        Section("Operations", _lines(data["operations"], [f"`{name}`" for name in operations()])),
        Section("Event types", _lines(data["events"], [f"`{event}`" for event in EventType])),
        Section("Instructions", _lines(data["instructions"], [f"`{instruction}`" for instruction in Instruction])),
        *rules,
    ]


def _lines(said: Mapping[str, Any], names: Sequence[str]) -> list[Line]:
    """A line for each name: what is said of it alone, else what is said of all."""
    general = {key: value for key, value in said.items() if not isinstance(value, dict)}
    single = {f"`{name}`": value for name, value in said.items() if isinstance(value, dict)}
    unknown = sorted(set(single) - set(names))
    if unknown:
        raise ValueError(f"there is no {', '.join(unknown)}")
    return [Line(what=name, **single.get(name, general)) for name in names]


def operations() -> list[str]:
    """Every REST operation that is routed, such as `GET /Workspaces/{WorkspaceSid}/Tasks/{Sid}`, by path."""
    found = [(_documented(path), method) for resource in RESOURCES for method, path, _ in resource.routes(_nowhere)]
    return [f"{method} {path}" for path, method in sorted(found)]


def _nowhere(_: Any) -> NoReturn:
    raise AssertionError("nothing is asked here")


def _documented(path: str) -> str:
    """A path with its variable parts named as Twilio's documents name them."""
    parts = [re.sub(r"\{(\w+)\}", lambda found: f"{{{wire_name(found[1])}}}", part) for part in path.split("/")]
    if parts[-1].startswith("{"):
        parts[-1] = "{Sid}"
    return "/".join(parts)


def page(data: Mapping[str, Any]) -> str:
    """The whole page."""
    tables = sections(data)
    return "\n".join([TOP, *_summary(tables), *map(str, tables), *_open_questions(tables)])


def _summary(tables: Sequence[Section]) -> Iterator[str]:
    yield "| | modelled | partly | not | of these, our choice |\n|---|---|---|---|---|"
    for table in tables:
        anchor = re.sub(r"[^a-z0-9 -]", "", table.title.lower()).replace(" ", "-")
        yield f"| [{table.title}](#{anchor}) | {_counts(table.lines)} |"
    yield f"| **All** | {_counts([line for table in tables for line in table.lines])} |"
    yield ""


def _counts(lines: Sequence[Line]) -> str:
    count = Counter(line.how for line in lines)
    return " | ".join(map(str, [*(count[how] for how in DEGREES), sum(bool(line.choice) for line in lines)]))


def _open_questions(tables: Sequence[Section]) -> Iterator[str]:
    yield f"## What would settle our choices\n\n{_TRIALS}"
    for table in tables:
        chosen = [line for line in table.lines if line.choice]
        if chosen:
            yield f"\n### {table.title}: {len(chosen)}\n"
        yield from (f"- **{line.what}**. {line.settle} {_scenario(line.scenario)}" for line in chosen)
    yield ""


def _scenario(name: str) -> str:
    """Its name, and what it needs beside REST."""
    needs = sorted(SCENARIOS[name].needs) if name in SCENARIOS else []
    needed = f" (needs {' and '.join(needs)})" if needs else ""
    return f"Scenario `{name}`{needed}."


def read() -> dict[str, Any]:
    """The data, with the number of `labkit/limits` in place of each `{NAME}`.

    Raises:
        OSError, tomllib.TOMLDecodeError: they cannot be read.
        AttributeError: there is no such number.
    """
    text = DATA.read_text(encoding="utf-8")
    return tomllib.loads(re.sub(r"\{([A-Z_]+)\}", lambda found: f"{getattr(limits, found[1]):,}", text))


if __name__ == "__main__":
    PAGE.write_text(page(read()), encoding="utf-8", newline="\n")
