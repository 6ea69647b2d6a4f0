"""The explanations that somebody has read and found good, in `explanations.txt`.

After a change of words, `PYTHONPATH=tests python -m explain.approved` writes the file anew: read what has changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

from engine.world import World
from explain.worlds import EVERY

from labkit.display import Lines, counted
from labkit.engine.diagnosis import Findings, explain_task
from labkit.explain import Explanation, tree_builder
from labkit.explain.tree import TreeNode

FILE = Path(__file__).with_name("explanations.txt")
WHOLE = {
    "quickstart: a Spanish Task, and Alice is Offline",
    "quickstart: an English Task is reserved for Bob",
    "queue: an alternative among conditions",
    "full: three of three, on chat",
    "known Worker: Offline",
    "several Workers, each for another reason",
    "RoutingTarget: a TaskQueue without Workers",
    "targets: in the second of three",
    "many Tasks are served before it",
    "timed out twice, with two Workers",
    "assigned after a Reservation was rescinded",
    "completed, with a reason",
    "canceled: the last target's time was up",
    "gone: completed long ago",
    "transfer: it waits in a TaskQueue, and its only Worker is Offline",
    "transfer: taken, and both have it",
    "transfer: taken by way of a TaskQueue, and the first is done",
}
"""What is shown to the last line; of all others what a learner looks at first."""
LOOKED_AT = {"What would have to change", "Filters", "Workers", "Notes"}
MOST_LINES = 14
"""Of one that is not whole."""


def findings(world: World) -> Findings:
    """About the Task `T`, with the events that it had."""
    sid = world.names["T"]
    return explain_task(world.state, sid, world.now, events=[e for e in world.events if e.data.get("task_sid") == sid])


def text() -> str:
    """Every explanation, as the file has them; SIDs are cut, for they are counted."""
    with patch.object(tree_builder, "time_of_day", lambda moment, **_: f"{moment:%H:%M:%S}"):  # alike in every zone
        parts = [f"== {title}\n{_shown(title, findings(make()))}\n" for title, make in EVERY.items()]
    return re.sub(r"\b([A-Z]{2})0{28}([0-9a-f]{4})\b", r"\1…\2", "\n".join(parts))


def _shown(title: str, found: Findings) -> str:
    return str(Explanation(found)) if title in WHOLE else "\n".join(_first_looked_at(found))


def _first_looked_at(found: Findings) -> Iterator[str]:
    nodes = [node for node in tree_builder.branches(found) if node.text in LOOKED_AT and not _is_plain(node)]
    lines = list(Lines(nodes).as_text())
    yield found.headline
    yield from lines[:MOST_LINES]
    if len(lines) > MOST_LINES:
        yield f"[{counted(len(lines) - MOST_LINES, 'line')} more]"
    if found.task.status not in ("pending", "reserved"):
        yield f"[at the end: {found.history[-1].text}]"


def _is_plain(node: TreeNode) -> bool:
    """The filter that most of the Workspaces have, which takes everything: nothing to be read."""
    return node.text == "Filters" and [child.text.partition(":")[0] for child in node.children] == ["Everything"]


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
