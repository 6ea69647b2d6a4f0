"""Going inside the walls of a process that stands there already: into its namespaces, and without a privilege.

Only for a process of one thread. Entering a namespace of processes is for the children: whoever enters forks next.
See setns(2), ioctl_nsfs(2), capabilities(7).
"""

from __future__ import annotations

import ctypes
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_PARENT_OF = 0xB702
"""ioctl NS_GET_PARENT: the namespace of users in which another one was made."""
_OWNED = ("mnt", "pid", "ipc", "uts", "cgroup")
"""What bubblewrap makes anew; the network stays common."""
_BOUNDING_DROP, _SET_DUMPABLE, _NO_NEW_PRIVILEGES, _AMBIENT, _AMBIENT_CLEAR = 24, 4, 38, 47, 4
_CAPABILITY_VERSION = 0x20080522
_MOST_CAPABILITIES = 64


def enter(pid: int) -> None:
    """Go into the namespaces of this process, all but that of the network.

    The namespaces of users come from the outside in, and the others between: these belong to the outer one, and who has
    entered the inner one has no power over them any more.

    Args:
        pid: a process inside of the walls, which nobody there can take the place of.

    Raises:
        OSError: it has ended, or is another user's.
    """
    folder = os.open(f"/proc/{pid}/ns", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    opened = [folder]
    try:
        users = list(_users_from_outside(folder))
        owned = [_open(name, folder) for name in _OWNED if not _is_ours(_stat(name, folder), name)]
        opened += users + owned
        for namespace in [*users[:1], *owned, *users[1:]]:
            _check(_LIBC.setns(namespace, 0))
    finally:
        for descriptor in opened:
            os.close(descriptor)


def give_up_privileges() -> None:
    """Have no capability, and get none by any program: what a process that bubblewrap starts has.

    Raises:
        OSError: the system does not let go of them.
    """
    for capability in range(_MOST_CAPABILITIES):
        _LIBC.prctl(_BOUNDING_DROP, capability, 0, 0, 0)  # fails for those that this system does not have
    _LIBC.prctl(_AMBIENT, _AMBIENT_CLEAR, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    _check(_LIBC.capset(header, (ctypes.c_uint32 * 6)()))
    _check(_LIBC.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    _check(_LIBC.prctl(_SET_DUMPABLE, 1, 0, 0, 0))  # its files in /proc are its own, not root's


def _users_from_outside(folder: int) -> Iterator[int]:
    """The namespaces of users between ours and that one, the outermost first."""
    chain = [_open("user", folder)]
    while not _is_ours(os.fstat(chain[-1]), "user"):
        chain.append(fcntl.ioctl(chain[-1], _PARENT_OF))
    os.close(chain.pop())
    return reversed(chain)


def _open(name: str, folder: int) -> int:
    return os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=folder)


def _stat(name: str, folder: int) -> os.stat_result:
    return os.stat(name, dir_fd=folder)


def _is_ours(there: os.stat_result, name: str) -> bool:
    ours = Path(f"/proc/self/ns/{name}").stat()
    return (ours.st_dev, ours.st_ino) == (there.st_dev, there.st_ino)


def _check(result: int) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
