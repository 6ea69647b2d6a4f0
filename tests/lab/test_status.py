"""The lines of the status: what each says when something is wrong, and that its remedy mends it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

import labkit
import labkit.lab.lab
from labkit.errors import TaskRouterError
from labkit.lab.lab import Lab
from labkit.lab.status import ASK_AGAIN, FURNISH, TAKE_CALLBACKS, _tunnel, status_lines
from labkit.settings import Secret
from labkit.stream import Kind
from labkit.tunnel.ngrok import FIRST_PAGE, Ngrok
from labkit.tunnel.ngrok_session import NgrokSession

FAKE_NGROK = Path(__file__).parents[1] / "tunnel" / "fake_ngrok.py"
PATIENCE_SECONDS = 10
KEYS = ["mode", "account", "taskrouter", "callbacks", "tunnel", "answer", "workspace", "workflow"]


def not_green(lab: Lab) -> dict[str, str]:
    """Key and light of every line that is not green."""
    return {line["key"]: line["light"] for line in lab._status_lines() if line["light"] != "green"}


def mend(lab: Lab, key: str) -> str:
    """Click what the line of this key offers."""
    [line] = [line for line in lab._status_lines() if line["key"] == key]
    assert line["remedy"], f"{key} offers nothing"
    assert line["detail"]
    assert line["action"]
    return lab._remedy(line["action"])


def test_the_lines_are_always_the_same(home: Path) -> None:
    """Nothing jumps when something fails; all is green at first, and the account is masked."""
    lab = labkit.start()
    assert [line["key"] for line in lab._status_lines()] == KEYS
    assert not_green(lab) == {}
    assert lab.account_sid not in str(lab._status_lines())
    lab.callbacks.stop()
    assert [line["key"] for line in lab._status_lines()] == KEYS


def test_the_assignment_callback_url_has_a_line_of_its_name(home: Path) -> None:
    """The first lesson has people find it; where the Workflow calls nobody, the line says that."""
    lab = labkit.start()
    name = lab.workflow_name
    [line] = [line for line in lab._status_lines() if line["label"] == "Assignment callback URL"]
    assert line["value"] == f"{lab.callbacks.assignment_url} · of the Workflow {name}"
    lab.client.taskrouter.v1.workspaces(lab.workspace_sid).workflows(lab.workflow_sid).update(
        assignment_callback_url=""
    )
    [line] = [line for line in lab._status_lines() if line["label"] == "Assignment callback URL"]
    assert line["value"] == f"none · the Workflow {name} calls nobody"


def test_a_callback_server_that_was_stopped_listens_again(home: Path) -> None:
    """At the same address, and a callback arrives."""
    lab = labkit.start()
    lab.callbacks.stop()
    assert not_green(lab) == {"callbacks": "red"}
    assert mend(lab, "callbacks")
    assert not_green(lab) == {}
    task = lab.create_task({"selected_language": "es"})
    arrived = lab.stream.wait_for(
        lambda entry: entry.kind is Kind.EVENT and entry.data.task_sid == task.sid, timeout=PATIENCE_SECONDS
    )
    assert arrived is not None


def test_a_tunnel_that_was_closed_is_opened_again(home: Path) -> None:
    """The loopback has nothing to lose; its line is the same."""
    lab = labkit.start()
    lab.tunnel.close()
    assert not_green(lab) == {"tunnel": "red"}
    mend(lab, "tunnel")
    assert not_green(lab) == {}


def test_a_tunnel_whose_agent_ended_is_opened_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new address is told to TaskRouter, and a callback comes through it."""
    monkeypatch.setenv("FAKE_NGROK_FORWARD", "1")
    lab = labkit.start(tunnel="ngrok", ngrok_authtoken="made-up-ngrok-token", ngrok_path=FAKE_NGROK)
    agent = lab.tunnel._agent  # type: ignore[attr-defined]
    agent._process.kill()
    agent._process.wait(PATIENCE_SECONDS)
    assert not_green(lab)["tunnel"] == "red"
    mend(lab, "tunnel")
    assert not_green(lab) == {}
    task = lab.create_task({"selected_language": "es"})
    arrived = lab.stream.wait_for(
        lambda entry: entry.kind is Kind.EVENT and entry.data.task_sid == task.sid, timeout=PATIENCE_SECONDS
    )
    assert arrived is not None


def test_what_a_browser_meets_at_the_tunnel_stands_in_its_line() -> None:
    """All is well, so it is green, and says what ngrok's free plan shows first."""
    tunnel = Ngrok(Secret("made-up"))
    tunnel._agent = SimpleNamespace(alive=True, url="https://x.ngrok-free.app", session=NgrokSession(secret=""))  # type: ignore[assignment]
    line = _tunnel(tunnel)
    assert (line["light"], line["detail"], line["remedy"]) == ("green", FIRST_PAGE, None)


def test_a_dead_sandbox_is_started_again_by_its_remedy(home: Path) -> None:
    """What is not known meanwhile is grey; then the same Workspace is there again."""
    lab = labkit.start()
    workspace = lab.workspace_sid
    assert lab._connection.address is not None
    killed = psutil.Process(lab._connection.address.pid)
    killed.kill()
    killed.wait(PATIENCE_SECONDS)
    assert not_green(lab) == {"taskrouter": "red", "workspace": "grey", "workflow": "grey"}
    mend(lab, "taskrouter")
    assert not_green(lab) == {}
    assert lab.workspace_sid == workspace


def test_a_deleted_workspace_is_made_again(home: Path) -> None:
    """It is the Workspace's line that is red: TaskRouter answers."""
    lab = labkit.start()
    gone = lab.workspace_sid
    lab.client.taskrouter.v1.workspaces(gone).delete()
    assert not_green(lab) == {"workspace": "red", "workflow": "grey"}
    mend(lab, "workspace")
    assert not_green(lab) == {}
    assert lab.workspace_sid != gone


def test_callbacks_that_went_elsewhere_are_taken_back(home: Path) -> None:
    """Somebody changed the Workflow."""
    lab = labkit.start()
    workflow = lab.client.taskrouter.v1.workspaces(lab.workspace_sid).workflows(lab.workflow_sid)
    workflow.update(assignment_callback_url="http://127.0.0.1:9/elsewhere")
    assert not_green(lab) == {"workflow": "amber"}
    assert "127.0.0.1:9" in lab._status_lines()[-1]["detail"]
    assert mend(lab, "workflow")
    assert not_green(lab) == {}


def test_a_view_of_ones_own_is_ours(home: Path) -> None:
    """The Workflow that calls it calls this notebook: nothing is amiss, the first cell leaves it, and stop ends it."""
    lab = labkit.start()
    url = lab.callbacks.serve("mine", dict)
    workflow = lab.client.taskrouter.v1.workspaces(lab.workspace_sid).workflows(lab.workflow_sid)
    workflow.update(assignment_callback_url=url)
    assert not_green(lab) == {}
    assert labkit.start().callback_urls()[0] == url
    assert lab._status_lines()[-1]["value"].startswith(url)
    lab.callbacks.stop()
    lab._routing.give_up()
    assert lab.callback_urls() == ("", "")


def test_callbacks_that_fail_are_told_loudly(home: Path) -> None:
    """The Workflow's line is red and says why, the stream says it once; who is reached again is asked at once."""
    lab = labkit.start()
    lab.callbacks.stop()
    lab.taskrouter.set_activity("Alice", "Available")
    lab.create_task({"selected_language": "es"})
    told = lab.stream.wait_for(
        lambda entry: entry.kind is Kind.NOTICE and "Assignment callbacks of Workflow" in entry.data["text"],
        timeout=PATIENCE_SECONDS,
    )
    assert told is not None
    assert not_green(lab) == {"callbacks": "red", "workflow": "red"}
    [line] = [line for line in lab._status_lines() if line["key"] == "workflow"]
    assert "fail: no connection to the callback URL could be made" in line["detail"]
    assert line["remedy"] == "Ask it now"
    assert mend(lab, "callbacks")
    assert lab.stream.wait_for(lambda entry: entry.kind is Kind.ASSIGNMENT, timeout=PATIENCE_SECONDS)
    assert lab.stream.wait_for(
        lambda entry: entry.kind is Kind.NOTICE and "do not fail any more" in entry.data["text"],
        timeout=PATIENCE_SECONDS,
    )
    assert not_green(lab) == {}


def test_a_workflow_whose_callbacks_fail_elsewhere_offers_to_take_them(home: Path) -> None:
    """And one whose callbacks come here to ask now."""
    lab = an_account(None)
    lab.controls.failing_callbacks = {lab.connection.workflow_sid: "They fail."}
    [here] = [line for line in lab._status_lines() if line["light"] == "red"]
    assert (here["key"], here["detail"], here["action"]) == ("workflow", "They fail.", ASK_AGAIN)
    lab.routing.own_urls = ("https://y.example/assignment_callback", "https://y.example/event_callback")
    [elsewhere] = [line for line in lab._status_lines() if line["light"] == "red"]
    assert (elsewhere["detail"], elsewhere["action"]) == ("They fail.", TAKE_CALLBACKS)


def an_account(
    error: TaskRouterError | None, *, missing: list[str] | None = None, notices: tuple[str, ...] = ()
) -> Any:
    """A lab on a real account, whose TaskRouter fails in this way."""

    def callback_urls() -> tuple[str, str]:
        if error is not None:
            raise error
        return "https://x.example/assignment_callback", "https://x.example/event_callback"

    connection: Any = SimpleNamespace(
        mode="twilio",
        account_sid="AC" + "1" * 32,
        quiet=SimpleNamespace(username="AC" + "1" * 32, password="x" * 32, account_sid="AC" + "1" * 32, region=None),
        url="https://taskrouter.twilio.com",
        notices=list(notices),
        missing=missing or [],
        lessons=[],
        facts=None,
        workspace_name="TaskRouter Lab",
        workspace_sid="WS" + "1" * 32,
        workflow_name="Care",
        workflow_sid="WW" + "1" * 32,
    )
    routing: Any = SimpleNamespace(
        urls=callback_urls,
        own_urls=("https://x.example/assignment_callback", "https://x.example/event_callback"),
        can_check=True,
        looks_on=False,
        server=SimpleNamespace(
            running=True, local_url="http://127.0.0.1:5000", policy=SimpleNamespace(description="{}")
        ),
        tunnel=SimpleNamespace(
            url="https://x.example", trouble="", note="", describe=lambda: "ngrok: https://x.example"
        ),
    )
    controls: Any = SimpleNamespace(unusual=[], failing_callbacks={}, clock_note="")
    return SimpleNamespace(
        _status_lines=lambda: status_lines(connection, routing, controls, stopped=False),
        connection=connection,
        routing=routing,
        controls=controls,
    )


@pytest.mark.parametrize(
    ("status", "wrong"),
    [
        (None, {"account": "grey", "taskrouter": "red", "workspace": "grey", "workflow": "grey"}),
        (401, {"account": "red", "workspace": "grey", "workflow": "grey"}),
        (404, {"workspace": "red", "workflow": "grey"}),
        (503, {"taskrouter": "red", "workspace": "grey", "workflow": "grey"}),
    ],
)
def test_an_account_s_troubles_stand_where_they_belong(status: int | None, wrong: dict[str, str]) -> None:
    """A wrong token is the account's, silence is TaskRouter's, a 404 the Workspace's; each red line has its remedy."""
    lab = an_account(TaskRouterError("It failed.", status=status))
    assert not_green(lab) == wrong
    for line in lab._status_lines():
        assert bool(line["remedy"]) == bool(line["action"]) == (line["light"] == "red")


def test_what_was_given_up_is_said_beside_taskrouter() -> None:
    """As the sandbox said when it was last looked at; what it said at the start is old news then."""
    said = "3 event callbacks of the Workspace 'Tests' to http://x/ were given up: they waited for more than 24 hours."
    lab = an_account(None, notices=(said,))
    assert not_green(lab) == {"taskrouter": "amber"}
    [line] = (line for line in lab._status_lines() if line["key"] == "taskrouter")
    assert (line["detail"], line["remedy"]) == (said, None)


def test_an_account_is_asked_before_anything_is_put_back() -> None:
    """Nothing is made in it by itself; the line says what is missing, and its button puts it back."""
    lab = an_account(None, missing=["the Worker Alice"])
    assert not_green(lab) == {"workspace": "amber"}
    [line] = [line for line in lab._status_lines() if line["key"] == "workspace"]
    assert ("the Worker Alice" in line["detail"], line["remedy"], line["action"]) == (True, "Put it back", FURNISH)


def test_an_account_that_is_well_is_green() -> None:
    """The same lines as a sandbox has."""
    lab = an_account(None)
    assert not_green(lab) == {}
    assert [line["key"] for line in lab._status_lines()] == KEYS
