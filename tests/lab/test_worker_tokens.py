"""`lab.worker_token`: for a Worker by name, signed by one key of the lab's, and dots wherever it is shown."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path

import jwt
import pytest
from secret_search import displayed

import labkit
from labkit.errors import ArgumentError, LabError, TaskRouterError
from labkit.lab.lab import Lab
from labkit.lab.worker_tokens import WorkerTokens
from labkit.settings import Secret, Settings

pytestmark = pytest.mark.process


@pytest.fixture
def lab(home: Path) -> Lab:
    """A lab in a sandbox."""
    return labkit.start()


def test_a_token_is_signed_with_the_one_key_of_the_lab(lab: Lab) -> None:
    """For Alice by any way of saying who she is; the sandbox has made a single key."""
    alice = lab.taskrouter.worker("Alice").sid
    tokens = [lab.worker_token(name) for name in ("Alice", "alice", alice)]
    key = lab._tokens.key()
    said = [jwt.decode(each.reveal(), key.secret.reveal(), algorithms=["HS256"]) for each in tokens]

    assert {each["iss"] for each in said} == {key.sid}
    assert {each["grants"]["task_router"]["worker_sid"] for each in said} == {alice}
    assert said[0]["exp"] - said[0]["nbf"] == 3600
    auth = (key.sid, key.secret.reveal())
    assert lab.client.request("GET", "https://taskrouter.twilio.com/v1/Workspaces", auth=auth).status_code == 200


def test_a_token_is_dots_wherever_it_is_shown(lab: Lab) -> None:
    """In a cell, in a text, in a list; and it is not copied out of the process."""
    token = lab.worker_token("Alice", lifetime_seconds=7200, role="supervisor")
    shown = json.dumps([displayed(token), f"{token} {token!r} {[token]}"], default=repr)

    assert isinstance(token, Secret)
    assert token.reveal() not in shown
    assert str(token).startswith("•••: a token for Alice, role supervisor, for 2 h\n")
    assert not hasattr(token, "__dict__")
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="Secret"):
            attempt(token)


def test_whoever_cannot_have_one_is_told_why(lab: Lab) -> None:
    """Nobody of that name, no such role, no such lifetime, no such argument; TaskRouter is asked last."""
    with pytest.raises(TaskRouterError, match="There is no Worker called 'Alicia' in this Workspace"):
        lab.worker_token("Alicia")
    with pytest.raises(ArgumentError, match="did you mean 'supervisor'"):
        lab.worker_token("Alicia", role="superviser")
    with pytest.raises(ArgumentError, match="lifetime_seconds is 90000"):
        lab.worker_token("Alicia", lifetime_seconds=90_000)
    with pytest.raises(ArgumentError, match="did you mean 'lifetime_seconds'"):
        lab.worker_token("Alice", lifetime_second=60)  # type: ignore[call-arg]


def test_a_key_outlives_what_the_sandbox_forgets(lab: Lab) -> None:
    """After a reset the Workspace is another one, and the lab's key signs for it."""
    before = lab.worker_token("Alice")
    lab.reset()
    after = lab.worker_token("Alice")
    key = lab._tokens.key()
    one, other = (jwt.decode(each.reveal(), key.secret.reveal(), algorithms=["HS256"]) for each in (before, after))

    assert one["grants"]["task_router"]["workspace_sid"] != other["grants"]["task_router"]["workspace_sid"]
    assert other["grants"]["task_router"]["workspace_sid"] == lab.workspace_sid
    auth = (key.sid, key.secret.reveal())
    assert lab.client.request("GET", "https://taskrouter.twilio.com/v1/Workspaces", auth=auth).status_code == 200


@pytest.mark.parametrize("given", [{}, {"api_key_sid": f"SK{'0' * 32}"}, {"api_key_sid": "SKx", "api_key_secret": "y"}])
def test_an_account_without_a_key_is_told_where_to_get_one(lab: Lab, given: dict[str, str]) -> None:
    """By the variables' names; with both there is nothing to ask for."""
    lab._controls.sandbox = False
    with pytest.raises(LabError, match="TWILIO_API_KEY_SID and its secret into TWILIO_API_KEY_SECRET"):
        WorkerTokens(lab._connection, lab._controls, settings=Settings.resolve({}, **given)).key()
    both = Settings.resolve({"TWILIO_API_KEY_SID": f"SK{'0' * 32}", "TWILIO_API_KEY_SECRET": "planted"})
    assert WorkerTokens(lab._connection, lab._controls, settings=both).key().secret.reveal() == "planted"
