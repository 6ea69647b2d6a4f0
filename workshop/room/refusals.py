"""What the room refuses, one class per case, in Twilio's form of an error (docs: /docs/usage/twilios-response)."""

from __future__ import annotations

from html import escape
from typing import Any

from labkit.error_codes import ErrorCode
from labkit.errors import Refusal


class NobodyKnown(Refusal):
    """Whoever asks has not proved who they are."""

    status = 401
    code = ErrorCode.NOT_AUTHENTICATED

    def __init__(self) -> None:
        super().__init__("The room does not know who asks: send a token of the hub, or sign in at the hub")


class NotAllowed(Refusal):
    """Whoever asks is known, and may not do this."""

    status = 403
    code = ErrorCode.FORBIDDEN


class NotThere(Refusal):
    """There is no such thing, or it is not theirs: the answer is the same."""

    status = 404
    code = ErrorCode.NOT_FOUND

    def __init__(self, path: str) -> None:
        super().__init__(f"The requested resource {path[:200]} was not found")


class NoSuchMethod(Refusal):
    """The path is right and the HTTP method is not."""

    status = 405
    code = ErrorCode.METHOD_NOT_ALLOWED

    def __init__(self, method: str) -> None:
        super().__init__(f"The method {method[:20]} is not allowed here")


class NotUsable(Refusal):
    """What was sent cannot be used; says what is wrong with it."""


class NotReachable(Refusal):
    """What the room stands on does not answer: the hub, the sandbox or Twilio."""

    status = 503
    code = ErrorCode.UNAVAILABLE


def error_body(status: int, *, code: ErrorCode, message: str) -> dict[str, Any]:
    """Twilio's error body."""
    return {
        "code": int(code),
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{int(code)}",
        "status": status,
    }


def error_page(message: str, *, way_on: str) -> str:
    """The same for somebody who has opened a page in a browser.

    Args:
        message: what is refused, in a sentence.
        way_on: the path of the room's own address, which leads each to the page that is for them; empty for no link.
    """
    link = f'<p><a href="{escape(way_on)}">To your own page of the room</a></p>' if way_on else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f"<title>The room</title></head><body><p>{escape(message.rstrip('.'))}.</p>{link}</body></html>"
    )
