"""How far the learner is in the course: `/_sandbox/progress`. A reset and a restore leave it alone.

The sandbox's own; TaskRouter has no such path. The sandbox keeps it, and not the notebook, so that two kernels and a
restart of either lose nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from aiohttp import web

from labkit.engine.refusals import InvalidParameter
from labkit.progress_file import ProgressFile
from labkit.sandbox.api.params import Text, Texts, read
from labkit.sandbox.api.render import answer
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.resource import read_form
from labkit.sandbox.api.sandbox_paths.route import Route
from labkit.sandbox.refusals import Unavailable

T = TypeVar("T")

_PARAMS = (
    Text(name="Lesson", field="lesson", required=True, longest=100),
    Texts(name="Ticked", field="ticked"),
    Texts(name="Missed", field="missed"),
)
_MOST_STEPS, _LONGEST_TITLE = 100, 300


async def show(place: RequestContext, progress: ProgressFile) -> web.Response:
    """`{"lessons"}`: for each lesson that was begun when that was, which steps were ticked when, and how often each was
    told to be missing."""
    return answer({"lessons": await _kept(progress.lessons, place.account_sid)})


async def note(place: RequestContext, progress: ProgressFile) -> web.Response:
    """Note of a `Lesson` which steps are `Ticked` and which were told to be `Missed`; answers as GET does."""
    given = read(_PARAMS, await read_form(place.request))
    ticked, missed = (_titles(name, given.get(name.lower(), [])) for name in ("Ticked", "Missed"))
    lessons = await _kept(
        progress.note, place.account_sid, given["lesson"], at=datetime.now(UTC), ticked=ticked, missed=missed
    )
    return answer({"lessons": lessons})


def _titles(name: str, texts: list[str]) -> list[str]:
    if len(texts) > _MOST_STEPS or any(len(text) > _LONGEST_TITLE for text in texts):
        raise InvalidParameter(name, f"at most {_MOST_STEPS} titles of steps, of at most {_LONGEST_TITLE} characters")
    return texts


async def _kept(act: Callable[..., T], *arguments: Any, **named: Any) -> T:
    """To wait for a disk takes a thread."""
    try:
        return await asyncio.to_thread(act, *arguments, **named)
    except OSError as error:
        raise Unavailable(f"the progress cannot be kept: {error.strerror or error}") from None


ROUTES = (
    Route("GET", "/_sandbox/progress", show, needs=ProgressFile, for_every_account=True),
    Route("POST", "/_sandbox/progress", note, needs=ProgressFile, for_every_account=True),
)
