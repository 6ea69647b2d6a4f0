"""What a person gets: an answer that a notebook shows as a tree that folds, and `print` as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labkit.display import Lines, Result, Section, counted
from labkit.engine.diagnosis.findings import Findings
from labkit.engine.lint import Warned
from labkit.explain.tree import TreeNode, as_data
from labkit.explain.tree_builder import branches


@dataclass(frozen=True, slots=True, repr=False)
class Explanation(Result):
    """Why a Task is where it is.

    Attributes:
        findings: everything that was found out, as values.
    """

    findings: Findings

    @property
    def headline(self) -> str:
        """The answer in one sentence."""
        return self.findings.headline

    @property
    def suggestions(self) -> tuple[str, ...]:
        """What would have to change, the least first; any one of them is enough."""
        return tuple(each.text for each in self.findings.suggestions)

    def as_data(self) -> dict[str, Any]:
        """It as JSON values, for a panel: `task` (its SID), `at` (milliseconds since 1970), `headline` and `lines`."""
        return {
            "task": self.findings.task.sid,
            "at": round(self.findings.at.timestamp() * 1000),
            "headline": self.headline,
            "lines": as_data(branches(self.findings)),
        }

    def _sections(self) -> tuple[Section]:
        return (Section(self.headline, Lines(branches(self.findings))),)


@dataclass(frozen=True, slots=True, repr=False)
class LintReport(Result):
    """What in a Workspace is legal and probably not meant.

    Attributes:
        warnings: each with `where`, `rule`, `what`, `why` and `fix`.
    """

    warnings: tuple[Warned, ...]

    @property
    def headline(self) -> str:
        """How many warnings there are, as a sentence."""
        return f"{counted(len(self.warnings), 'warning')}." if self.warnings else "Nothing to remark."

    def _sections(self) -> tuple[Section]:
        nodes = [
            TreeNode(f"{each.where}: {each.what}", (TreeNode(each.why), TreeNode(each.fix)), mark="✗")
            for each in self.warnings
        ]
        return (Section(self.headline, Lines(nodes)),)
