"""What a lesson's check may know of an account: what the lab remembers there, and what was found done before."""

from __future__ import annotations

import pytest
from twilio_stand_in import StandIn

import labkit
from labkit.account.memory import AccountMemory
from labkit.course.record import AccountTraces

LESSON, WORKSPACE = "02_assignment_callback", "TaskRouter Lab: 02 assignment callback"


@pytest.mark.process
def test_a_check_knows_what_is_remembered_of_the_lessons_workspace(twilio: StandIn, memory: AccountMemory) -> None:
    """The yes, and that something was made; of a Workspace that is gone neither, and still what was ticked."""
    memory.allow(WORKSPACE)
    lab = labkit.start(mode="twilio", lesson="02", panel=False, yes=True)
    lab._course._progress.note(LESSON, ticked=["The Workflow called a view of your own"])
    ticked = frozenset({"The Workflow called a view of your own"})

    assert lab._course._records()(LESSON).account == AccountTraces(allowed=True, left=True, ticked=ticked)
    for sid in {each.sid for each in memory.workspace(WORKSPACE).made if each.kind == "Workspace"}:
        lab._connection.quiet.taskrouter.v1.workspaces(sid).delete()
    memory.forget_workspace(WORKSPACE)

    after = lab._course._records()(LESSON)
    assert (after.account, [*after.events]) == (AccountTraces(ticked=ticked), [])
    assert lab.check().steps[1].done
