"""labkit.errors: one root, and the data that each error carries."""

from __future__ import annotations

import inspect

import pytest

import labkit
from labkit import errors

EVERY_ERROR = [c for _, c in inspect.getmembers(errors, inspect.isclass) if c.__module__ == errors.__name__]


@pytest.mark.parametrize("error", EVERY_ERROR, ids=lambda c: c.__name__)
def test_every_error_is_a_lab_error(error: type[Exception]) -> None:
    """`except labkit.LabError` catches whatever the lab raises on purpose."""
    assert issubclass(error, labkit.LabError)


@pytest.mark.parametrize("error", EVERY_ERROR, ids=lambda c: c.__name__)
def test_the_tree_at_the_top_names_every_error(error: type[Exception]) -> None:
    """The tree that a reader meets first has no gap."""
    assert error.__name__ in (errors.__doc__ or "")


def test_a_tunnel_error_carries_ngroks_code() -> None:
    """The code is None when ngrok gave none."""
    assert errors.TunnelError("refused", ngrok_code="ERR_NGROK_4018").ngrok_code == "ERR_NGROK_4018"
    assert errors.TunnelError("silent").ngrok_code is None


def test_a_task_router_error_carries_status_and_code() -> None:
    """Both are None when there was no answer at all."""
    answered = errors.TaskRouterError("not found", status=404, code=20404)
    silent = errors.TaskRouterError("no answer")

    assert (answered.status, answered.code) == (404, 20404)
    assert (silent.status, silent.code) == (None, None)


def test_an_expression_error_says_where() -> None:
    """Text, position and what was expected survive beside the message."""
    error = errors.ExpressionError("no operator", text="a b", position=2, expected=("==",))

    assert str(error) == "no operator"
    assert (error.text, error.position, error.expected) == ("a b", 2, ("==",))


def test_a_refusal_is_a_bad_request_unless_it_says_otherwise() -> None:
    """400 with code 20001 is what TaskRouter answers to a parameter it cannot use."""
    refusal = errors.Refusal("no")

    assert (refusal.status, refusal.code) == (400, 20001)
