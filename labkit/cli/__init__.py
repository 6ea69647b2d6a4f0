"""The command line, `python -m labkit <command>`: each module adds its own to `parser`."""

import argparse
import shlex
import sys
from pathlib import Path

Commands = argparse._SubParsersAction  # noqa: SLF001  # argparse has no public name for it


def command(arguments: str, *, program: str = "labkit") -> str:
    """`.venv/bin/python -m labkit …` with these arguments, as it works in the folder that this program runs in."""
    python = Path(sys.executable)
    shown = python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else python
    return f"{shlex.quote(str(shown))} -m {program} {arguments}"


def agrees(warning: str) -> bool:
    """Whether whoever sits at the terminal types yes."""
    print(f"{warning} Type yes to go on: ", end="", flush=True)
    try:
        agreed = input().strip().lower() == "yes"
    except EOFError:
        print("\nThere is nobody to ask; with --yes nobody is asked.")
        agreed = False
    if not agreed:
        print("Nothing was changed.")
    return agreed
