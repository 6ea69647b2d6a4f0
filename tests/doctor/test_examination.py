"""labkit.doctor.examination: checks side by side, each with a time limit, one cause one finding."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from labkit.doctor.examination import Check, Examination
from labkit.doctor.finding import Finding, bad, ok, said_and_remedy
from labkit.doctor.report import document, lines, summary
from labkit.doctor.surroundings import Surroundings
from labkit.errors import LabError

WHERE = Surroundings(
    environ={"TWILIO_AUTH_TOKEN": "made-up-auth-token", "LABKIT_PAGES_PASSWORD": "made-up-password"}, home=None
)


def examine(*checks: Check) -> list[Finding]:
    return list(Examination(checks, where=WHERE).findings(wait_seconds=0.01))


@pytest.fixture
def held() -> Iterator[threading.Event]:
    """Until it is set, a check hangs; it is set at the end."""
    event = threading.Event()
    yield event
    event.set()


def hangs(until: threading.Event) -> Callable[[Surroundings], Finding]:
    def look(_: Surroundings) -> Finding:
        until.wait()
        return ok("Back.")

    return look


def breaks(error: Exception) -> Callable[[Surroundings], Finding]:
    def look(_: Surroundings) -> Finding:
        raise error

    return look


def test_one_that_hangs_keeps_no_other_waiting(held: threading.Event) -> None:
    """It is given up after its time, and said to be wrong."""
    found = examine(Check(name="slow", look=hangs(held), seconds=0.05), Check(name="quick", look=lambda _: ok("Here.")))

    assert [(each.name, each.verdict) for each in found] == [("quick", "ok"), ("slow", "bad")]


def test_what_is_waited_for_is_told(held: threading.Event) -> None:
    """As long as nothing is known."""
    told: list[list[str]] = []
    examination = Examination([Check(name="slow", look=hangs(held))], where=WHERE)

    def on_wait() -> None:
        told.append(examination.waiting_for)
        held.set()

    [found] = examination.findings(on_wait=on_wait, wait_seconds=0.01)
    assert told[0] == ["slow"]
    assert found.said == "Back."


def test_one_that_breaks_is_a_finding_and_no_traceback() -> None:
    """A sentence of ours is taken as it is; anything else may be our own mistake, so it is only a warning."""
    ours, other = examine(
        Check(name="ours", look=breaks(LabError("The port is taken."))),
        Check(name="other", look=breaks(RuntimeError("the disk\nis gone"))),
    )

    assert (ours.verdict, ours.said) == ("bad", "The port is taken.")
    assert (other.verdict, other.said) == ("warn", "It could not be looked at: RuntimeError: the disk")


def test_what_needs_another_one_is_not_looked_at_where_that_is_bad() -> None:
    """Nor what needs that; the first cause is what is wrong."""
    found = examine(
        Check(name="ground", look=lambda _: bad("It shakes.", "Hold it.")),
        Check(name="house", look=lambda _: ok("It stands."), needs=("ground",)),
        Check(name="roof", look=lambda _: ok("It is dry."), needs=("house",)),
    )

    assert [(each.name, each.verdict) for each in found] == [
        ("ground", "bad"),
        ("house", "skipped"),
        ("roof", "skipped"),
    ]


def test_no_secret_is_in_a_finding() -> None:
    """Whatever a check says."""
    [found] = examine(
        Check(name="leak", look=lambda _: bad("Asked with made-up-auth-token.", "See http://ana:word@host/."))
    )

    assert found.said == "Asked with •••."
    assert found.remedy == "See http://ana:•••@host/."
    assert WHERE.hide("The page wants made-up-password.") == "The page wants •••."


def test_lines_are_as_wide_as_the_terminal_and_harmless() -> None:
    """The remedy stands after an arrow; what would move the cursor is taken out; without ticks there are letters."""
    found = Finding("bad", "It is \x1b[2Jwrong " * 8, "Do this.", name="state folder")
    shown = list(lines(found, width=50))

    assert shown[0].startswith("✗ state folder    It is  [2Jwrong")
    assert shown[-1] == " " * 16 + "→ Do this."
    assert max(map(len, shown)) <= 50
    assert next(lines(found, width=50, encoding="ascii")).startswith("X ")
    fine = Finding("ok", "It is well.", name="state folder")
    assert list(lines(fine, width=50, encoding="ascii")) == ["ok state folder    It is well."]


def test_the_end_counts_what_is_wrong() -> None:
    """And names it; a warning is none."""
    fine, wrong, doubt = Finding("ok", "", name="a"), Finding("bad", "", name="b"), Finding("warn", "", name="c")

    assert summary([fine]) == "Nothing is wrong."
    assert summary([fine, doubt]) == "Nothing is wrong. One thing to know of: c."
    assert summary([wrong, wrong]) == "Two things are wrong: b, b."
    assert (document([wrong, doubt])["wrong"], document([wrong, doubt])["warnings"]) == (1, 1)


@pytest.mark.parametrize(
    ("text", "said", "remedy"),
    [
        ("It is gone. Make it anew. Then go on.", "It is gone.", "Make it anew. Then go on."),
        ("It is gone.", "It is gone.", ""),
        ("It is gone: make it anew. (HTTP 404, code 20404)", "It is gone: make it anew. (HTTP 404, code 20404)", ""),
    ],
)
def test_what_to_do_comes_after_the_first_sentence(text: str, said: str, remedy: str) -> None:
    """And what Twilio has answered is nothing to do."""
    assert said_and_remedy(text) == (said, remedy)
