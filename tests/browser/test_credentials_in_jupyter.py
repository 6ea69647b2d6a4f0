"""The form for an account's credentials in JupyterLab: what is typed is in no notebook, widget state or log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from browser.conftest import OpenNotebook
from browser.jupyter import NotebookPage
from playwright.sync_api import expect
from sandbox.local import ACCOUNT, local_sandbox
from secret_search import Secrets, written_below
from twilio_stand_in import StandIn, twilio_stand_in

from bench.jupyter import JupyterServer

TOKEN, WRONG = "planted-token-of-the-form-41c7", "planted-wrong-token-of-the-form-93e5"
SAVE_WIDGETS = "@jupyter-widgets/jupyterlab-manager:saveWidgetState"
START = """import labkit
try:
    labkit.start(mode="twilio")
except labkit.LabError as error:
    print(error)"""
SHOW = """from labkit.settings import Settings
print(Settings.resolve(mode="twilio"))"""


@pytest.fixture
def twilio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    monkeypatch.setattr("sandbox.local.TOKENS", {ACCOUNT: TOKEN})
    with local_sandbox() as sandbox, twilio_stand_in(sandbox.url, tmp_path) as stand_in:
        yield stand_in


@pytest.fixture
def notebook_path(twilio: StandIn, tmp_path: Path) -> Path:
    """Its kernel is led to the stand-in, and has no credentials."""
    leads = f"import os\nos.environ.update({twilio.environ!r})\nos.environ.pop('TWILIO_AUTH_TOKEN', None)"
    cells = [nbformat.v4.new_code_cell(each) for each in (leads, START, SHOW)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(book, tmp_path / "account.ipynb")
    return tmp_path / "account.ipynb"


@pytest.fixture
def notebook(open_notebook: OpenNotebook, notebook_path: Path) -> Iterator[NotebookPage]:
    """One that is saved with the state of its widgets; the server, which keeps that setting, is everybody's."""
    page = open_notebook(notebook_path)
    page.execute(SAVE_WIDGETS)
    yield page
    page.execute(SAVE_WIDGETS)  # it is a switch


def test_what_is_typed_is_nowhere_but_in_the_kernel(notebook: NotebookPage, jupyter: JupyterServer) -> None:
    for index in (0, 1):
        notebook.run_cell(index)
    expect(notebook.output(1)).to_contain_text("Fill in the form above, then run this cell again.")
    form = notebook.output(1).locator(".lk-credentials")
    form.get_by_label("Account SID", exact=True).fill(ACCOUNT)
    secret = form.locator("input[type=password]").first
    secret.fill(WRONG)
    secret.press("Enter")
    expect(form).to_contain_text("Twilio does not take TWILIO_AUTH_TOKEN")
    notebook.screenshot("credentials-in-jupyter", of=form)
    secret.fill(TOKEN)
    form.get_by_role("button", name="Use them").click()
    expect(form).to_contain_text("Signed in to the account")
    notebook.start_cell(2)
    expect(notebook.output(2)).to_contain_text("auth_token=Secret(•••)")
    notebook.execute("docmanager:save")

    saved = notebook.path.read_text(encoding="utf-8")
    assert "application/vnd.jupyter.widget-state+json" in saved, "the widgets' state was not saved, so not searched"
    assert "Fill in the form above" in saved
    written = written_below(jupyter.root.parent)
    assert any(name.endswith("jupyterlab.log") for name in written)
    assert Secrets(token=TOKEN, wrong=WRONG).found_in({**written, "notebook": saved}) == {}
