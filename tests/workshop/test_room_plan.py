"""Before a room stands on an account of Twilio's: what it would make there is shown, and waits for a yes."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from account.whole_account import whole_account
from sandbox.local import TOKEN, LocalSandbox, local_sandbox
from twilio_stand_in import StandIn, twilio_stand_in

from labkit.sandbox_client.client import SandboxClient
from workshop import opening, walls
from workshop.hub_process import Hub
from workshop.parser import main
from workshop.room.workspace import NAME, found_or_made
from workshop.room_plan import room_plan
from workshop.settings import FILE, Workshop


@pytest.fixture
def sandbox() -> Iterator[LocalSandbox]:
    with local_sandbox() as running:
        yield running


@pytest.fixture
def twilio(sandbox: LocalSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """The account, which the instructor's shell has the credentials of."""
    with twilio_stand_in(sandbox.url, tmp_path) as stand_in:
        stand_in.lead_owner_here(monkeypatch)
        yield stand_in


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Workshop]:
    """The workshops whose doors were opened; no hub starts."""
    started: list[Workshop] = []
    monkeypatch.setattr(Hub, "start", lambda hub: started.append(hub.workshop))
    monkeypatch.setattr(walls, "trouble", lambda: "")
    monkeypatch.setattr(opening.os, "geteuid", lambda: 1000, raising=False)
    return started


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """What whoever sits at the terminal types; nothing where nobody does."""
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


def opening_of(tmp_path: Path) -> list[str]:
    """The command line."""
    return ["open", "--folder", str(tmp_path / "workshop"), "--room-mode", "twilio"]


@pytest.mark.usefixtures("twilio")
def test_it_is_shown_and_a_yes_opens_the_doors(
    tmp_path: Path,
    sandbox: LocalSandbox,
    opened: list[Workshop],
    answer: Callable[[str], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The hub's room makes it then. The next time the same is shown, and nobody is asked."""
    answer("yes\n")
    assert main(opening_of(tmp_path)) == 0
    said = capsys.readouterr().out

    assert 'Set-up in the account "Ana\'s" (AC…1111, full): 7 things to make.' in said
    assert "+ Workspace 'The room'" in said
    assert "+ Workflow 'Incoming Customer Care Requests'" in said
    assert "at most 50 in a run" in said
    assert f"-m workshop teardown --folder {tmp_path / 'workshop'}` takes back" in said
    assert "TWILIO_API_KEY_SID" in said
    assert "LABKIT_ROOM_PUBLIC_URL is not set: Twilio has no address" in said
    assert "The room stands on the account AC…1111 of Twilio's" in said
    assert TOKEN not in said
    assert [each.room_mode for each in opened] == ["twilio"]
    assert whole_account(sandbox.client()) == "{}"

    answer("")
    assert main(opening_of(tmp_path)) == 0
    assert "+ Workspace 'The room'" in capsys.readouterr().out


@pytest.mark.usefixtures("twilio")
@pytest.mark.parametrize(("typed", "told"), [("no\n", "Nothing was changed."), ("", "with --yes nobody is asked.")])
def test_without_a_yes_nothing_is_made_and_nothing_opens(
    tmp_path: Path,
    opened: list[Workshop],
    answer: Callable[[str], None],
    capsys: pytest.CaptureFixture[str],
    typed: str,
    told: str,
) -> None:
    answer(typed)
    assert main(opening_of(tmp_path)) == 1
    assert told in capsys.readouterr().out
    assert opened == []
    assert not (tmp_path / "workshop" / FILE).exists()


@pytest.mark.usefixtures("twilio")
def test_where_nobody_sits_yes_is_said_beforehand(
    tmp_path: Path, opened: list[Workshop], answer: Callable[[str], None]
) -> None:
    answer("")
    assert main([*opening_of(tmp_path), "--yes"]) == 0
    assert len(opened) == 1


def test_what_twilio_refuses_is_the_labs_own_sentence(
    tmp_path: Path, twilio: StandIn, opened: list[Workshop], capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anybody is asked."""
    twilio.account["status"] = "suspended"
    assert main([*opening_of(tmp_path), "--yes"]) == 1
    assert "The account AC…1111 is suspended" in capsys.readouterr().err

    twilio.plant(401, 20003, "Authenticate")
    assert main([*opening_of(tmp_path), "--yes"]) == 1
    assert "Twilio does not take TWILIO_AUTH_TOKEN for the account AC…1111" in capsys.readouterr().err
    assert opened == []


def test_what_is_listed_is_what_is_made(tmp_path: Path, twilio: StandIn, sandbox: LocalSandbox) -> None:
    """Request for request; afterwards there is nothing to do, and in this workshop nobody has made it."""
    planned = room_plan(Workshop(folder=tmp_path))
    assert twilio.paths("POST", "DELETE", "PUT") == []
    found_or_made(sandbox.client())
    listed = [line.text for line in planned.lines]
    [workspace] = sandbox.client().taskrouter.v1.workspaces.list()

    made = [f"Workspace {workspace.friendly_name!r}"]
    made += [f"TaskQueue {each.friendly_name!r}" for each in workspace.task_queues.list()]
    made += [f"Workflow {each.friendly_name!r}" for each in workspace.workflows.list()]
    assert {each for each in listed if "Activity" not in each} == set(made)
    after = room_plan(Workshop(folder=tmp_path))
    assert after.lines == ()
    assert "was there before, and no room of this workshop made it" in str(after)


def test_whom_taskrouter_told_before_is_shown_without_a_password(
    tmp_path: Path, twilio: StandIn, sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is taken over, so it is in the list."""
    monkeypatch.setenv("LABKIT_ROOM_PUBLIC_URL", "https://lab.example.org/services/room")
    sandbox.client().taskrouter.v1.workspaces.create(
        friendly_name=NAME,
        event_callback_url="https://me:planted@somebody.example.org/events",
        events_filter="task.created",
    )
    shown = str(room_plan(Workshop(folder=tmp_path)))
    assert "1 callback URL to set" in shown
    assert "https://lab.example.org/services/room/events" in shown
    assert "Its events filter (task.created) is taken away" in shown
    assert "planted" not in shown
    assert "LABKIT_ROOM_PUBLIC_URL" not in shown


def test_what_is_missing_is_said_with_what_follows(
    tmp_path: Path, twilio: StandIn, sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An API key signs in alone, and no callback could be checked by it; a trial account is one."""

    def shown() -> str:
        return str(room_plan(Workshop(folder=tmp_path)))

    twilio.account["type"] = "Trial"
    key = SandboxClient(sandbox.client(), sandbox=True).post("keys", {}, what="make a key")
    monkeypatch.setenv("LABKIT_ROOM_PUBLIC_URL", "https://lab.example.org/services/room")
    assert "no agent page can sign in" in shown()
    monkeypatch.setenv("TWILIO_API_KEY_SID", key["sid"])
    monkeypatch.setenv("TWILIO_API_KEY_SECRET", key["secret"])
    assert "no agent page can sign in" not in shown()
    assert "Worker SDK can create Tasks with that, and have calls made" in shown()
    assert "This is a trial account" in shown()

    monkeypatch.delenv("TWILIO_AUTH_TOKEN")
    assert "The Auth Token (TWILIO_AUTH_TOKEN) is missing: no callback could be checked" in shown()
    assert "callback URL" not in shown()


def test_an_address_that_twilio_cannot_use_is_said_before_anything_opens(
    tmp_path: Path,
    twilio: StandIn,
    opened: list[Workshop],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nothing is made then."""
    monkeypatch.setenv("LABKIT_ROOM_PUBLIC_URL", "https://lab.example.org")
    assert main([*opening_of(tmp_path), "--yes"]) == 1
    assert "give https://lab.example.org/services/room." in capsys.readouterr().err
    assert twilio.paths("POST") == []
    assert opened == []
