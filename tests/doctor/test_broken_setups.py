"""Set-ups that are broken in one place: the doctor, run as a person runs it, names that place and no other."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sysconfig
import time
from collections.abc import Callable
from contextlib import closing
from importlib import metadata
from pathlib import Path

import psutil
import pytest
from doctor.conftest import LIMIT_SECONDS, Patient
from filelock import FileLock

from labkit.callbacks.server import CallbackServer
from labkit.sandbox.store import SqliteStore
from labkit.settings import Secret
from labkit.stream import EventStream

Break = Callable[[Patient], None]

pytestmark = [pytest.mark.process, pytest.mark.skipif(os.name != "posix", reason="the venv's layout is POSIX's")]


def no_package(patient: Patient) -> None:
    """lark was uninstalled."""
    patient.into_venv(without=["lark", f"lark-{metadata.version('lark')}.dist-info"])


def an_old_package(patient: Patient) -> None:
    """Another project's requirements have put twilio back."""
    old = "Metadata-Version: 2.1\nName: twilio\nVersion: 8.2.0\n"
    patient.into_venv(
        without=[f"twilio-{metadata.version('twilio')}.dist-info"], instead={"twilio-8.2.0.dist-info/METADATA": old}
    )


def a_dependency_that_does_not_fit(patient: Patient) -> None:
    """Flask is right, and what it stands on is not."""
    old = "Metadata-Version: 2.1\nName: werkzeug\nVersion: 2.0.0\n"
    patient.into_venv(
        without=[f"werkzeug-{metadata.version('werkzeug')}.dist-info"],
        instead={"werkzeug-2.0.0.dist-info/METADATA": old},
    )


def a_broken_package(patient: Patient) -> None:
    """Flask is there by its metadata, and its files are of somewhere else."""
    patient.into_venv(without=["flask"], instead={"flask/__init__.py": "from werkzeug.urls import no_such_name\n"})


def a_file_in_the_way(patient: Patient) -> None:
    """A learner has called a first try after what is tried."""
    (patient.working / "twilio.py").write_text("client = None\n", "utf-8")


def a_file_in_pythons_way(patient: Patient) -> None:
    """It would end every Python that is started in this folder."""
    (patient.working / "queue.py").write_text("raise SystemExit('my own queue')\n", "utf-8")


def two_copies(patient: Patient) -> None:
    """An older clone is on the path as well."""
    other = patient.folder / "older" / "labkit"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text("", "utf-8")
    patient.environ["PYTHONPATH"] += os.pathsep + str(other.parent)


def an_old_front_end(patient: Patient) -> None:
    """JupyterLab was once used without an environment, and left a front end in the user's own folder."""
    data = patient.folder / "data"
    _write(data / "labextensions" / "anywidget" / "package.json", {"name": "anywidget", "version": "0.9.3"})
    patient.environ |= {"JUPYTER_DATA_DIR": str(data), "JUPYTER_PREFER_ENV_PATH": "0"}


def a_front_end_that_is_switched_off(patient: Patient) -> None:
    """Somebody has clicked on Disable in JupyterLab's list of extensions."""
    off = {"disabledExtensions": {"@jupyter-widgets/jupyterlab-manager": True}}
    _write(patient.folder / "config" / "labconfig" / "page_config.json", off)
    patient.environ["JUPYTER_CONFIG_DIR"] = str(patient.folder / "config")


def another_kernel(patient: Patient) -> None:
    """The user's own kernel python3 is of an environment that was deleted since."""
    spec = {"argv": ["/nowhere/bin/python", "-m", "ipykernel_launcher"], "display_name": "P", "language": "python"}
    _write(patient.folder / "jupyter" / "kernels" / "python3" / "kernel.json", spec)
    patient.environ["JUPYTER_PATH"] = str(patient.folder / "jupyter")


def a_taken_port(patient: Patient) -> None:
    """Some program has the port that the settings wish."""
    taken = patient.running.enter_context(socket.create_server(("127.0.0.1", 0)))
    patient.environ["LABKIT_PORT"] = str(taken.getsockname()[1])


def a_port_of_another_lab(patient: Patient) -> None:
    """It says itself which notebook it is."""
    server = CallbackServer(EventStream(), auth_token=Secret("made-up"))
    patient.running.callback(server.stop)
    server.start()
    patient.environ["LABKIT_PORT"] = server.local_url.rpartition(":")[2]


def a_file_for_a_folder(patient: Patient) -> None:
    """LABKIT_HOME names a file; root, who runs tests too, may write into every folder."""
    home = patient.folder / "home"
    home.write_text("", "utf-8")
    patient.environ["LABKIT_HOME"] = str(home / "lab")


def a_home_of_nobodys(patient: Patient) -> None:
    """LABKIT_HOME was copied from another computer."""
    patient.environ["LABKIT_HOME"] = "~no-such-user/lab"


def a_deleted_folder(patient: Patient) -> None:
    """Another window has cleared it away."""
    patient.begins = f'rmdir "{patient.working}"'


def a_full_disk(patient: Patient) -> None:
    """Not a byte more can be written, anywhere."""
    patient.begins = "ulimit -f 0"


def a_damaged_state(patient: Patient) -> None:
    """Something has written over its middle."""
    _make_state(patient)
    file = patient.home / "sandbox.sqlite"
    file.write_bytes(file.read_bytes()[:4096] + b"damage" * 4096)


def a_state_of_a_newer_lab(patient: Patient) -> None:
    """Somebody went back to an older version of the lab."""
    _make_state(patient)
    with closing(sqlite3.connect(patient.home / "sandbox.sqlite")) as db:
        db.execute("PRAGMA user_version = 999")


def a_sandbox_that_hangs(patient: Patient) -> None:
    """It has the state, and answers nobody."""
    _make_state(patient)
    patient.running.enter_context(FileLock(patient.home / "sandbox.sqlite.lock"))


def _make_state(patient: Patient) -> None:
    with closing(SqliteStore(patient.home / "sandbox.sqlite")):
        pass


def _write(file: Path, document: object) -> None:
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(document), "utf-8")


BROKEN: list[tuple[Break, str, str]] = [
    (no_package, "packages", "lark is not installed (the lab needs =="),
    (an_old_package, "packages", "twilio is 8.2.0 (the lab needs =="),
    (a_dependency_that_does_not_fit, "packages", "werkzeug is 2.0.0 (flask needs "),
    (a_broken_package, "imports", "`import flask` fails: ImportError: cannot import name 'no_such_name'"),
    (a_file_in_the_way, "shadowing", "twilio.py takes the place of the module twilio"),
    (a_file_in_pythons_way, "shadowing", "queue.py takes the place of the module queue"),
    (two_copies, "labkit", "Two copies of labkit are on Python's path"),
    (an_old_front_end, "front ends", "would load the front end anywidget 0.9.3 from"),
    (a_front_end_that_is_switched_off, "front ends", "@jupyter-widgets/jupyterlab-manager is disabled in"),
    (another_kernel, "kernel", "Notebooks run with /nowhere/bin/python, which is not there"),
    (a_taken_port, "ports", "is taken by another program"),
    (a_port_of_another_lab, "ports", "is taken by another lab (process "),
    (a_file_for_a_folder, "state folder", "/home is a file"),
    (a_home_of_nobodys, "settings", "home is '~no-such-user/lab'"),
    (a_deleted_folder, "settings", "The working folder was deleted."),
    (a_full_disk, "disk", "is full: File too large"),
    (a_damaged_state, "state", "/sandbox.sqlite is damaged: "),
    (a_state_of_a_newer_lab, "state", "was written by a newer version of the lab"),
    (a_sandbox_that_hangs, "state", "/sandbox.sqlite and does not answer"),
]


def test_where_nothing_is_wrong_nothing_is_named(patient: Patient) -> None:
    """Neither as an error nor as a warning."""
    document = patient.document()

    assert [each for each in document["findings"] if each["verdict"] in ("bad", "warn")] == []
    assert document["form"] == 1


@pytest.mark.parametrize(("make_broken", "name", "said"), BROKEN, ids=[each.__name__ for each, _, _ in BROKEN])
def test_the_one_thing_that_is_wrong_is_named(patient: Patient, make_broken: Break, name: str, said: str) -> None:
    """And nothing else; with a remedy."""
    make_broken(patient)
    wrong = [each for each in patient.document()["findings"] if each["verdict"] in ("bad", "warn")]

    assert [each["name"] for each in wrong] == [name], wrong
    assert said in wrong[0]["said"]
    assert wrong[0]["remedy"]


def test_without_any_package_it_says_so_and_no_traceback(patient: Patient) -> None:
    """The Python of a terminal that has just been opened, in the clone's folder."""
    patient.into_venv(without=[each.name for each in Path(sysconfig.get_path("purelib")).iterdir()])
    done = patient.run("--offline")

    assert done.returncode == 1
    assert "aiohttp is not installed" in " ".join(done.stdout.split())
    assert done.stdout.endswith("One thing is wrong: packages. One thing to know of: labkit.\n"), done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_interrupted_it_leaves_no_sandbox_behind(patient: Patient) -> None:
    """The one that was started for a trial ends with the program, and its folder goes."""
    (temporary := patient.folder / "temporary").mkdir()
    patient.environ["TMPDIR"] = str(temporary)
    with subprocess.Popen(
        [patient.python, "-m", "labkit", "doctor", "--offline"],
        cwd=patient.working,
        env=patient.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        deadline = time.monotonic() + LIMIT_SECONDS
        while not list(temporary.glob("labkit-doctor-*/sandbox.log")) and time.monotonic() < deadline:
            running.poll()
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=LIMIT_SECONDS)
    begun = [
        each for each in psutil.process_iter(["cmdline"]) if str(temporary) in " ".join(each.info["cmdline"] or [])
    ]

    assert (running.returncode, said) == (130, b"")
    assert begun == []
    assert list(temporary.iterdir()) == []
