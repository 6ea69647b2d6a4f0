"""Why no answer came, as a sentence with what to do: by what the HTTP library found on the way."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from labkit.settings import hide_passwords

if TYPE_CHECKING:
    from requests import RequestException

_PROXY_VARIABLES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
_STATUS_PAGE = "Check this computer's connection to the internet, and status.twilio.com."
_NOT_OF_THIS_TIME = ("not yet valid", "has expired")


def why_no_answer(error: RequestException) -> str:
    """What was in the way, and what to do; of Twilio, or of a sandbox. Without passwords."""
    url = str(getattr(error.request, "url", None) or "")
    host = urlsplit(url).hostname or ""
    if host.endswith(".twilio.com"):
        return _of_twilio(error, host)
    why = "it was silent for too long." if _is_silence(error) else "no connection could be made."
    return f"{why} The sandbox may have ended; run the notebook's first cell again, it starts one."


def _of_twilio(error: RequestException, host: str) -> str:
    from requests import exceptions
    from urllib3.exceptions import NameResolutionError

    if isinstance(error, exceptions.ProxyError):
        return _proxy(str(error))
    if isinstance(error, exceptions.SSLError):
        return _certificate(str(error), host)
    if any(isinstance(cause, NameResolutionError) for cause in _causes(error)):
        return (
            f"nobody here knows the name {host}: this computer is offline, or its DNS does not answer. {_STATUS_PAGE}"
        )
    why = "it was silent for too long." if _is_silence(error) else "no connection could be made."
    return f"{why} {_STATUS_PAGE}"


def _is_silence(error: RequestException) -> bool:
    from requests import Timeout

    return isinstance(error, Timeout)


def _proxy(said: str) -> str:
    variable = next((name for name in _PROXY_VARIABLES if os.environ.get(name)), _PROXY_VARIABLES[0])
    which = f"the proxy in {variable}, {hide_passwords(os.environ.get(variable, ''))},".replace(", ,", "")
    if " 407" in said:
        return (
            f"{which} wants a password. Put it into {variable}: http://user:password@host:port, with % signs encoded."
        )
    if "Tunnel connection failed" in said:
        answered = said.partition("Tunnel connection failed: ")[2].partition("'")[0]
        return f"{which} did not let the connection through ({answered}). Ask who runs it about *.twilio.com, port 443."
    return f"{which} cannot be reached. Check the variable; without a proxy in between, take it away."


def _certificate(said: str, host: str) -> str:
    if any(words in said for words in _NOT_OF_THIS_TIME):
        now = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
        return (
            f"the certificate of {host} does not hold at this time. This computer's clock shows {now}; if that is "
            "wrong, set it right."
        )
    if "CERTIFICATE_VERIFY_FAILED" in said:
        return (
            f"the certificate that came for {host} is from nobody whom Python trusts. Where a company looks into TLS, "
            "put the path of its CA file (PEM) into REQUESTS_CA_BUNDLE, and start the kernel again."
        )
    return f"no TLS connection to {host} could be made; something in between may have broken it. {_STATUS_PAGE}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and whatever it was made of: the libraries put that in `args` and in `reason`."""
    waiting, seen = [error], set[int]()
    while waiting:
        each = waiting.pop()
        if isinstance(each, BaseException) and id(each) not in seen:
            seen.add(id(each))
            yield each
            waiting += [*each.args, getattr(each, "reason", None), each.__cause__]
