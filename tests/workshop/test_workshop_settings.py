"""What a workshop was asked to be, and that all who read it read the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from workshop.settings import FILE, Workshop, WorkshopError


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """The hub and its services are processes of their own, and read what the command was told."""
    wanted = Workshop(
        folder=tmp_path / "new",
        host="10.0.0.7",
        port=9000,
        tls_key=tmp_path / "key",
        tls_cert=tmp_path / "cert",
        names=("ada", "bo"),
        room_mode="twilio",
    )
    wanted.write()

    assert Workshop.read(tmp_path / "new") == wanted
    assert wanted.url == "https://10.0.0.7:9000/"


def test_its_ports_follow_one_another(tmp_path: Path) -> None:
    """One number is told, and four are used; each service knows its own."""
    workshop = Workshop(folder=tmp_path, port=8100)

    assert [workshop.hub_port, workshop.proxy_api_port, workshop.room_port] == [8101, 8102, 8103]


@pytest.mark.parametrize("port", [0, -1, 65533, 70000])
def test_a_port_without_room_for_three_more_is_refused(tmp_path: Path, port: int) -> None:
    """It would fail later, in another process."""
    with pytest.raises(WorkshopError, match=f"The port is {port}"):
        Workshop(folder=tmp_path, port=port)


def test_half_of_what_https_needs_is_refused(tmp_path: Path) -> None:
    """Nobody shall believe that he has it."""
    with pytest.raises(WorkshopError, match="both needed"):
        Workshop(folder=tmp_path, tls_key=tmp_path / "key")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"port": "no"}', '{"seats": 3}', '{"port": 0}'])
def test_a_file_that_is_no_workshop_is_a_sentence(tmp_path: Path, text: str) -> None:
    """Somebody may have edited it."""
    (tmp_path / FILE).write_text(text, encoding="utf-8")

    with pytest.raises(WorkshopError):
        Workshop.read(tmp_path)


def test_a_room_on_an_account_is_asked_for_by_name(tmp_path: Path) -> None:
    """Anything else is a sentence, also in a file that somebody has edited; one from before has a sandbox."""
    (tmp_path / FILE).write_text('{"port": 8100, "room": true}', encoding="utf-8")
    assert Workshop.read(tmp_path).room_mode == "sandbox"
    with pytest.raises(WorkshopError, match=r"The room's mode is 'live'; give sandbox, or twilio"):
        Workshop(folder=tmp_path, room_mode="live")
    with pytest.raises(WorkshopError, match="there is to be no room"):
        Workshop(folder=tmp_path, room_mode="twilio", room=False)
    (tmp_path / FILE).write_text('{"room_mode": ["twilio"]}', encoding="utf-8")
    with pytest.raises(WorkshopError, match="The room's mode"):
        Workshop.read(tmp_path)
