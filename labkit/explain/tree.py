"""A tree of lines, which a result shows (`labkit/display.py`) or a panel. Every text is taken for a stranger's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labkit.display import Line


@dataclass(frozen=True, slots=True)
class TreeNode(Line):
    """One line and what belongs under it, which folds.

    Attributes:
        topic: what the line is about, for a panel that filters: `worker`, or nothing.
    """

    children: tuple[TreeNode, ...] = ()
    is_open: bool = True
    topic: str = ""


def as_data(nodes: tuple[TreeNode, ...]) -> list[dict[str, Any]]:
    """The tree as JSON values, for a panel: each line with `text`, `mark`, `open`, `topic` and its `children`."""
    return [
        {
            "text": node.text,
            "mark": node.mark,
            "open": node.is_open,
            "topic": node.topic,
            "children": as_data(node.children),
        }
        for node in nodes
    ]
