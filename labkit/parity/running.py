"""Playing scenarios on one side: each in a Workspace that is made for it and deleted at its end, whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from labkit.errors import TaskRouterError
from labkit.parity.player import ScenarioPlayer
from labkit.parity.record import PlayedScenario
from labkit.parity.roles import RoleNames
from labkit.parity.scenario import Scenario
from labkit.parity.sides import Side
from labkit.parity.step_answer import CutShortError
from labkit.taskrouter.errors import asking

NAME = "TaskRouter Lab parity"
"""What the name of every Workspace that this makes begins with."""
_NOT_FOUND = 404


def play_all(
    scenarios: Sequence[Scenario], side: Side, *, tell: Callable[[Scenario], object] = lambda _: None
) -> dict[str, PlayedScenario]:
    """Play those that this side has everything for, by their names.

    Args:
        scenarios: in their order.
        side: where.
        tell: is told of each before it is played.

    Raises:
        TaskRouterError: a Workspace could not be made or deleted, or TaskRouter did not answer.
    """
    played = {}
    for each in scenarios:
        if is_possible(each, side):
            tell(each)
            played[each.name] = play(each, side)
    return played


def play(scenario: Scenario, side: Side) -> PlayedScenario:
    """Play one; raises as `play_all`."""
    with _workspace(scenario, side) as (workspace, roles):
        player = ScenarioPlayer(side, workspace.sid, roles)
        cut_short = ""
        try:
            scenario.play(player)
        except CutShortError as error:
            cut_short = str(error)
        except (LookupError, ValueError, TypeError) as error:  # the scenario reads an answer that has another form
            cut_short = f"an answer has another form than the sandbox's ({type(error).__name__})"
        finally:
            player.close()
        return PlayedScenario(
            name=scenario.name,
            steps=tuple(player.steps),
            claims=tuple(player.claims),
            tasks=player.tasks,
            waited=player.waited,
            cut_short=cut_short,
        )


@contextmanager
def _workspace(scenario: Scenario, side: Side) -> Iterator[tuple[Any, RoleNames]]:
    """A new Workspace, with the roles of what is in it from the beginning: the Activities, TaskChannels and so on."""
    workspaces = side.client.taskrouter.v1.workspaces
    with asking("make a Workspace for a scenario"):
        made = workspaces.create(
            friendly_name=f"{NAME} {scenario.name}"[:64],
            template=scenario.template,
            multi_task_enabled=scenario.multitasking,
        )
    try:
        yield made, _first_roles(made, side)
    finally:
        delete_workspace(side.client, made.sid)


def _first_roles(made: Any, side: Side) -> RoleNames:
    roles = RoleNames(side.account_sid, made.date_created)
    roles.learn(made.sid, "Workspace")
    with asking("list what a new Workspace has"):
        for each in made.activities.list():
            roles.learn(each.sid, each.friendly_name)
        for each in made.task_channels.list():
            roles.learn(each.sid, each.unique_name)
    return roles


def leftovers(client: Any) -> list[Any]:
    """The Workspaces of earlier comparisons that were ended before they could clear up.

    Raises:
        TaskRouterError: TaskRouter refused, or did not answer.
    """
    with asking("list the Workspaces"):
        return [each for each in client.taskrouter.v1.workspaces.list() if each.friendly_name.startswith(f"{NAME} ")]


def delete_workspace(client: Any, sid: str) -> None:
    """Delete a Workspace with all in it; one that is gone already is no error. Raises as `leftovers`."""
    try:
        with asking(f"delete the Workspace {sid}, which a comparison made"):
            client.taskrouter.v1.workspaces(sid).delete()
    except TaskRouterError as error:
        if error.status != _NOT_FOUND:
            raise


def is_possible(scenario: Scenario, side: Side) -> bool:
    """Whether this side has everything that the scenario needs."""
    return scenario.needs <= side.offers
