"""What Twilio says of an account itself: its name, and whether it is a trial account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labkit.account.clock_offset import REMARK_SECONDS, clock_is_off, seconds_ahead
from labkit.account.refusals import NOT_ACTIVE, explained, not_active
from labkit.errors import TaskRouterError
from labkit.settings import Settings, mask
from labkit.taskrouter.client import account_of, connect
from labkit.taskrouter.errors import asking
from labkit.twilio_regions import HOME_REGION
from labkit.vocabulary import Sid, is_sid

_REFUSED = (401, 403, 404)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """One account (docs: /docs/iam/api/account).

    Attributes:
        sid: `AC…`.
        name: its friendly name; empty where Twilio did not say.
        kind: `Trial` or `Full`; empty likewise.
        clock_remark: that this computer's clock is wrong, by Twilio's, as a sentence; empty where it is not.
    """

    sid: str
    name: str = ""
    kind: str = ""
    clock_remark: str = ""

    @property
    def is_trial(self) -> bool:
        """Whether Twilio says that it is a trial account."""
        return self.kind.casefold() == "trial"

    def __str__(self) -> str:
        about = ", ".join(filter(None, [mask(self.sid), self.kind.casefold()]))
        return f'the account "{self.name}" ({about})' if self.name else f"the account {about}"


def look_at_account(client: Any, account_sid: str) -> AccountFacts:
    """Ask Twilio for an account, once, and where that tells nothing TaskRouter for a Workspace.

    A Standard or Restricted API key may not see the account itself (docs: /docs/iam/api-keys), and another Region than
    the usual one may not have it; then nothing is known of it but its SID, if TaskRouter lets them in.

    Args:
        client: from `labkit.taskrouter.client.connect`.
        account_sid: `AC…`.

    Raises:
        TaskRouterError: it is suspended or closed, the credentials are not its own or may not do this, or nobody
            answered; says what to do.
    """
    try:
        with asking("look at the account"):
            found = client.api.v2010.accounts(account_sid).fetch()
    except TaskRouterError as error:
        if error.code in NOT_ACTIVE or error.status not in _REFUSED or not _may_be_kept_from_it(client):
            raise explained(error, client=client) from error
        _look_at_taskrouter(client)
        return AccountFacts(sid=account_sid, clock_remark=_clock_remark(client))
    if found.status in ("suspended", "closed"):
        raise not_active(account_sid, found.status)
    return AccountFacts(
        sid=account_sid,
        name=str(found.friendly_name or ""),
        kind=str(found.type or ""),
        clock_remark=_clock_remark(client),
    )


def look_at_account_of(settings: Settings) -> AccountFacts:
    """As `look_at_account`, of these settings' account, over a line that is closed afterwards. Errors as there."""
    client = connect(**account_of(settings))
    try:
        return look_at_account(client, str(settings.account_sid))
    finally:
        client.http_client.session.close()


def _may_be_kept_from_it(client: Any) -> bool:
    return is_sid(client.username, Sid.API_KEY) or client.region not in (None, HOME_REGION)


def _look_at_taskrouter(client: Any) -> None:
    try:
        with asking("list the Workspaces"):
            client.taskrouter.v1.workspaces.list(limit=1)
    except TaskRouterError as error:
        raise explained(error, client=client) from error


def _clock_remark(client: Any) -> str:
    """By the time in Twilio's last answer."""
    off = seconds_ahead(client.http_client.last_headers.get("Date"))
    if off is None or abs(off) < REMARK_SECONDS:
        return ""
    return f"{clock_is_off(off)}: set it right, or Worker tokens that are made here do not hold when they should."
