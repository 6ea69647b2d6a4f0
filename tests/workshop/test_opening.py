"""What the command line asks of a workshop, and what the instructor is told; nothing is started here."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest
from processes import unread

from labkit.cli.command_line import NOBODY_READS
from workshop import addresses, admin_password, capacity, hub_process, opening, walls
from workshop.daemon import Daemon
from workshop.name_list import read_names
from workshop.parser import _asked, _parser, main
from workshop.rehearsal.machine import Machine
from workshop.settings import Workshop, WorkshopError


@pytest.fixture(autouse=True)
def calm(monkeypatch: pytest.MonkeyPatch) -> list[Workshop]:
    """An ordinary user on a machine with one address and walls, on which a hub starts by being noted here."""
    started: list[Workshop] = []
    monkeypatch.setattr(addresses, "own_addresses", lambda: ["10.0.0.7", "172.16.0.1"])
    monkeypatch.setattr(opening.os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(walls, "trouble", lambda: "")
    monkeypatch.setattr(opening, "processes_of", lambda *_: [])
    monkeypatch.setattr(hub_process.Hub, "start", lambda hub: started.append(hub.workshop))
    return started


def asked(*arguments: str) -> dict[str, object]:
    """What a command line says of a workshop."""
    return _asked(_parser().parse_args(["open", *arguments]))


def test_nothing_said_is_nothing_asked(tmp_path: Path) -> None:
    """So a workshop that still runs stays as it is; a new one is at the machine's own address."""
    assert asked() == {}
    assert opening.settled(tmp_path, {}) == Workshop(folder=tmp_path, host="10.0.0.7")


def test_what_is_said_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are found from where the command was typed, and not from where the hub runs."""
    monkeypatch.chdir(tmp_path)
    for name in ("k", "c"):
        Path(name).touch()
    Path("names").write_text("ada\nbo # is late\n\nada\n", encoding="utf-8")
    options = ["--host", addresses.ALL, "--port", "8443", "--admin", "grace", "--names", "names", "--idle-hours", "0.5"]
    made = opening.settled(
        tmp_path, asked(*options, "--tls-key", "k", "--tls-cert", "c", "--without-walls", "--without-room")
    )

    assert made == Workshop(
        folder=tmp_path,
        host=addresses.ALL,
        port=8443,
        admin="grace",
        names=("ada", "bo"),
        idle_seconds=1800,
        tls_key=tmp_path / "k",
        tls_cert=tmp_path / "c",
        walls=False,
        room=False,
    )


def test_what_still_runs_goes_on_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a hub was killed, `make workshop` alone takes up the rest; other settings are refused by name."""
    before = Workshop(folder=tmp_path, host="10.0.0.7", port=9000)
    before.write()
    monkeypatch.setattr(Daemon, "find", lambda daemon: daemon.name == "proxy")

    assert opening.settled(tmp_path, {}) == before
    assert opening.settled(tmp_path, {"port": 9000}) == before
    with pytest.raises(WorkshopError, match=r"another port \(9000, and not 8000\).*make workshop-end"):
        opening.settled(tmp_path, {"port": 8000})


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--admin", "The Boss"], "'The Boss' can be nobody's name"),
        (["--port", "0"], "The port is 0"),
        (["--idle-hours", "0.0001"], "idle after a second or more"),
        (["--tls-key", "nowhere", "--tls-cert", "nowhere"], "nowhere is needed for https"),
        (["--tls-key", "nowhere"], "both needed"),
        (["--names", "nowhere"], "list of names nowhere cannot be read"),
    ],
)
def test_what_cannot_be_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    """And exit status 1, before anything has started."""
    assert main(["open", "--folder", str(tmp_path), *arguments]) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"), [("", "no name in"), ("ada\nB O\n", "'B O' can be nobody's"), ("../x", "x'")]
)
def test_a_list_of_names_is_looked_at(tmp_path: Path, text: str, said: str) -> None:
    """A name is a folder's."""
    file = tmp_path / "names"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(WorkshopError, match=said):
        read_names(file)


def test_root_opens_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calm: list[Workshop]) -> None:
    """Everybody's code would run as root."""
    monkeypatch.setattr(opening.os, "geteuid", lambda: 0)

    with pytest.raises(WorkshopError, match="this is root"):
        opening.open_doors(Workshop(folder=tmp_path))
    assert calm == []


def test_without_walls_only_where_that_was_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calm: list[Workshop]
) -> None:
    """One sentence says what is missing, and nothing starts; with `--without-walls` it starts, and says so."""
    monkeypatch.setattr(walls, "trouble", lambda: "There is no bwrap; open it --without-walls.")
    with pytest.raises(WorkshopError, match="no bwrap"):
        opening.open_doors(Workshop(folder=tmp_path))
    assert calm == []

    told = "\n".join(opening.open_doors(Workshop(folder=tmp_path, walls=False)))
    assert len(calm) == 1
    assert "There are no walls" in told


def test_the_walls_are_tried_once_and_before_an_account_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Trying them starts a process, so the command does it twice only where somebody may have thought in between."""
    tried: list[str] = []

    def trouble() -> str:
        tried.append("once")
        return "There is no bwrap." if len(tried) > 1 else ""

    monkeypatch.setattr(walls, "trouble", trouble)
    assert main(["open", "--folder", str(tmp_path)]) == 0
    assert tried == ["once"]

    assert main(["open", "--folder", str(tmp_path), "--room-mode", "twilio"]) == 1
    assert capsys.readouterr().err == "workshop: There is no bwrap.\n"


def test_the_instructor_is_told_all_that_the_room_needs(tmp_path: Path) -> None:
    """The address, also as a picture, and the password: once, and never again."""
    workshop = Workshop(folder=tmp_path, host="10.0.0.7")
    first, second = ("\n".join(opening.open_doors(workshop)) for _ in range(2))
    password = first.partition("teacher, with the password ")[2].split()[0]

    assert "http://10.0.0.7:8000/" in first
    assert "█" in first
    assert "http://10.0.0.7:8000/services/room/wall" in first
    assert len(password) == 19
    assert "This machine carries" in first
    assert password not in second
    assert "was made before" in second
    assert password not in "".join(path.read_text("latin-1") for path in workshop.folder.rglob("*") if path.is_file())


def test_all_addresses_are_told_where_it_listens_on_all(tmp_path: Path) -> None:
    """Nobody can type 0.0.0.0."""
    told = "\n".join(opening.open_doors(Workshop(folder=tmp_path, host=addresses.ALL)))

    assert "http://10.0.0.7:8000/" in told
    assert "http://172.16.0.1:8000/" in told
    assert addresses.ALL not in told


@pytest.mark.parametrize(
    ("typed", "status"), [(("new-pass-1", "new-pass-1"), 0), (("one", "other"), 1), (("a", "a"), 1)]
)
def test_a_password_can_be_typed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    typed: tuple[str, str],
    status: int,
) -> None:
    """Twice the same, and long enough; it is not shown."""
    workshop = Workshop(folder=tmp_path)
    hub_process.Hub(workshop).prepare()
    answers = iter(typed)
    monkeypatch.setattr(getpass, "getpass", lambda _: next(answers))

    assert main(["password", "--folder", str(tmp_path), "--ask"]) == status
    assert admin_password.is_made(workshop) == (status == 0)
    assert typed[0] not in capsys.readouterr().out


def test_no_answer_to_a_password_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-D, or nobody who could be asked."""

    def nobody(_: str) -> str:
        raise EOFError

    workshop = Workshop(folder=tmp_path)
    hub_process.Hub(workshop).prepare()
    monkeypatch.setattr(getpass, "getpass", nobody)

    assert main(["password", "--folder", str(tmp_path), "--ask"]) == 1
    assert "nothing was changed" in capsys.readouterr().err
    assert not admin_password.is_made(workshop)


@pytest.mark.parametrize("command", ["end", "password"])
def test_where_there_is_no_workshop_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """A folder that was mistyped."""
    assert main([command, "--folder", str(tmp_path / "nowhere")]) == 1
    assert "There is no workshop in" in capsys.readouterr().err


@pytest.mark.process
@pytest.mark.parametrize("arguments", ["open --help", "password --folder"])
def test_it_ends_quietly_where_nobody_reads_on(tmp_path: Path, arguments: str) -> None:
    """As in `make workshop | head`: no traceback, as the lab's own commands."""
    hub_process.Hub(Workshop(folder=tmp_path)).prepare()
    folder = [str(tmp_path)] if arguments.endswith("--folder") else []

    assert unread("-m", "workshop", *arguments.split(), *folder) == (NOBODY_READS, [])


@pytest.mark.parametrize(
    ("cores", "memory", "first"), [(2, 24_000, "processor"), (16, 4_000, "memory"), (0.1, 24_000, "processor")]
)
@pytest.mark.parametrize("warm", [True, False])
def test_what_runs_out_first_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cores: float, memory: float, first: str, warm: bool
) -> None:
    """From the measured figures, and from what this machine has."""
    monkeypatch.setattr(capacity, "this_machine", lambda _: Machine(cores=cores, memory_mib=memory, disk_mib=100_000))
    told = capacity.sentence(tmp_path, warm=warm)

    assert f"the first limit is its {first}." in told
    people = int(told.split()[3])
    figures = capacity.usual(warm=warm)
    each, once = figures.each, figures.once
    by_processor = int(120 * cores / (each("cpu_seconds") + once("cpu_seconds") / figures.people))
    by_memory = int((memory - once("memory_mib")) / each("memory_mib"))
    assert people == (by_processor if first == "processor" else by_memory)
