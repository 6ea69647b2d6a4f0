"""A notebook on an account, in JupyterLab: Run All stops at one friendly box, "Set up" is pressed, and it goes on."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from browser.jupyter import NotebookPage
from browser.learner import panel
from playwright.sync_api import expect
from sandbox.local import LocalSandbox, local_sandbox
from tracked import ROOT
from twilio_stand_in import StandIn, twilio_stand_in

from labkit.sandbox.clock import Clock

DOMAIN = "lab.ngrok-free.app"
TASK, STOP = 2, 3


@pytest.fixture
def account(tmp_path: Path) -> Iterator[tuple[StandIn, LocalSandbox]]:
    """Twilio's host names, for whoever has the stand-in's environment."""
    with local_sandbox(clock=Clock(), hosts=(DOMAIN,)) as sandbox, twilio_stand_in(sandbox.url, tmp_path) as stand_in:
        yield stand_in, sandbox


@pytest.fixture
def notebook(
    account: tuple[StandIn, LocalSandbox], tmp_path: Path, open_notebook: Callable[[Path], NotebookPage]
) -> NotebookPage:
    """Its kernel gets to the account as a kernel in a company does, and to ngrok's agent, which is a stand-in too."""
    environ = {
        **account[0].owner_environ,
        "NGROK_AUTHTOKEN": "made-up-ngrok-token",
        "NGROK_PATH": str(ROOT / "tests" / "tunnel" / "fake_ngrok.py"),
        "NGROK_DOMAIN": DOMAIN,
        "LABKIT_HOME": str(tmp_path / "home"),
    }
    cells = [
        f"import os\nos.environ.update({environ!r})",
        'import labkit\nlab = labkit.start(mode="twilio")',
        'task = lab.create_task({"selected_language": "es"})\nprint(task.assignment_status)',
        "labkit.stop()",
    ]
    path = tmp_path / "account.ipynb"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(each) for each in cells], metadata={"kernelspec": kernel}
    )
    nbformat.write(made, path)
    return open_notebook(path)


@pytest.mark.skipif(os.name == "nt", reason="the stand-in agent is a script that only POSIX runs")
def test_run_all_stops_at_one_box_and_goes_on_after_the_press(
    notebook: NotebookPage, account: tuple[StandIn, LocalSandbox]
) -> None:
    """Nothing is made before; afterwards the same cell works."""
    twilio, sandbox = account
    workspaces = sandbox.client().taskrouter.v1.workspaces
    notebook.run_all()
    notebook.wait_idle()
    box = notebook.output(TASK)
    expect(box.locator(".labkit-result .error")).to_have_count(1)
    expect(box.get_by_text(re.compile("is not set up for it: nothing was made or changed")).first).to_be_visible()
    expect(box.get_by_text("Traceback (most recent call last)")).not_to_be_visible()
    plan = panel(notebook, "setup_plan")
    expect(plan.get_by_text("6 things to make, 2 callback URLs to set")).to_be_visible()
    notebook.screenshot("set_up_in_an_account")
    assert twilio.paths("POST", "DELETE") == []
    assert workspaces.list() == []

    plan.get_by_role("button", name="Set up").click()
    expect(plan.get_by_text("Run the next cells now")).to_be_visible(timeout=60_000)
    notebook.start_cell(TASK)
    expect(notebook.output(TASK)).to_contain_text("pending")
    notebook.wait_idle()
    [workspace] = workspaces.list()
    assert workspace.event_callback_url == f"https://{DOMAIN}/event_callback"
    notebook.screenshot("set_up_in_an_account_done")

    notebook.run_cell(STOP)
    assert workspaces(workspace.sid).fetch().event_callback_url == ""
