"""What a test says of a request that the sandbox must refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException


@contextmanager
def refused(status: int, code: int, text: str) -> Iterator[None]:
    """Expect the SDK's own exception, with this status and code, and with `text` (a pattern) in its message."""
    with pytest.raises(TwilioRestException) as raised:
        yield
    error = raised.value
    assert (error.status, error.code) == (status, code), error
    assert re.search(text, error.msg), error.msg


@contextmanager
def list_refused(status: int, code: int) -> Iterator[None]:
    """The same of a list: for those the SDK has an exception without fields, which shows the answer."""
    with pytest.raises(TwilioException) as raised:
        yield
    assert re.search(rf"HTTP {status} .*\"code\":{code},", str(raised.value)), raised.value
