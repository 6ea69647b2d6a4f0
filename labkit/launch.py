"""Opens the first notebook in JupyterLab: what `make lab` and `python -m labkit lab` do.

JupyterLab runs in this process, so that Ctrl-C and a signal reach it and nothing else has to be ended.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from labkit.errors import LabError

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

ROOT = Path(__file__).resolve().parent.parent
FIRST_NOTEBOOK = "notebooks/00_start_here.ipynb"


def launch(arguments: Sequence[str] = ()) -> int:
    """Serve JupyterLab with the first notebook until it is stopped; return the exit status.

    Args:
        arguments: JupyterLab's own, such as ``["--no-browser", "--port", "9000"]``; they win over the lab's.

    Raises:
        LabError: the notebooks are not beside the package, or JupyterLab is not installed.
    """
    if not (ROOT / FIRST_NOTEBOOK).is_file():
        raise LabError(
            f"There is no {FIRST_NOTEBOOK} in {ROOT}. "
            "The lab runs from a clone of its repository; run `make lab` there."
        )
    print("Starting JupyterLab …", flush=True)
    server = _server(command_line(arguments, environ=os.environ))
    print(_welcome(server), flush=True)
    # Said above, with the notebook in it; Jupyter would say it once more, and without.
    server.identity_provider.token_generated = False
    server.start()
    return 0


def command_line(arguments: Sequence[str], *, environ: Mapping[str, str]) -> list[str]:
    """JupyterLab's arguments for the first notebook, in this environment, followed by `arguments`."""
    command = [
        str(ROOT / FIRST_NOTEBOOK),
        f"--ServerApp.root_dir={ROOT}",
        "--ServerApp.answer_yes=True",  # one Ctrl-C ends it, as is said
        "--log-level=WARN",
        "--LabApp.log_level=WARN",
        # A workshop starts with the notebook, not with a question about news, and asks the internet nothing.
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    if _is_root():
        command.append("--allow-root")
    if not _has_display(environ):
        command.append("--no-browser")
    return [*command, *arguments]


def address(local_url: str, *, base_url: str = "/") -> str:
    """The notebook's address on the server at `local_url`, with the token if that one shows it.

    Jupyter writes three dots for a token that the person chose; it is then left out, for they know it.
    """
    parts = urlsplit(local_url)
    query = "" if parts.query.endswith("=...") else parts.query
    return urlunsplit(parts._replace(path=f"{base_url}lab/tree/{FIRST_NOTEBOOK}", query=query))


def _server(command: list[str]) -> ServerApp:
    try:
        from jupyterlab.labapp import LabApp
    except ImportError as error:
        raise LabError(f"JupyterLab cannot be imported ({error}). Run `make setup`, or `pip install -e .`.") from error
    server: ServerApp = LabApp.initialize_server(argv=command)
    return server


def _welcome(server: ServerApp) -> str:
    where = address(server.local_url, base_url=server.base_url)
    return f"\nThe lab is ready. Open this address in your browser:\n\n    {where}\n\nStop it with Ctrl-C.\n"


def _is_root() -> bool:
    geteuid = getattr(os, "geteuid", None)  # Windows has none
    return geteuid is not None and geteuid() == 0


def _has_display(environ: Mapping[str, str]) -> bool:
    """Whether a browser can be opened here. `BROWSER` counts: editors set it to open pages elsewhere."""
    return not sys.platform.startswith("linux") or any(
        environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )
