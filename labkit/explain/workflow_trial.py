"""A Workflow as its configuration says, with the way of a Task through it, and what the linter says of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from labkit.display import Line, Lines, Result, Section
from labkit.engine import commands as c
from labkit.engine.diagnosis import Findings
from labkit.engine.diagnosis.wording import listed
from labkit.engine.lint import Warned, lint_workspace
from labkit.engine.resources import Workflow
from labkit.engine.workflow import RoutingPlan
from labkit.explain.task_way import TaskWay, of_findings, of_trial
from labkit.explain.trial_workspace import WORKSPACE_SID, TrialTask, TrialWorkspace
from labkit.explain.workflow_steps import FilterStep, outline


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class WorkflowTrial(Result):
    """A Workflow, and the way of one Task through it.

    Attributes:
        name: the Workflow's.
        filters: in order; the default one is the last.
        way: of the Task; None where none was asked about.
        remarks: what the linter says, `where` as the JSON paths.
    """

    name: str
    filters: tuple[FilterStep, ...]
    way: TaskWay | None = None
    remarks: tuple[Warned, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """It as JSON values, for a panel."""
        return {
            "name": self.name,
            "filters": [each.as_data() for each in self.filters],
            "way": self.way and self.way.as_data(),
            "remarks": [asdict(each) for each in self.remarks],
        }

    def _sections(self) -> Iterator[Section]:
        yield Section(f"Workflow {self.name}:", Lines([each.line() for each in self.filters], margin=2))
        if self.way is not None:
            workers = [Line(text, mark="✓" if may else "✗") for may, text in self.way.workers]
            alerts = [Line(text, mark="!") for text in self.way.alerts]
            yield Section(f"{self.way.task}: {self.way.text}", Lines([*workers, *alerts], margin=2))
        if self.remarks:
            notes = [
                Line(f"{each.where}: {each.what}", (Line(each.why), Line(each.fix)), mark="!") for each in self.remarks
            ]
            yield Section("What the linter says:", Lines(notes, margin=2))


def try_workflow(
    configuration: str,
    workspace: TrialWorkspace,
    *,
    name: str,
    task: TrialTask | None = None,
    found: Findings | None = None,
) -> WorkflowTrial:
    """A Workflow of this configuration, and the way of a Task.

    Args:
        configuration: JSON, as a Workflow has it.
        workspace: its TaskQueues and Workers.
        name: the Workflow's.
        task: whose way is wanted; None: nobody's.
        found: why that Task is where it is, for one of TaskRouter's; None: it is created, for a try.

    Raises:
        InvalidParameter: TaskRouter would not take the configuration; the message names the JSON path.
    """
    engine = workspace.engine()
    command = c.CreateWorkflow(workspace_sid=WORKSPACE_SID, friendly_name=name, configuration=configuration)
    workflow = engine.handle(command, workspace.now).result
    state = engine.states[WORKSPACE_SID]
    plan = state.plan(workflow.sid, workflow.revision)
    remarks = tuple(_remarks(workspace, workflow, plan))
    known = WorkflowTrial(name=name, filters=outline(plan, state), remarks=remarks)
    if task is None:
        return known
    if found is not None:
        steps, way = of_findings(found, name=task.name, steps=known.filters)
    else:
        steps, way = of_trial(engine, workspace, workflow, task=task, steps=known.filters)
    return replace(known, filters=steps, way=way)


def _remarks(workspace: TrialWorkspace, workflow: Workflow, plan: RoutingPlan) -> Iterator[Warned]:
    """Of the Workflow, as if the Workspace had only its TaskQueues: other Workflows may lead to the others.

    What is the same in several places is said once.
    """
    queues = [queue for queue in workspace.task_queues if queue.sid in plan.queue_sids]
    state, of = workspace.engine(workflow, queues=queues).states[WORKSPACE_SID], f"Workflow {workflow.friendly_name}: "
    alike: dict[Warned, list[str]] = {}
    for each in lint_workspace(state):
        if each.where.startswith(of):
            alike.setdefault(replace(each, where=""), []).append(each.where.removeprefix(of))
    for warned, places in alike.items():
        yield replace(warned, where=listed(places))
