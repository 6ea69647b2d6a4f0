"""The command line: `python -m labkit <command>`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from labkit.cli import (
    account,
    command_line,
    controls,
    course,
    doctor,
    explain,
    ngrok_token,
    parity,
    sandbox,
    snapshots,
    workspace_file,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns what `command_line.run` does."""
    return command_line.run(_parser(), arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="labkit", description="TaskRouter Lab from the command line.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    lab = commands.add_parser("lab", help="open the first notebook in JupyterLab")
    lab.add_argument("jupyter", nargs=argparse.REMAINDER, help="arguments for JupyterLab, after --")
    lab.set_defaults(run=_lab)
    desk = commands.add_parser("desk", help="open the desk as a page of its own, without code")
    desk.add_argument("--look-only", action="store_true", help="show it to a room: whatever would act is refused")
    desk.add_argument("voila", nargs=argparse.REMAINDER, help="arguments for Voilà, after --")
    desk.set_defaults(run=_desk)
    demo = commands.add_parser("demo", help="play two acceptances in the terminal, against a sandbox of their own")
    demo.set_defaults(run=_demo)
    sdk = commands.add_parser("agent-sdk", help="get Twilio's own Worker SDK for the agent page (needs Node.js)")
    sdk.set_defaults(run=_agent_sdk)
    doctor.add(commands)
    explain.add(commands)
    sandbox.add(commands)
    controls.add(commands)
    snapshots.add(commands)
    workspace_file.add(commands)
    course.add(commands)
    account.add(commands)
    ngrok_token.add(commands)
    parity.add(commands)
    return parser


def _lab(options: argparse.Namespace) -> int:
    from labkit.cli.jupyter import launch

    return launch([argument for argument in options.jupyter if argument != "--"])


def _desk(options: argparse.Namespace) -> int:
    from labkit.cli.jupyter import launch_desk

    look_only = ["--look-only"] if options.look_only else []
    return launch_desk([*look_only, *(argument for argument in options.voila if argument != "--")])


def _agent_sdk(_: argparse.Namespace) -> int:
    from labkit.cli import agent_sdk

    return agent_sdk.run()


def _demo(_: argparse.Namespace) -> int:
    from labkit.cli.demo import play

    return play()
