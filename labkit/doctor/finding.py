"""What a check has found, in a sentence, with what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Judgement = Literal["ok", "warn", "bad", "skipped"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check has found.

    Attributes:
        verdict: `bad` keeps something from working, and `warn` may; `skipped` was not looked at, or is not needed.
        said: what is so, in sentences, with the values.
        remedy: what to do, in sentences; empty where nothing is.
        name: of the check, such as `state folder`; whoever runs the check fills it in.
    """

    verdict: Judgement
    said: str
    remedy: str = ""
    name: str = ""


def ok(said: str) -> Finding:
    """All is well."""
    return Finding("ok", said)


def warn(said: str, remedy: str) -> Finding:
    """It may keep something from working."""
    return Finding("warn", said, remedy)


def bad(said: str, remedy: str) -> Finding:
    """It keeps something from working."""
    return Finding("bad", said, remedy)


def skipped(said: str, remedy: str = "") -> Finding:
    """It was not looked at, or is not needed."""
    return Finding("skipped", said, remedy)


def said_and_remedy(text: str) -> tuple[str, str]:
    """An error's text as what is so, its first sentence, and what to do, which is the rest; that may be empty."""
    said, stop, rest = text.partition(". ")
    if not stop or rest.startswith("("):  # what Twilio has answered, such as (HTTP 404, code 20404)
        return text, ""
    return f"{said}.", rest
