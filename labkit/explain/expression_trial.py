"""An expression tried on Workers or Tasks: whom it matches, whom not and why not, and what the linter says of it.

Docs: /docs/taskrouter/expression-syntax.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from labkit.display import Code, Line, Lines, Result, Section, Table, counted, shortened, shown
from labkit.engine.diagnosis.wording import capital, listed, reads, why_false
from labkit.engine.lint import lint_workspace
from labkit.engine.time_of_day import with_time_of_day
from labkit.engine.workspace_state import WorkspaceState
from labkit.errors import ExpressionError
from labkit.explain.tree import as_data
from labkit.explain.tree_builder import trace_nodes
from labkit.explain.trial_workspace import TrialQueue, TrialTask, TrialWorkspace
from labkit.expressions import Dialect, Expression, Trace, compile_expression, explain
from labkit.expressions.lint import Remark, Seen, is_constant, lint
from labkit.expressions.satisfying_values import wishes, with_wishes
from labkit.vocabulary import Sid

Scope = Mapping[str, Any]

_QUEUE = TrialQueue(sid=f"{Sid.TASK_QUEUE}{'e' * 32}", name="", target_workers="")
"""The TaskQueue that has the expression while it is tried."""
_BUILT_IN = {"sid", "friendly_name", "channel", "activity_sid", "activity_name"}
"""What expressions read of a Worker and is no attribute: it is changed elsewhere, or not at all."""


class ExpressionPlace(StrEnum):
    """Where an expression stands, which decides what its names mean and whom it is asked of."""

    QUEUE = "queue"
    """TargetWorkers of a TaskQueue: names are attributes of each Worker (docs: /docs/taskrouter/api/task-queue)."""
    FILTER = "filter"
    """`expression` of a Workflow's filter: names are attributes of the Task."""
    TARGET = "target"
    """`expression` of a Workflow's target: `task.` is the one Task, `worker.` each Worker."""


_DIALECTS = {
    ExpressionPlace.QUEUE: Dialect.WORKER,
    ExpressionPlace.FILTER: Dialect.TASK,
    ExpressionPlace.TARGET: Dialect.TARGET,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an expression says of one Worker, or of one Task.

    Attributes:
        key, name: of whom.
        matches: whether it holds.
        why: the values that it read, or why it is false, as a clause.
        change: what of the attributes would make it hold, as a sentence; empty where it holds or no way is known.
        trace: part by part.
    """

    key: str
    name: str
    matches: bool
    why: str
    change: str = ""
    trace: Trace


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ExpressionTrial(Result):
    """Whom an expression matches.

    Attributes:
        text: the expression.
        place: where it stands.
        verdicts: of each Worker, or of each Task for a filter; none where the expression has a mistake.
        task: what the Task is called that a target's expression reads as `task.`; empty elsewhere.
        remarks: what the linter says: what works and is probably not meant.
        error: why it is no expression, with the place; None where it is one.
    """

    text: str
    place: ExpressionPlace
    verdicts: tuple[Verdict, ...] = ()
    task: str = ""
    remarks: tuple[Remark, ...] = ()
    error: ExpressionError | None = None

    @property
    def thing(self) -> str:
        """What it is asked of."""
        return "Task" if self.place is ExpressionPlace.FILTER else "Worker"

    @property
    def headline(self) -> str:
        """Whom it matches, in a sentence."""
        if self.error is not None:
            return str(self.error).partition("\n")[0]
        if not self.verdicts:
            return f"There is no {self.thing} to ask."
        number = sum(each.matches for each in self.verdicts)
        of = f" with {self.task}" if self.task else ""
        if len(self.verdicts) == 1:
            return f"The only {self.thing} {'matches' if number else 'does not match'}{of}."
        return f"{number:,} of {counted(len(self.verdicts), self.thing)} {'matches' if number == 1 else 'match'}{of}."

    def as_data(self) -> dict[str, Any]:
        """It as JSON values, for a panel; verdicts are by the keys of Workers and Tasks."""
        error = self.error
        return {
            "place": str(self.place),
            "headline": self.headline,
            "error": error and {"text": _sentence(error), "position": error.position, "picture": _picture(error)},
            "verdicts": {each.key: _verdict_data(each) for each in self.verdicts},
            "remarks": [{"what": each.what, "why": each.why, "fix": each.fix} for each in self.remarks],
        }

    def _sections(self) -> Iterator[Section]:
        asked = shortened(self.text, most=200) or "An empty expression"
        if self.error is not None:
            yield Section(f"{asked}: {_sentence(self.error)}", Code(_picture(self.error)))
            return
        rows = [
            (each.name, "matches" if each.matches else "does not match", shortened(each.why, most=160))
            for each in self.verdicts
        ]
        yield Section(f"{asked}: {self.headline}", Table((self.thing, "Matches", "Why"), rows))
        if self.remarks:
            notes = [Line(each.what, (Line(each.why), Line(each.fix)), mark="!") for each in self.remarks]
            yield Section("What the linter says:", Lines(notes, margin=2))


def try_expression(
    text: str, place: ExpressionPlace, workspace: TrialWorkspace, *, task: TrialTask | None = None
) -> ExpressionTrial:
    """Ask an expression of everybody there is.

    Args:
        text: the expression; a blank one matches nobody.
        place: where it stands.
        workspace: whom it is asked of: its Workers, or for a filter its Tasks.
        task: whose attributes a target's expression reads as `task.`; None: a Task without attributes.

    Returns:
        What it says of each. Never raises: an expression with a mistake comes back with `error`.
    """
    try:
        expression = compile_expression(text, _DIALECTS[place])
    except ExpressionError as error:
        return ExpressionTrial(text=text, place=place, error=error)
    queue = replace(_QUEUE, target_workers=text if place is ExpressionPlace.QUEUE else "")
    state = workspace.state(queues=[queue])
    asked = list(_asked(place, workspace, state, task))
    return ExpressionTrial(
        text=text,
        place=place,
        verdicts=tuple(_verdict(expression, key, name, scope) for key, name, scope in asked),
        task=task.name if task and place is ExpressionPlace.TARGET else "",
        remarks=tuple(_remarks(expression, place, state, [scope for _, _, scope in asked])),
    )


def _asked(
    place: ExpressionPlace, workspace: TrialWorkspace, state: WorkspaceState, task: TrialTask | None
) -> Iterator[tuple[str, str, Scope]]:
    """Who is asked: key, name, and what the expression reads."""
    if place is ExpressionPlace.FILTER:
        for asked in workspace.tasks:
            yield asked.key, asked.name, {"task": with_time_of_day(asked.attributes, workspace.now)}
        return
    of_task = {} if place is ExpressionPlace.QUEUE else {"task": dict(task.attributes) if task else {}}
    for each in workspace.workers:
        worker = state.workers[workspace.sid_of(each)]
        yield each.key, each.name, {**of_task, "worker": worker.scope}


def _verdict(expression: Expression, key: str, name: str, scope: Scope) -> Verdict:
    trace = explain(expression, scope)
    if trace.value:
        read = "it holds for everybody" if is_constant(expression) else reads(trace.reads)
        return Verdict(key=key, name=name, matches=True, why=read, trace=trace)
    return Verdict(
        key=key, name=name, matches=False, why=why_false(trace), change=_change(expression, scope), trace=trace
    )


def _change(expression: Expression, scope: Scope) -> str:
    """What would make it hold, tried before it is told; empty where nothing is known that is only attributes."""
    root = "worker" if "worker" in scope else "task"
    wanted = wishes(expression, scope, root=root)
    if not wanted or any(path[1] in _BUILT_IN for path in wanted if root == "worker"):
        return ""
    if any(value is None or (isinstance(value, list) and None in value) for value in wanted.values()):
        return ""  # nobody means to set an attribute to null, where a word lacks its quotes
    if not expression.matches(with_wishes(scope, wanted)):
        return ""
    parts = [f"{'.'.join(path[1:])} to {shown(value)}" for path, value in wanted.items()]
    return capital(f"set {listed(parts)}")


def _remarks(
    expression: Expression, place: ExpressionPlace, state: WorkspaceState, scopes: Sequence[Scope]
) -> Iterator[Remark]:
    if place is ExpressionPlace.QUEUE:
        for each in lint_workspace(state):
            if each.where.startswith("TaskQueue"):
                yield Remark(rule=each.rule, what=each.what, why=each.why, fix=each.fix)
        return
    seen = {root: [scope[root] for scope in scopes if root in scope] for root in ("task", "worker")}
    yield from lint(expression, Seen(seen, read=expression.references))


def _verdict_data(verdict: Verdict) -> dict[str, Any]:
    trace = verdict.trace
    return {
        "matches": verdict.matches,
        "why": verdict.why,
        "change": verdict.change,
        "parts": as_data(trace_nodes(trace)) if trace.children else [],
    }


def _sentence(error: ExpressionError) -> str:
    return f"{str(error).partition(chr(10))[0].rstrip('.')}."


def _picture(error: ExpressionError) -> str:
    """The line of the expression with a caret under the place."""
    return "\n".join(line.removeprefix("  ") for line in str(error).split("\n")[1:])
