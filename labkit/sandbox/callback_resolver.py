"""From a callback URL's name to addresses, of which only those are given out that may be called.

The check by name has been made before; this one is made at the very moment of connecting, with the addresses that are
connected to. So a name that was allowed cannot be turned round later to an address inside of this network.
"""

from __future__ import annotations

import socket

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from labkit.sandbox.callback_hosts import CallbackHosts, why_never


class AddressRefused(OSError):
    """None of the addresses of a name may be called."""


class CallbackResolver(AbstractResolver):
    """Resolves names for callbacks. Addresses in a URL do not come here; `CallbackHosts.objection` judges them.

    Args:
        hosts: which addresses may be called.
    """

    def __init__(self, hosts: CallbackHosts) -> None:
        self._hosts = hosts
        self._names: AbstractResolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a name that may be called.

        Raises:
            AddressRefused: it has none.
            OSError: there is no such name.
        """
        if host == "localhost":  # never asked of anybody, as RFC 6761 has it; so nobody's slow answer delays it
            return [_loopback(address, port) for address in ("127.0.0.1", "::1") if _is_of(family, address)]
        found = await self._names.resolve(host, port, family)
        allowed = [result for result in found if self._hosts.may_reach(host, result["host"])]
        if not allowed:
            addresses = sorted({result["host"] for result in found})
            never = next(filter(None, map(why_never, addresses)), None)
            why = never or "that is no public address; allow the address itself to call it"
            raise AddressRefused(f"{host} is {', '.join(addresses)}; {why}")
        return allowed

    async def close(self) -> None:
        await self._names.close()


def _is_of(family: socket.AddressFamily, address: str) -> bool:
    return family in (socket.AF_UNSPEC, socket.AF_INET6 if ":" in address else socket.AF_INET)


def _loopback(address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return ResolveResult(hostname="localhost", host=address, port=port, family=family, proto=0, flags=flags)
