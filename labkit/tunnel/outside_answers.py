"""What answers in the lab's place at its public URL, told by its answer, with what to do. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from labkit.public_address import JUPYTER_INSTEAD, JUPYTER_LETS_THROUGH, port_in
from labkit.tunnel import ngrok_errors

_HOST_LENGTH, _NAME_LENGTH = 80, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideAnswer:
    """What came back; headers by their names in small letters, the body as text and cut to a bound."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def of_lab(self) -> Mapping[str, Any]:
        """What a lab says of itself; nothing where it is no lab's answer."""
        try:
            said = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return said if isinstance(said, dict) and said.get("app") == "labkit" and self.status == 200 else {}

    @property
    def is_of_lab(self) -> bool:
        """Whether a lab says it, this one or another."""
        return bool(self.of_lab)

    @property
    def ngrok_code(self) -> str:
        """Why ngrok's service answers itself, by its header (https://ngrok.com/docs/errors); mostly empty."""
        said = self.headers.get("ngrok-error-code", "")
        return said if re.fullmatch(r"ERR_NGROK_\d{1,6}", said) else ""

    @property
    def is_page(self) -> bool:
        """Whether it is one for people."""
        return "html" in self.headers.get("content-type", "") or self.body.lstrip()[:1] == "<"


def explained(answer: OutsideAnswer, *, url: str, own_pid: int) -> str:
    """What answered at `url`, where a request has not come in at the lab: in sentences, with what to do.

    Args:
        answer: whatever it is; nothing in it is believed.
        url: the public URL.
        own_pid: of the process that should have answered.
    """
    found = next(filter(None, (says(answer, url) for says in _SAYS)), None)
    if answer.is_of_lab:
        return _another_lab(answer.of_lab, url, own_pid)
    return found or (
        f"Something else than this lab answers at {url} (status {answer.status}). It has to lead on to this lab's "
        "port, with every path below it."
    )


def _another_lab(said: Mapping[str, Any], url: str, own_pid: int) -> str:
    if said.get("pid") == own_pid:
        return f"At {url} an old answer of this lab was given by a proxy that keeps answers. It must keep none."
    notebook = re.sub(r"[^\w .()-]", "", str(said.get("notebook") or ""))[:_NAME_LENGTH]
    whose = f"in notebook {notebook}" if notebook else f"of process {str(said.get('pid'))[:10]}"
    return (
        f"Another lab, the one {whose}, answers at {url}. Stop that one, or have the address lead to this lab's port."
    )


def _of_ngrok(answer: OutsideAnswer, url: str) -> str:
    code = answer.ngrok_code
    if not code:
        return ""
    return ngrok_errors.explained(code) or (
        f"ngrok answers at {url} in place of the lab ({code}). See {ngrok_errors.page_of(code)}."
    )


def _sent_on(answer: OutsideAnswer, url: str) -> str:
    if not 300 <= answer.status < 400:
        return ""
    to = urlsplit(urljoin(f"{url}/healthz", answer.headers.get("location", "")))
    host, own = (to.hostname or "")[:_HOST_LENGTH], urlsplit(url).hostname
    if host.endswith("cloudflareaccess.com"):
        return _CLOUDFLARE_ACCESS.format(url=url)
    if _is_codespaces(url) and ("signin" in to.path or host != own):
        return _codespaces_private(url)
    if re.search(r"/hub/(login|api/oauth2)|/login$", to.path):
        return f"At {url} a Jupyter server asks for its login. {JUPYTER_LETS_THROUGH}. Instead, {JUPYTER_INSTEAD}."
    if host == own:
        return (
            f"{url} sends on to another address of the same host ({to.path[:_HOST_LENGTH]}), where TaskRouter's POST "
            "does not follow. Give the address to which it sends, or have it lead here at once."
        )
    return (
        f"{url} sends on to {host}, perhaps for a login. TaskRouter cannot log in, so it has to come through without."
    )


def _refused(answer: OutsideAnswer, url: str) -> str:
    if answer.status not in (401, 403, 407):
        return ""
    if _is_codespaces(url):
        return _codespaces_private(url)
    if any(name.startswith("cf-access") for name in answer.headers):
        return _CLOUDFLARE_ACCESS.format(url=url)
    return (
        f"What stands in between wants a login at {url} (status {answer.status}). TaskRouter has none: let POSTs to "
        "/assignment_callback and /event_callback through, which the lab checks by their signature."
    )


def _nothing_behind(answer: OutsideAnswer, url: str) -> str:
    if answer.status == 530 or "error code: 1033" in answer.body[:2_000].lower():
        return f"Cloudflare answers at {url}, and no cloudflared is connected to it. Start it: cloudflared tunnel run."
    if answer.status in (502, 503, 504):
        return (
            f"The proxy at {url} answers, and finds nothing behind it (status {answer.status}). It has to lead on to "
            "http://127.0.0.1 and this lab's port, on this computer."
        )
    return ""


def _not_there(answer: OutsideAnswer, url: str) -> str:
    if answer.status != 404:
        return ""
    if _is_codespaces(url):
        return (
            f"Codespaces knows no port {port_in(url) or ''} at {url}. Forward it in the Ports view, and make it public."
        )
    return (
        f"Another program answers at {url}, and knows nothing of the lab (status 404). The address leads to another "
        "port, or the proxy needs a rule for this path and all below it."
    )


def _page_between(answer: OutsideAnswer, url: str) -> str:
    if not (200 <= answer.status < 300 and answer.is_page):
        return ""
    return (
        f"At {url} a page for people answers and not the lab: a warning that a tunnel shows first, a login, or another "
        "program. TaskRouter cannot click: it has to be switched off, or the address has to lead elsewhere."
    )


_SAYS: tuple[Callable[[OutsideAnswer, str], str], ...] = (
    _of_ngrok,
    _sent_on,
    _refused,
    _nothing_behind,
    _not_there,
    _page_between,
)

_CLOUDFLARE_ACCESS = (
    "Cloudflare Access asks for a login at {url}, which TaskRouter does not have. Give the paths /assignment_callback "
    "and /event_callback a policy that bypasses it; the lab checks their signature."
)


def _is_codespaces(url: str) -> bool:
    return (urlsplit(url).hostname or "").endswith((".app.github.dev", ".devtunnels.ms"))


def _codespaces_private(url: str) -> str:
    port = port_in(url) or ""
    return (
        f"The port is private: at {url} GitHub asks for a login. Make it public, in the Ports view or with `gh "
        f"codespace ports visibility {port}:public`; your organisation may forbid that."
    )
