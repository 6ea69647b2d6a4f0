"""The instructor's password, made before the doors open: whoever first logs in under an admin's name would be admin."""

from __future__ import annotations

import secrets

from labkit.settings import Secret
from workshop import passwords
from workshop.settings import Workshop

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
"""Those that nobody takes for another one."""
_GROUPS = 4
_EACH = 4


def is_made(workshop: Workshop) -> bool:
    """Whether there is one."""
    return passwords.PasswordFile(passwords.file_of(workshop)).get(workshop.admin) is not None


def made_at_random() -> Secret:
    """One of 80 bits that can be read out aloud: four groups of four."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_EACH)) for _ in range(_GROUPS))
    return Secret("-".join(groups))


def keep(workshop: Workshop, password: Secret) -> None:
    """Make this the instructor's from now on, also while the hub runs; who is logged in stays so.

    Raises:
        WorkshopError: it is too short, or too long.
    """
    file = passwords.PasswordFile(passwords.file_of(workshop))
    file.keep(workshop.admin, passwords.hashed(passwords.checked(password)))
