"""The one place where what the SDK raises becomes a sentence for a person."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from labkit import limits
from labkit.error_codes import ErrorCode
from labkit.errors import TaskRouterError
from labkit.taskrouter.no_answer import why_no_answer

_T = TypeVar("_T")

_KEPT = f"{limits.ENDED_TASK_KEPT_SECONDS // 60} minutes"
# What to do, by Twilio's code and, where one code has many causes, by words of its message (in lower case).
# Codes: https://www.twilio.com/docs/api/errors. The words are those of TaskRouter's own answers.
_REMEDIES: tuple[tuple[ErrorCode, str, str], ...] = (
    (
        ErrorCode.NOT_AUTHENTICATED,
        "",
        "Check the Account SID and Auth Token; for the sandbox, run the notebook's first cell again.",
    ),
    (ErrorCode.ACCOUNT_NOT_ACTIVE, "", "The account is suspended or closed; the Console says why."),
    (ErrorCode.TEST_CREDENTIALS, "", "These are the account's test credentials; TaskRouter takes the live ones alone."),
    (ErrorCode.FORBIDDEN, "participant", "In a room you are one Worker: this is for the instructor."),
    (ErrorCode.FORBIDDEN, "a member may", "In a room you are one Worker: this is for the instructor."),
    (ErrorCode.FORBIDDEN, "", "A Restricted API key needs TaskRouter's permissions, to read and to write."),
    (ErrorCode.NOT_AUTHORIZED, "", "A Restricted API key needs TaskRouter's permissions, to read and to write."),
    (
        ErrorCode.NOT_FOUND,
        "",
        f"Check the SID. A finished Task is removed {_KEPT} after its end, with its Reservations.",
    ),
    (
        ErrorCode.INVALID,
        "not currently assigned",
        "Only a Task that is assigned (or wrapping, to complete it) can do this; cancel one that still waits.",
    ),
    (
        ErrorCode.INVALID,
        "not pending or reserved",
        "Only a Task that is pending or reserved can be canceled; complete one that is assigned.",
    ),
    (ErrorCode.GONE, "", "Another Worker accepted the Task first, so this Reservation is over."),
    (ErrorCode.TOO_MANY_REQUESTS, "", "Too many requests came at once; wait a moment, then ask again."),
)


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Turn whatever the SDK raises inside into a TaskRouterError.

    Args:
        what: what is asked of TaskRouter, to follow "Asked to", such as `"accept Reservation WR…"`. No secrets.

    Raises:
        TaskRouterError: says what was asked, what was answered in TaskRouter's words, and what to do where known.
    """
    from requests import RequestException
    from twilio.base.exceptions import TwilioException

    try:
        yield
    except RequestException as error:
        _forget_frames(error)
        raise TaskRouterError(f"Asked to {what}, TaskRouter did not answer: {why_no_answer(error)}") from error
    except TwilioException as error:
        raise _refused(what, error) from error


def unless_gone(ask: Callable[[], _T], what: str) -> _T | None:
    """What comes of `ask`; None where what it asks for is gone.

    Args:
        ask: asks TaskRouter.
        what: as for `asking`.

    Raises:
        TaskRouterError: TaskRouter refused for another reason, or did not answer.
    """
    try:
        with asking(what):
            return ask()
    except TaskRouterError as error:
        if error.status != 404:
            raise
        return None


def _forget_frames(error: BaseException | None) -> None:
    """Keep what was said, and drop the libraries' frames: their variables hold the header with the credentials."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        error.__traceback__ = None
        error = error.__cause__ or error.__context__


def _refused(what: str, error: Any) -> TaskRouterError:
    status, code, words = _answer_in(error)
    label = f"answered HTTP {status}" if status else "could not be understood"
    label += f", code {code}" if code and code != status else ""
    said = f'"{words.rstrip(".")}".' if words else "(no explanation)."
    sentence = f"Asked to {what}, TaskRouter {label}: {said} {_remedy(code, words)}"
    return TaskRouterError(sentence.rstrip(), status=status, code=code)


def _answer_in(error: Any) -> tuple[int | None, int | None, str]:
    """Status, code and TaskRouter's own words."""
    response = next((each for each in error.args if hasattr(each, "status_code")), None)
    if response is not None:  # a list that failed comes as the bare answer, unread
        return _answer_read(response)
    words = getattr(error, "msg", None) or getattr(error, "detail", None) or getattr(error, "title", None) or str(error)
    words = re.sub(r"^Unable to (create|fetch|update|delete) record(: )?", "", words)
    return getattr(error, "status", None), getattr(error, "code", None), words


def _answer_read(response: Any) -> tuple[int | None, int | None, str]:
    try:
        body = json.loads(response.text)
        return response.status_code, body.get("code"), str(body.get("message", ""))
    except (ValueError, AttributeError):
        return response.status_code, None, ""


def _remedy(code: int | None, words: str) -> str:
    found = (do for known, clue, do in _REMEDIES if known == code and clue in words.lower())
    return next(found, "")
