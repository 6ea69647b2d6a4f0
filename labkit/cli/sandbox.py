"""`python -m labkit sandbox`: a sandbox that runs until it is interrupted, for any program at all."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from labkit.arguments import expanded
from labkit.cli import Commands
from labkit.errors import SandboxError, SettingsError

_DURABLE = ("process", "power")


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the command."""
    sandbox = commands.add_parser("sandbox", help="run a sandbox until it is interrupted")
    sandbox.add_argument(
        "--host", default="127.0.0.1", help="an address that others can reach needs an auth token; default: 127.0.0.1"
    )
    sandbox.add_argument("--port", type=_port, default=0, help="0 (the default) takes a free one")
    sandbox.add_argument("--state", type=Path, help="the file that keeps everything; default: in the lab's home folder")
    sandbox.add_argument(
        "--durable",
        choices=_DURABLE,
        help="what an answered write survives: the end of the process (the default), or a power cut too, which is "
        "slower; the variable LABKIT_DURABLE says the same",
    )
    sandbox.add_argument(
        "--check", action="store_true", help="read the state, say what there is to say about it, and end"
    )
    sandbox.add_argument("--in-memory", action="store_true", help="keep nothing on disk, and forget all at the end")
    sandbox.add_argument("--account-sid", help="AC and 32 hex digits; default: the one in the state, or a new one")
    sandbox.add_argument(
        "--auth-token", help="others on this computer can see it here; better: the variable LABKIT_SANDBOX_TOKEN"
    )
    sandbox.add_argument("--json", action="store_true", help="print url, account_sid and auth_token as one JSON line")
    sandbox.add_argument("--register", type=Path, help="write the address to this file, for labkit.start() to find")
    sandbox.add_argument(
        "--log", type=Path, help="write what it has to say to this file, a new one after each MiB; default: stderr"
    )
    sandbox.add_argument("--idle-seconds", type=float, help="end after so many seconds without a request")
    sandbox.add_argument(
        "--allow-callback-host",
        action="append",
        default=[],
        metavar="HOST",
        help="send callbacks to this host too, not only to this computer; may be repeated",
    )
    sandbox.add_argument("--no-rate-limits", action="store_true", help="answer as many requests a second as are asked")
    sandbox.set_defaults(run=_sandbox)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: give a number from 0 to 65535")
    return int(text)


def _durability(given: str | None) -> str:
    word = given or os.environ.get("LABKIT_DURABLE") or "process"
    if word not in _DURABLE:
        raise SettingsError(f"LABKIT_DURABLE is {word!r}; give {' or '.join(_DURABLE)}.")
    return word


def _sandbox(options: argparse.Namespace) -> int:
    from labkit.sandbox import process, server

    state = expanded(
        options.state or process.state_file(process.default_home()), name="--state", error=SandboxError
    ).absolute()
    if options.check:
        return _check(state)
    server.start_log(options.log)
    settings = server.Options(
        state=state,
        durable=_durability(options.durable),
        in_memory=options.in_memory,
        host=options.host,
        port=options.port,
        account_sid=options.account_sid,
        auth_token=options.auth_token or os.environ.get("LABKIT_SANDBOX_TOKEN") or None,
        register=options.register,
        idle_seconds=options.idle_seconds,
        callback_hosts=tuple(options.allow_callback_host),
        rate_limits=not options.no_rate_limits,
    )
    server.run(settings, announce=_say_json if options.json else _say_plainly)
    return 0


def _check(state: Path) -> int:
    from labkit.sandbox import server

    for notice in server.notices_of(state) if state.exists() else [f"There is no {state}."]:
        print(notice)
    return 0


def _say_json(address: str) -> None:
    print(address, flush=True)


def _say_plainly(address: str) -> None:
    import json

    print(f"The sandbox listens on {json.loads(address)['url']} (Ctrl-C ends it; its state is kept).")
    print("With --json it prints the credentials too.", flush=True)
