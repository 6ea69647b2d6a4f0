"""Who may be which Worker in a browser: a link works once and for a while, and what it is changed for is one page's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labkit.callbacks.agent_page.admissions import LINK_SECONDS, RIGHT_SECONDS, Admissions, NotAdmitted


class Clock:
    """Seconds that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
def admissions(clock: Clock) -> Admissions:
    """Nobody is invited yet."""
    return Admissions(clock)


def sign_in_of(name: str) -> Callable[[], dict[str, str]]:
    return lambda: {"worker": name}


def test_a_link_lets_in_once(admissions: Admissions) -> None:
    """The second time it says what to do, and nobody is let in."""
    link = admissions.invite(sign_in_of("Alice"))
    sign_in, right = admissions.redeem(link)
    assert sign_in() == {"worker": "Alice"}
    assert right != link
    with pytest.raises(NotAdmitted, match=r"opened before, and a link works once\. Run the cell with lab.agent_page"):
        admissions.redeem(link)


def test_the_right_lets_the_same_worker_in_again(admissions: Admissions) -> None:
    """As often as it is asked, and nobody else's page."""
    alice, bob = (admissions.redeem(admissions.invite(sign_in_of(name)))[1] for name in ("Alice", "Bob"))
    for right, name in ((alice, "Alice"), (bob, "Bob"), (alice, "Alice")):
        assert admissions.renew(right)() == {"worker": name}


def test_a_link_is_too_old_after_ten_minutes(admissions: Admissions, clock: Clock) -> None:
    """Until then it waits, while others are made."""
    first, second = (admissions.invite(sign_in_of("Alice")) for _ in range(2))
    clock.now += LINK_SECONDS
    admissions.redeem(first)
    clock.now += 1
    with pytest.raises(NotAdmitted, match="too old: it waits 10 minutes"):
        admissions.redeem(second)


def test_a_right_ends_when_nobody_uses_it(admissions: Admissions, clock: Clock) -> None:
    """Each use begins the time anew."""
    _, right = admissions.redeem(admissions.invite(sign_in_of("Alice")))
    for _ in range(3):
        clock.now += RIGHT_SECONDS
        admissions.renew(right)
    clock.now += RIGHT_SECONDS + 1
    with pytest.raises(NotAdmitted, match="away for too long"):
        admissions.renew(right)


def test_what_is_over_is_forgotten(admissions: Admissions, clock: Clock) -> None:
    """At the next invitation, so that a long day fills nothing."""
    for _ in range(20):
        admissions.invite(sign_in_of("Alice"))
    clock.now += LINK_SECONDS + 1
    admissions.invite(sign_in_of("Alice"))
    assert len(admissions._admissions) == 1


@pytest.mark.parametrize("text", ["", ".", "x", "x.y", "\ud800.\ud800", "{name}.", "{name}.wrong", "{name}.{right}x"])
def test_nobody_is_let_in_by_anything_else(admissions: Admissions, text: str) -> None:
    """Neither without a secret, nor with another one, nor before there is one."""
    link = admissions.invite(sign_in_of("Alice"))
    name, _, secret = link.partition(".")
    tried = text.replace("{name}", name).replace("{right}", secret)
    for attempt in (admissions.redeem, admissions.renew):
        with pytest.raises(NotAdmitted, match="knows nothing of this link"):
            attempt(tried)
    with pytest.raises(NotAdmitted):
        admissions.renew(link)
    _, right = admissions.redeem(link)
    with pytest.raises(NotAdmitted):
        admissions.redeem(right)


def test_from_outside_only_who_was_invited_from_there(admissions: Admissions, clock: Clock) -> None:
    """A link for this computer is unknown outside, and not used up by being tried."""
    local, public = admissions.invite(sign_in_of("Alice")), admissions.invite(sign_in_of("Bob"), public=True)
    with pytest.raises(NotAdmitted, match="knows nothing"):
        admissions.redeem(local, from_outside=True)
    _, right = admissions.redeem(local)
    with pytest.raises(NotAdmitted, match="knows nothing"):
        admissions.renew(right, from_outside=True)
    assert admissions.redeem(public, from_outside=True)[0]() == {"worker": "Bob"}
    assert admissions.any_public
    clock.now += RIGHT_SECONDS + 1
    assert not admissions.any_public


def test_secrets_are_not_kept(admissions: Admissions) -> None:
    """What is kept of a link and of a right is a digest."""
    link = admissions.invite(sign_in_of("Alice"))
    _, right = admissions.redeem(link)
    kept = repr(admissions._admissions)
    assert [secret for secret in (link, right) if secret.partition(".")[2] in kept] == []
