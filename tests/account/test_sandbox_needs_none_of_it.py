"""A sandbox lab starts without what is for accounts: whoever has none shall not wait for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

START = """
import sys, labkit
lab = labkit.start()
print(sorted(name for name in sys.modules if name.startswith("labkit.account")))
lab.plan()
print("labkit.account.planning" in sys.modules)
lab.stop(sandbox=True)
"""


@pytest.mark.process
def test_a_sandbox_reads_no_module_of_accounts(home: Path) -> None:
    """Its plan, when somebody asks for it, does."""
    done = subprocess.run(
        [sys.executable, "-c", START], capture_output=True, text=True, timeout=60, check=True, env={**os.environ}
    )
    assert done.stdout.splitlines() == ["[]", "True"]
