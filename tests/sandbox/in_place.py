"""After whatever was sent to a sandbox: everything in it is in its place."""

from __future__ import annotations

from engine.invariants import assert_indexes, assert_settled, assert_statuses_agree, derived
from sandbox.local import LocalSandbox

from labkit.engine import Engine


def assert_all_in_place(sandbox: LocalSandbox) -> None:
    """Every index is what the records say, and what would be loaded after a restart is what is in memory."""

    def look() -> None:
        service = sandbox.service
        for state in service.states.values():
            assert_statuses_agree(state)
            assert_indexes(state)
            assert_settled(state)
        again = Engine(sids=lambda prefix: prefix, records=service.store.load())
        assert set(again.states) == set(service.states)
        for sid in again.states:
            assert derived(again, sid) == derived(service._engine, sid)

    sandbox.look(look)
