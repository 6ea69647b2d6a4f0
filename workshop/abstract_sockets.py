"""Sockets that have a name and no file: they belong to the network, and the network is common to all inside the walls.

A desktop's screen listens at one, and lets in whoever is the same user of the machine; so would every participant be.
Linux 6.12 and newer can close them for a process and all that it starts (https://docs.kernel.org/userspace-api/landlock.html).
"""

from __future__ import annotations

import ctypes
import os
import sys

_CREATE_RULESET, _RESTRICT_SELF = 444, 446
"""The numbers of the system's calls, on every processor; glibc has no names for them."""
_ASK_VERSION = 1
_FIRST_VERSION = 6
_ABSTRACT_SOCKETS = 1 << 0
_NO_NEW_PRIVILEGES = 38


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


def can_be_closed() -> bool:
    """Whether this system knows how."""
    return sys.platform == "linux" and _call(_CREATE_RULESET, None, 0, _ASK_VERSION) >= _FIRST_VERSION


def close() -> None:
    """Reach no such socket of anybody's from now on but of what this process and its children make; for good.

    Raises:
        OSError: the system refuses.
    """
    rules = _Ruleset(files=0, network=0, scoped=_ABSTRACT_SOCKETS)
    descriptor = _checked(_call(_CREATE_RULESET, ctypes.byref(rules), ctypes.sizeof(rules), 0))
    try:
        _checked(ctypes.CDLL(None, use_errno=True).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
        _checked(_call(_RESTRICT_SELF, descriptor, 0))
    finally:
        os.close(descriptor)


def _call(number: int, *arguments: object) -> int:
    return int(ctypes.CDLL(None, use_errno=True).syscall(number, *arguments))


def _checked(answer: int) -> int:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return answer
