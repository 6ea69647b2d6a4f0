"""What the sandbox's process writes into its log."""

from __future__ import annotations

import logging
import sys

from labkit.sandbox.log_file import SafeFormatter


def test_a_line_shows_no_password_of_a_url() -> None:
    """Neither in the message nor in a traceback."""
    try:
        raise ValueError("no answer from https://me:secret@x.example/")
    except ValueError:
        raised = sys.exc_info()
    record = logging.LogRecord("x", logging.ERROR, "", 1, "calling %s", ("http://me:secret@x.example/a",), raised)
    line = SafeFormatter().format(record)
    assert "secret" not in line
    assert "calling http://me:•••@x.example/a" in line
    assert line.endswith("no answer from https://me:•••@x.example/")
