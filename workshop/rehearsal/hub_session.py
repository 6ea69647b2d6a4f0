"""One participant's browser before the hub, without a browser: cookies, the login form, the spawn page, the server."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from html import unescape
from typing import Any
from urllib.parse import quote

import aiohttp

from workshop.settings import SPAWN_SECONDS, WorkshopError

_XSRF = re.compile(r'name="_xsrf" value="([^"]*)"')
_LOGIN_ERROR = re.compile(r'class="login_error">\s*([^<]*)')
_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_NOTHING: Callable[[str], None] = lambda _: None  # noqa: E731


class HubSession:
    """What a browser keeps of one participant: the cookies, and where the server is.

    Args:
        url: the hub's public address, with a slash at its end.
        name: the participant's.
        http: its own, with cookies of its own (`hub_session` makes both).
    """

    def __init__(self, url: str, name: str, http: aiohttp.ClientSession) -> None:
        self.name = name
        self.url = url.rstrip("/")
        self.http = http

    @property
    def server_url(self) -> str:
        """Of the participant's own Jupyter server, without a slash at its end."""
        return f"{self.url}/user/{quote(self.name)}"

    async def log_in(self, password: str) -> None:
        """Fill in the login form; the first password of a name is the one that sticks.

        Raises:
            WorkshopError: the hub did not let this name in; says what the page said.
        """
        page = await self._page(f"{self.url}/hub/login")
        form = {"username": self.name, "password": password, "_xsrf": _xsrf_of(page)}
        async with self.http.post(f"{self.url}/hub/login?next=%2Fhub%2Fhome", data=form) as answer:
            text = await answer.text()
            if answer.url.path.endswith("/login") or answer.status != 200:
                said = _LOGIN_ERROR.search(text)
                reason = unescape(said[1]).strip() if said else f"HTTP {answer.status}"
                raise WorkshopError(f"The hub did not let {self.name} in: {reason}")

    async def start_server(self, tell: Callable[[str], None] = _NOTHING) -> None:
        """Ask for the server, and look on until it is ready, as the spawn page does.

        Args:
            tell: is given each message of the progress.

        Raises:
            WorkshopError: the server did not start, with what the spawn page said.
        """
        async with self.http.get(f"{self.url}/hub/spawn/{quote(self.name)}") as answer:
            if answer.url.path.startswith(f"/user/{quote(self.name)}/"):
                return  # it runs already, and this is its own page
            if answer.status != 200:
                said = _PARAGRAPH.search((await answer.text()).partition('class="error"')[2])
                reason = unescape(said[1]).strip() if said else f"HTTP {answer.status}"
                raise WorkshopError(f"The server of {self.name} did not start: {reason}")
        async for event in self._progress():
            tell(str(event.get("message", "")))
            if event.get("failed"):
                raise WorkshopError(f"The server of {self.name} did not start: {event.get('message')}")
            if event.get("ready"):
                return
        raise WorkshopError(f"The server of {self.name} was not ready: its progress ended before.")

    async def _progress(self) -> AsyncIterator[dict[str, Any]]:
        address = f"{self.url}/hub/api/users/{quote(self.name)}/server/progress"
        limit = aiohttp.ClientTimeout(total=SPAWN_SECONDS)
        async with self.http.get(address, headers=self._as_script("/hub/"), timeout=limit) as answer:
            if answer.status != 200:
                raise WorkshopError(f"The hub answered {answer.status} when asked how {self.name}'s server comes on.")
            async for line in answer.content:
                if line.startswith(b"data:"):
                    yield json.loads(line[5:])

    async def open_lab(self) -> None:
        """Load JupyterLab's page, by way of the hub's OAuth, so that the server knows the browser.

        Raises:
            WorkshopError: something else came than the page.
        """
        text = await self._page(f"{self.server_url}/lab")
        if "jupyter-config-data" not in text:
            raise WorkshopError(f"{self.name} asked for JupyterLab, and another page came.")

    async def server(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the participant's Jupyter server, as JupyterLab's scripts do.

        Args:
            method: of HTTP.
            path: below the server's address, such as `/api/sessions`.
            body: goes as JSON.

        Returns:
            The answer's JSON; None where there is none.

        Raises:
            WorkshopError: the answer is an error.
        """
        return await self._ask(method, self.server_url + path, body, self._as_script(f"/user/{self.name}/"))

    async def api(self, method: str, path: str) -> Any:
        """Ask the hub, as its pages' scripts do.

        Args:
            method: of HTTP.
            path: below the API's address, such as `user`.

        Returns:
            The answer's JSON; None where there is none.

        Raises:
            WorkshopError: the answer is an error.
        """
        return await self._ask(method, f"{self.url}/hub/api/{path}", None, self._as_script("/hub/"))

    async def _ask(self, method: str, address: str, body: Any, headers: Mapping[str, str]) -> Any:
        async with self.http.request(method, address, json=body, headers=headers) as answer:
            if answer.status >= 400:
                raise WorkshopError(f"{method} {answer.url.path} was answered with {answer.status}.")
            return await answer.json() if answer.content_type == "application/json" else None

    def _as_script(self, path: str) -> dict[str, str]:
        """What a page's script adds: the cookie against forged requests once more, as a header."""
        cookies = [each.value for each in self.http.cookie_jar if each.key == "_xsrf" and each["path"] == path]
        return {"X-XSRFToken": cookies[0]} if cookies else {}

    async def _page(self, address: str) -> str:
        async with self.http.get(address, headers={"Sec-Fetch-Mode": "navigate"}) as answer:
            if answer.status != 200:
                raise WorkshopError(f"{self.name} asked for {answer.url.path}, and got {answer.status}.")
            return await answer.text()


def _xsrf_of(page: str) -> str:
    found = _XSRF.search(page)
    if found is None:
        raise WorkshopError("The hub's login page has no form that could be filled in.")
    return unescape(found[1])


@asynccontextmanager
async def hub_session(url: str, name: str) -> AsyncIterator[HubSession]:
    """A browser of one's own for a participant, closed at the end.

    Args:
        url: the hub's public address.
        name: the participant's.
    """
    jar = aiohttp.CookieJar(unsafe=True)  # keeps those of a bare IP address too
    limit = aiohttp.ClientTimeout(total=120)
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=limit, trust_env=False) as http:
        yield HubSession(url, name, http)
