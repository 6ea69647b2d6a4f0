"""What went wrong with a callback, by Twilio's codes; the real errors of aiohttp where they can be had."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import closing
from socket import socket
from typing import Any

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey

from labkit.error_codes import ErrorCode
from labkit.sandbox.callback_errors import failure_of
from labkit.sandbox.callback_resolver import AddressRefused

LIMIT_SECONDS = 10
KEY = ConnectionKey("lab.example", 443, True, True, None, None, None)


def failure(url: str, *, says: bytes | None = None) -> tuple[int, str]:
    """What becomes of a POST. With `says`, to a server that says just that; `{}` in the URL is its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(says or b"")
        writer.close()

    async def posting() -> Any:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server, aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(LIMIT_SECONDS)) as session:
            with pytest.raises(aiohttp.ClientError) as caught:
                await session.post(url.format(server.sockets[0].getsockname()[1]), data={"a": "b"})
            return failure_of(caught.value)

    found: tuple[int, str] = asyncio.run(posting())
    return found


@pytest.mark.parametrize(
    ("url", "says", "code"),
    [
        ("http://127.0.0.1:{}/", b"HELLO\r\n\r\n", 11206),
        ("http://127.0.0.1:{}/", b"HTTP/1.1 200 OK\r\nNo colon\r\n\r\n", 11206),
        ("http://127.0.0.1:{}/", b"", 11205),
        ("https://127.0.0.1:{}/", b"HTTP/1.1 400 Bad Request\r\n\r\n", 11220),
    ],
)
def test_what_is_no_answer(url: str, says: bytes, code: int) -> None:
    """No HTTP, nothing at all, and no TLS."""
    found, words = failure(url, says=says)
    assert found == code
    assert words.startswith(ErrorCode(code).meaning)


def test_nobody_listens() -> None:
    """11205, as for every connection that cannot be made."""
    with closing(socket()) as bound:
        bound.bind(("127.0.0.1", 0))
        assert failure(f"http://127.0.0.1:{bound.getsockname()[1]}/")[0] == 11205


def certificate_error(verify_code: int) -> aiohttp.ClientConnectorCertificateError:
    error = ssl.SSLCertVerificationError("certificate verify failed")
    error.verify_code = verify_code
    return aiohttp.ClientConnectorCertificateError(KEY, error)


@pytest.mark.parametrize(("verify_code", "code"), [(10, 11235), (18, 11237), (20, 11237), (62, 11240), (64, 11240)])
def test_certificates_that_do_not_hold(verify_code: int, code: int) -> None:
    """Expired, from nobody who is trusted, and of another host: OpenSSL's numbers."""
    assert failure_of(certificate_error(verify_code)) == (
        code,
        f"{ErrorCode(code).meaning}: ClientConnectorCertificateError",
    )


def test_names() -> None:
    """One that nobody knows, and one whose addresses may not be called."""
    assert failure_of(aiohttp.ClientConnectorDNSError(KEY, OSError("no such name")))[0] == 11210
    refused = aiohttp.ClientConnectorDNSError(KEY, AddressRefused("lab.example is 10.0.0.1"))
    assert failure_of(refused) == (11205, "lab.example is 10.0.0.1")


@pytest.mark.parametrize("error", [OSError("too many open files"), ValueError("no URL"), aiohttp.ClientError()])
def test_anything_else_is_no_connection(error: Exception) -> None:
    """11205, with the kind of error and nothing of what it says: a URL may hold a secret."""
    assert failure_of(error) == (11205, f"{ErrorCode(11205).meaning}: {type(error).__name__}")
