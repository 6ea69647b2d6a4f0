"""The keys that Linux keeps for a login session, such as a network file system's: everybody inside would inherit them.

A session of one's own has none (https://man7.org/linux/man-pages/man7/session-keyring.7.html).
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import sys

_KEYCTL = {"x86_64": 250, "aarch64": 219, "riscv64": 219, "ppc64le": 271, "s390x": 280}
"""The number of the system's call, by processor; glibc has no name for it."""
_JOIN_SESSION = 1


def leave() -> None:
    """Have an empty session of one's own from now on, which all that is started from here inherits.

    Raises:
        OSError: the system refuses.
    """
    number = _KEYCTL.get(platform.machine()) if sys.platform == "linux" else None
    if number is None:
        return
    if ctypes.CDLL(None, use_errno=True).syscall(number, _JOIN_SESSION, None) < 0:
        code = ctypes.get_errno()
        if code != errno.ENOSYS:  # a system that keeps no keys
            raise OSError(code, os.strerror(code))
