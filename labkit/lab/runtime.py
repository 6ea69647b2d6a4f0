"""The lab of this kernel: `labkit.start()`, `labkit.plan()`, `labkit.stop()`, and what it shares.

`start` may be called again at any time: a lab that runs is returned as it is. What runs is remembered outside of this
module, so that not even a reload of the code forgets a socket or a tunnel.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from labkit.background import run
from labkit.course.lesson_names import lesson_named, workspace_name
from labkit.dotenv_file import DotenvFile
from labkit.errors import ArgumentError, CredentialsError, LabError
from labkit.ipython_shell import in_notebook
from labkit.lab.lab import Lab
from labkit.lab.progress_sharing import SharingAnswer, chosen, reporter_for, sharing_note
from labkit.lab.sign_in import ask_in_terminal, can_ask_notebook, can_be_mended, offer_form
from labkit.sandbox import process
from labkit.settings import Settings

if TYPE_CHECKING:
    from labkit.account.setup_plan import SetupPlan

# Kept in sys.modules under a name of its own: a reloaded labkit.lab.runtime finds it again.
_runtime: Any = sys.modules.setdefault("labkit._runtime", SimpleNamespace(lab=None, lock=threading.RLock()))  # type: ignore[arg-type]


def start(*, panel: bool = True, **arguments: Any) -> Lab:
    """Start the lab of this kernel, or return the one that runs.

    Args:
        panel: show the status panel, in a notebook. Where an account's Workspace is not set up yet, the plan of that
            is shown in any case.
        arguments: see `labkit.settings.SETTINGS`, for example `lesson="02"`, `mode="twilio"`. With other settings
            than the running lab has, that one is stopped and a new one started.

    Raises:
        SettingsError: an argument is unknown or cannot be used; or an account's credentials are missing, and stand in
            a form that is shown now.
        LabError: a part could not be started; whatever had been started is stopped again.
    """
    try:
        lab = _started(arguments)
    except LabError as error:
        if not can_be_mended(error, arguments):
            raise
        lab = _started_otherwise(error, arguments)
    warning = DotenvFile.find().warning if lab.mode == "twilio" else ""
    for said in (lab.preparation, warning, sharing_note(lab._course.reporter)):
        if said:
            print(said)  # noqa: T201 - said in the cell, and kept there
    lab._course.share()  # not before it was said
    _show(lab, status=panel)
    return lab


def _started(arguments: Mapping[str, Any]) -> Lab:
    settings = _of_lesson(Settings.resolve(**arguments))
    with _runtime.lock:
        lab: Lab | None = _runtime.lab
        if lab is None or lab.stopped or not lab._fits(settings):
            if lab is not None:
                lab.stop()
            lab = _runtime.lab = Lab(settings)
        else:
            lab._resume(yes=settings.yes)
    return lab


def _started_otherwise(error: LabError, arguments: Mapping[str, Any]) -> Lab:
    """With credentials that somebody is asked for; where nobody can be, the error."""
    if not in_notebook():
        ask_in_terminal(error)
        return _started(arguments)
    if can_ask_notebook():
        raise offer_form(error, display=_display) from None
    raise error


def plan(**arguments: Any) -> SetupPlan:
    """What `start` would make and change with the same arguments, where, and what that can cost; nothing is changed.

    In an account it costs about eight requests. Without credentials it says what would be made in an empty account,
    and what is missing.

    Args:
        arguments: as for `start`.

    Raises:
        SettingsError: an argument is unknown or cannot be used.
        LabError: Twilio refused, or did not answer.
    """
    from labkit.lab.setup import plan_ahead, plan_without_credentials

    try:
        settings = _of_lesson(Settings.resolve(**arguments))
    except CredentialsError as error:
        known = Settings.resolve(**{**arguments, "mode": "sandbox"})
        return plan_without_credentials(_of_lesson(replace(known, mode="twilio")), missing=str(error))
    with _runtime.lock:
        lab: Lab | None = _runtime.lab
        if lab is not None and not lab.stopped and lab._fits(settings):
            return lab.plan()
    return plan_ahead(settings)


def _of_lesson(settings: Settings) -> Settings:
    """The same with the lesson's full name, whichever way it was called; refused here where it cannot be worked in."""
    if settings.lesson is None:
        return settings
    lesson = lesson_named(settings.lesson)
    workspace_name(lesson, beside=settings.workspace)
    return replace(settings, lesson=lesson)


def _show(lab: Lab, *, status: bool) -> None:
    """Its status, if that is wanted; the plan of a lab that waits in any case, or nobody could say yes."""
    if not lab.is_set_up and not in_notebook():
        print(lab._setup.latest)  # noqa: T201 - a terminal has no panels
    elif not lab.is_set_up:
        _display(lab.setup_plan())
    elif status and in_notebook():
        _display(lab.status())


def stop() -> None:
    """Stop the lab of this kernel, if one runs."""
    with _runtime.lock:
        if _runtime.lab is not None:
            _runtime.lab.stop()


def share_progress(shares: bool = True) -> SharingAnswer:
    """Whether the instructor of a workshop sees how far you are in the course; remembered on this computer.

    Args:
        shares: False sends nothing more and has what was sent deleted; True shares it again.

    Returns:
        What holds now; it shows itself as a sentence.

    Raises:
        ArgumentError: it is neither True nor False.
        LabError: the choice cannot be kept; it holds until the kernel ends.
    """
    if not isinstance(shares, bool):
        raise ArgumentError(f"share_progress takes True or False; it is {shares!r}.")
    with _runtime.lock:
        lab: Lab | None = _runtime.lab
    running = lab if lab is not None and not lab.stopped else None
    home = running._connection.home if running is not None else process.default_home()
    own = running._course.reporter if running is not None else None  # none in a room, where no lesson is played
    answer = chosen(own or reporter_for(home, submit=run), shares=shares)
    if running is not None:
        running._course.share()
    return answer


def _display(panel: Any) -> None:
    from IPython.display import display

    display(panel)  # type: ignore[no-untyped-call]
