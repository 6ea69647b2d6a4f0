"""SetupPlan: what setting a lab up makes and changes, where, how Twilio reaches it, and what that can cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from labkit.display import Line, Lines, Result, Section, counted
from labkit.settings import hide_passwords
from labkit.workspace_file.plan import Plan, PlanStep, line_of

HOW = 'Nothing was made or changed. To have it done, press "Set up", or run lab.set_up().'
"""What is said under a plan that waits for a yes."""


class WorkspaceOrigin(StrEnum):
    """Whose a Workspace is."""

    NEW = "to be made"
    OURS = "made by the lab"
    OTHERS = "there before the lab"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackChange:
    """A callback URL that is to be set.

    Attributes:
        of: whose it is, such as `Workflow 'Incoming Customer Care Requests'`.
        field: its name, `assignment_callback_url` or `event_callback_url`.
        before: what TaskRouter has now; empty for none.
        after: what it is to have; where the address is not known yet, that in words.
    """

    of: str
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SetupPlan(Result):
    """What setting up does; a notebook shows it as a list, `print` as text. True if there is anything to do.

    Attributes:
        place: where it is done, such as `the account "Ana's" (AC…1111, full)`.
        workspace_name: of the Workspace that the lab works in.
        workspace_sid: its SID; None where it is to be made.
        origin: whose it is.
        template: what a new one begins with, `NONE` or `FIFO`.
        changes: what is made and set back in it.
        callbacks: the URLs that are set.
        remarks: how the lab is reached, what is left alone, and what it can cost, as sentences.
        missing: what is missing before anything can be done, as a sentence; empty where nothing is.
        allowed: whether a yes for this Workspace was given, now or before, or none is needed.
        done: whether it was carried out.
    """

    place: str
    workspace_name: str
    workspace_sid: str | None
    origin: WorkspaceOrigin
    template: str
    changes: Plan
    callbacks: tuple[CallbackChange, ...] = ()
    remarks: tuple[str, ...] = ()
    missing: str = ""
    allowed: bool = False
    done: bool = False

    def __bool__(self) -> bool:
        return self.workspace_sid is None or bool(self.changes) or bool(self.callbacks)

    @property
    def headline(self) -> str:
        """How much there is to do, and where, in a sentence."""
        steps = [change.step for change in self.changes.changes]
        made = steps.count(PlanStep.ADD) + (self.workspace_sid is None)
        changed = steps.count(PlanStep.CHANGE)
        urls = len(self.callbacks)
        told = [
            *([f"{counted(made, 'thing')} {'made' if self.done else 'to make'}"] if made else []),
            *([f"{counted(changed, 'thing')} {'set back' if self.done else 'to set back'}"] if changed else []),
            *([f"{counted(urls, 'callback URL')} {'set' if self.done else 'to set'}"] if urls else []),
        ]
        return f"{'Set up' if self.done else 'Set-up'} in {self.place}: {', '.join(told) or 'nothing to do'}."

    @property
    def lines(self) -> tuple[Line, ...]:
        """Each thing that is made or changed, in the order in which that is done."""
        new = (self._new_workspace(),) if self.workspace_sid is None else ()
        return (*new, *map(line_of, self.changes.changes), *map(_url_line, self.callbacks))

    @property
    def is_in_others(self) -> bool:
        """Whether the Workspace was there before, and the lab did not make it."""
        return self.origin is WorkspaceOrigin.OTHERS

    @property
    def waits(self) -> bool:
        """Whether it is to be done, and nobody has said yes."""
        return bool(self) and not (self.done or self.allowed or self.missing)

    @property
    def where(self) -> str:
        """Whose the Workspace is, as a sentence."""
        name = f'The Workspace "{self.workspace_name}"'
        if self.workspace_sid is None:
            return f"{name} is made for the lab, which works in no other."
        named = f"{name} ({self.workspace_sid})"
        if self.origin is WorkspaceOrigin.OURS:
            return f"{named} was made by the lab, which works in no other."
        return (
            f"{named} was there before, and the lab did not make it: somebody may be working in it. The lab would do "
            "in it what this plan lists and nothing else. Workers that it makes are Offline; once you make one "
            "Available, TaskRouter may offer them the Tasks of others there. For a Workspace of the lab's own, give "
            "another name by the setting workspace."
        )

    def _new_workspace(self) -> Line:
        brought = (Line("by Twilio's template FIFO, which brings a TaskQueue and a Workflow"),)
        children = brought if self.template == "FIFO" else ()
        return Line(f"Workspace {self.workspace_name!r}", children, mark=PlanStep.ADD, look="add", meaning="add")

    def _sections(self) -> Iterator[Section]:
        yield Section(self.headline, Lines(self.lines, deeper=4) if self.lines else None, foot=self.where)
        yield Section("Besides:", Lines([Line(each, mark="·") for each in self.remarks]), foot=self._foot)

    @property
    def _foot(self) -> str:
        if self.missing:
            return f"Nothing was made or changed. {self.missing}"
        return HOW if self.waits else ""


def _url_line(change: CallbackChange) -> Line:
    before = hide_passwords(change.before) or "none"
    value = Line(change.field, look="value", old=before, new=hide_passwords(change.after))
    return Line(change.of, (value,), mark=PlanStep.CHANGE, look="change", meaning="change")
