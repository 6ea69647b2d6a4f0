"""The status as one sees it: all lines, what is wrong with words and shapes, and the remedies."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from browser.gallery import Gallery
from playwright.sync_api import expect

import labkit
from labkit.lab import status
from labkit.lab.lab import Lab
from labkit.tunnel import PublicUrl
from labkit.tunnel.outside_failures import OutsideCheck

FAKE_NGROK = Path(__file__).parents[1] / "tunnel" / "fake_ngrok.py"


def test_everything_is_ready(gallery: Gallery, lab: Lab) -> None:
    """Mode, masked account, sandbox, callback server, tunnel, Workspace, Workflow and its URL."""
    panel = gallery.show(lab.status())
    expect(panel).to_contain_text("Everything is ready")
    for text in ("Mode", "Account", "Sandbox", "Callback server", "Tunnel", lab.workspace_sid, "/assignment_callback"):
        expect(panel).to_contain_text(text)
    expect(panel).not_to_contain_text(lab.account_sid)
    gallery.both_themes("status", lambda: panel.locator(".lk"))


def test_what_is_wrong_is_said_and_its_remedy_mends_it(gallery: Gallery, lab: Lab) -> None:
    """A word and a reason beside the shape; after the click the line is green, and the focus has not gone."""
    lab.callbacks.stop()
    workflow = lab.client.taskrouter.v1.workspaces(lab.workspace_sid).workflows(lab.workflow_sid)
    workflow.update(assignment_callback_url="http://127.0.0.1:9/elsewhere")
    panel = gallery.show(lab.status())
    expect(panel).to_contain_text("2 things need attention")
    expect(panel).to_contain_text("Not working: It does not listen")
    gallery.both_themes("status-trouble", lambda: panel.locator(".lk"))
    gallery.use_width(360)
    gallery.screenshot("status-narrow", of=panel.locator(".lk"))
    assert gallery.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    panel.get_by_role("button", name="Start it again: Callback server").click()
    expect(panel).to_contain_text("Everything is ready")
    assert lab.callbacks.running
    gallery.page.wait_for_function("document.querySelector('.lk').contains(document.activeElement)")


def test_a_remedy_that_fails_says_why(gallery: Gallery, lab: Lab) -> None:
    """The sentence stands in the line, and the button is there for another try."""
    panel = lab.status()
    shown = gallery.show(panel)
    panel._on_action = lambda _action: lab.explain("WT0").headline  # any LabError will do
    panel.show_status([{**panel._lines[0], "light": "red", "detail": "Broken.", "remedy": "Mend it", "action": "mend"}])
    shown.get_by_role("button", name="Mend it").click()
    expect(shown).to_contain_text("is not the SID of a Task")
    expect(shown.get_by_role("button", name="Mend it")).to_be_enabled()


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="the agent hears signals")
def test_a_tunnel_that_is_lost_is_seen_without_a_click(
    gallery: Gallery, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Amber while ngrok is not reached, red when its agent was killed, and one click has TaskRouter call again."""
    monkeypatch.setenv("FAKE_NGROK_FORWARD", "1")
    with labkit.start(tunnel="ngrok", ngrok_authtoken="made-up-ngrok-token", ngrok_path=FAKE_NGROK) as lab:
        agent = lab.tunnel._agent._process.pid  # type: ignore[attr-defined]
        panel = gallery.show(lab.status())
        expect(panel).to_contain_text("Everything is ready")
        os.kill(agent, signal.SIGUSR1)
        expect(panel).to_contain_text("agent lost the connection to its service (read EOF from remote peer).")
        expect(panel.locator(".lk-aside [data-light=amber]")).to_be_visible()
        gallery.both_themes("status-tunnel-lost", lambda: panel.locator(".lk"))
        os.kill(agent, signal.SIGKILL)
        expect(panel).to_contain_text("It is closed, so TaskRouter cannot reach the callback server.")
        expect(panel.locator(".lk-aside [data-light=red]")).to_be_visible()
        gallery.both_themes("status-tunnel-closed", lambda: panel.locator(".lk"))
        panel.get_by_role("button", name="Open it again: Tunnel").click()
        expect(panel).to_contain_text("Everything is ready")
        expect(panel.locator("[data-key=workflow]")).to_contain_text(str(lab.tunnel.url))


def test_a_public_url_says_what_a_look_from_outside_found(gallery: Gallery, lab: Lab) -> None:
    """Red with the reason and what to do; "Check again" is beside it, and what it finds stands in the line."""
    tunnel = PublicUrl("https://example.com/labs/ana", port=8000)
    tunnel.open(8000)
    found = (
        "The proxy at https://example.com/labs/ana answers, and finds nothing behind it (status 502). It has to lead "
    )
    tunnel.outside = OutsideCheck(False, f"{found}on to http://127.0.0.1 and this lab's port, on this computer.")
    panel = lab.status()
    lines = [status._tunnel(tunnel) if line["key"] == "tunnel" else line for line in panel._lines]
    panel._on_action = lambda action: {status.CHECK_OUTSIDE: "Reached from outside."}[action]
    panel.show_status(lines)
    shown = gallery.show(panel)
    expect(shown).to_contain_text("Not working: The proxy at https://example.com/labs/ana answers, and finds nothing")
    gallery.both_themes("status-public-url", lambda: shown.locator(".lk"))
    shown.get_by_role("button", name="Check again: Tunnel").click()
    expect(shown).to_contain_text("Reached from outside.")
