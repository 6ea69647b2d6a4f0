"""How a lab recognises its own request to its public URL."""

from __future__ import annotations

from typing import Any

import pytest

from labkit.callbacks.probes import Probes


def test_a_number_is_taken_once_and_told_once() -> None:
    """Nobody who saw it on its way can use it again."""
    probes = Probes()
    number = probes.issue()
    assert probes.take(number, way=", somehow")
    assert not probes.take(number, way="")
    assert probes.way_of(number) == ", somehow"
    assert probes.way_of(number) is None


def test_what_was_not_sent_is_not_waited_for() -> None:
    """Neither a guess, nor nothing, nor what was asked about already."""
    probes = Probes()
    number = probes.issue()
    assert probes.way_of(number) is None
    assert [probes.take(each, way="") for each in ("", "guess", number)] == [False, False, False]


def test_a_number_is_waited_for_a_minute() -> None:
    """And eight at a time at most."""
    now = [0.0]
    probes = Probes(clock=lambda: now[0])
    late, numbers = probes.issue(), []
    now[0] = 60.0
    assert not probes.take(late, way="")
    numbers = [probes.issue() for _ in range(9)]
    assert [probes.take(each, way="") for each in numbers] == [False] + [True] * 8


def test_the_health_page_takes_it_and_says_how_it_came(caller: Any) -> None:
    """Whether a proxy has taken the path of the public URL off."""
    probes = caller.server.probes
    caller.server.set_public_url("https://example.com/labs/ana")
    numbers = [probes.issue(), probes.issue(), probes.issue()]
    for number, path in zip(numbers, ("", "/labs/ana"), strict=False):
        caller.client.get(f"{path}/healthz?probe={number}", base_url="https://example.com")
    assert probes.way_of(numbers[0]) == ", with the path /labs/ana taken off by the proxy"
    assert probes.way_of(numbers[1]) == ", with the path /labs/ana left on by the proxy"
    assert probes.way_of(numbers[2]) is None
    assert numbers[0] not in caller.client.get("/healthz").text


@pytest.mark.parametrize(
    ("headers", "hidden"),
    [
        ({"Host": "example.com"}, False),
        ({"Host": "127.0.0.1:8000", "X-Forwarded-Host": "inner.example, example.com"}, False),
        ({"Host": "127.0.0.1:8000"}, True),
    ],
)
def test_a_proxy_that_hides_the_host_is_told_of(caller: Any, headers: dict[str, str], hidden: bool) -> None:
    """Then a visitor from outside looks like one of this computer."""
    caller.server.set_public_url("https://example.com")
    number = caller.server.probes.issue()
    caller.client.get(f"/healthz?probe={number}", headers=headers)
    assert ("pass the Host header on" in caller.server.probes.way_of(number)) is hidden
