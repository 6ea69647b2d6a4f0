"""Lab: the one object that a notebook holds. It puts the parts together, starts them, follows them and stops them."""

from __future__ import annotations

import atexit
import contextlib
import functools
import importlib
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Self

from labkit.arguments import named_arguments
from labkit.errors import LabError
from labkit.ipython_shell import in_notebook
from labkit.lab.controls import SandboxControls
from labkit.lab.panels import PanelSet, names_of, shows
from labkit.lab.status import (
    ASK_AGAIN,
    BE_REACHED,
    BE_USUAL,
    CHECK_OUTSIDE,
    FURNISH,
    LOOK_AGAIN,
    OPEN_ANEW,
    RESTART,
    SET_UP,
    TAKE_CALLBACKS,
    lines_before_set_up,
)
from labkit.sandbox import process
from labkit.settings import Settings
from labkit.stream import EventStream, Kind

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from labkit.account.setup_plan import SetupPlan
    from labkit.account.teardown import TeardownReport
    from labkit.callbacks import CallbackServer
    from labkit.callbacks.policy import AnswerSet
    from labkit.course import Report, Solution
    from labkit.course.clearing import ClearedLessons
    from labkit.display import Records
    from labkit.explain import Explainer, Explanation, LintReport
    from labkit.lab.agent_page import AgentPage
    from labkit.lab.callback_routing import CallbackRouting
    from labkit.lab.room_connection import RoomConnection
    from labkit.lab.running_parts import RunningParts
    from labkit.lab.setup import LabSetup
    from labkit.lab.worker_tokens import WorkerToken, WorkerTokens
    from labkit.lab.workspace_watch import WorkspaceWatch
    from labkit.live.workspace import LiveWorkspace
    from labkit.remote_clock import RemoteClock
    from labkit.room.instructor import RoomInstructor
    from labkit.sandbox_client.clock import Clock
    from labkit.sandbox_client.deliveries import Deliveries
    from labkit.sandbox_client.faults import Faults
    from labkit.sandbox_client.snapshots import SnapshotRecord
    from labkit.taskrouter.clearing import ClearedTasks
    from labkit.taskrouter.records import TaskRecord
    from labkit.taskrouter.workspace_client import WorkspaceClient
    from labkit.tunnel import Tunnel
    from labkit.widgets.lab_parts import LabParts, PanelParts
    from labkit.widgets.status.lines import StatusLine
    from labkit.workspace_file import Plan, WorkspaceFile


_FOR_OTHER_PARTS = frozenset({"looks_on", "notices", "panels", "preparation", "started_at", "stopped"})
"""Public, because the panels and the checks ask for it, and nothing that a lesson has one write."""


@named_arguments
class Lab:
    """A running lab. Made by `labkit.start()`.

    Attributes:
        stream: everything that happens, in order.
        panels: those that it shows.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ending = contextlib.ExitStack()
        self._stopping = threading.Event()
        self._preparation = ""
        self._parts: RunningParts | None = None
        self._changing = threading.RLock()  # a page may set it up while a cell stops it
        with contextlib.ExitStack() as undo:
            undo.callback(self._ending.close)
            self._open()
            undo.pop_all()
        atexit.register(self.stop)

    def __repr__(self) -> str:
        if self.stopped:
            return "<Lab: stopped>"
        callbacks = f"callbacks to {self.callbacks.public_url}" if self.is_set_up else "not set up"
        return f"<Lab: {self.mode}, {callbacks}>"

    def __dir__(self) -> list[str]:
        """What a learner may use: `lab.` and the Tab key show this, and the documentation has each."""
        names = (*vars(type(self)), "stream")
        return sorted(name for name in names if not name.startswith("_") and name not in _FOR_OTHER_PARTS)

    # --- starting and stopping ------------------------------------------------------------------------------------

    def _open(self) -> None:
        # The sandbox comes up in its own process while this one reads the libraries.
        mode = self._settings.mode
        starting = process.Starting(self._settings.home or process.default_home()) if mode == "sandbox" else None
        _read_libraries()
        self._connect(starting)
        if mode != "twilio":
            self._run()
        elif not (plan := self._setup.plan()).waits:
            self._carry_out(plan)

    def _connect(self, starting: process.Starting | None) -> None:
        from labkit.background import Jobs
        from labkit.lab.kinds import kind_of

        self.stream = EventStream()
        self._ending.callback(self.stream.close)
        self._kind = kind_of(self._settings.mode)
        self._connection = self._kind.connection(self._settings, stream=self.stream, starting=starting)
        self._ending.callback(self._connection.close)
        self._controls = SandboxControls(
            self._connection.quiet, sandbox=self._connection.has_sandbox, owner=self._kind.owner
        )
        pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="labkit-job")
        self._stop_jobs = functools.partial(pool.shutdown, wait=True, cancel_futures=True)
        self._ending.callback(self._stop_jobs)
        self._jobs = Jobs(pool)
        self._course = self._kind.course(
            self._connection,
            self._controls,
            exchanges=lambda: self._routing.server.exchanges if self.is_set_up else (),
            settings=self._settings,
            stream=self.stream,
            reporter=self._kind.reporter(self._connection.home, submit=self._jobs.submit),
        )
        self.panels = PanelSet(names_of(type(self)), early=self._panel_parts(), parts=self._lab_parts)
        self._ending.callback(self._stopping.set)

    def _put_back(self) -> SetupPlan:
        plan = self.plan()
        self._workspace.follow()
        return self._setup.note_done(plan)

    @functools.cached_property
    def _setup(self) -> LabSetup:
        from labkit.lab.setup import LabSetup  # a sandbox needs none of it when it starts

        return LabSetup(self._connection, self._settings)

    def _carry_out(self, plan: SetupPlan) -> SetupPlan:
        if plan:
            self._setup.allow()
        self._run()
        return self._setup.note_done(plan)

    def _run(self) -> None:
        self._connection.furnish(put_right=True)
        running = self._kind.parts(
            self._connection,
            self._controls,
            settings=self._settings,
            stream=self.stream,
            jobs=self._jobs,
            show_status=self.panels.show_status,
            tell=self._tell,
        )
        running.start(stop_jobs=self._stop_jobs)
        self._ending.callback(running.close)
        said = self._connection.furnished.said, running.routing.said_of_address
        self._preparation = "\n".join(filter(None, said))
        self._parts = running
        if not self._controls.sandbox:
            self._connection.look_for_lessons()
        self._course.begin()

    @property
    def _running(self) -> RunningParts:
        """What needs the Workspace.

        Raises:
            NotSetUpError: that is not set up.
        """
        if self._parts is None:
            raise self._connection.not_set_up()
        return self._parts

    @property
    def _routing(self) -> CallbackRouting:
        return self._running.routing

    @property
    def _workspace(self) -> WorkspaceWatch:
        return self._running.watch

    @property
    def _tokens(self) -> WorkerTokens:
        return self._running.tokens

    def _panel_parts(self) -> PanelParts:
        from labkit.widgets.lab_parts import PanelParts

        return PanelParts(
            look_only=self._settings.look_only,
            jobs=self._jobs,
            explain=lambda task: self.explain(task).as_data(),
            course=self._course.map,
            status_lines=self._status_lines,
            remedy=self._remedy,
            latest_plan=self._latest_plan,
            plan=self.plan,
            set_up=self._set_up_as_seen,
        )

    def _latest_plan(self) -> SetupPlan:
        """A plan with nothing in it is one too: a lab that is being stopped makes no other."""
        return self._setup.latest if self._setup.latest is not None else self.plan()

    def _lab_parts(self) -> LabParts:
        from labkit.widgets.lab_parts import LabParts

        connection, controls, running, early = self._connection, self._controls, self._running, self._panel_parts()
        return LabParts(
            **{name: getattr(early, name) for name in early.__slots__},
            sandbox=controls.sandbox,
            live=running.live,
            history=running.history,
            stream=self.stream,
            client=connection.workspace,
            quiet_client=connection.quiet_workspace,
            clock=controls.clock,
            faults=controls.faults,
            deliveries=controls.deliveries,
            simulation=controls.simulation,
            find_task=lambda task: self.explain(task).findings,
            address=lambda: (connection.url, connection.workspace_sid),
            workplace=lambda: (connection.workspace_sid, connection.workflow_sid),
            workspace_name=lambda: connection.workspace_name,
            clear_tasks=self.clear_tasks,
            panels=self.panels.on_the_desk,
            desk_places=self.panels.desk_places,
        )

    @property
    def is_set_up(self) -> bool:
        """Whether its Workspace is set up; a sandbox's always is."""
        return self._parts is not None

    def plan(self) -> SetupPlan:
        """What `set_up` would make and change now, in which account and Workspace, and what that can cost.

        Nothing is changed; `labkit.plan(mode="twilio")` says the same before there is a lab.

        Raises:
            LabError: the lab is stopped.
            TaskRouterError: TaskRouter refused, or did not answer.
        """
        from labkit.account.planning import CallbackUrls

        if self.stopped:
            raise LabError("This lab is stopped. labkit.plan() shows what another one would do.")
        own = CallbackUrls(*self._routing.own_urls) if self.is_set_up else None
        return self._setup.plan(own=own)

    def set_up(self) -> SetupPlan:
        """Make and change what the plan lists: your yes, remembered for the account and the name of the Workspace.

        A sandbox needs none, and a lab that is set up has what is missing put back.

        Returns:
            What was done; it shows itself as a list.

        Raises:
            LabError: the lab is stopped; there is no port or no tunnel; or TaskRouter refused, or did not answer. What
                was made by then is remembered: to set it up again goes on there, and `teardown` takes it away.
        """
        return self._set_up_as_seen(None)

    def _set_up_as_seen(self, seen: SetupPlan | None) -> SetupPlan:
        # It does not wait: `stop` waits, with this lock, for the clicks that run.
        if not self._changing.acquire(blocking=False):
            raise LabError("This lab is being set up or stopped just now. Try again in a moment.")
        try:
            if self.stopped:
                raise LabError("This lab is stopped. Run labkit.start() again.")
            plan = self._setup.checked(seen) if not self.is_set_up else None
            self._setup.allow()
            done = self._carry_out(plan) if plan is not None else self._put_back()
        finally:
            self._changing.release()
        self.panels.show_status()
        self.panels.draw_again("setup_plan")
        return done

    def stop(self, *, sandbox: bool = False) -> None:
        """Stop all that this lab started: no thread, socket or process of the kernel's is left. May be called twice.

        Args:
            sandbox: end the sandbox process as well. By default it goes on, with the Workspace in it, for the next
                `labkit.start()`, and ends by itself half an hour after it was last used.
        """
        with self._changing:
            if not self.stopped:
                self._stopping.set()
                self.panels.close()
                self._ending.close()
                atexit.unregister(self.stop)
        if sandbox and self.mode == "sandbox":
            process.stop(self._connection.home)

    def teardown(self, *, dry_run: bool = False) -> TeardownReport:
        """Take back all that labs of this computer made and changed in the account, and nothing else.

        Workspaces that they made go with all that is in them, lessons' too. In one that was there before, only what
        they made goes, and what they changed is set back; what you made there yourself stays. This lab is stopped
        first; `labkit.start(mode="twilio")` begins anew, and asks anew. A terminal does the same, also after a kill:
        `python -m labkit teardown`.

        Args:
            dry_run: only say what that is, and stop nothing.

        Returns:
            What was taken back, and what stays and why; it shows itself as a list.

        Raises:
            LabError: this lab talks to a sandbox; or what was made cannot be read.
            TaskRouterError: TaskRouter refused for the moment, or did not answer; what was taken back by then is back,
                and the next teardown goes on there.
        """
        if self._connection.memory is not None and not dry_run:
            self.stop()
        return self._connection.teardown(dry_run=dry_run)

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stopping.is_set()

    def _fits(self, settings: Settings) -> bool:
        """Whether this lab is what these settings ask for, and its sandbox is still there."""
        return self._connection.is_to(settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # --- what it is -----------------------------------------------------------------------------------------------

    @property
    def mode(self) -> str:
        """`sandbox`, `twilio` or `room`."""
        return self._connection.mode

    @property
    def worker(self) -> str:
        """In a room, the name of the Worker that you are.

        Raises:
            LabError: this lab is not in a room.
        """
        return self._in_room.joined.worker_name

    @property
    def room(self) -> RoomInstructor:
        """In a room, what its instructor does: the wall, callers, a message to all, the day as a report.

        Raises:
            LabError: this lab is not in a room.
        """
        from labkit.room.instructor import RoomInstructor

        return RoomInstructor(self._in_room.room)

    @property
    def _in_room(self) -> RoomConnection:
        from labkit.lab.room_connection import RoomConnection

        if not isinstance(self._connection, RoomConnection):
            raise LabError(
                "This lab is not in a room, so you are no Worker yourself and see them all. In a workshop, "
                "labkit.start(mode='room') makes you one Worker of the contact centre that all share."
            )
        return self._connection

    @property
    def client(self) -> Any:
        """The official `twilio.rest.Client`, talking to the sandbox or to the account."""
        return self._connection.client

    @property
    def taskrouter(self) -> WorkspaceClient:
        """What can be done in the Workspace: create Tasks, accept Reservations, move Workers."""
        return self._connection.workspace

    @property
    def callbacks(self) -> CallbackServer:
        """The callback server."""
        return self._routing.server

    @property
    def tunnel(self) -> Tunnel:
        """How TaskRouter reaches it."""
        return self._routing.tunnel

    @property
    def notices(self) -> list[str]:
        """What the sandbox has to say about itself, in sentences."""
        return self._connection.notices

    @property
    def looks_on(self) -> bool:
        """Whether it was asked to leave the callbacks with whoever has them; with nobody there it takes them."""
        return self._routing.looks_on

    @property
    def taskrouter_url(self) -> str:
        """Where TaskRouter is."""
        return self._connection.url

    @property
    def account_sid(self) -> str:
        """The account that everything belongs to."""
        return self._connection.account_sid

    @property
    def workspace_sid(self) -> str:
        """The Workspace of this lab."""
        return self._connection.workspace_sid

    @property
    def workspace_name(self) -> str:
        """Its friendly name."""
        return self._connection.workspace_name

    @property
    def workflow_sid(self) -> str:
        """The Workflow that calls this lab: the quickstart's, or the first of the lesson's."""
        return self._connection.workflow_sid

    @property
    def workflow_name(self) -> str:
        """Its friendly name."""
        return self._connection.workflow_name

    @property
    def live(self) -> LiveWorkspace:
        """How Workers, Tasks and Reservations stand now."""
        return self._running.live

    # --- what a sandbox can do besides ------------------------------------------------------------------------------

    @property
    def time(self) -> RemoteClock:
        """TaskRouter's time, as it was last learned: `lab.time()` asks nobody."""
        return self._controls.time

    @property
    def clock(self) -> Clock:
        """The sandbox's clock: `advance(seconds=...)`, `run_to_next()`, `pause()`, `resume()`, `now()`."""
        return self._controls.clock

    @property
    def faults(self) -> Faults:
        """What goes wrong on purpose: `on(name, probability=...)`, `off(name)`, `off()`, `list()`."""
        return self._controls.faults

    @property
    def deliveries(self) -> Deliveries:
        """Every callback that the sandbox sent: `list()`, and `redeliver(number)`."""
        return self._controls.deliveries

    # --- what it shows ----------------------------------------------------------------------------------------------

    status = shows()
    composer = shows()
    inbox = shows()
    workers = shows()
    story = shows()
    traffic = shows()
    timeline = shows()
    queues = shows()
    time_and_faults = shows()
    simulation = shows()
    explanation = shows()
    playground = shows()
    course = shows()
    setup_plan = shows()
    desk = shows()

    # --- what it does ---------------------------------------------------------------------------------------------

    def answer_with(self, answer: object) -> AnswerSet:
        """Answer assignment callbacks with this from now on.

        Args:
            answer: `{}` (a person decides), `"accept"`, `"reject"`, a dict with an `instruction`, or a function of the
                callback's form fields that returns one of these (docs: /docs/taskrouter/handle-assignment-callbacks).

        Returns:
            What is so now; it shows itself as a sentence.

        Raises:
            AnswerError: it is none of these; nothing has changed.
            LabError: an account that is signed in to with an API key alone, where no callback can be checked.
        """
        self._routing.require_auth_token()
        now = self.callbacks.policy.answer_with(answer)
        self.panels.show_status()
        return now

    def create_task(self, attributes: Mapping[str, Any] | str, **options: Any) -> TaskRecord:
        """Create a Task in the lab's Workflow.

        Args:
            attributes: a mapping, or a JSON object as text.
            options: as for `WorkspaceClient.create_task`: workflow, priority, timeout (seconds), task_channel.

        Raises:
            TaskRouterError: TaskRouter refused, or did not answer.
        """
        return self.taskrouter.create_task(attributes, **{"workflow": self.workflow_sid, **options})

    def clear_tasks(self) -> ClearedTasks:
        """End every open Task: those that wait are canceled, those that a Worker has accepted are completed.

        In a sandbox these are all Tasks of the Workspace; in an account only those of this lab's Workflow, for others
        may work in the same Workspace.

        Returns:
            How many of each; it shows itself as a sentence.

        Raises:
            TaskRouterError: TaskRouter refused, or did not answer; what was ended before stays ended.
        """
        from labkit.taskrouter.clearing import clear_tasks

        return clear_tasks(self.taskrouter, workflow=None if self._controls.sandbox else self.workflow_sid)

    def callback_urls(self) -> tuple[str, str]:
        """The assignment callback URL and the event callback URL that TaskRouter has now.

        Raises:
            TaskRouterError: TaskRouter refused, or did not answer.
        """
        return self._routing.urls()

    def take_callbacks(self) -> None:
        """Have TaskRouter call this notebook, not the one that started last.

        Raises:
            TaskRouterError: TaskRouter refused, or did not answer.
        """
        self._routing.take()
        self.panels.show_status()

    def _resume(self, *, yes: bool) -> None:
        """What `labkit.start()` does with a lab that runs: have the callbacks come here, and put back what was lost.

        Args:
            yes: whether a lab that is not set up shall be.

        Raises:
            TaskRouterError: TaskRouter refused, or did not answer.
        """
        if not self.is_set_up:
            if yes or not self.plan().waits:
                self.set_up()
            return
        self._preparation = self._workspace.put_back()
        self.panels.show_status()

    @property
    def preparation(self) -> str:
        """What the last `labkit.start()` prepared or put back, as a sentence; empty where all was there."""
        return self._preparation

    # --- what a Worker's own browser needs ---------------------------------------------------------------------------

    def worker_token(
        self, worker: str | None = None, *, lifetime_seconds: int = 3600, role: str = "worker"
    ) -> WorkerToken:
        """A token with which a page or a program is this Worker, by Twilio's Worker SDK.

        Docs: /docs/taskrouter/js-sdk-v2, /docs/iam/access-tokens.

        Args:
            worker: name or SID; in a room your own, and no other.
            lifetime_seconds: 1 to 86,400; a room gives an hour.
            role: `worker`, or `supervisor`, who may change other Workers as well.

        Returns:
            It as a secret: it shows dots, and the lines of the official SDK that make the same; `.reveal()` gives it.

        Raises:
            ArgumentError: the role or the lifetime is none.
            LabError: there is no such Worker; the settings have no API key of the account; or TaskRouter refused, or
                did not answer.
        """
        return self._tokens.make(self._tokens.request(worker, role=role, lifetime_seconds=lifetime_seconds))

    def agent_page(self, worker: str | None = None, *, public: bool = False) -> AgentPage:
        """A Worker's own page, in which they set their Activity and answer Reservations by Twilio's Worker SDK.

        Docs: /docs/taskrouter/js-sdk-v2.

        Args:
            worker: name or SID; in a room your own, and no other.
            public: whether the page can be opened from anywhere, through the tunnel, by whoever has a link to it.
                Without it the tunnel does not lead to the page at all.

        Returns:
            The page, which a notebook shows; `link()` gives a link that works once, within ten minutes.

        Raises:
            LabError: there is no such Worker; the settings have no API key of the account; the page cannot be public;
                or TaskRouter refused, or did not answer.
        """
        from labkit.lab.agent_page import TOKEN_SECONDS, agent_page

        request = self._tokens.request(worker, role="worker", lifetime_seconds=TOKEN_SECONDS)
        return agent_page(
            request,
            tokens=self._tokens,
            connection=self._connection,
            routing=self._routing,
            public=public,
        )

    # --- what it can be asked ---------------------------------------------------------------------------------------

    def explain(self, task: object = None) -> Explanation:
        """Why a Task is where it is: why this Worker, why not the others, why still waiting, what would have to change.

        Args:
            task: its SID, or what `create_task` returned; by default the newest Task of the Workspace.

        Returns:
            A tree that a notebook shows and `print` writes as text; its `headline` is the answer in one sentence.

        Raises:
            TaskRouterError: there is no such Task, or TaskRouter refused, or did not answer.
        """
        return self._explainer.explain(task)

    def lint(self) -> LintReport:
        """What in the Workspace is legal and probably not meant, such as HAS on a string; each with its fix.

        Raises:
            TaskRouterError: TaskRouter refused, or did not answer.
        """
        return self._explainer.lint()

    @property
    def _explainer(self) -> Explainer:
        from labkit.explain import Explainer

        return Explainer(self._connection.quiet, self.workspace_sid, sandbox=self.mode == "sandbox")

    # --- what of the course is done -----------------------------------------------------------------------------------

    def check(self, lesson: str | int | None = None, *, step: int | None = None) -> Report:
        """What of a lesson is done, and what to do about the rest; work of an earlier kernel counts too.

        It looks at what really happened: TaskRouter's log, the Workspace, the callbacks; not at variables or cells.

        Args:
            lesson: its number, or its notebook's name such as `"00_start_here"`; by default the one that the lab was
                started for, or that this kernel belongs to.
            step: the number of the only step to look at, from 1.

        Raises:
            SettingsError: there is no such lesson.
            ArgumentError: there is no such step.
            TaskRouterError: TaskRouter refused, or did not answer.
        """
        report = self._course.check(lesson, step=step)
        self.panels.draw_again("course")
        return report

    def solution(self, step: int | None = None, *, lesson: str | int | None = None) -> Solution:
        """How a step of a lesson is done: lines of the official SDK, or what to click.

        Args:
            step: its number, as the check shows it; by default the first that is missing.
            lesson: as for `check`.

        Raises:
            SettingsError, ArgumentError, TaskRouterError: as for `check`.
        """
        return self._course.solution(step, lesson=lesson)

    def clear(self, lesson: str | int | None = None) -> ClearedLessons:
        """Take away a lesson's Workspace, with all that is in it; `labkit.start(lesson=...)` makes it anew.

        The quickstart's Workspace stays, and so does your progress. In an account only what the lab has made goes.

        Args:
            lesson: as for `check`; by default that of the lab, and where it was started for none, all of them.

        Returns:
            Which were taken away; it shows itself as a sentence.

        Raises:
            SettingsError: there is no such lesson.
            TaskRouterError: TaskRouter refused, or did not answer; what was taken away before stays away.
        """
        watch = self._workspace
        cleared = self._course.clear(lesson)
        watch.look()
        return cleared

    # --- its Workspace as a file ------------------------------------------------------------------------------------

    def export(self, path: str | os.PathLike[str], *, replace: bool = False) -> Path:
        """Write the Workspace into a YAML file, by name and without SIDs; returns its path.

        In it: Activities, TaskChannels, TaskQueues, Workflows, Workers with their channels, and the settings of the
        Workspace. Not in it: Tasks, history, and callback URLs, which belong to a notebook.

        Args:
            path: of the file.
            replace: whether a file that says something else may be replaced; without it that is refused.

        Raises:
            WorkspaceFileError: the file cannot be written, or is there already.
            TaskRouterError: TaskRouter refused, or did not answer.
        """
        return self._workspace_file(path).export(replace=replace)

    def diff(self, path: str | os.PathLike[str], *, remove: bool = False) -> Plan:
        """What `load` would do with this file: + added, ~ changed, - removed, · in the Workspace only.

        Raises:
            WorkspaceFileError: the file cannot be read or used; names the line and the path.
            TaskRouterError: TaskRouter refused, or did not answer.
        """
        return self._workspace_file(path).diff(remove=remove)

    def load(self, path: str | os.PathLike[str], *, remove: bool = False) -> Plan:
        """Make the Workspace what the file says. What the file leaves out is left as it is; returns what was done.

        Args:
            path: of a file that `export` wrote, here or in another Workspace, or one written by hand.
            remove: take away what is in the Workspace and not in the file.

        Raises:
            WorkspaceFileError: the file cannot be read or used; names the line and the path, and nothing was changed.
            TaskRouterError: TaskRouter refused, or did not answer. The error says how many changes were made; loading
                again goes on there.
        """
        done = self._workspace_file(path).load(remove=remove, needed_workflow=self.workflow_name)
        self.live.reconcile()
        return done

    def _workspace_file(self, path: str | os.PathLike[str]) -> WorkspaceFile:
        from labkit.workspace_file import WorkspaceFile

        return WorkspaceFile(path, client=self._connection.quiet, workspace_sid=self.workspace_sid)

    # --- what it can go back to, in a sandbox -----------------------------------------------------------------------

    def snapshot(self, name: str, *, replace: bool = False) -> SnapshotRecord:
        """Keep the sandbox's whole state, to come back to it with `restore`.

        Args:
            name: 1 to 64 letters (A to Z), digits, spaces and the signs `- _ .`, with a letter or a digit first.
            replace: whether one of this name may be replaced; without it that is refused.

        Raises:
            LabError: this lab talks to a real account, or the sandbox refused, or did not answer.
        """
        return self._controls.snapshots.keep(name, replace=replace)

    def snapshots(self) -> Records[SnapshotRecord]:
        """Every snapshot with its date and size, the oldest first.

        Raises:
            LabError: as for `snapshot`.
        """
        return self._controls.snapshots.all()

    def restore(self, name: str) -> SnapshotRecord:
        """Go back to a snapshot, for all who use this sandbox. The way back is `restore("before restore")`.

        What fell due since the snapshot was made falls due now: time went on, as it does over a restart.

        Args:
            name: of a snapshot; `before reset` and `before restore` are the newest of what resets or restores took
                away, and `snapshots` lists those before them, each with its time (UTC) in its name.

        Raises:
            LabError: as for `snapshot`.
        """
        record = self._workspace.exchange(lambda: self._controls.snapshots.restore(name))
        self._tell(f"The sandbox went back to the snapshot {name!r}. The way back: lab.restore('before restore').")
        return record

    def reset(self) -> None:
        """Forget everything in the sandbox, for all who use it, and furnish the quickstart's Workspace anew.

        The way back is `restore("before reset")`. Snapshots stay, and so does what earlier resets took away: the
        newest ten, or 500 MiB, of all that resets and restores took away.

        Raises:
            LabError: as for `snapshot`.
        """
        self._workspace.exchange(self._controls.snapshots.reset)
        self._tell("The sandbox began anew. The way back: lab.restore('before reset').")

    def _tell(self, text: str) -> None:
        self.stream.publish(Kind.NOTICE, {"level": "info", "text": text})

    # --- keeping watch --------------------------------------------------------------------------------------------

    def _remedy(self, action: str) -> str:
        if action == SET_UP:
            return self.set_up().headline
        if action in self._running.remedies:
            self._running.remedies[action]()
            return ""
        do, said = {
            TAKE_CALLBACKS: (self.take_callbacks, "Callbacks come to this notebook now."),
            RESTART: (self._restart_sandbox, "The sandbox runs again."),
            BE_REACHED: (self._be_reached, "Callbacks can come in again."),
            CHECK_OUTSIDE: (self._routing.check_from_outside, ""),
            OPEN_ANEW: (self._open_anew, "The tunnel is open again."),
            ASK_AGAIN: (self._routing.ask_again, "The callback URL is asked now."),
            FURNISH: (self.set_up, "The Workspace is there again."),
            LOOK_AGAIN: (self._routing.urls, "TaskRouter answers."),
            BE_USUAL: (self._controls.back_to_usual, "Time runs, and no fault is on."),
        }[action]
        found = do()
        self.panels.show_status()
        return said or str(found)

    def _be_reached(self) -> None:
        self._routing.open()
        if self._connection.workflow_sid in self._controls.failing_callbacks and not self._routing.looks_on:
            self._routing.ask_again()

    def _open_anew(self) -> None:
        self.tunnel.close()
        self._be_reached()

    def _restart_sandbox(self) -> None:
        self._connection.restart_sandbox()
        self._workspace.follow()
        self._routing.open()  # a tunnel's host is unknown to a sandbox that has just begun
        self._routing.catch_up()

    def _status_lines(self) -> list[StatusLine]:
        if not self.is_set_up:
            return lines_before_set_up(self._connection, stopped=self.stopped)
        return self._running.status_lines(stopped=self.stopped)


def _read_libraries() -> None:
    for name in ("twilio.rest", "labkit.taskrouter.http_client", "labkit.callbacks", "labkit.course.furnishing"):
        importlib.import_module(name)
    if in_notebook():
        importlib.import_module("labkit.widgets.status.panel")
