"""The hub's services, and who may do what: the room for all who share a contact centre, and who ends idle servers."""

from __future__ import annotations

import os
import re
import sys
from typing import Any

from workshop.room.room_settings import MODE
from workshop.settings import FOLDER_VARIABLE, ROOM, Workshop

CULLER = "culler"
MAY_ENTER_THE_ROOM = f"access:services!service={ROOM}"
_LOOKS = 12
"""How often, within the time that makes a server idle, it is looked whether it is."""
_MOST_SECONDS = 300
_PING_SECONDS = 30
_PASSED_TO_THE_ROOM = re.compile("HOME|TMPDIR|LABKIT_ROOM_[A-Z_]+")
"""JupyterHub keeps these in its database, so no credential is among them (`workshop.room.hub_environment`)."""


def look_seconds(workshop: Workshop) -> int:
    """How often the hub asks the proxy who is active, and the culler asks the hub."""
    return max(1, min(_MOST_SECONDS, workshop.idle_seconds // _LOOKS))


def ping_seconds(workshop: Workshop) -> int:
    """How often a server pings a page. What the page answers is activity, so whose page is open is never idle."""
    return max(1, min(_PING_SECONDS, workshop.idle_seconds // _LOOKS))


def services(workshop: Workshop) -> list[dict[str, Any]]:
    """What the hub starts beside itself, in JupyterHub's form."""
    every = f"--cull-every={look_seconds(workshop)}"
    idle = [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={workshop.idle_seconds}", every]
    culler = {"name": CULLER, "command": idle, "environment": _known_by(workshop)}
    return [culler, *([_room(workshop)] if workshop.room else [])]


def roles(workshop: Workshop) -> list[dict[str, Any]]:
    """Who may do what, in JupyterHub's form; what is not here is JupyterHub's own.

    A participant's page enters the room as `user`, and a kernel, which has the server's token, as `server`. The room
    itself may see who is there and whose server runs, and nothing else: neither end a server nor enter one.
    """
    culler = ["list:users", "read:users:activity", "read:servers", "delete:servers"]
    made: list[dict[str, Any]] = [{"name": CULLER, "scopes": culler, "services": [CULLER]}]
    if workshop.room:
        server = ["users:activity!user", "access:servers!server", MAY_ENTER_THE_ROOM]
        made += [{"name": "user", "scopes": ["self", MAY_ENTER_THE_ROOM]}, {"name": "server", "scopes": server}]
        made += [{"name": ROOM, "scopes": ["list:users", "read:servers"], "services": [ROOM]}]
    return made


def _room(workshop: Workshop) -> dict[str, Any]:
    environ = {name: value for name, value in os.environ.items() if _PASSED_TO_THE_ROOM.fullmatch(name)}
    return {
        "name": ROOM,
        "url": f"http://127.0.0.1:{workshop.room_port}",
        "command": [sys.executable, "-m", "workshop.room"],
        "oauth_no_confirm": True,
        "environment": {**environ, MODE: workshop.room_mode, **_known_by(workshop)},
    }


def _known_by(workshop: Workshop) -> dict[str, str]:
    """By this a service is found that a hub which was killed has left behind."""
    return {FOLDER_VARIABLE: str(workshop.folder)}
