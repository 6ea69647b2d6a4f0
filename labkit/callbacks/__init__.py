"""The callback server: what TaskRouter calls, and what it is answered.

    server = CallbackServer(stream, auth_token=token)
    server.start()
    server.policy.answer_with("accept")

Flask on waitress, in a daemon thread, on 127.0.0.1. What comes in is checked, published to the stream and answered
at once: no answer ever waits for a panel or for a REST call, for TaskRouter gives up after 5 seconds
(docs: /docs/taskrouter/handle-assignment-callbacks).
"""

from __future__ import annotations

from labkit.callbacks.agent_page.routes import EventBridge
from labkit.callbacks.exchanges import Exchange, ExchangeLog
from labkit.callbacks.policy import AnswerPolicy
from labkit.callbacks.server import CallbackServer

__all__ = ["AnswerPolicy", "CallbackServer", "EventBridge", "Exchange", "ExchangeLog"]
