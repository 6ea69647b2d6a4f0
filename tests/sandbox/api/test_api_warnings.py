"""What the debugger warns of beside an answer: absolute paging, and statistics of long ago."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sandbox.call_centre import CallCentre
from sandbox.local import ACCOUNT, LocalSandbox

from labkit.error_codes import ErrorCode

Ask = Callable[..., Any]


def alerts(sandbox: LocalSandbox) -> list[tuple[int, str]]:
    """Codes and texts, oldest first."""
    return sandbox.look(lambda: [(a.code, a.text) for a in sandbox.service.alerts.of(ACCOUNT)])


@pytest.mark.parametrize("path", ["/v1/Workspaces", "/v1/Workspaces/{sid}/Activities"])
def test_a_page_by_its_number_is_40153(sandbox: LocalSandbox, centre: CallCentre, ask: Ask, path: str) -> None:
    """Twilio has retired it; the sandbox answers, and says so."""
    answer = ask("GET", f"{path.format(sid=centre.sid)}?PageSize=1&Page=2")
    assert answer.status == 200
    ((code, text),) = alerts(sandbox)
    assert (code, text) == (
        40153,
        f"{ErrorCode(40153).meaning}: Page=2 came without a PageToken; follow next_page_url instead",
    )


def test_pages_that_were_handed_out_are_not_warned_of(sandbox: LocalSandbox, centre: CallCentre, ask: Ask) -> None:
    """The first page, and those that a page's own meta leads to."""
    url = f"/v1/Workspaces/{centre.sid}/Activities?PageSize=1&Page=0"
    seen = 0
    while url:
        meta = ask("GET", url).json["meta"]
        url, seen = (meta["next_page_url"] or "").removeprefix(sandbox.url), seen + 1
    assert (seen, alerts(sandbox)) == (3, [])


def test_a_page_that_cannot_be_is_no_warning(sandbox: LocalSandbox, centre: CallCentre, ask: Ask) -> None:
    """It is refused, and that is all."""
    assert ask("GET", f"/v1/Workspaces/{centre.sid}/Activities?Page=-1").status == 400
    assert alerts(sandbox) == []


def test_statistics_of_long_ago_are_14241(sandbox: LocalSandbox, centre: CallCentre, ask: Ask) -> None:
    """A 400, and an alert as well."""
    answer = ask("GET", f"/v1/Workspaces/{centre.sid}/Statistics?StartDate=2020-01-01T00:00:00Z")
    assert (answer.status, answer.json["code"]) == (400, 14241)
    ((code, text),) = alerts(sandbox)
    assert code == 14241
    assert "2020-01-01T00:00:00Z" in text
