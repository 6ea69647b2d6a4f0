"""Playground: try an expression on Workers and Tasks as one types it, and see a Workflow with a Task's way through it.

Who matches, why not, and which way a Task goes is found out by the engine's own rules (`labkit/explain/`), in the
kernel; nothing that is typed here reaches TaskRouter.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from labkit.attributes import parse_object
from labkit.background import JobOutcome, Jobs
from labkit.display import Section, sections_of
from labkit.engine.refusals import InvalidParameter
from labkit.errors import ArgumentError, LabError
from labkit.explain.expression_trial import ExpressionPlace, ExpressionTrial, Verdict, try_expression
from labkit.explain.trial_workspace import TrialTask
from labkit.explain.workflow_trial import WorkflowTrial, try_workflow
from labkit.live.throttle import Throttle
from labkit.live.workspace import WORKSPACE, LiveWorkspace
from labkit.taskrouter.records import NamedRecord
from labkit.taskrouter.workspace_client import WorkspaceClient
from labkit.widgets.base import Handler, LivePanel, script, style
from labkit.widgets.json_check import Problem, check_configuration
from labkit.widgets.lab_parts import FindTask, LabParts
from labkit.widgets.playground.draft import Draft, read_draft
from labkit.widgets.playground.rows import WORKERS_SHOWN, TrialRows, followed_task, read_rows, task_rows, worker_rows
from labkit.widgets.snippets import configuration_in_python, target_workers_in_python

if TYPE_CHECKING:
    from labkit.engine.diagnosis import Findings

GAP_SECONDS = 0.5
"""Between two looks at a Workspace that changes."""
_OWN_WORKFLOW = "of your own"

Given = ParamSpec("Given")
Returned = TypeVar("Returned")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What came out of a draft."""

    draft: Draft
    rows: TrialRows | None = None
    expression: ExpressionTrial | None = None
    workflow: WorkflowTrial | None = None
    workflow_sid: str = ""
    configuration: str = ""
    problem: Problem | None = None
    trouble: str = ""


class _LastCall(Generic[Given, Returned]):
    """A function that is not called again while its arguments stay the same, as they are written: `1` is not `True`."""

    def __init__(self, function: Callable[Given, Returned]) -> None:
        self._function = function
        self._last: tuple[str, Returned] | None = None

    def __call__(self, *args: Given.args, **kwargs: Given.kwargs) -> Returned:
        given = repr((args, kwargs))
        if self._last is None or self._last[0] != given:
            self._last = given, self._function(*args, **kwargs)
        return self._last[1]


class Playground(LivePanel):
    """Expressions and Workflows to try.

    Args:
        live: the Workspace to try them on.
        client: gives the configurations of the Workflows.
        jobs: where trials run.
        find_task: asked where a Task of the Workspace is.
        counts_requests: whether TaskRouter does, as an account does: then it is asked about a Task that somebody chose,
            and only when that has changed.
    """

    title = "Playground: expressions and Workflows"
    _esm = script("playground")
    _css = style("playground")
    looks = frozenset({"draft"})
    topics = frozenset({"workers", "tasks", "reservations", "settings"})

    @classmethod
    def of_lab(cls, lab: LabParts) -> Playground:
        """The panel of a lab."""
        return cls(
            lab.live,
            client=lab.quiet_client,
            jobs=lab.jobs,
            find_task=lab.find_task,
            counts_requests=not lab.sandbox,
        )

    def __init__(
        self,
        live: LiveWorkspace,
        *,
        client: WorkspaceClient,
        jobs: Jobs,
        find_task: FindTask,
        counts_requests: bool = False,
    ) -> None:
        self._client = client
        self._find_task = find_task
        self._counts_requests = counts_requests
        self._draft = Draft()
        self._found = Found(draft=self._draft)
        self._configurations: dict[str, str] = {}
        self._findings: tuple[object, Findings | None] = (None, None)
        self._try_expression, self._try_workflow = _LastCall(try_expression), _LastCall(try_workflow)
        self._news = 0
        self._asked_for = (False, False)
        self._trying = threading.Lock()
        self._pace = Throttle(lambda _topics: self._try(), gap=GAP_SECONDS)
        super().__init__(live, jobs=jobs)
        self._endings.append(self._pace.close)
        self._pace.mark("workspace")

    def called_with(
        self, expression: str = "", *, place: str = "queue", workflow: str | Mapping[str, Any] | None = None
    ) -> None:
        """Try this expression, on this Workflow; what is left out stays as it is.

        Raises:
            ArgumentError: there is no such place, or no such Workflow.
            TaskRouterError: no Workflow of this name is known here, and TaskRouter, asked for it, did not answer.
        """
        if place not in set(ExpressionPlace):
            raise ArgumentError(f"place is one of {', '.join(map(repr, map(str, ExpressionPlace)))}, not {place!r}.")
        drawn = {} if workflow is None else self._drawn_for(workflow)
        with self._lock:
            draft = replace(self._draft, **drawn)
            if expression:
                draft = replace(draft, expression=expression, place=ExpressionPlace(place), queue="")
            self._asked_for = bool(expression), workflow is not None
            self._draft = replace(draft, by="", number=self._draft.number + 1)
        self._try()

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What the expression says of each Worker, or of each Task: `name`, `matches`, `why`, `change`."""
        return self._found.expression.verdicts if self._found.expression else ()

    @property
    def workflow(self) -> WorkflowTrial | None:
        """The Workflow that is drawn, with the way of the Task; None where there is none, or it cannot be read."""
        return self._found.workflow

    def __str__(self) -> str:
        """What the last call asked for: whom its expression matches, or its Workflow; without either, both."""
        asked = self._asked_for if any(self._asked_for) else (True, True)
        return "\n\n".join(section.as_text() for section in self._sections(*asked))

    def pictured(self) -> Iterable[Section]:
        """Whom the expression matches, if there is one, and the Workflow."""
        return self._sections(bool(self._found.draft.expression.strip()), True)

    def _sections(self, expression: bool, workflow: bool) -> Iterator[Section]:
        found = self._found
        if expression and found.expression:
            yield from sections_of(found.expression)
        if workflow and found.problem:
            yield Section(found.problem.text)
        elif workflow and found.workflow:
            yield from sections_of(found.workflow)

    # --- what is tried ----------------------------------------------------------------------------------------------

    def _drawn_for(self, workflow: str | Mapping[str, Any]) -> dict[str, Any]:
        """What of a draft says that this Workflow is drawn, or this configuration."""
        if isinstance(workflow, Mapping):
            return {"workflow": _OWN_WORKFLOW, "configuration": json.dumps(dict(workflow), indent=2)}
        if workflow.lstrip().startswith("{"):
            return {"workflow": _OWN_WORKFLOW, "configuration": workflow}
        return {"workflow": self._sid_of(workflow), "configuration": None}

    def _sid_of(self, workflow: str) -> str:
        """The SID of the Workflow of this name or SID; one that is not known may have been made a moment ago."""
        found = self._known(workflow)
        if found is None:
            self._live.read_settings()
            found = self._known(workflow)
        if found is None:
            there = ", ".join(each.name for each in self._live.workflows) or "none"
            raise ArgumentError(f"There is no Workflow {workflow!r} in this Workspace; there is {there}.")
        return found.sid

    def _known(self, workflow: str) -> NamedRecord | None:
        return next((each for each in self._live.workflows if workflow in (each.sid, each.name)), None)

    def _on_change(self, topic: str) -> None:
        if topic == WORKSPACE:
            with self._lock:
                kept = Draft(expression=self._draft.expression, place=self._draft.place)
                self._draft = replace(kept, number=self._draft.number + 1)
        if topic in (WORKSPACE, "settings"):
            self._configurations.clear()
        if topic == WORKSPACE or topic in self.topics:
            self._news += 1
            self._pace.mark(topic)
        else:
            super()._on_change(topic)

    def _handlers(self) -> Mapping[str, Handler]:
        return {"draft": self._take}

    def _take(self, message: Mapping[str, Any]) -> JobOutcome:
        """Try what a page has sent, unless it has sent something newer meanwhile."""
        draft = read_draft(message)
        with self._lock:
            if draft.by == self._draft.by and draft.number < self._draft.number:
                return JobOutcome(ok=True)
            self._draft = draft
        self._try()
        return JobOutcome(ok=True)

    def _try(self) -> None:
        """Find out what comes of the newest draft, one after the other, and draw it."""
        with self._trying:
            found = self._find(self._draft)
            with self._lock:
                self._found = found
                self.refresh_if_changed()

    def _find(self, draft: Draft) -> Found:
        rows = read_rows(self._live, draft)
        known = Found(
            draft=draft,
            rows=rows,
            expression=self._try_expression(
                draft.expression, draft.place, rows.workspace, task=rows.task(self._followed(draft))
            ),
        )
        return self._with_way(known, rows)

    def _followed(self, draft: Draft) -> str:
        return followed_task(self._live, draft, newest=not self._counts_requests)

    def _with_way(self, known: Found, rows: TrialRows) -> Found:
        """What is found of the Workflow as well; where it cannot be read, it stays as it was before."""
        draft, workflow = known.draft, self._workflow_of(known.draft)
        before = self._found if self._found.draft.workflow == draft.workflow else Found(draft=draft)
        try:
            text = draft.configuration
            if text is None:
                text = self._configuration(workflow) if workflow else ""
        except LabError as error:
            return replace(known, trouble=str(error))
        known = replace(known, workflow_sid=workflow.sid if workflow else "", configuration=text)
        if not text:
            return known
        name, task = workflow.name if workflow else _OWN_WORKFLOW, rows.task(self._followed(draft))
        real = self._findings_of(task, workflow, draft=draft, rows=rows) if task else None
        try:
            trial = self._try_workflow(text, rows.workspace, name=name, task=task, found=real)
        except InvalidParameter as error:
            return replace(known, workflow=before.workflow, problem=check_configuration(text, str(error)))
        return replace(known, workflow=trial)

    def _workflow_of(self, draft: Draft) -> NamedRecord | None:
        """The Workflow that is drawn; None for a configuration of nobody's."""
        if draft.workflow == _OWN_WORKFLOW:
            return None
        there = self._live.workflows
        return next((each for each in there if each.sid == draft.workflow), there[0] if there else None)

    def _configuration(self, workflow: NamedRecord) -> str:
        if workflow.sid not in self._configurations:
            text = self._client.workflow_configuration(workflow.sid)
            value = parse_object(text)
            self._configurations[workflow.sid] = (
                text if value is None else json.dumps(value, indent=2, ensure_ascii=False)
            )
        return self._configurations[workflow.sid]

    def _findings_of(
        self, task: TrialTask, workflow: NamedRecord | None, *, draft: Draft, rows: TrialRows
    ) -> Findings | None:
        """Why a Task of the Workspace is where it is; None where anything is otherwise than there: then it is tried."""
        real = self._live.task(task.key)
        is_there = real is not None and workflow is not None and real.workflow in (workflow.sid, workflow.name)
        is_other = rows.is_of_other_workers or task.key in rows.edited_tasks
        if not is_there or is_other or draft.configuration is not None:
            return None
        key = (task.key, draft.workflow, real if self._counts_requests else self._news)
        if self._findings[0] != key:
            try:
                self._findings = (key, self._find_task(task.key))
            except LabError:  # it is gone by now, and is tried
                return None
        return self._findings[1]

    # --- what is drawn ----------------------------------------------------------------------------------------------

    def _content(self) -> dict[str, Any]:
        found, workers = self._found, worker_rows(self._live)
        shown = {row.key for row in workers[:WORKERS_SHOWN]} | set(found.draft.workers)
        return {
            "draft": self._draft.as_data(),
            "workers": [row.as_data() for row in workers[:WORKERS_SHOWN]],
            "more_workers": max(0, len(workers) - WORKERS_SHOWN),
            "tasks": [row.as_data() for row in task_rows(self._live, followed=self._draft.task)],
            "activities": [each.name for each in self._live.activities],
            "queues": [{"sid": q.sid, "name": q.name, "expression": q.target_workers} for q in self._live.task_queues],
            "workflows": [{"value": each.sid, "text": each.name} for each in self._live.workflows],
            "followed": self._followed(found.draft),
            "judged": self._judged(found, shown),
            "picture": self._picture(found),
            "trouble": found.trouble or self._live.trouble,
        }

    def _judged(self, found: Found, shown: set[str]) -> dict[str, Any] | None:
        if found.expression is None or found.rows is None:
            return None
        data = found.expression.as_data()
        is_of_tasks = found.draft.place is ExpressionPlace.FILTER
        verdicts = {key: each for key, each in data["verdicts"].items() if is_of_tasks or key in shown}
        return {
            **data,
            "by": found.draft.by,
            "number": found.draft.number,
            "is_blank": not found.draft.expression.strip(),
            "verdicts": verdicts,
            "problems": {key: asdict(each) for key, each in found.rows.problems.items()},
            "call": self._call(found.draft),
        }

    def _call(self, draft: Draft) -> str:
        """The line that would give the expression to TaskRouter."""
        if draft.place is ExpressionPlace.QUEUE:
            there = {each.sid for each in self._live.task_queues}
            return target_workers_in_python(
                draft.expression,
                workspace_sid=self._client.workspace_sid,
                task_queue_sid=draft.queue if draft.queue in there else "",
            )
        return f'"expression": {json.dumps(draft.expression, ensure_ascii=False)}'

    def _picture(self, found: Found) -> dict[str, Any]:
        return {
            "sid": found.workflow_sid or (_OWN_WORKFLOW if found.configuration else ""),
            "configuration": found.configuration,
            "workflow": found.workflow and found.workflow.as_data(),
            "problem": found.problem and asdict(found.problem),
            "call": self._configuration_call(found) if found.workflow and not found.problem else "",
            "queues": [f"{queue.name}: {queue.sid}" for queue in self._live.task_queues],
        }

    def _configuration_call(self, found: Found) -> str:
        """The lines that would give the configuration to TaskRouter."""
        value = parse_object(found.configuration)
        place = self._client.workspace_sid
        return configuration_in_python(value, workspace_sid=place, workflow_sid=found.workflow_sid)


PANEL = Playground
