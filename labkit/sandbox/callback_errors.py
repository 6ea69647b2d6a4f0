"""Why a callback could not be delivered, with the code that Twilio's debugger shows for it.

Docs: /docs/api/errors, 11200 to 11241. What has no code of its own there is 11205: no connection could be made.
"""

from __future__ import annotations

import ssl

import aiohttp

from labkit.error_codes import ErrorCode
from labkit.sandbox.callback_resolver import AddressRefused

_UNKNOWN_AUTHORITY = frozenset({18, 19, 20, 21})
"""OpenSSL's verify codes of a chain that ends in nobody who is trusted (x509_vfy.h)."""
_OTHER_HOST = frozenset({62, 63, 64})


def failure_of(error: Exception) -> tuple[ErrorCode, str]:
    """Twilio's code, and what happened in words.

    Args:
        error: what aiohttp raised.
    """
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else None
    if isinstance(cause, AddressRefused):
        return ErrorCode.CONNECTION_FAILURE, str(cause)
    code = _code(error)
    return code, f"{code.meaning}: {type(error).__name__}"


def _code(error: Exception) -> ErrorCode:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return ErrorCode.BAD_HOST_NAME
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return _certificate_code(error.certificate_error)
    if isinstance(error, aiohttp.ClientConnectorSSLError):
        return ErrorCode.TLS_FAILURE
    if isinstance(error, aiohttp.ClientResponseError | aiohttp.ClientPayloadError):
        return ErrorCode.PROTOCOL_VIOLATION
    return ErrorCode.CONNECTION_FAILURE


def _certificate_code(error: Exception) -> ErrorCode:
    code = error.verify_code if isinstance(error, ssl.SSLCertVerificationError) else 0
    if code in _OTHER_HOST:
        return ErrorCode.CERTIFICATE_OF_ANOTHER_HOST
    return ErrorCode.CERTIFICATE_NOT_TRUSTED if code in _UNKNOWN_AUTHORITY else ErrorCode.CERTIFICATE_INVALID
