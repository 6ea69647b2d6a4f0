"""A tree of lines, shown as indented text, as HTML that folds, or by a panel. Every text is taken for a stranger's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

# Colours come from JupyterLab's theme where there is one, and suit light and dark where there is none.
_STYLE = """
.labkit-tree{max-width:60rem;line-height:1.5;color:var(--jp-content-font-color1,inherit)}
.labkit-tree .head{font-weight:600;margin:.2rem 0 .4rem}
.labkit-tree ul{list-style:none !important;margin:0;padding:0 0 0 1.3rem}
.labkit-tree li{padding:.05rem 0;overflow-wrap:anywhere}
.labkit-tree summary{cursor:pointer}
.labkit-tree .mark{display:inline-block;min-width:1.1rem;opacity:.7}
.labkit-tree .good>.mark,.labkit-tree .good>summary>.mark{opacity:1;color:var(--jp-success-color1,#2e9e5b)}
.labkit-tree .bad>.mark,.labkit-tree .bad>summary>.mark{opacity:1;color:var(--jp-error-color1,#d9534f)}
.labkit-tree .quiet{opacity:.7}
"""

_KINDS = {"✓": "good", "✗": "bad", "→": "good"}


@dataclass(frozen=True, slots=True)
class TreeNode:
    """One line and what belongs under it.

    Attributes:
        text: the line.
        children: the lines under it.
        mark: a sign before it: ``✓``, ``✗``, ``→`` or none.
        is_open: whether HTML shows the children at once.
        topic: what the line is about, for a panel that filters: `worker`, or nothing.
    """

    text: str
    children: tuple[TreeNode, ...] = ()
    mark: str = ""
    is_open: bool = True
    topic: str = ""


def as_text(nodes: tuple[TreeNode, ...], *, depth: int = 0) -> Iterator[str]:
    """The lines of the tree, two blanks deeper for each level."""
    for node in nodes:
        mark = f"{node.mark} " if node.mark else ""
        yield f"{'  ' * depth}{mark}{' '.join(_printable(node.text).split())}"
        yield from as_text(node.children, depth=depth + 1)


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


def as_html(headline: str, nodes: tuple[TreeNode, ...]) -> str:
    """The tree with a headline, in JupyterLab's colours."""
    head = f'<div class="head">{escape(headline)}</div>'
    return f'<style>{_STYLE}</style><div class="labkit-tree">{head}{_list(nodes)}</div>'


def _list(nodes: tuple[TreeNode, ...]) -> str:
    return f"<ul>{''.join(map(_item, nodes))}</ul>" if nodes else ""


def _item(node: TreeNode) -> str:
    kind = _KINDS.get(node.mark, "plain")
    mark = f'<span class="mark">{escape(node.mark)}</span>' if node.mark or not node.children else ""
    line = f"{mark}{escape(node.text)}"
    if not node.children:
        return f'<li class="{kind}">{line}</li>'
    opened = " open" if node.is_open else ""
    return f'<li><details class="{kind}"{opened}><summary>{line}</summary>{_list(node.children)}</details></li>'


def _printable(text: str) -> str:
    """Keeps control characters of a stranger's text out of terminals."""
    return "".join(c if c.isprintable() or c.isspace() else "\N{REPLACEMENT CHARACTER}" for c in text)
