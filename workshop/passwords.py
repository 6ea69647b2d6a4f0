"""The participants' passwords, as bcrypt has hashed them, in the file that firstuse's authenticator reads."""

from __future__ import annotations

import dbm
from pathlib import Path

import bcrypt

from labkit.settings import Secret
from workshop.settings import Workshop, WorkshopError

LEAST = 7
MOST_BYTES = 72
"""What bcrypt takes."""


def file_of(workshop: Workshop) -> Path:
    """Where they are; dbm may add an ending."""
    return workshop.hub_folder / "passwords.dbm"


def checked(password: Secret) -> Secret:
    """This password, if it is long enough, and not too long.

    Raises:
        WorkshopError: it is not; says what is wanted.
    """
    text = password.reveal()
    if len(text) < LEAST:
        raise WorkshopError(f"A password has {LEAST} characters or more.")
    if len(text.encode()) > MOST_BYTES:
        raise WorkshopError(f"A password has {MOST_BYTES} bytes at most.")
    return password


def hashed(password: Secret) -> bytes:
    """What is kept of a password; takes a quarter of a second of a core."""
    return bcrypt.hashpw(password.reveal().encode(), bcrypt.gensalt())


def matches(password: Secret, kept: bytes) -> bool:
    """Whether this is the password that was kept; takes as long."""
    text = password.reveal().encode()
    return len(text) <= MOST_BYTES and bcrypt.checkpw(text, kept)


class PasswordFile:
    """The file; each call opens it, so that the command and the hub can both use it."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)

    def get(self, name: str) -> bytes | None:
        """What is kept for this name."""
        with dbm.open(self._path, "c", 0o600) as file:
            return file.get(name.encode())

    def keep(self, name: str, kept: bytes) -> None:
        """Keep it for this name, in place of what was there."""
        with dbm.open(self._path, "c", 0o600) as file:
            file[name.encode()] = kept
