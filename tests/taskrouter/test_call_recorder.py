"""Which REST calls a piece of work makes: its own, all of them, and nobody else's."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import requests

from labkit.errors import TaskRouterError
from labkit.settings import Secret
from labkit.taskrouter import call_recorder
from labkit.taskrouter.call_recorder import overheard
from labkit.taskrouter.client import connect
from labkit.taskrouter.workspace_client import WorkspaceClient

WORKSPACE = "WS" + "a" * 32


def test_what_is_told_inside_is_heard_and_nothing_else() -> None:
    """Inner work is heard by those around it, too; afterwards nobody listens."""
    call_recorder.notify({"path": "before"})
    with overheard() as outer:
        call_recorder.notify({"path": "1"})
        with overheard() as inner:
            call_recorder.notify({"path": "2"})
    call_recorder.notify({"path": "after"})
    assert [call["path"] for call in outer] == ["1", "2"]
    assert [call["path"] for call in inner] == ["2"]


def test_another_thread_is_not_overheard() -> None:
    """Two clicks at the same moment each show their own call."""
    with overheard() as calls:
        other = threading.Thread(target=call_recorder.notify, args=[{"path": "/elsewhere"}])
        other.start()
        other.join(10)
    assert calls == []


def test_listening_ends_with_an_error() -> None:
    """A refusal is not the end of what can be heard."""
    with pytest.raises(ValueError, match="refused"), overheard():
        raise ValueError("refused")
    with overheard() as calls:
        call_recorder.notify({"path": "later"})
    assert len(calls) == 1


def test_the_sdk_s_calls_are_told_also_when_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client needs no listener of its own for that; credentials are not among what is told."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise requests.ConnectionError("refused")

    client = connect(account_sid="AC" + "0" * 32, auth_token=Secret("a made-up token"), base_url="http://127.0.0.1:1")
    monkeypatch.setattr(client.http_client.session, "send", refuse)
    with overheard() as calls, pytest.raises(TaskRouterError, match="no connection"):
        WorkspaceClient(client, WORKSPACE).set_capacity("WK" + "1" * 32, "voice", capacity=2)
    client.http_client.session.close()
    [call] = calls
    assert (call["method"], call["form"], call["status"]) == ("POST", {"Capacity": 2}, None)
    assert call["path"].endswith(f"/Workers/WK{'1' * 32}/Channels/voice")
    assert "made-up" not in repr(call)
