"""Opens the first notebook in JupyterLab (`make lab`), or the desk as an app without code (`make desk`).

JupyterLab or Voilà runs in this process, so that Ctrl-C and a signal reach it and nothing else has to be ended.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from labkit.app.warm_kernel import WarmKernel
from labkit.course.copies import renew_copies
from labkit.errors import LabError

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = "notebooks"
COPIES = "work"
"""Where the learner works; git ignores it."""
FIRST_NOTEBOOK = "00_start_here.ipynb"
DESK_NOTEBOOK = "desk.ipynb"
APP = Path(__file__).resolve().parents[1] / "app"
"""What Voilà finds below `voila/templates` is the page around the desk."""
_EXTENSIONS_OF_DESK = (
    "@jupyter-widgets/jupyterlab-manager",
    "@voila-dashboards/widgets-manager8",
    "anywidget",
)
"""What of JupyterLab's extensions the page loads before it draws: plotly's alone, which nothing here uses, has 5 MB."""
_GIVES_TOKEN = re.compile(r"--?(\w+\.)*token=")


def launch(arguments: Sequence[str] = ()) -> int:
    """Serve JupyterLab with the learner's copy of the first notebook until it is stopped; return the exit status.

    Args:
        arguments: JupyterLab's own, such as ``["--no-browser", "--port", "9000"]``; they win over the lab's.

    Raises:
        LabError: the notebooks are not beside the package, they cannot be copied, or JupyterLab is not installed.
    """
    _must_be_there(FIRST_NOTEBOOK)
    for newer in renew_copies(ROOT / NOTEBOOKS, into=ROOT / COPIES):
        print(f"A newer lesson lies beside one that you have changed: {COPIES}/{newer.name}")
    print("Starting JupyterLab …", flush=True)
    server = _server(command_line(arguments, environ=os.environ))
    print(_welcome(server), flush=True)
    # Said above, with the notebook in it; Jupyter would say it once more, and without.
    server.identity_provider.token_generated = False
    try:
        server.start()
    finally:
        end_waiting_threads()
    return 0


def launch_desk(arguments: Sequence[str] = ()) -> int:
    """Serve the desk as a page of its own until it is stopped; return the exit status.

    Args:
        arguments: Voilà's own, such as ``["--no-browser", "--port=9000"]``; they win over the lab's.

    Raises:
        LabError: the notebooks are not beside the package, Voilà is not installed, or a token stands among the
            arguments.
    """
    _must_be_there(DESK_NOTEBOOK)
    if any(_GIVES_TOKEN.match(argument) for argument in arguments):
        raise LabError(
            "Everybody on this computer can read a command line. Put your token into the variable JUPYTER_TOKEN, or "
            "into a file that JUPYTER_TOKEN_FILE names; without either the desk makes one."
        )
    print("Starting the desk …", flush=True)
    warm = WarmKernel() if os.name == "posix" else None  # Windows hands a kernel more than a line can tell
    try:
        return _serve_desk(desk_command_line(arguments, environ=os.environ), warm)
    finally:
        if warm is not None:
            warm.end()
        end_waiting_threads()


def _serve_desk(command: list[str], warm: WarmKernel | None) -> int:
    try:
        with _without_grammar_of_iris():
            from labkit.app.server import DeskServer
    except ImportError as error:
        raise LabError(f"Voilà cannot be imported ({error}). Run `make setup`, or `pip install -e .`.") from error
    # Where Voilà looks for templates it reads from the environment only.
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(APP), os.environ.get("JUPYTER_PATH")]))
    DeskServer.launch_instance(command, warm_kernel=warm)
    return 0


def end_waiting_threads() -> None:
    """End the threads in which AnyIO runs what would block, now that the server's loop has stopped.

    They end with the loop's first task; Jupyter stops the loop, so that task never ends, and neither would the process.
    """
    for thread in threading.enumerate():
        stop = getattr(thread, "stop", None)
        if thread.name == "AnyIO worker thread" and callable(stop):
            stop()


def desk_command_line(arguments: Sequence[str], *, environ: Mapping[str, str]) -> list[str]:
    """Voilà's arguments for the desk, in this environment, followed by `arguments`."""
    command = [
        str(ROOT / NOTEBOOKS / DESK_NOTEBOOK),
        "--Voila.ip=127.0.0.1",
        "--template=taskrouter-lab",
        # A kernel that was started anew would have no desk in it.
        "--KernelManager.autorestart=False",
        *(f"--VoilaConfiguration.extension_allowlist={name}" for name in _EXTENSIONS_OF_DESK),
    ]
    if not _has_display(environ):
        command.append("--no-browser")
    return [*command, *arguments]


def command_line(arguments: Sequence[str], *, environ: Mapping[str, str]) -> list[str]:
    """JupyterLab's arguments for the first notebook, in this environment, followed by `arguments`."""
    command = [
        str(ROOT / COPIES / FIRST_NOTEBOOK),
        f"--ServerApp.root_dir={ROOT}",
        "--ServerApp.answer_yes=True",  # one Ctrl-C ends it, as is said
        "--log-level=WARN",
        "--LabApp.log_level=WARN",
        # A workshop starts with the notebook, not with a question about news, and asks the internet nothing.
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        # It moves the settings of Notebook 6, of which there are none, and reads every old name: a DeprecationWarning.
        "--ServerApp.jpserver_extensions=notebook_shim=False",
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
    return urlunsplit(parts._replace(path=f"{base_url}lab/tree/{COPIES}/{FIRST_NOTEBOOK}", query=query))


def _must_be_there(notebook: str) -> None:
    if not (ROOT / NOTEBOOKS / notebook).is_file():
        raise LabError(
            f"There is no {NOTEBOOKS}/{notebook} in {ROOT}. The lab runs from a clone of its repository; "
            "run `make lab` there."
        )


def _server(command: list[str]) -> ServerApp:
    try:
        with _without_grammar_of_iris():
            from jupyterlab.labapp import LabApp
    except ImportError as error:
        raise LabError(f"JupyterLab cannot be imported ({error}). Run `make setup`, or `pip install -e .`.") from error
    server: ServerApp = LabApp.initialize_server(argv=command)
    return server


@contextlib.contextmanager
def _without_grammar_of_iris() -> Iterator[None]:
    """Two thirds of what importing Jupyter takes is a grammar of IRIs, which jsonschema does without, as nothing here.

    Python takes a None there for a module that is not installed.
    """
    before = sys.modules.get("rfc3987_syntax")
    sys.modules["rfc3987_syntax"] = before  # type: ignore[assignment]
    try:
        yield
    finally:
        if before is None:
            del sys.modules["rfc3987_syntax"]


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
