"""Whether somebody shares how far they are in the course with the instructor; remembered in the lab's home.

    {"version": 1, "shares": false, "to_delete": true}

Without the file it is shared, which the first cell says before anything is sent. A file that cannot be read counts as
no: whoever said no once must never be asked to say it again.
"""

from __future__ import annotations

import json
import os
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

from labkit.errors import LabError

FILE = "shared-progress.json"
"""In the lab's home."""
VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingChoice:
    """What somebody chose.

    Attributes:
        shares: whether the instructor may see how far they are.
        to_delete: whether what was sent before has still to be deleted, because the room did not answer.
    """

    shares: bool = True
    to_delete: bool = False

    def remember(self, home: Path) -> None:
        """Keep it.

        Args:
            home: the lab's.

        Raises:
            LabError: there is no way to write there.
        """
        draft = home / f".{FILE}.{os.getpid()}.{threading.get_ident()}"
        try:
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft.write_text(json.dumps({"version": VERSION, **asdict(self)}), encoding="utf-8")
            draft.replace(home / FILE)
        except OSError as error:
            raise LabError(
                f"Whether you share your progress cannot be kept in {home} ({error}); it holds until this kernel ends."
            ) from None

    @classmethod
    def in_home(cls, home: Path) -> SharingChoice:
        """What `remember` has kept last; to share, where nothing was."""
        try:
            values = json.loads((home / FILE).read_bytes())
            return cls(shares=values["shares"] is True, to_delete=values["to_delete"] is True)
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return cls(shares=False)
