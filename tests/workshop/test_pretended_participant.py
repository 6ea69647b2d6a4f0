"""What a pretended participant makes of pages, messages and notebooks; whole visits: `test_what_goes_wrong.py`."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import nbformat
import pytest
from aiohttp import web
from tracked import ROOT
from traitlets.config import Config

from workshop.configuration import configure
from workshop.rehearsal.first_notebook import CLICKS, PATH, played_cells
from workshop.rehearsal.hub_session import HubSession, hub_session
from workshop.rehearsal.kernel_socket import CellRun, KernelSocket
from workshop.settings import Workshop, WorkshopError

FORM = '<form><input name="_xsrf" value="a&amp;b" /></form>'


def test_the_clicks_come_after_cells_that_are_there() -> None:
    """The notebook's cells in their order, each with what a person then does; the last is its check."""
    cells = list(played_cells(nbformat.read(ROOT / "notebooks" / PATH, as_version=4)))
    names = [cell.name for cell in cells]

    assert [name for name in CLICKS if name not in names] == []
    assert [names[names.index(name) + 1] for name in CLICKS] == [f"the clicks after {name}" for name in CLICKS]
    assert [cell.is_last for cell in cells] == [False] * (len(cells) - 1) + [True]
    assert "lab.check()" in cells[-1].code


@asynccontextmanager
async def serving(*routes: web.RouteDef) -> AsyncIterator[str]:
    """A server in the hub's place."""
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


def page(text: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A handler that answers with a page."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=text, content_type="text/html")

    return answer


async def refused(action: Callable[[HubSession], Awaitable[Any]], *routes: web.RouteDef) -> str:
    """What the session says when the hub is such."""
    async with serving(*routes) as url, hub_session(url, "ana") as hub:
        with pytest.raises(WorkshopError) as caught:
            await action(hub)
    return str(caught.value)


def test_a_refused_login_says_what_the_page_says() -> None:
    """The hub answers with the form once more."""
    said = f'{FORM}<p class="login_error">\n Invalid username &amp; password \n</p>'
    routes = web.get("/hub/login", page(FORM)), web.post("/hub/login", page(said))

    assert asyncio.run(refused(lambda hub: hub.log_in("x"), *routes)) == (
        "The hub did not let ana in: Invalid username & password"
    )


def test_a_login_page_without_a_form_is_a_sentence() -> None:
    """As where another program listens at that port."""
    assert "no form" in asyncio.run(refused(lambda hub: hub.log_in("x"), web.get("/hub/login", page("hello"))))


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ('data: {"progress": 100, "failed": true, "message": "no room"}\n\n', "did not start: no room"),
        ('data: {"progress": 10, "message": "queued"}\n\n', "its progress ended before"),
    ],
)
def test_a_server_that_does_not_start_is_a_sentence(events: str, said: str) -> None:
    """With what the progress says, or that it broke off."""
    routes = web.get("/hub/spawn/ana", page("")), web.get("/hub/api/users/ana/server/progress", page(events))

    assert said in asyncio.run(refused(lambda hub: hub.start_server(), *routes))


def test_a_start_is_waited_for_as_long_as_the_hub_waits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever is last in a long queue is not said to have failed while the hub still starts the server."""
    waits: list[float | None] = []
    get = aiohttp.ClientSession.get

    def noting(http: aiohttp.ClientSession, url: str, **options: Any) -> Any:
        waits.append(options["timeout"].total if "timeout" in options else None)
        return get(http, url, **options)

    monkeypatch.setattr(aiohttp.ClientSession, "get", noting)
    routes = web.get("/hub/spawn/ana", page("")), web.get("/hub/api/users/ana/server/progress", page(""))
    asyncio.run(refused(lambda hub: hub.start_server(), *routes))
    (workshop := Workshop(folder=tmp_path)).hub_folder.mkdir()
    configure(config := Config(), workshop)

    assert waits == [None, config.ParticipantSpawner.start_timeout]


def test_a_server_that_is_refused_says_what_the_page_says() -> None:
    """As on the hub's own page of an error."""
    text = '<p>menu</p><div class="error"><h1>500</h1>\n<p>The disk &amp; all is full.</p></div>'

    async def refusal(_: web.Request) -> web.Response:
        return web.Response(status=500, text=text, content_type="text/html")

    said = asyncio.run(refused(lambda hub: hub.start_server(), web.get("/hub/spawn/ana", refusal)))
    assert said == "The server of ana did not start: The disk & all is full."


def test_an_error_of_the_participants_server_is_a_sentence() -> None:
    """With what was asked, and the status."""
    assert asyncio.run(refused(lambda hub: hub.server("GET", "/api/sessions"))) == (
        "GET /user/ana/api/sessions was answered with 404."
    )


def in_binary(document: dict[str, Any]) -> bytes:
    """A message that has buffers, as the server sends it."""
    text, buffer = json.dumps(document).encode(), b"\x00\x01"
    return struct.pack("!3i", 2, 12, 12 + len(text)) + text + buffer


def messages_of(request: dict[str, Any]) -> list[dict[str, Any]]:
    """A kernel's answer: the idle of an earlier cell, a panel, a line, then reply and idle."""
    own = {"parent_header": request["header"]}

    def message(kind: str, content: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"header": {"msg_type": kind}, "content": content, **own, **more}

    return [
        message("status", {"execution_state": "idle"}, parent_header={"msg_id": "another"}),
        message("display_data", {"data": {"application/vnd.jupyter.widget-view+json": {}}}),
        message("stream", {"text": "hello"}),
        message("status", {"execution_state": "idle"}),
        message("execute_reply", {"status": "error", "ename": "ValueError", "evalue": "no"}),
    ]


async def _kernel(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    asked = await socket.receive_json()
    for message in messages_of(asked):
        await socket.send_bytes(in_binary(message))
    await socket.receive()
    await socket.close()
    return socket


async def _two_cells() -> tuple[CellRun, list[bool], str]:
    panels: list[bool] = []
    async with (
        serving(web.get("/kernel", _kernel)) as url,
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{url}kernel") as opened,
    ):
        socket = KernelSocket(opened, client="me")
        run = await socket.run("1", on_output=lambda run: panels.append(run.has_panel))
        with pytest.raises(WorkshopError) as caught:
            await socket.run("2")
        assert not socket.is_open
    return run, panels, str(caught.value)


def test_a_cell_is_done_when_it_is_answered_and_idle() -> None:
    """Whatever comes first; what belongs to another cell is not this one's. A websocket that ends is a sentence."""
    run, panels, end = asyncio.run(_two_cells())

    assert (run.text.strip(), run.error, panels) == ("hello", "ValueError: no", [True, True])
    assert "websocket was closed" in end
