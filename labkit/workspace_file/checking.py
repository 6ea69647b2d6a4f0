"""Expressions and configurations checked before anything is sent: a slip in the last leaves no half a load.

The grammar is the sandbox's own, pure and at hand. A real account has the last word: what it refuses all the same is
reported with what had been done until then.
"""

from __future__ import annotations

import json
import re
from typing import Any

from labkit.engine.workflow import parse_configuration
from labkit.errors import ExpressionError, Refusal
from labkit.expressions import Dialect, compile_expression
from labkit.workspace_file import references
from labkit.workspace_file.document import Document, Part, PartKey
from labkit.workspace_file.kinds import SHAPES
from labkit.workspace_file.node import refuse
from labkit.workspace_file.plan import Plan, PlanStep


def check_syntax(plan: Plan, wanted: Document) -> None:
    """Look at every expression and configuration that the plan would send.

    Raises:
        WorkspaceFileError: one is not in the language or not of the right form; names the line and the path.
    """
    for change in plan.changes:
        sent = change.part.fields if change.step is PlanStep.ADD else change.fields
        if change.step in (PlanStep.ADD, PlanStep.CHANGE):
            _check(change.part, [name for name in sent if name in ("target_workers", "configuration")], wanted)


def _check(part: Part, names: list[str], wanted: Document) -> None:
    for name in names:
        path = f"{part.path}.{name}"
        try:
            if name == "target_workers":
                compile_expression(references.unnamed(part.fields[name], _any_sid), Dialect.WORKER)
            else:
                parse_configuration(json.dumps(_with_any_sids(part.fields[name])))
        except ExpressionError as error:
            refuse(_sentence(error), path=path, lines=wanted.lines)
        except Refusal as error:
            inner, problem = _taken_apart(str(error))
            refuse(problem, path=path + inner, lines=wanted.lines)


def _with_any_sids(configuration: Any) -> Any:
    return references.rebuilt(
        configuration, queue=lambda name: name, text=lambda text: references.unnamed(text, _any_sid)
    )


def _any_sid(key: PartKey) -> str:
    return f"{SHAPES[key.kind].sid}{'0' * 32}"


def _taken_apart(text: str) -> tuple[str, str]:
    """The path in the configuration and what is wrong there, out of the engine's sentence."""
    found = re.search(r"\$(?P<path>[\w.\[\]]*): (?P<problem>.*)", text, re.DOTALL)
    return (found["path"], _sentence(found["problem"])) if found else ("", _sentence(text))


def _sentence(error: object) -> str:
    first, *_ = str(error).strip().splitlines() or [""]  # what follows draws the place, and would not fit in a line
    return " ".join(first.split()).rstrip(".")
