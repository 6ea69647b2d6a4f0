"""Servers, kernels and sandboxes as copies of a process that has read everything: like any other, and nobody else's."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from workshop_people import People, Seat
from workshop_rooms import pid_of, room

from workshop import walls
from workshop.daemon import running_after
from workshop.participants import processes_of
from workshop.rehearsal.measuring import RoomPart, part_of
from workshop.warm import kernels

pytestmark = [pytest.mark.process, pytest.mark.timeout(120)]

PARTS = (RoomPart.SERVER, RoomPart.KERNEL, RoomPart.SANDBOX)
SPACES = ("user", "mnt", "pid", "ipc", "uts", "cgroup")
CHANCE = (
    "import os, random, secrets, uuid; print(random.random(), uuid.uuid4(), secrets.token_hex(8), os.urandom(4).hex())"
)


@pytest.fixture(scope="module")
def people() -> Iterator[People]:
    """Two in a room, in which servers are copies."""
    if said := walls.trouble():
        pytest.skip(said)
    with room(room=False, warm=True) as made:
        done = made.call("start")
        assert done.returncode == 0, done.stderr
        with People(made) as people:
            yield people


@pytest.fixture
def ada(people: People) -> Seat:
    """One of the two, with a lab."""
    return people.seat("ada")


def of_ada(people: People, part: RoomPart) -> psutil.Process:
    """Her process of this kind."""
    [found] = [each for each in processes_of(people.workshop, "ada") if part_of(each.cmdline()) is part]
    return found


def seen_of(number: int) -> dict[str, Any]:
    """What a process may do, and where it is, as Linux says it outside of the walls."""
    proc = Path(f"/proc/{number}")
    lines = (line.split() for line in (proc / "status").read_text(encoding="utf-8").splitlines())
    return {
        **{words[0]: words[1] for words in lines if words[0].startswith(("Cap", "NoNewPrivs", "Uid", "Seccomp"))},
        **{name: str((proc / "ns" / name).readlink()) for name in SPACES},
        "nice": psutil.Process(number).nice(),
        "first to go": (proc / "oom_score_adj").read_text(encoding="utf-8").strip(),
        "limits": (proc / "limits").read_text(encoding="utf-8"),
    }


@pytest.mark.parametrize("part", PARTS)
def test_a_copy_is_as_what_bubblewrap_has_started(people: People, ada: Seat, part: RoomPart) -> None:
    """The one who holds the walls: no privilege, the same namespaces, the same limits, and it gives way to the hub."""
    [holder] = [each for each in processes_of(people.workshop, "ada") if each.name() == "cat"]
    copied, started = seen_of(of_ada(people, part).pid), seen_of(holder.pid)

    assert copied == started
    assert {value for name, value in copied.items() if name.startswith("Cap")} == {"0" * 16}
    assert [name for name in SPACES if copied[name] == str(Path(f"/proc/self/ns/{name}").readlink())] == []


@pytest.mark.parametrize("part", PARTS)
def test_a_copy_has_no_file_of_the_workshops(people: People, ada: Seat, part: RoomPart) -> None:
    """Neither of the process that it is a copy of, nor what leads out; its log is its own."""
    folder = Path(f"/proc/{of_ada(people, part).pid}/fd")
    files = {str(path.readlink()) for path in folder.iterdir()}
    workshop, home = str(people.workshop.folder), str(people.workshop.home_of("ada"))

    assert {path for path in files if path.startswith(workshop) and not path.startswith(f"{home}/")} <= {
        f"{people.workshop.hub_folder}/servers/ada.log"
    }
    assert [path for path in files if path.startswith("/proc/")] == []


def test_kernel_and_sandbox_are_copies_of_the_participants_own_process(people: People, ada: Seat) -> None:
    """So they share what it has read, and nothing of theirs is made outside."""
    server, kernel = of_ada(people, RoomPart.SERVER), of_ada(people, RoomPart.KERNEL)
    sandbox = of_ada(people, RoomPart.SANDBOX)

    assert len({server.ppid(), kernel.ppid(), sandbox.ppid()}) == 1
    assert people.run(ada.says("print(lab.mode)")) == "sandbox"


def test_a_notebook_imports_what_lies_beside_it(people: People, ada: Seat) -> None:
    """As with a kernel that is started by itself."""
    people.run(ada.says("with open('beside.py', 'w') as file:\n    file.write('found = 42')"))

    assert people.run(ada.says("import beside\nprint(beside.found)")) == "42"


def test_who_is_copied_has_one_thread(people: People, ada: Seat) -> None:
    """A copy has the one that forked, and what another one held would be held there for ever."""
    sources = pid_of(people.workshop.hub_folder / "copier.pid"), of_ada(people, RoomPart.SERVER).ppid()

    assert [psutil.Process(number).num_threads() for number in sources] == [1, 1]


def test_chance_is_each_ones_own(people: People, ada: Seat) -> None:
    """Two copies of one process draw other numbers, and other keys."""
    drawn = people.run(ada.says(CHANCE)).split(), people.run(people.seat("bob").says(CHANCE)).split()

    assert not set(drawn[0]) & set(drawn[1])


def test_who_is_copied_has_read_nobodys_token(people: People, ada: Seat) -> None:
    """What it had read would be in every later copy; the participant's own copies have it not either."""
    people.run(ada.says("import os; print(os.environ['JUPYTERHUB_API_TOKEN'], file=open('token', 'w'), end='')"))
    file = people.workshop.home_of("ada") / "notebooks" / "token"
    token = file.read_text(encoding="utf-8")
    warm = pid_of(people.workshop.hub_folder / "copier.pid")

    assert token
    assert holds(people, of_ada(people, RoomPart.KERNEL).pid, token), "the look finds what is there"
    for number in (warm, of_ada(people, RoomPart.KERNEL).ppid(), of_ada(people, RoomPart.SANDBOX).pid):
        assert not holds(people, number, token)


def holds(people: People, number: int, text: str) -> bool:
    """Whether it is in the memory that this process may write to. Skips the test where the system lets nobody look."""
    code = (
        "import re, sys\n"
        "needle = sys.stdin.read().encode()\n"
        f"maps = open('/proc/{number}/maps').read()\n"
        f"with open('/proc/{number}/mem', 'rb') as memory:\n"
        "    for began, ended in re.findall(r'^(\\w+)-(\\w+) rw', maps, re.M):\n"
        "        memory.seek(int(began, 16))\n"
        "        if needle in memory.read(int(ended, 16) - int(began, 16)):\n"
        "            print('found')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], input=text, capture_output=True, text=True, check=False)
    if "PermissionError" in done.stderr:
        pytest.skip("this system lets nobody look into another process")
    assert done.returncode == 0, done.stderr
    return "found" in done.stdout


def test_a_kernel_is_interrupted_and_restarted(people: People, ada: Seat) -> None:
    """As any other: a cell that waits ends with a KeyboardInterrupt, and a new kernel has the same Workspace."""

    async def both() -> tuple[str, str]:
        before = await ada.says("print(lab.workspace_sid)")
        [session] = await ada.hub.server("GET", "/api/sessions")
        address = f"/api/kernels/{session['kernel']['id']}"
        running = await ada.begins("try:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    print('interrupted')")
        await ada.hub.server("POST", f"{address}/interrupt")
        assert (await running).endswith("interrupted")
        await ada.hub.server("POST", f"{address}/restart")
        await ada.close_notebook()
        await ada.open_notebook()
        await ada.says("import labkit\nlab = labkit.start(lesson='00')")
        return before, await ada.says("print(lab.workspace_sid)")

    people.run(ada.says("import time"))
    before, after = people.run(both())

    assert before == after
    assert of_ada(people, RoomPart.KERNEL).ppid() == of_ada(people, RoomPart.SERVER).ppid()


def test_a_server_that_dies_takes_all_with_it(people: People) -> None:
    """Its kernels, its sandbox, what makes copies there and the walls; nobody else's."""
    people.seat("ada")
    others = len(processes_of(people.workshop, "bob"))
    of_ada(people, RoomPart.SERVER).kill()

    assert running_after(processes_of(people.workshop, "ada"), seconds=10) == []
    assert processes_of(people.workshop, "ada") == []
    assert len(processes_of(people.workshop, "bob")) == others


def test_where_nobody_makes_copies_a_server_is_started_as_usual(people: People) -> None:
    """The process was killed, and one who comes then has a lab all the same."""
    psutil.Process(pid_of(people.workshop.hub_folder / "copier.pid")).kill()

    assert people.run(people.seat("cleo").says("print(lab.mode)")) == "sandbox"


def test_what_is_offered_is_known_to_jupyter() -> None:
    """By a name of its own, so that a kernel that names another one gets that."""
    code = (
        "from pathlib import Path\n"
        "from jupyter_client.provisioning.factory import KernelProvisionerFactory\n"
        "from workshop.warm import kernels\n"
        "kernels.offer(Path('/nowhere'))\n"
        "factory = KernelProvisionerFactory.instance(parent=None)\n"
        "print(factory.provisioners[factory.default_provisioner_name].load().__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.stdout.strip() == kernels.CopiedKernel.__name__, done.stderr
