"""The room in an open workshop, walls and all: two participants race for a caller whom the instructor lets in."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from workshop_rooms import Room, room

from workshop.rehearsal.hub_session import hub_session
from workshop.rehearsal.kernel_socket import KernelSocket
from workshop.rehearsal.participant import PretendedParticipant

pytestmark = [pytest.mark.process, pytest.mark.alone, pytest.mark.soak]

START = """
import labkit, time
lab = labkit.start(mode='room', panel=False)
print(lab.worker, lab._routing.pushed.is_open)
"""
OFFERED = """
end = time.monotonic() + 20
while not lab.live.reservations and time.monotonic() < end:
    time.sleep(0.05)
[card] = lab.live.reservations
print(card.status)
"""
ACCEPT = """
try:
    lab.taskrouter.accept(card.task_sid, card.sid)
    print('won')
except labkit.LabError as error:
    print(error)
"""


@pytest.mark.timeout(300)
def test_two_race_for_the_instructors_caller() -> None:
    with room(room=True) as made:
        done = made.call("start")
        assert done.returncode == 0, done.stderr
        asyncio.run(_race(made, password=done.stdout.partition(", with the password ")[2].split()[0]))


async def _race(made: Room, *, password: str) -> None:
    async with AsyncExitStack() as kernels:
        ana = await _kernel(made, kernels, "ana", "password-1")
        ben = await _kernel(made, kernels, "ben", "password-2")
        teacher = await _kernel(made, kernels, made.workshop.admin, password)
        for name, kernel in (("ana", ana), ("ben", ben), (made.workshop.admin, teacher)):
            assert (await kernel.run(START)).text.split()[-2:] == [name, "True"]
        assert (await kernel.run("lab.create_task({'race': True})")).error == ""
        for kernel in (ana, ben):
            assert "pending" in (await kernel.run(OFFERED)).text
        assert "won" in (await ana.run(ACCEPT)).text
        assert "accepted the Task first" in (await ben.run(ACCEPT)).text


async def _kernel(made: Room, kernels: AsyncExitStack, name: str, password: str) -> KernelSocket:
    session = await kernels.enter_async_context(hub_session(made.workshop.url, name))
    person = PretendedParticipant(session, opened=0)
    await person.come_in(password)
    return await kernels.enter_async_context(person.kernel())
