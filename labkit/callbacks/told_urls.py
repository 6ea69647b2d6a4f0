"""What TaskRouter was told of this server at other times, or has now: it may still call, and sign, one of these."""

from __future__ import annotations

from collections import deque

from labkit.settings import Secret

_KEPT = 6  # addresses, and as many URLs


class ToldUrls:
    """The last few addresses of a callback server, and the URLs that TaskRouter was seen to have."""

    def __init__(self) -> None:
        self._addresses: deque[str] = deque(maxlen=_KEPT)
        self._urls: deque[Secret] = deque(maxlen=_KEPT)
        """As secrets: a URL that somebody has set may hold a password."""

    def note_address(self, public_url: str) -> None:
        """TaskRouter is told this one from now on."""
        if public_url not in self._addresses:
            self._addresses.append(public_url)

    def note_urls(self, *urls: str) -> None:
        """TaskRouter has these; an empty one is none."""
        for url in map(Secret, filter(None, urls)):
            if url not in self._urls:
                self._urls.append(url)

    def likely(self, target: str) -> list[str]:
        """Which URLs may have been signed for a request with this path and query."""
        urls = [url.reveal() for url in tuple(self._urls)]
        return [*(address + target for address in tuple(self._addresses)), *urls, *map(_without_password, urls)]


def _without_password(url: str) -> str:
    """As it is signed: a name and a password are sent in a header of their own."""
    before, slashes, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{before}{slashes}{host.rpartition('@')[2]}{slash}{path}"
