"""Panel: what every widget of the lab is: one anywidget, one synced state, messages for clicks.

A panel has a folder with its module, script and style. Its script imports what the panels share from `js/`, and
`base.css` is put in front of its style.
State is assigned from whatever thread has news, under the panel's own lock: setting and sending are two steps, and
without the lock an older state could be sent last.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import anywidget
import traitlets

from labkit.background import JobOutcome, Jobs, Work, run
from labkit.display import Section
from labkit.live.views import milliseconds
from labkit.live.workspace import CLOCK, LiveWorkspace
from labkit.widgets.esm import one_module
from labkit.widgets.lab_parts import ExplainTask, LabParts, PanelParts
from labkit.widgets.still import Still, Stills

if TYPE_CHECKING:
    from labkit.widgets.status.lines import StatusLine

log = logging.getLogger(__name__)

_HERE = Path(__file__).parent

Handler = Callable[[Mapping[str, Any]], "JobOutcome | str | None"]

LOOK_ONLY = "This lab only looks on; nothing can be changed from here."
_EVERY_PANEL_LOOKS = frozenset({"clock", "explain", "panel"})


def script(name: str) -> str:
    """The JavaScript of a panel: its own file and all that it imports as one module, and nothing left to load.

    Args:
        name: of the panel's folder; what is wrong in it raises what `esm.one_module` does.
    """
    return one_module(f"{name}/panel.js", root=_HERE)


def style(name: str) -> str:
    """The CSS of a panel: the shared rules, then its own."""
    parts = (_HERE / "base.css", _HERE / name / "panel.css")
    return "\n".join(part.read_text(encoding="utf-8") for part in parts)


class Panel(anywidget.AnyWidget):
    """A live view. Subclasses say what to draw (`_content`) and what clicks do (`_handlers`).

    The first state travels with the opening of the comm, so a subclass has its fields before it calls `__init__`
    here, and listens for news, and draws again, after it.

    A message from the browser is `{id, action, ...}`; its answer is `{id, ok, text, ...}`. The action runs on
    `jobs`, or at once where there are none, and always ends in an answer.

    Args:
        jobs: where actions run.
    """

    state = traitlets.Dict().tag(sync=True)
    notebook = traitlets.Unicode().tag(sync=True)
    """Names the notebook, so that a panel whose kernel is gone finds its successor and no other's."""
    panel_id = traitlets.Unicode().tag(sync=True)
    """Names it on a page, among all widgets: its model's own name, which anywidget does not tell a script."""
    made = traitlets.Float().tag(sync=True)
    """When it was made, in seconds since 1970: of two panels of a kind the younger one's kernel runs."""
    desk_place: ClassVar[Mapping[str, int]] = {}
    """In which views of the desk it is, and at which place there."""
    look_only = traitlets.Bool(False, read_only=True).tag(sync=True)
    """Whether it only looks on; what acts is then refused, and its script does not show it."""
    looks: ClassVar[frozenset[str]] = frozenset()
    """Which of its actions change nothing in TaskRouter, not even a setting; all others act."""
    only_acts: ClassVar[bool] = False
    """Whether there is nothing to see in it where one may only look."""
    follows_status: ClassVar[bool] = False
    """Whether it is told how the lab's parts stand, with `show_status`."""
    title: ClassVar[str] = "Panel"
    """What stands over it, and over its still."""
    _explainer: ExplainTask | None = None
    _others: Callable[[str], object] | None = None

    def __init__(self, *, jobs: Jobs | None = None) -> None:
        self._lock = threading.RLock()
        self._jobs = jobs
        self._stills = Stills(self.still)
        self._endings: list[Callable[[], None]] = [self._stills.close]
        panel_id = uuid.uuid4().hex
        super().__init__(
            state=self._drawn(), notebook=_notebook(), made=time.time(), panel_id=panel_id, model_id=panel_id
        )
        self.observe(lambda _change: self._stills.mark(), "state")
        _answer_while_a_cell_runs(self.comm)
        self.on_msg(self._on_message)

    @classmethod
    def of_lab(cls, lab: LabParts) -> Self:
        """The panel of a lab, made of its parts."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{self.title}: a live panel, which a notebook draws>"

    def _ipython_display_(self) -> None:
        """Show it in a notebook, and under it a still of it."""
        from IPython.display import display

        if (shown := self._repr_mimebundle_()) is not None:
            display({"text/html": "", **shown[0]}, raw=True)  # type: ignore[no-untyped-call]
            if "VOILA_BASE_URL" not in os.environ:  # whose pages nobody saves
                self._stills.display()

    def still(self) -> Still:
        """A picture of it as it is now, for where there is no kernel."""
        sections = tuple(self.pictured())
        return Still(self.title, self._now(), sections, ahead=self._ahead(), panel_id=self.panel_id)

    def pictured(self) -> Iterable[Section]:
        """What a still of it shows; without secrets, and no more than a page."""
        return ()

    def end_stills(self) -> None:
        """Leave the stills as the panel is now: nothing more will happen in it."""
        self._stills.close()

    def set_state(self, sync_data: Mapping[str, Any]) -> None:
        """What a page wants the traits to be: nothing. A page asks by messages, and whoever else shows the panel sees
        what Python says."""
        log.warning("a page tried to set %s of a panel; it is not from this lab's own script", sorted(sync_data))

    def called_with(self) -> None:
        """What the lab's method of its name was called with; a panel that takes arguments overrides it."""

    def show_status(self, lines: Sequence[StatusLine]) -> None:
        """The lab's parts stand like this now. From any thread."""

    def refresh(self) -> None:
        """Draw what there is now. From any thread."""
        with self._lock:
            self.state = self._drawn()

    def refresh_if_changed(self) -> None:
        """Draw what there is now, if that is not what was drawn: the time alone is no reason. From any thread."""
        with self._lock:
            content = self._content()
            if any(self.state.get(name) != value for name, value in content.items()):
                self.state = {**content, **self._time()}

    def explain_with(self, explainer: ExplainTask, *, jobs: Jobs) -> None:
        """Answer the panel's "Why?" buttons with this, on `jobs`: to explain takes REST calls."""
        self._explainer = explainer
        self._jobs = self._jobs or jobs

    def make_others_with(self, others: Callable[[str], object]) -> None:
        """Make another panel of the lab, by name, when a page asks for it: one whose kernel is gone comes back so."""
        self._others = others

    def only_look(self) -> None:
        """Refuse from now on whatever acts. There is no way back, and a page has none either."""
        self.set_trait("look_only", True)

    def close(self) -> None:
        """Stop listening and leave every page that shows this panel."""
        while self._endings:
            self._endings.pop()()
        super().close()

    def _drawn(self) -> dict[str, Any]:
        return {**self._content(), **self._time()}

    def _content(self) -> dict[str, Any]:
        raise NotImplementedError

    def _handlers(self) -> Mapping[str, Handler]:
        return {}

    def _now(self) -> datetime:
        return datetime.now(UTC)

    def _paused(self) -> bool:
        """Whether the time that the panel shows stands still."""
        return False

    def _ahead(self) -> timedelta:
        """How far the time that the panel shows is ahead of this computer's."""
        return timedelta(0)

    def _speed(self) -> float:
        """How many of its seconds pass in one of this computer's."""
        return 1.0

    def _time(self) -> dict[str, Any]:
        """What the script's clock follows; with every state and every answer."""
        ahead = round(self._ahead().total_seconds() * 1000)
        return {"now": milliseconds(self._now()), "ahead": ahead, "paused": self._paused(), "speed": self._speed()}

    def _on_message(self, _widget: object, message: Any, _buffers: object) -> None:
        if not isinstance(message, dict) or not isinstance(message.get("id"), str):
            log.warning("a panel got a message without an id; it is not from this lab's own script")
            return
        action = text_of(message, "action")
        if action == "clock":
            self._answer(message["id"], JobOutcome(ok=True))
        elif self.look_only and action not in self.looks | _EVERY_PANEL_LOOKS:
            self._answer(message["id"], JobOutcome(ok=False, text=LOOK_ONLY))
        elif action in self._handlers():
            self._start(message["id"], lambda: self._handlers()[action](message))
        elif action == "explain" and self._explainer is not None:
            explainer = self._explainer
            self._start(message["id"], lambda: _explained(explainer, message))
        elif action == "panel" and self._others is not None:
            others, name = self._others, text_of(message, "name")
            self._start(message["id"], lambda: JobOutcome(ok=others(name) is not None))
        else:
            self._answer(message["id"], JobOutcome(ok=False, text=f"This panel has no action {action!r}."))

    def _start(self, message_id: str, work: Work) -> None:
        def answer(outcome: JobOutcome) -> None:
            self._answer(message_id, outcome)

        if self._jobs is None:
            answer(run(work))
        else:
            self._jobs.submit(work, then=answer)

    def _answer(self, message_id: str, outcome: JobOutcome) -> None:
        time = self._time()
        with self._lock:
            self.send({**outcome.data, "id": message_id, "ok": outcome.ok, "text": outcome.text, **time})


class EarlyPanel(Panel):
    """A panel that there is as soon as a lab is connected, also where its Workspace is not set up yet."""

    @classmethod
    def of_lab(cls, lab: PanelParts) -> Self:
        """The panel of a lab, made of the parts that there are from the beginning."""
        raise NotImplementedError


class LivePanel(Panel):
    """A panel that draws what `live` knows, and draws again when one of its `topics`, or the time itself, has changed.

    Args:
        live: what is known.
        jobs: where actions run.
    """

    topics: ClassVar[frozenset[str]]

    def __init__(self, live: LiveWorkspace, *, jobs: Jobs | None = None) -> None:
        self._live = live
        super().__init__(jobs=jobs)
        self._endings.append(live.watch(self._on_change))
        self.refresh()

    def end_stills(self) -> None:
        """Leave the stills as `live` is now: the news of the last moment is drawn some milliseconds later."""
        self.refresh_if_changed()
        super().end_stills()

    def _on_change(self, topic: str) -> None:
        if topic in self.topics or topic == CLOCK:
            self.refresh()

    def _now(self) -> datetime:
        return self._live.clock()

    def _paused(self) -> bool:
        return self._live.clock.paused

    def _ahead(self) -> timedelta:
        return self._live.clock.ahead

    def _speed(self) -> float:
        return self._live.clock.speed


class SparingPanel(LivePanel):
    """A live panel that may have hundreds of rows, and sends them only when one of them has changed.

    One piece of news is often told under several topics, and often about what is not drawn here. Subclasses
    keep the rows that have not changed, the very same objects, so that to compare costs next to nothing.
    """

    def _on_change(self, topic: str) -> None:
        if topic in self.topics:
            self.refresh_if_changed()
        else:
            super()._on_change(topic)


def _explained(explainer: ExplainTask, message: Mapping[str, Any]) -> JobOutcome:
    return JobOutcome(ok=True, data={"explanation": explainer(text_of(message, "task") or None)})


def text_of(message: Mapping[str, Any], name: str) -> str:
    """A field of a browser's message as text; empty when it is not text."""
    value = message.get(name)
    return value if isinstance(value, str) else ""


def _notebook() -> str:
    """A name of the notebook that stays over a restart of its kernel, and is no path; empty where nobody tells it."""
    path = os.environ.get("JPY_SESSION_NAME", "")
    return hashlib.sha256(path.encode()).hexdigest()[:16] if path else ""


def _answer_while_a_cell_runs(comm: Any) -> None:
    # ipykernel 7.4.0 sends clicks to the shell of the comm's last publish; after a publish from a thread that is
    # the main shell, which is busy for as long as a cell runs. Other versions have no such hook.
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = lambda _data, default: default  # noqa: SLF001  # there is no public way
