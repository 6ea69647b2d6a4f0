"""The log of a sandbox that nobody watches: a file that is rotated, with all that the process says in it.

Not only what is logged: the interpreter's own last words go to standard error, so that leads into the same file.
"""

from __future__ import annotations

import io
import logging
import os
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

from labkit.settings import hide_passwords

STDERR = 2
BYTES = 1024 * 1024
FORMER = 2
"""Files that are kept beside the one that is written, `sandbox.log.1` being the newer."""


class SafeFormatter(logging.Formatter):
    """Lines without the password of any URL, be it in the message or in a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        return hide_passwords(super().format(record))


class RotatingLog(RotatingFileHandler):
    """Writes to `path`, and has this process's standard error lead there as well."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=BYTES, backupCount=FORMER, encoding="utf-8", errors="backslashreplace")

    def doRollover(self) -> None:  # noqa: N802  # the standard library's name
        """Begin a new file. Where that cannot be, this one is emptied: it must not grow without end."""
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), STDERR)  # Windows renames no file that is open
        try:
            super().doRollover()
        except OSError:  # as it is there while somebody reads one of them
            with suppress(OSError):
                os.truncate(self.baseFilename, 0)
            self.stream = self._open()

    def _open(self) -> io.TextIOWrapper:
        stream = super()._open()
        os.dup2(stream.fileno(), STDERR)
        return stream
