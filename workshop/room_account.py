"""The account of Twilio's that a room stands on where that was asked for, as the environment and .env have it.

What is looked at here is what the hub is given for the room, and nothing else of the environment's `TWILIO_…`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from labkit.dotenv_file import DotenvFile
from labkit.settings import SETTINGS, Secret, Settings
from workshop.room.room_settings import FOLDER, PUBLIC_URL, checked_public_url
from workshop.settings import ROOM, Workshop

if TYPE_CHECKING:
    from labkit.account.memory import AccountMemory

_SIGNS_IN = ("account_sid", "auth_token", "api_key_sid", "api_key_secret", "region", "edge")
"""The lab's settings that say which account, and where."""


def account_settings() -> Settings:
    """The account, found as the lab finds it.

    Raises:
        SettingsError: what signs in to it is missing, or has not the form of what it should be.
    """
    return Settings.resolve(mode="twilio", tunnel="ngrok")


def room_memory(workshop: Workshop) -> AccountMemory:
    """What rooms of this workshop have made in the account, and whether they were allowed to.

    Raises:
        SettingsError: as for `account_settings`.
    """
    from labkit.account.memory import AccountMemory

    return AccountMemory(room_folder(workshop), account_sid=str(account_settings().account_sid))


def room_folder(workshop: Workshop) -> Path:
    """Where the room's service keeps what it remembers: in the workshop, but for `LABKIT_ROOM_FOLDER`."""
    return Path(os.environ.get(FOLDER) or workshop.room_folder)


def account_variables(workshop: Workshop) -> dict[str, str]:
    """What signs in to the account and how Twilio reaches the room, by their variables; for a sandbox nothing.

    Raises:
        SettingsError: as for `account_settings`.
        WorkshopError: as for `room_public_url`.
    """
    if workshop.room_mode != "twilio":
        return {}
    url = room_public_url()
    return {**dict(_variables(account_settings())), **({PUBLIC_URL: url} if url else {})}


def room_public_url() -> str:
    """The address by which Twilio reaches the room; empty where none was given.

    Raises:
        WorkshopError: Twilio cannot use it.
        SettingsError: the .env file cannot be read.
    """
    given = {**DotenvFile.find().values, **os.environ}
    return checked_public_url(given.get(PUBLIC_URL, ""), prefix=f"/services/{ROOM}/")


def _variables(settings: Settings) -> Iterator[tuple[str, str]]:
    for name in _SIGNS_IN:
        value = getattr(settings, name)
        if value:
            yield str(SETTINGS[name][0]), value.reveal() if isinstance(value, Secret) else value
