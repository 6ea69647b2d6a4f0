"""What the checks look at: the environment with .env, the folders, and what was asked for."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from labkit.dotenv_file import DotenvFile, is_secret
from labkit.errors import LabError
from labkit.sandbox.process import default_home
from labkit.settings import SETTINGS, hide_passwords

ROOT = Path(__file__).resolve().parents[2]
"""The clone, or the folder that labkit is installed in."""
_SECRETS = tuple(variable for variable, _ in SETTINGS.values() if variable and is_secret(variable))
_SHORTEST = 6
"""Characters of a secret that is looked for in a sentence; a shorter one would be found in every word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where the lab is.

    Attributes:
        environ: the variables, with those of .env below them.
        home: the lab's state folder; None where nobody can say.
        offline: whether nothing outside this computer may be asked.
        trouble: why .env could not be read, in a sentence; empty if nothing was wrong.
        remark: that others can read a credential in it, likewise.
    """

    environ: Mapping[str, str] = field(repr=False)
    home: Path | None
    offline: bool = False
    trouble: str = ""
    remark: str = ""

    @property
    def wants_account(self) -> bool:
        """Whether a real account is meant to be used here."""
        names = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_KEY_SID")
        return self.environ.get("LABKIT_MODE") == "twilio" or any(self.environ.get(name) for name in names)

    @property
    def wants_ngrok(self) -> bool:
        """Whether a tunnel is meant to be used here."""
        if self.environ.get("LABKIT_PUBLIC_URL"):
            return False
        names = ("NGROK_AUTHTOKEN", "NGROK_PATH", "NGROK_DOMAIN")
        asked = self.environ.get("LABKIT_TUNNEL") == "ngrok" or self.environ.get("LABKIT_MODE") == "twilio"
        return asked or any(self.environ.get(name) for name in names)

    def hide(self, text: str) -> str:
        """The text without any secret that is set here."""
        for name in _SECRETS:
            value = self.environ.get(name) or ""
            if len(value) >= _SHORTEST:
                text = text.replace(value, "•••")
        return hide_passwords(text)


def look_around(*, offline: bool = False) -> Surroundings:
    """Where the lab is, as `labkit.start()` would find it."""
    trouble, file = "", DotenvFile()
    try:
        file = DotenvFile.find()
    except ImportError:  # another check says which package is missing
        pass
    except LabError as error:
        trouble = str(error)
    environ = {**file.values, **os.environ}
    return Surroundings(environ=environ, home=_home(environ), offline=offline, trouble=trouble, remark=file.warning)


def python_command(arguments: str) -> str:
    """A line for the terminal that runs this Python with these arguments."""
    return f"{shlex.quote(sys.executable)} {arguments}"


def _home(environ: Mapping[str, str]) -> Path | None:
    given = environ.get("LABKIT_HOME")
    try:
        return Path(given).expanduser().absolute() if given else default_home()
    except (
        ImportError,
        RuntimeError,
        LabError,
    ):  # other checks say which package is missing, and what is wrong with the `~`
        return None
