"""What the room's service takes from the hub that has started it, because it must be written down nowhere.

JupyterHub keeps the environment that a service is to have in its database. An account's credentials, and a proxy's
address, in which a password may stand, are in the hub's own environment instead, and are read there.
"""

from __future__ import annotations

import os
import re
from collections.abc import MutableMapping
from contextlib import suppress

from labkit.child_environment import PROXIES
from workshop.room.room_settings import MODE
from workshop.settings import FOLDER_VARIABLE

_TAKEN = re.compile(f"TWILIO_[A-Z_]+|{PROXIES}|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE")


def take_from_hub(environ: MutableMapping[str, str] = os.environ) -> None:
    """Add what signs in to the account, and what leads there, to the environment of a workshop's service.

    Nothing is added where the room stands on a sandbox, where no workshop's hub is the parent of this process, or where
    the variable is there already.

    Args:
        environ: of this process.
    """
    folder = environ.get(FOLDER_VARIABLE)
    if not folder or environ.get(MODE) != "twilio":
        return
    import psutil

    of_parent: dict[str, str] = {}
    with suppress(psutil.Error):  # then what is missing is said as it is for a service of its own
        of_parent = psutil.Process(os.getppid()).environ()
    if of_parent.get(FOLDER_VARIABLE) == folder:
        for name, value in of_parent.items():
            if _TAKEN.fullmatch(name):
                environ.setdefault(name, value)
