"""The name and password in a callback URL, given to whoever asks for them (docs: /docs/usage/security).

A URL with them is asked without them first. A 401 that names a realm is asked again, with them: by Basic or by Digest.
They are no part of what is signed (docs: /docs/usage/webhooks/webhooks-security).
"""

from __future__ import annotations

import re
from base64 import b64encode
from urllib.parse import unquote, urlsplit

import aiohttp
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse, hdrs

_PLAIN = r"[\w.~!$&()*+,;=-]"
_USER_INFO = re.compile(
    rf"(?:{_PLAIN}|%(?!3A)[0-9A-F]{{2}})+(?::(?:{_PLAIN}|:|%[0-9A-F]{{2}})*)?", re.ASCII | re.IGNORECASE
)
"""RFC 3986's, with a name and without the apostrophe. Neither Basic nor Digest can carry a name with a colon."""


def is_user_info(text: str) -> bool:
    """Whether this can be read in one way only: as a name, perhaps with a password, other characters as escapes."""
    return _USER_INFO.fullmatch(text) is not None


def without_user_info(url: str) -> str:
    """The URL as it is asked and signed: to the letter, but for the name and the password."""
    scheme, separator, rest = url.partition("://")
    user_info = urlsplit(url).netloc.rpartition("@")[0]
    return f"{scheme}{separator}{rest.removeprefix(f'{user_info}@')}" if user_info else url


class CallbackAuth:
    """Of one callback: aiohttp's middleware that answers a 401.

    Args:
        url: the callback URL, which may hold a name and a password.
    """

    def __init__(self, url: str) -> None:
        name, _, password = urlsplit(url).netloc.rpartition("@")[0].partition(":")
        self._name, self._password = unquote(name), unquote(password)
        self._were_given = False

    @property
    def has_credentials(self) -> bool:
        return bool(self._name)

    def about_401(self) -> str:
        """What became of the credentials, to end the sentence that the answer was 401."""
        if not self.has_credentials:
            return ""
        return ", with the URL's name and password too" if self._were_given else ", and named no realm to log in to"

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Send the request, and once more with the credentials if they are asked for."""
        answer = await handler(request)
        scheme = _asked_for(answer) if self.has_credentials else None
        if scheme is None:
            return answer
        self._were_given = True
        answer.release()
        if scheme == "basic":
            request.headers[hdrs.AUTHORIZATION] = self._basic()
            return await handler(request)
        return await self._by_digest(request, handler, answer)

    def _basic(self) -> str:
        return f"Basic {b64encode(f'{self._name}:{self._password}'.encode()).decode()}"

    async def _by_digest(
        self, request: ClientRequest, handler: ClientHandlerType, challenge: ClientResponse
    ) -> ClientResponse:
        first = [challenge]

        async def again(request: ClientRequest) -> ClientResponse:
            return first.pop() if first else await handler(request)

        return await aiohttp.DigestAuthMiddleware(self._name, self._password)(request, again)


def _asked_for(answer: ClientResponse) -> str | None:
    """The scheme by which a 401 asks for credentials, of those that Twilio has; None if it does not."""
    challenges = answer.headers.getall(hdrs.WWW_AUTHENTICATE, []) if answer.status == 401 else []
    for challenge in challenges:
        scheme, _, said = challenge.partition(" ")
        if scheme.lower() in ("basic", "digest") and re.search(r"\brealm\s*=", said, re.I):
            return scheme.lower()
    return None
