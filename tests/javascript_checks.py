"""The checks of the JavaScript: format and lint (biome), types (tsc reads the JSDoc), and the tests of what is pure.

`make lint`, `make types` and `make fix` call it, as `python tests/javascript_checks.py lint`; the tests call its
functions. The settings are in tests/javascript/. Where there is no Node.js it says so and does nothing, but not in CI.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import npm_packages
import pytest
from tracked import ROOT, project_files

HERE = ROOT / "tests" / "javascript"
PACKAGES = ROOT / ".pytest_cache" / "d" / "npm"
BIOME_SETTINGS = HERE / "biome.settings.json"
OLDEST = (20, 19)
"""The first Node.js that knows a module when it reads one, whatever its name ends in."""
PATIENCE_SECONDS = 90

Done = subprocess.CompletedProcess[str]


def lint(files: Sequence[Path] | None = None) -> Done:
    """Format and lint, changing nothing. A warning is an error."""
    return _biome("ci", "--error-on-warnings", files=files)


def fix() -> Done:
    """Format, and mend what the linter can."""
    return _biome("check", "--write", files=None)


def types() -> Done:
    """Check the types that the comments tell: of the panels as a browser has them, then of their tests in Node.js."""
    done = typed(HERE / "tsconfig.json")
    return done if done.returncode else typed(HERE / "tsconfig.tests.json")


def typed(settings: Path) -> Done:
    """What tsc says with these settings."""
    tsc = npm_packages.installed(npm_packages.TYPESCRIPT, folder=PACKAGES) / "typescript" / "bin" / "tsc"
    node_types = npm_packages.installed(npm_packages.NODE_TYPES, folder=PACKAGES) / "@types"
    return _node(str(tsc), "--project", str(settings), "--typeRoots", str(node_types), "--pretty", "false")


def unit_tests() -> Done:
    """The tests of what needs no browser."""
    tests = [str(path) for path in project_files(".test.js")]
    return _node("--test", "--test-reporter=spec", "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", *tests)


def _biome(command: str, *options: str, files: Sequence[Path] | None) -> Done:
    biome = npm_packages.installed(npm_packages.BIOME, folder=PACKAGES) / "@biomejs" / "biome" / "bin" / "biome"
    chosen = map(str, project_files(".js") if files is None else files)
    return _node(str(biome), command, "--colors=off", *options, f"--config-path={BIOME_SETTINGS}", *chosen)


def _node(*arguments: str) -> Done:
    node = npm_packages.node(oldest=OLDEST)
    return subprocess.run(
        [node, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )


COMMANDS = {"lint": lint, "types": types, "fix": fix}


def main(name: str) -> int:
    """Run one check, show what it says if it fails, and return its exit status."""
    try:
        done = COMMANDS[name]()
    except pytest.skip.Exception as reason:
        sys.stdout.write(f"The JavaScript was left out of this: {reason}\n")
        return 0
    except pytest.fail.Exception as reason:
        sys.stdout.write(f"{reason}\n")
        return 1
    if done.returncode != 0:
        sys.stdout.write(done.stdout + done.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
