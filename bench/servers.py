"""What is measured against: the least that Flask on waitress, or aiohttp, can be; and the callback server alone.

``python -m bench.servers flask|aiohttp|callbacks`` prints ``{"url": …}`` and serves until it is ended.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
import threading

from labkit.errors import LabError

HOST = "127.0.0.1"
ANSWER: dict[str, str] = {}


def serve_flask() -> None:
    """A JSON route on waitress, with as many threads as the callback server has."""
    from flask import Flask
    from waitress.server import create_server

    from labkit.callbacks.waitress_server import THREADS

    app = Flask(__name__)
    app.post("/")(lambda: ANSWER)
    server = create_server(app, host=HOST, port=0, threads=THREADS)
    _say(url=f"http://{HOST}:{server.effective_port}/")
    server.run()


def serve_aiohttp() -> None:
    """A JSON route for GET and POST; POST reads its form, as any such route must."""
    asyncio.run(_serve_aiohttp())


def serve_callbacks() -> None:
    """The lab's callback server, as a lab starts it."""
    from labkit.callbacks import CallbackServer
    from labkit.settings import Secret
    from labkit.stream import EventStream

    token = secrets.token_hex(16)
    server = CallbackServer(EventStream(), auth_token=Secret(token))
    server.start()
    _say(url=server.assignment_url, auth_token=token)
    threading.Event().wait()


async def _serve_aiohttp() -> None:
    from aiohttp import web

    async def answer(request: web.Request) -> web.Response:
        if request.method == "POST":
            await request.post()
        return web.json_response(ANSWER)

    app = web.Application()
    app.router.add_route("*", "/", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, HOST, 0)
    await site.start()
    _, port = runner.addresses[0][:2]
    _say(url=f"http://{HOST}:{port}/")
    await asyncio.Event().wait()


def _say(**facts: str) -> None:
    # To the process that started this one, through a pipe: the token is made up and lives as long as the run.
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


SERVERS = {"flask": serve_flask, "aiohttp": serve_aiohttp, "callbacks": serve_callbacks}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in SERVERS:
        raise LabError(f"Which server? One of: {', '.join(SERVERS)}.")
    SERVERS[sys.argv[1]]()
