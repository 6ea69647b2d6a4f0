"""The page of the instructor's wall: its files, and what a browser is told about them."""

from __future__ import annotations

from html import escape
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_SHARED = (_ROOT / "labkit/widgets/js/dom.js", _ROOT / "labkit/widgets/js/format.js")
FILES = {
    path.relative_to(_ROOT).as_posix(): path
    for path in (*_SHARED, *sorted(Path(__file__).parent.iterdir()))
    if path.suffix in _TYPES
}
"""What the page may load, by its path in the project, so that its scripts import each other as they stand there."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)
"""Its Content-Security-Policy: nothing from elsewhere, and no script that is not a file of ours."""


def page(xsrf_token: str) -> str:
    """The page, with the token that its own requests bring along."""
    text = (Path(__file__).parent / "wall.html").read_text(encoding="utf-8")
    return text.replace("<!-- xsrf -->", f'<meta name="xsrf" content="{escape(xsrf_token)}">')


def file(name: str) -> tuple[str, bytes] | None:
    """The type and the content of a file of the page; None where it has no such one."""
    path = FILES.get(name)
    return None if path is None else (_TYPES[path.suffix], path.read_bytes())
