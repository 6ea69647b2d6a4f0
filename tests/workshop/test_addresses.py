"""By which addresses a room comes to this machine."""

from __future__ import annotations

import ipaddress

import pytest

from workshop import addresses


def test_only_addresses_that_others_can_type() -> None:
    """No loopback, each once; there may be none where there is no network."""
    found = addresses.own_addresses()

    assert len(found) == len(set(found))
    assert not any(ipaddress.ip_address(address).is_loopback for address in found)


def test_without_a_network_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a system gives itself then leads nobody here."""
    monkeypatch.setattr(addresses, "_towards_others", lambda: "")
    monkeypatch.setattr(addresses, "_of_interfaces", lambda: ["127.0.0.1", "169.254.3.4"])

    assert addresses.own_addresses() == []
    assert addresses.urls(f"http://{addresses.ALL}:8000/", addresses.ALL) == ["http://127.0.0.1:8000/"]
