"""`python -m labkit ngrok-token`: ngrok's authtoken kept in ngrok's own configuration file, or taken out of it."""

from __future__ import annotations

import argparse
import os
import sys

from labkit.cli import Commands
from labkit.errors import LabError
from labkit.settings import Secret


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("ngrok-token", help="keep ngrok's authtoken in ngrok's own configuration file")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--forget", action="store_true", help="take it out of the file")
    how.add_argument("--where", action="store_true", help="say which file it is, and whether it has one")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from labkit.tunnel import ngrok_config

    path = ngrok_config.config_path()
    if options.where:
        print(f"{path} has {'an authtoken' if ngrok_config.read_authtoken() else 'no authtoken'}.")
    elif options.forget:
        had = ngrok_config.forget_authtoken()
        print(f"The authtoken is out of {path}." if had else f"{path} has no authtoken.")
    else:
        path = ngrok_config.keep_authtoken(_asked())
        print(f"The authtoken is kept in {path}, which only you can read, and used from now on.")
        if os.environ.get("NGROK_AUTHTOKEN"):
            print("NGROK_AUTHTOKEN is set as well, and goes first.")
    return 0


def _asked() -> Secret:
    """From the keyboard, without echo, or a line from whoever is piped in: never an argument, which others could read.

    Raises:
        LabError: there is none, or what cannot be one.
    """
    from labkit.tunnel import ngrok_config, ngrok_errors
    from labkit.tunnel.ngrok import ask_privately

    if sys.stdin is not None and sys.stdin.isatty():
        try:
            typed = ask_privately(f"ngrok authtoken (from {ngrok_errors.TOKEN_PAGE}): ")
        except EOFError:  # Ctrl-D in place of an answer
            print()
            typed = ""
    else:
        typed = sys.stdin.readline() if sys.stdin is not None else ""
    token = ngrok_config.token_in(typed)
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        what = "what was given is none: it has letters, digits and _ only" if token else "none was given"
        raise LabError(f"There is no authtoken to keep, {what}. Copy yours from {ngrok_errors.TOKEN_PAGE}.")
    return Secret(token)
