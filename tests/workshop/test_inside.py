"""How a participant's server gets inside the walls, and what it takes along."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import jupyterhub
import pytest
from ordinary_user import OrdinaryUser
from tracked import ROOT
from walled import walled

from workshop import inside, walls
from workshop.participant_home import ParticipantHome
from workshop.settings import FOLDER_VARIABLE, Workshop

INSTEAD = "import sys; from workshop import inside; inside.SERVER[:] = ['-c', sys.argv[1]]; inside.main(sys.argv[2:])"
"""Enters as a server does, and then runs a test's own code."""
LOOKS = """
import json, os, sys
descriptors = {name: os.path.realpath(f'/proc/self/fd/{name}') for name in os.listdir('/proc/self/fd')}
print(json.dumps({
    'environ': dict(os.environ), 'descriptors': descriptors, 'arguments': sys.argv[1:], 'nice': os.nice(0),
    'first_to_go': open('/proc/self/oom_score_adj').read().strip(), 'runtime': os.listdir('/run/lab'),
}))
"""
HAVING_A_KEY = """
import ctypes, os, sys
keys = ctypes.CDLL(None, use_errno=True)
assert keys.syscall({keyctl}, 1, None) >= 0, 'a session of its own, as a login makes one'
assert keys.syscall({add_key}, b'user', b'the-instructors', b'word', 4, -3) >= 0
os.execv(sys.argv[1], sys.argv[1:])
"""
KEYS = """
import ctypes
print(ctypes.CDLL(None, use_errno=True).syscall({keyctl}, 10, -3, b'user', b'the-instructors', 0) > 0)
"""
CALLS = {"x86_64": {"keyctl": 250, "add_key": 248}, "aarch64": {"keyctl": 219, "add_key": 217}}.get(platform.machine())
OF_THE_HUB = {
    "JUPYTERHUB_API_TOKEN": "the server's own",
    "JPY_API_TOKEN": "the same",
    "CONFIGPROXY_AUTH_TOKEN": "the proxy's",
    "TWILIO_AUTH_TOKEN": "the instructor's",
    "AWS_SECRET_ACCESS_KEY": "the instructor's",
    "XDG_RUNTIME_DIR": "/run/user/1000",
    "TMPDIR": "/somewhere",
    "HTTPS_PROXY": "http://ana:word@proxy.example:3128",
    "HTTP_PROXY": "http://proxy.example:3128",
}


class Entrance:
    """A workshop's folder, of an ordinary user, and the way in."""

    def __init__(self, user: OrdinaryUser, folder: Path) -> None:
        """The workshop is written, and Ana's home made."""
        self.user = user
        self.workshop = Workshop(folder=folder / "workshop")
        self.workshop.write()
        self.workshop.hub_folder.mkdir()
        self.home = ParticipantHome(self.workshop, "ana")
        self.home.prepare()
        user.give(folder)

    def environ(self) -> dict[str, str]:
        """As the hub has it."""
        packages = filter(None, [str(ROOT), self.user.environ.get("PYTHONPATH")])
        return {
            "PATH": os.environ["PATH"],
            "PYTHONDONTWRITEBYTECODE": "1",
            **self.user.environ,
            "PYTHONPATH": os.pathsep.join(packages),
            FOLDER_VARIABLE: str(self.workshop.folder),
            "JUPYTERHUB_USER": "ana",
            "HOME": str(self.home.path),
            **OF_THE_HUB,
        }

    def enter(self, *arguments: str, options: tuple[str, ...] = ("-P", "-s"), **environ: str) -> str:
        """Start it as the spawner does, in the participant's folder; returns the server's log."""
        done = subprocess.run(
            [self.user.python, *options, *arguments],
            env=self.environ() | environ,
            cwd=self.home.path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            **self.user.options,
        )
        assert done.stdout == ""
        log = self.workshop.hub_folder / "servers" / "ana.log"
        return log.read_text(encoding="utf-8") if log.exists() else done.stderr


@pytest.fixture(scope="module")
def entrance() -> Iterator[Entrance]:
    """One for all, in which nothing is left behind."""
    with walled() as somebody:
        yield Entrance(somebody.user, somebody.folder)


@pytest.mark.process
def test_the_server_runs_inside(entrance: Entrance) -> None:
    """All that it reads is there: Python, JupyterHub's part, JupyterLab."""
    assert entrance.enter("-m", "workshop.inside", "--version").strip() == jupyterhub.__version__


@pytest.mark.process
def test_what_is_the_hubs_stays_outside(entrance: Entrance) -> None:
    """Its secrets, the instructor's, its log and its terminal."""
    seen = json.loads(entrance.enter("-c", INSTEAD, LOOKS, "--ServerApp.x=1"))

    environ = seen["environ"]
    assert {name: environ.get(name) for name in OF_THE_HUB} == {
        **dict.fromkeys(OF_THE_HUB),
        "JUPYTERHUB_API_TOKEN": "the server's own",
        "JPY_API_TOKEN": "the same",
        "HTTP_PROXY": "http://proxy.example:3128",
    }
    assert FOLDER_VARIABLE not in environ
    assert environ.items() >= entrance.home.environment().items()
    log = str(entrance.workshop.hub_folder / "servers" / "ana.log")
    assert seen["descriptors"].pop("0") == "/dev/null"
    assert {seen["descriptors"].pop("1"), seen["descriptors"].pop("2")} == {log}
    assert all("/proc/" in path for path in seen["descriptors"].values())  # the look itself
    assert seen["arguments"] == ["--ServerApp.x=1", "--KernelManager.transport=ipc"]
    assert seen["runtime"] == []


@pytest.mark.process
@pytest.mark.skipif(CALLS is None, reason="the numbers of the system's calls are not known here")
@pytest.mark.parametrize("how", ["through the entrance", "past it"])
def test_the_keys_of_the_instructors_session_stay_outside(how: str, entrance: Entrance) -> None:
    """Whoever goes past the entrance has them, so they are there to be had."""
    look = KEYS.format_map(CALLS or {})
    python, first = entrance.user.python, HAVING_A_KEY.format_map(CALLS or {})
    log = str(entrance.workshop.hub_folder / "servers" / "ana.log")
    past = ["-c", f"import sys; sys.stdout = open({log!r}, 'w'); exec(sys.argv[1])"]
    then = ["-P", "-s", "-c", INSTEAD] if how == "through the entrance" else past

    shown = entrance.enter("-c", first, python, *then, look)

    assert shown == f"{how == 'past it'}\n"


@pytest.mark.process
def test_a_participant_gives_way_to_the_hub(entrance: Entrance) -> None:
    """Where the processors are busy, and where memory ends."""
    seen = json.loads(entrance.enter("-c", INSTEAD, LOOKS))

    assert seen["nice"] == 5
    assert seen["first_to_go"] == "500"


@pytest.mark.process
def test_no_module_is_read_that_the_participant_has_planted(entrance: Entrance) -> None:
    """The spawner enters the participant's folder first, and Python looks where it is and in the home for packages."""
    told = entrance.workshop.folder / "told"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = entrance.home.path / ".local" / "lib" / version / "site-packages"
    packages.mkdir(parents=True)
    planted = f"try: open({str(told)!r}, 'w').close()\nexcept OSError: pass\n"
    for place in (
        entrance.home.path / "labkit.py",
        entrance.home.path / "json.py",
        packages / "usercustomize.py",
        packages / "planted.py",
    ):
        place.write_text(planted, encoding="utf-8")
    (packages / "planted.pth").write_text("import planted\n", encoding="utf-8")
    entrance.user.give(entrance.home.path)
    try:
        entrance.enter(*inside.COMMAND[1:], "--version", options=())

        assert not told.exists()
    finally:
        for path in (*entrance.home.path.glob("*.py"), *packages.iterdir()):
            path.unlink()


@pytest.mark.process
@pytest.mark.parametrize(
    ("environ", "said"),
    [({"JUPYTERHUB_USER": "../hub"}, "no participant's name"), ({FOLDER_VARIABLE: ""}, "There is no workshop in")],
)
def test_what_is_not_told_right_is_a_sentence(environ: dict[str, str], said: str, entrance: Entrance) -> None:
    """And a file that the participant has planted tells nothing."""
    (entrance.home.path / "workshop.json").write_text('{"walls": false}', encoding="utf-8")
    (entrance.workshop.hub_folder / "servers" / "ana.log").unlink(missing_ok=True)

    shown = entrance.enter("-m", "workshop.inside", **environ)

    assert "The server cannot be started: " in shown
    assert said in shown
    assert "Traceback" not in shown


@pytest.mark.process
def test_the_last_log_is_kept(entrance: Entrance) -> None:
    """It is what one looks for when a server has ended."""
    entrance.enter("-c", INSTEAD, "print('first')")
    entrance.enter("-c", INSTEAD, "print('second')")

    old = entrance.workshop.hub_folder / "servers" / "ana.log.1"
    assert old.read_text(encoding="utf-8") == "first\n"


def test_without_walls_it_is_the_server_itself(tmp_path: Path) -> None:
    """Its kernels then have ports, because a file's name below a long home could be too long."""
    workshop = Workshop(folder=tmp_path, walls=False)

    line = inside.command(workshop, ParticipantHome(workshop, "ana"), ["--debug"])

    assert line == [sys.executable, "-m", "jupyterhub.singleuser", "--debug"]


def test_of_the_clone_only_the_lab_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside it may lie the instructor's `.env`, and the workshop's own folder."""
    monkeypatch.delenv("JUPYTER_PATH", raising=False)

    found = inside.readable()

    assert ROOT / "labkit" in found
    assert not [folder for folder in found if ROOT.is_relative_to(folder)]
    line = walls.command(["true"], home=Path("/h"), readable=found)
    assert str(ROOT / "labkit") in line
