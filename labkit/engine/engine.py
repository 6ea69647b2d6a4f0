"""The engine: commands and the passing of time in; records, events and effects out. No IO, no clock, no chance.

`handle` plays one command at one moment, `tick` plays what has fallen due by a moment, each at its own deadline, and
`next_deadline` says when to come back. `go_on` plays a slice of what was too long for one command. Whoever calls
commits the outcome before anybody hears of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import count
from typing import Any

from labkit.engine import commands as c
from labkit.engine import expiry, lifecycle, restore, routing, slices
from labkit.engine.deadlines import Deadline, Deadlines
from labkit.engine.effects import Effect, Outcome
from labkit.engine.handlers import HANDLERS
from labkit.engine.refusals import NotFound
from labkit.engine.resources import Record, Workspace
from labkit.engine.unfinished import Unfinished
from labkit.engine.unit_of_work import UnitOfWork
from labkit.engine.workspace_state import WorkspaceState
from labkit.vocabulary import Sid

Tell = Callable[[Outcome, WorkspaceState], None]
"""Takes what was just played, and the Workspace as that has left it."""


class Engine:
    """All Workspaces of all accounts.

    Args:
        sids: makes a new SID for a prefix; the engine draws no random number itself.
        records: what the store has kept, to go on from.
        reports: whether events are made. Nobody's way through the Workspace depends on them, and they take a quarter of
            the time: whoever plays thousands of Tasks and reads none does without.
        keeps_ended: whether a Task can be asked for some minutes after its end, as TaskRouter has it. Otherwise it is
            removed with the unit of work that ends it, which saves one more; nobody else's way depends on it.

    Raises:
        KeyError, ValueError: the records do not fit together.

    Attributes:
        states: the Workspaces with all that is in them, by SID. For reading; only commands change it.
    """

    def __init__(
        self,
        *,
        sids: Callable[[str], str],
        records: Iterable[Record] = (),
        reports: bool = True,
        keeps_ended: bool = True,
    ) -> None:
        self.states: dict[str, WorkspaceState] = {}
        self._sids = sids
        self._reports = reports
        self._keeps_ended = keeps_ended
        self._deadlines = Deadlines(self._is_live)
        self._unfinished: dict[Unfinished, None] = {}
        """In the order in which their turns come."""
        last = restore.load(self.states, records, deadlines=self._deadlines)
        for state in self.states.values():
            restore.check(state)
        self._unfinished.update((each, None) for state in self.states.values() for each in slices.of_state(state))
        self._numbers: Iterator[int] = count(last + 1)

    def handle(
        self,
        command: c.Command,
        now: datetime,
        *,
        view: Callable[[Any], Any] | None = None,
        tell: Tell | None = None,
    ) -> Outcome:
        """Play a command.

        Args:
            command: what is asked.
            now: the moment at which it is asked.
            view: makes the outcome's `result` from the record that the command was about, before anything is routed:
                that is when TaskRouter answers. Without it, the result is the record.
            tell: called with what the command itself has done, and with what routing has added to that.

        Raises:
            Refusal: the command is not possible; nothing has changed.
        """
        unit = self._unit(self._state_for(command, now), now)
        record = HANDLERS[type(command)](unit, command)
        self._keep_state(unit.state, command)
        unit.outcome.result = view(record) if view else record
        return _settled(unit, tell)

    def tick(self, now: datetime, *, most: int | None = None, tell: Tell | None = None) -> Outcome:
        """Play what is due by `now`, in the order of the deadlines, each at its own moment.

        Args:
            now: by when it is due.
            most: so many deadlines at most; what is then still due is for the next time. None sets no limit.
            tell: called for each deadline, before anything of the next, with what it has done itself and with what
                routing has added to that.
        """
        outcome = Outcome()
        while len(outcome.deadlines) != most and (deadline := self._deadlines.pop_due(now)) is not None:
            unit = self._unit(self.states[deadline.workspace_sid], deadline.when)
            expiry.HANDLERS[deadline.due](unit, deadline.sid)
            unit.outcome.deadlines.append(deadline)
            outcome.extend(_settled(unit, tell))
        return outcome

    def go_on(self, now: datetime, *, tell: Tell | None = None) -> Outcome | None:
        """Play one slice of the work that earlier commands have left unfinished; None if there is none.

        Args:
            now: the moment at which it is played.
            tell: called with what the slice itself has done, and with what routing has added to that.
        """
        while self._unfinished:
            turn = next(iter(self._unfinished))
            del self._unfinished[turn]
            state = self.states.get(turn.workspace_sid)
            if state is not None and slices.is_live(state, turn):
                unit = self._unit(state, now)
                slices.HANDLERS[turn.work](unit, turn.sid)
                return _settled(unit, tell)
        return None

    @property
    def has_unfinished(self) -> bool:
        """Whether `go_on` may have something to do."""
        return bool(self._unfinished)

    def next_deadline(self) -> datetime | None:
        """When something falls due next, or None."""
        return self._deadlines.next()

    def next_due(self) -> Deadline | None:
        """What falls due next, or None."""
        return self._deadlines.first()

    def resume(self, now: datetime) -> list[Effect]:
        """The assignment callbacks that were due or under way when the records were kept: ask for them again."""
        return [e for state in self.states.values() for e in restore.callbacks_due(self._unit(state, now))]

    def take_apart(self) -> list[Any]:
        """Give all Workspaces up; what they were made of, so that whoever lets it go does so piece by piece.

        To free a million objects at once takes a tenth of a second in which nothing else can be done.
        """
        pieces = [piece for state in self.states.values() for piece in state.pieces()]
        pieces += self._deadlines.take_all()
        self._unfinished.clear()
        self.states.clear()
        return pieces

    def _unit(self, state: WorkspaceState, now: datetime) -> UnitOfWork:
        return UnitOfWork(
            state,
            now,
            sids=self._sids,
            numbers=self._numbers,
            deadlines=self._deadlines,
            unfinished=self._unfinished,
            states=self.states,
            reports=self._reports,
            keeps_ended=self._keeps_ended,
        )

    def _state_for(self, command: c.Command, now: datetime) -> WorkspaceState:
        if isinstance(command, c.CreateWorkspace):
            return self._new_state(command, now)
        state = self.states.get(command.workspace_sid)
        if state is None:
            raise NotFound(command.workspace_sid)
        return state

    def _new_state(self, command: c.CreateWorkspace, now: datetime) -> WorkspaceState:
        sid = self._sids(Sid.WORKSPACE)
        workspace = Workspace(
            sid=sid,
            workspace_sid=sid,
            number=next(self._numbers),
            date_created=now,
            date_updated=now,
            account_sid=command.account_sid,
            friendly_name=command.friendly_name,
            event_callback_url=command.event_callback_url,
            events_filter=command.events_filter,
            multi_task_enabled=command.multi_task_enabled,
            prioritize_queue_order=command.prioritize_queue_order,
        )
        return WorkspaceState(workspace)

    def _keep_state(self, state: WorkspaceState, command: c.Command) -> None:
        if isinstance(command, c.DeleteWorkspace):
            del self.states[state.workspace.sid]
        elif isinstance(command, c.CreateWorkspace):
            self.states[state.workspace.sid] = state

    def _is_live(self, deadline: Deadline) -> bool:
        state = self.states.get(deadline.workspace_sid)
        return state is not None and expiry.is_live(state, deadline)


def _settled(unit: UnitOfWork, tell: Tell | None) -> Outcome:
    """Route what the unit of work has set in motion, and tell of it in two parts.

    In between the records are as TaskRouter shows them who answers before it routes: a Task that was rejected is
    pending, though the next Worker may have it at once.
    """
    if tell is None:
        _route(unit)
        return unit.outcome
    own, unit.outcome = unit.outcome, Outcome()
    tell(own, unit.state)
    _route(unit)
    tell(unit.outcome, unit.state)
    own.extend(unit.outcome)
    return own


def _route(unit: UnitOfWork) -> None:
    routing.settle(unit)
    for task in unit.ended:
        lifecycle.remove_task(unit, task)
