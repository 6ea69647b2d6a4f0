"""What can go wrong with ngrok, each in a sentence with its remedy.

ngrok's own words are shown only for what is not in the list, since it repeats a refused authtoken in them.
Codes: https://ngrok.com/docs/errors/
"""

from __future__ import annotations

import re

from labkit.errors import TunnelError

DASHBOARD = "https://dashboard.ngrok.com"
TOKEN_PAGE = f"{DASHBOARD}/get-started/your-authtoken"
WITHOUT = "or do without a tunnel: tunnel='loopback' with the sandbox"
_SET_TOKEN = f"Copy yours from {TOKEN_PAGE} into NGROK_AUTHTOKEN (in the environment or .env)"
_WORDS_LENGTH = 200  # characters of ngrok's own words that are shown

_TOKEN_REFUSED = ("ngrok refused the authtoken", f"{_SET_TOKEN}.")
_UNVERIFIED = (
    "ngrok wants the authtoken of a verified account",
    f"Verify your e-mail address at {DASHBOARD}. {_SET_TOKEN}.",
)
_ONLINE = (
    "ngrok is already online for this account, perhaps left over from another notebook or computer",
    f"End it there, or at {DASHBOARD}/agents, and try again; {WITHOUT}.",
)
_DOMAIN = ("ngrok does not give this account that domain", f"NGROK_DOMAIN must be one listed at {DASHBOARD}/domains.")

_KNOWN = {
    "ERR_NGROK_105": _TOKEN_REFUSED,
    "ERR_NGROK_106": _TOKEN_REFUSED,
    "ERR_NGROK_107": _TOKEN_REFUSED,
    "ERR_NGROK_4018": _UNVERIFIED,
    "ERR_NGROK_6022": _UNVERIFIED,
    "ERR_NGROK_108": _ONLINE,
    "ERR_NGROK_334": _ONLINE,
    "ERR_NGROK_313": _DOMAIN,
    "ERR_NGROK_319": _DOMAIN,
    "ERR_NGROK_320": _DOMAIN,
    "ERR_NGROK_121": ("ngrok is too old a version for its service", "Install a newer one and set NGROK_PATH to it."),
}
TOKEN_CODES = frozenset(code for code, what in _KNOWN.items() if what in (_TOKEN_REFUSED, _UNVERIFIED))


def missing_token() -> TunnelError:
    """No authtoken is set, and nobody can be asked."""
    return TunnelError(f"ngrok needs an authtoken and none is set. {_SET_TOKEN}, {WITHOUT}.")


def already_here() -> TunnelError:
    """This kernel has an ngrok agent that the tunnel did not start."""
    return TunnelError(
        "ngrok already runs in this notebook's kernel, and the lab opens no second one. Close that first, with "
        "lab.stop() or pyngrok.ngrok.kill(), or restart the kernel."
    )


def missing_program(path: object) -> TunnelError:
    """The program that the settings name is not there."""
    return TunnelError(
        f"There is no ngrok program at {str(path)!r}. Set NGROK_PATH to where it is, leave it out to have ngrok "
        f"downloaded, {WITHOUT}."
    )


def not_downloaded(reason: str) -> TunnelError:
    """ngrok is not installed, and pyngrok could not fetch it."""
    return TunnelError(
        f"ngrok is not installed and could not be downloaded ({reason}). Install it from https://ngrok.com/download "
        f"and set NGROK_PATH to it, {WITHOUT}."
    )


def silent(seconds: float) -> TunnelError:
    """The agent runs but did not open a tunnel within the deadline."""
    return TunnelError(
        f"ngrok did not open a tunnel within {seconds:g} s, so it was ended. Check that this computer may reach the "
        f"internet on port 443, and try again; {WITHOUT}."
    )


def refused(words: str, *, secret: str) -> TunnelError:
    """ngrok would not open the tunnel.

    Args:
        words: all that it said, in which its error code is looked for.
        secret: the authtoken, which must not be seen in what is shown of them.
    """
    found = re.search(r"ERR_NGROK_\d+", words)
    if found and found[0] in _KNOWN:
        what, remedy = _KNOWN[found[0]]
        return TunnelError(f"{what} ({found[0]}). {remedy}", ngrok_code=found[0])
    shown = " ".join(words.replace(secret, "•••").split())[:_WORDS_LENGTH].rstrip(" .") or "it ended without a word"
    if not found:
        return TunnelError(f"ngrok could not open a tunnel: {shown}. Try again, {WITHOUT}.")
    page = f"https://ngrok.com/docs/errors/{found[0].lower()}"
    return TunnelError(f"ngrok could not open a tunnel ({found[0]}): {shown}. See {page}.", ngrok_code=found[0])
