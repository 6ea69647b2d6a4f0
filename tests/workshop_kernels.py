"""What the tests do with a participant's kernel and server, beside what a pretended participant does."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from workshop.rehearsal.hub_session import HubSession
from workshop.rehearsal.kernel_socket import KernelSocket


async def said(kernel: KernelSocket, code: str, word: str) -> Any:
    """What the cell prints after that word, as JSON."""
    run = await kernel.run(code)
    assert run.error == "", run.error
    return json.loads(run.text.partition(f"{word} ")[2].splitlines()[0])


async def stop_server(hub: HubSession) -> None:
    """As the button in the hub's control panel does."""
    address, headers = f"{hub.url}/hub/api/users/{hub.name}", hub._as_script("/hub/")
    async with hub.http.delete(f"{address}/server", headers=headers) as answer:
        assert answer.status in {202, 204}
    async with asyncio.timeout(30):
        while True:
            async with hub.http.get(address, headers=headers) as answer:
                user = await answer.json()
            if not user["server"] and not user["pending"]:
                return
            await asyncio.sleep(0.1)  # the hub tells nobody when it is done
