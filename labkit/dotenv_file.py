"""The .env file of the working folder, or of one above: read, or refused with a sentence."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from labkit.errors import SettingsError

NAME = ".env"


_GO_ON = "Go to one that is there, and start the kernel or the command there."
_GO_ON_ON_A_HUB = "Where the notebooks were in it, stop the server and start it again (menu File, Hub Control Panel)."


@dataclass(frozen=True, slots=True, kw_only=True)
class DotenvFile:
    """The file that was read.

    Attributes:
        path: where it is; None where there is none.
        values: what stands in it, by name.
        described: which file was read, or that there is none, as a sentence.
    """

    path: Path | None = None
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    described: str = ""

    @classmethod
    def find(cls) -> DotenvFile:
        """The nearest one, from the working folder upwards.

        Raises:
            SettingsError: there is one, and it cannot be read or is no text; or the working folder was deleted.
        """
        from dotenv import find_dotenv

        try:
            found = find_dotenv(usecwd=True)
        except FileNotFoundError:
            what_to_do = _GO_ON_ON_A_HUB if "JUPYTERHUB_USER" in os.environ else _GO_ON
            raise SettingsError(f"The working folder was deleted. {what_to_do}") from None
        if not found:
            folder = Path.cwd() / NAME
            none = f"{folder} is a folder, so it was not read." if folder.is_dir() else ""
            return cls(described=none or f"There is no .env file in {Path.cwd()} or above it.")
        path = Path(found)
        return cls(path=path, values=_read(path), described=f"The .env file that was read is {path}.")

    @property
    def warning(self) -> str:
        """That others on this computer can read a credential in it, as a sentence; empty where they cannot."""
        if self.path is None or os.name != "posix" or not any(map(is_secret, self.values)):
            return ""
        mode = stat.S_IMODE(self.path.stat().st_mode)
        if not mode & (stat.S_IROTH | stat.S_IRGRP):
            return ""
        who = "Everybody" if mode & stat.S_IROTH else "The file's group"
        return f"{who} on this computer can read the credentials in {self.path}. Run: chmod 600 {self.path}"


def is_secret(name: str) -> bool:
    """Whether what this variable holds is for nobody else's eyes."""
    return name.endswith(("TOKEN", "SECRET", "PASSWORD"))


def _read(path: Path) -> dict[str, str]:
    from io import StringIO

    from dotenv import dotenv_values

    return {name: value for name, value in dotenv_values(stream=StringIO(_text(path))).items() if value is not None}


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise SettingsError(
            f"The file {path} cannot be read: {why}. Make it readable for you, or move it away."
        ) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        # Not from the error, which holds the whole file.
        text = f"The file {path} is not UTF-8 in line {line}. Save it as UTF-8, which editors have under Save As."
    raise SettingsError(text)
