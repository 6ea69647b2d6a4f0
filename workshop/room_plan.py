"""What opening a room on an account of Twilio's makes and changes there, and what that can cost: shown before a yes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labkit.account.facts import AccountFacts, look_at_account
from labkit.account.planning import PRICES, account_remarks
from labkit.account.setup_plan import CallbackChange, SetupPlan, WorkspaceOrigin
from labkit.settings import Settings
from labkit.taskrouter.client import account_of, connect
from labkit.taskrouter.errors import asking
from workshop.hub_process import Hub
from workshop.room.callers import MOST
from workshop.room.keeper import LOG_SECONDS_WITHOUT_CALLBACKS
from workshop.room.room_settings import PUBLIC_URL, account_events_url
from workshop.room.workspace import NAME, RoomNeeds, look_for
from workshop.room_account import account_settings, room_memory, room_public_url
from workshop.room_teardown import teardown_command
from workshop.settings import Workshop

if TYPE_CHECKING:
    from twilio.rest import Client
    from twilio.rest.taskrouter.v1.workspace import WorkspaceInstance

_COSTS = (
    f"Each caller that you let in is a Task, at most {MOST['twilio']} in a run. What Twilio asks for TaskRouter stands "
    f"on {PRICES}. The room makes no calls, sends no messages and buys no number."
)
_NO_KEY = (
    "There is no API key (TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET), so no agent page can sign in; notebooks need "
    "none."
)
_WITH_KEY = (
    "By the API key each participant has a Worker's token for the agent page, which speaks with Twilio itself: its "
    "Worker SDK can create Tasks with that, and have calls made from numbers that the account has. Where not everybody "
    "is trusted with it, leave the key out."
)
"""Docs: /docs/taskrouter/js-sdk-v2"""
_READS_THE_LOG = f"so the room reads TaskRouter's log every {LOG_SECONDS_WITHOUT_CALLBACKS:.0f} seconds instead."


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RoomPlan(SetupPlan):
    """A set-up of the room's Workspace; `allowed` is whether a yes for this workshop and account was given before."""

    @property
    def where(self) -> str:
        """Whose the Workspace is, as a sentence."""
        name = f'The Workspace "{self.workspace_name}"'
        if self.workspace_sid is None:
            return f"{name} is made for the room, which works in no other; whoever joins becomes a Worker there."
        named = f"{name} ({self.workspace_sid})"
        if self.origin is WorkspaceOrigin.OURS:
            return f"{named} was made by a room of this workshop; whoever joins becomes a Worker there."
        return (
            f"{named} was there before, and no room of this workshop made it: somebody may be working in it. Whoever "
            "joins becomes a Worker there, who is Available, so TaskRouter may offer them the Tasks of others. Give "
            "that Workspace another name in the Console, and the room makes one of its own."
        )

    @property
    def _foot(self) -> str:
        return ""


def room_plan(workshop: Workshop) -> RoomPlan:
    """Look at the account, and find out what the room would make and change in it. Changes nothing.

    Raises:
        SettingsError: what signs in to the account is missing, or has not the form of what it should be.
        WorkshopError: Twilio cannot use the room's public address.
        TaskRouterError: it does not sign in, TaskRouter refused or did not answer; says what to do.
        AccountMemoryError: what the room has made before cannot be read.
    """
    settings = account_settings()
    client = connect(**account_of(settings))
    try:
        account = look_at_account(client, str(settings.account_sid))
        needs = look_for(client)
        return _plan(workshop, settings, account=account, needs=needs, now=_workspace(client, needs.sid))
    finally:
        client.http_client.session.close()


def allow_room(workshop: Workshop) -> None:
    """The room may be made in the account from now on.

    Raises:
        WorkshopError: the workshop's folder cannot be used.
        AccountMemoryError: the yes cannot be written down.
    """
    Hub(workshop).prepare()
    room_memory(workshop).allow(NAME)


def _plan(
    workshop: Workshop,
    settings: Settings,
    *,
    account: AccountFacts,
    needs: RoomNeeds,
    now: WorkspaceInstance | None,
) -> RoomPlan:
    known = room_memory(workshop).workspace(NAME)
    origin = WorkspaceOrigin.NEW
    if needs.sid is not None:
        origin = WorkspaceOrigin.OURS if known.is_made(needs.sid) else WorkspaceOrigin.OTHERS
    url = account_events_url(settings, room_public_url())
    return RoomPlan(
        place=str(account),
        workspace_name=NAME,
        workspace_sid=needs.sid,
        origin=origin,
        template="NONE",
        changes=needs.changes,
        callbacks=tuple(_callback(url, now)),
        remarks=(*_filter(url, now), _remembered(workshop), *_remarks(settings, url=url, account=account)),
        allowed=known.yes is not None,
    )


def _workspace(client: Client, sid: str | None) -> WorkspaceInstance | None:
    if sid is None:
        return None
    with asking("fetch the Workspace"):
        return client.taskrouter.v1.workspaces(sid).fetch()


def _callback(url: str, now: WorkspaceInstance | None) -> Iterator[CallbackChange]:
    before = (now.event_callback_url if now is not None else "") or ""
    if url and url != before:
        yield CallbackChange(of=f"Workspace {NAME!r}", field="event_callback_url", before=before, after=url)


def _filter(url: str, now: WorkspaceInstance | None) -> Iterator[str]:
    if url and now is not None and now.events_filter:
        yield f"Its events filter ({now.events_filter}) is taken away, for a room hears of all Events."


def _remembered(workshop: Workshop) -> str:
    return (
        "A yes is remembered for this workshop and account. After the workshop "
        f"`{teardown_command(workshop)}` takes back all that the room has made."
    )


def _remarks(settings: Settings, *, url: str, account: AccountFacts) -> Iterator[str]:
    yield "Every other Workspace of the account is left alone."
    yield _COSTS
    yield _WITH_KEY if settings.api_key_sid and settings.api_key_secret else _NO_KEY
    if not url:
        missing = f"{PUBLIC_URL} is not set" if settings.auth_token else "The Auth Token (TWILIO_AUTH_TOKEN) is missing"
        why = "Twilio has no address to tell of Events" if settings.auth_token else "no callback could be checked"
        yield f"{missing}: {why}, {_READS_THE_LOG}"
    yield from account_remarks(account)
