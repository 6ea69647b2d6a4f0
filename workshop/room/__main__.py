"""`python -m workshop.room`: the room's service, as the hub or a Deployment starts it."""

from __future__ import annotations

import asyncio
import logging
import sys

from labkit.errors import LabError
from workshop.room.hub_environment import take_from_hub
from workshop.room.room_server import allow_more_files
from workshop.room.room_settings import RoomSettings
from workshop.room.service import run


def main() -> int:
    """Run the service until the end; what cannot be is one sentence."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # Twilio's SDK tells of each request in ten lines, and the hub's log is for reading.
    logging.getLogger("workshop").setLevel(logging.INFO)
    allow_more_files()
    take_from_hub()
    try:
        asyncio.run(run(RoomSettings.resolve()))
    except LabError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
