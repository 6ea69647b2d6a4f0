"""What the tunnel's tests share: an ngrok agent that needs no internet, and a temporary folder of their own."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from labkit.settings import Secret
from labkit.tunnel import Ngrok, ngrok_cleanup

FAKE = Path(__file__).with_name("fake_ngrok.py")


class FakeNgrok:
    """The program, how it was started, and a tunnel that uses it."""

    def __init__(self, folder: Path, setenv: Callable[[str, str], None]) -> None:
        self.path = folder / "ngrok"
        self.record = folder / "starts.jsonl"
        self.token = Secret("2abcDEF_made_up_for_this_test")
        self._setenv = setenv
        # Run by this very Python; the program itself is for whichever is first in PATH.
        code = FAKE.read_text(encoding="utf-8").split("\n", 1)[1]
        self.path.write_text(f"#!{sys.executable}\n{code}", encoding="utf-8")
        self.path.chmod(0o755)
        setenv("FAKE_NGROK_RECORD", str(self.record))

    def behave(self, mode: str) -> None:
        """Let the next start behave as FAKE_NGROK_MODE says."""
        self._setenv("FAKE_NGROK_MODE", mode)

    def tunnel(self, **options: Any) -> Ngrok:
        """A tunnel through it, with its token."""
        return Ngrok(options.pop("authtoken", self.token), path=self.path, **options)

    def starts(self) -> list[dict[str, Any]]:
        """How it was started: pid, argv, config, config_mode of each."""
        return [json.loads(line) for line in self.record.read_text().splitlines()] if self.record.exists() else []

    def running(self) -> list[int]:
        """Those of its processes that still run."""
        return [start["pid"] for start in self.starts() if is_running(start["pid"])]


def is_running(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be collected does not."""
    return bool(ngrok_cleanup._command_line(pid).strip())


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where temporary files go during the test; it must be empty of the lab's after it."""
    folder = Path(tempfile.mkdtemp(prefix="labkit-test-"))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    left = list(folder.glob(f"{ngrok_cleanup.PREFIX}*"))
    shutil.rmtree(folder)
    assert left == []


@pytest.fixture
def fake(tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeNgrok]:
    """A stand-alone ngrok agent; after the test none of its processes may run."""
    monkeypatch.delenv("NGROK_AUTHTOKEN", raising=False)
    program = FakeNgrok(tmp_path, monkeypatch.setenv)
    yield program
    assert program.running() == []
