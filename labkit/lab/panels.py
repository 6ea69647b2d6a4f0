"""The panels that a lab can show: one of each kind, made when it is first asked for."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from labkit.arguments import explaining_arguments
from labkit.errors import LabError

if TYPE_CHECKING:
    from labkit.widgets.base import Panel
    from labkit.widgets.lab_parts import LabParts, PanelParts

_WIDGETS = "labkit.widgets"


class shows:  # noqa: N801 - it reads as a word of the class that uses it: composer = shows()
    """A method of the lab that shows the panel of this name: that of the folder in `labkit/widgets/`.

    What the folder's own docstring says, is the method's. Arguments go to the panel's `called_with`.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name
        self.__doc__ = importlib.import_module(f"{_WIDGETS}.{name}").__doc__

    def __get__(self, lab: Any, owner: type | None = None) -> Any:
        if lab is None:
            return self

        def show(*arguments: Any, **named: Any) -> Any:
            panel = lab.panels.get(self._name)
            explaining_arguments(panel.called_with, name=self._name)(*arguments, **named)
            return panel

        show.__name__, show.__doc__ = self._name, self.__doc__
        return show


class PanelSet:
    """The panels of one lab.

    Args:
        names: of the folders of `labkit/widgets/` that it may show.
        early: what those are made of that there are from the beginning.
        parts: gives what the others are made of; raises NotSetUpError where the Workspace is not set up.
    """

    def __init__(self, names: tuple[str, ...], *, early: PanelParts, parts: Callable[[], LabParts]) -> None:
        self._names = names
        self._early = early
        self._parts = parts
        self._made: dict[str, Panel] = {}
        self._closed = False
        self._lock = threading.RLock()  # a page may ask for one as well

    def get(self, name: str) -> Panel:
        """One panel of each kind: shown twice, it is the same one in two places.

        Raises:
            LabError: the lab is stopped, or it has no such panel.
            NotSetUpError: the panel shows what is in the Workspace, and that is not set up.
        """
        if self._closed:
            raise LabError("This lab is stopped. Run labkit.start() again.")
        if name not in self._names:
            raise LabError(f"The lab has no panel {name!r}. It has: {', '.join(self._names)}.")
        with self._lock:
            if name not in self._made:
                panel = self._made[name] = self._new(_panel_class(name))
                panel.explain_with(self._early.explain, jobs=self._early.jobs)
                panel.make_others_with(self.get)
                if self._early.look_only:
                    panel.only_look()
            return self._made[name]

    def _new(self, panel_class: type[Panel]) -> Panel:
        from labkit.widgets.base import EarlyPanel

        if issubclass(panel_class, EarlyPanel):
            return panel_class.of_lab(self._early)
        return panel_class.of_lab(self._parts())

    def on_the_desk(self) -> Mapping[str, Panel]:
        """Every panel that has a place on the desk, by name, made when it is asked for."""
        return _MadeWhenAsked(tuple(self.desk_places()), make=self.get)

    def desk_places(self) -> Mapping[str, Mapping[str, int]]:
        """Which place each panel has in which view; where one only looks on, of those that show something."""
        classes = {name: _panel_class(name) for name in self._names}
        places = {name: each.desk_place for name, each in classes.items() if each.desk_place}
        return {name: at for name, at in places.items() if not (self._early.look_only and classes[name].only_acts)}

    def show_status(self) -> bool:
        """Draw the status anew, if anybody looks at it; whether there was anything to draw."""
        shown = [panel for panel in self._made.values() if panel.follows_status]
        if shown:
            lines = self._early.status_lines()
            for panel in shown:
                panel.show_status(lines)
        return bool(shown)

    def draw_again(self, name: str) -> None:
        """Have a panel that was made show what there is now."""
        if name in self._made:
            self._made[name].refresh()

    def close(self) -> None:
        """Make no more of them, and say on those that are there that the lab is stopped."""
        self._closed = True
        self.show_status()
        for panel in list(self._made.values()):
            panel.end_stills()


class _MadeWhenAsked(Mapping[str, "Panel"]):
    def __init__(self, names: tuple[str, ...], *, make: Callable[[str], Panel]) -> None:
        self._names = names
        self._make = make

    def __getitem__(self, name: str) -> Panel:
        if name not in self._names:
            raise KeyError(name)
        return self._make(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def names_of(lab: type) -> tuple[str, ...]:
    """The panels that this class of lab shows."""
    return tuple(name for name, each in vars(lab).items() if isinstance(each, shows))


def _panel_class(name: str) -> type[Panel]:
    """The class that the folder's `panel.py` defines."""
    module = importlib.import_module(f"{_WIDGETS}.{name}.panel")
    found: Callable[..., Any] = module.PANEL
    return found  # type: ignore[return-value]
