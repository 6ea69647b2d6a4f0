"""`make desk` with --look-only: whoever has the page's socket, or the kernel's own, and writes to it what he likes,
changes nothing."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from desk_page import DeskPage, KernelSocket, kernel_in, serving_desk
from jupyter_client.blocking.client import BlockingKernelClient

import labkit
import labkit.lab.runtime
from labkit.app.look_only_kernel import NO_CODE
from labkit.lab.lab import Lab
from labkit.sandbox import process
from labkit.widgets.base import LOOK_ONLY
from labkit.widgets.desk.panel import VIEWS

pytestmark = [pytest.mark.process, pytest.mark.timeout(180)]

ACTIONS = (
    "accept", "reject", "wrap_up", "complete", "set_activity", "set_capacity", "create", "update", "delete",
    "batch", "remedy", "advance", "next", "pause", "resume", "fault", "faults_off", "redeliver", "stop_batch",
)  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskPage]:
    """The desk for the wall."""
    folder = tmp_path_factory.mktemp("desk")
    with serving_desk(folder, "--look-only", f"--Voila.connection_dir_root={folder}") as page:
        yield page


@pytest.fixture(scope="module")
def kernel(desk: DeskPage) -> tuple[requests.Session, str]:
    """A visitor with the page, and its kernel."""
    visitor = desk.visitor()
    return visitor, kernel_in(visitor.get(desk.url, timeout=60).text)


@pytest.fixture
def page(desk: DeskPage, kernel: tuple[requests.Session, str]) -> Iterator[KernelSocket]:
    """Its websocket."""
    page = KernelSocket.of(desk, *kernel)
    yield page
    page.socket.close()


@pytest.fixture
def zmq(desk: DeskPage, kernel: tuple[requests.Session, str]) -> Iterator[BlockingKernelClient]:
    """The kernel's own sockets, past all that Voilà would refuse."""
    (file,) = desk.log.parent.rglob(f"kernel-{kernel[1]}.json")
    client = BlockingKernelClient()
    client.load_connection_file(str(file))
    client.start_channels()
    client.wait_for_ready(timeout=30)
    yield client
    client.stop_channels()


@pytest.fixture
def lab(desk: DeskPage, kernel: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """A notebook beside it, in the same sandbox, that sees what happens."""
    monkeypatch.setenv("LABKIT_HOME", str(desk.log.parent))
    try:
        with labkit.start() as lab:
            yield lab
    finally:
        labkit.lab.runtime._runtime.lab = None
        process._reap()


def panels(page: KernelSocket) -> dict[str, str]:
    """The comms of all panels by what their style calls them: a view's are made when somebody opens it."""
    desk = _told(page)["desk"]
    for view in VIEWS:
        assert click(page, desk, "open", view=view)["ok"]
    return _told(page)


def _told(page: KernelSocket) -> dict[str, str]:
    """As a page learns them when it is loaded."""
    page.send("comm_open", {"comm_id": "asks", "target_name": "jupyter.widget.control", "data": {}})
    page.send("comm_msg", {"comm_id": "asks", "data": {"method": "request_states"}})
    found = page.comm_message(lambda data: data.get("method") == "update_states")
    named = ((comm, state["state"].get("_css", "")) for comm, state in found["states"].items())
    return {re.findall(r"\.lk\.lk-([\w-]+)", css)[-1]: comm for comm, css in named if ".lk.lk-" in css}


def click(page: KernelSocket, comm: str, action: str, **payload: Any) -> dict[str, Any]:
    """What a panel answers to what its script would send."""
    content = {**payload, "id": uuid.uuid4().hex, "action": action}
    page.send("comm_msg", {"comm_id": comm, "data": {"method": "custom", "content": content}})
    found = page.comm_message(lambda data: data.get("content", {}).get("id") == content["id"])
    answer: dict[str, Any] = found["content"]
    return answer


def test_whatever_acts_is_refused(page: KernelSocket, lab: Lab) -> None:
    """With the right names and SIDs, in whichever panel it is tried; nothing has happened in TaskRouter."""
    workspace = lab.client.taskrouter.v1.workspaces(lab.workspace_sid)
    alice = workspace.workers.list(friendly_name="Alice")[0]
    activity = workspace.activities.list(friendly_name="Available")[0]
    before = len(workspace.events.list())
    given = {"worker": alice.sid, "activity": activity.sid, "seconds": 90, "name": "callback_500", "attributes": "{}"}
    for comm in panels(page).values():
        assert {click(page, comm, action, **given)["text"] for action in ACTIONS} == {LOOK_ONLY}

    assert len(workspace.events.list()) == before


def test_whatever_looks_is_answered(page: KernelSocket) -> None:
    """A wall without its lanes would be none."""
    known = panels(page)

    assert click(page, known["timeline"], "lanes")["ok"]
    assert click(page, known["traffic"], "rows", before=0)["ok"]
    assert click(page, known["inbox"], "clock")["ok"]


def test_the_desk_has_no_form_for_a_task(page: KernelSocket) -> None:
    """The page is not told of one."""
    known = set(panels(page))

    assert {"desk", "inbox", "workers", "timeline", "queues", "traffic"} <= known
    assert "composer" not in known


@pytest.mark.parametrize("trait", [{"look_only": False}, {"state": {"view": "work"}}])
def test_a_page_sets_nothing(page: KernelSocket, trait: dict[str, Any]) -> None:
    """Neither that it only looks, nor what is drawn."""
    comm = panels(page)["workers"]

    page.send("comm_msg", {"comm_id": comm, "data": {"method": "update", "state": trait}})

    assert click(page, comm, "delete")["text"] == LOOK_ONLY


@pytest.mark.parametrize("channel", ["shell", "control"])
@pytest.mark.parametrize("kind", ["execute_request", "debug_request", "complete_request", "create_subshell_request"])
def test_the_socket_takes_no_code(page: KernelSocket, tmp_path: Path, kind: str, channel: str) -> None:
    """Voilà lets none of it pass; what comes after it is answered as before."""
    left = tmp_path / "left-by-a-page"
    page.send(kind, {"code": f"open({str(left)!r}, 'w')", "silent": False, "command": "evaluate"}, channel=channel)

    assert page.replies(page.send("kernel_info_request", {}))
    assert not left.exists()


@pytest.mark.parametrize("channel", ["shell", "control"])
def test_the_kernel_takes_no_code(zmq: BlockingKernelClient, tmp_path: Path, channel: str) -> None:
    """Nor would it if it got there: it says so on the one channel, and does not know such a message on the other."""
    left = tmp_path / "left-by-a-page"
    content = {"code": f"open({str(left)!r}, 'w')", "silent": False, "user_expressions": {"a": "1"}}
    message = zmq.session.msg("execute_request", content)
    getattr(zmq, f"{channel}_channel").send(message)
    if channel == "shell":
        assert zmq.get_shell_msg(timeout=30)["content"]["evalue"] == NO_CODE

    zmq.kernel_info(reply=True, timeout=30)
    assert not left.exists()


def test_the_kernel_hears_no_input_and_makes_no_widgets(zmq: BlockingKernelClient) -> None:
    """A comm of the page's own would make a widget in the kernel, of whichever class it names."""
    zmq.stdin_channel.send(zmq.session.msg("input_reply", {"value": "yes"}))
    module = {"module": "@jupyter-widgets/controls", "module_version": "2.0.0"}
    named = {f"_{what}_{key}": value for what in ("model", "view") for key, value in module.items()}
    state = {**named, "_model_name": "HTMLModel", "_view_name": "HTMLView"}
    content = {"comm_id": "mine", "target_name": "jupyter.widget", "data": {"state": state, "buffer_paths": []}}
    zmq.shell_channel.send(zmq.session.msg("comm_open", content, metadata={"version": "2.1.0"}))

    zmq.comm_info(target_name="jupyter.widget")

    reply = zmq.get_shell_msg(timeout=30)
    assert reply["msg_type"] == "comm_info_reply"
    assert "mine" not in reply["content"]["comms"]
