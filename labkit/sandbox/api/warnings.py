"""What Twilio's debugger warns of beside an answer: requests that should be made in another way.

Docs: /docs/api/errors/40153 (absolute paging), /docs/api/errors/14241 (statistics of more than 30 days).
"""

from __future__ import annotations

from labkit.engine.effects import Alert
from labkit.error_codes import ErrorCode
from labkit.sandbox.api.paging import Query
from labkit.sandbox.api.request_context import RequestContext


def warn(place: RequestContext, code: ErrorCode, problem: str) -> None:
    """Raise an alert about the request at a place, with one of Twilio's codes."""
    workspace_sid = place.workspace.sid if place.has("workspace_sid") else ""
    alert = Alert(
        at=place.now,
        account_sid=place.account_sid,
        workspace_sid=workspace_sid,
        resource_sid=workspace_sid,
        code=code,
        text=f"{code.meaning}: {problem}",
    )
    place.service.alerts.keep(alert)


def warn_of_absolute_paging(place: RequestContext, query: Query) -> None:
    """A later page was asked for by its number alone; the answer is given all the same."""
    given = dict(query)
    page = given.get("Page", "").strip()
    if page.isdecimal() and int(page) > 0 and not given.get("PageToken"):
        warn(
            place, ErrorCode.ABSOLUTE_PAGING, f"Page={page[:12]} came without a PageToken; follow next_page_url instead"
        )
