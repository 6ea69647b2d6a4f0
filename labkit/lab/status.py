"""How the lab's parts stand, as the lines of the status panel: each with a light, the reason, and the remedy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from labkit.errors import LabError
from labkit.settings import mask

if TYPE_CHECKING:
    from labkit.callbacks import CallbackServer
    from labkit.tunnel import Tunnel
    from labkit.widgets.status.panel import StatusLine

TAKE_CALLBACKS = "take-callbacks"
RESTART = "restart"
BE_REACHED = "be-reached"
FURNISH = "furnish"
LOOK_AGAIN = "look-again"
BE_USUAL = "be-usual"

_MODES = {
    "sandbox": "sandbox · a TaskRouter on this computer, which costs nothing",
    "twilio": "twilio · your own account, where requests and numbers may cost",
}
_REFUSED = (401, 403)


@dataclass(frozen=True, slots=True)
class LabFacts:
    """What the lines are made of: the parts of a lab, and what it knows of TaskRouter.

    Attributes:
        notices: what the sandbox has to say about itself, in sentences.
        unusual: what is not as in earnest in the sandbox, in sentences.
        looks_on: whether the callbacks are left with whoever has them.
        callback_urls: asks TaskRouter for its assignment and event callback URL; may raise TaskRouterError.
    """

    stopped: bool
    mode: str
    account_sid: str
    taskrouter_url: str
    workspace_name: str
    workspace_sid: str
    workflow_name: str
    looks_on: bool
    notices: Sequence[str]
    unusual: Sequence[str]
    callbacks: CallbackServer
    tunnel: Tunnel
    callback_urls: Callable[[], tuple[str, str]]


def status_lines(lab: LabFacts) -> list[StatusLine]:
    """The lines, top to bottom; always the same ones, so that nothing jumps.

    Asks TaskRouter once; never raises for what it answers or does not.
    """
    if lab.stopped:
        return [_line("lab", "Lab", "stopped", "grey", "Run labkit.start() to start it again.")]
    urls, trouble = ("", ""), None
    try:
        urls = lab.callback_urls()
    except LabError as error:
        trouble = error
    return [
        _line("mode", "Mode", _MODES.get(lab.mode, lab.mode), "green"),
        _account(lab, trouble),
        _taskrouter(lab, trouble),
        *_callback_side(lab),
        _workspace(lab, trouble),
        _workflow(lab, *urls) if trouble is None else _unknown("workflow", "Workflow", lab.workflow_name),
    ]


def _status(trouble: LabError | None) -> int | None:
    """The HTTP status of TaskRouter's refusal; None when it did not answer, or when all is well."""
    return getattr(trouble, "status", None)


def _account(lab: LabFacts, trouble: LabError | None) -> StatusLine:
    value = mask(lab.account_sid)
    if lab.mode == "twilio" and _status(trouble) in _REFUSED:
        return _line("account", "Account", value, "red", str(trouble), remedy="Try again", action=LOOK_AGAIN)
    if lab.mode == "twilio" and trouble is not None and _status(trouble) is None:
        return _unknown("account", "Account", value)
    made_up = "made up by the sandbox" if lab.mode == "sandbox" else ""
    return _line("account", "Account", " · ".join(filter(None, (value, made_up))), "green")


def _taskrouter(lab: LabFacts, trouble: LabError | None) -> StatusLine:
    """Whether it answers at all: a Workspace that is gone, or a wrong token, is no fault of its own."""
    sandbox = lab.mode == "sandbox"
    label = "Sandbox" if sandbox else "TaskRouter"
    elsewhere = (404,) if sandbox else (404, *_REFUSED)
    if trouble is not None and _status(trouble) not in elsewhere:
        remedy, action = ("Start it again", RESTART) if sandbox else ("Try again", LOOK_AGAIN)
        return _line("taskrouter", label, lab.taskrouter_url, "red", str(trouble), remedy=remedy, action=action)
    said = " ".join([*lab.notices, *lab.unusual])
    return _line(
        "taskrouter",
        label,
        lab.taskrouter_url,
        "amber" if said else "green",
        said,
        remedy="Back to usual" if lab.unusual else None,
        action=BE_USUAL if lab.unusual else None,
    )


def _callback_side(lab: LabFacts) -> list[StatusLine]:
    return [
        _server(lab),
        _tunnel(lab),
        _line("answer", "Callback answer", lab.callbacks.policy.description, "green"),
    ]


def _server(lab: LabFacts) -> StatusLine:
    key, label, value = "callbacks", "Callback server", lab.callbacks.local_url
    if lab.callbacks.running:
        return _line(key, label, value, "green")
    detail = "It does not listen, so callbacks are not answered."
    return _line(key, label, value, "red", detail, remedy="Start it again", action=BE_REACHED)


def _tunnel(lab: LabFacts) -> StatusLine:
    key, label, value = "tunnel", "Tunnel", lab.tunnel.describe()
    if lab.tunnel.url:
        return _line(key, label, value, "green")
    detail = "It is closed, so TaskRouter cannot reach the callback server."
    return _line(key, label, value, "red", detail, remedy="Open it again", action=BE_REACHED)


def _workspace(lab: LabFacts, trouble: LabError | None) -> StatusLine:
    value = f"{lab.workspace_name} · {lab.workspace_sid}"
    if trouble is None:
        return _line("workspace", "Workspace", value, "green")
    if _status(trouble) != 404:
        return _unknown("workspace", "Workspace", value)
    detail = "It is gone, or its Workflow is: somebody deleted it, or the sandbox began anew."
    return _line("workspace", "Workspace", value, "red", detail, remedy="Make it again", action=FURNISH)


def _unknown(key: str, label: str, value: str) -> StatusLine:
    return _line(key, label, value, "grey", "TaskRouter did not say.")


def _workflow(lab: LabFacts, assignment_url: str, event_url: str) -> StatusLine:
    value = f"{lab.workflow_name} calls {assignment_url or 'nobody'}"
    ours = (lab.callbacks.assignment_url, lab.callbacks.event_url)
    if (assignment_url, event_url) == ours:
        return _line("workflow", "Workflow", value, "green")
    if not assignment_url:
        detail = "It has no callback URL, so Reservations wait for somebody to accept them by REST."
    elif lab.looks_on and assignment_url != ours[0]:
        detail = f"Callbacks go to {urlsplit(assignment_url).netloc}, and this lab looks on."
        return _line("workflow", "Workflow", value, "green", detail)
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
