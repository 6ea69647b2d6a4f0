"""The command line, `python -m labkit <command>`: each module adds its own to `parser`."""

import argparse
import shlex
import sys
from pathlib import Path

Commands = argparse._SubParsersAction  # noqa: SLF001  # argparse has no public name for it


def command(arguments: str) -> str:
    """`.venv/bin/python -m labkit …` with these arguments, as it works in the folder that this program runs in."""
    python = Path(sys.executable)
    shown = python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else python
    return f"{shlex.quote(str(shown))} -m labkit {arguments}"
