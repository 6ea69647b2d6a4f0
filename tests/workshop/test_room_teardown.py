"""What a room has made in an account of Twilio's is taken back, and nothing else."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from account.whole_account import whole_account
from room_on_account import CREDENTIALS, AccountForRoom, room_on_account
from room_service import RunningRoom
from sandbox.local import ACCOUNT, TOKEN

from labkit.account.memory import AccountMemory
from workshop import opening
from workshop.hub_process import Hub
from workshop.parser import main
from workshop.room.workspace import NAME
from workshop.settings import Workshop

PUBLIC = "https://lab.example.org/services/room"
BEFORE = "https://somebody.example.org/events"


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """A workshop whose room stands on the account; it is closed."""
    made = Workshop(folder=tmp_path / "workshop", room_mode="twilio")
    Hub(made).prepare()
    monkeypatch.setattr(opening, "processes_of", lambda *_: [])
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    return made


@pytest.fixture
def room(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningRoom]:
    """Its room, of which one participant has become a Worker."""
    with room_on_account(workshop.room_folder, monkeypatch) as running:
        running.join(running.token("ana"))
        yield running


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


def teardown(workshop: Workshop, *options: str) -> int:
    """Its exit status."""
    return main(["teardown", "--folder", str(workshop.folder), *options])


def test_what_it_made_goes_after_a_yes_and_other_workspaces_stay(
    workshop: Workshop,
    room: RunningRoom,
    answer: Callable[[str], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    owner = room.sandbox.client()
    owner.taskrouter.v1.workspaces.create(friendly_name="Somebody's", template="FIFO")
    [made] = owner.taskrouter.v1.workspaces.list(friendly_name=NAME)
    before = whole_account(owner)

    assert teardown(workshop, "--dry-run") == 0
    for typed in ("no\n", ""):
        answer(typed)
        assert teardown(workshop) == 1
    assert whole_account(owner) == before

    answer("yes\n")
    capsys.readouterr()
    assert teardown(workshop) == 0
    said = capsys.readouterr().out
    assert f"- Workspace 'The room' ({made.sid}), with all that is in it" in said
    assert "Taken down in the account AC…1111: 1 removed." in said
    assert TOKEN not in said
    assert [each.friendly_name for each in owner.taskrouter.v1.workspaces.list()] == ["Somebody's"]
    assert AccountMemory(workshop.room_folder, account_sid=ACCOUNT).workspaces() == ()


def test_what_was_there_before_is_as_it_was(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the byte, but for the date at which the Workspace was set back; Workers and callers are gone."""
    kept: list[str] = []

    def there_before(account: AccountForRoom) -> None:
        account.changes["public_url"] = PUBLIC
        owner = account.sandbox.client()
        owner.taskrouter.v1.workspaces.create(
            friendly_name=NAME, event_callback_url=BEFORE, events_filter="task.created"
        )
        [found] = owner.taskrouter.v1.workspaces.list()
        found.workers.create(friendly_name="Somebody")
        kept.extend([found.sid, whole_account(owner, but=(found.sid,))])

    with room_on_account(workshop.room_folder, monkeypatch, prepare=there_before) as room:
        joined = room.join(room.token("ana"))
        owner = room.sandbox.client()
        owner.taskrouter.v1.workspaces(joined["workspace_sid"]).tasks.create(
            workflow_sid=joined["workflow_sid"], attributes='{"selected_language": "en"}'
        )
        assert whole_account(owner, but=(kept[0],)) != kept[1]

        assert teardown(workshop, "--yes") == 0
        assert whole_account(owner, but=(kept[0],)) == kept[1]


def test_a_workshop_that_still_runs_is_ended_first(
    workshop: Workshop, room: RunningRoom, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its room would make all anew."""
    before = whole_account(room.sandbox.client())
    monkeypatch.setattr(opening, "processes_of", lambda *_: [object()])
    assert teardown(workshop, "--yes") == 1
    assert "make workshop-end" in capsys.readouterr().err
    assert teardown(workshop, "--dry-run") == 0
    assert whole_account(room.sandbox.client()) == before


def test_a_deployment_takes_back_what_its_own_folder_knows(
    workshop: Workshop, room: RunningRoom, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where there is no workshop; not while the service stands on the account."""
    monkeypatch.setenv("LABKIT_ROOM_FOLDER", str(workshop.room_folder))
    monkeypatch.setenv("LABKIT_ROOM_MODE", "twilio")
    nowhere = ["--folder", str(workshop.folder / "nowhere"), "--yes"]
    assert main(["teardown", *nowhere]) == 1
    assert "Take LABKIT_ROOM_MODE away" in capsys.readouterr().err

    monkeypatch.delenv("LABKIT_ROOM_MODE")
    assert main(["teardown", *nowhere]) == 0
    assert whole_account(room.sandbox.client()) == "{}"


def test_a_folder_that_is_not_there_is_not_taken_for_one_in_which_nothing_is_left(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A misspelt one; it is not made either."""
    misspelt = workshop.folder / "rooom"
    monkeypatch.setenv("LABKIT_ROOM_FOLDER", str(misspelt))
    for option in ("--yes", "--dry-run"):
        assert teardown(workshop, option) == 1
        assert f"LABKIT_ROOM_FOLDER is {misspelt}, and no folder is there" in capsys.readouterr().err
    assert not misspelt.exists()


def test_the_end_says_what_is_still_there_and_how_it_is_taken_back(
    workshop: Workshop, room: RunningRoom, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without credentials, and no longer when it was; with those of another account nothing is taken for gone."""
    monkeypatch.setattr(Hub, "stop", lambda _: None)
    end = ["end", "--folder", str(workshop.folder)]
    with monkeypatch.context() as without:
        for name in CREDENTIALS:
            without.delenv(name)
        assert main(end) == 0
    said = capsys.readouterr().out
    assert 'The Workspace "The room" is still in the account AC…1111' in said
    assert f"-m workshop teardown --folder {workshop.folder}`" in said

    AccountMemory(workshop.room_folder, account_sid=f"AC{'2' * 32}").begin(
        NAME, kind="Workspace", called=NAME, workspace_sid=""
    )
    assert teardown(workshop, "--yes") == 0
    assert "in the account AC…2222 is taken back with that account's credentials." in capsys.readouterr().out
    assert main(end) == 0
    said = capsys.readouterr().out
    assert "AC…1111" not in said
    assert "AC…2222" in said


def test_where_nothing_was_made_nothing_is_said(workshop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    """A yes alone leaves nothing in the account."""
    AccountMemory(workshop.room_folder, account_sid=ACCOUNT).allow(NAME)
    assert main(["end", "--folder", str(workshop.folder)]) == 0
    assert "still" not in capsys.readouterr().out
