"""How an error of the lab looks under a cell: a box with its sentence, and the traceback folded.

IPython asks an exception for `_render_traceback_` and shows the lines that it gives in place of a traceback. The cell
fails as ever: what runs it gets the error with its sentence. Where somebody has set `%xmode`, that is what is shown.
"""

from __future__ import annotations

import linecache
import re
import traceback
from collections.abc import Iterable
from dataclasses import dataclass

from labkit import ipython_shell
from labkit.display import Folded, Result, Section

WHOLE = "%tb Verbose shows the traceback."
"""In a terminal, where nothing folds."""
_USUAL = "Context"
"""IPython's `%xmode` as long as nobody has set another."""
_SHOWN_IN = "_labkit_shown_in"
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class ErrorBox(Result):
    """What stands under a cell that failed.

    Attributes:
        sentence: the error's own, with the value and what to do.
        where: its kind, and the line of the cell.
        traceback: the whole of it, as text.
    """

    sentence: str
    where: str
    traceback: str

    def _sections(self) -> Iterable[Section]:
        folded = Folded("Show the traceback", self.traceback)
        return [Section(self.sentence, folded, foot=self.where, look="error")]


def in_place_of_traceback(error: BaseException) -> list[str]:
    """The lines that IPython shows for this error; in a notebook its box is shown first."""
    shell = ipython_shell.shell()
    if shell is None:
        return traceback.format_exception(error)
    whole = shell.InteractiveTB.structured_traceback(type(error), error, error.__traceback__)
    if shell.InteractiveTB.mode != _USUAL:
        return list(whole)
    sentence = list(shell.InteractiveTB.get_exception_only(type(error), error))
    if not ipython_shell.in_notebook():
        return [*sentence, WHOLE]
    if vars(error).get(_SHOWN_IN) != shell.execution_count:  # IPython asks once more, for its history
        from IPython.display import display

        vars(error)[_SHOWN_IN] = shell.execution_count
        text = _COLOURS.sub("", shell.InteractiveTB.stb2text(whole))
        display(ErrorBox(str(error), _where(error, shell.user_global_ns), text))  # type: ignore[no-untyped-call]
    return sentence


def _where(error: BaseException, cells: object) -> str:
    """The error's kind, and the last line that is a person's own."""
    kind = type(error).__name__
    own = [each for each in traceback.walk_tb(error.__traceback__) if each[0].f_globals is cells]
    if not own:
        return kind
    frame, line = own[-1]
    return f"{kind} in line {line}: {linecache.getline(frame.f_code.co_filename, line).strip()}"
