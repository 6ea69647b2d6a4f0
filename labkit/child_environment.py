"""What a process that the lab starts is given of this one's environment: by name what it needs, and nothing else.

A notebook's environment is full of other people's secrets: a hub's token, a cloud's keys, the account's own. A list of
those would never be whole, so this is one of what may pass. JupyterLab and Voilà are no processes of the lab's: they
take the place of the one that starts them, and their kernels need the account's token and the hub's.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

_ALWAYS = (
    "PATH|HOME|USER|LOGNAME|TZ|TZDIR|TMPDIR|TEMP|TMP|LANG|LANGUAGE|LC_[A-Z]+|XDG_[A-Z]+_(HOME|DIR|DIRS)",
    "LD_LIBRARY_PATH|DYLD_(LIBRARY|FRAMEWORK|FALLBACK_LIBRARY)_PATH|SSL_CERT_(FILE|DIR)",
    # Without these Windows gives no sockets, no random numbers and no folder of the user's.
    "SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|APPDATA|LOCALAPPDATA|PROGRAMDATA|USERPROFILE|USERNAME",
    "HOMEDRIVE|HOMEPATH|NUMBER_OF_PROCESSORS|PROCESSOR_ARCHITECTURE",
)
PYTHON = "VIRTUAL_ENV|CONDA_PREFIX|PYTHON[A-Z]+"
"""What the interpreter looks at; no other name that begins so, such as that of a provider's key."""
PROXIES = "(HTTP|HTTPS|ALL|NO)_PROXY|(http|https|all|no)_proxy"


def environment_for(more: Iterable[str]) -> dict[str, str]:
    """The variables for a process.

    Args:
        more: what it needs besides what all do; regular expressions of whole names.
    """
    passed = re.compile("|".join([*_ALWAYS, *more]))
    return {name: value for name, value in os.environ.items() if passed.fullmatch(name)}
