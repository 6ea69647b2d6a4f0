"""What is in the way of a workshop's hub is said before anything is started."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

import pytest
from ordinary_user import OrdinaryUser
from workshop_rooms import Room, install_the_proxy

from workshop.free_ports import free_ports
from workshop.hub_process import Hub
from workshop.settings import Workshop, WorkshopError


def refused(workshop: Workshop) -> str:
    """The sentence; nothing runs then, and to end it is nothing either."""
    hub = Hub(workshop)
    with pytest.raises(WorkshopError) as error:
        hub.start()
    assert Room(workshop, OrdinaryUser("")).running() == []
    hub.stop()
    return str(error.value)


@pytest.mark.parametrize("host", ["192.0.2.77", "no-such-name.invalid"])
def test_an_address_of_another_machine_is_a_sentence(host: str, tmp_path: Path) -> None:
    """With those that this one has."""
    said = refused(Workshop(folder=tmp_path / "workshop", port=free_ports(), host=host))

    assert f"{host} is no address of this machine" in said
    assert "127.0.0.1" in said


def test_a_taken_port_is_a_sentence(tmp_path: Path) -> None:
    """Somebody else's program is there."""
    workshop = Workshop(folder=tmp_path / "workshop", port=free_ports())
    with socket.create_server(("127.0.0.1", workshop.hub_port)):
        said = refused(workshop)

    assert f"Port {workshop.hub_port} of 127.0.0.1 cannot be used" in said
    assert "--port" in said


def test_a_port_that_only_root_has_is_refused_with_one_that_anybody_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten further on would be refused as well."""

    def denied(*_: object) -> socket.socket:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket, "create_server", denied)

    assert "such as --port 8000." in refused(Workshop(folder=tmp_path / "workshop", port=80))


@pytest.mark.process
def test_where_the_proxy_does_not_start_nothing_else_stays(tmp_path: Path) -> None:
    """What reads everything for the copies would go on, and nobody would know of it."""
    install_the_proxy()
    pem = tmp_path / "no-certificate.pem"
    pem.write_text("nothing", encoding="utf-8")
    said = refused(Workshop(folder=tmp_path / "workshop", port=free_ports(), tls_key=pem, tls_cert=pem))

    assert "The proxy did not start. The end of" in said
