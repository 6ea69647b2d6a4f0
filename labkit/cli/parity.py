"""`python -m labkit parity`: plays scenarios on the sandbox and on the account, and says where the two differ."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labkit.errors import LabError

if TYPE_CHECKING:
    from labkit.parity.callback_receiver import CallbackReceiver
    from labkit.parity.record import PlayedScenario
    from labkit.parity.scenario import Scenario
    from labkit.parity.sides import Side
    from labkit.settings import Settings

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
    reached = parser.add_mutually_exclusive_group()
    reached.add_argument("--public-url", metavar="URL", help="https://… that leads to --port of this computer")
    reached.add_argument(
        "--ngrok", action="store_true", help="open a tunnel, so that the account reaches callback URLs"
    )
    parser.add_argument("--port", type=int, help="of 127.0.0.1, for callbacks; with --public-url")
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
    from labkit.parity.sides import patient, sandbox_side

    account = _account(options)
    as_asked = patient if options.scenario else (lambda side: side)
    with sandbox_side(folder / "a") as side:
        a = as_asked(side)
        played_a = play_all(scenarios, a, tell=_progress(a, scenarios))
    with _other_side(account, folder / "b", options) as side:
        b = as_asked(side)
        if account is not None:
            _ask(b, scenarios, played_a, yes=options.yes)
        played_b = play_all(scenarios, b, tell=_progress(b, scenarios))
    report = ParityReport(a_label=a.label, b_label=b.label, a=played_a, b=played_b, not_compared=_missing(scenarios, b))
    _show(report, options.json)
    return DIFFERENT if report.differences else EQUAL


def _missing(scenarios: Sequence[Scenario], side: Side) -> dict[str, str]:
    """Why a scenario cannot be played there, by its name."""
    from labkit.parity.sides import NEEDS

    needed = {each.name: sorted(each.needs - side.offers) for each in scenarios}
    return {name: f"needs {' and '.join(NEEDS[each] for each in needs)}" for name, needs in needed.items() if needs}


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
    """A line for each scenario that is played there, on the other stream than the report."""
    from labkit.parity.running import is_possible

    number, of = 0, sum(is_possible(each, side) for each in scenarios)

    def tell(scenario: Scenario) -> None:
        nonlocal number
        number += 1
        print(f"{side.label}: {number} of {of}, {scenario.name}", file=sys.stderr, flush=True)

    return tell


def _account(options: argparse.Namespace) -> Settings | None:
    """The settings with credentials, if it is the account that is compared.

    The tunnel is named, so that the lab's own, which stands in the environment, is neither used nor judged.

    Raises:
        SettingsError: it is asked for, and something is missing.
    """
    from labkit.settings import Settings

    if options.against == "sandbox":
        return None
    tunnel = "public_url" if options.public_url else "ngrok"
    reached = {"tunnel": tunnel, "public_url": options.public_url, "port": options.port}
    given = Settings.resolve(mode="sandbox", **reached)
    signs_in = given.auth_token or (given.api_key_sid and given.api_key_secret)
    if options.against is None and not (given.account_sid and signs_in):
        return None
    return Settings.resolve(mode="twilio", **reached)


@contextmanager
def _other_side(account: Settings | None, home: Path, options: argparse.Namespace) -> Iterator[Side]:
    from labkit.parity.sides import sandbox_side, side_of_account
    from labkit.taskrouter.client import account_of, connect

    if account is None:
        with sandbox_side(home, label="a second sandbox") as side:
            yield side
        return
    found = account_of(account)
    with _reached(account, options) as receive:
        yield side_of_account(
            connect(**found),
            found["account_sid"],
            auth_token=account.auth_token,
            key=found["api_key"],
            receive=receive,
            region=account.region,
        )


@contextmanager
def _reached(account: Settings, options: argparse.Namespace) -> Iterator[Callable[[], CallbackReceiver] | None]:
    """What opens callback URLs that the account reaches; None without a public address.

    Raises:
        LabError: the port is taken, which is told before anything is made in the account.
        TunnelError: there is no tunnel.
    """
    from labkit.parity.callback_receiver import CallbackReceiver, free_port
    from labkit.tunnel import choose

    if not (options.public_url or options.ngrok):
        yield None
        return
    tunnel, port = choose(account), free_port(account.port if options.public_url else options.port or 0)
    try:
        address = tunnel.open(port)
        yield lambda: CallbackReceiver(port=port, public_url=address)
    finally:
        tunnel.close()


def _ask(side: Side, scenarios: Sequence[Scenario], played: dict[str, PlayedScenario], *, yes: bool) -> None:
    """Say what will be made in the account, have a yes, and clear up what an earlier comparison left.

    Raises:
        LabError: nobody says yes.
        TaskRouterError: TaskRouter refused, or did not answer.
    """
    from labkit.display import counted, duration
    from labkit.parity.running import NAME, delete_workspace, is_possible, leftovers
    from labkit.settings import mask

    to_play = [played[each.name] for each in scenarios if is_possible(each, side)]
    tasks, waited = sum(each.tasks for each in to_play), sum(each.waited for each in to_play)
    left = leftovers(side.client)
    print(
        f"In the account {mask(side.account_sid)} this makes {counted(len(to_play), 'Workspace')} "
        f'("{NAME} …"), one after the other, with about {counted(tasks, "Task")} in all, and deletes each when its '
        f"scenario is over. It lets {duration(waited)} pass. Twilio charges for Tasks by its price list.",
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
