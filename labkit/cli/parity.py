"""`python -m labkit parity`: plays scenarios on the sandbox and on the account, and says where the two differ."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labkit.errors import LabError

if TYPE_CHECKING:
    from labkit.parity.record import PlayedScenario
    from labkit.parity.scenario import Scenario
    from labkit.parity.sides import Side

EQUAL, DIFFERENT, IMPOSSIBLE = 0, 1, 2


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "parity",
        help="say where the sandbox differs from the account",
        description="Plays scenarios on a sandbox and on the account, or without credentials on a second sandbox, and "
        "prints where they differ. The exit status: 0 equal, 1 different, 2 could not be compared.",
    )
    parser.add_argument("--scenario", action="append", metavar="NAME", help="only this one; may be given several times")
    parser.add_argument("--list", action="store_true", help="list the scenarios, and play none")
    parser.add_argument("--json", metavar="FILE", help="write the report to this file as well; - writes it out instead")
    parser.add_argument("--yes", action="store_true", help="do not ask before the account is touched")
    parser.add_argument(
        "--against", choices=("account", "sandbox"), help="default: the account, where there are credentials"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """The command; its exit status."""
    try:
        chosen = _chosen(options.scenario)
        if options.list:
            return _list(chosen)
        with tempfile.TemporaryDirectory(prefix="labkit-parity-") as folder:
            return _compare(options, chosen, Path(folder))
    except LabError as error:
        print(f"labkit: {error}", file=sys.stderr)
        return IMPOSSIBLE


def _chosen(names: Sequence[str] | None) -> list[Scenario]:
    from difflib import get_close_matches

    from labkit.parity.scenarios import SCENARIOS

    for name in names or ():
        if name not in SCENARIOS:
            near = get_close_matches(name, SCENARIOS, n=1)
            meant = f" Did you mean {near[0]!r}?" if near else ""
            raise LabError(f"There is no scenario {name!r}.{meant} --list lists them.")
    return [each for each in SCENARIOS.values() if not names or each.name in names]


def _list(scenarios: Sequence[Scenario]) -> int:
    from labkit.display import Section, Table, duration

    rows = [
        (each.name, duration(each.seconds) if each.seconds else "", ", ".join(sorted(each.needs)), each.about)
        for each in scenarios
    ]
    columns = ("Scenario", "Waits", "Needs", "Looks at")
    for begin in range(0, len(rows), 40):
        print(
            Section("" if begin else f"{len(rows)} scenarios", Table(columns, rows[begin : begin + 40], True)).as_text()
        )
    return EQUAL


def _compare(options: argparse.Namespace, scenarios: Sequence[Scenario], folder: Path) -> int:
    from labkit.parity.report import ParityReport
    from labkit.parity.running import play_all
    from labkit.parity.sides import NEEDS, sandbox_side

    account = _account(options.against)
    with sandbox_side(folder / "a") as a:
        played_a = play_all(scenarios, a, tell=_progress(a, scenarios))
    with _other_side(account, folder / "b") as b:
        if account is not None:
            _ask(b, scenarios, played_a, yes=options.yes)
        played_b = play_all(scenarios, b, tell=_progress(b, scenarios))
        missing = {each.name: each.needs - b.offers for each in scenarios}
    report = ParityReport(
        a_label=a.label,
        b_label=b.label,
        a=played_a,
        b=played_b,
        not_compared={
            name: f"needs {', '.join(NEEDS[each] for each in sorted(needs))}"
            for name, needs in missing.items()
            if needs
        },
    )
    _show(report, options.json)
    return DIFFERENT if report.differences else EQUAL


def _show(report: Any, file: str | None) -> None:
    if file == "-":
        print(report.as_json())
        return
    print(report)
    if file:
        try:
            Path(file).write_text(report.as_json() + "\n", encoding="utf-8")
        except OSError as error:
            raise LabError(f"The report cannot be written to {file}: {error.strerror or error}.") from None


def _progress(side: Side, scenarios: Sequence[Scenario]) -> Any:
    """A line for each scenario, on the other stream than the report."""
    number = 0

    def tell(scenario: Scenario) -> None:
        nonlocal number
        number += 1
        print(f"{side.label}: {number} of {len(scenarios)}, {scenario.name}", file=sys.stderr, flush=True)

    return tell


def _account(against: str | None) -> Any:
    """The settings with credentials, if it is the account that is compared.

    Raises:
        SettingsError: it is asked for, and something is missing.
    """
    from labkit.settings import Settings

    if against == "sandbox":
        return None
    settings = Settings.resolve(mode="sandbox")
    if against is None and not (settings.account_sid and settings.auth_token):
        return None
    return Settings.resolve(mode="twilio")


@contextmanager
def _other_side(account: Any, home: Path) -> Iterator[Side]:
    from labkit.parity.sides import sandbox_side, side_of_account
    from labkit.taskrouter.client import connect

    if account is None:
        with sandbox_side(home, label="a second sandbox") as side:
            yield side
        return
    client = connect(account_sid=account.account_sid, auth_token=account.auth_token)
    yield side_of_account(client, account.account_sid)


def _ask(side: Side, scenarios: Sequence[Scenario], played: dict[str, PlayedScenario], *, yes: bool) -> None:
    """Say what will be made in the account, have a yes, and clear up what an earlier comparison left.

    Raises:
        LabError: nobody says yes.
        TaskRouterError: TaskRouter refused, or did not answer.
    """
    from labkit.parity.running import NAME, delete_workspace, is_possible, leftovers
    from labkit.settings import mask

    to_play = [played[each.name] for each in scenarios if is_possible(each, side)]
    tasks, waited = sum(each.tasks for each in to_play), sum(each.waited for each in to_play)
    left = leftovers(side.client)
    print(
        f"In the account {mask(side.account_sid)} this makes {len(to_play)} Workspaces, one after the other, each "
        f'called "{NAME} …", with about {tasks} Tasks in them, and deletes each when its scenario is over. It waits '
        f"for about {waited / 60:.0f} minutes. TaskRouter charges for Tasks by its price list.",
        file=sys.stderr,
    )
    if left:
        print(
            f"It also deletes what an earlier comparison left: {', '.join(each.friendly_name for each in left)}.",
            file=sys.stderr,
        )
    if not yes and not _says_yes():
        raise LabError("Nothing was made or changed in the account. Say yes, or give --yes.")
    for each in left:
        delete_workspace(side.client, each.sid)


def _says_yes() -> bool:
    if not sys.stdin.isatty():
        return False
    print("Type yes to go on: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() == "yes"
