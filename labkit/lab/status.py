"""How the lab's parts stand, as the lines of the status panel: each with a light, the reason, and the remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from labkit.callback_events import leads_to
from labkit.credentials import UNCHECKED_CALLBACKS
from labkit.errors import LabError, TaskRouterError
from labkit.settings import hide_passwords, mask
from labkit.tunnel import Ngrok, PublicUrl

if TYPE_CHECKING:
    from labkit.callbacks import CallbackServer
    from labkit.lab.callback_routing import CallbackRouting
    from labkit.lab.connection import Connection
    from labkit.lab.controls import SandboxControls
    from labkit.tunnel import Tunnel
    from labkit.widgets.status.lines import StatusLine

TAKE_CALLBACKS = "take-callbacks"
RESTART = "restart"
BE_REACHED = "be-reached"
CHECK_OUTSIDE = "check-outside"
OPEN_ANEW = "open-anew"
FURNISH = "furnish"
LOOK_AGAIN = "look-again"
BE_USUAL = "be-usual"
ASK_AGAIN = "ask-again"
SET_UP = "set-up"

_MODES = {
    "sandbox": "sandbox · a TaskRouter on this computer, which costs nothing",
    "twilio": "twilio · your own account, where requests and numbers may cost",
}
_UNAUTHORIZED = 401
_REFUSED = (_UNAUTHORIZED, 403)
_SIGN_IN_AGAIN = "To give new ones, run the cell with labkit.start() again: it asks for them."
_OUTSIDE: dict[bool | None, Literal["green", "amber", "red"]] = {True: "green", None: "amber", False: "red"}
_WORKFLOW = "Assignment callback URL"
"""What the line of the Workflow is called: by TaskRouter's name for what it says."""


def status_lines(
    connection: Connection, callbacks: CallbackRouting, controls: SandboxControls, *, stopped: bool
) -> list[StatusLine]:
    """The lines, top to bottom; always the same ones, so that nothing jumps.

    Asks TaskRouter once; never raises for what it answers or does not.
    """
    if stopped:
        return [stopped_line()]
    urls, trouble = ("", ""), None
    try:
        urls = callbacks.urls()
    except LabError as error:
        trouble = error
    name = connection.workflow_name
    failing = controls.failing_callbacks.get(connection.workflow_sid, "")
    return [
        status_line("mode", "Mode", _MODES.get(connection.mode, connection.mode), "green"),
        _account(connection, trouble),
        _taskrouter(connection, controls, trouble),
        _server(callbacks.server),
        _tunnel(callbacks.tunnel) if callbacks.can_check else _no_auth_token(),
        status_line("answer", "Callback answer", callbacks.server.policy.description, "green"),
        _workspace(connection, trouble),
        _workflow(name, callbacks, *urls, failing=failing)
        if trouble is None
        else _unknown("workflow", _WORKFLOW, f"of the Workflow {name}"),
    ]


def lines_before_set_up(connection: Connection, *, stopped: bool) -> list[StatusLine]:
    """The same lines while the Workspace is not set up. Asks nobody."""
    if stopped:
        return [stopped_line()]
    later = "It begins when the Workspace is set up."
    detail = "Nothing was made or changed there. lab.plan() shows what setting it up does."
    return [
        status_line("mode", "Mode", _MODES.get(connection.mode, connection.mode), "green"),
        _account(connection, None),
        status_line("taskrouter", "TaskRouter", connection.url, "green"),
        status_line("callbacks", "Callback server", "", "grey", later),
        status_line("tunnel", "Tunnel", "", "grey", later),
        status_line("answer", "Callback answer", "", "grey", later),
        status_line(
            "workspace",
            "Workspace",
            f"{connection.workspace_name} · not set up",
            "amber",
            detail,
            remedy="Set up",
            action=SET_UP,
        ),
        status_line("workflow", _WORKFLOW, "", "grey", later),
    ]


def stopped_line() -> StatusLine:
    """What alone is said of a lab that is stopped."""
    return status_line("lab", "Lab", "stopped", "grey", "Run labkit.start() to start it again.")


def _status(trouble: LabError | None) -> int | None:
    """The HTTP status of TaskRouter's refusal; None when it did not answer, or when all is well."""
    return getattr(trouble, "status", None)


def _account(connection: Connection, trouble: LabError | None) -> StatusLine:
    value = mask(connection.account_sid)
    if connection.facts is not None:
        value = " · ".join(filter(None, [connection.facts.name, value, connection.facts.kind.casefold()]))
    if connection.mode == "twilio" and _status(trouble) in _REFUSED:
        detail = _why_refused(connection, trouble)
        return status_line("account", "Account", value, "red", detail, remedy="Try again", action=LOOK_AGAIN)
    if connection.mode == "twilio" and trouble is not None and _status(trouble) is None:
        return _unknown("account", "Account", value)
    made_up = "made up by the sandbox" if connection.mode == "sandbox" else ""
    return status_line("account", "Account", " · ".join(filter(None, (value, made_up))), "green")


def _why_refused(connection: Connection, trouble: LabError | None) -> str:
    """What these credentials are refused for, and that new ones are asked for."""
    if not isinstance(trouble, TaskRouterError):
        return str(trouble)
    from labkit.account.refusals import explained  # a sandbox needs nothing of accounts

    why = str(explained(trouble, client=connection.quiet))
    return f"{why} {_SIGN_IN_AGAIN}" if trouble.status == _UNAUTHORIZED else why


def _taskrouter(connection: Connection, controls: SandboxControls, trouble: LabError | None) -> StatusLine:
    """Whether it answers at all: a Workspace that is gone, or a wrong token, is no fault of its own."""
    sandbox = connection.mode == "sandbox"
    label = "Sandbox" if sandbox else "TaskRouter"
    elsewhere = (404,) if sandbox else (404, *_REFUSED)
    if trouble is not None and _status(trouble) not in elsewhere:
        remedy, action = ("Start it again", RESTART) if sandbox else ("Try again", LOOK_AGAIN)
        return status_line("taskrouter", label, connection.url, "red", str(trouble), remedy=remedy, action=action)
    said = " ".join([*connection.notices, *controls.unusual])
    return status_line(
        "taskrouter",
        label,
        connection.url,
        "amber" if said else "green",
        " ".join(filter(None, [said, controls.clock_note])),
        remedy="Back to usual" if controls.unusual else None,
        action=BE_USUAL if controls.unusual else None,
    )


def _server(server: CallbackServer) -> StatusLine:
    key, label, value = "callbacks", "Callback server", server.local_url
    if server.running:
        return status_line(key, label, value, "green")
    detail = "It does not listen, so callbacks are not answered."
    return status_line(key, label, value, "red", detail, remedy="Start it again", action=BE_REACHED)


def _tunnel(tunnel: Tunnel) -> StatusLine:
    key, label, value = "tunnel", "Tunnel", tunnel.describe()
    if isinstance(tunnel, PublicUrl) and tunnel.outside:
        light = _OUTSIDE[tunnel.outside.reached]
        return status_line(key, label, value, light, tunnel.outside.text, remedy="Check again", action=CHECK_OUTSIDE)
    if isinstance(tunnel, Ngrok) and tunnel.outside and tunnel.trouble == tunnel.outside.text:
        return status_line(key, label, value, "amber", tunnel.trouble, remedy="Check again", action=CHECK_OUTSIDE)
    if tunnel.url and tunnel.trouble:
        return status_line(key, label, value, "amber", tunnel.trouble, remedy="Open it again", action=OPEN_ANEW)
    if tunnel.url:
        return status_line(key, label, value, "green", tunnel.note)
    detail = "It is closed, so TaskRouter cannot reach the callback server."
    return status_line(key, label, value, "red", detail, remedy="Open it again", action=BE_REACHED)


def _no_auth_token() -> StatusLine:
    return status_line("tunnel", "Tunnel", "not opened", "amber", UNCHECKED_CALLBACKS)


def _workspace(connection: Connection, trouble: LabError | None) -> StatusLine:
    value = f"{connection.workspace_name} · {connection.workspace_sid}"
    if trouble is None and connection.missing:
        detail = f"The quickstart's Workspace has lost {', '.join(connection.missing)}."
        return status_line("workspace", "Workspace", value, "amber", detail, remedy="Put it back", action=FURNISH)
    if trouble is None:
        lessons = ", ".join(f"{number:02}" for number in connection.lessons)
        detail = f"The Workspaces of these lessons are there: {lessons}." if lessons else ""
        return status_line("workspace", "Workspace", value, "green", detail)
    if _status(trouble) != 404:
        return _unknown("workspace", "Workspace", value)
    detail = "It is gone, or its Workflow is: somebody deleted it, or the sandbox began anew."
    return status_line("workspace", "Workspace", value, "red", detail, remedy="Make it again", action=FURNISH)


def _unknown(key: str, label: str, value: str) -> StatusLine:
    return status_line(key, label, value, "grey", "TaskRouter did not say.")


def _workflow(
    name: str, callbacks: CallbackRouting, assignment_url: str, event_url: str, *, failing: str
) -> StatusLine:
    called = hide_passwords(assignment_url)
    value = f"{called} · of the Workflow {name}" if called else f"none · the Workflow {name} calls nobody"
    ours = callbacks.own_urls
    here = leads_to(assignment_url, ours[0])
    if failing and assignment_url:
        remedy, action = ("Ask it now", ASK_AGAIN) if here else ("Take them back", TAKE_CALLBACKS)
        return status_line("workflow", _WORKFLOW, value, "red", failing, remedy=remedy, action=action)
    if here and event_url == ours[1]:
        return status_line("workflow", _WORKFLOW, value, "green")
    if not assignment_url:
        detail = "It has no callback URL, so Reservations wait for somebody to accept them by REST."
    elif callbacks.looks_on and not here:
        detail = f"Callbacks go to {urlsplit(hide_passwords(assignment_url)).netloc}, and this lab looks on."
        return status_line("workflow", _WORKFLOW, value, "green", detail)
    elif not here:
        whose = urlsplit(hide_passwords(assignment_url)).netloc
        detail = f"Callbacks go to {whose}: another notebook started last, or somebody changed the Workflow."
    else:
        detail = "Assignment callbacks come here; the Workspace's event callbacks go elsewhere."
    return status_line("workflow", _WORKFLOW, value, "amber", detail, remedy="Take them back", action=TAKE_CALLBACKS)


def status_line(
    key: str,
    label: str,
    value: str,
    light: Literal["green", "amber", "red", "grey"],
    detail: str = "",
    *,
    remedy: str | None = None,
    action: str | None = None,
) -> StatusLine:
    """A line; see `StatusLine`."""
    return {
        "key": key,
        "label": label,
        "value": value,
        "light": light,
        "detail": detail,
        "remedy": remedy,
        "action": action,
    }
