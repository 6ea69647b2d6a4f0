"""`python -m labkit clock`, `faults` and `deliveries`: what only a sandbox can do, from a terminal.

They talk to the sandbox that runs; an open notebook sees what they did within some seconds.
"""

from __future__ import annotations

import argparse

from labkit.cli import Commands


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the three commands."""
    _add_clock(commands)
    _add_faults(commands)
    _add_deliveries(commands)


def _add_clock(commands: Commands[argparse.ArgumentParser]) -> None:
    clock = commands.add_parser("clock", help="show the sandbox's clock, move it on, hold it, let it go")
    actions = clock.add_subparsers(title="actions", metavar="ACTION")
    advance = actions.add_parser("advance", help="move time on, through everything that falls due on the way")
    advance.add_argument("seconds", type=float, metavar="SECONDS", help="from 0 to 2,592,000 (30 days)")
    advance.set_defaults(act=lambda clock, options: clock.advance(options.seconds))
    for name, help_, act in (
        ("pause", "let time stand still", lambda clock, _: clock.pause()),
        ("resume", "let time run on", lambda clock, _: clock.resume()),
        ("next", "move time to what is due next, exactly", lambda clock, _: clock.run_to_next()),
    ):
        actions.add_parser(name, help=help_).set_defaults(act=act)
    clock.set_defaults(run=_clock, act=lambda clock, _: clock.look())


def _add_faults(commands: Commands[argparse.ArgumentParser]) -> None:
    faults = commands.add_parser("faults", help="list what can go wrong on purpose, switch it on and off")
    actions = faults.add_subparsers(title="actions", metavar="ACTION")
    on = actions.add_parser("on", help="switch a fault on")
    on.add_argument("name", metavar="NAME", help="such as callback_500; `faults` alone lists them")
    on.add_argument("--probability", type=float, default=1.0, metavar="P", help="above 0 and up to 1 (the default)")
    on.add_argument("--seconds", type=float, metavar="S", help="for those that delay: from 0 to 60")
    on.set_defaults(
        act=lambda faults, given: faults.on(given.name, probability=given.probability, seconds=given.seconds)
    )
    off = actions.add_parser("off", help="switch a fault off, or all of them")
    off.add_argument("name", nargs="?", metavar="NAME")
    off.set_defaults(act=lambda faults, given: faults.off(given.name))
    faults.set_defaults(run=_faults, act=lambda faults, _: faults.list())


def _add_deliveries(commands: Commands[argparse.ArgumentParser]) -> None:
    deliveries = commands.add_parser("deliveries", help="list the callbacks that the sandbox sent, send one once more")
    deliveries.add_argument("--kind", choices=("assignment", "event"), help="only these")
    deliveries.add_argument("--failed", action="store_true", help="only those with an error")
    deliveries.add_argument("--redeliver", type=int, metavar="N", help="send the delivery of this number once more")
    deliveries.set_defaults(run=_deliveries)


def _clock(options: argparse.Namespace) -> int:
    from labkit.cli.connect import running_sandbox
    from labkit.sandbox_client.clock import Clock

    print(options.act(Clock(running_sandbox()), options))
    return 0


def _faults(options: argparse.Namespace) -> int:
    from labkit.cli.connect import running_sandbox
    from labkit.sandbox_client.faults import Faults

    print(options.act(Faults(running_sandbox()), options))
    return 0


def _deliveries(options: argparse.Namespace) -> int:
    from labkit.cli.connect import running_sandbox
    from labkit.sandbox_client.deliveries import Deliveries

    deliveries = Deliveries(running_sandbox())
    if options.redeliver is not None:
        print(deliveries.redeliver(options.redeliver))
    else:
        print(deliveries.list(kind=options.kind, failed=options.failed))
    return 0
