"""JSON as it is typed: are attributes JSON, an object, short enough; and if not, or in a configuration, where is the
mistake?

The judge is the parser that everybody uses, so what the form takes is what is sent (docs: /docs/taskrouter/api/task,
Attributes).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from labkit import limits
from labkit.attributes import NotJson, parse_json, place_of

_MISTAKES: tuple[tuple[str, str], ...] = (
    ("Expecting property name", "a name in double quotes is expected here"),
    ("Illegal trailing comma", "there is a comma with nothing after it"),
    ("Expecting ',' delimiter", "a comma or the end is expected here"),
    ("Expecting ':' delimiter", "a colon is expected here"),
    ("Expecting value", "a value is expected here"),
    ("Extra data", "the JSON is over before this"),
    ("Unterminated string", "the text that begins here has no closing quote"),
    ("Invalid control character", "a line break or tab inside a text must be written \\n or \\t"),
    ("Invalid \\", "this backslash begins no escape that JSON knows; write \\\\ for a backslash"),
)
_HINTS = {"'": "use double quotes", "T": "write true", "F": "write false", "N": "write null"}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong and where: `line` and `column` count from 1; both are 0 when it is not at one place."""

    text: str
    line: int = 0
    column: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """`value` when there is no problem; `characters` is the length of what would be sent, else of what is typed."""

    characters: int
    value: dict[str, Any] | None = None
    problem: Problem | None = None


def check_attributes(typed: str) -> Checked:
    """Judge what stands in the editor. Never raises."""
    try:
        value = parse_json(typed)
    except NotJson as error:
        return Checked(len(typed), problem=_problem(typed, error))
    if not isinstance(value, dict):
        return Checked(len(typed), problem=Problem("Attributes must be an object: {…} with names and values."))
    sent = len(json.dumps(value, ensure_ascii=False))
    if sent > limits.MAX_ATTRIBUTES_CHARACTERS:
        return Checked(
            sent,
            problem=Problem(
                f"Attributes may have {limits.MAX_ATTRIBUTES_CHARACTERS:,} characters; these are {sent:,}."
            ),
        )
    return Checked(sent, value=value)


def check_configuration(typed: str, refusal: str) -> Problem:
    """Where a Workflow's configuration is wrong, of which TaskRouter would say this.

    Args:
        typed: the configuration, as it stands in the editor.
        refusal: why it is not taken; it names a JSON path, or a SID, that is then looked for.
    """
    try:
        parse_json(typed)
    except NotJson as error:
        return _problem(typed, error)
    said = refusal.removeprefix("Invalid Configuration: ").partition("\n")[0]
    path, sid = re.match(r"\$[\w.\[\]]*", said), re.search(r"'(.+)'", said)
    position = place_of(typed, path[0]) if path else typed.find(json.dumps(sid[1])) if sid else 0
    text = f"{said[:1].upper()}{said[1:].rstrip('.')}."
    line, column = typed.count("\n", 0, position) + 1, position - typed.rfind("\n", 0, position)
    return Problem(f"Line {line}: {text}", line, column, _excerpt(typed, line=line, column=column))


def with_language(typed: str, language: str) -> str | None:
    """The same attributes with `selected_language` set, or None when they are not an object yet."""
    checked = check_attributes(typed or "{}")
    if checked.value is None:
        return None
    value = {**checked.value, "selected_language": language}
    return json.dumps(value, ensure_ascii=False, indent=2 if "\n" in typed.strip() else None)


def _problem(typed: str, error: NotJson) -> Problem:
    if error.line is None or error.column is None or error.position is None:
        return Problem(f"This is not JSON: {error}.")
    mistake = next((ours for theirs, ours in _MISTAKES if error.reason.startswith(theirs)), error.reason)
    hint = _HINTS.get(typed[error.position : error.position + 1], "")
    text = f"Line {error.line}, column {error.column}: {mistake}{f' ({hint})' if hint else ''}."
    return Problem(text, error.line, error.column, _excerpt(typed, line=error.line, column=error.column))


def _excerpt(typed: str, *, line: int, column: int) -> str:
    """The line with a caret under the place, cut to what fits a narrow panel."""
    start = max(0, column - 31)
    shown = typed.split("\n")[line - 1].replace("\t", " ")[start : start + 60]
    return f"{shown}\n{' ' * (column - 1 - start)}^"
