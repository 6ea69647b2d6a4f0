"""The page of the instructor's wall: its files, and what a browser is told about them."""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path

from labkit.widgets.esm import one_module

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[2]
_ENTRY = "workshop/room/wall_page/wall.js"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)
"""Its Content-Security-Policy: nothing from elsewhere, and no script that is not a file of ours."""


def page(xsrf_token: str) -> str:
    """The page, with the token that its own requests bring along."""
    text = (_HERE / "wall.html").read_text(encoding="utf-8")
    return text.replace("<!-- xsrf -->", f'<meta name="xsrf" content="{escape(xsrf_token)}">')


def file(name: str) -> tuple[str, str] | None:
    """The type and the text of a file of the page; None where it has no such one."""
    if name == "wall.css":
        return "text/css; charset=utf-8", (_HERE / "wall.css").read_text(encoding="utf-8")
    return ("text/javascript; charset=utf-8", _script()) if name == "wall.js" else None


@cache
def _script() -> str:
    """All scripts as one that is no module: a browser asks for a module's files without the right to use the cookie."""
    text, _, start = one_module(_ENTRY, root=_ROOT).rpartition("export default ")
    return f"(() => {{\n{text}{start.strip().removesuffix(';')}();\n}})();\n"
