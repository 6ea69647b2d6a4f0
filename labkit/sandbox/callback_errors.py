"""Why a callback could not be delivered, with the code that Twilio's debugger shows for it.

Docs: /docs/api/errors, 11200 to 11241. What has no code of its own there is 11205: no connection could be made.
"""

from __future__ import annotations

import ssl

import aiohttp

from labkit.sandbox.callback_resolver import AddressRefused
from labkit.vocabulary import CALLBACK_ERRORS

_UNKNOWN_AUTHORITY = frozenset({18, 19, 20, 21})
"""OpenSSL's verify codes of a chain that ends in nobody who is trusted (x509_vfy.h)."""
_OTHER_HOST = frozenset({62, 63, 64})


def failure_of(error: Exception) -> tuple[int, str]:
    """Twilio's code, and what happened in words.

    Args:
        error: what aiohttp raised.
    """
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else None
    if isinstance(cause, AddressRefused):
        return 11205, str(cause)
    code = _code(error)
    return code, f"{CALLBACK_ERRORS[code]}: {type(error).__name__}"


def _code(error: Exception) -> int:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return 11210
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return _certificate_code(error.certificate_error)
    if isinstance(error, aiohttp.ClientConnectorSSLError):
        return 11220
    if isinstance(error, aiohttp.ClientResponseError | aiohttp.ClientPayloadError):
        return 11206
    return 11205


def _certificate_code(error: Exception) -> int:
    code = error.verify_code if isinstance(error, ssl.SSLCertVerificationError) else 0
    if code in _OTHER_HOST:
        return 11240
    return 11237 if code in _UNKNOWN_AUTHORITY else 11235
