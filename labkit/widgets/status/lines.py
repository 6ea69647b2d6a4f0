"""What the lines of the status say."""

from __future__ import annotations

from typing import Literal, TypedDict

LIGHTS: dict[str, str] = {"green": "works", "amber": "needs a look", "red": "does not work", "grey": "stopped"}
"""What each light means."""


class StatusLine(TypedDict):
    """One line of the panel.

    `key` names it, `label` and `value` are what is read, `light` is how it is, `detail` says why it is not green.
    `remedy` is the text of a button and `action` what the lab is told when it is clicked; both or neither.
    """

    key: str
    label: str
    value: str
    light: Literal["green", "amber", "red", "grey"]
    detail: str
    remedy: str | None
    action: str | None
