"""What setting a lab up would do, put together: the Workspace, whom TaskRouter calls, and what is to be said of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from labkit.account.facts import AccountFacts
from labkit.account.remembered import RememberedWorkspace
from labkit.account.setup_plan import CallbackChange, SetupPlan, WorkspaceOrigin
from labkit.callback_events import ASSIGNMENT_ROUTE, EVENT_ROUTE, leads_to
from labkit.course.furnishing import Furnishing
from labkit.settings import Settings
from labkit.taskrouter.errors import asking
from labkit.taskrouter.workspace_client import WorkspaceClient

PRICES = "https://www.twilio.com/en-us/pricing"
TRIALS = "https://www.twilio.com/docs/usage/trials"

_COSTS = (
    "The lab makes no calls, sends no messages and buys no number; Tasks are created by what you do alone. What Twilio "
    f"asks for TaskRouter stands on {PRICES}."
)
_REMEMBERED = "A yes is remembered for this account and Workspace; lab.teardown() takes all of it back."
_TRIAL = f"This is a trial account: what it includes, and when it ends, stands on {TRIALS}."
_SANDBOX_COSTS = "A sandbox costs nothing: it is a TaskRouter on this computer, without an account."
_UNCHECKED = (
    "Callback URLs are left as they are: without the auth token (TWILIO_AUTH_TOKEN) the lab cannot check that a "
    "callback is Twilio's, so it reads TaskRouter's log instead."
)
_LOOKS_ON = "Callback URLs are left as they are: this lab looks on, and somebody is called already."


class CallbackUrls(NamedTuple):
    """Whom TaskRouter calls: the assignment and the event callback URL, each empty for nobody."""

    assignment: str = ""
    event: str = ""


def setup_plan(
    furnishing: Furnishing,
    *,
    settings: Settings,
    place: str,
    now: CallbackUrls,
    own: CallbackUrls | None = None,
    known: RememberedWorkspace | None = None,
    account: AccountFacts | None = None,
    missing: str = "",
) -> SetupPlan:
    """The plan of a lab with these settings. Nobody is asked.

    Args:
        furnishing: what its Workspace needs.
        settings: what was asked for.
        place: the account or the sandbox, for people.
        now: whom TaskRouter calls.
        own: the URLs of the lab; None before it has an address.
        known: what is remembered of the Workspace; None for a sandbox.
        account: what Twilio says of it, where that was asked.
        missing: what is missing before anything can be done, as a sentence.
    """
    callbacks = tuple(_callback_changes(furnishing, settings=settings, now=now, own=own))
    return SetupPlan(
        place=place,
        workspace_name=furnishing.workspace_name,
        workspace_sid=furnishing.workspace_sid,
        origin=_origin(furnishing.workspace_sid, settings=settings, known=known),
        template=furnishing.template,
        changes=furnishing.changes,
        callbacks=callbacks,
        remarks=tuple(_remarks(settings, takes=bool(callbacks), now=now, account=account)),
        missing=missing,
        allowed=settings.mode == "sandbox" or settings.yes or (known is not None and known.yes is not None),
    )


def callback_urls(client: Any, furnishing: Furnishing) -> CallbackUrls:
    """Whom TaskRouter calls in a Workspace now. Two requests at most.

    Raises:
        TaskRouterError: TaskRouter refused, or did not answer.
    """
    if furnishing.workspace_sid is None:
        return CallbackUrls()
    workflow_sid, _ = furnishing.workflow
    if workflow_sid is not None:
        found = WorkspaceClient(client, furnishing.workspace_sid).callbacks(workflow_sid)
        return CallbackUrls(found.assignment_callback_url, found.event_callback_url)
    with asking("fetch the Workspace"):
        workspace = client.taskrouter.v1.workspaces(furnishing.workspace_sid).fetch()
    return CallbackUrls(event=workspace.event_callback_url or "")


def account_remarks(account: AccountFacts) -> Iterator[str]:
    """What is to be said of an account itself before anything is made in it, as sentences."""
    if account.is_trial:
        yield _TRIAL
    if account.clock_remark:
        yield account.clock_remark


def _origin(sid: str | None, *, settings: Settings, known: RememberedWorkspace | None) -> WorkspaceOrigin:
    if sid is None:
        return WorkspaceOrigin.NEW
    is_ours = settings.mode == "sandbox" or (known is not None and known.is_made(sid))
    return WorkspaceOrigin.OURS if is_ours else WorkspaceOrigin.OTHERS


def _callback_changes(
    furnishing: Furnishing, *, settings: Settings, now: CallbackUrls, own: CallbackUrls | None
) -> Iterator[CallbackChange]:
    if not _takes_callbacks(settings, now):
        return
    after = own or _urls_to_come(settings)
    if own and leads_to(now.assignment, own.assignment) and leads_to(now.event, own.event):
        return
    yield CallbackChange(
        of=f"Workflow {furnishing.workflow[1]!r}",
        field="assignment_callback_url",
        before=now.assignment,
        after=after.assignment,
    )
    yield CallbackChange(
        of=f"Workspace {furnishing.workspace_name!r}",
        field="event_callback_url",
        before=now.event,
        after=after.event,
    )


def _takes_callbacks(settings: Settings, now: CallbackUrls) -> bool:
    if _has_key_alone(settings):
        return False
    return settings.callbacks == "take" or not (now.assignment or now.event)


def _has_key_alone(settings: Settings) -> bool:
    return settings.mode == "twilio" and settings.auth_token is None and settings.api_key_sid is not None


def _urls_to_come(settings: Settings) -> CallbackUrls:
    """What is known of the lab's URLs before it has an address."""
    if settings.tunnel == "loopback":
        return CallbackUrls(*["this notebook's on 127.0.0.1"] * 2)
    base = f"https://{settings.ngrok_domain}" if settings.ngrok_domain else ""
    base = str(settings.public_url) if settings.tunnel == "public_url" else base
    if not base:
        return CallbackUrls(*["this notebook's, at the address that ngrok gives it"] * 2)
    return CallbackUrls(f"{base}{ASSIGNMENT_ROUTE}", f"{base}{EVENT_ROUTE}")


def _remarks(settings: Settings, *, takes: bool, now: CallbackUrls, account: AccountFacts | None) -> Iterator[str]:
    if settings.mode == "sandbox":
        yield _SANDBOX_COSTS
        return
    if _has_key_alone(settings):
        yield _UNCHECKED
    elif not takes and settings.callbacks == "leave" and (now.assignment or now.event):
        yield _LOOKS_ON
    if takes and settings.tunnel == "ngrok":
        yield (
            "Twilio reaches this notebook through a tunnel that ngrok opens with your ngrok account; when the lab "
            "stops, it is closed, and the callback URLs are set back to what they were."
        )
    if takes and settings.tunnel == "public_url":
        yield f"Twilio reaches this notebook by {settings.public_url}, which you have made to lead here."
    yield "Every other Workspace of the account is left alone; a lesson has one of its own and asks for itself."
    yield _REMEMBERED
    yield _COSTS
    if account is not None:
        yield from account_remarks(account)
