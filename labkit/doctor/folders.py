"""The state folder, and the room on the disks."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from labkit.doctor.finding import Finding, bad, ok, skipped, warn
from labkit.doctor.surroundings import Surroundings

LEAST_MIB, FEW_MIB = 20, 300
"""Free on a disk: below the first a sandbox that is used for a day may fail, below the second it is worth knowing."""
_MIB = 2**20
_ELSEWHERE = "Set LABKIT_HOME to a folder of your own on this computer's disk."
_NETWORK = {"9p", "afs", "afpfs", "ceph", "cifs", "fuse.sshfs", "fuse.rclone", "glusterfs", "lustre", "nfs", "nfs4",
            "smb3", "smbfs"}  # fmt: skip
_MOUNTS = Path("/proc/mounts")


def state_folder(where: Surroundings) -> Finding:
    """Whether the sandbox may keep its state where it is to."""
    home = where.home
    if home is None:
        return skipped("Its place is not known; see packages and settings.")
    existing = _existing(home)
    if not existing.is_dir():
        thing = "it" if existing == home else existing
        return bad(f"{home} cannot be the lab's state folder, because {thing} is a file.", _ELSEWHERE)
    trouble = _not_usable(existing)
    if trouble:
        return bad(f"The state folder {home} cannot be used: {trouble}.", _ELSEWHERE)
    kind = _file_system(existing)
    if kind in _NETWORK:
        said = f"The state folder {home} is on a file system of the network ({kind}), whose locks may fail."
        return warn(said, _ELSEWHERE)
    return ok(f"{home}{'' if existing == home else ' (will be made)'}.")


def room(where: Surroundings) -> Finding:
    """Whether there is room for what the lab writes: its state, and what is temporary."""
    folders = [folder for folder in (_home(where), _temporary()) if folder is not None]
    for folder in folders:
        free, full = shutil.disk_usage(folder).free // _MIB, _is_full(folder)
        remedy = "Make room there, or set LABKIT_HOME and TMPDIR to folders on another disk."
        if full or free < LEAST_MIB:
            return bad(f"The disk of {folder} is full: {full or f'{free} MiB are free'}.", remedy)
        if free < FEW_MIB:
            return warn(f"The disk of {folder} has only {free} MiB free.", remedy)
    if _temporary() is None:
        return bad("No folder for temporary files can be written.", "Set TMPDIR to a folder that you may write.")
    least = min((shutil.disk_usage(folder).free // _MIB for folder in folders), default=0)
    return ok(f"{least:,} MiB are free.")


def _home(where: Surroundings) -> Path | None:
    """The state folder, or the one in which it would be made."""
    folder = _existing(where.home) if where.home else None
    return folder if folder is not None and folder.is_dir() else None


def _temporary() -> Path | None:
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError:  # it has tried to write to each of those that there are
        return None


def _existing(folder: Path) -> Path:
    """The folder, or the first above it that is there; whatever it is."""
    return next((each for each in (folder, *folder.parents) if os.path.lexists(each)), Path(folder.anchor))


def _not_usable(folder: Path) -> str:
    """Why nothing can be kept there; empty if it can. A full disk is no reason: that is looked at by itself."""
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return f"{folder} is not writable for you{_owner(folder)}"
    from filelock import FileLock

    lock = folder / f".labkit-doctor-{os.getpid()}.lock"
    try:
        with FileLock(lock, timeout=1):
            pass
    except (OSError, NotImplementedError, TimeoutError) as error:
        return "" if _is_full(folder) else f"no lock can be held in {folder} ({error})"
    finally:
        lock.unlink(missing_ok=True)
    return ""


def _owner(folder: Path) -> str:
    try:
        owner = folder.owner()
    except (KeyError, NotImplementedError, OSError):  # a number without a name, or Windows
        return ""
    return f" and belongs to {owner}"


def _is_full(folder: Path) -> str:
    """Why not a MiB can be written there; empty if it can, or if it is not a matter of room."""
    import errno

    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_MIB))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        is_room = error.errno in {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
        return str(error.strerror) if is_room else ""
    return ""


def _file_system(folder: Path) -> str:
    """Which kind it is, where Linux tells; the mount with the longest name that leads there."""
    try:
        mounts = [line.split()[1:3] for line in _MOUNTS.read_text("utf-8", "replace").splitlines()]
    except OSError:
        return ""
    real = Path(os.path.realpath(folder))
    above = [(len(point), kind) for point, kind in mounts if real.is_relative_to(point.replace("\\040", " "))]
    return max(above)[1] if above else ""
