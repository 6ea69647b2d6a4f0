"""Packages: whether they are installed in the right versions, and whether they can be imported."""

from __future__ import annotations

import json
import subprocess
import sys

from labkit.child_environment import PYTHON, environment_for
from labkit.doctor.finding import Finding, bad, ok, warn
from labkit.doctor.requirements import Mismatch, mismatches, module_names, required
from labkit.doctor.surroundings import ROOT, Surroundings, python_command

IMPORT_SECONDS = 60.0
_SHOWN = 4
_IMPORT_ALL = """
import importlib, json, sys
sys.modules["rfc3987_syntax"] = None  # as the lab starts Jupyter: a grammar of IRIs, which takes a second
wrong = {}
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except BaseException as error:
        wrong[name] = f"{type(error).__name__}: {error}"
print()
print(json.dumps(wrong))
"""


def versions(_: Surroundings) -> Finding:
    """Whether every package is there, in a version that fits."""
    found = mismatches()
    serious = [each for each in found if each.is_serious]
    if serious:
        return bad(f"{_listed(serious)}.", _reinstall())
    if found:
        return warn(f"{_listed(found)}. The lab was not tried so.", _reinstall())
    return ok(f"The {len(required())} packages that the lab needs are here in its versions, and theirs fit.")


def imports(_: Surroundings) -> Finding:
    """Whether every package can be imported, in a Python of its own: a broken one may end it."""
    names = module_names()
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", _IMPORT_ALL, *names],
        capture_output=True,
        text=True,
        cwd=sys.prefix,  # what lies in the working folder is looked at elsewhere
        timeout=IMPORT_SECONDS - 5,
        env=environment_for([PYTHON]),
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode != 0:
        return bad(f"Python ended with {done.returncode} while it imported the packages.", _reinstall())
    wrong = json.loads(done.stdout.rstrip().splitlines()[-1])
    if wrong:
        name, why = next(iter(wrong.items()))
        others = f" So do {', '.join(list(wrong)[1:])}." if len(wrong) > 1 else ""
        return bad(f"`import {name}` fails: {why[:200].rstrip('.')}.{others}", _reinstall(force=True))
    return ok(f"All {len(names)} modules can be imported.")


def _listed(found: list[Mismatch]) -> str:
    more = f", and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return "; ".join(map(str, found[:_SHOWN])) + more


def _reinstall(*, force: bool = False) -> str:
    option = "--force-reinstall " if force else ""
    return f"Run `{python_command(f'-m pip install {option}-e .')}` in {ROOT}."
