"""`/_sandbox/progress`: noted and told, each account's own, and out of reach of a reset."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sandbox.local import OTHER_ACCOUNT, OTHER_TOKEN, LocalSandbox, local_sandbox

from labkit.course.progress import AccountProgress, Progress, SandboxProgress
from labkit.errors import TaskRouterError
from labkit.sandbox.store import Snapshots
from labkit.sandbox_client.client import SandboxClient

LESSON = "07_routing"


def progress_of(sandbox: LocalSandbox, *account: str) -> SandboxProgress:
    """Somebody's progress."""
    return SandboxProgress(SandboxClient(sandbox.client(*account), sandbox=True))


@pytest.fixture(params=["sandbox", "account"])
def progress(request: pytest.FixtureRequest, tmp_path: Path) -> Progress:
    """Kept by a sandbox, and in a file for a real account: the same."""
    if request.param == "account":
        return AccountProgress(tmp_path / "progress.json", account_sid="AC1")
    return progress_of(request.getfixturevalue("sandbox"))


def test_it_is_told_as_it_was_noted(progress: Progress) -> None:
    """With the time of each tick."""
    assert progress.read() == {}
    progress.note(LESSON)
    told = progress.note(LESSON, ticked=["Añejo & more", "B"], missed=["C"])
    assert told == progress.read()
    found = told[LESSON]
    assert found.begun is not None
    assert list(found.ticked) == ["Añejo & more", "B"]
    assert all(at >= found.begun and at.tzinfo for at in found.ticked.values())
    assert found.missed == {"C": 1}


def test_each_account_has_its_own(sandbox: LocalSandbox) -> None:
    """Several learners may use one sandbox."""
    progress_of(sandbox).note(LESSON, ticked=["A"])
    assert progress_of(sandbox, OTHER_ACCOUNT, OTHER_TOKEN).read() == {}


def test_a_reset_leaves_it(tmp_path: Path) -> None:
    """It is about the learner, not about the Workspace."""
    with local_sandbox(kept=Snapshots(tmp_path / "snapshots")) as sandbox:
        progress_of(sandbox).note(LESSON, ticked=["A"])
        sandbox.client().request("POST", "https://taskrouter.twilio.com/_sandbox/reset")
        assert list(progress_of(sandbox).read()[LESSON].ticked) == ["A"]


@pytest.mark.parametrize(
    "noted", [{"lesson": ""}, {"lesson": "x" * 101}, {"ticked": ["x"] * 101}, {"missed": ["x" * 301]}]
)
def test_what_no_lesson_has_is_refused(sandbox: LocalSandbox, noted: Any) -> None:
    """The file does not grow without an end."""
    with pytest.raises(TaskRouterError) as refused:
        progress_of(sandbox).note(**{"lesson": LESSON, **noted})
    assert refused.value.status == 400
    assert progress_of(sandbox).read() == {}
