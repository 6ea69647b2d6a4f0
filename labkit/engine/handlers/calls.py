"""Simulated calls, as the lab may direct them: what becomes of them, and hanging up."""

from __future__ import annotations

from labkit.engine import call_instructions, call_legs
from labkit.engine import commands as c
from labkit.engine.refusals import NotFound
from labkit.engine.resources import CallLeg, CallRule
from labkit.engine.unit_of_work import UnitOfWork
from labkit.vocabulary import Sid


def set_rule(unit: UnitOfWork, command: c.SetCallRule) -> CallRule:
    """From now on; a call that rings already keeps to what was said before."""
    rules, workspace_sid = unit.state.call_rules, unit.state.workspace.sid
    sid = call_legs.rule_sid(workspace_sid, command.to)
    rule = rules.get(sid)
    if rule is None:
        born = {**unit.new_record_fields(Sid.CALL), "sid": sid}
        rule = rules[sid] = unit.add(CallRule(**born, to=command.to))
    rule.outcome = command.outcome
    rule.answer_after_seconds = command.answer_after_seconds
    rule.ends_after_seconds = command.ends_after_seconds
    return unit.touch(rule)


def hang_up(unit: UnitOfWork, command: c.HangUp) -> CallLeg:
    """End a call that rings or is in progress. Where several Tasks name one call, it ends for all of them.

    Raises:
        NotFound: there is no such call in this Workspace, or it is over.
    """
    legs = [leg for leg in unit.state.call_legs.values() if command.sid in (leg.sid, leg.call_sid) and leg.is_live]
    if not legs:
        raise NotFound(command.sid)
    for leg in legs:
        if leg.is_live:
            call_instructions.end(unit, leg)
    return legs[0]
