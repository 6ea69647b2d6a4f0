"""Who may ask what of the bridge, by the role in the token.

Twilio does not say it; ours is what the SDK needs, and that nobody acts as somebody else: a Worker for themself, a
supervisor also for other Workers and into their conversations, an admin everything in the Workspace. A token that is
signed with a member's key opens what that key opens.
"""

from __future__ import annotations

from enum import StrEnum

from labkit.engine.refusals import NotFound
from labkit.engine.workspace_state import WorkspaceState
from labkit.member_routes import allows, match
from labkit.sandbox.api.admission import CLOSED, check_form, own_reservations
from labkit.sandbox.api.params import Form
from labkit.sandbox.bridge.access_tokens import Grant
from labkit.sandbox.refusals import Forbidden
from labkit.sandbox.service import Service
from labkit.vocabulary import Role


class Who(StrEnum):
    """Who may use an operation, as its refusal says it; an admin may use each."""

    EVERYBODY = "everybody in the Workspace"
    ONESELF = "the Worker in the path"
    OR_SUPERVISOR = "the Worker in the path, or a supervisor"
    SUPERVISOR = "a supervisor"


def state_of(service: Service, grant: Grant) -> WorkspaceState:
    """The Workspace that a token is for.

    Raises:
        Forbidden: it is not there, or another account's.
    """
    state = service.states.get(grant.workspace_sid)
    if state is None or state.workspace.account_sid != grant.account_sid:
        raise Forbidden(f"the account of this token has no Workspace {grant.workspace_sid}")
    return state


def check(grant: Grant, who: Who, *, worker_sid: str) -> None:
    """Refuse what the role does not allow.

    Args:
        grant: of the token.
        who: may use the operation.
        worker_sid: the Worker in the path; empty if there is none.

    Raises:
        Forbidden: this one may not.
    """
    is_supervisor = grant.role is Role.SUPERVISOR
    allowed = {
        Who.EVERYBODY: True,
        Who.ONESELF: worker_sid == grant.worker_sid,
        Who.OR_SUPERVISOR: worker_sid == grant.worker_sid or is_supervisor,
        Who.SUPERVISOR: is_supervisor,
    }
    if grant.role is not Role.ADMIN and not allowed[who]:
        whose = f"of Worker {grant.worker_sid}" if grant.worker_sid else "of no Worker"
        raise Forbidden(f"this is for {who}, and the token is {whose} with the role {grant.role}")


def check_member(grant: Grant, state: WorkspaceState, *, method: str, url: str, form: Form) -> None:
    """Refuse what a token that a member's key has signed does not open: it opens what that key does over REST.

    Args:
        grant: of the token.
        state: the Workspace that it is for.
        method, url, form: what is asked.

    Raises:
        Forbidden: the path, or a parameter, is closed.
        NotFound: it is open, and not theirs.
    """
    member = grant.member
    if member is None:
        return
    found = match(method, f"/v1/{url}", on_bridge=True)
    if found is None:
        raise Forbidden(CLOSED)
    held = own_reservations(state, found.task_sid, worker_sid=grant.worker_sid)
    if not allows(found, member, reservations=held):
        raise NotFound(f"/{url}")
    if found.route.params is not None:
        check_form(found, form)
