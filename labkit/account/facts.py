"""What Twilio says of an account itself: its name, and whether it is a trial account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labkit.errors import TaskRouterError
from labkit.settings import mask
from labkit.taskrouter.errors import asking


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """One account (docs: /docs/iam/api/account).

    Attributes:
        sid: `AC…`.
        name: its friendly name; empty where Twilio did not say.
        kind: `Trial` or `Full`; empty likewise.
    """

    sid: str
    name: str = ""
    kind: str = ""

    @property
    def is_trial(self) -> bool:
        """Whether Twilio says that it is a trial account."""
        return self.kind.casefold() == "trial"

    def __str__(self) -> str:
        about = ", ".join(filter(None, [mask(self.sid), self.kind.casefold()]))
        return f'the account "{self.name}" ({about})' if self.name else f"the account {about}"


def look_at_account(client: Any, account_sid: str) -> AccountFacts:
    """Ask Twilio for an account, once. An API key may not be allowed to; then nothing is known of it but its SID.

    Args:
        client: from `labkit.taskrouter.client.connect`.
        account_sid: `AC…`.

    Raises:
        TaskRouterError: nobody answered.
    """
    try:
        with asking("look at the account"):
            found = client.api.v2010.accounts(account_sid).fetch()
    except TaskRouterError as error:
        if error.status is None:
            raise
        return AccountFacts(sid=account_sid)
    return AccountFacts(sid=account_sid, name=str(found.friendly_name or ""), kind=str(found.type or ""))
