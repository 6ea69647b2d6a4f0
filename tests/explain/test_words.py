"""What holds for the words of every explanation: of the Workspaces that were read, and of random ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from engine.random_world import build, happening, play, world_shape
from explain import approved
from explain.worlds import EVERY
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_sizes import sized

from labkit.engine import routing
from labkit.engine.diagnosis import Findings, explain_task
from labkit.explain import Explanation

EXAMPLES = sized(40, ci=100, soak=1000)
MOST_WORDS = 50
"""Of a headline."""
CLUMSY: dict[str, str] = {
    "one of what is many": r"(?<![\d.,])1 (times|seconds|Tasks|Workers|Reservations|events|Activities)\b",
    "many of what is one": r"\b([02-9]|[1-9]\d+) (time|Task|Worker|Reservation|event)\b",
    "none counted": r"(?<![\d.,:])0 (s|min|Tasks|Workers|Reservations|events|times)\b",
    "a value of Python": r"\b(None|True|False|NaN)\b|<[A-Z]\w+\.",
    "a name of the code": r"\b(labkit|filter_index|target_index|DEFAULT_FILTER|ReasonKind|DEFAULT)\b",
    "nothing known where nothing is unknown": r"\(unknown\)",
    "kinds where values would do": r"is a (string|number|boolean) \(|does not hold|missing or null",
    "somebody's sex": r"\b(he|she|his|her|hers|him)\b",
    "two stops": r"(?<!\.)\.\.(?!\.)|[!?…]\.|:\.|,\.",
    "empty brackets or a gap": r"\(\)| ,| \.|  |\(, ",
}


def clumsy(found: Findings) -> Iterator[str]:
    """What a reader would stumble over."""
    text = str(Explanation(found))
    for what, pattern in CLUMSY.items():
        for line in text.splitlines():
            if re.search(pattern, line.strip()):
                yield f"{what}: {line}"
    yield from _headline(found)
    yield from _sentences(found)


def _headline(found: Findings) -> Iterator[str]:
    headline = found.headline
    if len(headline.split()) > MOST_WORDS or "\n" in headline:
        yield f"a long headline: {headline}"
    if re.fullmatch(r"[A-Z].*[.!?…]", headline) is None:
        yield f"no sentence: {headline}"


def _sentences(found: Findings) -> Iterator[str]:
    """Advice, notes and what happened are sentences; what goes on from a name is none; nothing is said twice."""
    said = [each.text for each in found.suggestions] + [*found.notes, *found.unknown]
    for text in (*said, *(step.text for step in found.history)):
        if re.fullmatch(r"\S.*[.!?…]", text, re.DOTALL) is None:
            yield f"no sentence: {text}"
    reasons = [[reason.text for reason in worker.reasons] for worker in found.workers]
    yield from (f"ends in the middle: {text}" for each in reasons for text in each if text.endswith("."))
    for texts in ([found.headline, *said], *reasons):
        yield from (f"said twice: {text}" for text in set(texts) if texts.count(text) > 1)


@pytest.mark.parametrize("title", EVERY)
def test_nothing_that_was_read_is_clumsy(title: str) -> None:
    """Plural and singular, nothing counted that is not there, and each thing once."""
    assert list(clumsy(approved.findings(EVERY[title]()))) == []


@pytest.mark.chance
@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(shape=world_shape, steps=st.lists(happening, max_size=25))
def test_no_explanation_is_clumsy(shape: Any, steps: list[tuple[str, int, int, int]]) -> None:
    """Of whatever happens in random Workspaces, to Tasks that are there and to those that are gone."""
    world = build(shape)
    play(world, steps)
    with patch.object(routing, "settle", lambda unit: None):  # from here on nobody is matched: there is a choice
        play(world, [("create_task", *numbers) for _, *numbers in steps[:6]])
    sids = {str(event.data["task_sid"]) for event in world.events if event.data.get("task_sid")}
    for sid in sorted(sids):
        events = [event for event in world.events if event.data.get("task_sid") == sid]
        assert list(clumsy(explain_task(world.state, sid, world.now, events=events))) == []


@pytest.mark.parametrize(
    "text",
    ["It was reserved 1 times.", "Waiting 0 s.", "Completed: None.", "Solved..", "complete her Task", "2 Task more"],
)
def test_what_is_clumsy_is_found(text: str) -> None:
    """Each pattern on what it is for."""
    assert any(re.search(pattern, text) for pattern in CLUMSY.values())
