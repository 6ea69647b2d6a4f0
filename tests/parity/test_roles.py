"""What a record shows in place of SIDs, times and addresses."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from labkit.parity.roles import RoleNames

ACCOUNT, TASK, OTHER = f"AC{'1' * 32}", f"WT{'2' * 32}", f"WT{'3' * 32}"


def roles() -> RoleNames:
    made = RoleNames(ACCOUNT, datetime(2026, 1, 1, 12, tzinfo=UTC))
    made.hide({"https://lab.example.com/x": "{callbacks}"})
    made.learn(TASK, "task")
    return made


def test_sids_are_shown_by_their_roles() -> None:
    """One that nobody named by its kind and its turn, wherever it stands."""
    shown = roles().shown(
        {"sid": TASK, "url": f"https://taskrouter.twilio.com/v1/Workspaces/{OTHER}?PageToken=PA{TASK}"}
    )
    assert shown == {"sid": "{task}", "url": "{api}/v1/Workspaces/{Task 1}?PageToken=PA{task}"}
    assert roles().text(f"of {ACCOUNT}") == "of {account}"


def test_times_are_shown_by_the_seconds_since_the_beginning() -> None:
    """In ISO 8601, and as the numbers of events; one that the scenario itself names stays."""
    shown = roles().shown(
        {"date_created": "2026-01-01T12:00:10Z", "timestamp_ms": "1767268812000", "Timestamp": 1767268813}
    )
    assert shown == {"date_created": "+10 s", "timestamp_ms": "+12 s", "Timestamp": "+13 s"}
    assert roles().text("not before 1899-01-01T00:00:00Z") == "not before 1899-01-01T00:00:00Z"
    assert roles().shown({"date": "Thu, 01 Jan 2026 12:00:10 +0000"}) == {"date": "Thu, 01 Jan 2026 12:00:10 +0000"}


def test_json_in_a_text_is_read() -> None:
    """The order of its names is none; what is no JSON stays a text."""
    assert roles().shown(json.dumps({"task": TASK})) == {"task": "{task}"}
    assert roles().shown("{not") == "{not"


def test_addresses_are_not_shown() -> None:
    """Neither a sandbox's nor a callback server's nor anybody's."""
    assert roles().text("http://127.0.0.1:8080/v1/Workspaces") == "{api}/v1/Workspaces"
    assert roles().text("https://taskrouter.dublin.ie1.twilio.com/v1/Workspaces") == "{api}/v1/Workspaces"
    assert roles().text("from 203.0.113.7 to https://lab.example.com/x/asked") == "from {address} to {callbacks}/asked"
