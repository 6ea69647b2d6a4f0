"""What the place where a notebook runs (Binder, JupyterHub, Codespaces, Colab) lets in and out, for a real account.

docs/where-it-runs.md tells more. What is said is what these places document; no place is asked.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from labkit.public_address import JUPYTER_LETS_THROUGH
from labkit.settings import Settings

_CODESPACES_DOMAIN = "app.github.dev"
_A_PORT = 8000

_BINDER = (
    "You are on Binder: it is somebody else's computer, so give it only the Auth Token of an account for trying. "
    "It lets requests out on ports 80 and 443, slowly; ngrok speaks on 443 and may work, not promised. Its own "
    f"address is no way in. {JUPYTER_LETS_THROUGH}. The sandbox needs none of this."
)
_JUPYTERHUB = (
    f"You are on a JupyterHub, whose own address is no way in for Twilio. {JUPYTER_LETS_THROUGH}. Use ngrok, if this "
    "computer may reach it, or have whoever runs the hub lead an address of its own to your port."
)
_COLAB = (
    "You are on Colab, whose addresses for ports work only in the browser that you are logged in with. Use ngrok, if "
    "Colab's terms let you."
)


def note_on_place(settings: Settings, environ: Mapping[str, str] = os.environ) -> str:
    """What a lab with a real account should know of where it runs, in sentences; empty where there is nothing to say.

    Args:
        settings: of the lab; with a sandbox nothing has to come in or go out.
        environ: of the kernel, in which each of these places names itself.
    """
    if settings.mode != "twilio":
        return ""
    if environ.get("BINDER_LAUNCH_HOST") or environ.get("BINDER_REPO_URL"):
        return _BINDER
    return _note_without_address(environ) if settings.public_url is None else ""


def _note_without_address(environ: Mapping[str, str]) -> str:
    """What leads to an address that Twilio can reach, where the lab was given none."""
    if environ.get("CODESPACES") == "true":
        return _codespaces(environ)
    if environ.get("JUPYTERHUB_SERVICE_PREFIX"):
        return _JUPYTERHUB
    return _COLAB if environ.get("COLAB_RELEASE_TAG") else ""


def _codespaces(environ: Mapping[str, str]) -> str:
    name = environ.get("CODESPACE_NAME") or "NAME"
    domain = environ.get("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN") or _CODESPACES_DOMAIN
    return (
        f"You are in a Codespace, which has addresses of its own. Make port {_A_PORT} public (in the Ports view, or by "
        f"`gh codespace ports visibility {_A_PORT}:public`), and start with "
        f"public_url='https://{name}-{_A_PORT}.{domain}', port={_A_PORT}; then no ngrok is needed."
    )
