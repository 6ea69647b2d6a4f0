"""`python -m labkit agent-sdk` (`make agent-sdk`): Twilio's own Worker SDK for the agent page.

The npm package is no file for a page by itself, so it is bundled here, with Node.js and esbuild. Every version is
pinned. The bundle stays in the user's cache, or in Python's environment for a workshop, with the licences of all that
is in it: it is in neither this project nor its wheel.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from labkit.callbacks.agent_page import twilio_sdk
from labkit.child_environment import PROXIES, environment_for
from labkit.errors import LabError

PACKAGE = "twilio-taskrouter"
ESBUILD = "0.28.2"
INSIDE = {
    "@babel/runtime": "7.26.10",
    "axios": "1.21.1",
    "events": "3.3.0",
    "graphql": "16.15.0",
    "graphql-ws": "5.16.2",
    "jwt-decode": "3.1.2",
    "lodash": "4.18.1",
    "loglevel": "1.9.2",
    "ws": "8.23.0",
}
"""What is bundled with it; graphql it leaves to whoever uses it."""
PATIENCE_SECONDS = 300
_NPM_READS = ("(NPM_CONFIG|npm_config)_\\w+", "NODE_EXTRA_CA_CERTS", PROXIES)
_LICENCE_FILES = ("LICENSE*", "LICENCE*", "license*", "COPYING*", "dist/*.LICENSE.txt")


def run() -> int:
    """Get it for this user, if it is not there already; the exit status."""
    if (found := twilio_sdk.bundle()) is not None:
        print(f"Twilio's Worker SDK {twilio_sdk.VERSION} is there already: {found.parent}")
        return 0
    target = twilio_sdk.own_folder()
    fetch(target)
    print(f"The agent page runs Twilio's Worker SDK {twilio_sdk.VERSION} from its next load on: {target}")
    return 0


def fetch(target: Path) -> None:
    """Get the SDK from npm, bundle it, and lay it there with its notices; all of it or nothing.

    Args:
        target: the folder, which is made.

    Raises:
        LabError: there is no Node.js, npm or esbuild failed, or there is no way to write there.
    """
    try:
        _fetch(target)
    except OSError as error:
        raise LabError(f"Twilio's Worker SDK cannot be kept in {target}: {error.strerror}.") from None


def _fetch(target: Path) -> None:
    node, npm = _program("node"), _program("npm")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as temporary:
        work = Path(temporary)
        (work / "package.json").write_text(json.dumps(_wanted()), encoding="utf-8")
        print(f"Getting {PACKAGE} {twilio_sdk.VERSION} from npm …", flush=True)
        _call([npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], work)
        print("Bundling …", flush=True)
        bundle = work / "bundle"
        _call([node, *_esbuild(into=bundle)], work)
        notices = _notices(work, json.loads((work / "meta.json").read_text(encoding="utf-8")))
        (bundle / twilio_sdk.NOTICES).write_text(notices, encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        bundle.rename(target)


def _wanted() -> dict[str, Any]:
    """A package.json with the version of everything."""
    packages = {PACKAGE: twilio_sdk.VERSION, "graphql": INSIDE["graphql"], "esbuild": ESBUILD}
    overrides = {name: version for name, version in INSIDE.items() if name != "graphql"}
    return {"private": True, "dependencies": packages, "overrides": overrides}


def _esbuild(*, into: Path) -> list[str]:
    """A script for a page, under the name that the SDK has there, in which Node's `global` is the page's."""
    return [
        "node_modules/esbuild/bin/esbuild",
        f"node_modules/{PACKAGE}/dist/index.window.js",
        "--bundle",
        "--minify",
        "--format=iife",
        "--global-name=TaskRouter",
        "--define:global=globalThis",
        "--metafile=meta.json",
        "--log-level=error",
        f"--outfile={into / twilio_sdk.FILE}",
    ]


def _notices(work: Path, meta: dict[str, Any]) -> str:
    """The licences of every package of which a file is in the bundle."""
    paths = [Path(name).parts for name in meta["inputs"]]
    found = {"/".join(parts[1 : 3 if parts[1].startswith("@") else 2]) for parts in paths if parts[0] == "node_modules"}
    return "\n\n".join(_notice(work / "node_modules" / name) for name in sorted(found)) + "\n"


def _notice(package: Path) -> str:
    told = json.loads((package / "package.json").read_text(encoding="utf-8"))
    files = sorted({file for pattern in _LICENCE_FILES for file in package.glob(pattern)})
    texts = [file.read_text(encoding="utf-8", errors="replace").strip() for file in files]
    return "\n\n".join([f"===== {told['name']} {told['version']} ({told.get('license', 'see below')}) =====", *texts])


def _program(name: str) -> str:
    beside_python = str(Path(sys.executable).parent)  # where one that is a package of PyPI is
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), beside_python]))
    if found is None:
        raise LabError(
            f"Twilio's Worker SDK is bundled with Node.js, and there is no {name} here. Install Node.js 20 or newer "
            "(https://nodejs.org), and run this again. With a sandbox the agent page works without: it has a small "
            "client of its own."
        )
    return found


def _call(command: list[str], folder: Path) -> None:
    environment = environment_for(_NPM_READS)
    try:
        done = subprocess.run(  # noqa: S603  # two programs that were looked for by name
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise LabError(f"{Path(command[0]).name} took longer than {PATIENCE_SECONDS} s; try again later.") from None
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()[-500:]
        raise LabError(f"{Path(command[0]).name} could not do it: {said}")
