"""What the lab was allowed, made and changed in an account, as a file, so that all of it can be taken back.

    {"version": 1, "accounts": {"AC…": {"TaskRouter Lab": {
        "yes": "2026-11-28T09:12:04+00:00",
        "made": [{"number": 1, "kind": "Worker", "name": "Alice", "workspace_sid": "WS…", "sid": "WK…", "at": "…"}],
        "changed": [{"kind": "Worker", "sid": "WK…", "workspace_sid": "WS…", "name": "Bob",
                     "worker_sid": "", "field": "attributes", "before": "{}",
                     "after": "{\"vip\":true}"}],
        "callbacks": [{"kind": "Workflow", "sid": "WW…", "workspace_sid": "WS…", "found": "https://…",
                       "ours": ["https://…"]}]}}}}

Everything is written before it is done: a creation is an intention first, without a SID, and gets its SID when
TaskRouter has given it; what is changed stands here with its value as it was. So whoever is killed in between leaves a
trace of all that may be there. The file holds no credentials, but callback URLs as they were found, which may have a
password in them: only its owner may read it.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout

from labkit.account.remembered import (
    CallbackRecord,
    ChangedField,
    MadeResource,
    RememberedWorkspace,
    as_json,
    from_json,
)
from labkit.errors import AccountMemoryError

VERSION = 1
FILE_NAME = "accounts.json"
_PATIENCE_SECONDS = 10.0
_BUSY_SECONDS = 60.0
"""A set-up takes seconds, and longer where TaskRouter asks to wait."""
_T = TypeVar("_T")


class AccountMemory:
    """What is remembered of one account. May be used from any thread, and by several processes at once.

    Args:
        folder: where the file is; the lab's home.
        account_sid: the account, `AC…`.
        now: the time; for tests.

    Every method raises AccountMemoryError: the file is damaged, or of a newer lab, or cannot be read or written. It
    stays as it is then, and so does the account, because everything is written here before it is done.
    """

    def __init__(
        self, folder: Path, *, account_sid: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.path = folder / FILE_NAME
        self._account_sid = account_sid
        self._now = now

    def workspace(self, name: str) -> RememberedWorkspace:
        """What is remembered of the Workspace of this name; empty where nothing is."""
        found = (each for each in self.workspaces() if each.name == name)
        return next(found, RememberedWorkspace(name=name))

    def workspaces(self) -> tuple[RememberedWorkspace, ...]:
        """All Workspaces of the account of which something is remembered."""
        with self._explaining():
            return tuple(self._read().get(self._account_sid, {}).values())

    def accounts(self) -> tuple[str, ...]:
        """The SIDs of all accounts in which something is made or changed, by what is remembered; in no order."""
        with self._explaining():
            known = self._read()
        return tuple(sid for sid, each in known.items() if any(one.is_in_account for one in each.values()))

    def allow(self, name: str) -> None:
        """The lab may work in the Workspace of this name, from now on."""
        self._change(name, lambda known: (replace(known, yes=known.yes or self._now()), None))

    def begin(self, name: str, *, kind: str, called: str, workspace_sid: str) -> int:
        """Something is about to be made.

        Args:
            name: of the Workspace, as it was asked for.
            kind, called, workspace_sid: as in `MadeResource`; `called` is its name.

        Returns:
            Its number, for `complete` or `drop`.
        """

        def begun(known: RememberedWorkspace) -> tuple[RememberedWorkspace, int]:
            number = max((each.number for each in known.made), default=0) + 1
            made = MadeResource(number=number, kind=kind, name=called, workspace_sid=workspace_sid, at=self._now())
            return replace(known, made=(*known.made, made)), number

        return self._change(name, begun)

    def complete(self, name: str, number: int, *, sid: str) -> None:
        """It was made, and has this SID."""
        self._change(name, lambda known: (_completed(known, number, sid), None))

    def drop(self, name: str, number: int) -> None:
        """It was not made, because TaskRouter has refused it; or it is gone."""
        self._change(name, lambda known: (replace(known, made=_without(known.made, number)), None))

    def change(self, name: str, field: ChangedField) -> None:
        """A field is about to be changed. One that the lab has changed before keeps the value that was found first."""

        def changed(known: RememberedWorkspace) -> tuple[RememberedWorkspace, None]:
            before = next((each.before for each in known.changed if _is_same_field(each, field)), field.before)
            others = (each for each in known.changed if not _is_same_field(each, field))
            return replace(known, changed=(*others, replace(field, before=before))), None

        self._change(name, changed)

    def take_callback(self, name: str, taken: CallbackRecord) -> CallbackRecord:
        """A callback URL is about to be set.

        Args:
            name: of the Workspace, as it was asked for.
            taken: what TaskRouter has now as `found`, and the URL that is about to be set as the only one of `ours`.

        Returns:
            What is remembered now. Where `found` is a URL that an earlier lab has set, the older one stays.
        """

        def taking(known: RememberedWorkspace) -> tuple[RememberedWorkspace, CallbackRecord]:
            before = next((each for each in known.callbacks if each.sid == taken.sid), None)
            now = _taken(before, taken)
            others = tuple(each for each in known.callbacks if each.sid != taken.sid)
            return replace(known, callbacks=(*others, now)), now

        return self._change(name, taking)

    def forget(self, name: str, *, sid: str) -> None:
        """What has this SID is as it was found, or gone: with all that was in it, where it is a Workspace."""

        def forgotten(known: RememberedWorkspace) -> tuple[RememberedWorkspace, None]:
            return _without_sid(known, sid), None

        self._change(name, forgotten)

    def forget_change(self, name: str, field: ChangedField) -> None:
        """This field is as it was found."""

        def forgotten(known: RememberedWorkspace) -> tuple[RememberedWorkspace, None]:
            others = tuple(each for each in known.changed if not _is_same_field(each, field))
            return replace(known, changed=others), None

        self._change(name, forgotten)

    def forget_callback(self, name: str, *, sid: str) -> None:
        """The callback URL of this Workflow or Workspace is the one that was found."""
        self._change(
            name,
            lambda known: (replace(known, callbacks=tuple(each for each in known.callbacks if each.sid != sid)), None),
        )

    def forget_workspace(self, name: str) -> None:
        """Nothing is remembered of the Workspace of this name any more, not even that the lab was allowed."""
        self._change(name, lambda _: (None, None))

    # --- the file ---------------------------------------------------------------------------------------------------

    def _change(self, name: str, change: Callable[[RememberedWorkspace], tuple[RememberedWorkspace | None, _T]]) -> _T:
        with self._explaining(), self._alone():
            accounts = self._read()
            known = accounts.setdefault(self._account_sid, {})
            after, result = change(known.get(name) or RememberedWorkspace(name=name))
            if after is not None:
                known[name] = after
            else:
                known.pop(name, None)
            self._write(accounts)
        return result

    @contextlib.contextmanager
    def exclusively(self) -> Iterator[None]:
        """While this is entered, no other lab of this home sets up or takes down anything in an account."""
        with self._explaining():
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = FileLock(f"{self.path}.busy.lock", timeout=_BUSY_SECONDS)
            try:
                lock.acquire()
            except Timeout:
                raise AccountMemoryError(
                    "Another notebook or terminal sets up or takes down a Workspace in an account, and does not finish "
                    f"within {_BUSY_SECONDS:.0f} seconds. Wait for it, or end it."
                ) from None
        try:
            yield
        finally:
            lock.release()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(f"{self.path}.lock", timeout=_PATIENCE_SECONDS):
            yield

    @contextlib.contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:  # a lock that nobody gives back is one too
            raise AccountMemoryError(
                f"What the lab makes and changes in the account cannot be noted in {self.path}: "
                f"{error.strerror or error}. Without that it changes nothing more there; make room, or give another "
                "folder by LABKIT_HOME."
            ) from error

    def _read(self) -> dict[str, dict[str, RememberedWorkspace]]:
        try:
            document = json.loads(self.path.read_bytes())
            if document["version"] == VERSION:
                return from_json(document)
            is_newer = document["version"] > VERSION
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise self._damaged() from error
        if not is_newer:
            raise self._damaged()
        raise AccountMemoryError(
            f"{self.path} says what the lab has made in your accounts, and was written by a newer version of the lab "
            f"(form {document['version']}, and this one reads {VERSION}). Nothing was changed; use that version."
        )

    def _damaged(self) -> AccountMemoryError:
        return AccountMemoryError(
            f"{self.path} is damaged. It said what the lab has made in your accounts; nothing was changed, there or in "
            "it. Mend it, or put it somewhere else to go on without it: the lab then takes what it made before for "
            "yours, and lab.teardown() leaves it."
        )

    def _write(self, accounts: dict[str, dict[str, RememberedWorkspace]]) -> None:
        text = json.dumps({"version": VERSION, "accounts": as_json(accounts)}, ensure_ascii=True, indent=1)
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            draft.touch(mode=0o600)
            with draft.open("w", encoding="ascii") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())  # a Workspace in an account outlives a power cut
            draft.replace(self.path)
        finally:
            draft.unlink(missing_ok=True)


def _completed(known: RememberedWorkspace, number: int, sid: str) -> RememberedWorkspace:
    return replace(known, made=tuple(replace(each, sid=sid) if each.number == number else each for each in known.made))


def _is_same_field(one: ChangedField, other: ChangedField) -> bool:
    return (one.sid, one.field) == (other.sid, other.field)


def _without(made: tuple[MadeResource, ...], number: int) -> tuple[MadeResource, ...]:
    return tuple(each for each in made if each.number != number)


def _without_sid(known: RememberedWorkspace, sid: str) -> RememberedWorkspace:
    return replace(
        known,
        made=tuple(each for each in known.made if sid not in (each.sid, each.workspace_sid)),
        changed=tuple(each for each in known.changed if sid not in (each.sid, each.workspace_sid)),
        callbacks=tuple(each for each in known.callbacks if sid not in (each.sid, each.workspace_sid)),
    )


def _taken(before: CallbackRecord | None, taken: CallbackRecord) -> CallbackRecord:
    """What is to be remembered. Whoever else has set a URL since is the one whom it is given back to."""
    if before is not None and before.is_ours(taken.found):
        return replace(before, ours=(*(each for each in before.ours if each not in taken.ours), *taken.ours))
    return replace(taken, found="") if taken.is_ours(taken.found) else taken
