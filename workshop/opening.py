"""`python -m workshop open`: what was asked for, looked at before anything starts, and what the instructor is told."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from labkit.settings import Secret, mask
from workshop import addresses, admin_password, capacity, walls
from workshop.hub_process import Hub
from workshop.name_list import checked_name
from workshop.participants import processes_of
from workshop.room_account import account_settings
from workshop.settings import LOOPBACK, ROOM, Workshop, WorkshopError


def settled(folder: Path, asked: Mapping[str, Any]) -> Workshop:
    """The workshop as it shall be: as asked, else as it was where something of it still runs, else the usual.

    Args:
        folder: the workshop's.
        asked: what was said of it, by the names of `Workshop`.

    Raises:
        WorkshopError: something of it runs with other settings; what was asked for cannot be.
    """
    running = still_running(folder)
    if running is None:
        here = addresses.own_addresses() or [LOOPBACK]
        made = Workshop(folder=folder, **{"host": here[0], **asked})
        checked_name(made.admin)
        _look_at_files(made)
        return made
    for name, value in asked.items():
        if getattr(running, name) != value:
            raise WorkshopError(
                f"The workshop in {folder} still runs with another {name} ({getattr(running, name)}, and not {value}). "
                f"`make workshop-end` ends it."
            )
    return running


def _look_at_files(workshop: Workshop) -> None:
    for file in (workshop.tls_key, workshop.tls_cert):
        if file is not None and not os.access(file, os.R_OK):
            raise WorkshopError(f"{file} is needed for https and cannot be read.")


def still_running(folder: Path) -> Workshop | None:
    """The workshop in this folder, if anything of it runs: the hub, the proxy, somebody's server."""
    try:
        kept = Workshop.read(folder)
    except WorkshopError:
        return None
    hub = Hub(kept)
    return kept if hub.hub.find() or hub.proxy.find() or processes_of(kept) else None


def check_doors(workshop: Workshop) -> None:
    """Look at what there is to look at on this machine before anybody is asked anything.

    Raises:
        WorkshopError: it cannot be opened; says why, and what to do.
    """
    refuse_root()
    if workshop.walls and (trouble := walls.trouble()):
        raise WorkshopError(trouble)
    Hub(workshop).check_closed()


def open_doors(workshop: Workshop) -> list[str]:
    """Open it.

    Returns:
        What the instructor is told; the password among it where it was made just now.

    Raises:
        WorkshopError: it cannot be opened; says why, and what to do.
    """
    check_doors(workshop)
    hub = Hub(workshop)
    hub.prepare()
    first = None if admin_password.is_made(workshop) else new_password(workshop)
    hub.start()
    return [*_welcome(workshop), _instructor(workshop, first), *_wall(workshop), *_remarks(workshop)]


def new_password(workshop: Workshop, chosen: Secret | None = None) -> Secret:
    """Give the instructor another password, before the doors open or while they are.

    Args:
        workshop: whose instructor.
        chosen: this one; without it one is made at random.

    Raises:
        WorkshopError: it is too short, or too long.
    """
    password = chosen or admin_password.made_at_random()
    admin_password.keep(workshop, password)
    return password


def refuse_root() -> None:
    """Whoever runs the hub runs everybody's code.

    Raises:
        WorkshopError: this is root.
    """
    if getattr(os, "geteuid", lambda: 1)() == 0:
        raise WorkshopError("A workshop is run by an ordinary user, and this is root. Log in as somebody else.")


def _instructor(workshop: Workshop, first: Secret | None) -> str:
    who = f"You log in as {workshop.admin}"
    if first is None:
        return f"{who}, with the password that was made before; `python -m workshop password` makes another one."
    return f"{who}, with the password {first.reveal()} which is shown this once."


def _wall(workshop: Workshop) -> Iterator[str]:
    if workshop.room:
        first, *_ = addresses.urls(workshop.url, workshop.host)
        yield f"Who is where, and the buttons that let callers in: {first}services/{ROOM}/wall"


def _welcome(workshop: Workshop) -> Iterator[str]:
    first, *others = addresses.urls(workshop.url, workshop.host)
    yield f"The workshop is open at {first}"
    yield addresses.picture(first)
    if others:
        yield f"It is also at {', '.join(others)}"


def _remarks(workshop: Workshop) -> Iterator[str]:
    if workshop.room_mode == "twilio":
        account = mask(str(account_settings().account_sid))
        yield f"The room stands on the account {account} of Twilio's: each caller is a Task there, and has its price."
    if workshop.names:
        yield f"{len(workshop.names)} names may come in; each chooses a password at the first login."
    else:
        yield "Whoever comes chooses a name and a password at the first login."
    if not workshop.walls:
        yield "There are no walls: each participant can read what the others and the hub have in their files."
    elif remark := walls.remark():
        yield remark
    if workshop.tls_key is None and workshop.host != LOOPBACK:
        yield "It is http: whoever is in this network can read along. Use a password of this day alone, or --tls-key."
    yield capacity.sentence(workshop.folder, warm=workshop.is_warm)
    yield f"Everything is in {workshop.folder}. `make workshop-end` closes it."
