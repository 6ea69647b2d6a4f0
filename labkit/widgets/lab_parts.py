"""LabParts: what a lab gives its panels to be made of; and PanelParts, which of these there are from the beginning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labkit.account.setup_plan import SetupPlan
    from labkit.background import Jobs
    from labkit.course.course_map import CourseMap
    from labkit.engine.diagnosis import Findings
    from labkit.live.history import History
    from labkit.live.workspace import LiveWorkspace
    from labkit.sandbox_client.clock import Clock
    from labkit.sandbox_client.deliveries import Deliveries
    from labkit.sandbox_client.faults import Faults
    from labkit.sandbox_client.simulation import Simulation
    from labkit.stream import EventStream
    from labkit.taskrouter.workspace_client import WorkspaceClient
    from labkit.widgets.status.lines import StatusLine

ExplainTask = Callable[[str | None], Mapping[str, Any]]
"""Why a Task (its SID, or None for the newest) is where it is: `labkit.explain.Explanation.as_data()`."""
FindTask = Callable[[str], "Findings"]
"""The same of a Task (its SID) as values; raises TaskRouterError where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelParts:
    """What there is as soon as a lab is connected, also where its Workspace is not set up yet.

    Attributes:
        look_only: whether its panels only look on.
        jobs: where what is clicked runs.
        explain: why a Task is where it is.
        course: the map of the course now.
        status_lines: how the lab's parts stand now.
        remedy: does what a line of the status offers; returns a sentence about it, or nothing.
        latest_plan: what setting up would do, as that was found out last.
        plan: the same, found out anew.
        set_up: does what this plan lists, if it still is what would be done; returns it, done.
    """

    look_only: bool
    jobs: Jobs
    explain: ExplainTask
    course: Callable[[], CourseMap]
    status_lines: Callable[[], Sequence[StatusLine]]
    remedy: Callable[[str], str | None]
    latest_plan: Callable[[], SetupPlan]
    plan: Callable[[], SetupPlan]
    set_up: Callable[[SetupPlan], SetupPlan]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabParts(PanelParts):
    """All parts of a lab whose Workspace is set up, each made once for all panels.

    Attributes:
        sandbox: whether TaskRouter is a sandbox; a real account counts requests.
        live: how the Workspace stands.
        history: what happened to Tasks and Workers; made when it is first asked for.
        stream: everything that happens, in order.
        client: what clicks do, shown as the learner's REST calls.
        quiet_client: what a panel asks on its own account.
        clock, faults, deliveries, simulation: the sandbox's; they say so themselves where there is none.
        find_task: why a Task is where it is, as values.
        address: where TaskRouter is now, and the SID of the Workspace.
        workplace: the SIDs of the Workspace and of the Workflow now.
        workspace_name: the Workspace's friendly name now.
        clear_tasks: ends every open Task; what it returns shows itself as a sentence.
        panels: all panels of the lab by name, but for the one that shows them; each is made when it is asked for.
        desk_places: which place each of them has in which view of the desk.
    """

    sandbox: bool
    live: LiveWorkspace
    history: Callable[[], History]
    stream: EventStream
    client: WorkspaceClient
    quiet_client: WorkspaceClient
    clock: Clock
    faults: Faults
    deliveries: Deliveries
    simulation: Simulation
    find_task: FindTask
    address: Callable[[], tuple[str, str]]
    workplace: Callable[[], tuple[str, str]]
    workspace_name: Callable[[], str]
    clear_tasks: Callable[[], object]
    panels: Callable[[], Mapping[str, Any]]
    desk_places: Callable[[], Mapping[str, Mapping[str, int]]]
