"""How a command line runs, the lab's and a workshop's: an error is a sentence, and the end is an exit status."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Sequence

from labkit.errors import LabError

NOBODY_READS = 141
"""The exit status that a shell gives a program which SIGPIPE has ended; Windows has no such signal."""


def run(parser: argparse.ArgumentParser, arguments: Sequence[str] | None) -> int:
    """Run one command: the function that the parser has put into `run`, with the options.

    Args:
        parser: the program's; its name stands before an error.
        arguments: as they were typed; None for those that this program was started with.

    Returns:
        The exit status: 0 done, 1 failed, 2 not understood, 130 after Ctrl-C, 141 where nobody reads on (`| head`).
    """
    try:
        try:
            return _status(parser, arguments)
        finally:
            print(end="", flush=True)  # as the interpreter ends, it would be a traceback that nobody can catch
    except OSError as error:
        if not _is_closed_pipe(error):
            raise
        _say_no_more()
        return NOBODY_READS


def _status(parser: argparse.ArgumentParser, arguments: Sequence[str] | None) -> int:
    options = parser.parse_args(arguments)
    try:
        status = options.run(options)
    except LabError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return int(status)


def _is_closed_pipe(error: OSError) -> bool:
    """Windows says of a pipe that is closed at its other end that the argument is invalid."""
    return isinstance(error, BrokenPipeError) or (os.name == "nt" and error.errno == errno.EINVAL)


def _say_no_more() -> None:
    """What is still to be written goes nowhere, so that the end is quiet."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
