"""ngrok's own configuration file, where its agent looks for the authtoken (https://ngrok.com/docs/agent/config/v3).

It is read, since whoever has set ngrok up before should not be asked again. It is written only when its owner asks for
that, and never where it could get into a repository.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from labkit.errors import TunnelError
from labkit.settings import Secret

_MAX_BYTES = 1_000_000
_TOKEN_LINE = re.compile(r"^([ \t]*authtoken[ \t]*:)(?!\S).*$", re.MULTILINE)
_AGENT_LINE = re.compile(r"^agent[ \t]*:[ \t]*(#.*)?$", re.MULTILINE)
_CHILD_INDENT = re.compile(r"\n([ \t]+)\S")
_COMMAND = re.compile(r"^(\$ *)?ngrok +(config +add-)?authtoken +")
_INSTEAD = "Set NGROK_AUTHTOKEN in the environment instead."


def config_path() -> Path:
    """Where ngrok's agent keeps its configuration on this system; the file may not be there."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "ngrok" / "ngrok.yml"
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "ngrok" / "ngrok.yml"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "ngrok" / "ngrok.yml"


def token_in(typed: str) -> str:
    """The authtoken in what somebody has typed or pasted, be it the command that the dashboard offers to copy."""
    return _COMMAND.sub("", typed.strip()).strip()


def read_authtoken() -> Secret | None:
    """The authtoken that stands there; None where there is none, or the file cannot be read."""
    with contextlib.suppress(TunnelError):
        token = _token_in(_parsed(_text(config_path())))
        return Secret(token) if token else None
    return None


def keep_authtoken(token: Secret) -> Path:
    """Write the authtoken there, for this and every other program that uses ngrok; only its owner can read it.

    Whatever else stands in the file stays, comments too.

    Returns:
        The file.

    Raises:
        TunnelError: it lies in a git work tree, or cannot be read, understood or written; nothing was changed.
    """
    path = config_path()
    _check_outside_of_git(path)
    before = _text(path)
    after = _with_token(before, json.dumps(token.reveal()))  # a JSON string is a YAML string
    if _token_in(_parsed(after)) != token.reveal() or _without_token(after) != _without_token(before):
        raise TunnelError(f"{path} is laid out in a way that the lab does not change. {_INSTEAD}")
    _write(path, after)
    return path


def forget_authtoken() -> bool:
    """Take the authtoken out of the file, whoever wrote it there; whether there was one.

    Raises:
        TunnelError: as for `keep_authtoken`.
    """
    path = config_path()
    before = _text(path)
    if not _token_in(_parsed(before)):
        return False
    after = _TOKEN_LINE.sub(r"\1 ''", before, count=1)
    if _token_in(_parsed(after)) or _without_token(after) != _without_token(before):
        raise TunnelError(f"{path} is laid out in a way that the lab does not change. Take the authtoken out by hand.")
    _write(path, after)
    return True


def _check_outside_of_git(path: Path) -> None:
    for folder in path.resolve().parents:
        if (folder / ".git").exists():
            raise TunnelError(
                f"{path} lies in the git work tree {folder}, where a token is one commit away from everybody, so it "
                f"was not written there. {_INSTEAD}"
            )


def _with_token(text: str, token: str) -> str:
    """The text with this authtoken: in the place of the one that stands there, else where its version wants it."""
    if _TOKEN_LINE.search(text):
        return _TOKEN_LINE.sub(lambda found: f"{found[1]} {token}", text, count=1)
    agent = _AGENT_LINE.search(text)
    if agent:
        child = _CHILD_INDENT.match(text, agent.end())
        indent = child[1] if child else "    "
        return f"{text[: agent.end()]}\n{indent}authtoken: {token}{text[agent.end() :]}"
    start = text if not text or text.endswith("\n") else f"{text}\n"
    if str(_parsed(text).get("version") or "3") == "2":
        return f"{start}authtoken: {token}\n"
    version = "" if "version" in _parsed(text) else 'version: "3"\n'
    return f"{start}{version}agent:\n    authtoken: {token}\n"


def _places(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Where an authtoken may stand: below `agent` since version 3, at the top before."""
    agent = document.get("agent")
    if isinstance(agent, dict):
        yield agent
    yield document


def _token_in(document: dict[str, Any]) -> str:
    found = (place.get("authtoken") for place in _places(document))
    return next((str(each).strip() for each in found if isinstance(each, str) and each.strip()), "")


def _without_token(text: str) -> dict[str, Any]:
    """What else the file says: an empty part, and the version of a new file, are nothing."""
    document = _parsed(text)
    for place in list(_places(document)):
        place.pop("authtoken", None)
    document = {key: value for key, value in document.items() if value not in (None, {})}
    return {} if set(document) == {"version"} else document


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_BYTES).decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise TunnelError(f"{path} cannot be read: {error}. {_INSTEAD}") from None


def _parsed(text: str) -> dict[str, Any]:
    import yaml

    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):  # its message would quote the line, and the token in it
        document = 0
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise TunnelError(f"{config_path()} is no configuration of ngrok's: run 'ngrok config check'. {_INSTEAD}")
    return document


def _write(path: Path, text: str) -> None:
    """In place of what was there, all at once, for its owner alone."""
    real = path.resolve()
    try:
        real.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=real.parent, prefix=".ngrok-")  # 0600 from the beginning
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(name).replace(real)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise TunnelError(f"{path} cannot be written: {error}. {_INSTEAD}") from None
