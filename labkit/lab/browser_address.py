"""How a person's browser reaches a port of this computer: by its number, or through the Jupyter server they work in.

On Binder, JupyterHub and Codespaces the browser is on another computer, and only the Jupyter server can be reached from
there; jupyter-server-proxy, an extension of it, leads on to `/proxy/<port>/`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

HERE = "http://127.0.0.1"


def address(port: int, environ: Mapping[str, str] = os.environ) -> str:
    """By which address a browser reaches this port, without a slash at the end.

    Returns:
        A URL for a browser on this computer; on JupyterHub, Binder and Codespaces a path of the Jupyter server, or its
        whole URL where the hub tells it.
    """
    prefix = environ.get("JUPYTERHUB_SERVICE_PREFIX")
    if prefix is not None:
        return f"{_host_of_hub(environ, prefix)}{prefix.rstrip('/')}/proxy/{port}"
    if environ.get("CODESPACES") == "true":
        return through_jupyter(port, environ) or f"{HERE}:{port}"  # an editor there leads ports on by itself
    return f"{HERE}:{port}"


def through_jupyter(port: int, environ: Mapping[str, str] = os.environ) -> str:
    """The path of the Jupyter server that this kernel belongs to; empty where there is none."""
    from jupyter_core.paths import jupyter_runtime_dir

    told = Path(jupyter_runtime_dir()) / f"jpserver-{environ.get('JPY_PARENT_PID', '')}.json"
    try:
        base_url = str(json.loads(told.read_text(encoding="utf-8"))["base_url"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return f"{base_url.rstrip('/')}/proxy/{port}"


def _host_of_hub(environ: Mapping[str, str], prefix: str) -> str:
    url = environ.get("JUPYTERHUB_PUBLIC_URL", "").rstrip("/")
    return url.removesuffix(prefix.rstrip("/")) if url.endswith(prefix.rstrip("/")) else ""
