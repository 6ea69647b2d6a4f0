"""An agent that cannot reach ngrok's service, at first or later: what is said, and how soon."""

from __future__ import annotations

import os
import signal
import time
from types import SimpleNamespace
from typing import Any

import pytest
from tunnel.agent import wait_until

from labkit.errors import TunnelError
from labkit.tunnel import ngrok_agent
from labkit.tunnel.ngrok_session import NgrokSession

pytestmark = [pytest.mark.process, pytest.mark.timeout(30)]
LOST = SimpleNamespace(msg="session closed, starting reconnect loop", err="read EOF from remote peer")
HAD = SimpleNamespace(msg="tunnel session started", err=None)


def test_an_offline_computer_is_told_so_and_not_waited_for(fake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long before the deadline, with the agent's own reason and what to look at; nothing is left running."""
    monkeypatch.setattr(ngrok_agent, "UNREACHABLE_SECONDS", 0.3)
    fake.behave("offline")
    began = time.monotonic()
    with pytest.raises(TunnelError, match=r"cannot reach its service .*no such host.*HTTPS_PROXY.*loopback"):
        fake.tunnel(deadline_seconds=25).open(8123)
    assert time.monotonic() - began < 10
    assert fake.running() == []


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="the agent hears signals")
def test_a_line_that_is_cut_is_told_and_forgotten_when_it_is_back(fake: Any) -> None:
    """The agent's process runs all the while, and the address stays."""
    tunnel = fake.tunnel(domain="lab.example.com")
    tunnel.open(8123)
    assert tunnel.trouble == ""
    (agent,) = fake.running()
    os.kill(agent, signal.SIGUSR1)
    wait_until(lambda: "lost the connection to its service (read EOF from remote peer)" in tunnel.trouble)
    assert tunnel.url == "https://lab.example.com"
    os.kill(agent, signal.SIGUSR2)
    wait_until(lambda: tunnel.trouble == "")
    tunnel.close()


def test_ngroks_own_reason_is_explained_and_its_token_masked() -> None:
    """What ngrok says to an agent that comes back has a code, or shows its words without the authtoken."""
    session = NgrokSession(secret="made-up-token")
    session.hear(LOST)
    session.hear(SimpleNamespace(msg="failed to reconnect session", err="made-up-token: ERR_NGROK_108"))
    assert "as many agents online as its plan allows" in session.trouble
    session.hear(SimpleNamespace(msg="failed to reconnect session", err="nobody knows made-up-token here"))
    assert "nobody knows ••• here" in session.trouble
    assert "made-up-token" not in session.trouble


def test_how_long_it_is_lost_counts_from_the_first_word_of_it() -> None:
    """Each further attempt is no new beginning; a session that is there again is."""
    session = NgrokSession(secret="")
    assert session.lost_seconds == 0.0
    session.hear(LOST)
    first = session._lost_at
    session.hear(SimpleNamespace(msg="failed to reconnect session", err="i/o timeout"))
    assert session._lost_at == first
    session.hear(HAD)
    assert (session.lost_seconds, session.times_had) == (0.0, 1)


@pytest.mark.parametrize("msg", [None, "", "join connections", "started tunnel"])
def test_other_lines_say_nothing_of_it(msg: str | None) -> None:
    """The log is full of what is no news here."""
    session = NgrokSession(secret="")
    session.hear(SimpleNamespace(msg=msg, err="<nil>"))
    assert (session.trouble, session.times_had) == ("", 0)
