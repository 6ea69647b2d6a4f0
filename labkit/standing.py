"""How the lab's parts stand, as the lines of the status panel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from labkit.errors import LabError
from labkit.settings import mask

if TYPE_CHECKING:
    from labkit.lab import Lab
    from labkit.widgets.status import StatusLine

TAKE_CALLBACKS = "take-callbacks"
RESTART = "restart"


def standing(lab: Lab) -> list[StatusLine]:
    """The lines, top to bottom. Asks TaskRouter once; never raises for what it answers or does not."""
    if lab.stopped:
        return [_line("lab", "Lab", "stopped", "grey", "Run labkit.start() to start it again.")]
    try:
        assignment_url, event_url = lab.callback_urls()
    except LabError as error:
        return [_taskrouter(lab, trouble=str(error)), *_callback_side(lab)]
    return [
        _taskrouter(lab),
        *_callback_side(lab),
        _line("workspace", "Workspace", f"{lab.workspace_name} · {lab.workspace_sid}", "green"),
        _workflow(lab, assignment_url, event_url),
    ]


def _taskrouter(lab: Lab, trouble: str = "") -> StatusLine:
    if lab.mode == "sandbox":
        label, value = "Sandbox", f"{lab.taskrouter_url} · account {mask(lab.account_sid)}"
        remedy = "Start it again"
    else:
        label, value = "Twilio account", mask(lab.account_sid)
        remedy = "Try again"
    if trouble:
        return _line("taskrouter", label, value, "red", trouble, remedy=remedy, action=RESTART)
    return _line("taskrouter", label, value, "green")


def _callback_side(lab: Lab) -> list[StatusLine]:
    listens = lab.callbacks.running
    return [
        _line(
            "callbacks",
            "Callback server",
            lab.callbacks.local_url,
            "green" if listens else "red",
            "" if listens else "It does not listen.",
            remedy=None if listens else "Start it again",
            action=None if listens else RESTART,
        ),
        _line("tunnel", "Tunnel", lab.tunnel.describe(), "green" if lab.tunnel.url else "red"),
        _line("answer", "Callback answer", lab.callbacks.policy.description, "green"),
    ]


def _workflow(lab: Lab, assignment_url: str, event_url: str) -> StatusLine:
    value = f"{lab.workflow_name} calls {assignment_url or 'nobody'}"
    ours = (lab.callbacks.assignment_url, lab.callbacks.event_url)
    if (assignment_url, event_url) == ours:
        return _line("workflow", "Workflow", value, "green")
    if not assignment_url:
        detail = "It has no callback URL, so Reservations wait for somebody to accept them by REST."
    elif assignment_url != ours[0]:
        whose = urlsplit(assignment_url).netloc
        detail = f"Callbacks go to {whose}: another notebook started last, or somebody changed the Workflow."
    else:
        detail = "Assignment callbacks come here; the Workspace's event callbacks go elsewhere."
    return _line("workflow", "Workflow", value, "amber", detail, remedy="Take them back", action=TAKE_CALLBACKS)


def _line(
    key: str,
    label: str,
    value: str,
    light: Literal["green", "amber", "red", "grey"],
    detail: str = "",
    *,
    remedy: str | None = None,
    action: str | None = None,
) -> StatusLine:
    return {
        "key": key,
        "label": label,
        "value": value,
        "light": light,
        "detail": detail,
        "remedy": remedy,
        "action": action,
    }
