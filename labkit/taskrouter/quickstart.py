"""The Workspace of Twilio's quickstart, found or made (docs: /docs/taskrouter/quickstart/python).

A bilingual call centre: Alice speaks English and Spanish, Bob speaks English, each language has a TaskQueue, and one
Workflow sends a Task where its `selected_language` says.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from labkit import limits
from labkit.taskrouter.errors import asking

if TYPE_CHECKING:
    from twilio.rest import Client

WORKFLOW_NAME = "Incoming Customer Care Requests"
RESERVATION_TIMEOUT_SECONDS = 1200
ACTIVITIES: Mapping[str, bool] = {"Offline": False, "Unavailable": False, "Available": True}
WORKERS: Mapping[str, Mapping[str, Any]] = {
    "Alice": {"languages": ["en", "es"]},
    "Bob": {"languages": ["en"]},
}
LANGUAGES: Mapping[str, str] = {"Spanish": "es", "English": "en"}


@dataclass(frozen=True, slots=True)
class Quickstart:
    """The quickstart's Workspace. The three mappings go from name to SID and hold the quickstart's own names only.

    `made` says what was missing and is there now, such as "the Worker Alice"; empty where the Workspace itself is new,
    which `is_new` says.
    """

    workspace_sid: str
    workspace_name: str
    workflow_sid: str
    workflow_name: str
    task_queues: dict[str, str]
    workers: dict[str, str]
    activities: dict[str, str]
    made: tuple[str, ...] = ()
    is_new: bool = field(default=False, compare=False)


def provision(client: Client, *, workspace_name: str) -> Quickstart:
    """Find the Workspace of this name and everything in it, and make what is missing.

    What is there is left as it is, whatever a person has changed. Names are compared without regard to letter case,
    as TaskRouter does for Workers. Five requests when all is there.

    Args:
        client: from `labkit.taskrouter.client.connect`.
        workspace_name: friendly name, 1 to 64 characters.

    Raises:
        TaskRouterError: TaskRouter refused, or did not answer.
    """
    workspace_sid, is_new = find_or_create_workspace(client, workspace_name)
    made: list[str] = []
    workspace = client.taskrouter.v1.workspaces(workspace_sid)
    activities = _activities(workspace, made)
    task_queues = _task_queues(workspace, made)
    return Quickstart(
        workspace_sid=workspace_sid,
        workspace_name=workspace_name,
        workflow_sid=_workflow(workspace, task_queues, made),
        workflow_name=WORKFLOW_NAME,
        task_queues=task_queues,
        workers=_workers(workspace, activities["Offline"], made),
        activities=activities,
        made=() if is_new else tuple(made),
        is_new=is_new,
    )


def find_or_create_workspace(client: Client, name: str, *, template: str = "NONE") -> tuple[str, bool]:
    """The SID of the Workspace of this name, and whether it was made just now. One request where it is there.

    Args:
        client: from `labkit.taskrouter.client.connect`.
        name: friendly name, 1 to 64 characters.
        template: what a new one begins with, `NONE` or `FIFO` (docs: /docs/taskrouter/api/workspace).

    Raises:
        TaskRouterError: TaskRouter refused, or did not answer.
    """
    workspaces, made = client.taskrouter.v1.workspaces, list[str]()
    with asking(f"find or create the Workspace {name!r}"):
        sids = _find_or_create(
            [name],
            what="Workspace",
            made=made,
            there=workspaces.list(friendly_name=name, page_size=limits.MAX_PAGE_SIZE),
            create=lambda wanted: workspaces.create(friendly_name=wanted, multi_task_enabled=True, template=template),
        )
    return sids[name], bool(made)


def missing(client: Client, workspace_sid: str) -> list[str]:
    """What of the quickstart is not in its Workspace any more, such as "the Worker Alice". Changes nothing.

    Raises:
        TaskRouterError: TaskRouter refused, or did not answer; there is no such Workspace.
    """
    workspace = client.taskrouter.v1.workspaces(workspace_sid)
    queues = tuple(map(task_queue_name, LANGUAGES))
    wanted = (
        ("Activity", ACTIVITIES, workspace.activities),
        ("TaskQueue", queues, workspace.task_queues),
        ("Workflow", (WORKFLOW_NAME,), workspace.workflows),
        ("Worker", WORKERS, workspace.workers),
    )
    found = []
    for what, names, resources in wanted:
        with asking(f"look for each {what} of the quickstart"):
            there = _by_name(resources.list(page_size=limits.MAX_PAGE_SIZE))
        found += [f"the {what} {name}" for name in names if name.casefold() not in there]
    return found


def task_queue_name(language: str) -> str:
    """The name of a language's TaskQueue; `language` is a key of `LANGUAGES`."""
    return f"Customer Care Requests - {language}"


def workflow_configuration(task_queues: Mapping[str, str]) -> dict[str, Any]:
    """The Workflow's configuration: a filter for each language, and no default.

    Docs: /docs/taskrouter/workflow-configuration

    Args:
        task_queues: from name to SID.
    """
    filters = [
        {
            "filter_friendly_name": language,
            "expression": f'selected_language == "{code}"',
            "targets": [{"queue": task_queues[task_queue_name(language)]}],
        }
        for language, code in LANGUAGES.items()
    ]
    return {"task_routing": {"filters": filters}}


def _activities(workspace: Any, made: list[str]) -> dict[str, str]:
    with asking("find or create the Activities"):
        return _find_or_create(
            ACTIVITIES,
            what="Activity",
            made=made,
            there=workspace.activities.list(page_size=limits.MAX_PAGE_SIZE),
            create=lambda name: workspace.activities.create(friendly_name=name, available=ACTIVITIES[name]),
        )


def _workers(workspace: Any, offline_sid: str, made: list[str]) -> dict[str, str]:
    with asking("find or create the Workers"):
        return _find_or_create(
            WORKERS,
            what="Worker",
            made=made,
            there=workspace.workers.list(page_size=limits.MAX_PAGE_SIZE),
            create=lambda name: workspace.workers.create(
                friendly_name=name, activity_sid=offline_sid, attributes=json.dumps(WORKERS[name])
            ),
        )


def _task_queues(workspace: Any, made: list[str]) -> dict[str, str]:
    codes = {task_queue_name(language): code for language, code in LANGUAGES.items()}
    with asking("find or create the TaskQueues"):
        return _find_or_create(
            codes,
            what="TaskQueue",
            made=made,
            there=workspace.task_queues.list(page_size=limits.MAX_PAGE_SIZE),
            create=lambda name: workspace.task_queues.create(
                friendly_name=name, target_workers=f'languages HAS "{codes[name]}"'
            ),
        )


def _workflow(workspace: Any, task_queues: Mapping[str, str], made: list[str]) -> str:
    with asking(f"find or create the Workflow {WORKFLOW_NAME!r}"):
        return _find_or_create(
            [WORKFLOW_NAME],
            what="Workflow",
            made=made,
            there=workspace.workflows.list(page_size=limits.MAX_PAGE_SIZE),
            create=lambda name: workspace.workflows.create(
                friendly_name=name,
                configuration=json.dumps(workflow_configuration(task_queues)),
                task_reservation_timeout=RESERVATION_TIMEOUT_SECONDS,
            ),
        )[WORKFLOW_NAME]


def _find_or_create(
    names: Iterable[str], *, what: str, there: Iterable[Any], create: Callable[[str], Any], made: list[str]
) -> dict[str, str]:
    known, sids = _by_name(there), {}
    for name in names:
        if name.casefold() not in known:
            known[name.casefold()] = create(name).sid
            made.append(f"the {what} {name}")
        sids[name] = known[name.casefold()]
    return sids


def _by_name(instances: Iterable[Any]) -> dict[str, str]:
    """SIDs by name, letter case aside; of two of one name the first."""
    sids: dict[str, str] = {}
    for each in instances:
        sids.setdefault(each.friendly_name.casefold(), each.sid)
    return sids
