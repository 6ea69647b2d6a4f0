"""URLs that Twilio may have signed instead of the one that a lab expects, and what differs between two URLs. Pure.

What a signature was made for cannot be read off it, so whoever wants to know tries: the URL with one thing changed,
then with two. Nothing here decides whether a request is let in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, permutations
from urllib.parse import SplitResult, parse_qsl, quote, quote_plus, unquote, unquote_plus, urlsplit, urlunsplit

from labkit.callback_events import ASSIGNMENT_ROUTE, EVENT_ROUTE

MOST = 400
"""URLs that are tried for one request."""
_MOST_PARAMETERS = 8  # of a query, which are left out one by one
_MOST_ORDERED = 4  # of a query, of which every order is tried
_PATH_SIGNS = "/:@!$&'()*+,;=-._~"
_NAME_LENGTH = 40  # characters of a parameter's name that are shown


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlHints:
    """What else may have been signed, beside what is expected.

    Attributes:
        known: whole URLs that TaskRouter has or had, such as those of the lab before its tunnel got another address.
        prefix: the path of the lab's public URL, such as `/labs/ana`; empty where it has none.
        schemes, netlocs, prefixes: what the request says of how it came. Anybody can write that; it is only tried.
        body_hash: the SHA-256 of the body in hex digits, which Twilio puts into the query of what is no form.
    """

    known: Sequence[str] = ()
    prefix: str = ""
    schemes: Sequence[str] = ()
    netlocs: Sequence[str] = ()
    prefixes: Sequence[str] = ()
    body_hash: str = ""


def url_variants(told: str, *, seen: str, hints: UrlHints) -> Iterator[str]:
    """URLs that may have been signed, the likeliest first, each once; `MOST` at most.

    Args:
        told: the URL that the lab expects to be signed.
        seen: the URL as it came in here.
        hints: see there.

    Raises:
        ValueError: one of the two cannot be taken apart.
    """
    yield from islice(dict.fromkeys((seen, *hints.known, *_variants(urlsplit(told), urlsplit(seen), hints))), MOST)


def _variants(told: SplitResult, seen: SplitResult, hints: UrlHints) -> Iterator[str]:
    changes: dict[str, list[str]] = {
        "scheme": _others(told.scheme, [seen.scheme, *hints.schemes, "https", "http"]),
        "netloc": _others(told.netloc, _netlocs(told.netloc, [seen.netloc, *hints.netlocs])),
        "path": _others(told.path, _paths(told.path, hints)),
        "query": _others(told.query, _queries(told.query, hints.body_hash)),
    }
    for part, values in changes.items():
        yield from (_with(told, {part: value}) for value in values)
    likeliest = {part: values[:2] for part, values in changes.items()}
    for three in combinations(likeliest, 3):
        yield from _all_of(told, {part: likeliest[part] for part in three})
    for two in combinations(changes, 2):
        yield from _all_of(told, {part: changes[part] for part in two})


def _all_of(told: SplitResult, changes: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Every combination with one value of each part."""
    chosen: list[dict[str, str]] = [{}]
    for part, values in changes.items():
        chosen = [{**each, part: value} for each in chosen for value in values]
    yield from (_with(told, each) for each in chosen)


def _with(url: SplitResult, changed: Mapping[str, str]) -> str:
    return urlunsplit(url._replace(fragment="", **changed))


def _others(value: str, candidates: Iterable[str]) -> list[str]:
    return [each for each in dict.fromkeys(candidates) if each != value]


def _netlocs(told: str, more: Sequence[str]) -> Iterator[str]:
    """Other hosts, and the expected one with another port or with none."""
    yield from more
    host, ports = without_port(told), [each.rpartition(":")[2] for each in more if each != without_port(each)]
    yield host
    yield from (f"{host}:{port}" for port in (*ports, "443", "80", "8443", "8080"))
    yield from (without_port(each) for each in more)
    yield told.lower()


def without_port(netloc: str) -> str:
    """A host as it stands in a URL, without its port; an IPv6 address keeps its brackets."""
    name, colon, port = netloc.rpartition(":")
    return name if colon and port.isdigit() else netloc


def _paths(path: str, hints: UrlHints) -> Iterator[str]:
    yield path.removesuffix("/") if path.endswith("/") else f"{path}/"
    bare = path.removeprefix(hints.prefix)
    yield bare
    yield f"{hints.prefix}/{bare}"
    yield from (f"{each.rstrip('/')}{bare}" for each in hints.prefixes)
    yield re.sub("/{2,}", "/", path)
    yield from (unquote(path), quote(unquote(path), safe=_PATH_SIGNS), path.lower())
    yield from (f"{hints.prefix}{route}" for route in (ASSIGNMENT_ROUTE, EVENT_ROUTE, "/", ""))


def _queries(query: str, body_hash: str) -> Iterator[str]:
    pieces = query.split("&") if query else []
    yield ""
    if body_hash:
        yield "&".join([*pieces, f"bodySHA256={body_hash}"])
    if len(pieces) > _MOST_PARAMETERS:
        return
    yield from ("&".join(pieces[:number] + pieces[number + 1 :]) for number in range(len(pieces)))
    yield from ("&".join(some) for some in (sorted(pieces), pieces[::-1]))
    yield from ("&".join(_written_anew(piece, way) for piece in pieces) for way in _WAYS_TO_WRITE)
    if len(pieces) <= _MOST_ORDERED:
        yield from ("&".join(some) for some in permutations(pieces))


def _written_anew(piece: str, way: Callable[[str], str]) -> str:
    name, sign, value = piece.partition("=")
    return f"{way(unquote_plus(name))}{sign}{way(unquote_plus(value))}"


def _with_small_hex(text: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), quote(text, safe=""))


_WAYS_TO_WRITE: tuple[Callable[[str], str], ...] = (quote_plus, quote, str, _with_small_hex)


def url_differences(signed: str, told: str) -> list[str]:
    """What differs between the URL that was signed and the one that is expected, in words such as `the scheme`.

    Raises:
        ValueError: one of the two cannot be taken apart.
    """
    one, other = urlsplit(signed), urlsplit(told)
    found = [
        one.scheme != other.scheme and f"the scheme ({one.scheme}, not {other.scheme})",
        without_port(one.netloc) != without_port(other.netloc) and "the host",
        _port(one) != _port(other) and f"the port ({_port(one) or 'none'}, not {_port(other) or 'none'})",
        *_path_differences(one.path, other.path),
        *_query_differences(one.query, other.query),
    ]
    return [each for each in found if each]


def _port(url: SplitResult) -> str:
    return url.netloc.rpartition(":")[2] if without_port(url.netloc) != url.netloc else ""


def _path_differences(signed: str, told: str) -> list[str]:
    if signed == told:
        return []
    if signed.rstrip("/") == told.rstrip("/"):
        return ["a slash at the end of the path"]
    if re.sub("/{2,}", "/", signed) == re.sub("/{2,}", "/", told):
        return ["a doubled slash in the path"]
    if unquote(signed) == unquote(told):
        return ["how signs in the path are written (%…)"]
    if signed.lower() == told.lower():
        return ["capital letters in the path"]
    return ["the path"]


def _query_differences(signed: str, told: str) -> list[str]:
    if signed == told:
        return []
    was, now = (parse_qsl(each, keep_blank_values=True) for each in (signed, told))
    if was == now:
        return ["how the query is written (%… or +)"]
    if sorted(was) == sorted(now):
        return ["the order of the query's parameters"]
    before, after = dict(was), dict(now)
    return [
        *(f"the parameter {_name(each)}, which was lost on the way" for each in before if each not in after),
        *(f"the parameter {_name(each)}, which was added on the way" for each in after if each not in before),
        *(
            f"the value of the parameter {_name(each)}"
            for each in before
            if before[each] != after.get(each, before[each])
        ),
    ] or ["the query"]


def _name(name: str) -> str:
    return name if len(name) <= _NAME_LENGTH else f"{name[:_NAME_LENGTH]}…"
