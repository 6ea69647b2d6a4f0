"""LabSetup: what setting up a lab would do, and the yes to it."""

from __future__ import annotations

import functools
from contextlib import closing
from dataclasses import replace

from labkit.account.facts import AccountFacts, look_at_account
from labkit.account.planning import CallbackUrls, callback_urls, setup_plan
from labkit.account.setup_plan import SetupPlan
from labkit.course.furnishing import prepared_for_empty_account
from labkit.course.lesson_names import FIRST, workspace_name
from labkit.errors import LabError
from labkit.lab.connection import Connection
from labkit.lab.room_connection import NOT_YOURS
from labkit.sandbox import process
from labkit.settings import Settings
from labkit.stream import EventStream

_SANDBOX = "the sandbox on this computer"


class LabSetup:
    """The plan of a lab, made anew whenever it is asked for, and the yes to it.

    Args:
        connection: the line to TaskRouter.
        settings: what was asked for.

    Attributes:
        latest: the plan that was made last; None before the first.
    """

    def __init__(self, connection: Connection, settings: Settings) -> None:
        self._connection, self._settings = connection, settings
        self.latest: SetupPlan | None = None

    def plan(self, *, own: CallbackUrls | None = None) -> SetupPlan:
        """What would be done now. Nothing is changed.

        Args:
            own: the callback URLs of the lab, where it has an address already.

        Raises:
            TaskRouterError: TaskRouter refused, or did not answer.
            AccountMemoryError: what the lab made before cannot be read.
        """
        connection = self._connection
        memory, account = connection.memory, self._account  # first: what is wrong with an account, it says best
        furnishing = connection.prepare(put_right=True)
        self.latest = setup_plan(
            furnishing,
            settings=self._settings,
            place=str(account) if account else _SANDBOX,
            now=callback_urls(connection.quiet, furnishing),
            own=own,
            known=memory.workspace(connection.workspace_name) if memory else None,
            account=account,
        )
        return self.latest

    def checked(self, seen: SetupPlan | None) -> SetupPlan:
        """The plan as it is now, if it is still the one that somebody has seen; errors as for `plan`.

        Raises:
            LabError: it would do something else now.
        """
        now = self.plan()
        if seen is not None and now.lines != seen.lines:
            raise LabError(
                "Something has changed in the account since this plan was made, so nothing was done. The plan shows "
                "now what would be done: look at it, and press again."
            )
        return now

    def allow(self) -> None:
        """Remember the yes, for the account and the name of the Workspace.

        Raises:
            AccountMemoryError: it cannot be written; nothing was changed.
        """
        if self._connection.memory is not None:
            self._connection.memory.allow(self._connection.workspace_name)

    def note_done(self, plan: SetupPlan) -> SetupPlan:
        """The plan, carried out."""
        self.latest = replace(plan, done=True)
        return self.latest

    @functools.cached_property
    def _account(self) -> AccountFacts | None:
        connection = self._connection
        if connection.mode == "twilio":
            connection.facts = look_at_account(connection.quiet, connection.account_sid)
        return connection.facts


def plan_ahead(settings: Settings) -> SetupPlan:
    """What a lab with these settings would do when it starts; nothing is started or changed.

    Raises:
        LabError: it is a room, in which a lab makes nothing; or TaskRouter refused, or did not answer.
    """
    if settings.mode == "room":
        raise LabError(f"{NOT_YOURS} A lab in it makes nothing, so there is nothing to plan.")
    home = settings.home or process.default_home()
    is_sandbox = settings.mode == "sandbox"
    if is_sandbox and process.find(home) is None:
        return _plan_for_nothing(settings, place=_SANDBOX)
    with closing(EventStream()) as stream:
        starting = process.Starting(home) if is_sandbox else None
        with closing(Connection(settings, stream=stream, starting=starting)) as connection:
            return LabSetup(connection, settings).plan()


def plan_without_credentials(settings: Settings, *, missing: str) -> SetupPlan:
    """What would be made in an empty account, and what is missing before that."""
    if settings.tunnel == "loopback":
        settings = replace(settings, tunnel="ngrok")
    return _plan_for_nothing(settings, place="an account with nothing in it", missing=missing)


def _plan_for_nothing(settings: Settings, *, place: str, missing: str = "") -> SetupPlan:
    name = workspace_name(settings.lesson or FIRST, beside=settings.workspace)
    furnishing = prepared_for_empty_account(workspace_name=name, lesson=settings.lesson)
    return setup_plan(furnishing, settings=settings, place=place, now=CallbackUrls(), missing=missing)
