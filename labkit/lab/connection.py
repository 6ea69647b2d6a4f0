"""Connection: a lab's line to TaskRouter: where that is, the SDK's clients, and the Workspace that they work in."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labkit import limits
from labkit.course.clearing import lessons_among
from labkit.course.lesson_names import FIRST, has_own_workspace, workspace_name
from labkit.errors import LabError, NotSetUpError
from labkit.sandbox import process
from labkit.settings import Secret, Settings, mask
from labkit.stream import EventStream, Kind
from labkit.vocabulary import EVENT_BRIDGE_PATH

if TYPE_CHECKING:
    from labkit.account.facts import AccountFacts
    from labkit.account.memory import AccountMemory
    from labkit.account.teardown import TeardownReport
    from labkit.callbacks import EventBridge
    from labkit.course.furnishing import FurnishedWorkspace, Furnishing
    from labkit.taskrouter.workspace_client import WorkspaceClient
    from labkit.workspace_file.journal import Journal


class Connection:
    """To the sandbox, which is started if need be, or to the account that the settings name.

    Args:
        settings: what was asked for.
        stream: where the learner's REST calls and the sandbox's notices are published.
        starting: a sandbox that is coming up; None for an account.

    Raises:
        LabError: there is no sandbox and none could be started; or TaskRouter refused, or did not answer.

    Attributes:
        client: the official SDK's, whose calls are shown as the learner's.
        quiet: the same, for what the lab asks on its own account: nobody is shown that.
        notices: what the sandbox has to say about itself, in sentences.
        token: the Auth Token, which callbacks are signed with; None where an API key alone signs in.
        missing: what the quickstart has lost and was not put back, for it is an account, whose owner is asked.
        facts: what Twilio has said of the account; None for a sandbox, and before it was asked.
        lessons: the numbers of the lessons whose Workspaces are there, as they were last seen.
    """

    client: Any
    quiet: Any
    notices: list[str]

    def __init__(self, settings: Settings, *, stream: EventStream, starting: process.Starting | None) -> None:
        from labkit.taskrouter.client import account_of

        self._settings = settings
        self._stream = stream
        self.missing: tuple[str, ...] = ()
        self.lessons: list[int] = []
        self.facts: AccountFacts | None = None
        self._furnished: FurnishedWorkspace | None = None
        self.address = starting.wait() if starting is not None else None
        self.token = Secret(self.address.auth_token) if self.address else settings.auth_token
        signs_in = {"account_sid": self.account_sid, "auth_token": self.token} if self.address else account_of(settings)
        self._open_clients(signs_in, waits=self.address is None)
        with contextlib.ExitStack() as undo:
            undo.callback(self.close)
            self._hear_notices()
            undo.pop_all()

    def _open_clients(self, signs_in: Mapping[str, Any], *, waits: bool) -> None:
        """Make both clients.

        Args:
            signs_in: what `connect` needs of who asks.
            waits: whether `quiet` asks once more what was asked too often, as an account wants it.
        """
        from labkit.taskrouter.client import connect
        from labkit.taskrouter.patience import Patience

        access = functools.partial(connect, base_url=self.base_url, **signs_in)
        with contextlib.ExitStack() as undo:
            self.client = access(on_call=self._report_call)
            undo.callback(_close_session, self.client)
            patience = Patience(tell=self._tell_wait)
            undo.callback(patience.close)
            self.quiet = access(patience=patience if waits else None)
            undo.callback(_close_session, self.quiet)
            self._ending = undo.pop_all()

    def close(self) -> None:
        """Close what the SDK keeps open. May be called twice."""
        self._ending.close()

    @property
    def mode(self) -> str:
        """`sandbox`, `twilio` or `room`."""
        return self._settings.mode

    @property
    def has_sandbox(self) -> bool:
        """Whether what answers is a sandbox, be it the lab's own or a room's."""
        return self.address is not None

    @property
    def home(self) -> Path:
        """The folder of the sandbox."""
        return self._settings.home or process.default_home()

    @functools.cached_property
    def memory(self) -> AccountMemory | None:
        """What the lab was allowed, made and changed in the account; None for a sandbox, which is the lab's own."""
        if self.mode == "sandbox":
            return None
        from labkit.account.memory import AccountMemory

        return AccountMemory(self.home, account_sid=self.account_sid)

    @property
    def base_url(self) -> str | None:
        """The sandbox's address; None for an account, which the SDK knows where to find."""
        return self.address.url if self.address else None

    @property
    def url(self) -> str:
        """Where TaskRouter is."""
        return self.base_url or self.client.get_hostname("https://taskrouter.twilio.com")

    @property
    def event_bridge(self) -> EventBridge:
        """What a Worker's own page speaks to."""
        from labkit.callbacks import EventBridge

        if self.base_url is None:
            return EventBridge.at_twilio(self.client.region or "")
        return EventBridge(f"{self.base_url}{EVENT_BRIDGE_PATH}")

    @property
    def account_sid(self) -> str:
        """The account that everything belongs to."""
        return self.address.account_sid if self.address else str(self._settings.account_sid)

    @property
    def is_furnished(self) -> bool:
        """Whether there is a Workspace to work in."""
        return self._furnished is not None

    @property
    def furnished(self) -> FurnishedWorkspace:
        """What the Workspace was found or made to be.

        Raises:
            NotSetUpError: that has not been done yet; likewise whatever is asked of the Workspace below.
        """
        if self._furnished is None:
            raise self.not_set_up()
        return self._furnished

    def not_set_up(self) -> NotSetUpError:
        """What is said where something needs the Workspace and that is not set up."""
        if self._furnished is not None:
            return NotSetUpError(
                f"The lab may not change anything in the account {mask(self.account_sid)} yet, or was cut off while it "
                "was set up. Run lab.set_up() and try again; lab.plan() shows what that does."
            )
        return NotSetUpError(
            f"This lab is connected to the account {mask(self.account_sid)}, and the Workspace {self.workspace_name!r} "
            'is not set up for it: nothing was made or changed. Press "Set up" in the plan, or run lab.set_up(); '
            "lab.plan() shows what that does."
        )

    @property
    def is_allowed(self) -> bool:
        """Whether something may be made and changed: in a sandbox always, in an account after a yes."""
        return self.memory is None or self._settings.yes or self.memory.workspace(self.workspace_name).yes is not None

    def check_allowed(self) -> None:
        """See that something may be made and changed.

        Raises:
            NotSetUpError: it is an account, and nobody has said yes.
        """
        if not self.is_allowed:
            raise self.not_set_up()

    @functools.cached_property
    def workspace(self) -> WorkspaceClient:
        """The Workspace, by `client`."""
        return self._client_of_workspace(self.client)

    @functools.cached_property
    def quiet_workspace(self) -> WorkspaceClient:
        """The Workspace, by `quiet`."""
        return self._client_of_workspace(self.quiet)

    def _client_of_workspace(self, client: Any) -> WorkspaceClient:
        from labkit.taskrouter.workspace_client import WorkspaceClient

        return WorkspaceClient(client, self.workspace_sid)

    @property
    def workspace_sid(self) -> str:
        """The Workspace."""
        return self.furnished.workspace_sid

    @property
    def workspace_name(self) -> str:
        """Its friendly name, also before it is there."""
        return workspace_name(self._settings.lesson or FIRST, beside=self._settings.workspace)

    @property
    def workflow_sid(self) -> str:
        """The Workflow that calls this lab: the quickstart's, or the first of the lesson's."""
        return self.furnished.workflow_sid

    @property
    def workflow_name(self) -> str:
        """Its friendly name."""
        return self.furnished.workflow_name

    @property
    def has_own_workspace(self) -> bool:
        """Whether the Workspace is a lesson's, which is the lab's alone, also in an account."""
        return has_own_workspace(self._settings.lesson)

    def furnish(self, *, put_right: bool = False) -> tuple[str, ...]:
        """Find the Workspace and all that belongs into it, make what is missing, and work there from now on.

        Args:
            put_right: whether in a lesson's Workspace what was changed is set back as well. A lab that looks on sets
                nothing back.

        Returns:
            What was missing and has been put back, such as "the Worker Alice"; nothing of a new Workspace.

        Raises:
            NotSetUpError: something is missing in an account, and nobody has said yes.
            TaskRouterError: TaskRouter refused, or did not answer.
        """
        from labkit.course.furnishing import carry_out

        with self._alone() as journal:
            furnishing = self.prepare(put_right=put_right)
            if furnishing:
                self.check_allowed()
            self._furnished = carry_out(furnishing, self.quiet, journal=journal)
        for workspace in (self.workspace, self.quiet_workspace):
            workspace.use_workspace(self.workspace_sid)
        self.missing = ()
        return self.furnished.made

    @contextlib.contextmanager
    def _alone(self) -> Iterator[Journal]:
        """Two notebooks that start at once must not make two Workspaces of one name. An account's is remembered."""
        if self.memory is None:
            from labkit.workspace_file.journal import Journal

            with process.exclusively(self.home):
                yield Journal()
        else:
            from labkit.account.journal import journal_of

            with journal_of(self.memory, self.quiet, workspace_name=self.workspace_name) as journal:
                yield journal

    def prepare(self, *, put_right: bool) -> Furnishing:
        """What `furnish` would do now; nothing is changed. Argument and errors as there."""
        from labkit.course.furnishing import prepare

        settings, looks_on = self._settings, self._settings.look_only or self._settings.callbacks == "leave"
        return prepare(
            self.quiet,
            workspace_name=self.workspace_name,
            lesson=settings.lesson,
            put_right=put_right and not looks_on,
        )

    def look_for_missing(self) -> None:
        """Say in `missing` what the quickstart has lost, and change nothing.

        Raises:
            TaskRouterError: TaskRouter refused, or did not answer.
        """
        self.missing = self.prepare(put_right=False).named

    def look_for_lessons(self) -> None:
        """Learn in `lessons` which lessons' Workspaces are there.

        Raises:
            TaskRouterError: TaskRouter refused, or did not answer.
        """
        from labkit.taskrouter.errors import asking

        with asking("list the Workspaces"):
            found = self.quiet.taskrouter.v1.workspaces.list(page_size=limits.MAX_PAGE_SIZE)
        self.saw_workspaces(each.friendly_name for each in found)

    def saw_workspaces(self, names: Iterable[str]) -> None:
        """These Workspaces are there."""
        self.lessons = lessons_among(names, beside=self._settings.workspace)

    def find_workspace(self, name: str | None = None) -> str | None:
        """The SID of the Workspace of this name, by default the lab's, as it is now; None where there is none.

        Raises:
            TaskRouterError: TaskRouter refused, or did not answer.
        """
        from labkit.taskrouter.errors import asking

        wanted = name or self.workspace_name
        with asking(f"find the Workspace {wanted!r}"):
            found = self.quiet.taskrouter.v1.workspaces.list(friendly_name=wanted, limit=1)
        return str(found[0].sid) if found else None

    def teardown(self, *, dry_run: bool) -> TeardownReport:
        """Take back all that is remembered of the account; arguments and errors as for `Lab.teardown`."""
        from labkit.account.teardown import teardown

        if self.memory is None:
            raise LabError(
                "A sandbox is the lab's own, so there is nothing to take down: lab.clear() takes the Workspaces of "
                "lessons away, and lab.reset() begins the whole sandbox anew."
            )
        with contextlib.ExitStack() as ending:
            if not dry_run:  # the lab is stopped, and this opens what it has closed
                ending.callback(_close_session, self.quiet)
            return teardown(self.memory, self.quiet, account=mask(self.account_sid), dry_run=dry_run)

    def workspace_client(self, workspace_sid: str) -> WorkspaceClient:
        """Another Workspace, for what the lab asks on its own account."""
        from labkit.taskrouter.workspace_client import WorkspaceClient

        return WorkspaceClient(self.quiet, workspace_sid)

    def restart_sandbox(self) -> None:
        """Start the sandbox again, and reach it where it is now.

        Raises:
            LabError: it could not be started, or it has another account now.
        """
        address = process.ensure(self.home)
        if (address.account_sid, Secret(address.auth_token)) != (self.account_sid, self.token):
            raise LabError("The sandbox runs again, with another account. Run labkit.start() once more to reach it.")
        for client in (self.client, self.quiet):
            client.http_client.use_base_url(address.url)  # its old port may be somebody else's by now
        self.address = address
        self._hear_notices()

    def allow_callback_host(self, host: str) -> None:
        """Let the sandbox call this host as well; loopback is always allowed."""
        if self.address is not None:
            process.allow_callback_host(self.address, host)

    def is_to(self, settings: Settings) -> bool:
        """Whether this is what these settings ask for, be it allowed or not, and the sandbox is still there."""
        if replace(settings, yes=self._settings.yes) != self._settings:
            return False
        return self.address is None or process.find(self.home) == self.address

    def hear(self, notices: Iterable[str]) -> bool:
        """What the sandbox has to say about itself now; whether any of it is news, which the stream is told of."""
        before, self.notices = self.notices, list(notices)
        news = [text for text in self.notices if text not in before]
        for text in news:
            self._stream.publish(Kind.NOTICE, {"level": "warning", "text": text})
        return bool(news)

    def _hear_notices(self) -> None:
        self.notices = []
        self.hear(process.notices(self.address) if self.address else [])

    def _tell_wait(self, text: str) -> None:
        self._stream.publish(Kind.NOTICE, {"level": "info", "text": text})

    def _report_call(self, call: Mapping[str, Any]) -> None:
        self._stream.publish(Kind.CALL, call)


def _close_session(client: Any) -> None:
    """The SDK keeps connections open and has no call to close them."""
    session = getattr(client.http_client, "session", None)
    if session is not None:
        session.close()
