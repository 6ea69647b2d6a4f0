"""What goes wrong in a room, tried in one: five participants in a workshop with walls, each with a lab of their own.

Whoever did notebook 00 in the first test goes through something else in each of the others. What one sees then stands
in the table of `docs/facilitator.md`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from statistics import median

import pytest
from workshop_network import Network, network
from workshop_people import START, People, Seat, password_of, until
from workshop_rooms import Room, pid_of

from workshop.rehearsal.first_notebook import PATH
from workshop.rehearsal.participant import VisitStage
from workshop.settings import WorkshopError

pytestmark = [pytest.mark.process, pytest.mark.alone, pytest.mark.timeout(180)]

FIVE = ("ada", "ben", "cleo", "dan", "eva")
CHECK = "print(lab.check())"
WORKSPACE = "print(lab.workspace_sid)"
ANOTHER_NOTEBOOK = "01_workspace.ipynb"


@pytest.fixture(scope="module")
def people(open_room: Room) -> Iterator[People]:
    """In an open room five have done notebook 00."""
    with People(open_room) as people:
        people.visit(*FIVE)
        yield people


def test_five_who_come_at_once_are_through_the_first_notebook(people: People) -> None:
    """The proof in short; the one with thirty is in `test_room_of_thirty.py`."""
    assert [visit.failure for visit in people.visits if visit.failure] == []
    assert all(set(visit.reached) == set(VisitStage) for visit in people.visits)
    assert median(visit.reached[VisitStage.FIRST_PANEL] for visit in people.visits) < 60


def test_two_tabs_of_one_notebook_have_one_kernel(people: People) -> None:
    """What one tab sets the other one sees; another notebook has a kernel of its own, and the same Workspace."""

    async def both(seat: Seat) -> None:
        async with seat.participant.kernel() as second:
            await seat.says("mine = 7")
            run = await second.run("print(mine)")
        assert run.text.strip() == "7"
        assert seat.socket.is_open

    async def beside(seat: Seat) -> None:
        async with seat.participant.kernel(ANOTHER_NOTEBOOK) as other:
            run = await other.run('import labkit\nprint(labkit.start(lesson="00").workspace_sid)')
            assert run.text.strip().splitlines()[-1] == await seat.says(WORKSPACE)

    people.run(both(people.seat("ada")))
    people.run(beside(people.seat("ada")))


def test_a_closed_laptop_finds_the_kernel_as_it_was(people: People) -> None:
    """The cell that ran goes on without it."""

    async def away(seat: Seat) -> str:
        await seat.says("steps = []")
        running = await seat.begins("import time\ntime.sleep(0.5)\nsteps.append('done')")
        running.cancel()
        await seat.close_notebook()
        await seat.open_notebook()
        return await seat.says("print(steps)")

    assert people.run(away(people.seat("ben"))) == "['done']"


def test_one_who_was_culled_comes_back_to_all_that_was_done(people: People) -> None:
    """The server is stopped as the culler does it; the work is in the home, TaskRouter's state and progress too."""

    async def culled(seat: Seat) -> tuple[str, str, str]:
        before = await seat.says(WORKSPACE)
        await seat.close_notebook()
        await stop_server(seat)
        await seat.participant.begin()
        await seat.open_notebook()
        await seat.says(START)
        return before, await seat.says(WORKSPACE), await seat.says(CHECK)

    before, after, check = people.run(culled(people.seat("ben")))

    assert before == after
    assert "All done." in check


async def stop_server(seat: Seat) -> None:
    """By the hub's API, and wait until it is gone."""
    await seat.hub.api("DELETE", f"users/{seat.hub.name}/server")

    async def gone() -> bool:
        model = await seat.hub.api("GET", f"users/{seat.hub.name}")
        return not model["servers"]

    await until(gone)


def test_a_restarted_kernel_finds_its_workspace(people: People) -> None:
    """The same cell once more, and nothing of what was done is lost."""

    async def restarted(seat: Seat) -> tuple[str, str, str]:
        before = await seat.says(WORKSPACE)
        await ask_kernel(seat, "restart")
        await seat.close_notebook()
        await seat.open_notebook()
        await seat.says(START)
        return before, await seat.says(WORKSPACE), await seat.says(CHECK)

    before, after, check = people.run(restarted(people.seat("cleo")))

    assert before == after
    assert "All done." in check


async def ask_kernel(seat: Seat, action: str) -> None:
    """By the button in the notebook's toolbar: `restart`, or `interrupt`, which is the black square."""
    [session] = [each for each in await seat.hub.server("GET", "/api/sessions") if each["path"] == PATH]
    await seat.hub.server("POST", f"/api/kernels/{session['kernel']['id']}/{action}")


def test_the_hub_may_be_killed_while_people_work(people: People) -> None:
    """No websocket drops: neither while there is no hub, nor when it is there again."""
    seat = people.seat("dan")
    os.kill(pid_of(people.workshop.hub_folder / "hub.pid"), signal.SIGKILL)
    without = people.run(seat.says(WORKSPACE))
    done = people.room.call("start")
    again = people.run(seat.says(WORKSPACE))

    assert done.returncode == 0, done.stderr
    assert without == again != ""
    assert seat.socket.is_open


def test_whoever_deletes_everything_gets_new_notebooks(people: People) -> None:
    """A new start of the server lays them there; what was done is gone, as it was meant."""

    async def deleted(seat: Seat) -> list[str]:
        await seat.says(DELETE_ALL)
        await seat.close_notebook()
        await stop_server(seat)
        await seat.participant.begin()
        await seat.open_notebook()
        await seat.participant.do_first_notebook(seat.socket)
        return await names_in_home(seat)

    assert "notebooks" in people.run(deleted(people.seat("cleo")))


DELETE_ALL = """
import pathlib, shutil
for path in pathlib.Path.home().iterdir():
    shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()
"""


async def names_in_home(seat: Seat) -> list[str]:
    """What lies there, as the participant sees it."""
    return (await seat.says("import pathlib\nprint(*[path.name for path in pathlib.Path.home().iterdir()])")).split()


def test_a_script_that_floods_hinders_nobody_else(people: People) -> None:
    """One has a cell that prints, computes and makes Tasks for ever; another one works on meanwhile."""
    flooding, working = people.seat("dan"), people.seat("eva")

    async def flooded() -> float:
        flood = await flooding.begins(FLOOD)
        began = time.monotonic()
        await working.says("lab.clear_tasks()")
        await working.says(ONE_TASK)
        took = time.monotonic() - began
        assert not flood.done()
        await ask_kernel(flooding, "interrupt")
        with pytest.raises(AssertionError, match="KeyboardInterrupt"):
            await flood
        return took

    assert people.run(flooded()) < 10


FLOOD = """
import itertools
for number in itertools.count():
    print("x" * 10_000)
    if number % 10 == 0:
        lab.create_task({"selected_language": "es"})
"""
ONE_TASK = 'print(lab.create_task({"selected_language": "es"}).sid)'


def test_two_names_that_are_one_are_one_participant(people: People) -> None:
    """`Eva` is `eva`: with her password she is her, with another one she is refused."""

    async def log_in(name: str, password: str) -> str:
        hub = await people.browser(name)
        await hub.log_in(password)
        model = await hub.api("GET", "user")
        return str(model["name"])

    people.seat("eva")
    assert people.run(log_in("Eva", password_of("eva"))) == "eva"
    with pytest.raises(WorkshopError, match="did not let Eva in"):
        people.run(log_in("Eva", "another password"))


def test_the_hub_answers_while_ten_log_in_at_once(people: People) -> None:
    """Each password takes a quarter of a second of a core, and not of the hub's loop."""
    names = [f"guest-{number}" for number in range(10)]

    async def log_in(name: str) -> None:
        await (await people.browser(name)).log_in(password_of(name))

    async def all_at_once() -> float:
        onlooker, slowest = await people.browser("onlooker"), 0.0
        logins = asyncio.gather(*map(log_in, names))
        while not logins.done():
            began = time.monotonic()
            async with onlooker.http.get(f"{people.workshop.url}hub/health") as answer:
                assert answer.status == 200
            slowest = max(slowest, time.monotonic() - began)
            await asyncio.sleep(0.05)
        await logins
        return slowest

    assert people.run(all_at_once()) < 2


@asynccontextmanager
async def by_a_network(people: People, name: str) -> AsyncIterator[tuple[Network, Seat]]:
    """Somebody who comes by a network of which the plug can be pulled."""
    async with network(people.workshop.port) as (between, url):
        seat = await people.elsewhere(name, url)
        try:
            yield between, seat
        finally:
            await seat.close_notebook()


@pytest.mark.parametrize("seconds", [1.0, pytest.param(10.0, marks=pytest.mark.soak)])
def test_a_network_that_stalls_delivers_late(people: People, seconds: float) -> None:
    """The websocket stays, and what was shown meanwhile arrives."""

    async def stalled() -> str:
        async with by_a_network(people, "ada") as (between, seat):
            running = await seat.begins("import time\ntime.sleep(0.3)\nprint('arrived')")
            between.stall()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asyncio.shield(running), seconds)
            between.restore()
            return await running

    assert people.run(stalled()).split() == ["begun", "arrived"]


@pytest.mark.parametrize("seconds", [1.0, pytest.param(10.0, marks=pytest.mark.soak)])
def test_a_network_that_is_gone_costs_nothing_but_the_time(people: People, seconds: float) -> None:
    """The websocket ends, the cell does not; the page comes back to the same kernel, as JupyterLab's does by itself."""

    async def gone() -> str:
        async with by_a_network(people, "ada") as (between, seat):
            running = await seat.begins("import time\ntime.sleep(0.5)\nleft = 'not lost'")
            between.drop()
            with pytest.raises(WorkshopError, match="websocket was closed"):
                await running
            await seat.close_notebook()
            await asyncio.sleep(seconds)
            between.restore()
            await seat.open_notebook()
            return await seat.says("print(left)")

    assert people.run(gone()) == "not lost"


def test_a_forgotten_password_is_chosen_anew_and_the_work_is_kept(people: People) -> None:
    """The instructor deletes the name, on the hub's admin page; whoever has it next chooses the password."""
    made = people.room.run("-c", INSTRUCTOR, str(people.workshop.folder))
    assert made.returncode == 0, made.stderr

    async def forgotten() -> str:
        teacher, dan = await people.browser(people.workshop.admin), await people.browser("dan")
        await teacher.log_in(password_of(people.workshop.admin))
        await teacher.api("DELETE", "users/dan")
        await dan.log_in("a new password")
        model = await dan.api("GET", "user")
        return str(model["name"])

    assert people.run(forgotten()) == "dan"
    assert (people.workshop.home_of("dan") / "notebooks" / PATH).exists()


INSTRUCTOR = f"""
import sys
from pathlib import Path
from labkit.settings import Secret
from workshop.opening import new_password
from workshop.settings import Workshop
new_password(Workshop.read(Path(sys.argv[1])), Secret({password_of("teacher")!r}))
"""
