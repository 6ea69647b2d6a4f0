"""What was set, and whether it lets the lab in: the settings, the Twilio account, ngrok."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from labkit.child_environment import environment_for
from labkit.doctor.finding import Finding, bad, ok, said_and_remedy, skipped, warn
from labkit.doctor.network import why_ngrok_is_not_reached
from labkit.doctor.surroundings import Surroundings
from labkit.errors import CredentialsError, SettingsError, TaskRouterError
from labkit.settings import Settings

if TYPE_CHECKING:
    from labkit.settings import Secret

LOOK_SECONDS = 40.0
_VERSION_SECONDS = 5.0
_OLDEST_NGROK = 3


def settings(where: Surroundings) -> Finding:
    """Whether the environment and .env can be used as they are; of credentials another check tells."""
    remedy = "Change it in the environment or in .env, and restart the kernel."
    if where.trouble:
        return bad(where.trouble, "Then run the doctor again.")
    try:
        found = Settings.resolve(where.environ)
    except CredentialsError:
        return ok("The settings can be used, but for the credentials.")
    except SettingsError as error:
        return bad(str(error), remedy)
    if where.remark:
        return warn(*said_and_remedy(where.remark))
    return ok(f"mode is {found.mode}, tunnel is {found.tunnel}.")


def twilio(where: Surroundings) -> Finding:
    """Whether there are credentials, of the right form, and whether Twilio takes them."""
    if not where.wants_account:
        return skipped("No credentials are set; the sandbox needs none.")
    try:
        found = Settings.resolve(where.environ, mode="twilio", tunnel="ngrok")  # loopback is refused with an account
    except CredentialsError as error:
        return _told(str(error))
    if where.offline:
        return skipped("The credentials are of the right form; Twilio was not asked: --offline.")
    return _asked(found)


def _asked(found: Settings) -> Finding:
    from labkit.account.facts import look_at_account_of

    try:
        facts = look_at_account_of(found)
    except TaskRouterError as error:
        return _told(str(error))
    if found.auth_token is None:
        return warn(
            f"An API key lets the lab in to {facts}; without the Auth Token no callback's signature can be checked.",
            "Set TWILIO_AUTH_TOKEN as well; until then the lab reads TaskRouter's log.",
        )
    return ok(f"The credentials are those of {facts}.")


def _told(error: str) -> Finding:
    said, remedy = said_and_remedy(error)
    return bad(said, remedy or "Correct it in the environment or in .env, and restart the kernel.")


def ngrok(where: Surroundings) -> Finding:
    """Whether the program is there and is ngrok's, whether there is a token, and whether its service is reached."""
    from labkit.tunnel.ngrok_config import read_authtoken
    from labkit.tunnel.ngrok_program import program_path

    if not where.wants_ngrok:
        return skipped("No tunnel is asked for; the sandbox needs none.")
    named = where.environ.get("NGROK_PATH")
    program = program_path(Path(named).expanduser() if named else None)
    if program is None:
        return bad(
            f"NGROK_PATH is {named}, and there is no program that may be run.",
            "Correct it, or take it away: pyngrok then downloads its own.",
        )
    state = _version(program) if program.exists() else "pyngrok will download it when it is first used"
    if isinstance(state, Finding):
        return state
    return _with_token(state, _token(where, read_authtoken()), where)


def _with_token(state: str, token: str, where: Surroundings) -> Finding:
    unreached = "" if where.offline else why_ngrok_is_not_reached()
    if unreached:
        return bad(
            f"{unreached}.",
            "Check the connection and the proxy; in a company, ask whoever runs the firewall. Or use public_url.",
        )
    if not token:
        return warn(
            f"Program: {state}. No authtoken is set; the lab will ask for it.",
            "Copy yours from https://dashboard.ngrok.com/get-started/your-authtoken into NGROK_AUTHTOKEN.",
        )
    return ok(f"Program: {state}. The authtoken is {token}.")


def _token(where: Surroundings, kept: Secret | None) -> str:
    if where.environ.get("NGROK_AUTHTOKEN"):
        return "in NGROK_AUTHTOKEN"
    return "in ngrok's own configuration file" if kept else ""


def _version(program: Path) -> str | Finding:
    """The version that the program says, or what is wrong with the program."""
    remedy = "Install ngrok anew (https://ngrok.com/download), or take NGROK_PATH away: pyngrok has its own."
    try:
        done = subprocess.run(  # noqa: S603 - the program that the settings name
            [str(program), "version"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_VERSION_SECONDS,
            env=environment_for([]),
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        why = getattr(error, "strerror", None) or f"it said nothing within {_VERSION_SECONDS:g} s"
        return bad(f"{program} cannot be run: {why}.", remedy)
    said = re.search(r"ngrok version (\d+)(\.[\w.+-]+)?", done.stdout)
    if done.returncode != 0 or said is None:
        return bad(f"{program} is not ngrok: asked for its version, it said something else.", remedy)
    if int(said[1]) < _OLDEST_NGROK:
        return bad(f"{program} is {said[0]}, and the lab needs {_OLDEST_NGROK} or newer.", remedy)
    return f"{said[0]}, {program}"
