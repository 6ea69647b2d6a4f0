"""The proxy before the hub: which program it is, and how it is told what to do.

It is a process of its own and not the hub's child, so a hub that is started again drops nobody's connection.
"""

from __future__ import annotations

import secrets
import shutil
import sys
from pathlib import Path

from workshop.settings import Workshop, WorkshopError

TOKEN_VARIABLE = "CONFIGPROXY_AUTH_TOKEN"  # noqa: S105  # the variable's name
PROGRAM = "configurable-http-proxy"
NODE_MODULES = Path(sys.prefix) / "lib" / "node_modules"
"""Where `make workshop-setup` puts npm's, inside of the environment."""


def program() -> list[str]:
    """The command that begins the proxy: npm's where it is installed, else PyPI's of the same name.

    Raises:
        WorkshopError: neither is installed.
    """
    script = NODE_MODULES / PROGRAM / "bin" / PROGRAM
    node = shutil.which("node")
    if node and script.exists():
        return [node, str(script)]
    from importlib.util import find_spec

    if find_spec("configurable_http_proxy") is None:
        raise WorkshopError("There is no proxy to stand before the hub. `make workshop-setup` installs one.")
    return [sys.executable, "-c", "from configurable_http_proxy.cli import main; main()"]


def command(workshop: Workshop, pid_file: Path) -> list[str]:
    """The program with its arguments; what it is told of its routes comes over a port of this machine alone."""
    options = ["--ip", workshop.host, "--port", str(workshop.port)]
    options += ["--api-ip", "127.0.0.1", "--api-port", str(workshop.proxy_api_port)]
    options += ["--error-target", f"http://127.0.0.1:{workshop.hub_port}/hub/error"]
    if workshop.tls_key and workshop.tls_cert:
        options += ["--ssl-key", str(workshop.tls_key), "--ssl-cert", str(workshop.tls_cert)]
    return [*program(), *options, "--pid-file", str(pid_file)]


def token(workshop: Workshop) -> str:
    """What the hub and the proxy know each other by; made at random the first time, and kept for this user alone."""
    file = workshop.hub_folder / "proxy_token"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(32), encoding="utf-8")
    return file.read_text(encoding="utf-8")
