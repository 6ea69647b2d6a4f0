"""A call with an argument that does not exist is answered with one sentence, wherever a learner may call."""

from __future__ import annotations

import inspect
from types import SimpleNamespace
from typing import Any

import pytest

import labkit
from labkit.arguments import explaining_arguments, named_arguments
from labkit.callbacks.policy import AnswerPolicy
from labkit.errors import ArgumentError, LabError, SettingsError
from labkit.lab.lab import Lab
from labkit.lab.panels import shows
from labkit.sandbox_client.clock import Clock
from labkit.sandbox_client.deliveries import Deliveries
from labkit.sandbox_client.faults import Faults
from labkit.taskrouter.workspace_client import WorkspaceClient

CALLED_BY_LEARNERS = (Lab, WorkspaceClient, Clock, Faults, Deliveries, AnswerPolicy)
METHODS = [
    pytest.param(each, id=f"{owner.__name__}.{name}")
    for owner in CALLED_BY_LEARNERS
    for name, each in vars(owner).items()
    if inspect.isfunction(each) and not name.startswith("_")
]


@named_arguments
class Thing:
    def paint(self, colour: str, *, coats: int = 1) -> str:
        """Paints."""
        return colour * coats

    def spoil(self) -> None:
        """Has a mistake of its own inside."""
        len(3)  # type: ignore[arg-type]


def test_the_nearest_argument_is_named() -> None:
    """With all that there are; `except TypeError` catches it as before."""
    thing: Any = Thing()
    with pytest.raises(LabError) as caught:
        thing.paint("red", coat=2)
    assert str(caught.value) == "paint() has no argument 'coat'; did you mean 'coats'? It takes: colour, coats."
    assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"zebra": 1}, "paint() has no argument 'zebra'. It takes: colour, coats."),
        ({}, "paint(): missing a required argument: 'colour'. It takes: colour, coats."),
    ],
)
def test_what_is_missing_is_named(given: dict[str, int], said: str) -> None:
    """And what nothing comes near to."""
    paint: Any = Thing().paint
    with pytest.raises(ArgumentError) as caught:
        paint(**given)
    assert str(caught.value) == said


def test_what_fits_is_not_touched() -> None:
    """Neither the result, nor the signature that Shift+Tab shows, nor a TypeError from inside."""
    assert Thing().paint("ab", coats=2) == "abab"
    assert list(inspect.signature(Thing.paint).parameters) == ["self", "colour", "coats"]
    with pytest.raises(TypeError) as caught:
        Thing().spoil()
    assert not isinstance(caught.value, LabError)


@pytest.mark.parametrize("method", METHODS)
def test_everything_that_a_learner_calls_says_so(method: Any) -> None:
    """No method of theirs answers a wrong argument with a bare TypeError."""
    if any(each.kind is each.VAR_KEYWORD for each in inspect.signature(method).parameters.values()):
        method = explaining_arguments(WorkspaceClient.create_task)  # what the only one of these hands on to
    with pytest.raises(ArgumentError, match="has no argument 'zzz'"):
        method(object(), zzz=1)


def test_a_panel_says_so_under_its_own_name() -> None:
    """`lab.desk(veiw="work")`."""

    class Shower:
        desk = shows()

    def called_with(view: str | None = None) -> None: ...

    lab: Any = Shower()
    lab.panels = SimpleNamespace(get=lambda _name: SimpleNamespace(called_with=called_with))
    with pytest.raises(ArgumentError) as caught:
        lab.desk(veiw="work")
    assert str(caught.value) == "desk() has no argument 'veiw'; did you mean 'view'? It takes: view."


def test_starting_says_so() -> None:
    """`labkit.start(mod="sandbox")`; `panel` is one that there is."""
    with pytest.raises(
        SettingsError, match=r"start\(\) has no argument 'mod'; did you mean 'mode'\? It takes: panel, "
    ):
        labkit.start(mod="sandbox")
