"""Who may come in: a name and a password that sticks, chosen at the first login; the instructor's was made before."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

from firstuseauthenticator import FirstUseAuthenticator

from labkit.settings import Secret
from workshop import passwords
from workshop.settings import WorkshopError

AT_ONCE = 2
"""How many passwords are looked at together: each costs a quarter of a second of a core, which others want too."""


class ParticipantAuthenticator(FirstUseAuthenticator):  # type: ignore[misc]  # it has no types
    """firstuse's, with what a room of strangers needs besides.

    A name that cannot be one leaves no password; nobody is the first under an admin's name; and the hub goes on with
    its other work while bcrypt does its own.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._kept = passwords.PasswordFile(Path(self.dbm_path))
        self._free = asyncio.Semaphore(AT_ONCE)

    def validate_username(self, name: str) -> bool:
        """Whether it can be a name: the whole of it, not how it begins."""
        return bool(re.fullmatch(self.username_pattern, name)) and bool(super().validate_username(name))

    async def authenticate(self, handler: Any, data: dict[str, str]) -> str | None:
        """The name of who logs in, None if they may not; the page then has a sentence about it.

        Args:
            handler: the page's.
            data: its form, with `username` and `password`.
        """
        name = self.normalize_username(data.get("username", ""))
        try:
            return await self._login(name, Secret(data.get("password", "")))
        except WorkshopError as refused:
            handler.custom_login_error = str(refused)
            return None

    def reset_password(self, username: str, new_password: str) -> str:
        """What the page says on which one changes one's own password; changed it is only where that has `success`."""
        try:
            passwords.checked(Secret(new_password))
        except WorkshopError as refused:
            return str(refused)
        return str(super().reset_password(username, new_password))

    async def _login(self, name: str, password: Secret) -> str | None:
        self._look_at_the_name(name)
        kept = self._kept.get(name)
        if kept is None:
            await self._first_login(name, password)
            return name
        async with self._free:
            return name if await asyncio.to_thread(passwords.matches, password, kept) else None

    def _look_at_the_name(self, name: str) -> None:
        if not self.validate_username(name):
            raise WorkshopError("A name has small letters, digits and hyphens, 31 at most, and a letter is the first.")
        if self.allowed_users and name not in self.allowed_users:
            raise WorkshopError("This name is not on the list of participants. Ask your instructor.")

    async def _first_login(self, name: str, password: Secret) -> None:
        if name in self.admin_users:
            raise WorkshopError("The instructor's password is made where the workshop was opened.")
        passwords.checked(password)
        async with self._free:
            kept = await asyncio.to_thread(passwords.hashed, password)
        if self._kept.get(name) is not None:
            raise WorkshopError("Somebody else has just taken this name.")
        self._kept.keep(name, kept)
