"""DeskKernels: a kernel for each page of the desk, for as long as there is that page, and not more than so many."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado import web
from traitlets import Bool, Integer

from labkit.app.warm_kernel import WarmKernel

PING_INTERVAL_MS = 10_000
"""How often a page is asked whether it is there; it may leave three unanswered, so one that fell silent is known to be
gone after 40 s. With the timeout and the interval below that is less than two minutes in all."""


class _Provisioner(LocalProvisioner):
    """Makes a kernel of an interpreter that is warm; starts one as always where that cannot be."""

    warm: WarmKernel | None = None

    async def launch_kernel(self, cmd: list[str], **settings: Any) -> Any:
        environ = {**settings["env"], "JPY_PARENT_PID": str(os.getpid())}  # a kernel ends with its server
        folder = str(settings.get("cwd") or Path.cwd())
        if self.warm is None or not self.warm.become(cmd, environ=environ, folder=folder):
            return await super().launch_kernel(cmd, **settings)
        self.process, self.warm, self.cwd = self.warm.process, None, folder
        self.pid = self.pgid = self.process.pid  # it leads a session of its own
        return self.connection_info


class DeskKernels(AsyncMappingKernelManager):
    """Ends the kernel of a page that is gone; Jupyter's own culler goes by what a kernel does, and ours draw always.

    A page is there while it has its websocket open, so the kernel of a bare GET is one that nobody ever came for.
    Jupyter's settings are taken: `MappingKernelManager.cull_idle_timeout`, 0 to keep all, and `cull_interval`.
    """

    cull_idle_timeout = Integer(60, config=True, help="Seconds without a page after which a kernel is ended.")
    cull_interval = Integer(10, config=True, help="Seconds between two looks for such kernels.")
    most_kernels = Integer(16, config=True, help="How many pages may be open; each kernel takes some 100 MB.")

    look_only = Bool(False, help="Whether the pages only look on: their panels refuse what acts, their kernels code.")

    warm: WarmKernel | None = None
    """What the first kernel is made of."""

    def __init__(self, **settings: Any) -> None:
        self._last_seen: dict[str, float] = {}
        self._door = asyncio.Lock()
        super().__init__(**settings)  # type: ignore[no-untyped-call]

    async def start_kernel(self, *args: Any, **settings: Any) -> str:  # type: ignore[override]  # as Jupyter's own
        """Start the kernel of a new page; returns its id.

        Raises:
            HTTPError: 503, there are as many as may be.
        """
        async with self._door:  # one after the other, or many at once would all find room
            if len(self) >= self.most_kernels:
                raise web.HTTPError(503)
            if self.look_only:
                settings = {**settings, **_look_only(settings.get("env") or os.environ)}
            kernel_id: str = await super().start_kernel(*args, **settings)
        self._last_seen[kernel_id] = time.monotonic()
        return kernel_id

    def pre_start_kernel(self, kernel_name: str | None, kwargs: Any) -> tuple[Any, str, str]:
        """Make its manager, which starts it from the warm interpreter while there is one."""
        manager, name, kernel_id = super().pre_start_kernel(kernel_name, kwargs)
        if self.warm is not None:
            spec = manager.kernel_spec
            manager.provisioner = _Provisioner(kernel_id=kernel_id, kernel_spec=spec, parent=manager)
            manager.provisioner.warm, self.warm = self.warm, None
        return manager, name, kernel_id

    def notify_disconnect(self, kernel_id: str) -> None:
        """The page has closed its websocket: it comes back at once, or it is gone."""
        super().notify_disconnect(kernel_id)  # type: ignore[no-untyped-call]
        self._last_seen[kernel_id] = time.monotonic()

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """End it if its page is gone: nobody has been there for a while, and the page is not being made either."""
        is_made = getattr(self._kernels[kernel_id], "execution_state", "") in {"starting", "busy"}
        now = time.monotonic()
        if self._kernel_connections.get(kernel_id) or is_made:
            self._last_seen[kernel_id] = now
        elif now - self._last_seen.setdefault(kernel_id, now) >= self.cull_idle_timeout:
            self.log.info("No page has kernel %s any more; it is ended.", kernel_id)
            await self.shutdown_kernel(kernel_id)  # type: ignore[no-untyped-call]
            del self._last_seen[kernel_id]


def _look_only(environ: Mapping[str, str]) -> dict[str, Any]:
    """What such a kernel is started with: the lab and its panels go by the variable."""
    kernel = "--IPKernelApp.kernel_class=labkit.app.look_only_kernel.LookOnlyKernel"
    return {"extra_arguments": [kernel], "env": {**environ, "LABKIT_LOOK_ONLY": "true"}}
