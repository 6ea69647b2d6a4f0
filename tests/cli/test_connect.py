"""`python -m labkit explain`, and `lab.explain`, with a sandbox in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from processes import end_sandbox

import labkit
import labkit.lab.runtime
from labkit.cli import parser
from labkit.cli.connect import asker
from labkit.errors import LabError, SandboxError
from labkit.sandbox import process
from labkit.settings import Settings

pytestmark = pytest.mark.process


@pytest.fixture
def home(own_environment: Path) -> Iterator[Path]:
    """The lab's home; whatever runs from it is ended afterwards."""
    yield own_environment
    labkit.stop()
    labkit.lab.runtime._runtime.lab = None
    end_sandbox(own_environment)
    process._reap()


def test_a_lab_explains_and_so_does_the_terminal(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The quickstart's first Task waits because Alice is Offline; both say the same, and nothing is taken over."""
    with labkit.start() as lab:
        task = lab.create_task({"selected_language": "es"})
        urls = lab.callback_urls()
        explanation = lab.explain(task)
        assert explanation.headline == (
            "Waiting: Alice is the only Worker of Customer Care Requests - Spanish, "
            "and is Offline, an Activity that takes no Tasks."
        )
        assert explanation.suggestions[0] == "Set Alice to Available."
        assert lab.explain().headline == explanation.headline

        assert parser.main(["explain", task.sid]) == 0
        assert capsys.readouterr().out.startswith(explanation.headline)
        assert parser.main(["explain"]) == 0
        assert parser.main(["explain", "--lint"]) == 0
        assert str(lab.lint()) in capsys.readouterr().out
        assert lab.callback_urls() == urls

        assert parser.main(["explain", f"WT{'0' * 32}"]) == 1
        assert "404" in capsys.readouterr().err


def test_without_a_sandbox_there_is_nothing_to_explain(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And none is started for it."""
    assert parser.main(["explain"]) == 1
    assert "No sandbox runs" in capsys.readouterr().err
    with pytest.raises(SandboxError):
        asker(Settings.resolve({}), address=None)
    assert process.find(home) is None


def test_a_workspace_that_is_not_there_is_named(home: Path) -> None:
    """Only labkit.start() makes one."""
    with labkit.start(), pytest.raises(LabError, match="no Workspace called 'Elsewhere'"):
        asker(Settings.resolve({"LABKIT_WORKSPACE": "Elsewhere"}), address=process.find(home))
