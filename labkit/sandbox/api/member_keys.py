"""The credentials of members: each is one Worker of a Workspace, as `labkit/member_routes.py` has it.

Written like an API key, a SID and a secret, so that the official SDK sends them as it does any other. They are kept in
the state in a fact of their own: an older sandbox passes it over, and an older state has none.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from labkit.member_routes import Member
from labkit.sandbox.service import random_sid, storing
from labkit.sandbox.store import MALFORMED, StoreError
from labkit.vocabulary import Sid

FACT = "members"


class FactStore(Protocol):
    """Where credentials are kept that were made while the sandbox ran; every store is one."""

    def fact(self, name: str) -> str | None: ...

    def keep_fact(self, name: str, value: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberKey:
    """A member's credentials, in the account whose Workspace it is."""

    sid: str
    secret: str = field(repr=False)
    account_sid: str
    member: Member


class MemberKeys:
    """All of them, one for each Worker that has any.

    Args:
        facts: keeps them, and has those that were made before.

    Raises:
        StoreError: what is kept there is something else.
    """

    def __init__(self, facts: FactStore | None = None) -> None:
        self._facts = facts
        self._keys = _kept((facts and facts.fact(FACT)) or "[]")

    def get(self, sid: str) -> MemberKey | None:
        """The key of this SID."""
        return self._keys.get(sid)

    def of(self, member: Member, *, account_sid: str) -> MemberKey | None:
        """The key of this member."""
        return next((k for k in self._keys.values() if (k.member, k.account_sid) == (member, account_sid)), None)

    def create(
        self, member: Member, *, account_sid: str, is_there: Callable[[MemberKey], bool] = lambda _: True
    ) -> MemberKey:
        """The member's new key; one that they had is worth nothing from now on.

        Args:
            member: whose.
            account_sid: the account that the Workspace belongs to.
            is_there: whether there still is the Worker of another key; those of whom there is none are forgotten, so
                that there are never more keys than there were Workers at once.

        Raises:
            Unavailable: it could not be kept; there is no such key, and an older one holds.
        """
        made = MemberKey(
            sid=random_sid(Sid.API_KEY), secret=secrets.token_hex(16), account_sid=account_sid, member=member
        )
        former = self.of(member, account_sid=account_sid)
        others = {sid: key for sid, key in self._keys.items() if key is not former and is_there(key)}
        self._keep({**others, made.sid: made})
        return made

    def delete(self, key: MemberKey) -> None:
        """Take a key back.

        Raises:
            Unavailable: that could not be kept; the key holds.
        """
        self._keep({sid: each for sid, each in self._keys.items() if sid != key.sid})

    def _keep(self, keys: dict[str, MemberKey]) -> None:
        rows = [
            [each.sid, each.secret, each.account_sid, each.member.workspace_sid, each.member.worker_sid]
            for each in keys.values()
        ]
        if self._facts is not None:
            with storing():
                self._facts.keep_fact(FACT, json.dumps(rows))
        self._keys = keys


def _kept(text: str) -> dict[str, MemberKey]:
    try:
        rows: list[list[str]] = json.loads(text)
        keys = [
            MemberKey(sid=sid, secret=word, account_sid=of, member=Member(workspace_sid=ws, worker_sid=wk))
            for sid, word, of, ws, wk in ([str(value) for value in row] for row in rows)
        ]
    except MALFORMED as error:
        raise StoreError(
            f"The members that the state file keeps cannot be read: {type(error).__name__}. Move it away to begin "
            "anew; it is not touched."
        ) from None
    return {key.sid: key for key in keys}
