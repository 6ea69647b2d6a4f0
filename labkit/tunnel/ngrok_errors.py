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
_BILLING = f"{DASHBOARD}/billing"
_USAGE = f"What is used stands at {DASHBOARD}/usage, and what a larger plan lets through at {_BILLING}."
_WORDS_LENGTH = 200  # characters of ngrok's own words that are shown

_TOKEN_REFUSED = ("ngrok refused the authtoken", f"{_SET_TOKEN}.")
_UNVERIFIED = (
    "ngrok wants the authtoken of a verified account",
    f"Verify your e-mail address at {DASHBOARD}. {_SET_TOKEN}.",
)
_SUSPENDED = ("ngrok has suspended this account", f"Write to support@ngrok.com, or use another account's; {WITHOUT}.")
_UNPAID = ("ngrok could not collect the last payment for this account", f"Settle it at {_BILLING}; {WITHOUT}.")
_NOT_FROM_HERE = (
    "ngrok does not let this account's agents in from this computer's IP address",
    f"Change its restrictions at {DASHBOARD}/ip-restrictions, or use another network; {WITHOUT}.",
)
_TOO_OLD = (
    "ngrok is too old a version for its service",
    "Run 'ngrok update', or install a newer one from https://ngrok.com/download and set NGROK_PATH to it.",
)
_TOO_MANY_AGENTS = (
    "This ngrok account has as many agents online as its plan allows, perhaps one left over on another computer",
    f"End one there, or at {DASHBOARD}/agents, and try again; {WITHOUT}.",
)
_TOO_MANY_ENDPOINTS = (
    "This ngrok account has as many endpoints online as its plan allows",
    f"End one at {DASHBOARD}/endpoints, and try again; {WITHOUT}.",
)
_ONLINE = (
    "ngrok has this address online already, perhaps for another notebook or computer",
    f"End it there, or at {DASHBOARD}/agents, and try again; {WITHOUT}.",
)
_DOMAIN = (
    "ngrok does not give this account that domain",
    f"Set NGROK_DOMAIN to one that is listed at {DASHBOARD}/domains, or leave it out.",
)
_SOMEBODY_ELSES = (
    "That domain is reserved for another ngrok account",
    f"Use the authtoken of that account, or set NGROK_DOMAIN to one that is listed at {DASHBOARD}/domains.",
)
_BURST = (
    "More came in through ngrok at once than its plan lets through, so some was turned away",
    f"Wait a minute. {_USAGE}",
)
_SPENT = ("This ngrok account has used up what its plan lets through in a month", f"{_USAGE}")
_OFFLINE = (
    "No agent of ngrok's is connected for this address",
    "Start the one that leads here; the lab's own is opened in its status.",
)
_NOBODY_THERE = (
    "ngrok's agent found nobody at the port that it leads to",
    "Have it lead to http://127.0.0.1 and this lab's port.",
)

_KNOWN = {
    "ERR_NGROK_102": _UNPAID,
    "ERR_NGROK_103": _SUSPENDED,
    "ERR_NGROK_105": _TOKEN_REFUSED,
    "ERR_NGROK_106": _TOKEN_REFUSED,
    "ERR_NGROK_107": _TOKEN_REFUSED,
    "ERR_NGROK_108": _TOO_MANY_AGENTS,
    "ERR_NGROK_115": _NOT_FROM_HERE,
    "ERR_NGROK_116": _NOT_FROM_HERE,
    "ERR_NGROK_120": _TOO_OLD,
    "ERR_NGROK_121": _TOO_OLD,
    "ERR_NGROK_300": _TOKEN_REFUSED,
    "ERR_NGROK_313": _DOMAIN,
    "ERR_NGROK_319": _DOMAIN,
    "ERR_NGROK_320": _SOMEBODY_ELSES,
    "ERR_NGROK_324": _TOO_MANY_ENDPOINTS,
    "ERR_NGROK_334": _ONLINE,
    "ERR_NGROK_702": _BURST,
    "ERR_NGROK_703": _BURST,
    "ERR_NGROK_716": _UNVERIFIED,
    "ERR_NGROK_717": _UNVERIFIED,
    "ERR_NGROK_718": _BURST,
    "ERR_NGROK_720": _BURST,
    "ERR_NGROK_727": _SPENT,
    "ERR_NGROK_734": _BURST,
    "ERR_NGROK_3200": _OFFLINE,
    "ERR_NGROK_4018": _UNVERIFIED,
    "ERR_NGROK_6022": _UNVERIFIED,
    "ERR_NGROK_8012": _NOBODY_THERE,
}
TOKEN_CODES = frozenset(code for code, what in _KNOWN.items() if what in (_TOKEN_REFUSED, _UNVERIFIED))
ONLINE_CODES = frozenset(code for code, what in _KNOWN.items() if what in (_TOO_MANY_AGENTS, _ONLINE))


def explained(code: str) -> str | None:
    """What an error code of ngrok's means and what to do, in sentences; None for one that is not in the list.

    Args:
        code: such as `ERR_NGROK_702`, as it also stands in the header `Ngrok-Error-Code` of an answer of ngrok's own.
    """
    if code not in _KNOWN:
        return None
    what, remedy = _KNOWN[code]
    return f"{what} ({code}). {remedy}"


def page_of(code: str) -> str:
    """Where ngrok explains one of its codes."""
    return f"https://ngrok.com/docs/errors/{code.lower()}"


def missing_token() -> TunnelError:
    """No authtoken is set, and nobody can be asked."""
    return TunnelError(f"ngrok needs an authtoken and none is set. {_SET_TOKEN}, {WITHOUT}.")


def from_file(error: TunnelError, *, path: object) -> TunnelError:
    """The authtoken that was refused is not one that the lab was given: it says whose it is."""
    return TunnelError(f"{error} The one that was refused stands in {path}.", ngrok_code=error.ngrok_code)


def already_here() -> TunnelError:
    """This kernel has an ngrok agent that the tunnel did not start."""
    return TunnelError(
        "ngrok already runs in this notebook's kernel, and the lab opens no second one. Close that first, with "
        "lab.stop() or pyngrok.ngrok.kill(), or restart the kernel."
    )


def online_here(error: TunnelError, *, owners: list[int]) -> TunnelError:
    """The agent that is in the way belongs to another kernel of this user's, on this computer.

    Args:
        error: what ngrok said, with one of `ONLINE_CODES`.
        owners: the process numbers of those kernels.
    """
    which = f"process {owners[0]}" if len(owners) == 1 else f"processes {', '.join(map(str, owners))}"
    return TunnelError(
        f"Another notebook of yours on this computer has ngrok open ({which}), and your plan allows no second one "
        f"({error.ngrok_code}). Run labkit.stop() there, or shut its kernel down, and try again; {WITHOUT}.",
        ngrok_code=error.ngrok_code,
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


def unreachable(words: str, *, secret: str) -> TunnelError:
    """The agent runs, and cannot reach ngrok's service: an offline computer, a firewall, a proxy.

    Args:
        words: the agent's own.
        secret: the authtoken, which must not be seen in what is shown of them.
    """
    return TunnelError(
        f"ngrok cannot reach its service from this computer ({_shown(words, secret)}), so it was ended. Check the "
        f"internet connection, and that port 443 is open; behind a company's proxy set HTTPS_PROXY to it; {WITHOUT}."
    )


def disconnected(words: str, *, secret: str) -> str:
    """An agent that was connected has lost its service and tries to come back; what that means. Arguments as above."""
    found = re.search(r"ERR_NGROK_\d+", words)
    known = explained(found[0]) if found else None
    why = known or f"ngrok's agent lost the connection to its service ({_shown(words, secret)})."
    return f"{why} It tries to come back by itself; nothing comes in until then."


def _shown(words: str, secret: str) -> str:
    """Of ngrok's own words what is shown, without the authtoken."""
    masked = words.replace(secret, "•••") if secret else words
    return " ".join(masked.split())[:_WORDS_LENGTH].rstrip(" .") or "it does not say why"


def refused(words: str, *, secret: str) -> TunnelError:
    """ngrok would not open the tunnel.

    Args:
        words: all that it said, in which its error code is looked for.
        secret: the authtoken, which must not be seen in what is shown of them.
    """
    found = re.search(r"ERR_NGROK_\d+", words)
    known = explained(found[0]) if found else None
    if found and known:
        return TunnelError(known, ngrok_code=found[0])
    shown = _shown(words, secret)
    if not found:
        return TunnelError(f"ngrok could not open a tunnel: {shown}. Try again, {WITHOUT}.")
    page = page_of(found[0])
    return TunnelError(f"ngrok could not open a tunnel ({found[0]}): {shown}. See {page}.", ngrok_code=found[0])
