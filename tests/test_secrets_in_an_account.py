"""A whole run in an account, in a kernel of its own: what was planted is on no disk, in no notebook, in no process."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import psutil
import pytest
from nbclient import NotebookClient
from sandbox.local import ACCOUNT, LocalSandbox, local_sandbox
from secret_search import Secrets, written_below
from twilio_stand_in import StandIn, twilio_stand_in

from labkit.sandbox.clock import Clock

pytestmark = [pytest.mark.process, pytest.mark.skipif(os.name == "nt", reason="the stand-in agent is a POSIX script")]

FAKE_NGROK = Path(__file__).parent / "tunnel" / "fake_ngrok.py"
TOKEN, NGROK_TOKEN = "planted-account-token-e83b17", "planted_ngrok_token_5d60af"
KEY_SECRET = "planted-key-secret-907c2e-of-32-bytes"
KEY = f"SK{'0123456789abcdef' * 2}"
SECONDS = 60

CELLS = (
    # The stand-in agent is told by variables what to do, which a real one is not given.
    """from labkit.tunnel import ngrok_agent
ngrok_agent.ENVIRONMENT = (*ngrok_agent.ENVIRONMENT, "FAKE_NGROK_[A-Z]+")""",
    f"""import labkit
lab = labkit.start(mode="twilio", ngrok_path={str(FAKE_NGROK)!r})""",
    """from labkit.stream import Kind
lab.answer_with("accept")
lab.taskrouter.set_activity("Alice", "Available")
task = lab.create_task({"selected_language": "es"})
heard = lab.stream.wait_for(
    lambda entry: entry.kind is Kind.EVENT and entry.data.event_type == "reservation.accepted", timeout=40)
print("accepted" if heard else "nothing was heard")""",
    """display(lab, lab.client, lab._settings, lab.callbacks, lab.tunnel, lab.callback_urls(),
        lab.worker_token("Alice"), *lab.stream.entries(), *lab.callbacks.exchanges, lab.traffic(), lab.story())""",
    "lab.client.taskrouter.v1.workspaces('WS0').fetch()",
    "print(lab.teardown())",
    "lab.stop()",
)
FAILS = {4}
IN_USE = 5
"""The cell before which the lab runs, with its tunnel."""


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSandbox]:
    monkeypatch.setattr("sandbox.local.TOKENS", {ACCOUNT: TOKEN})
    with local_sandbox(clock=Clock()) as sandbox:
        yield sandbox


@pytest.fixture
def twilio(sandbox: LocalSandbox, tmp_path: Path) -> Iterator[StandIn]:
    folder = tmp_path / "certificates"
    folder.mkdir()
    with twilio_stand_in(sandbox.url, folder) as stand_in:
        yield stand_in


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Where the notebook is, with the credentials in the one file where they belong."""
    for name in ("work", "home", "temp"):
        (tmp_path / name).mkdir()
    lines = {
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_API_KEY_SID": KEY,
        "TWILIO_API_KEY_SECRET": KEY_SECRET,
        "NGROK_AUTHTOKEN": NGROK_TOKEN,
        "LABKIT_YES": "1",
    }
    dotenv = tmp_path / "work" / ".env"
    dotenv.write_text("".join(f"{name}={value}\n" for name, value in lines.items()), encoding="utf-8")
    dotenv.chmod(0o600)
    return tmp_path / "work"


@pytest.fixture
def environ(twilio: StandIn, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the kernel is started with: no credential, and folders of its own."""
    home, temp = work.parent / "home", work.parent / "temp"
    own = {"HOME": home, "LABKIT_HOME": home / "lab", "TMPDIR": temp, "IPYTHONDIR": home / "ipython"}
    path = os.pathsep.join(sys.path)
    for name, value in {**own, **twilio.environ, "FAKE_NGROK_FORWARD": "1", "PYTHONPATH": path}.items():
        monkeypatch.setenv(name, str(value))


def processes() -> dict[str, str]:
    """Every child's command line and environment, as another program of the same user sees them."""
    found = {}
    for each in psutil.Process().children(recursive=True):
        found[f"command line of {each.name()} {each.pid}"] = " ".join(each.cmdline())
        found[f"environment of {each.name()} {each.pid}"] = str(each.environ())
    return found


@pytest.mark.usefixtures("environ")
def test_what_was_planted_is_nowhere_after_a_whole_run(twilio: StandIn, work: Path) -> None:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in CELLS])
    client = NotebookClient(
        book, timeout=SECONDS, kernel_name="python3", allow_errors=True, resources={"metadata": {"path": str(work)}}
    )
    with client.setup_kernel():
        for number, cell in enumerate(book.cells):
            if number == IN_USE:
                running = processes()
            client.execute_cell(cell, number)
    client.set_widgets_metadata()
    nbformat.write(book, work / "account.ipynb")

    failed = {n for n, cell in enumerate(book.cells) if any(each.output_type == "error" for each in cell.outputs)}
    assert failed == FAILS, [cell.outputs for n, cell in enumerate(book.cells) if n in failed - FAILS]
    assert "accepted" in str(book.cells[2].outputs), "no callback came in, so none was searched"
    assert "POST" in {each.method for each in twilio.asked}
    assert any("fake_ngrok" in text for name, text in running.items() if name.startswith("command line"))

    secrets = Secrets(account=TOKEN, ngrok=NGROK_TOKEN, key=KEY_SECRET)
    written = written_below(work.parent)
    assert {"file work/account.ipynb", "file work/.env"} <= set(written)
    assert secrets.found_in(written) == {"file work/.env": ["account", "ngrok", "key"]}
    assert "application/vnd.jupyter.widget-state+json" in written["file work/account.ipynb"]
    assert secrets.found_in(running) == {}
    assert Secrets(proxy=twilio.proxy_url).found_in(running), "what does stand in an environment is found there"
