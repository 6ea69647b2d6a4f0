"""Everything that the doctor looks at, in the order in which it begins."""

from __future__ import annotations

from labkit.doctor import access, computer, folders, jupyter, network, packages, python, sandbox
from labkit.doctor.examination import Check

CHECKS: tuple[Check, ...] = (
    Check(name="Python", look=python.python_version),
    Check(name="labkit", look=python.installation),
    Check(name="shadowing", look=python.shadowing),
    Check(name="packages", look=packages.versions),
    Check(name="imports", look=packages.imports, needs=("packages", "shadowing"), seconds=packages.IMPORT_SECONDS),
    Check(name="front ends", look=jupyter.front_ends, needs=("packages", "shadowing")),
    Check(name="kernel", look=jupyter.kernel, needs=("packages", "shadowing")),
    Check(name="ports", look=computer.ports),
    Check(name="memory", look=computer.memory),
    Check(name="disk", look=folders.room),
    Check(name="state folder", look=folders.state_folder, needs=("packages",)),
    Check(
        name="sandbox",
        look=sandbox.sandbox,
        needs=("shadowing", "packages", "ports", "disk", "state folder"),
        seconds=sandbox.CHECK_SECONDS,
    ),
    Check(name="settings", look=access.settings, needs=("packages",)),
    Check(name="proxies", look=network.proxies, needs=("packages",)),
    Check(name="internet", look=network.twilio, needs=("proxies",), seconds=30.0),
    Check(name="clock", look=network.clock, needs=("internet",)),
    Check(name="Twilio", look=access.twilio, needs=("internet", "settings"), seconds=access.LOOK_SECONDS),
    Check(name="ngrok", look=access.ngrok, needs=("internet", "settings"), seconds=20.0),
    Check(name="state", look=sandbox.state, needs=("sandbox",), seconds=sandbox.CHECK_SECONDS),
)
