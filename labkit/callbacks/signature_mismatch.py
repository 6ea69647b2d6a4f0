"""Why a signature is wrong: for which URL Twilio must have made it, and what differs; for the log, not the sender.

It is found by trying (`url_variants`, `form_variants`): the Auth Token signs each, and the one that gives the signature
that came is the one that was signed. That is work which a stranger can ask for, so a request has a bound, and so has a
second.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from labkit.callbacks.exchanges import cut, shown_url
from labkit.callbacks.form_variants import form_variants
from labkit.callbacks.signature import HEADER, Params, SignatureCheck
from labkit.callbacks.url_variants import UrlHints, url_differences, url_variants
from labkit.settings import hide_passwords

SEARCHES_PER_SECOND = 5
"""How many requests are looked into."""
SIGNED_CHARACTERS = 16 * 1024
"""Of a form, beyond which it is not tried: a callback has two attributes of 4 KiB, and some short fields."""
FORWARDED = ("X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix")
"""Headers in which a proxy says how a request came to it."""
_EACH = 3  # hosts of a header with several that are tried
_URL_LENGTH = 300  # characters of a URL that are shown


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfitRequest:
    """A callback whose signature does not fit.

    Attributes:
        signature: what came as `X-Twilio-Signature`.
        told: the URL that was expected to be signed: the public one, with path and query as sent.
        seen: the URL as it came in here.
        prefix: the path of the public URL; empty where it has none.
        params: the form's fields, or the text of what is no form.
        forwarded: the headers of `FORWARDED`, empty where there is none.
        known: URLs that TaskRouter was told before, or has now.
    """

    signature: str
    told: str
    seen: str
    prefix: str = ""
    params: Params | str
    body: bytes = b""
    forwarded: Mapping[str, str]
    known: Sequence[str] = ()


class MismatchSearch:
    """Looks for what was signed, a few times a second.

    Args:
        check: has the Auth Token.
        clock: seconds that only grow.
    """

    def __init__(self, check: SignatureCheck, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._check = check
        self._clock = clock
        self._begun: list[float] = []
        self._lock = threading.Lock()

    def explain(self, unfit: UnfitRequest) -> str:
        """What was signed and what differs, in sentences; or that it could not be found, and what that means."""
        if not self._may_look():
            return f"{HEADER} is wrong. So many wrong ones come that not each is looked into."
        try:
            return self._explained(unfit)
        except ValueError:  # a URL that cannot be taken apart
            return _nothing_fits(unfit)

    def _explained(self, unfit: UnfitRequest) -> str:
        if isinstance(unfit.params, str) and self._check.is_over(unfit.told, unfit.signature):
            return _body_changed(unfit)
        signed = unfit.params.signed_text() if isinstance(unfit.params, Params) else ""
        if len(signed) > SIGNED_CHARACTERS:
            return f"{HEADER} is wrong, and the form is too large for a callback, so it was not looked into."
        urls = url_variants(unfit.told, seen=unfit.seen, hints=_hints(unfit))
        found = next((url for url in urls if self._check.is_over(f"{url}{signed}", unfit.signature)), None)
        return _other_url(unfit, found) if found is not None else self._form_changed(unfit) or _nothing_fits(unfit)

    def _form_changed(self, unfit: UnfitRequest) -> str:
        for words, params in form_variants(unfit.params):
            for url in dict.fromkeys((unfit.told, unfit.seen)):
                if self._check.is_over(f"{url}{params.signed_text()}", unfit.signature):
                    return f"{HEADER} fits the URL {_shown(url)}, but the form was changed on the way: {words}."
        return ""

    def _may_look(self) -> bool:
        now = self._clock()
        with self._lock:
            self._begun = [begun for begun in self._begun if now - begun < 1]
            if len(self._begun) >= SEARCHES_PER_SECOND:
                return False
            self._begun.append(now)
        return True


def _hints(unfit: UnfitRequest) -> UrlHints:
    def said(name: str) -> list[str]:
        return [each.strip() for each in unfit.forwarded.get(name, "").split(",") if each.strip()][:_EACH]

    is_form = isinstance(unfit.params, Params)
    return UrlHints(
        known=unfit.known,
        prefix=unfit.prefix,
        schemes=said("X-Forwarded-Proto"),
        netlocs=[*said("X-Forwarded-Host"), *_with_ports(said("X-Forwarded-Host"), said("X-Forwarded-Port"))],
        prefixes=said("X-Forwarded-Prefix"),
        body_hash="" if is_form else hashlib.sha256(unfit.body).hexdigest(),
    )


def _with_ports(hosts: Iterable[str], ports: Sequence[str]) -> list[str]:
    return [f"{host}:{port}" for host in hosts for port in ports]


def _other_url(unfit: UnfitRequest, signed: str) -> str:
    differences = url_differences(signed, unfit.told)
    return (
        f"The URL that was signed differs from the lab's by {'; '.join(differences)}. Twilio signed {_shown(signed)}, "
        f"the lab expects {_shown(unfit.told)}, and it was reached as {_shown(unfit.seen)}. "
        f"{_remedy(signed, unfit.told)}"
    )


def _remedy(signed: str, told: str) -> str:
    one, other = urlsplit(signed), urlsplit(told)
    if (one.scheme, one.netloc) != (other.scheme, other.netloc):
        return (
            "If that is this lab's address for the world, start it with public_url= that address; if not, have "
            "TaskRouter told the right one: lab.take_callbacks()."
        )
    return "Something on the way changed it, or TaskRouter was told another one: lab.take_callbacks() tells it anew."


def _body_changed(unfit: UnfitRequest) -> str:
    return (
        f"{HEADER} fits the URL {_shown(unfit.told)}, but the body was changed on the way: its SHA-256 is "
        f"{hashlib.sha256(unfit.body).hexdigest()}, and the URL's bodySHA256 says another."
    )


def _nothing_fits(unfit: UnfitRequest) -> str:
    return (
        f"{HEADER} fits neither {_shown(unfit.told)}, which the lab expects, nor {_shown(unfit.seen)}, as which it was "
        "reached, nor any URL like these: it was made with another Auth Token, or the body was changed on the way."
    )


def _shown(url: str) -> str:
    return cut(hide_passwords(shown_url(url)), _URL_LENGTH)
