"""LookOnlyKernel: the kernel of a page that may be shown to a room. It runs the notebook, and then no more code."""

from __future__ import annotations

import sys
from typing import Any

from ipykernel.ipkernel import IPythonKernel

NO_CODE = "This page only looks on; its kernel runs no code."

_FROM_A_PAGE = {"comm_open", "comm_msg", "comm_close", "comm_info_request", "kernel_info_request", "execute_request"}
_ON_CONTROL = {"kernel_info_request", "interrupt_request", "shutdown_request"}
_ASKS_FOR_STATES = "jupyter.widget.control"


class LookOnlyKernel(IPythonKernel):
    """Hears what a page of panels needs: which panels there are, and messages to them.

    Voilà runs the notebook as any page could, by `execute_request`, so that is heard until `labkit.start()` was
    called; no debugger, completion or history is there at all, and a page makes no widgets of its own.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)  # type: ignore[no-untyped-call]
        self.shell_handlers = {name: each for name, each in self.shell_handlers.items() if name in _FROM_A_PAGE}
        self.control_handlers = {name: each for name, each in self.control_handlers.items() if name in _ON_CONTROL}
        self._open_comm = self.shell_handlers["comm_open"]
        self.shell_handlers["comm_open"] = self.comm_open
        self._has_run = False

    async def execute_request(self, stream: Any, ident: Any, parent: Any) -> None:
        """Run a cell of the notebook; afterwards say that nothing is run."""
        if not self._has_run:
            await super().execute_request(stream, ident, parent)  # type: ignore[no-untyped-call]
            # Whether it began a lab or failed at that: after it nothing is left to be run.
            self._has_run = "labkit._runtime" in sys.modules
        elif self.session is not None:
            error = {"status": "error", "ename": "LookOnly", "evalue": NO_CODE, "traceback": [NO_CODE]}
            reply = {**error, "execution_count": self.execution_count}
            self.session.send(stream, "execute_reply", reply, parent, ident=ident)

    def comm_open(self, stream: Any, ident: Any, msg: Any) -> None:
        """Let a page ask for the states of the panels, and open nothing else."""
        if msg["content"].get("target_name") == _ASKS_FOR_STATES:
            self._open_comm(stream, ident, msg)
