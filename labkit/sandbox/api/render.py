"""How values and answers look on the wire. Times become text here and nowhere else."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from aiohttp import web
from multidict import CIMultiDict

from labkit.sandbox.json_text import to_bytes


@lru_cache(maxsize=4096)
def moment(value: datetime | None) -> str | None:
    """ISO 8601 in UTC with whole seconds: the SDKs read no other form."""
    # An f-string takes half the time of strftime, and every answer holds at least two dates, often the same.
    if value is None:
        return None
    v = value
    return f"{v.year:04d}-{v.month:02d}-{v.day:02d}T{v.hour:02d}:{v.minute:02d}:{v.second:02d}Z"


def answer(document: dict[str, Any], *, status: int = 200, version: int | None = None) -> web.Response:
    """A JSON answer; with `version`, its ETag."""
    headers = CIMultiDict({"Content-Type": "application/json"})
    if version is not None:
        headers["ETag"] = f'"{version}"'
    return web.Response(body=to_bytes(document), status=status, headers=headers)
