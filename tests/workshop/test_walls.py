"""What is inside the walls, what is not, and what is said where there can be none."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from walled import Walled, walled

from workshop import walls

needs_processes = pytest.mark.process


@pytest.fixture(scope="module")
def inside() -> Iterator[Walled]:
    """Somebody inside the walls, whose home is `home` and whose neighbour's `other`."""
    with walled() as somebody:
        other = somebody.folder / "other"
        other.mkdir(mode=0o700)
        (other / "sandbox.json").write_text("the neighbour's token", encoding="utf-8")
        somebody.user.give(other)
        yield somebody


@needs_processes
def test_the_own_home_is_the_only_one(inside: Walled) -> None:
    """It is written through to the machine, and nobody else's is there, by whatever path."""
    seen = inside.python(
        "import os, pathlib\n"
        "home = pathlib.Path.home()\n"
        "(home / 'mine').write_text('kept')\n"
        "print(os.getcwd() == str(home), sorted(os.listdir(home.parent)), os.path.exists(home.parent / 'other'))\n"
        "print(os.path.exists(f'/proc/1/root{home.parent}/other'))"
    )

    assert seen == "True ['home'] False\nFalse\n"
    assert (inside.home / "mine").read_text(encoding="utf-8") == "kept"


@needs_processes
@pytest.mark.parametrize("place", ["/", "/dev", "/etc", "/usr", "/usr/local/bin", "/run", "/home"])
def test_nothing_else_can_be_written(inside: Walled, place: str) -> None:
    """Nor what lies in memory without a limit: that would be everybody's memory."""
    done = inside.run("sh", "-c", f"mkdir -p {place} && : > {place}/something")

    assert done.returncode
    assert "Read-only file system" in done.stderr


@needs_processes
def test_folders_in_memory_have_a_size(inside: Walled) -> None:
    """Each of them the one that it should have, and nobody else may look into it."""
    folders = [str(path) for path in walls.SIZES]
    seen = inside.python(
        "import json, os\n"
        f"print(json.dumps([[os.statvfs(path).f_blocks * os.statvfs(path).f_frsize, os.stat(path).st_mode & 0o777]"
        f" for path in {folders!r}]))"
    )

    assert json.loads(seen) == [[size, 0o700] for size in walls.SIZES.values()]


@needs_processes
def test_only_the_own_processes_are_seen(inside: Walled) -> None:
    """Whoever sees no number cannot send a signal to it, nor read its environment."""
    seen = json.loads(
        inside.python(
            "import json, os\n"
            "numbers = [int(name) for name in os.listdir('/proc') if name.isdigit()]\n"
            "print(json.dumps([numbers, [open(f'/proc/{each}/comm').read().strip() for each in numbers]]))"
        )
    )

    assert os.getpid() not in seen[0]
    assert seen[1][0] == "bwrap"
    assert len(seen[1]) == 2


@needs_processes
def test_there_is_no_way_to_more_rights(inside: Walled) -> None:
    """No capability, no program that gives one, and no user namespace below this one."""
    seen = inside.run("sh", "-c", "grep -E 'CapEff|CapBnd|NoNewPrivs' /proc/self/status; unshare --user true")

    assert seen.returncode
    assert [line.split()[1] for line in seen.stdout.splitlines()] == ["0" * 16, "0" * 16, "1"]


@needs_processes
def test_each_limit_holds(inside: Walled) -> None:
    """Soft and hard alike, so that no process takes its own away."""
    shown = inside.run("prlimit", "--raw", "--noheadings", "--output", "RESOURCE,SOFT,HARD").stdout
    found = {line.split()[0].lower(): line.split()[1:] for line in shown.splitlines()}

    assert {each.resource: found[each.resource] for each in walls.LIMITS} == {
        each.resource: [str(each.most)] * 2 for each in walls.LIMITS
    }


@needs_processes
def test_what_ends_the_walls_ends_all_inside(inside: Walled) -> None:
    """A sandbox outlives its kernel on purpose, but not the participant's server."""
    process = subprocess.Popen(
        inside.command("sh", "-c", "setsid sleep 3600 & echo started; wait"),
        env=inside.environ(),
        cwd="/",
        stdout=subprocess.PIPE,
        text=True,
        **inside.user.options,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    process.kill()
    process.wait(timeout=10)

    assert process.stdout.read() == ""  # nobody is left who holds its other end
    process.stdout.close()


@pytest.mark.parametrize("missing", ["bwrap", "prlimit"])
def test_a_program_that_is_missing_is_one_sentence(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the package that has it, and the way on."""
    monkeypatch.setattr(walls.sys, "platform", "linux")
    monkeypatch.setattr(walls.shutil, "which", lambda name: None if name == missing else f"/usr/bin/{name}")

    said = walls.trouble()

    assert missing in said
    assert said.endswith("open it --without-walls.")
    assert said.count(".") == 1


def test_another_system_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no bubblewrap but on Linux."""
    monkeypatch.setattr(walls.sys, "platform", "darwin")

    assert "this is darwin; where all in the room trust each other" in walls.trouble()


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (
            "echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1",
            "`bwrap: setting up uid map: Permission denied`",
        ),
        ("exit 3", "`exit status 3`"),
    ],
)
def test_a_system_that_allows_none_is_one_sentence(
    script: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Ubuntu's AppArmor answers."""
    bwrap = tmp_path / "bwrap"
    bwrap.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    bwrap.chmod(0o755)
    monkeypatch.setattr(walls.sys, "platform", "linux")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(walls.shutil, "which", lambda name: str(tmp_path / name))

    assert said in walls.trouble()


@pytest.mark.parametrize(
    ("release", "counted"), [("5.13.0", False), ("5.14.21-x", True), ("6.1.0-28-amd64", True), ("", False)]
)
def test_processes_are_counted_only_where_each_has_a_count(
    release: str, counted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older Linux would hold the whole room to one participant's number."""
    monkeypatch.setattr(walls.platform, "release", lambda: release)

    line = " ".join(walls.command(["true"], home=Path("/somewhere")))

    assert ("--nproc=" in line) is counted
    assert "--fsize=" in line


def test_a_folder_inside_another_is_there_once() -> None:
    """A mount for each would hide nothing and cost time."""
    line = walls.command(["true"], home=Path("/h"), readable=[Path("/a/b"), Path("/a"), Path("/usr/lib"), Path("/ab")])
    bound = [line[place + 1] for place, option in enumerate(line) if option == "--ro-bind"]

    assert bound == ["/usr", "/a", "/ab"]


@pytest.mark.parametrize(("closed", "said"), [(True, ""), (False, "Before Linux 6.12 walls leave open")])
def test_what_the_walls_leave_open_is_said(closed: bool, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the instructor, who can do something about it."""
    monkeypatch.setattr(walls.abstract_sockets, "can_be_closed", lambda: closed)

    assert walls.remark().startswith(said)
    assert bool(walls.remark()) is bool(said)
