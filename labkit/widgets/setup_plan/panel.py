"""SetupPlanPanel: what is to be made and changed in an account, and a button that is the yes to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from labkit.account.setup_plan import SetupPlan
from labkit.background import JobOutcome, Jobs
from labkit.display import Line, Section, sections_of
from labkit.errors import LabError
from labkit.widgets.base import EarlyPanel, Handler, script, style
from labkit.widgets.lab_parts import PanelParts


class SetupPlanPanel(EarlyPanel):
    """The plan of a lab, and its button.

    Args:
        plan: gives it as it was made last.
        look: makes it anew.
        set_up: does what it lists, if it still is what would be done.
        jobs: where that runs: it takes some seconds.
    """

    title = "Set-up"
    _esm = script("setup_plan")
    _css = style("setup_plan")
    looks: ClassVar[frozenset[str]] = frozenset({"look"})

    def __init__(
        self,
        plan: Callable[[], SetupPlan],
        *,
        look: Callable[[], SetupPlan],
        set_up: Callable[[SetupPlan], SetupPlan],
        jobs: Jobs | None = None,
    ) -> None:
        self._plan, self._look_anew, self._set_up = plan, look, set_up
        super().__init__(jobs=jobs)

    @classmethod
    def of_lab(cls, lab: PanelParts) -> SetupPlanPanel:
        """The panel of a lab."""
        return cls(lab.latest_plan, look=lab.plan, set_up=lab.set_up, jobs=lab.jobs)

    def __str__(self) -> str:
        return str(self._plan())

    def pictured(self) -> Iterable[Section]:
        """The plan as text has it."""
        return sections_of(self._plan())

    def _content(self) -> dict[str, Any]:
        plan = self._plan()
        return {
            "headline": plan.headline,
            "lines": [_shown(line) for line in plan.lines],
            "where": plan.where,
            "isOthers": plan.is_in_others,
            "remarks": list(plan.remarks),
            "waits": plan.waits,
            "done": plan.done,
        }

    def _handlers(self) -> Mapping[str, Handler]:
        return {"look": self._look, "set_up": self._agree}

    def _look(self, _message: Mapping[str, Any]) -> JobOutcome:
        self._look_anew()
        self.refresh()
        return JobOutcome(ok=True)

    def _agree(self, _message: Mapping[str, Any]) -> JobOutcome:
        """What was seen is what the panel has drawn: a yes is for that."""
        try:
            self._set_up(self._plan())
        except LabError as error:
            self.refresh()
            return JobOutcome(ok=False, text=str(error))
        self.refresh()
        return JobOutcome(ok=True, text="Done. Run the next cells now; a page without cells is reloaded.")


def _shown(line: Line) -> dict[str, Any]:
    details = [{"text": each.text, "old": each.old, "new": each.new} for each in line.children]
    return {"mark": str(line.mark), "meaning": line.meaning, "text": line.text, "details": details}


PANEL = SetupPlanPanel
