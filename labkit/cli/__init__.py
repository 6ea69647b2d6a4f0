"""The command line, `python -m labkit <command>`: each module adds its own to `parser`."""

import argparse

Commands = argparse._SubParsersAction  # noqa: SLF001  # argparse has no public name for it
