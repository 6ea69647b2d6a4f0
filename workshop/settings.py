"""What a workshop on one machine was asked to be, and where its files and its ports are.

The command writes it into its folder, and the hub, its spawners and its services read it there. No secret is in it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from labkit.errors import LabError

FOLDER_VARIABLE = "LABKIT_WORKSHOP"
"""In the environment of the hub and of its services: the workshop's folder."""
FILE = "workshop.json"
ROOM = "room"
"""The service's name, which its address and its scope are made of."""
ROOM_MODES = ("sandbox", "twilio")
"""What the contact centre in common may stand on: a sandbox of its own, or an account of Twilio's."""
LOOPBACK = "127.0.0.1"
USUAL_PORT = 8000
PORTS = 4
"""So many in a row, from the one that people come to."""
MOST_PORT = 65535 - (PORTS - 1)
SPAWN_SECONDS = 1800
"""So long a server may take to start; waiting in the queue counts as starting."""


class WorkshopError(LabError):
    """A workshop that cannot be opened, or not so; says what to do about it."""


def workshop_folder(given: Path | None) -> Path:
    """The workshop's folder: the one that was given, or the usual one of this user."""
    from platformdirs import user_state_path

    return (given or user_state_path("taskrouter-lab", appauthor=False) / "workshop").absolute()


def checked_room_mode(mode: object, *, name: str) -> str:
    """What the room stands on, one of `ROOM_MODES`.

    Args:
        mode: what was said.
        name: of where that was said, such as a variable.

    Raises:
        WorkshopError: it is none of them.
    """
    if mode not in ROOM_MODES:
        raise WorkshopError(f"{name} is {mode!r}; give sandbox, or twilio for a room on an account of Twilio's.")
    return str(mode)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """A workshop on this machine.

    Attributes:
        folder: where everything of it is kept; nobody but who runs it may look in.
        host: the address that people come to, as this machine has it.
        port: for people; the three after it are the hub's, the proxy's and the room's own, for this machine alone.
        admin: the instructor's name.
        walls: whether participants are kept apart.
        warm: whether servers are copies of a process that has read everything, inside the walls.
        room: whether there is one contact centre in common.
        room_mode: what that stands on: `sandbox`, or `twilio` for an account of Twilio's.
        idle_seconds: from 1, after which a server is ended that nobody uses; one whose page is open is used.
        names: those that may come in; empty for whoever comes.
        tls_key, tls_cert: files, for https; both or neither.
    """

    folder: Path
    host: str = LOOPBACK
    port: int = USUAL_PORT
    admin: str = "teacher"
    walls: bool = True
    warm: bool = True
    room: bool = True
    room_mode: str = ROOM_MODES[0]
    idle_seconds: int = 2 * 3600
    names: tuple[str, ...] = ()
    tls_key: Path | None = None
    tls_cert: Path | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.port <= MOST_PORT:
            raise WorkshopError(
                f"The port is {self.port}; give one from 1 to {MOST_PORT}, for three more come after it."
            )
        if self.idle_seconds < 1:
            raise WorkshopError("A server is idle after a second or more; with less, each would be ended at once.")
        checked_room_mode(self.room_mode, name="The room's mode")
        if self.room_mode == "twilio" and not self.room:
            raise WorkshopError(
                "The room is to stand on an account, and there is to be no room; leave one of them out."
            )
        if (self.tls_key is None) != (self.tls_cert is None):
            raise WorkshopError("For https the key and the certificate are both needed, and one of them is missing.")

    @property
    def url(self) -> str:
        """What people type, with a slash at the end."""
        return f"{'https' if self.tls_key else 'http'}://{self.host}:{self.port}/"

    @property
    def is_warm(self) -> bool:
        """Whether servers are copies of one process: only walls keep these apart."""
        return self.walls and self.warm

    @property
    def hub_port(self) -> int:
        """Where the hub listens, on 127.0.0.1."""
        return self.port + 1

    @property
    def proxy_api_port(self) -> int:
        """Where the proxy is told of its routes, on 127.0.0.1."""
        return self.port + 2

    @property
    def room_port(self) -> int:
        """Where the room's service listens, on 127.0.0.1."""
        return self.port + 3

    @property
    def people(self) -> Path:
        """A folder for each participant, who sees no other."""
        return self.folder / "people"

    @property
    def hub_folder(self) -> Path:
        """The hub's own: its database, its cookie secret, its tokens, its log. No participant sees it."""
        return self.folder / "hub"

    @property
    def room_folder(self) -> Path:
        """The room's own: the common sandbox, and what the wall remembers. No participant sees it."""
        return self.folder / "room"

    def home_of(self, name: str) -> Path:
        """A participant's folder; whoever asks has checked the name."""
        return self.people / name

    def write(self) -> None:
        """Keep it in its folder, which is made.

        Raises:
            WorkshopError: there is no way to write there.
        """
        values = {name: str(value) if isinstance(value, Path) else value for name, value in asdict(self).items()}
        del values["folder"]
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self.folder / FILE).write_text(json.dumps(values, indent=1), encoding="utf-8")
        except OSError as error:
            raise WorkshopError(f"The workshop's folder {self.folder} cannot be used: {error}.") from None

    @classmethod
    def read(cls, folder: Path) -> Workshop:
        """What `write` has kept.

        Raises:
            WorkshopError: there is no workshop in this folder, or its file cannot be read.
        """
        try:
            values: dict[str, Any] = json.loads((folder / FILE).read_bytes())
            for name in ("tls_key", "tls_cert"):
                values[name] = Path(values[name]) if values.get(name) else None
            values["names"] = tuple(values.get("names", ()))
            return cls(folder=folder, **values)
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise WorkshopError(f"There is no workshop in {folder}, or it cannot be read: {error}.") from None
